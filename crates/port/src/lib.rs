//! Manifests for Linux made manifests for Windows.
//!
//! What is for Windows is the core's knowledge, and no rule is written here a second time. A port is:
//!
//! 1. [`intent`]: each pod is said to be for Windows (`os.name`, node labels, the user's name).
//! 2. [`rewrite`]: the core's own fixes, safe and unsafe, until there is nothing left to fix. What the
//!    API server refuses then, and the core leaves to a person, is taken out.
//! 3. [`decision`]: what the core still finds, also in the objects that run nothing, and what was lost or
//!    chosen on the way, is a list for a person.
//!
//! What no rule speaks of, but a person should think of, is in [`facts`].
//!
//! Agents of Linux nodes and what belongs to the control plane stay as they are ([`keep`]). A port of
//! what was ported changes nothing. There is no I/O here, and no clock.
//!
//! ```
//! use transom_port::{Porter, Target, Text};
//!
//! let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  securityContext: {runAsUser: 1000, fsGroup: 1000}\n  containers:\n  - {name: web, image: mcr.microsoft.com/dotnet/aspnet:8.0} # the shop\n";
//! let porter = Porter::new(&serde_json::json!({}), &Target::default(), "2026-11-21").unwrap();
//! let ported = porter.port(&[Text { name: "web.yaml", text }], &[]);
//! let after = ported.files[0].text.as_deref().unwrap();
//! assert!(after.contains("8.0-nanoserver-ltsc2022} # the shop"));
//! assert!(after.contains("runAsUserName: ContainerUser"));
//! assert!(ported.decisions.iter().any(|decision| decision.why.contains("fsGroup")));
//! ```

mod decision;
mod facts;
mod intent;
mod keep;
mod rewrite;
mod target;

use serde::Serialize;
use serde_json::Value;
use transom_manifests::{Content, Context, Judge, Location};
use transom_yaml::LineIndex;

pub use decision::{Decision, State};
pub use keep::{Reason, Untouched};
pub use target::{Target, UnknownBuild};
pub use transom::Mistake;

/// A text to port.
#[derive(Debug, Clone, Copy)]
pub struct Text<'t> {
    /// What it is called in the results.
    pub name: &'t str,
    /// YAML or JSON, any number of documents.
    pub text: &'t str,
}

/// What came of a set of texts.
#[derive(Debug, Default, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Ported {
    /// One for each text, in their order.
    pub files: Vec<File>,
    /// What a person has to decide or to look at, by file and place.
    pub decisions: Vec<Decision>,
    /// The objects that stay as they are, and why.
    pub untouched: Vec<Untouched>,
}

/// What came of a text.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct File {
    /// As it was given.
    pub name: String,
    /// The text for Windows, where that is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The way there: whole lines, in order.
    pub edits: Vec<Edit>,
    /// Documents that could not be read; they stay as they are.
    pub errors: Vec<Unreadable>,
}

/// Bytes of the text as it was, and what takes their place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Edit {
    /// The first byte.
    pub start: usize,
    /// Behind the last byte.
    pub end: usize,
    /// The new text.
    pub text: String,
}

/// Why a document could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Unreadable {
    /// Where, in lines and columns from 1.
    pub line: usize,
    /// In characters.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

/// Ports for one target.
#[derive(Debug)]
pub struct Porter {
    /// Judges by all rules, whatever is switched off: what they find has to go.
    fixing: Judge,
    /// Judges as the settings say, for the list of decisions.
    judging: Judge,
    /// The build that pods are pinned to, where the cluster has others beside it.
    pin: Option<u32>,
}

/// A place in a set: the text, its document, and the JSON Pointer of an object there.
type Place = (usize, usize, String);

impl Porter {
    /// `settings` is what `transom.yaml` holds, as JSON; the target counts more. `today` is a date as
    /// `YYYY-MM-DD`, for suppressions that end.
    ///
    /// # Errors
    ///
    /// What is wrong with the settings.
    pub fn new(settings: &Value, target: &Target, today: &str) -> Result<Self, Vec<Mistake>> {
        target::porter(settings, target, today)
    }

