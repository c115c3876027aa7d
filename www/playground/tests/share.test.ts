import { expect, test } from "vitest";
import { Text } from "@codemirror/state";
import { escaped, Output, quoted, quotedPath, saved } from "../src/output.js";
import { decode, encode } from "../src/share.js";

test("a link holds what was put in, whatever it is", async () => {
  const files = [
    { name: "a/ü.yaml", text: "a: \u{1f600}\r\nb: |\n  text\n" },
    { name: "empty.yaml", text: "" },
  ];
  const hash = await encode({ files, settings: "platform: aks # ours\n" });
  expect(hash).toMatch(/^#s=[\w-]+$/);
  expect(await decode(hash)).toEqual({ files, settings: "platform: aks # ours\n" });
});

test("a link that was cut off is said to be", async () => {
  const hash = await encode({ files: [{ name: "a.yaml", text: "a: b\n".repeat(100) }], settings: "" });
  await expect(decode(hash.slice(0, -8))).rejects.toThrow("cut off");
  await expect(decode("#s=!")).rejects.toThrow("cut off");
});

test("words of a shell", () => {
  expect(quoted("web-1.2")).toBe("web-1.2");
  expect(quoted("it's")).toBe("'it'\\''s'");
  expect(quoted("")).toBe("''");
});

test("no file is an option", () => {
  expect(["-x.yaml", "-", "a -b.yaml", "a/-x.yaml"].map(quotedPath)).toEqual(["./-x.yaml", "./-", "'a -b.yaml'", "a/-x.yaml"]);
  const store = { files: [{ name: "-x y.yaml" }], settings: { text: "" } };
  expect(new Output(undefined as never, { store } as never).commands()).toBe("transom check './-x y.yaml'\ntransom fix --diff './-x y.yaml'\n");
});

test("settings end where they end", () => {
  const store = { files: [{ name: "web.yaml" }], settings: { text: "platform: aks\nEOF\nrm -r .\n" } };
  const output = new Output(undefined as never, { store } as never);
  expect(output.commands()).toMatch(/^cat > transom\.yaml <<'EOF_'\nplatform: aks\nEOF\nrm -r \.\nEOF_\ntransom check /);
});

test("a file keeps its mark and its line ends", () => {
  const origin = { text: Text.of(["a", "b", "c", ""]), ends: ["\r\n", "\n", "\r\n"] };
  const file = { hasMark: true, lineEnd: "\r\n" as const };
  expect(saved(file, origin, "a\r\nb\r\nc\r\n")).toBe("\ufeffa\r\nb\nc\r\n");
  expect(saved(file, origin, "new\r\nb\r\nx\r\nc\r\n")).toBe("\ufeffnew\r\nb\nx\r\nc\r\n");
  expect(saved({ ...file, hasMark: false }, { ...origin, ends: undefined }, "a")).toBe("a");
});

test("names in Markdown", () => {
  expect(escaped("Pod a_b*<i>: `x_y` is\nso")).toBe("Pod a\\_b\\*\\<i\\>: `x_y` is so");
});
