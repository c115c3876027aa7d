// A question a line on stdin, a line of answers for each on stdout: `ask.mjs import|require`.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { answers } from "./answers.mjs";

const byRequire = process.argv[2] === "require";
const transom = byRequire ? createRequire(import.meta.url)("transom") : await import("transom");

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(JSON.stringify(answers(transom, JSON.parse(line))) + "\n");
}
