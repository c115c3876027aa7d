//! The rule that a name means, or the one that may be meant.

use anyhow::anyhow;
use transom::rules::{self, Rule};

/// The rule of this id or name.
pub(crate) fn find(name: &str) -> anyhow::Result<&'static Rule> {
    let nothing = format!("there is no rule `{name}`: `transom rules` lists all");
    rules::find(name.trim()).ok_or_else(|| unknown(name, nothing))
}

/// That there is no such rule: which one may be meant, or else `nothing`.
pub(crate) fn unknown(name: &str, nothing: String) -> anyhow::Error {
    let wanted = with_digits(&name.trim().to_ascii_lowercase());
    let close = |candidate: &str| strsim::jaro_winkler(&wanted, &candidate.to_ascii_lowercase());
    let likeness = |rule: &Rule| close(rule.name).max(close(rule.id));
    let best = rules::all().iter().copied().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    match best {
        Some(rule) if likeness(rule) > 0.75 => {
            anyhow!("there is no rule `{name}`: did you mean {} {}?", rule.id, rule.name)
        }
        _ => anyhow!(nothing),
    }
}

/// What looks like the id of a rule, with digits in place of the letters that look like them.
fn with_digits(name: &str) -> String {
    let digit = |letter| match letter {
        'o' => '0',
        'i' | 'l' => '1',
        other => other,
    };
    match name.strip_prefix("win") {
        Some(number) if number.len() == 3 => format!("win{}", number.chars().map(digit).collect::<String>()),
        _ => name.to_owned(),
    }
}
