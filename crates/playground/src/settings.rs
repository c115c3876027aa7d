//! The settings as somebody writes them: YAML text with mistakes at their places.

use serde_json::Value;
use transom_manifests::Transom;

use crate::answer::Problem;
use crate::offsets::Offsets;

/// The core with the settings of a text, and the settings themselves; or what is wrong with the text.
pub(crate) fn read(text: &str) -> Result<(Transom, Value), Vec<Problem>> {
    let offsets = Offsets::new(text);
    let mut stream = transom_yaml::parse(text);
    if !stream.errors.is_empty() {
        return Err(stream.errors.iter().map(|error| Problem::of_syntax(error, text, &offsets)).collect());
    }
    if stream.documents.len() > 1 {
        let second = stream.documents[1].span();
        return Err(vec![Problem::new("settings are one document".into(), second, text, &offsets)]);
    }
    let mut transom = Transom::new();
    let Some(document) = stream.documents.pop() else { return Ok((transom, Value::Null)) };
    let value = if document.value().is_null() { Value::Object(Default::default()) } else { document.value().clone() };
    match transom.configure(value.to_string().as_bytes()) {
        Ok(()) => Ok((transom, value)),
        Err(mistakes) => Err(mistakes
            .into_iter()
            .map(|mistake| Problem::new(mistake.message, document.locate(&mistake.path).span, text, &offsets))
            .collect()),
    }
}

/// Settings with others put over them: objects field by field, all else as a whole; null unsets.
pub(crate) fn overlay(base: &mut Value, over: &Value) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            for (key, value) in over {
                if value.is_null() {
                    base.remove(key);
                } else {
                    overlay(base.entry(key.clone()).or_insert(Value::Null), value);
                }
            }
        }
        (base, over) => *base = over.clone(),
    }
}
