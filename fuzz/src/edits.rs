//! Small changes to a document, chosen by bytes.

use arbitrary::{Result, Unstructured};
use serde_json::{Value, json};

use crate::examples::{VOCABULARY, role};
use crate::places;

/// Values that nobody expects.
const ODD: &[&str] = &[
    "null",
    "true",
    "false",
    "0",
    "-1",
    "1",
    "9223372036854775807",
    "18446744073709551615",
    "-9223372036854775808",
    "1e300",
    "0.5",
    "{}",
    "[]",
    "[null]",
    "[[]]",
    "[{}]",
    "{\"\": \"\"}",
    "\"\"",
    "\" \"",
    "\"/\"",
    "\"\\\\\"",
    "\"C:\\\\\"",
    "\"\\\\\\\\.\\\\pipe\\\\\"",
    "\"..\"",
    "\"~1~0\"",
    "\"*\"",
    "\"windows\"",
    "\"Windows\"",
    "\"linux\"",
    "\"10.0.20348\"",
    "\"0xFFFFFFFFFFFFFFFFFF\"",
    "\"9999999999999999999Ei\"",
    "\"1e99\"",
    "\"-1m\"",
    "\"x@sha256:00\"",
    "\":::///@@\"",
    "\"$(X)\"",
    "\"2026-11-21\"",
    "\"\\u0000\"",
    "\"\u{e9}\u{1f600}\u{301}\"",
    "\"\u{130}\"",
];

/// Makes one change somewhere in `document`.
pub(crate) fn edit(document: &mut Value, choices: &mut Unstructured<'_>) -> Result<()> {
    let places = places::all(document);
    let place = choices.choose(&places)?;
    match choices.int_in_range(0..=9)? {
        0..=2 => add(document, place, choices)?,
        3 | 4 => {
            if let Some(values) = VOCABULARY.values.get(&role(place)) {
                set(document, place, choices.choose(values)?.clone());
            }
        }
        5 => {
            places::remove(document, place);
        }
        6 => {
            let from = choices.choose(&places)?;
            let part = document.pointer(from).cloned().unwrap_or_default();
            set(document, place, part);
        }
        7 => {
            let odd = choices.choose(ODD)?;
            set(document, place, serde_json::from_str(odd).unwrap_or_default());
        }
        8 => twice(document, place),
        _ => {
            if let Some(Value::String(text)) = document.pointer_mut(place) {
                *text = reword(text, choices)?;
            }
        }
    }
    Ok(())
}

fn set(document: &mut Value, place: &str, value: Value) {
    if let Some(part) = document.pointer_mut(place) {
        *part = value;
    }
}

/// Gives the object at or around a place a field that such objects have in some example, or the
/// array an element.
fn add(document: &mut Value, place: &str, choices: &mut Unstructured<'_>) -> Result<()> {
    let is_scalar = document.pointer(place).is_some_and(|part| !part.is_object() && !part.is_array());
    let place = match places::split(place) {
        Some((parent, _)) if is_scalar => parent,
        _ => place,
    };
    let role = role(place);
    match document.pointer_mut(place) {
        Some(Value::Object(fields)) => {
            if let Some(known) = VOCABULARY.fields.get(&role) {
                let (key, value) = choices.choose(known)?;
                fields.insert(key.clone(), value.clone());
            }
        }
        Some(Value::Array(items)) => {
            if let Some(known) = VOCABULARY.values.get(&role) {
                match choices.choose(known)? {
                    Value::Array(more) => items.extend(more.iter().cloned()),
                    value => items.push(value.clone()),
                }
            }
        }
        _ => {}
    }
    Ok(())
}

/// Puts a second one of an element at the end of its array, or all elements of an array twice.
fn twice(document: &mut Value, place: &str) {
    let Some(part) = document.pointer(place).cloned() else { return };
    let around = places::split(place).map(|(parent, _)| parent.to_owned());
    match (document.pointer_mut(&around.unwrap_or_default()), part) {
        (Some(Value::Array(items)), part) => items.push(part),
        (_, Value::Array(items)) => {
            let items: Vec<Value> = items.iter().chain(&items).cloned().collect();
            set(document, place, json!(items));
        }
        _ => {}
    }
}

/// A text that a reader may or may not take for the same.
fn reword(text: &str, choices: &mut Unstructured<'_>) -> Result<String> {
    let first = text.chars().next().map(String::from).unwrap_or_default();
    let rest = text.strip_prefix(&first).unwrap_or_default();
    Ok(match choices.int_in_range(0..=15)? {
        0 => text.to_uppercase(),
        1 => text.to_lowercase(),
        2 => format!("{}{rest}", first.to_uppercase()),
        3 => format!("{text} "),
        4 => format!(" {text}"),
        5 => text.replace('/', "\\"),
        6 => text.replace('\\', "/"),
        7 => text.replace('/', "//"),
        8 => rest.to_owned(),
        9 => text.strip_suffix(|_: char| true).unwrap_or_default().to_owned(),
        10 => format!("{text}/"),
        11 => format!("{text}:latest"),
        12 => format!("docker.io/{text}"),
        13 => format!("{text}-windowsservercore-ltsc2022"),
        14 => text.replace(['2', '0'], "1"),
        _ => format!("{text}{}", choices.arbitrary::<&str>()?),
    })
}
