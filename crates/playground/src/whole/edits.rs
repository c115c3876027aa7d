//! Edits of texts, as the page is told.

use serde::Serialize;
use transom_yaml::TextEdit;

use crate::offsets::Offsets;

/// Changes of a file.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Edits {
    Rounds { rounds: Vec<Vec<Edit>> },
    Error { error: String },
}

/// Puts a text in the place of another.
#[derive(Debug, Serialize)]
pub(crate) struct Edit {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) insert: String,
}

/// Edits of `text` in order, and the text after them.
pub(crate) fn edits(text: &str, edits: &[TextEdit]) -> Vec<Edit> {
    let offsets = Offsets::new(text);
    let edit = |edit: &TextEdit| {
        let (from, to) = offsets.range(text, &edit.range);
        Edit { from, to, insert: edit.text.replace("\r\n", "\n") }
    };
    edits.iter().map(edit).collect()
}
