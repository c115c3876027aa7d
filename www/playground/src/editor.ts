// The editor: CodeMirror with no more of it than this page needs.
import {
  cursorDocEnd,
  cursorDocStart,
  cursorPageDown,
  cursorPageUp,
  history,
  historyKeymap,
  insertNewlineKeepIndent,
  invertedEffects,
  selectAll,
  selectDocEnd,
  selectDocStart,
  selectPageDown,
  selectPageUp,
  toggleComment,
} from "@codemirror/commands";
import { Annotation, ChangeSet, EditorSelection, EditorState, type Extension, StateEffect, StateField, Text, Transaction } from "@codemirror/state";
import { EditorView, highlightActiveLine, highlightSpecialChars, keymap, lineNumbers } from "@codemirror/view";
import { highlight } from "./highlight.js";
import { type Mark, marks, marksAt, nextMark, setTold, showMarks } from "./marks.js";
import type { Edit, Location } from "./protocol.js";

/** A change that the page made itself, such as opening another file. */
const ofPage = Annotation.define<boolean>();

/** A text as it was opened or pasted: what changes are shown against. */
export interface Origin {
  text: Text;
  /** The ends of its lines, where not all are the same. */
  ends: string[] | undefined;
}

const setOrigin = StateEffect.define<Origin>();

/** Whether somebody put another text in the place of all there was. */
function isOther(transaction: Transaction): boolean {
  if (!transaction.docChanged || /^(?:undo|redo|input\.fix)$/.test(transaction.annotation(Transaction.userEvent) ?? "")) return false;
  let kept = false;
  transaction.changes.iterGaps(() => (kept = true));
  return !kept;
}

/** Where the text comes from. Undo knows it of each text that another one took the place of. */
export const origin = StateField.define<Origin>({
  create: ({ doc }) => ({ text: doc, ends: undefined }),
  update(former, transaction) {
    const told = transaction.effects.findLast((effect) => effect.is(setOrigin));
    return told?.value ?? (isOther(transaction) ? { text: transaction.newDoc, ends: undefined } : former);
  },
  provide: (self) =>
    invertedEffects.of((transaction) =>
      isOther(transaction) || transaction.effects.some((effect) => effect.is(setOrigin)) ? [setOrigin.of(transaction.startState.field(self))] : [],
    ),
});

export interface Listener {
  /** The text has changed; `isOther` where it has another origin now. */
  changed(isOther: boolean): void;
  /** The first fix at the cursor is asked for. */
  fixHere(marks: Mark[]): boolean;
  /** Somebody went from mark to mark, to these. */
  at?(marks: Mark[]): void;
  /** The cursor may be somewhere else. */
  moved?(): void;
  /** Undo and redo, where they are about more than this text. */
  undo?(): boolean;
  redo?(): boolean;
}

/** The edits of all rounds as one change of a text. */
export function composed(text: Text, rounds: Edit[][]): ChangeSet {
  let all = ChangeSet.empty(text.length);
  for (const edits of rounds) {
    const changes = edits.map(({ from, to, insert }) => ({ from, to, insert: Text.of(insert.split("\n")) }));
    all = all.compose(ChangeSet.of(changes, all.newLength));
  }
  return all;
}

export const lines = (text: string): Text => Text.of(text.split(/\r\n?|\n/));

/** Lines and columns, in characters, as positions. What is not there any more is at the end. */
export function rangeOf(text: Text, { line, column, endLine, endColumn }: Location): { from: number; to: number } {
  const position = (number: number, column: number) => {
    if (number > text.lines) return text.length;
    const { from, text: content } = text.line(number);
    return from + [...content].slice(0, column - 1).join("").length;
  };
  return { from: position(line, column), to: position(endLine, endColumn) };
}

export class Editor {
  readonly view: EditorView;
  readonly #extensions: Extension;

  constructor(parent: HTMLElement, label: string, listener: Listener, more: Extension = []) {
    const went = (view: EditorView, direction: 1 | -1): boolean => {
      const found = nextMark(view, direction);
      if (found) listener.at?.(marksAt(view.state, view.state.selection.main.head));
      return found;
    };
    this.#extensions = [
      lineNumbers(),
      marks,
      // All of it is kept: steps beyond one file are told from newer ones by how many there are.
      history({ minDepth: 1_000_000 }),
      highlight,
      highlightActiveLine(),
      highlightSpecialChars(),
      EditorState.languageData.of(() => [{ commentTokens: { line: "#" } }]),
      EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0", spellcheck: "false", autocapitalize: "off", autocorrect: "off" }),
      keymap.of([
        { key: "Enter", run: insertNewlineKeepIndent },
        { key: "Mod-a", run: selectAll },
        { key: "Mod-Home", mac: "Cmd-ArrowUp", run: cursorDocStart, shift: selectDocStart },
        { key: "Mod-End", mac: "Cmd-ArrowDown", run: cursorDocEnd, shift: selectDocEnd },
        { key: "PageUp", run: cursorPageUp, shift: selectPageUp },
        { key: "PageDown", run: cursorPageDown, shift: selectPageDown },
        { key: "Mod-/", run: toggleComment },
        { key: "F8", run: (view) => went(view, 1), shift: (view) => went(view, -1) },
        { key: "Escape", run: (view) => (view.dispatch({ effects: setTold.of([]) }), false) },
        { key: "Mod-.", run: (view) => listener.fixHere(marksAt(view.state, view.state.selection.main.head)) },
        ...(listener.undo ? [{ key: "Mod-z", run: listener.undo, preventDefault: true }] : []),
        ...(listener.redo ? ["Mod-y", "Mod-Shift-z"].map((key) => ({ key, run: listener.redo as () => boolean, preventDefault: true })) : []),
        ...historyKeymap,
      ]),
      EditorView.updateListener.of((update) => {
        if (update.selectionSet || update.docChanged) listener.moved?.();
        if (!update.docChanged || update.transactions.some((transaction) => transaction.annotation(ofPage))) return;
        listener.changed(update.startState.field(origin) !== update.state.field(origin));
      }),
      more,
    ];
    this.view = new EditorView({ parent, state: this.state(Text.empty) });
  }

  /** A state for a text that may be shown later. */
  state(text: Text, from: Origin = { text, ends: undefined }): EditorState {
    return EditorState.create({ doc: text, extensions: [origin.init(() => from), this.#extensions] });
  }

  /** Where the cursor is: line and column, from 1. */
  get place(): [line: number, column: number] {
    const { state } = this.view;
    const { number, from } = state.doc.lineAt(state.selection.main.head);
    return [number, state.selection.main.head - from + 1];
  }

  get text(): Text {
    return this.view.state.doc;
  }

  show(state: EditorState): void {
    this.view.setState(state);
  }

  mark(list: Mark[]): void {
    this.view.dispatch({ effects: showMarks(list) });
  }

  /** Changes the text so that one undo takes it back. */
  change(changes: ChangeSet): void {
    this.view.dispatch({ changes, userEvent: "input.fix" });
  }

  /** Puts another text in, without telling the listener. */
  replace(text: string): void {
    this.view.dispatch({ changes: { from: 0, to: this.text.length, insert: lines(text) }, annotations: ofPage.of(true) });
  }

  /** Selects a place and brings it into view. */
  jump(from: number, to: number): void {
    const end = this.text.length;
    const selection = EditorSelection.range(Math.min(from, end), Math.min(to, end));
    this.view.dispatch({ selection, effects: EditorView.scrollIntoView(selection, { y: "center" }) });
    this.view.focus();
  }
}
