// What undo takes back beyond the text in the editor: changes of several files at once, and files that came in
// the place of others.
import { redo, redoDepth, undo, undoDepth } from "@codemirror/commands";
import type { EditorState, Transaction } from "@codemirror/state";
import type { Ported } from "./protocol.js";
import type { OpenFile, Store } from "./store.js";

/** What is open, to come back to. */
export interface Desk {
  files: OpenFile[];
  active: OpenFile;
  settings: string;
}

interface Step {
  /** The files that were changed together, or what was open before. */
  what: OpenFile[] | Desk;
  /** What was left to decide before. */
  ported: Ported | undefined;
  /** How much the history of each open file held then: more of it is newer than the step. */
  depths: Map<OpenFile, number>;
}

export interface Host {
  store: Store;
  state(file: OpenFile): EditorState;
  dispatch(file: OpenFile, transaction: Transaction): void;
  /** Puts another desk in the place of this one, which is given back. */
  swap(desk: Desk): Desk;
}

/** Steps that are kept: each may hold all that was open. */
const KEPT = 20;

export class Steps {
  readonly #host: Host;
  #done: Step[] = [];
  #undone: Step[] = [];

  constructor(host: Host) {
    this.#host = host;
  }

  /** Something was done to files, or in the place of all of them; `ported` is what was left to decide before. */
  add(what: OpenFile[] | Desk, ported: Ported | undefined): void {
    this.#done = [...this.#done, this.#step(what, ported, undoDepth)].slice(-KEPT);
    this.#undone = [];
  }

  /** Something was typed: what was taken back does not come again. */
  forget(): void {
    this.#undone = [];
  }

  get canUndo(): boolean {
    return this.#can(this.#done, undoDepth);
  }

  get canRedo(): boolean {
    return this.#can(this.#undone, redoDepth);
  }

  undo = (): boolean => this.#go(this.#done, this.#undone, undo, undoDepth, redoDepth);
  redo = (): boolean => this.#go(this.#undone, this.#done, redo, redoDepth, undoDepth);

  #step(what: OpenFile[] | Desk, ported: Ported | undefined, depth: typeof undoDepth): Step {
    const { store, state } = this.#host;
    return { what, ported, depths: new Map(store.files.map((file) => [file, depth(state(file))])) };
  }

  /** Whether nothing is newer than a step: in the editor, and in no file where all of them would go. */
  #isNext({ what, depths }: Step, depth: typeof undoDepth): boolean {
    const { store, state } = this.#host;
    const files = Array.isArray(what) ? [store.active] : store.files;
    return files.every((file) => depth(state(file)) <= (depths.get(file) ?? 0));
  }

  #can(steps: Step[], depth: typeof undoDepth): boolean {
    const { store, state } = this.#host;
    const next = steps.at(-1);
    return (next && this.#isNext(next, depth)) || depth(state(store.active)) > 0;
  }

  #go(from: Step[], to: Step[], command: typeof undo, depth: typeof undoDepth, opposite: typeof undoDepth): boolean {
    const { store, state, dispatch, swap } = this.#host;
    const act = (file: OpenFile) => command({ state: state(file), dispatch: (transaction) => dispatch(file, transaction) });
    for (let step = from.at(-1); step && this.#isNext(step, depth); step = from.at(-1)) {
      from.pop();
      const { what, ported, depths } = step;
      const left = store.ported;
      if (Array.isArray(what)) {
        // Who changed a file since goes on from there.
        const same = what.filter((file) => depth(state(file)) === depths.get(file));
        if (same.length === 0) continue;
        store.ported = ported;
        same.forEach(act);
        to.push(this.#step(same, left, opposite));
      } else {
        store.ported = ported;
        to.push(this.#step(swap(what), left, opposite));
      }
      return true;
    }
    return act(store.active);
  }
}
