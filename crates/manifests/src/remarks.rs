//! Comments that suppress findings: `# transom: ignore[rule] until=2027-01-31 -- reason`.
//!
//! What they say is the core's business (`src/suppress.rs`); here is what each of them is about,
//! for the text is here.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::{Value, json};
use transom_yaml::{Comment, Document, Subject};

use crate::decision::{Decision, Finding};
use crate::object::Object;

/// Where the core points to for the comment of a number.
const PLACE: &str = "/comments/";
/// The rule about suppressions that hide nothing.
const UNUSED: &str = "WIN003";

/// The comments of a document that are for transom.
#[derive(Debug, Default)]
pub(crate) struct Remarks(Vec<Remark>);

#[derive(Debug)]
struct Remark {
    text: String,
    span: Range<usize>,
    subject: Subject,
    /// It is about none of the objects: one of them is told of it, so that somebody says so.
    is_stray: bool,
}

impl Remarks {
    /// The comments of a document that holds `objects`.
    pub(crate) fn of(document: &Document, text: &str, objects: &[Object<'_>]) -> Self {
        let ours = document.comments().iter().filter(|comment| comment.text.starts_with("transom:"));
        let remark = |comment: &Comment| {
            let mut remark = Remark {
                text: comment.text.clone(),
                span: comment.span.clone(),
                subject: document.subject(text, comment),
                is_stray: false,
            };
            remark.is_stray = remark.count(objects) == 0;
            remark
        };
        Remarks(ours.map(remark).collect())
    }

    /// The comments as the core takes them with one object. All have their number; those that have
    /// nothing to do with this object say nothing.
    pub(crate) fn around(&self, object: &Object<'_>, is_first: bool) -> Vec<Value> {
        let remark = |remark: &Remark| match remark.places(&object.at) {
            Some((at, below)) => json!({"text": remark.text, "at": at, "below": below}),
            None if remark.is_stray && is_first => json!({"text": remark.text}),
            None => json!({}),
        };
        self.0.iter().map(remark).collect()
    }

    /// Where the comment stands that a finding is about, or that hides it.
    pub(crate) fn span(&self, path: &str) -> Option<Range<usize>> {
        Some(self.remark(path)?.span.clone())
    }

    /// A comment above several objects was judged with each of them. What is wrong with it is said
    /// once, and that it hides nothing only where it hides nothing in any of them.
    pub(crate) fn settle<'d>(&self, objects: &[Object<'_>], decisions: impl Iterator<Item = &'d mut Decision>) {
        let mut decisions: Vec<_> = decisions.collect();
        let is_ours = |finding: &Finding| self.span(&finding.path).is_some();
        let mut times: BTreeMap<_, usize> = BTreeMap::new();
        for finding in decisions.iter().flat_map(|decision| &decision.findings).filter(|finding| is_ours(finding)) {
            *times.entry(key(finding)).or_default() += 1;
        }
        times.retain(|(rule, path, _), times| {
            let expected = self.remark(path).map_or(0, |remark| remark.count(objects));
            rule != UNUSED || *times >= expected
        });
        for decision in &mut decisions {
            decision.findings.retain(|finding| !is_ours(finding) || times.remove(&key(finding)).is_some());
        }
    }

    fn remark(&self, path: &str) -> Option<&Remark> {
        self.0.get(path.strip_prefix(PLACE)?.parse::<usize>().ok()?)
    }
}

/// Findings about a comment that say the same have the same key.
fn key(finding: &Finding) -> (String, String, String) {
    (finding.rule.clone(), finding.path.clone(), finding.message.clone())
}

impl Remark {
    /// To how many of the objects it speaks.
    fn count(&self, objects: &[Object<'_>]) -> usize {
        objects.iter().filter(|object| self.places(&object.at).is_some()).count()
    }

    /// What it is about in the object at `at`: exactly these places, and all below those.
    fn places(&self, at: &str) -> Option<(Vec<&str>, Vec<&str>)> {
        match &self.subject {
            Subject::Following(None) => None,
            Subject::Following(Some(top)) => match below(top, at) {
                Some(place) => Some((Vec::new(), vec![place])),
                None => below(at, top).map(|_| (Vec::new(), vec![""])),
            },
            Subject::Line(places) => {
                let here: Vec<&str> = places.iter().filter_map(|place| below(place, at)).collect();
                Some((here, Vec::new())).filter(|(here, _)| !here.is_empty())
            }
        }
    }
}

/// The rest of a pointer below another one.
fn below<'p>(pointer: &'p str, top: &str) -> Option<&'p str> {
    pointer.strip_prefix(top).filter(|rest| rest.is_empty() || rest.starts_with('/'))
}
