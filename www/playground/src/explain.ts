// A rule's page in a dialog: from the same source as `transom explain`, also where there is no network.
import { isSingle, json } from "./assets.js";
import { fill, h, icon } from "./dom.js";

/** What `docs.json` says of a rule by its id: HTML made by `cargo x web`. */
export type Docs = Record<string, { name: string; summary: string; html: string; page: string }>;

/** A dialog that closes itself when one presses Escape or beside it. */
export function dialog(title: string, ...content: (Node | string | null | false)[]): HTMLDialogElement {
  const close = h("button", { class: "button quiet square", type: "button", "aria-label": "Close", onclick: () => element.close() }, icon("close"));
  const element = h("dialog", { "aria-label": title }, h("header", {}, h("h2", {}, title), close), h("div", { class: "body" }, ...content));
  element.addEventListener("close", () => element.remove());
  element.addEventListener("click", (event) => event.target === element && element.close());
  document.body.append(element);
  element.showModal();
  return element;
}

export async function explain(rule: string): Promise<void> {
  const body = h("div", { class: "prose" }, h("p", {}, "Loading …"));
  const open = dialog(rule, body);
  try {
    const of = (await json<Docs>("docs.json"))[rule];
    if (!of) throw new Error(`there is nothing about ${rule}`);
    const heading = open.querySelector("h2");
    if (heading) heading.textContent = `${rule} ${of.name}`;
    const text = h("div");
    // Made by the build from the sources of the rules.
    text.innerHTML = of.html;
    // Links to its own headings would take the place of what the address holds.
    for (const link of text.querySelectorAll('a[href^="#"]')) link.replaceWith(...link.childNodes);
    // Other rules are explained here, too, where the site may not be at hand.
    text.addEventListener("click", (event) => {
      const [, other] = /\/(WIN\d{3})-/.exec((event.target as Element).closest("a")?.getAttribute("href") ?? "") ?? [];
      if (!other) return;
      event.preventDefault();
      open.close();
      void explain(other);
    });
    const links = h(
      "p",
      { class: "row" },
      h("a", { class: "button", href: `#example=${of.name}`, onclick: () => open.close() }, "Open its example"),
      !isSingle() && h("a", { class: "button quiet", href: `../rules/${of.page}` }, "The rule's page"),
    );
    fill(body, h("p", { class: "lead" }, of.summary), text, links);
  } catch (error) {
    fill(body, h("p", {}, `This cannot be shown: ${(error as Error).message}`));
  }
}