    /// Ports a set of texts. `surroundings` are objects that are looked up and not ported: Nodes,
    /// Namespaces, RuntimeClasses.
    pub fn port(&self, texts: &[Text<'_>], surroundings: &[Value]) -> Ported {
        self.port_while(texts, surroundings, &|| true).unwrap_or_default()
    }

    /// The same; none once nobody waits for it any more. `is_wanted` is asked before each document that is
    /// judged.
    pub fn port_while(
        &self,
        texts: &[Text<'_>],
        surroundings: &[Value],
        is_wanted: &dyn Fn() -> bool,
    ) -> Option<Ported> {
        let originals: Vec<&str> = texts.iter().map(|text| text.text).collect();
        let mut work = rewrite::Work::new(self, &originals, surroundings, is_wanted);
        work.say_what_is_meant()?;
        work.fix()?;
        let names: Vec<&str> = texts.iter().map(|text| text.name).collect();
        let (decisions, untouched) = work.account(&names)?;
        let files = texts.iter().zip(work.texts).map(|(text, after)| File::of(*text, after)).collect();
        Some(Ported { files, decisions, untouched })
    }
}

impl File {
    fn of(text: Text<'_>, after: String) -> Self {
        let errors = transom_yaml::parse(text.text).errors.into_iter();
        let errors = errors.map(|error| Unreadable { line: error.line, column: error.column, message: error.message });
        File {
            name: text.name.to_owned(),
            edits: edits(text.text, &after),
            errors: errors.collect(),
            text: Some(after).filter(|after| after != text.text),
        }
    }
}

/// The lines of a text that are others in another one, as edits of the first.
#[must_use]
pub fn edits(before: &str, after: &str) -> Vec<Edit> {
    if before == after {
        return Vec::new();
    }
    let starts = |text: &str| {
        let mut starts = vec![0];
        starts.extend(text.split_inclusive('\n').scan(0, |at, line| {
            *at += line.len();
            Some(*at)
        }));
        starts
    };
    let (old, new) = (starts(before), starts(after));
    // Lines that stand there once divide long texts: what lies between them is compared by itself.
    let diff = similar::TextDiff::configure().algorithm(similar::Algorithm::Patience).diff_lines(before, after);
    let changes = diff.ops().iter().filter(|op| op.tag() != similar::DiffTag::Equal);
    let edit = |op: &similar::DiffOp| {
        let (from, to) = (op.old_range(), op.new_range());
        Edit { start: old[from.start], end: old[from.end], text: after[new[to.start]..new[to.end]].to_owned() }
    };
    changes.map(edit).collect()
}

/// The objects of texts that others may look up, with those that surround them.
fn context(texts: &[String], surroundings: &[Value]) -> Context {
    let mut context = Context::default();
    surroundings.iter().for_each(|object| context.add(object));
    for text in texts {
        for document in &transom_yaml::parse(text).documents {
            if let Content::Objects(objects) = Content::of(document) {
                objects.iter().for_each(|object| context.add(object.object()));
            }
        }
    }
    context
}

fn location(index: &LineIndex<'_>, span: std::ops::Range<usize>) -> Location {
    let ((line, column), (end_line, end_column)) = (index.line_column(span.start), index.line_column(span.end));
    Location { line, column, end_line, end_column }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn stops_before_the_next_document_that_is_judged() {
        let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  securityContext: {runAsUser: 1000}\n  containers: [{name: web, image: mcr.microsoft.com/dotnet/aspnet:8.0}]\n";
        let text = [pod; 3].join("---\n");
        let porter = Porter::new(&Value::Null, &Target::default(), "2026-11-21").expect("there are no mistakes");
        let texts = [Text { name: "web.yaml", text: &text }];
        let asked = Cell::new(0);
        let port = |limit: usize| {
            asked.set(0);
            porter.port_while(&texts, &[], &|| asked.replace(asked.get() + 1) < limit)
        };
        let whole = port(usize::MAX).expect("somebody waits");
        assert!(whole.files[0].text.is_some());
        let questions = asked.get();
        assert!(questions >= 3 * 4, "{questions}");
        for limit in 0..questions {
            assert!(port(limit).is_none(), "{limit} of {questions}");
            assert_eq!(asked.get(), limit + 1);
        }
    }
}
