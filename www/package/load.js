// For those who bring the module themselves: nothing is inlined here.
import { Judge, ours } from "./lib/judge.js";

export { SettingsError } from "./lib/judge.js";
export { applyFixes } from "./lib/patch.js";

export async function load(source, settings) {
  const module = ours(await compiled(await source));
  return new Judge(() => module, settings);
}

function compiled(source) {
  if (source instanceof WebAssembly.Module) {
    return source;
  }
  if (typeof source === "string" || source instanceof URL) {
    return String(source).startsWith("file:") ? fromFile(source) : fetch(source).then(fromResponse);
  }
  return typeof source?.arrayBuffer === "function" ? fromResponse(source) : WebAssembly.compile(source);
}

/** Node's `fetch` reads no files. Nothing is imported for it, which a bundler would have to find. */
async function fromFile(address) {
  const fs = globalThis.process?.getBuiltinModule?.("node:fs");
  return fs ? WebAssembly.compile(await fs.promises.readFile(new URL(address))) : fetch(address).then(fromResponse);
}

async function fromResponse(response) {
  if (response.ok === false) {
    // A response that somebody made has no address.
    throw new Error(`the module cannot be fetched: ${response.url || "its address"} answers ${response.status}`);
  }
  // Compiled while it arrives, where the server says what it is.
  if (response.headers?.get("content-type") === "application/wasm") {
    return WebAssembly.compileStreaming(response);
  }
  return WebAssembly.compile(await response.arrayBuffer());
}
