//! Help for whoever writes settings as text.

use serde::Serialize;
use transom_manifests::settings_help;

use crate::offsets::Offsets;

/// What may stand at a place of settings.
#[derive(Debug, Serialize)]
pub(crate) struct Suggestions {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) items: Vec<Suggested>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Suggested {
    pub(crate) label: String,
    pub(crate) insert: String,
    pub(crate) about: Option<String>,
    pub(crate) is_field: bool,
    pub(crate) is_quoted: bool,
}

/// A field of settings.
#[derive(Debug, Serialize)]
pub(crate) struct Described {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) name: String,
    pub(crate) about: Option<String>,
    pub(crate) values: Vec<String>,
}

pub(crate) fn suggest(text: &str, schema: &str, at: usize) -> Suggestions {
    let offsets = Offsets::new(text);
    let schema = serde_json::from_str(schema).unwrap_or_default();
    let (typed, suggestions) = settings_help::suggestions(&schema, text, offsets.byte(text, at));
    let item = |one: settings_help::Suggestion| Suggested {
        label: one.label,
        insert: one.insert,
        about: one.about,
        is_field: one.is_field,
        is_quoted: one.quoted.is_some(),
    };
    let (from, to) = offsets.range(text, &typed);
    Suggestions { from, to, items: suggestions.into_iter().map(item).collect() }
}

pub(crate) fn describe(text: &str, schema: &str, at: usize) -> Option<Described> {
    let offsets = Offsets::new(text);
    let schema = serde_json::from_str(schema).unwrap_or_default();
    let field = settings_help::field(&schema, text, offsets.byte(text, at))?;
    let (from, to) = offsets.range(text, &field.span);
    Some(Described { from, to, name: field.name, about: field.about, values: field.values })
}
