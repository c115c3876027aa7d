// What differs between two texts, by lines, in time that grows with the texts and not with their square.
import type { Text } from "@codemirror/state";

/** The lines of one text from `fromA` to `toA` became those of the other; counted from 0. */
export interface Hunk {
  fromA: number;
  toA: number;
  fromB: number;
  toB: number;
}

/** Lines removed and added that are looked at together: among so many, no shorter way is missed. */
const TOGETHER = 600;
/** As many of a text so long that it took this many milliseconds. */
const HURRIED = 60;
const LONG = 700;

export function hunks(textA: Text, textB: Text): Hunk[] {
  const numbers = new Map<string, number>();
  const numbered = (text: Text) =>
    Int32Array.from(text.iterLines(), (line) => {
      const known = numbers.get(line) ?? numbers.size;
      numbers.set(line, known);
      return known;
    });
  const [a, b] = [numbered(textA), numbered(textB)];
  const all: Hunk[] = [];
  const start = performance.now();
  for (let x = 0, y = 0; x < a.length || y < b.length; ) {
    const { edits, to } = ahead(a.subarray(x), b.subarray(y), performance.now() - start > LONG ? HURRIED : TOGETHER);
    for (const edit of edits) {
      const hunk = { fromA: edit.fromA + x, toA: edit.toA + x, fromB: edit.fromB + y, toB: edit.toB + y };
      const last = all.at(-1);
      if (last && last.toA === hunk.fromA && last.toB === hunk.fromB) [last.toA, last.toB] = [hunk.toA, hunk.toB];
      else all.push(hunk);
    }
    [x, y] = [x + to[0], y + to[1]];
  }
  return all;
}

/** Myers' greedy way: to the end of both, or to the furthest place that so many lines removed or added lead to. */
function ahead(a: Int32Array, b: Int32Array, most: number): { edits: Hunk[]; to: [number, number] } {
  const middle = most + 1;
  /** How far one comes in `a` on each diagonal. */
  const reach = new Int32Array(2 * middle + 1);
  const before: Int32Array[] = [];
  for (let count = 0; ; count++) {
    before.push(reach.slice(middle - count - 1, middle + count + 2));
    let furthest: [number, number] = [0, 0];
    for (let diagonal = -count; diagonal <= count; diagonal += 2) {
      const at = middle + diagonal;
      let x = isDown(reach, at, diagonal, count) ? (reach[at + 1] ?? 0) : (reach[at - 1] ?? 0) + 1;
      while (x < a.length && x - diagonal < b.length && a[x] === b[x - diagonal]) x++;
      reach[at] = x;
      const y = x - diagonal;
      if (x <= a.length && y <= b.length && x + y > furthest[0] + furthest[1]) furthest = [x, y];
    }
    if (count === most || (furthest[0] === a.length && furthest[1] === b.length)) return { edits: back(before, count, furthest), to: furthest };
  }
}

/** Whether the best way onto a diagonal adds a line; otherwise it removes one. */
const isDown = (reach: Int32Array, at: number, diagonal: number, count: number): boolean =>
  diagonal === -count || (diagonal !== count && (reach[at - 1] ?? 0) < (reach[at + 1] ?? 0));

/** The way to a place, line by line. */
function back(before: Int32Array[], count: number, [x, y]: [number, number]): Hunk[] {
  const edits: Hunk[] = [];
  let diagonal = x - y;
  for (let left = count; left > 0; left--) {
    const reach = before[left] ?? new Int32Array();
    const at = diagonal + left + 1;
    const down = isDown(reach, at, diagonal, left);
    diagonal += down ? 1 : -1;
    const fromA = reach[down ? at + 1 : at - 1] ?? 0;
    const fromB = fromA - diagonal;
    edits.push({ fromA, toA: down ? fromA : fromA + 1, fromB, toB: down ? fromB + 1 : fromB });
  }
  return edits.reverse();
}

/** Lines as positions: from the beginning of the first to the beginning of what follows the last. */
export function positions(textA: Text, textB: Text, { fromA, toA, fromB, toB }: Hunk): [fromA: number, toA: number, fromB: number, toB: number] {
  const start = (text: Text, line: number) => (line < text.lines ? text.line(line + 1).from : text.length + 1);
  const [a, b] = [start(textA, fromA), start(textB, fromB)];
  const [endA, endB] = [start(textA, toA), start(textB, toB)];
  // No line end follows the last line, so the one before it counts.
  const back = endA > textA.length || endB > textB.length ? 1 : 0;
  return [Math.max(a - back, 0), Math.max(endA - back, 0), Math.max(b - back, 0), Math.max(endB - back, 0)];
}
