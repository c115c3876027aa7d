// The command judge, for Node: a Decision for each line of JSON on standard input.
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { Transom } from "./transom.mjs";

const [module, settings] = process.argv.slice(2);
if (!module) {
  console.error("usage: node judge.mjs MODULE [SETTINGS] < documents");
  process.exit(2);
}
try {
  const transom = await Transom.load(await readFile(module));
  if (settings) {
    transom.configure(JSON.parse(await readFile(settings, "utf8")));
  }
  for await (const line of createInterface({ input: process.stdin })) {
    console.log(transom.call("evaluate", line)); // the text as it is: `evaluate` takes objects
  }
} catch (error) {
  console.error(`judge: ${error.message}`);
  process.exitCode = 1;
}
