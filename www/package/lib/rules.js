// What the rules say about themselves.
import { DOCUMENTATION } from "./documentation.js";

let parsed;

export function rules() {
  parsed ??= JSON.parse(DOCUMENTATION);
  return parsed;
}

export function explain(subject) {
  const name = subject.trim().toLowerCase();
  const rule = rules().find((rule) => rule.id.toLowerCase() === name || rule.name === name);
  return rule ? [rule] : byError(subject);
}

// The rest is `rules::search` of the core, which cannot be in the module: the texts are not.

/** Of the words of an error that is not there as a whole, how many of a hundred have to be. */
const ENOUGH = 70;
/** What a text that holds the other one scores at least. */
const WHOLE = 1000;
/** Words that say nothing by themselves. */
const COMMON = new Set(
  "a an and be cannot code desc error failed for from if in is may not of on or pod rpc set the to with".split(" "),
);
const SEVERITIES = ["error", "warning", "info"];

/** The rules that save one from an error, the likeliest first, then the gravest. */
function byError(text) {
  const searched = words(text);
  if (weight(searched) === 0) {
    return [];
  }
  let hits = rules().map((rule) => {
    const scores = rule.errors.map((error) => likeness(words(error), searched));
    return { rule, score: Math.max(0, ...scores) };
  });
  const best = Math.max(...hits.map((hit) => hit.score));
  // Beside an error that is there word for word, what is merely alike is noise.
  hits = hits.filter((hit) => hit.score > 0 && (best < WHOLE || hit.score >= WHOLE));
  const gravity = ({ rule }) => SEVERITIES.indexOf(rule.severity);
  // The rules stand by id, and sorting keeps the order of equals.
  hits.sort((a, b) => b.score - a.score || gravity(a) - gravity(b));
  return hits.map((hit) => hit.rule);
}

function likeness(error, searched) {
  if (holds(searched, error) || holds(error, searched)) {
    return WHOLE + Math.min(weight(error), weight(searched));
  }
  const shared = weight(error.filter((word) => searched.includes(word)));
  return shared >= 3 && shared * 100 >= weight(error) * ENOUGH ? shared : 0;
}

function weight(words) {
  return words.filter((word) => word.length >= 2 && !COMMON.has(word)).length;
}

/** Whether `part` stands in `whole`, word for word. */
function holds(whole, part) {
  const isAt = (start) => part.every((word, offset) => whole[start + offset] === word);
  return weight(part) > 0 && whole.some((_, start) => isAt(start));
}

/** The words of a text in small letters; quoting and line breaks make no difference. */
function words(text) {
  const found = text.split(/[^\p{Alphabetic}\p{Number}]+/u).filter((word) => word !== "");
  return found.map((word) => word.toLowerCase());
}
