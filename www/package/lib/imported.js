// The module where none may be compiled from bytes, and importing it gives it compiled.
import module from "../transom.wasm";

export function compile() {
  return module;
}
