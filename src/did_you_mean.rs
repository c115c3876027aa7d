//! What somebody may have meant by a word that nobody knows.

use crate::rules;

/// Mistakes after which no more is guessed at: whoever has more of them means something else, and a guess costs as
/// much as the rest of the settings.
const MOST_HINTS: usize = 20;

/// That no rule is called so, and which one may be meant; `before` others were unknown, too.
pub(crate) fn no_such_rule(name: &str, before: usize) -> String {
    let hints = if before < MOST_HINTS { rules::all() } else { &[] };
    let names = &mut hints.iter().flat_map(|rule| [rule.id, rule.name]);
    format!("there is no rule `{name}`{}", did_you_mean(name, names))
}

/// ` (did you mean …?)` where one of `words` is close to `word`.
pub(crate) fn did_you_mean(word: &str, words: &mut dyn Iterator<Item = &str>) -> String {
    let word = word.get(..64).unwrap_or(word).to_ascii_lowercase();
    let most = |w: &str| 1 + w.len() / 4;
    let close = words.filter(|w| w.len().abs_diff(word.len()) <= most(w));
    let close = close.map(|w| (distance(&word, &w.to_ascii_lowercase()), w)).min();
    match close {
        Some((edits, closest)) if edits <= most(closest) => format!(" (did you mean `{closest}`?)"),
        _ => String::new(),
    }
}

/// How many letters to insert, drop, change or swap with the next (optimal string alignment).
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut above: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut next = vec![i];
        for j in 1..=b.len() {
            let change = row[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = change.min(row[j] + 1).min(next[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(above[j - 2] + 1);
            }
            next.push(least);
        }
        above = std::mem::replace(&mut row, next);
    }
    row[b.len()]
}
