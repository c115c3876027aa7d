//! The files on the desk made ones for Windows.

use serde::Serialize;
use transom_port::{Porter, Target, Text};
use transom_yaml::TextEdit;

use super::edits::{Edit, edits};
use crate::desk::Desk;

/// What came of a port.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Port {
    Done { files: Vec<Ported>, decisions: Vec<transom_port::Decision>, untouched: Vec<transom_port::Untouched> },
    Error { error: String },
}

/// A file that a port changes.
#[derive(Debug, Serialize)]
pub(crate) struct Ported {
    pub(crate) name: String,
    pub(crate) rounds: Vec<Vec<Edit>>,
}

impl Desk {
    pub(crate) fn port(&self) -> Port {
        let porter = match Porter::new(&self.settings, &Target::default(), &self.today) {
            Ok(porter) => porter,
            Err(mistakes) => {
                let messages: Vec<_> = mistakes.into_iter().map(|mistake| mistake.message).collect();
                return Port::Error { error: messages.join("; ") };
            }
        };
        let texts: Vec<Text<'_>> = self.files.iter().map(|(name, file)| Text { name, text: &file.text }).collect();
        let ported = porter.port(&texts, &[]);
        let file = |(text, file): (&Text<'_>, &transom_port::File)| {
            let edit = |edit: &transom_port::Edit| TextEdit { range: edit.start..edit.end, text: edit.text.clone() };
            let made: Vec<_> = file.edits.iter().map(edit).collect();
            Ported { name: file.name.clone(), rounds: vec![edits(text.text, &made)] }
        };
        let files = texts.iter().zip(&ported.files).filter(|(_, file)| !file.edits.is_empty()).map(file).collect();
        Port::Done { files, decisions: ported.decisions, untouched: ported.untouched }
    }
}
