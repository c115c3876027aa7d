// `rules::search` of the core in JavaScript, for the package and for the site's index of rules: the texts that it
// compares are not in the module.

/** Of the words of an error that is not there as a whole, how many of a hundred have to be. */
const ENOUGH = 70;
/** What a text that holds the other one scores at least. */
const WHOLE = 1000;
/** Words that say nothing by themselves. */
const COMMON = new Set(
  "a an and be cannot code desc error failed for from if in is may not of on or pod rpc set the to with".split(" "),
);
const SEVERITIES = ["error", "warning", "info"];

/** The rules that save one from an error, the likeliest first, then the gravest, each with the text it knows it by. */
export function byError(rules, text) {
  const searched = words(text);
  if (weight(searched) === 0) {
    return [];
  }
  let hits = rules.map((rule) => {
    const scores = rule.errors.map((error) => likeness(words(error), searched));
    const score = Math.max(0, ...scores);
    // The last of equals, as the core has it.
    return { rule, score, error: rule.errors[scores.lastIndexOf(score)] };
  });
  const best = Math.max(...hits.map((hit) => hit.score));
  // Beside an error that is there word for word, what is merely alike is noise.
  hits = hits.filter((hit) => hit.score > 0 && (best < WHOLE || hit.score >= WHOLE));
  const gravity = ({ rule }) => SEVERITIES.indexOf(rule.severity);
  // The rules stand by id, and sorting keeps the order of equals.
  hits.sort((a, b) => b.score - a.score || gravity(a) - gravity(b));
  return hits;
}

function likeness(error, searched) {
  if (holds(searched, error) || holds(error, searched) || holdsWithGaps(searched, error)) {
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

/** As many words as a path or a reference to an image has. */
const GAP = 16;

/** Whether the words of `part` follow one another in `whole` with names, digests and paths between them. */
function holdsWithGaps(whole, part) {
  const follows = (from) => {
    let at = from;
    return part.every((word) => {
      const found = whole.slice(at, at + GAP).indexOf(word);
      at += found + 1;
      return found >= 0;
    });
  };
  return weight(part) >= 4 && whole.some((word, start) => word === part[0] && follows(start));
}

/** The words of a text in small letters; quoting and line breaks make no difference. */
function words(text) {
  const found = text.split(/[^\p{Alphabetic}\p{Number}]+/u).filter((word) => word !== "");
  return found.map((word) => word.toLowerCase());
}
