// What the rules say about themselves.
import { DOCUMENTATION } from "./documentation.js";
import { byError } from "./search.js";

let parsed;

export function rules() {
  // All callers get the same rules.
  parsed ??= JSON.parse(DOCUMENTATION, (_, value) => Object.freeze(value));
  return [...parsed];
}

export function explain(subject) {
  if (typeof subject !== "string") {
    throw new TypeError(`explain takes a rule or the text of an error, not ${subject === null ? "null" : typeof subject}`);
  }
  const name = subject.trim().toLowerCase();
  const rule = rules().find((rule) => rule.id.toLowerCase() === name || rule.name === name);
  return rule ? [rule] : byError(rules(), subject).map((hit) => hit.rule);
}
