import { Text } from "@codemirror/state";
import { expect, test } from "vitest";
import { hunks, positions } from "../src/diff.js";

const text = (lines: string[]): Text => Text.of(lines);
function count(a: string[], b: string[]): [removed: number, added: number] {
  const all = hunks(text(a), text(b));
  return [all.reduce((sum, { fromA, toA }) => sum + toA - fromA, 0), all.reduce((sum, { fromB, toB }) => sum + toB - fromB, 0)];
}

/** The first text with the hunks put in. */
function patched(a: Text, b: Text): string {
  let result = a.toString();
  for (const hunk of hunks(a, b).reverse()) {
    const [fromA, toA, fromB, toB] = positions(a, b, hunk);
    result = result.slice(0, fromA) + b.sliceString(fromB, toB) + result.slice(toA);
  }
  return result;
}

test("copies of the same lines, each with its changes", () => {
  const copy = (index: number) => ["apiVersion: v1", "kind: Pod", `metadata: {name: web-${index}}`, "spec:", "  hostNetwork: true", "  containers:", "  - image: a", "    command: [sh]", "---"];
  const before = Array.from({ length: 1_500 }, (_, index) => copy(index)).flat();
  const after = before.flatMap((line) => (line === "  hostNetwork: true" ? [] : line === "spec:" ? [line, "  os: {name: windows}"] : [line]));
  expect(count(before, after)).toEqual([1_500, 1_500]);
  expect(patched(text(before), text(after))).toBe(after.join("\n"));
});

test("beginnings and ends, and nothing in common", () => {
  for (const [a, b] of [[[""], ["x", "y"]], [["x"], ["x", "y"]], [["x", "y"], ["y"]], [["x", "y"], ["x"]], [["a", "b"], ["c"]], [["a"], ["b", "a", ""]], [["a", "b", "c"], ["c", "b", "a"]]] as [string[], string[]][]) {
    expect(patched(text(a), text(b))).toBe(b.join("\n"));
  }
  const many = (word: string) => Array.from({ length: 3_000 }, (_, index) => word + index);
  expect(count(many("a"), many("b"))).toEqual([3_000, 3_000]);
});
