// What was found: the verdict on the whole, the picture of where pods land, and a card for each object.
import { isSingle, json } from "./assets.js";
import { fill, h, icon, prose, sentence } from "./dom.js";
import { picture } from "./placement.js";
import type { Finding, Judged, Place, Problem, Suppressed, Target } from "./protocol.js";
import type { OpenFile, Store } from "./store.js";
import { judged, omitted } from "./store.js";
import { counted, failsAt, keyOf, nameOf, STAGES, severityOf, shortPath, stageSays } from "./words.js";

const explain = async (rule: string): Promise<void> => (await import("./explain.js")).explain(rule);

/** Objects that are shown at once; the rest comes when it is asked for. */
const SHOWN = 40;

/** Pages of the site to which phones have no links at the top. */
const ELSEWHERE = ["Rules", "Guides", "Engines"];

export interface Actions {
  jump(file: OpenFile, from: number, to: number): void;
  jumpTo(file: OpenFile, object: Judged, path: string): void;
  fix(file: OpenFile, object: Judged, finding: number): void;
  fixAll(): void;
  review(file: OpenFile, object: Judged): Promise<unknown>;
}

/** What `rules.json` says of a rule by its id. */
export type Rules = Record<string, { name: string; summary: string; errors: string[] }>;

export class Results {
  readonly #panel: HTMLElement;
  readonly #actions: Actions;
  /** What is open, by the keys of findings, so that it stays open while the text changes. */
  readonly #open = new Map<string, boolean>();
  #shown = SHOWN;
  /** Findings that the last change of settings brought. */
  fresh = new Set<string>();
  /** Whether anything says which taints Windows nodes have. */
  #knowsTaints = false;
  /** The findings that are listed, by their keys. */
  readonly #places = new Map<string, HTMLElement>();
  /** What stays to be said until something else is opened. */
  notice = "";

  constructor(panel: HTMLElement, actions: Actions) {
    this.#panel = panel;
    this.#actions = actions;
  }

