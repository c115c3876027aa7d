import { expect, test } from "vitest";
import { decompress } from "../src/lzma.js";

/** What `xz --format=lzma` makes of "transom transom transom\n", with the length in its header. */
const FILE = "5d000080001800000000000000003a1c88469514052e0f288bbb9e6317fffe1bc800";

const bytes = Uint8Array.from(FILE.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));

test("a file comes out as it went in", () => {
  expect(new TextDecoder().decode(decompress(bytes))).toBe("transom transom transom\n");
});

test("what is no file is said to be none", () => {
  expect(() => decompress(bytes.slice(0, 12))).toThrow();
  expect(() => decompress(new Uint8Array(20).fill(255))).toThrow("no LZMA file");
});
