// The module as text in a source file: every bundler and runtime takes it along, at any place, and
// nothing is to be waited for.
import { inflate } from "./inflate.js";
import { DEFLATED, SIZE } from "./wasm.js";

export function compile() {
  const binary = atob(DEFLATED);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = binary.charCodeAt(i);
  }
  return new WebAssembly.Module(inflate(bytes, SIZE));
}
