//! What the fuzzer starts from.

use std::collections::BTreeSet;
use std::path::Path;
use std::{fs, io};

use serde_json::Value;

use crate::examples::{EXAMPLES, VOCABULARY};
use crate::request::WRAPPINGS;

/// The names of all targets.
pub const TARGETS: &[&str] = &["evaluate", "reviews", "settings", "yaml", "wasm"];

/// Whether the bytes of a target are choices, and no text that words could stand in.
pub fn reads_choices(target: &str) -> bool {
    matches!(target, "reviews" | "wasm")
}

/// Longer words than that are no words to combine.
const WORD: usize = 40;

/// Writes the examples as inputs of a target into its folder.
///
/// # Errors
///
/// Those of writing files.
pub fn write_seeds(target: &str, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for (index, example) in EXAMPLES.iter().enumerate() {
        let seed: Vec<u8> = match target {
            "evaluate" => example.envelope.to_string().into(),
            "yaml" => example.yaml.clone().into(),
            "settings" => match example.envelope.get("settings") {
                Some(settings) => settings.to_string().into(),
                None => continue,
            },
            // Read by `request::choose`: the number of the example, and how to wrap it.
            _ => {
                let [high, low] = (index as u16).to_be_bytes();
                vec![high, low, (index % usize::from(WRAPPINGS)) as u8, 0]
            }
        };
        fs::write(folder.join(&example.name), seed)?;
    }
    Ok(())
}

/// Writes the words of all examples as a dictionary of libFuzzer.
///
/// # Errors
///
/// Those of writing a file.
pub fn write_dictionary(file: &Path) -> io::Result<()> {
    let mut words = BTreeSet::new();
    for (field, values) in &VOCABULARY.values {
        words.insert(field.clone());
        words.extend(values.iter().filter_map(Value::as_str).map(str::to_owned));
    }
    for keys in VOCABULARY.fields.values() {
        words.extend(keys.iter().map(|(key, _)| key.clone()));
    }
    let words = words.iter().filter(|word| (1..=WORD).contains(&word.len()));
    let lines: Vec<String> = words.map(|word| format!("\"{}\"\n", escape(word))).collect();
    fs::write(file, lines.concat())
}

fn escape(word: &str) -> String {
    let escape = |byte: u8| match byte {
        b'"' | b'\\' => format!("\\{}", char::from(byte)),
        b' '..=b'~' => char::from(byte).to_string(),
        byte => format!("\\x{byte:02X}"),
    };
    word.bytes().map(escape).collect()
}
