//! Fields of the settings set in their text.

use serde_json::{Map, Value, json};
use transom_yaml::{Operation, YamlStyle, to_yaml};

use super::edits::{Edit, Edits, edits};
use crate::offsets::Offsets;

/// The edits that set a field of settings, or take it out where the value is null.
pub(crate) fn set(text: &str, path: &str, value: &str) -> Edits {
    let (Ok(path), Ok(value)) = (serde_json::from_str::<Vec<String>>(path), serde_json::from_str::<Value>(value))
    else {
        return Edits::Error { error: "this is no path and no value".into() };
    };
    let stream = transom_yaml::parse(text);
    if !stream.errors.is_empty() || stream.documents.len() > 1 {
        return Edits::Error { error: "the settings have to be mended first".into() };
    }
    let document = stream.documents.first().filter(|document| !document.value().is_null());
    let Some(document) = document else {
        if value.is_null() {
            return Edits::Rounds { rounds: Vec::new() };
        }
        // Behind what comments there are.
        let gap = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
        let mut all = Value::Object(Map::new());
        overlay(&mut all, &nested(&path, value));
        let end = Offsets::new(text).position(text, text.len());
        let insert = format!("{gap}{}", to_yaml(&all, &YamlStyle::default()));
        return Edits::Rounds { rounds: vec![vec![Edit { from: end, to: end, insert }]] };
    };
    let Some(operation) = operation(document.value(), &path, value) else {
        return Edits::Rounds { rounds: Vec::new() };
    };
    match document.edits(text, &[operation]) {
        Ok(made) => Edits::Rounds { rounds: vec![edits(text, &made)] },
        Err(error) => Edits::Error { error: error.to_string() },
    }
}

/// `{a: {b: value}}`
fn nested(path: &[String], value: Value) -> Value {
    path.iter().rev().fold(value, |value, name| json!({ name: value }))
}

/// What sets a field, or takes it out with the objects that it leaves empty; nothing where it is not there.
fn operation(settings: &Value, path: &[String], value: Value) -> Option<Operation> {
    let pointer = |path: &[String]| {
        path.iter().map(|name| format!("/{}", name.replace('~', "~0").replace('/', "~1"))).collect::<String>()
    };
    let is_there = |length: usize| settings.pointer(&pointer(&path[..length])).is_some_and(|value| value.is_object());
    if !value.is_null() {
        let known = (0..path.len()).rev().find(|length| is_there(*length))?;
        return Some(Operation::Add { path: pointer(&path[..=known]), value: nested(&path[known + 1..], value) });
    }
    settings.pointer(&pointer(path))?;
    let is_only = |length: &usize| {
        settings.pointer(&pointer(&path[..*length])).and_then(Value::as_object).is_some_and(|fields| fields.len() == 1)
    };
    // From the field itself upwards, while nothing else is in what holds it.
    let top = (1..path.len()).rev().take_while(is_only).last().unwrap_or(path.len());
    Some(Operation::Remove { path: pointer(&path[..top]) })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn after(text: &str, path: &[&str], value: Value) -> String {
        let path = serde_json::to_string(path).expect("a path");
        match set(text, &path, &value.to_string()) {
            Edits::Rounds { rounds } => rounds.iter().flatten().rev().fold(text.to_owned(), |mut text, edit| {
                text.replace_range(edit.from..edit.to, &edit.insert);
                text
            }),
            Edits::Error { error } => error,
        }
    }

    #[test]
    fn sets_fields_where_they_belong() {
        let set = |text: &str, path: &[&str], value: Value| after(text, path, value);
        assert_eq!(set("", &["kubernetes", "version"], "1.33".into()), "kubernetes:\n  version: \"1.33\"\n");
        assert_eq!(set("# ours", &["platform"], "aks".into()), "# ours\nplatform: aks\n");
        assert_eq!(set("platform: aks # ours\n", &["platform"], "eks".into()), "platform: eks # ours\n");
        let both = "platform: aks\nwindows: {present: false, builds: [20348]}\n";
        assert_eq!(set(both, &["windows", "present"], Value::Null), "platform: aks\nwindows: {builds: [20348]}\n");
        assert_eq!(
            set("platform: aks\nwindows:\n  present: false\n", &["windows", "present"], Value::Null),
            "platform: aks\n"
        );
        assert_eq!(set("platform: aks\n", &["cni"], Value::Null), "platform: aks\n");
        assert_eq!(set("a: [", &["cni"], Value::Null), "the settings have to be mended first");
    }
}
