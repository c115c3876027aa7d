// What has become of the text: a diff, made by a part of CodeMirror that is loaded when it is asked for.
import { EditorState, type Text } from "@codemirror/state";
import { EditorView, lineNumbers } from "@codemirror/view";
import { type Hunk, hunks, positions } from "./diff.js";
import { fill, h, prose } from "./dom.js";
import { highlight } from "./highlight.js";
import type { Location, PortDecision, Ported } from "./protocol.js";
import { counted } from "./words.js";

/** How many lines came, and how many went. */
const sizes = (all: Hunk[]): [added: number, removed: number] => [all.reduce((sum, { fromB, toB }) => sum + toB - fromB, 0), all.reduce((sum, { fromA, toA }) => sum + toA - fromA, 0)];

export class Changes {
  readonly #panel: HTMLElement;
  readonly #jump: (at: Location) => void;
  #view: EditorView | undefined;
  #turn = 0;

  constructor(panel: HTMLElement, jump: (at: Location) => void) {
    this.#panel = panel;
    this.#jump = jump;
  }

  async show(original: Text, now: Text, ported: Pick<Ported, "decisions" | "untouched"> | undefined, takeBack: () => void): Promise<void> {
    const turn = ++this.#turn;
    if (original.eq(now)) {
      this.#view?.destroy();
      fill(this.#panel, h("h2", {}, "Changes"), h("p", { class: "soft" }, "The text is as it was opened or pasted."));
      return;
    }
    const { Change, unifiedMergeView } = await import("@codemirror/merge");
    if (turn !== this.#turn) return;
    const all = hunks(original, now);
    const override = () => all.map((hunk) => new Change(...positions(original, now, hunk)));
    this.#view?.destroy();
    const place = h("div", { class: "diff" });
    this.#view = new EditorView({
      parent: place,
      state: EditorState.create({
        doc: now,
        extensions: [
          lineNumbers(),
          highlight,
          EditorView.editable.of(false),
          EditorView.contentAttributes.of({ tabindex: "0", "aria-label": "The text with its changes", "aria-readonly": "true" }),
          unifiedMergeView({ original, mergeControls: false, highlightChanges: false, collapseUnchanged: { margin: 3, minSize: 6 }, diffConfig: { override } }),
        ],
      }),
    });
    const [added, removed] = sizes(all);
    fill(
      this.#panel,
      h("h2", {}, "Changes"),
      h("p", { class: "row" }, h("span", { class: "soft", id: "diff-summary" }, `${counted(added, "line")} added or changed, ${counted(removed, "line")} removed or replaced`), h("button", { class: "button small", type: "button", onclick: takeBack }, "Take all back")),
      ported && ported.decisions.length > 0 && h("h3", {}, `For you to decide (${ported.decisions.length})`),
      ported && h("ol", { class: "decisions" }, ported.decisions.map((decision) => this.#decision(decision))),
      ported && ported.untouched.length > 0 && h("h3", {}, "Left as it is"),
      ported && h("ul", { class: "decisions" }, ported.untouched.map(({ object, why, location }) => h("li", {}, h("strong", {}, object), " ", this.#line(location), h("p", {}, why)))),
      h("h3", {}, "The difference"),
      place,
    );
  }

  #line(location: Location): HTMLElement {
    return h("button", { class: "line", type: "button", onclick: () => this.#jump(location) }, `line ${location.line}`);
  }

  #decision({ severity, object, container, what, why, options, location }: PortDecision): HTMLElement {
    return h(
      "li",
      {},
      h("p", {}, h("span", { class: `badge ${severity}` }, severity), " ", h("strong", {}, prose(what)), " ", h("span", { class: "soft" }, container ? `${object}, container ${container}` : object), " ", this.#line(location)),
      h("p", {}, prose(why)),
      options.length > 0 && h("ul", {}, options.map((option) => h("li", {}, prose(option)))),
    );
  }
}
