// What undo takes back beyond the text in the editor: changes of several files at once, and files that came in
// the place of others.
import { redo, redoDepth, undo, undoDepth } from "@codemirror/commands";
import type { EditorState, Transaction } from "@codemirror/state";
import type { Ported } from "./protocol.js";
import type { OpenFile } from "./store.js";

/** What is open, to come back to. */
export interface Desk {
  files: OpenFile[];
  active: OpenFile;
  settings: string;
  ported: Ported | undefined;
}

interface Step {
  /** The files that were changed together, or what was open before. */
  what: OpenFile[] | Desk;
  /** How much the history of each open file held then: more of it is newer than the step. */
  depths: Map<OpenFile, number>;
}

export interface Host {
  files(): OpenFile[];
  active(): OpenFile;
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

  /** Something was done to several files, or in the place of all of them. */
  add(what: OpenFile[] | Desk): void {
    this.#done = [...this.#done, this.#step(what, undoDepth)].slice(-KEPT);
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

  #step(what: OpenFile[] | Desk, depth: typeof undoDepth): Step {
    return { what, depths: new Map(this.#host.files().map((file) => [file, depth(this.#host.state(file))])) };
  }

  /** Whether nothing is newer than a step: in the editor, and in no file where all of them would go. */
  #isNext({ what, depths }: Step, depth: typeof undoDepth): boolean {
    const host = this.#host;
    const files = Array.isArray(what) ? [host.active()] : host.files();
    return files.every((file) => depth(host.state(file)) <= (depths.get(file) ?? 0));
  }

  #can(steps: Step[], depth: typeof undoDepth): boolean {
    const next = steps.at(-1);
    return (next && this.#isNext(next, depth)) || depth(this.#host.state(this.#host.active())) > 0;
  }

  #go(from: Step[], to: Step[], command: typeof undo, depth: typeof undoDepth, opposite: typeof undoDepth): boolean {
    const host = this.#host;
    const active = host.active();
    for (let step = from.at(-1); step && this.#isNext(step, depth); step = from.at(-1)) {
      from.pop();
      const { what, depths } = step;
      if (!Array.isArray(what)) {
        to.push(this.#step(host.swap(what), opposite));
        return true;
      }
      // Who changed a file since goes on from there.
      const same = what.filter((file) => depth(host.state(file)) === depths.get(file));
      for (const file of same) command({ state: host.state(file), dispatch: (transaction) => host.dispatch(file, transaction) });
      if (same.length === 0) continue;
      to.push(this.#step(same, opposite));
      return true;
    }
    return command({ state: host.state(active), dispatch: (transaction) => host.dispatch(active, transaction) });
  }
}
