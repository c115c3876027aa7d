//! What the page is told.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use transom_manifests::Decision;
use transom_yaml::{Span, SyntaxError, TextEdit};

use crate::offsets::Offsets;

/// An answer as JSON.
pub(crate) fn text(answer: &impl Serialize) -> String {
    serde_json::to_string(answer).unwrap_or_else(|error| format!("{{\"error\":{:?}}}", error.to_string()))
}

/// What has changed since the last answer.
#[derive(Debug, Serialize)]
pub(crate) struct Report<'a> {
    /// Those that were judged anew.
    pub(crate) files: Vec<&'a File>,
    /// The Nodes in all files.
    pub(crate) nodes: Vec<Node>,
}

/// A file.
#[derive(Debug, Serialize)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) objects: Vec<Judged>,
    /// Objects beyond those of which there is more than their number to say.
    pub(crate) omitted: Omitted,
    pub(crate) problems: Vec<Problem>,
}

/// What is only counted.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Omitted {
    pub(crate) objects: usize,
    pub(crate) deny: usize,
    pub(crate) warn: usize,
    pub(crate) info: usize,
}

/// An object that was judged.
#[derive(Debug, Serialize)]
pub(crate) struct Judged {
    /// Its document in the file, from 0.
    pub(crate) document: usize,
    /// JSON Pointer in the document.
    pub(crate) pointer: String,
    pub(crate) place: Place,
    /// One for each finding.
    pub(crate) places: Vec<Place>,
    /// One for each finding that is suppressed.
    pub(crate) suppressed: Vec<Place>,
    pub(crate) decision: Decision,
    /// Whether it is the object of an AdmissionReview.
    pub(crate) review: bool,
}

/// Where something stands.
#[derive(Debug, Serialize)]
pub(crate) struct Place {
    pub(crate) from: usize,
    pub(crate) to: usize,
    /// From 1.
    pub(crate) line: usize,
    /// The name of the container that it is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) container: Option<String>,
}

/// Something that cannot be judged, or is wrong with settings.
#[derive(Debug, Serialize)]
pub(crate) struct Problem {
    pub(crate) message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) help: Option<&'static str>,
    pub(crate) from: usize,
    pub(crate) to: usize,
    /// Whether it is only worth a note.
    pub(crate) note: bool,
}

impl Problem {
    pub(crate) fn new(message: String, span: Span, text: &str, offsets: &Offsets) -> Self {
        let (from, to) = offsets.range(text, &span);
        Problem { message, help: None, from, to, note: false }
    }

    /// Points to the rest of the line.
    pub(crate) fn of_syntax(error: &SyntaxError, text: &str, offsets: &Offsets) -> Self {
        let rest = text[error.offset..].find(['\r', '\n']).map_or(text.len(), |length| error.offset + length);
        Problem::new(error.message.clone(), error.offset..rest, text, offsets)
    }
}

/// A Node of the set.
#[derive(Debug, Serialize)]
pub(crate) struct Node {
    pub(crate) name: String,
    /// The value of its label `kubernetes.io/os`, if any.
    pub(crate) os: Option<String>,
    /// `key=value:effect`
    pub(crate) taints: Vec<String>,
}

/// What became of settings.
#[derive(Debug, Serialize)]
pub(crate) struct Configured<'a> {
    pub(crate) errors: Vec<Problem>,
    /// What is in force.
    pub(crate) cluster: Cluster,
    pub(crate) settings: &'a Value,
}

/// What is known of the cluster.
#[derive(Debug, Serialize)]
pub(crate) struct Cluster {
    /// `key=value:effect` of every Windows node; absent where nothing is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) taints: Option<Vec<String>>,
    pub(crate) windows: bool,
}

/// Changes of a file.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Fix {
    Rounds { rounds: Vec<Vec<Edit>> },
    Error { error: String },
}

/// What may stand at a place of settings.
#[cfg(feature = "whole")]
#[derive(Debug, Serialize)]
pub(crate) struct Suggestions {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) items: Vec<Suggested>,
}

#[cfg(feature = "whole")]
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
#[cfg(feature = "whole")]
#[derive(Debug, Serialize)]
pub(crate) struct Described {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) name: String,
    pub(crate) about: Option<String>,
    pub(crate) values: Vec<String>,
}

/// All safe fixes of a file.
#[derive(Debug, Serialize)]
pub(crate) struct Fixed {
    pub(crate) name: String,
    /// Each of the text that the one before left.
    pub(crate) rounds: Vec<Vec<Edit>>,
    /// How many findings of which rule went away.
    pub(crate) fixes: BTreeMap<String, usize>,
    pub(crate) failures: Vec<String>,
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

/// A count of findings by their action.
#[cfg(feature = "whole")]
#[derive(Debug, Default, Serialize)]
pub(crate) struct Count {
    pub(crate) deny: usize,
    pub(crate) warn: usize,
    pub(crate) info: usize,
}
