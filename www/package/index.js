export { applyFixes, configure, evaluate, review, SettingsError, Transom } from "./core.js";
export { explain, rules } from "./lib/rules.js";
