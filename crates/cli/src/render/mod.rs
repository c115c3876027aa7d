//! Saying what came of it.

pub(crate) mod frame;
pub(crate) mod json;
pub(crate) mod text;

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Serialize;
use transom_manifests::{Action, Decision, Examined, Object, Safety};

use frame::Page;

/// The text that an object stands in.
pub(crate) struct Place<'a> {
    pub(crate) page: &'a Page<'a>,
    pub(crate) examined: &'a Examined<'a>,
    pub(crate) object: &'a Object<'a>,
}

impl Place<'_> {
    /// Where to point to for a path of the Decision.
    pub(crate) fn span(&self, path: &str) -> Range<usize> {
        self.examined.span(self.object, path)
    }
}

/// What was counted over the whole set.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Tally {
    pub(crate) errors: usize,
    pub(crate) warnings: usize,
    pub(crate) info: usize,
    pub(crate) suppressed: usize,
    /// Errors and warnings with a safe fix.
    pub(crate) fixable: usize,
    /// Objects that were judged.
    pub(crate) objects: usize,
    /// Files that hold them.
    pub(crate) files: usize,
    /// Files and documents that could not be read, and objects that could not be judged.
    pub(crate) unreadable: usize,
    /// Documents that are no Kubernetes objects.
    pub(crate) skipped: usize,
    /// Helm templates that were not rendered, by chart (`CHART` where it is not known).
    #[serde(rename = "templates")]
    pub(crate) templates: BTreeMap<String, usize>,
}

impl Tally {
    /// Counts a judged object.
    pub(crate) fn count(&mut self, decision: &Decision) {
        self.objects += 1;
        self.suppressed += decision.suppressed.len();
        for finding in &decision.findings {
            match finding.action {
                Action::Deny => self.errors += 1,
                Action::Warn => self.warnings += 1,
                Action::Info => self.info += 1,
            }
            if finding.action != Action::Info && finding.fix.as_ref().is_some_and(|fix| fix.safety == Safety::Safe) {
                self.fixable += 1;
            }
        }
    }

    /// Adds what was counted elsewhere.
    pub(crate) fn add(&mut self, other: &Tally) {
        self.errors += other.errors;
        self.warnings += other.warnings;
        self.info += other.info;
        self.suppressed += other.suppressed;
        self.fixable += other.fixable;
        self.objects += other.objects;
        self.files += other.files;
        self.unreadable += other.unreadable;
        self.skipped += other.skipped;
        for (chart, count) in &other.templates {
            *self.templates.entry(chart.clone()).or_default() += count;
        }
    }
}

/// `1 file`, `2 files`
pub(crate) fn counted(count: usize, what: &str) -> String {
    let s = if count == 1 || what == "info" { "" } else { "s" };
    format!("{count} {what}{s}")
}
