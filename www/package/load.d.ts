import type { Judge, Settings } from "./core.js";

export { applyFixes, SettingsError } from "./core.js";
export type * from "./core.js";

/**
 * A judge from the module `transom/transom.wasm`, wherever that is: its address, a response with it,
 * its bytes, or the module compiled. All judges of a program share the first one.
 *
 * @throws {SettingsError} if the settings are wrong.
 * @throws {TypeError} if it is another module.
 */
export declare function load(
  source: ModuleSource | PromiseLike<ModuleSource>,
  settings?: Settings | null | string | ArrayBuffer | ArrayBufferView,
): Promise<Judge>;

/** An address (a `URL` has `href`), a `Response`, bytes or a `WebAssembly.Module`. */
export type ModuleSource = string | { readonly href: string } | ArrayBuffer | ArrayBufferView | { arrayBuffer(): Promise<ArrayBuffer> } | object;
