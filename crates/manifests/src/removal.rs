//! Suppressions that hide nothing: they can go.
//!
//! The core reports them but offers no fix, for at admission nobody should take an annotation out of
//! somebody's object, and of comments it knows only what it was told. Whoever has the text can.

use std::collections::BTreeMap;

use transom_yaml::Operation;

use crate::decision::{Decision, Finding, Fix, Safety};
use crate::object::Object;
use crate::remarks::Remarks;

/// The rule about suppressions that have ended.
const EXPIRED: &str = "WIN002";
/// The rule about suppressions that hide nothing.
pub(crate) const UNUSED: &str = "WIN003";

/// Adds the fix to a finding about a suppression that can go.
pub(crate) fn offer(finding: &mut Finding, object: &Object<'_>, remarks: &Remarks) {
    if finding.fix.is_some() || (finding.rule != EXPIRED && finding.rule != UNUSED) {
        return;
    }
    let (said, patch) = match remarks.text(&finding.path) {
        Some(comment) => (comment, Vec::new()),
        None => match object.object().pointer(&finding.path).and_then(|value| value.as_str()) {
            Some(value) => (value, vec![Operation::Remove { path: finding.path.clone() }]),
            None => return,
        },
    };
    // `until=soon` is a slip: what it hides is still to be hidden.
    if finding.rule == EXPIRED && !has_date(said) {
        return;
    }
    finding.fix = Some(Fix { title: "Remove the suppression".into(), safety: Safety::Safe, patch });
}

/// Whether the day after `until=` is written as one.
fn has_date(said: &str) -> bool {
    let day = said.split_once("until=").and_then(|(_, rest)| rest.split_whitespace().next());
    day.is_some_and(|day| day.len() == 10 && day.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-'))
}

/// What can go of one object.
#[derive(Debug, Default)]
pub(crate) struct Removals {
    /// Annotations, as operations on the object.
    pub(crate) annotations: Vec<Operation>,
    /// Comments, as paths of the Decision.
    pub(crate) comments: Vec<String>,
}

impl Removals {
    pub(crate) fn of(decision: &Decision, object: &Object<'_>) -> Self {
        let mut removals = Removals::default();
        let mut by_parent: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let about = decision.findings.iter().filter(|finding| finding.rule == EXPIRED || finding.rule == UNUSED);
        for (finding, fix) in about.filter_map(|finding| Some((finding, finding.fix.as_ref()?))) {
            match (&fix.patch[..], finding.path.rsplit_once('/')) {
                ([], _) | (_, None) => removals.comments.push(finding.path.clone()),
                (_, Some((parent, _))) => by_parent.entry(parent).or_default().push(&finding.path),
            }
        }
        for (parent, paths) in by_parent {
            let all = object.object().pointer(parent).and_then(|value| value.as_object()).map_or(0, |all| all.len());
            let is_patched = decision.patch.iter().any(|operation| operation.path().starts_with(parent));
            let gone = if all == paths.len() && !is_patched { vec![parent] } else { paths };
            removals.annotations.extend(gone.into_iter().map(|path| Operation::Remove { path: path.to_owned() }));
        }
        removals
    }
}