  /** Brings a finding into view and points it out. */
  reveal(key: string): void {
    for (const one of this.#panel.querySelectorAll(".at")) one.classList.remove("at");
    const element = this.#places.get(key);
    element?.classList.add("at");
    element?.scrollIntoView({ block: "nearest" });
  }

  show(store: Store): void {
    this.#places.clear();
    this.#knowsTaints = store.cluster.taints !== undefined || store.nodes.some(({ os }) => os === "windows");
    const all = [...judged(store.files)];
    const problems = store.files.flatMap((file) => (file.report?.problems ?? []).map((problem) => ({ file, problem })));
    const several = store.files.length > 1;
    const cards = all.slice(0, this.#shown).map(({ file, object }) => this.#card(file, object, several, all.length));
    const rest = all.length - cards.length;
    const further = omitted(store.files);
    fill(
      this.#panel,
      this.notice !== "" &&
        h(
          "div",
          { class: "problem error", id: "notice" },
          icon("error"),
          h("div", {}, h("p", {}, this.notice)),
          h("button", { class: "line", type: "button", onclick: () => ((this.notice = ""), this.show(store)) }, "dismiss"),
        ),
      this.#verdict(store, all),
      problems.slice(0, 20).map(({ file, problem }) => this.#problem(file, problem, several)),
      all.length > 0 && picture(store, all.map(({ object }) => object)),
      cards,
      rest > 0 &&
        h("button", { class: "button", type: "button", onclick: () => ((this.#shown += 200), this.show(store)) }, `Show ${counted(Math.min(rest, 200), "more object")} of ${rest}`),
      further > 0 && h("p", { class: "soft" }, `${counted(further, "further object")} counted above, but not listed: this is a lot of text.`),
      !isSingle() && h("nav", { class: "elsewhere", "aria-label": "Other pages" }, ELSEWHERE.map((name) => h("a", { href: `../${name.toLowerCase()}/index.html` }, name))),
    );
  }

  #verdict({ files }: Store, all: { object: Judged }[]): HTMLElement {
    const { deny, warn, info, fixable } = totals(files);
    const objects = all.length + omitted(files);
    const broken = files.some((file) => file.report?.problems.some((problem) => !problem.note));
    const [kind, title] =
      deny > 0
        ? (["error", "This will not work as it is"] as const)
        : warn > 0
          ? (["warning", "This works, but not as written"] as const)
          : objects > 0
            ? (["good", broken ? "What can be read looks good" : "Nothing stands in the way"] as const)
            : broken
              ? (["error", "This cannot be read"] as const)
              : (["info", "Nothing to judge yet"] as const);
    const says =
      objects === 0
        ? broken
          ? "The line below says where it breaks."
          : "Paste a manifest, drop files, or open an example."
        : [
            deny > 0 && counted(deny, "error"),
            warn > 0 && counted(warn, "warning"),
            info > 0 && counted(info, "note"),
            deny + warn + info === 0 && "No findings",
          ]
            .filter(Boolean)
            .join(", ") + ` in ${counted(objects, "object")}${files.length > 1 ? ` of ${files.length} files` : ""}`;
    // What is not listed may have fixes, too.
    const more = omitted(files) > 0 ? "+" : "";
    return h(
      "div",
      { class: `verdict ${kind}` },
      icon(kind === "good" ? "good" : kind),
      h("div", {}, h("h2", {}, title), h("p", { id: "tally" }, says)),
      fixable > 0 &&
        h("button", { class: "button primary", type: "button", id: "fix-all", onclick: () => this.#actions.fixAll() }, icon("wand"), `Fix all safe (${fixable}${more})`),
    );
  }

  #problem(file: OpenFile, problem: Problem, several: boolean): HTMLElement {
    return h(
      "div",
      { class: `problem ${problem.note ? "note" : "error"}` },
      icon(problem.note ? "info" : "error"),
      h(
        "div",
        {},
        h("p", {}, h("strong", {}, problem.note ? "Skipped: " : "Not YAML: "), prose(problem.message)),
        problem.help && h("p", { class: "soft" }, problem.help),
      ),
      h("button", { class: "line", type: "button", onclick: () => this.#actions.jump(file, problem.from, problem.to) }, several ? file.name : "show"),
    );
  }

  #card(file: OpenFile, object: Judged, several: boolean, count: number): HTMLElement {
    const { decision, place } = object;
    const groups = new Map<string, HTMLElement[]>();
    const isClean = decision.findings.length === 0;
    decision.findings.forEach((finding, index) => {
      const where = object.places[index];
      if (!where) return;
      const group = where.container ?? "";
      const list = groups.get(group) ?? [];
      list.push(this.#finding(file, object, finding, index, where, count === 1 && decision.findings.length === 1));
      groups.set(group, list);
    });
    const targets = decision.targets ?? (decision.target ? [decision.target] : []);
    return h(
      "article",
      { class: `card${isClean ? " clean" : ""}` },
      h(
        "header",
        {},
        h("h3", {}, h("button", { class: "object", type: "button", onclick: () => this.#actions.jump(file, place.from, place.to) }, nameOf(object))),
        several && h("span", { class: "file" }, file.name),
        isClean && h("span", { class: "badge good" }, "no findings"),
      ),
      targets.slice(0, 5).map((target) => this.#target(file, object, target, targets.length > 1)),
      [...groups].sort(([a], [b]) => Number(a !== "") - Number(b !== "")).map(([container, findings]) => [
        container !== "" && h("h4", {}, "container ", h("code", {}, container)),
        h("ul", { class: "findings" }, findings),
      ]).flat(),
      decision.suppressed.length > 0 &&
        h(
          "details",
          { class: "suppressed" },
          h("summary", {}, `${counted(decision.suppressed.length, "finding")} suppressed`),
          h("ul", {}, decision.suppressed.map((finding, index) => this.#suppressed(file, finding, object.suppressed[index]))),
        ),
      object.review && this.#review(file, object),
    );
  }

  #target(file: OpenFile, object: Judged, target: Target, several: boolean): HTMLElement {
    const { intent, evidence, placement } = target;
    const known = intent === "unknown" ? "Made for no system in particular" : `Made for ${intent === "windows" ? "Windows" : "Linux"}`;
    const [first, ...others] = evidence;
    const proof = (one: Target["evidence"][number]) =>
      h(
        "li",
        {},
        h("span", { class: `os ${one.says}` }, one.says),
        " ",
        prose(one.because),
        " ",
        h("button", { class: "line", type: "button", onclick: () => this.#actions.jumpTo(file, object, one.path) }, shortPath(one.path) || "object"),
      );
    const words = (os: "windows" | "linux") =>
      os === "windows" && placement[os] === "guarded" && !this.#knowsTaints ? "can land where nodes carry no taint" : { no: "cannot land", guarded: "kept off by a taint", maybe: "on labelled nodes", yes: "can land" }[placement[os]];
    const lands = (os: "windows" | "linux") =>
      h(
        "span",
        { class: `lands ${placement[os]}` },
        icon(({ no: "close", guarded: "shield", maybe: "question", yes: "check" } as const)[placement[os]]),
        `${os === "windows" ? "Windows" : "Linux"}: ${words(os)}`,
      );
    return h(
      "div",
      { class: "target" },
      h("p", {}, h("strong", { class: `os ${intent}` }, several && target.path ? `${shortPath(target.path)}: ${known}` : known), lands("windows"), lands("linux")),
      first && h("ul", { class: "evidence" }, proof(first)),
      others.length > 0 && h("details", {}, h("summary", {}, `${counted(others.length, "more sign")}`), h("ul", { class: "evidence" }, others.map(proof))),
    );
  }

  #finding(file: OpenFile, object: Judged, finding: Finding, index: number, place: Place, isOnly: boolean): HTMLElement {
    const key = keyOf(file.name, object, finding);
    const severity = severityOf(finding.action);
    const isOpen = this.#open.get(key) ?? (isOnly || (index === 0 && finding.action === "deny" && object === file.report?.objects[0]));
    const more = h("div", { class: "more" });
    const toggle = h(
      "button",
      { class: "toggle", type: "button", "aria-expanded": String(isOpen), onclick: () => open(toggle.getAttribute("aria-expanded") !== "true", true) },
      icon(severity),
      h("span", { class: "unseen" }, `${severity}: `),
      h("span", { class: "message" }, sentence(finding.message, finding.path)),
    );
    const open = (now: boolean, chosen: boolean) => {
      toggle.setAttribute("aria-expanded", String(now));
      more.hidden = !now;
      if (chosen) this.#open.set(key, now);
      if (now && more.childElementCount === 0) fill(more, details(finding));
    };
    open(isOpen, false);
    const fix = finding.fix;
    const element = h(
      "li",
      { class: `finding ${severity}${this.fresh.has(key) ? " fresh" : ""}`, "data-rule": finding.rule },
      toggle,
      finding.help && h("p", { class: "help" }, sentence(finding.help)),
      h(
        "p",
        { class: "row" },
        fix &&
          h(
            "button",
            { class: `button small fix ${fix.safety}`, type: "button", onclick: () => this.#actions.fix(file, object, index) },
            icon(fix.safety === "safe" ? "wand" : "warning"),
            fix.title,
            fix.safety === "unsafe" && h("span", { class: "badge warning" }, "unsafe: look at it"),
          ),
        h("button", { class: "line", type: "button", onclick: () => this.#actions.jump(file, place.from, place.to) }, `line ${place.line}`),
        h("button", { class: "rule", type: "button", onclick: () => void explain(finding.rule) }, `${finding.rule} ${finding.name}`),
        h("span", { class: "stage" }, failsAt(finding.stage)),
        this.fresh.has(key) && h("span", { class: "badge info" }, "new"),
      ),
      more,
    );
    this.#places.set(key, element);
    return element;
  }

  #suppressed(file: OpenFile, finding: Suppressed, place: Place | undefined): HTMLElement {
    return h(
      "li",
      {},
      h("span", {}, sentence(finding.message, finding.path)),
      h("span", { class: "soft" }, ` ${finding.reason || "without a reason"}${finding.until ? `, until ${finding.until}` : ""} `),
      place && h("button", { class: "line", type: "button", onclick: () => this.#actions.jump(file, place.from, place.to) }, `line ${place.line}`),
    );
  }

  #review(file: OpenFile, object: Judged): HTMLElement {
    const text = h("pre", { class: "code", tabindex: "0", "aria-label": "Response to the AdmissionReview" });
    const details = h("details", { class: "response", open: true }, h("summary", {}, "Response to this AdmissionReview"), text);
    this.#actions.review(file, object).then(
      (answer) => (text.textContent = JSON.stringify(answer, null, 2)),
      (error: unknown) => (text.textContent = String(error)),
    );
    return details;
  }
}

/** What is said on a place in the text. */
export function tip(finding: Finding, fix: (() => void) | undefined): HTMLElement {
  const severity = severityOf(finding.action);
  return h(
    "div",
    { class: `tip ${severity}` },
    h("p", { class: "message" }, icon(severity), h("span", {}, sentence(finding.message, finding.path))),
    finding.help && h("p", { class: "help" }, sentence(finding.help)),
    h(
      "p",
      { class: "row" },
      finding.fix && fix && h("button", { class: "button small", type: "button", onclick: fix }, finding.fix.title, finding.fix.safety === "unsafe" ? " (unsafe)" : ""),
      h("span", { class: "soft" }, failsAt(finding.stage)),
      h("button", { class: "rule", type: "button", onclick: () => void explain(finding.rule) }, `${finding.rule} ${finding.name}`),
    ),
  );
}

/** Where one would have met it, and in which words. */
function details(finding: Finding): HTMLElement[] {
  const here = STAGES.findIndex(({ stage }) => stage === finding.stage);
  const bar = h(
    "ol",
    { class: `stages ${severityOf(finding.action)}`, "aria-label": "Where it would show" },
    STAGES.map(({ name }, index) =>
      h("li", { class: index === here ? "here" : here < 0 || index < here ? "past" : null, "aria-current": index === here && "step" }, name),
    ),
  );
  const words = h("div", { class: "met" }, h("p", {}, stageSays(finding.stage)));
  void json<Rules>("rules.json").then((rules) => {
    const errors = rules[finding.rule]?.errors ?? [];
    if (errors.length > 0) words.append(h("p", { class: "soft" }, "What one would have read there:"), ...errors.map((error) => h("pre", { class: "error-text" }, error)));
  }, () => undefined);
  return [bar, words];
}

export function totals(files: readonly OpenFile[]) {
  const sum = { deny: 0, warn: 0, info: 0, fixable: 0 };
  for (const { report } of files) {
    sum.deny += report?.omitted.deny ?? 0;
    sum.warn += report?.omitted.warn ?? 0;
    sum.info += report?.omitted.info ?? 0;
  }
  for (const { object } of judged(files)) {
    for (const finding of object.decision.findings) {
      sum[finding.action]++;
      if (finding.fix?.safety === "safe") sum.fixable++;
    }
  }
  return sum;
}
