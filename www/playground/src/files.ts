// The files that are open: their texts, what the worker has of them, and what undo takes back.
import type { EditorState } from "@codemirror/state";
import { composed, type Editor, lines, origin } from "./editor.js";
import type { Coming } from "./input.js";
import type { Judge } from "./judge.js";
import type { Ported, Rounds } from "./protocol.js";
import { type Desk, Steps } from "./steps.js";
import type { OpenFile, Store } from "./store.js";

export interface Host {
  editor: Editor;
  judge: Judge;
  /** Shows a file in the editor. */
  show(file: OpenFile): void;
  /** Whether something can be taken back, or done again, may have changed. */
  moved(): void;
  /** Files came back, with these settings. */
  cameBack(settings: string): void;
}

export class Files {
  readonly store: Store;
  readonly #host: Host;
  readonly #steps: Steps;
  /** Whether the page itself changes texts: they are judged when all of it is done. */
  #isAtIt = false;

  constructor(host: Host) {
    this.#host = host;
    this.store = { files: [], active: this.#opened({ name: "manifest.yaml", text: "" }), nodes: [], cluster: { windows: true }, settings: { text: "", configured: { errors: [], cluster: { windows: true }, settings: {} } }, ported: undefined };
    this.#steps = new Steps({
      store: this.store,
      state: (file) => this.stateOf(file),
      dispatch: (file, transaction) => {
        if (file === this.store.active) return host.editor.view.dispatch(transaction);
        file.state = transaction.state;
        host.judge.put(file.name, this.textOf(file));
      },
      swap: (desk) => {
        const former = this.#putOn(desk);
        host.cameBack(desk.settings);
        return former;
      },
    });
  }

  stateOf(file: OpenFile): EditorState {
    return file === this.store.active ? this.#host.editor.view.state : file.state;
  }

  /** The text of a file as it would be saved. */
  textOf(file: OpenFile): string {
    const { doc } = this.stateOf(file);
    return doc.sliceString(0, doc.length, file.lineEnd);
  }

  texts(): { name: string; text: string }[] {
    return this.store.files.map((file) => ({ name: file.name, text: this.textOf(file) }));
  }

  /** What opens a file again as it is. */
  closed(file: OpenFile): Coming {
    const { text, ends } = this.stateOf(file).field(origin);
    return { name: file.name, text: this.textOf(file), isOurs: file.isOurs, from: { text: text.toString(), ends, hasMark: file.hasMark } };
  }

  /** Opens files in the place of those that are open. */
  open(coming: readonly Coming[], settings: string): void {
    const { store } = this;
    const files = coming.map((file) => this.#opened(file));
    const { ported } = store;
    store.ported = undefined;
    const former = this.#putOn({ files, active: files[0] ?? store.active, settings });
    if (former.files.length > 0) this.#steps.add(former, ported);
    this.#host.moved();
  }

  /** Another file is the one in the editor. */
  activate(file: OpenFile): void {
    const { store } = this;
    if (store.files.includes(store.active)) store.active.state = this.#host.editor.view.state;
    store.active = file;
    this.#host.editor.show(file.state);
  }

  /** The text in the editor changed, or was exchanged for another; gives whether that is to be judged at once. */
  changed(isOther: boolean): boolean {
    const { active } = this.store;
    if (isOther) {
      this.#rename(active);
      this.store.ported = undefined;
    }
    this.#host.judge.put(active.name, this.textOf(active));
    if (this.#isAtIt) return false;
    this.#steps.forget();
    this.#host.moved();
    return true;
  }

  /** Changes files, and what is left to decide; one undo takes all of it back. Gives those that changed. */
  changeAll(all: readonly (Rounds & { name: string })[], ported: Ported | undefined): OpenFile[] {
    const { store } = this;
    return this.#atOnce(() => {
      const changed = all.flatMap(({ name, rounds }) => {
        const file = store.files.find((other) => other.name === name);
        if (!file || rounds.every((edits) => edits.length === 0)) return [];
        this.change(file, rounds);
        return [file];
      });
      if (changed.length > 0) this.#steps.add(changed, store.ported);
      store.ported = ported;
      return changed;
    });
  }

  /** Changes a file in one step of its undo. */
  change(file: OpenFile, rounds: Rounds["rounds"]): void {
    const { editor, judge } = this.#host;
    if (file === this.store.active) return editor.change(composed(editor.text, rounds));
    file.state = file.state.update({ changes: composed(file.state.doc, rounds), userEvent: "input.fix" }).state;
    judge.put(file.name, this.textOf(file));
  }

  get canUndo(): boolean {
    return this.#steps.canUndo;
  }

  get canRedo(): boolean {
    return this.#steps.canRedo;
  }

  /** Takes back what was done last, or does it again; gives the files that changed by it, or undefined where there is nothing. */
  step(which: "undo" | "redo"): OpenFile[] | undefined {
    const { store } = this;
    const before = store.files.map((file) => [file, this.stateOf(file).doc] as const);
    if (!this.#atOnce(this.#steps[which])) return undefined;
    return before.filter(([file, doc]) => this.stateOf(file).doc !== doc).map(([file]) => file);
  }

  #opened({ name, text, isOurs = false, from }: Coming): OpenFile {
    const hasMark = text.startsWith("\ufeff");
    const doc = lines(hasMark ? text.slice(1) : text);
    const ends: string[] = text.match(/\r\n?|\n/g) ?? [];
    const isMixed = ends.some((end) => end !== ends[0]);
    const state = this.#host.editor.state(doc, from ? { text: lines(from.text), ends: from.ends } : { text: doc, ends: isMixed ? ends : undefined });
    return { name, lineEnd: /\r\n/.test(text) ? "\r\n" : "\n", hasMark: from?.hasMark ?? hasMark, isOurs, state, report: undefined };
  }

  /** Puts what is open in the place of what was, and gives that. */
  #putOn(desk: Desk): Desk {
    const { store } = this;
    const { editor, judge, show } = this.#host;
    const former = { files: store.files, active: store.active, settings: store.settings.text };
    former.active.state = editor.view.state;
    for (const { name } of store.files) judge.put(name, null);
    store.files = desk.files;
    for (const file of store.files) judge.put(file.name, this.textOf(file));
    show(desk.active);
    return former;
  }

  /** What was put in the place of an example is not it any more. */
  #rename(file: OpenFile): void {
    const { editor, judge } = this.#host;
    if (!file.isOurs || this.store.files.length > 1 || editor.text.length === 0) return;
    judge.put(file.name, null);
    file.name = `manifest.${/^\s*[[{]/.test(editor.text.line(1).text) ? "json" : "yaml"}`;
  }

  #atOnce<T>(change: () => T): T {
    this.#isAtIt = true;
    try {
      return change();
    } finally {
      this.#isAtIt = false;
      this.#host.moved();
    }
  }
}
