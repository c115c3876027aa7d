// Everything but the documentation of the rules.
import { compile } from "./lib/inlined.js";
import { Judge } from "./lib/judge.js";

export { SettingsError } from "./lib/judge.js";
export { applyFixes } from "./lib/patch.js";

export class Transom extends Judge {
  constructor(settings) {
    super(compile, settings);
  }
}

// Made when it is first asked: to import the package costs nothing.
let shared;

function transom() {
  shared ??= new Transom();
  return shared;
}

export function configure(settings) {
  return transom().configure(settings);
}

export function evaluate(input, options) {
  return transom().evaluate(input, options);
}

export function review(input, options) {
  return transom().review(input, options);
}
