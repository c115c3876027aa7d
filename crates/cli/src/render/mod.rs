//! Saying what came of it.

pub(crate) mod frame;
pub(crate) mod text;

use std::ops::Range;

use transom_manifests::{Decision, Examined, Finding, Object};

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

    /// What speaks for the system that a finding takes for granted, and where.
    pub(crate) fn evidence(&self, decision: &Decision, finding: &Finding) -> Option<(Range<usize>, String)> {
        let evidence = decision.evidence(&finding.path)?;
        let at = self.examined.document().locate(&format!("{}{}", self.object.at, evidence.path)).span;
        Some((at, format!("{}: {}", evidence.says, evidence.because)))
    }
}

/// `1 file`, `2 files`
pub(crate) fn counted(count: usize, what: &str) -> String {
    let s = if count == 1 || what == "info" { "" } else { "s" };
    format!("{count} {what}{s}")
}
