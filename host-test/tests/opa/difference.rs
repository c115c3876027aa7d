//! What engines make of an answer on its way, in one table.

use serde_json::Value;

/// Who hands on the input and the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    /// The SDK for Node, given the input's text.
    NodeText,
    /// The SDK for Node, given an object of JavaScript.
    NodeObject,
    /// `opa run`.
    Opa,
}

/// How far an answer may differ from the native one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Equal {
    /// Not at all.
    Bytes,
    /// As JSON: in the order of an object's fields, and in how characters and numbers are written.
    Json,
}

/// What each engine does to every answer.
const ENGINES: &[(Engine, Equal, &str)] = &[
    (Engine::NodeText, Equal::Bytes, "the answer is parsed by JavaScript and written again, which changes nothing"),
    (Engine::NodeObject, Equal::Bytes, "the same; numbers in the input become doubles"),
    (Engine::Opa, Equal::Json, "answers are Rego values: fields in the order of their names, `<` as `\\u003c`"),
];

/// Cases whose input an engine changes so much that the answer is another one.
const CASES: &[(Engine, &str, &str)] = &[];

/// Where an answer differs from the native one and may not.
pub(crate) fn between(engine: Engine, case: &str, native: &str, other: &str) -> Option<String> {
    if CASES.iter().any(|(of, name, _)| *of == engine && *name == case) {
        return None;
    }
    let (_, equal, _) = ENGINES.iter().find(|(of, ..)| *of == engine)?;
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
    host_test::difference(&native, &other).map(|text| format!("{case} in {engine:?}: {text}"))
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| Value::String(format!("{error} in {text}")))
}
