//! What the fuzzer starts from.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::examples::{EXAMPLES, Example, VOCABULARY};
use crate::request::WRAPPINGS;

/// The names of all targets.
pub const TARGETS: &[&str] = &["evaluate", "reviews", "settings", "yaml", "wasm"];

/// Whether the bytes of a target are choices, and no text that words could stand in.
pub fn reads_choices(target: &str) -> bool {
    matches!(target, "reviews" | "wasm")
}

/// Longer words than that are no words to combine.
const WORD: usize = 40;

/// The examples as inputs of a target, each with a name for its file.
pub fn seeds(target: &str) -> Vec<(&'static str, Vec<u8>)> {
    let seed = |(index, example): (usize, &'static Example)| {
        let bytes = match target {
            "evaluate" => example.envelope.to_string().into(),
            "yaml" => example.yaml.clone().into(),
            "settings" => example.envelope.get("settings")?.to_string().into(),
            // Read by `request::choose`: the number of the example, and how to wrap it.
            _ => {
                let [high, low] = (index as u16).to_be_bytes();
                vec![high, low, (index % usize::from(WRAPPINGS)) as u8, 0]
            }
        };
        Some((example.name.as_str(), bytes))
    };
    EXAMPLES.iter().enumerate().filter_map(seed).collect()
}

/// The words of all examples as a dictionary of libFuzzer.
pub fn dictionary() -> String {
    let mut words = BTreeSet::new();
    for (field, values) in &VOCABULARY.values {
        words.insert(field.as_str());
        words.extend(values.iter().filter_map(Value::as_str));
    }
    for keys in VOCABULARY.fields.values() {
        words.extend(keys.iter().map(|(key, _)| key.as_str()));
    }
    let words = words.iter().filter(|word| (1..=WORD).contains(&word.len()));
    words.map(|word| format!("\"{}\"\n", escape(word))).collect()
}

fn escape(word: &str) -> String {
    let escape = |byte: u8| match byte {
        b'"' | b'\\' => format!("\\{}", char::from(byte)),
        b' '..=b'~' => char::from(byte).to_string(),
        byte => format!("\\x{byte:02X}"),
    };
    word.bytes().map(escape).collect()
}
