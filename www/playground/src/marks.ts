// What is wrong, in the text: squiggles, marks beside the line numbers, and what is said on hovering.
import { type EditorState, type Extension, RangeSet, StateEffect, StateField, type Transaction } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, GutterMarker, gutter, hoverTooltip, showTooltip, type Tooltip } from "@codemirror/view";

/** Something to point out. */
export interface Mark {
  from: number;
  to: number;
  severity: "error" | "warning" | "info";
  /** What it is about, wherever it stands. */
  key?: string;
  /** What is shown on hovering. */
  show(): HTMLElement;
}

const setMarks = StateEffect.define<readonly Mark[]>();

interface Marked {
  marks: readonly Mark[];
  squiggles: DecorationSet;
  gutter: RangeSet<GutterMarker>;
}

class Dot extends GutterMarker {
  constructor(readonly severity: Mark["severity"]) {
    super();
  }
  override eq(other: Dot): boolean {
    return other.severity === this.severity;
  }
  override toDOM(): HTMLElement {
    const dot = document.createElement("span");
    dot.className = `dot ${this.severity}`;
    return dot;
  }
}

const RANK = { error: 0, warning: 1, info: 2 };
const dots = { error: new Dot("error"), warning: new Dot("warning"), info: new Dot("info") };

function read(marks: readonly Mark[], { newDoc: doc }: Pick<Transaction, "newDoc">): Marked {
  const clipped = marks.map((mark) => ({ ...mark, from: Math.min(mark.from, doc.length), to: Math.min(mark.to, doc.length) }));
  const lines = new Map<number, Mark["severity"]>();
  for (const { from, severity } of clipped) {
    const line = doc.lineAt(from).from;
    const known = lines.get(line);
    if (!known || RANK[severity] < RANK[known]) lines.set(line, severity);
  }
  const squiggles = clipped.map(({ from, to, severity }) => {
    if (from < to) return Decoration.mark({ class: `squiggle ${severity}` }).range(from, to);
    // What has no length is shown at the end of its line.
    const line = doc.lineAt(from);
    return line.length > 0
      ? Decoration.mark({ class: `squiggle ${severity}` }).range(Math.max(line.from, from - 1), Math.max(line.from + 1, from))
      : Decoration.line({ class: `squiggle ${severity}` }).range(line.from);
  });
  return {
    marks: clipped,
    squiggles: Decoration.set(squiggles, true),
    gutter: RangeSet.of([...lines].map(([at, severity]) => dots[severity].range(at)), true),
  };
}

const field = StateField.define<Marked>({
  create: () => ({ marks: [], squiggles: Decoration.none, gutter: RangeSet.empty }),
  update(marked, transaction) {
    for (const effect of transaction.effects) {
      if (effect.is(setMarks)) return read(effect.value, transaction);
    }
    if (!transaction.docChanged) return marked;
    // Until the worker has judged the new text, they move along.
    const { changes } = transaction;
    const moved = marked.marks.map((mark) => ({ ...mark, from: changes.mapPos(mark.from, 1), to: changes.mapPos(mark.to, -1) }));
    return {
      marks: moved.filter((mark) => mark.from <= mark.to),
      squiggles: marked.squiggles.map(changes),
      gutter: marked.gutter.map(changes),
    };
  },
  provide: (self) => EditorView.decorations.from(self, ({ squiggles }) => squiggles),
});

export const showMarks = (marks: readonly Mark[]): StateEffect<readonly Mark[]> => setMarks.of(marks);

/** Those that are at a place, the shortest first. */
export function marksAt(state: EditorState, at: number): Mark[] {
  const { marks } = state.field(field);
  const here = marks.filter(({ from, to }) => from <= at && at <= Math.max(to, from + 1));
  return here.sort((a, b) => a.to - a.from - (b.to - b.from));
}

/** Goes to the next one behind the cursor, or before it, around the ends, and shows what is said there. */
export function nextMark(view: EditorView, direction: 1 | -1): boolean {
  const places = [...new Set(view.state.field(field).marks.map(({ from }) => from))].sort((a, b) => a - b);
  if (places.length === 0) return false;
  const { head } = view.state.selection.main;
  const next = direction > 0 ? (places.find((at) => at > head) ?? places[0]) : (places.findLast((at) => at < head) ?? places.at(-1));
  if (next === undefined) return false;
  view.dispatch({ selection: { anchor: next }, effects: [EditorView.scrollIntoView(next, { y: "center" }), setTold.of(marksAt(view.state, next))] });
  return true;
}

function tipsAt(here: Mark[]): Tooltip | null {
  if (here.length === 0) return null;
  return {
    pos: Math.min(...here.map(({ from }) => from)),
    end: Math.max(...here.map(({ to }) => to)),
    above: true,
    create() {
      const dom = document.createElement("div");
      dom.className = "tips";
      dom.append(...here.slice(0, 4).map((mark) => mark.show()));
      return { dom };
    },
  };
}

const hover = hoverTooltip((view, at) => tipsAt(marksAt(view.state, at)));

/** What somebody went to by the keyboard. */
export const setTold = StateEffect.define<Mark[]>();

const told = StateField.define<Tooltip | null>({
  create: () => null,
  update(tip, { effects, docChanged, selection }) {
    for (const effect of effects) if (effect.is(setTold)) return tipsAt(effect.value);
    return docChanged || selection ? null : tip;
  },
  provide: (self) => showTooltip.from(self),
});

export const marks: Extension = [field, hover, told, gutter({ class: "dots", markers: (view) => view.state.field(field).gutter })];
