// Loads the module as anybody does: `node X.mjs FOLDER MODULE`, the SDK installed in FOLDER.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";

const [folder, module] = process.argv.slice(2);
const { loadPolicy } = createRequire(resolve(folder, "package.json"))("@open-policy-agent/opa-wasm");

export const policy = await loadPolicy(readFileSync(module));
