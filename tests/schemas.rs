//! The committed JSON Schemas say what the code does.
//!
//! `BLESS=1` writes the settings' schema anew. That Decisions are valid is checked by the harness,
//! for every case.

use std::path::Path;

use serde_json::{Value, json};

fn committed(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas").join(name);
    std::fs::read_to_string(path).unwrap_or_default()
}

#[test]
fn the_settings_schema_is_current() {
    let schema = format!("{:#}\n", transom::settings::schema());
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/settings.schema.json"), &schema)
            .expect("written");
    }
    assert_eq!(committed("settings.schema.json"), schema, "write it anew with BLESS=1");
}

#[test]
fn the_decision_schema_has_the_words_of_the_code() {
    use transom::finding::{Action, Severity, Stage};
    let schema: Value = serde_json::from_str(&committed("decision.schema.json")).expect("a schema");
    let words = |name: &str| schema["$defs"][name]["enum"].clone();
    assert_eq!(words("severity"), json!([Severity::Error, Severity::Warning, Severity::Info].map(Severity::as_str)));
    assert_eq!(words("action"), json!([Action::Deny, Action::Warn, Action::Info].map(Action::as_str)));
    let stages = [
        Stage::ApiServer,
        Stage::Scheduler,
        Stage::Kubelet,
        Stage::ImagePull,
        Stage::Runtime,
        Stage::Process,
        Stage::Silent,
    ];
    assert_eq!(words("stage"), json!(stages.map(Stage::as_str)));
    // A dot would leave out line breaks, which names may have.
    assert_eq!(schema["$defs"]["pointer"]["pattern"], r"^(/[\s\S]*)?$");
}
