//! Saying what came of it.

pub(crate) mod frame;
pub(crate) mod style;
pub(crate) mod text;

use std::ops::Range;

use transom_charts::{Origin, Rendered};
use transom_manifests::{Decision, Examined, Finding, Object, suppressions};
use transom_yaml::Operation;

use frame::Page;

/// The text that an object stands in.
pub(crate) struct Place<'a> {
    /// What is shown: of what was rendered, its source.
    pub(crate) page: &'a Page<'a>,
    pub(crate) examined: &'a Examined<'a>,
    pub(crate) object: &'a Object<'a>,
    /// What was rendered of the page, and the text of that, which the object stands in.
    pub(crate) rendered: Option<(&'a Rendered, &'a Page<'a>)>,
    /// What the text itself says it was rendered from.
    pub(crate) header: Option<&'a str>,
}

impl<'a> Place<'a> {
    /// Where to point to on the page for a path of the Decision; its start where that is not known.
    pub(crate) fn span(&self, path: &str) -> Range<usize> {
        self.known_span(path).unwrap_or(0..0)
    }

    fn known_span(&self, path: &str) -> Option<Range<usize>> {
        let own = || self.examined.span(self.object, path);
        match (self.rendered, self.origin(path)) {
            (Some((rendered, _)), _) if suppressions::is_comment(path) => rendered.comment(own()),
            (_, Some(origin)) => origin.span,
            _ => Some(own()),
        }
    }

    /// Where to point to, and on which page: where the source is not known, in what was rendered.
    pub(crate) fn shown(&self, path: &str) -> (&'a Page<'a>, Range<usize>) {
        match (self.known_span(path), self.rendered) {
            (None, Some((_, page))) => (page, self.examined.span(self.object, path)),
            (span, _) => (self.page, span.unwrap_or(0..0)),
        }
    }

    fn origin(&self, path: &str) -> Option<Origin> {
        let (rendered, _) = self.rendered?;
        Some(rendered.origin(self.examined.document(), &self.object.at, path))
    }

    /// What to change, and where, of something that was rendered: what decides about the place of a finding, or
    /// about what its fix would set.
    pub(crate) fn advice(&self, finding: &Finding) -> Vec<String> {
        let advice = |path: &str| self.origin(path).map(|origin| origin.advice).unwrap_or_default();
        let mut own = advice(&finding.path);
        if own.is_empty() && self.rendered.is_some() {
            let operations = finding.fix.iter().flat_map(|fix| &fix.patch);
            own.extend(operations.flat_map(|operation| match operation {
                Operation::Add { path, .. } | Operation::Replace { path, .. } => advice(path),
                Operation::Remove { .. } | Operation::Test { .. } => Vec::new(),
            }));
            own.dedup();
        }
        own.into_iter()
            .chain(self.header.map(|source| format!("change it in {source}, which this was rendered from")))
            .collect()
    }

    /// What speaks for the system that a finding takes for granted, and where.
    pub(crate) fn evidence(&self, decision: &Decision, finding: &Finding) -> Option<(Range<usize>, String)> {
        let evidence = decision.evidence(&finding.path)?;
        let at = match self.rendered {
            Some(_) => self.known_span(&evidence.path)?,
            None => self.examined.document().locate(&format!("{}{}", self.object.at, evidence.path)).span,
        };
        Some((at, format!("{}: {}", evidence.says, evidence.because)))
    }
}

/// `1 file`, `2 files`
pub(crate) fn counted(count: usize, what: &str) -> String {
    let s = if count == 1 || what == "info" { "" } else { "s" };
    format!("{count} {what}{s}")
}

/// A text in lines of at most `width` columns, as it is where that is the largest number: the first begins in column `first`, the others are indented.
pub(crate) fn wrapped(text: &str, width: usize, first: usize, indent: usize) -> String {
    if width == usize::MAX {
        return text.to_owned();
    }
    let mut lines = String::new();
    let (mut column, mut start) = (first, first);
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if column > start && column + 1 + length > width {
            lines.push('\n');
            lines.push_str(&" ".repeat(indent));
            (column, start) = (indent, indent);
        } else if column > start {
            lines.push(' ');
            column += 1;
        }
        lines.push_str(word);
        column += length;
    }
    lines
}
