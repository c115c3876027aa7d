//! Answers that should be the same bytes, and what engines make of them on their way, in one table.

use serde_json::Value;

/// Bytes shown on either side of the first difference.
const AROUND: usize = 120;

/// Where two answers part, or `None` where they are the same, byte for byte.
#[must_use]
pub fn difference(native: &str, other: &str) -> Option<String> {
    if native == other {
        return None;
    }
    let at = native.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    let around = |text: &str| {
        let part = text.as_bytes().get(at.saturating_sub(AROUND)..(at + AROUND).min(text.len()));
        String::from_utf8_lossy(part.unwrap_or_default()).into_owned()
    };
    Some(format!("they part at byte {at}\nnative …{}…\nother  …{}…", around(native), around(other)))
}

/// Who hands on the input and the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// The SDK for Node, given the input's text.
    NodeText,
    /// The SDK for Node, given an object of JavaScript.
    NodeObject,
    /// `opa run`.
    Opa,
    /// The npm package, in whatever runtime.
    Npm,
}

/// How far an answer may differ from the native one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Equal {
    /// Not at all.
    Bytes,
    /// As JSON: in the order of an object's fields, and in how characters and numbers are written.
    Json,
}

/// What an engine does to every answer. Those that are not here change nothing.
const ENGINES: &[(Engine, Equal, &str)] = &[
    (Engine::NodeText, Equal::Bytes, "the answer is parsed by JavaScript and written again, which changes nothing"),
    (Engine::NodeObject, Equal::Bytes, "the same; numbers in the input become doubles"),
    (Engine::Npm, Equal::Bytes, "the same, for any form of the input and in any runtime of JavaScript"),
    (Engine::Opa, Equal::Json, "answers are Rego values: fields in the order of their names, `<` as `\\u003c`"),
];

/// Cases whose input an engine changes so much that the answer is another one.
const CASES: &[(Engine, &str, &str)] = &[];

/// What engines do to every answer, for who writes about them: which one, whether the bytes stay the
/// same, and what is done.
pub fn engines() -> impl Iterator<Item = (Engine, bool, &'static str)> {
    ENGINES.iter().map(|(engine, equal, what)| (*engine, *equal == Equal::Bytes, *what))
}

/// Where an answer differs from the native one and may not.
#[must_use]
pub fn between(engine: Engine, case: &str, native: &str, other: &str) -> Option<String> {
    if CASES.iter().any(|(of, name, _)| *of == engine && *name == case) {
        return None;
    }
    let equal = ENGINES.iter().find(|(of, ..)| *of == engine).map_or(Equal::Bytes, |(_, equal, _)| *equal);
    let same = match equal {
        Equal::Bytes => native == other,
        Equal::Json => parsed(native) == parsed(other),
    };
    if same {
        return None;
    }
    let (native, other) = match equal {
        Equal::Bytes => (native.to_owned(), other.to_owned()),
        Equal::Json => (parsed(native).to_string(), parsed(other).to_string()),
    };
    difference(&native, &other).map(|text| format!("{case} in {engine:?}: {text}"))
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| Value::String(format!("{error} in {text}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_is_shown() {
        assert_eq!(difference("same", "same"), None);
        let text = difference(&format!("{}ä1{}", "x".repeat(200), "y".repeat(200)), &format!("{}ä2", "x".repeat(200)));
        let text = text.expect("a difference");
        assert!(text.starts_with("they part at byte 202\n"), "{text}");
        assert!(text.contains("ä1y") && text.contains("ä2…"), "{text}");
        assert!(difference("", "x").is_some());
    }
}
