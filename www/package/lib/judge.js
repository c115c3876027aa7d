import { Core, initSync } from "./glue.js";
import { encoded, withOptions } from "./input.js";

// One module serves all judges.
let isReady = false;

/** Judges by settings of its own. `compile` gives the WebAssembly.Module, where there is none yet. */
export class Judge {
  #core;

  constructor(compile, settings) {
    if (!isReady) {
      initSync({ module: ours(compile()) });
      isReady = true;
    }
    this.#core = new Core();
    if (settings !== undefined) {
      const { valid, errors } = this.configure(settings);
      if (!valid) {
        throw new SettingsError(errors);
      }
    }
  }

  configure(settings) {
    return JSON.parse(this.#core.configure(encoded(settings, "settings")));
  }

  evaluate(input, options) {
    return JSON.parse(this.#core.evaluate(withOptions(input, options)));
  }

  review(input, options) {
    return JSON.parse(this.#core.review(withOptions(input, options)));
  }
}

/** The module, if it is the package's: another one that is taken in would stay. */
export function ours(module) {
  if (!WebAssembly.Module.exports(module).some(({ name }) => name === "core_new")) {
    throw new TypeError("this is not the module that the package has as transom/transom.wasm");
  }
  return module;
}

/** Wrong settings; `errors` has every mistake, with the path to it. */
export class SettingsError extends Error {
  constructor(errors) {
    super(`wrong settings: ${errors.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join("; ")}`);
    this.name = "SettingsError";
    this.errors = errors;
  }
}
