// A small picture of where the pods can land: a pool of nodes for each system, with its taints as a fence.
import { h, icon } from "./dom.js";
import type { Judged, Target } from "./protocol.js";
import { omitted, type Store } from "./store.js";

type Os = "windows" | "linux";

/** Pods that are drawn one by one in each place. */
const DRAWN = 8;

interface Pods {
  name: string;
  kind: string;
  target: Target;
}

export function picture(store: Store, objects: Judged[]): HTMLElement | false {
  const pods = objects.flatMap(({ decision }): Pods[] => {
    const targets = decision.targets ?? (decision.target ? [decision.target] : []);
    return targets.map((target) => ({ name: decision.object?.name || decision.object?.kind || "pod", kind: decision.object?.kind ?? "", target }));
  });
  if (pods.length === 0) return false;
  return h("section", { class: "picture", "aria-label": "Where the pods can land" }, pool("windows", pods, store), pool("linux", pods, store), nowhere(pods, isCut(store)));
}

/** Whether there are pods beyond these, of which nobody says where they land. */
const isCut = ({ files }: Store): boolean => omitted(files) > 0;

function pool(os: Os, pods: Pods[], store: Store): HTMLElement {
  const { cluster, nodes } = store;
  const own = nodes.filter((node) => node.os === os);
  const taints = own.length > 0 ? [...new Set(own.flatMap((node) => node.taints))] : os === "windows" ? cluster.taints : [];
  const of = (placement: Target["placement"][Os]) => pods.filter(({ target }) => target.placement[os] === placement);
  const inside = [...of("yes"), ...of("maybe")];
  const title = os === "windows" ? "Windows nodes" : "Linux nodes";
  if (os === "windows" && !cluster.windows) {
    return h("div", { class: "pool none" }, h("h3", {}, title), h("p", { class: "soft" }, "The settings say that there are none."));
  }
  return h(
    "div",
    { class: `pool ${os}` },
    h("h3", {}, title),
    own.length > 0 && h("p", { class: "nodes" }, own.slice(0, 4).map((node) => node.name).join(", "), own.length > 4 && ` and ${own.length - 4} more`),
    (inside.length > 0 || taints !== undefined || of("guarded").length === 0) && chips(inside, os, isCut(store)),
    h(
      "div",
      { class: `fence${taints === undefined || taints.length > 0 ? "" : " open"}` },
      h("p", {}, icon("shield"), taints === undefined ? "taint not known" : taints.length > 0 ? h("code", {}, taints.join(", ")) : "no taint"),
      of("guarded").length > 0 && h("p", { class: "soft" }, taints === undefined ? "Where the nodes carry none, these can land:" : "Only the taint keeps off:"),
      of("guarded").length > 0 && chips(of("guarded"), os, isCut(store)),
    ),
  );
}

/** Those that no node can take. */
function nowhere(pods: Pods[], isCut: boolean): HTMLElement | false {
  const stuck = pods.filter(({ target: { placement } }) => placement.windows === "no" && placement.linux === "no");
  return stuck.length > 0 && h("div", { class: "pool nowhere" }, h("h3", {}, icon("error"), "No node at all: stays Pending"), chips(stuck, "windows", isCut));
}

function chips(pods: Pods[], os: Os, isCut: boolean): HTMLElement {
  if (pods.length === 0) return h("p", { class: "soft empty" }, isCut ? "No pod that is listed can land here" : "No pod can land here");
  const rest = pods.length - DRAWN;
  return h(
    "ul",
    { class: "pods" },
    pods.slice(0, DRAWN).map(({ name, kind, target }) => {
      const { intent, placement } = target;
      const isWrong = intent !== "unknown" && intent !== os && (placement[os] === "yes" || placement[os] === "maybe");
      const says = `${kind} ${name}, ${intent === "unknown" ? "made for no system in particular" : `made for ${intent}`}${isWrong ? ": it would land on the wrong system" : ""}${placement[os] === "maybe" ? ": only on nodes with the labels it asks for" : ""}`;
      return h(
        "li",
        { class: `pod ${intent} ${placement[os]}${isWrong ? " wrong" : ""}`, title: says },
        h("span", { "aria-hidden": "true" }, isWrong && icon("warning"), placement[os] === "maybe" && icon("question"), name),
        h("span", { class: "unseen" }, says),
      );
    }),
    (rest > 0 || isCut) && h("li", { class: "soft" }, rest > 0 ? `${rest}${isCut ? "+" : ""} more` : "perhaps more"),
  );
}
