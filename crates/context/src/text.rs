//! Texts in objects: names, namespaces, and what two objects have in common.

use std::hash::{Hash as _, Hasher as _};

use rustc_hash::{FxHashSet, FxHasher};
use serde_json::Value;

/// The namespace of what says none.
pub(crate) const DEFAULT: &str = "default";

/// What named the class of a claim before there was a field for it.
pub(crate) const CLASS_ANNOTATION: &str = "volume.beta.kubernetes.io/storage-class";

pub(crate) fn namespace_of(object: &Value) -> &str {
    object["metadata"]["namespace"].as_str().filter(|namespace| !namespace.is_empty()).unwrap_or(DEFAULT)
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The values of fields that name something: `name`, `claimName`, `storageClassName`.
pub(crate) fn names_in<'v>(value: &'v Value, into: &mut FxHashSet<&'v str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| names_in(item, into)),
        Value::Object(fields) => {
            for (field, value) in fields {
                match value {
                    Value::String(text) if field == "name" || field.ends_with("Name") => drop(into.insert(text)),
                    value => names_in(value, into),
                }
            }
        }
        _ => {}
    }
}

/// All strings in a value, and all numbers and booleans are none: names are strings.
pub(crate) fn texts<'v>(value: &'v Value, take: &mut dyn FnMut(&'v str)) {
    match value {
        Value::String(text) => take(text),
        Value::Array(items) => items.iter().for_each(|item| texts(item, take)),
        Value::Object(fields) => fields.values().for_each(|field| texts(field, take)),
        _ => {}
    }
}

/// Whether a value has such a key anywhere.
pub(crate) fn has_key(value: &Value, wanted: &dyn Fn(&str) -> bool) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|item| has_key(item, wanted)),
        Value::Object(fields) => fields.iter().any(|(key, field)| wanted(key) || has_key(field, wanted)),
        _ => false,
    }
}

/// What objects have in common that differ by nothing but their name.
pub(crate) fn likeness(object: &Value, namespace: &str) -> u64 {
    let mut hasher = FxHasher::default();
    namespace.hash(&mut hasher);
    for (field, value) in object.as_object().into_iter().flatten() {
        field.hash(&mut hasher);
        match value.as_object().filter(|_| field == "metadata") {
            Some(metadata) => {
                metadata.iter().filter(|(field, _)| *field != "name").for_each(|entry| entry.hash(&mut hasher))
            }
            None => value.hash(&mut hasher),
        }
    }
    hasher.finish()
}

/// An object without what the API server keeps for itself, as JSON.
pub(crate) fn without_clutter(object: &Value) -> String {
    if object["metadata"].get("managedFields").is_none() {
        return json(object);
    }
    let mut object = object.clone();
    if let Some(metadata) = object["metadata"].as_object_mut() {
        metadata.remove("managedFields");
    }
    json(&object)
}

pub(crate) fn json(value: &Value) -> String {
    // Keys are texts, so that this cannot fail; it is twice as fast as `to_string`.
    serde_json::to_string(value).unwrap_or_default()
}
