// What has become of the text: a diff, made by a part of CodeMirror that is loaded when it is asked for.
import { EditorState, type Text } from "@codemirror/state";
import { EditorView, lineNumbers } from "@codemirror/view";
import { type Hunk, hunks, positions } from "./diff.js";
import { fill, h, sentence } from "./dom.js";
import { highlight } from "./highlight.js";
import type { Location, PortDecision, Ported, Rounds } from "./protocol.js";
import { counted } from "./words.js";

/** A text as it was opened or pasted, and as it is. */
export interface Changing {
  name: string;
  original: Text;
  now: Text;
  isActive: boolean;
}

export interface Host {
  jump(file: string, at: Location): void;
  open(file: string): void;
  takeBack(): void;
}

interface Changed extends Changing {
  all: Hunk[];
  added: number;
  removed: number;
}

export class Changes {
  readonly #panel: HTMLElement;
  readonly #host: Host;
  #view: EditorView | undefined;
  #turn = 0;
  /** What was found of a text, against which original. */
  readonly #known = new WeakMap<Text, { original: Text; all: Hunk[] }>();

  constructor(panel: HTMLElement, host: Host) {
    this.#panel = panel;
    this.#host = host;
  }

  async show(files: Changing[], ported: Ported | undefined): Promise<void> {
    const turn = ++this.#turn;
    const several = files.length > 1;
    const changed = this.#changed(files);
    if (changed.length === 0 && !ported) {
      this.#view?.destroy();
      fill(this.#panel, h("h2", {}, "Changes"), h("p", { class: "soft" }, several ? "All files are as they were opened." : "The text is as it was opened or pasted."));
      return;
    }
    const { Change, unifiedMergeView } = await import("@codemirror/merge");
    if (turn !== this.#turn) return;
    this.#view?.destroy();
    const active = changed.find(({ isActive }) => isActive);
    const place = h("div", { class: "diff" });
    if (active) {
      const { original, now, all } = active;
      const override = () => all.map((hunk) => new Change(...positions(original, now, hunk)));
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
    }
    const total = (of: "added" | "removed") => changed.reduce((sum, file) => sum + file[of], 0);
    const shown = files.find(({ isActive }) => isActive)?.name ?? "";
    fill(
      this.#panel,
      h("h2", {}, "Changes"),
      changed.length > 0 &&
        h("p", { class: "row" }, h("span", { class: "soft", id: "diff-summary" }, `${said(total("added"), total("removed"))}${several ? ` in ${counted(changed.length, "file")}` : ""}`), h("button", { class: "button small", type: "button", onclick: this.#host.takeBack }, "Take all back")),
      several &&
        h(
          "ul",
          { class: "changed" },
          changed.map(({ name, isActive, added, removed }) => h("li", {}, h("button", { class: "line", type: "button", "aria-current": isActive && "true", onclick: () => this.#host.open(name) }, name), h("span", { class: "soft" }, ` ${said(added, removed)}`))),
        ),
      ported && ported.decisions.length > 0 && h("h3", {}, `For you to decide (${ported.decisions.length})`),
      ported && byFile(ported.decisions, several, (decisions) => h("ol", { class: "decisions" }, decisions.map((decision) => this.#decision(decision)))),
      ported && ported.untouched.length > 0 && h("h3", {}, "Left as it is"),
      ported && byFile(ported.untouched, several, (all) => h("ul", { class: "decisions" }, all.map(({ file, object, why, location }) => h("li", {}, h("strong", {}, object), " ", this.#line(file, location), h("p", {}, sentence(why)))))),
      changed.length > 0 && h("h3", {}, several ? `The difference in ${shown}` : "The difference"),
      active ? place : changed.length > 0 && h("p", { class: "soft" }, "This file is as it was opened."),
    );
  }

  /** What makes files again what was opened or pasted. */
  back(files: Changing[]): (Rounds & { name: string })[] {
    return this.#changed(files).map(({ name, original, now, all }) => {
      const edits = all.map((hunk) => {
        const [fromA, toA, from, to] = positions(original, now, hunk);
        return { from, to, insert: original.sliceString(fromA, toA) };
      });
      return { name, rounds: [edits] };
    });
  }

  #changed(files: Changing[]): Changed[] {
    return files
      .filter(({ original, now }) => original !== now && !original.eq(now))
      .map((file) => {
        const all = this.#hunks(file);
        const sum = (size: (hunk: Hunk) => number) => all.reduce((sum, hunk) => sum + size(hunk), 0);
        return { ...file, all, added: sum(({ fromB, toB }) => toB - fromB), removed: sum(({ fromA, toA }) => toA - fromA) };
      });
  }

  #hunks({ original, now }: Changing): Hunk[] {
    let known = this.#known.get(now);
    if (known?.original !== original) {
      known = { original, all: hunks(original, now) };
      this.#known.set(now, known);
    }
    return known.all;
  }

  #line(file: string, location: Location): HTMLElement {
    return h("button", { class: "line", type: "button", onclick: () => this.#host.jump(file, location) }, `line ${location.line}`);
  }

  #decision({ file, severity, object, container, what, why, options, location }: PortDecision): HTMLElement {
    return h(
      "li",
      {},
      h("p", {}, h("span", { class: `badge ${severity}` }, severity), " ", h("strong", {}, sentence(what)), " ", h("span", { class: "soft" }, container ? `${object}, container ${container}` : object), " ", this.#line(file, location)),
      h("p", {}, sentence(why)),
      options.length > 0 && h("ul", {}, options.map((option) => h("li", {}, sentence(option)))),
    );
  }
}

const said = (added: number, removed: number): string => `${counted(added, "line")} added or changed, ${counted(removed, "line")} removed or replaced`;

/** A list for each file, under its name where there are several. */
function byFile<T extends { file: string }>(all: T[], several: boolean, list: (of: T[]) => HTMLElement): HTMLElement[] {
  const names = [...new Set(all.map(({ file }) => file))];
  return names.flatMap((name) => [...(several ? [h("h4", { class: "file" }, name)] : []), list(all.filter(({ file }) => file === name))]);
}
