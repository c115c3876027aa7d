//! Places in a JSON value, as JSON Pointers.

use serde_json::Value;

/// All places of a value, itself first.
pub(crate) fn all(value: &Value) -> Vec<String> {
    let mut places = Vec::new();
    collect(value, String::new(), &mut places);
    places
}

fn collect(value: &Value, at: String, places: &mut Vec<String>) {
    places.push(at.clone());
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(key, part)| collect(part, below(&at, key), places));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| collect(item, format!("{at}/{index}"), places));
        }
        _ => {}
    }
}

/// The place of a field.
pub(crate) fn below(at: &str, key: &str) -> String {
    format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// The place around a place, and the key or index in it; `None` for the whole.
pub(crate) fn split(place: &str) -> Option<(&str, String)> {
    let (parent, key) = place.rsplit_once('/')?;
    Some((parent, key.replace("~1", "/").replace("~0", "~")))
}

/// The name of the field that a place is in: `containers` for `/spec/containers/0`.
pub(crate) fn field(place: &str) -> String {
    let key = place.rsplit('/').find(|part| part.parse::<usize>().is_err()).unwrap_or_default();
    key.replace("~1", "/").replace("~0", "~")
}

/// Takes the value at a place out.
pub(crate) fn remove(value: &mut Value, place: &str) -> Option<Value> {
    let (parent, key) = split(place)?;
    match value.pointer_mut(parent)? {
        Value::Object(fields) => fields.remove(&key),
        Value::Array(items) => key.parse().ok().filter(|index| *index < items.len()).map(|index| items.remove(index)),
        _ => None,
    }
}
