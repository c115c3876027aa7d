// The tabs beside the editor; on a phone the editor or one of them takes the whole screen.
import { $ } from "./dom.js";

const TABS = ["findings", "whatif", "changes", "output"] as const;
export type Tab = (typeof TABS)[number];

export class Tabs {
  selected: Tab = "findings";
  readonly #shown: (tab: Tab) => void;

  /** `shown` makes what is in a tab, when somebody selects it. */
  constructor(shown: (tab: Tab) => void) {
    this.#shown = shown;
    for (const [index, name] of TABS.entries()) {
      const tab = $(`tab-${name}`);
      tab.addEventListener("click", () => this.select(name));
      tab.addEventListener("keydown", ({ key }) => {
        const to = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: -1 }[key];
        const next = to === undefined ? undefined : TABS.at(to % TABS.length);
        if (next) this.select(next, true);
      });
    }
    for (const button of document.querySelectorAll<HTMLElement>(".panes button")) {
      button.addEventListener("click", () => {
        const to = button.dataset["to"] ?? "editor";
        if (to === "editor") this.pane(to);
        else this.select(to as Tab);
        scrollTo(0, 0);
      });
    }
  }

  select(tab: Tab, focus = false): void {
    this.selected = tab;
    for (const name of TABS) {
      const button = $(`tab-${name}`);
      button.setAttribute("aria-selected", String(name === tab));
      button.tabIndex = name === tab ? 0 : -1;
      $(`panel-${name}`).hidden = name !== tab;
    }
    if (focus) $(`tab-${tab}`).focus();
    this.pane(tab);
    this.#shown(tab);
  }

  /** Which part a phone shows. */
  pane(name: Tab | "editor"): void {
    document.body.dataset["pane"] = name;
    for (const button of document.querySelectorAll<HTMLElement>(".panes button")) button.setAttribute("aria-pressed", String(button.dataset["to"] === name));
  }
}
