//! For programs: `{"version": 1, "files": […], "summary": {…}}`, a file a line.

use serde::Serialize;

use transom_manifests::Decision;

use super::{Place, Tally};

/// The version of the shape; it changes when a field goes or changes its meaning.
const VERSION: u32 = 1;

/// A file.
#[derive(Debug, Default, Serialize)]
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) documents: Vec<Document>,
    pub(crate) errors: Vec<Error>,
}

/// An object that was judged.
#[derive(Debug, Serialize)]
pub(crate) struct Document {
    /// Place of the document in the file, from 0.
    pub(crate) index: usize,
    /// JSON Pointer of the object in the document, for the items of a List.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) pointer: String,
    /// Line on which it begins.
    pub(crate) line: usize,
    pub(crate) decision: Decision,
}

/// Something that was not judged.
#[derive(Debug, Serialize)]
pub(crate) struct Error {
    pub(crate) kind: ErrorKind,
    pub(crate) message: String,
    #[serde(flatten)]
    pub(crate) place: Option<Position>,
}

/// Where a document does not parse.
#[derive(Debug, Serialize)]
pub(crate) struct Position {
    pub(crate) index: usize,
    pub(crate) line: usize,
    pub(crate) column: usize,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ErrorKind {
    /// The file cannot be read.
    Unreadable,
    /// A document does not parse.
    Syntax,
    /// A Helm template that was not rendered.
    Template,
    /// No Kubernetes object.
    NoObject,
    /// The module failed at an object.
    Judge,
}

pub(crate) fn begin() -> String {
    format!("{{\"version\":{VERSION},\"files\":[")
}

pub(crate) fn file(file: &File, is_first: bool) -> String {
    let json = serde_json::to_string(file).unwrap_or_default();
    format!("{}\n{json}", if is_first { "" } else { "," })
}

pub(crate) fn end(tally: &Tally) -> String {
    format!("\n],\"summary\":{}}}\n", serde_json::to_string(tally).unwrap_or_default())
}

/// The Decision, with the place of every finding in the text.
pub(crate) fn located(decision: &Decision, place: &Place<'_>) -> Decision {
    let mut decision = decision.clone();
    for finding in decision.findings.iter_mut().chain(&mut decision.suppressed) {
        finding.location = Some(place.page.location(&place.span(&finding.path)));
    }
    decision
}
