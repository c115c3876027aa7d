//! Suppressions that hide nothing: they can go.
//!
//! The core reports them but offers no fix, for at admission nobody should take an annotation out of
//! somebody's object, and of comments it knows only what it was told. Whoever has the text can.
//!
//! Whoever is given one file of many does not see what the others make of it: beside a RuntimeClass or a
//! Service the rule may well have something to say. So it is safe to take out what would hide nothing
//! beside any other objects; the rest is for somebody to decide.

use transom::is_date;
use transom::pointer::Pointer;
use transom::rules::{self, Rule};
use transom::suppress::ANNOTATION;
use transom_yaml::Operation;

use super::{Suppressions, UNUSED};
use crate::decision::{Decision, Finding, Fix, Safety};
use crate::object::Object;

/// The rule about suppressions that have ended.
const EXPIRED: &str = rules::input::expired_suppression::RULE.id;

/// Whether it is about a suppression.
pub(crate) fn is_about_suppression(finding: &Finding) -> bool {
    finding.rule == EXPIRED || finding.rule == UNUSED
}

/// Adds the fix to a finding about a suppression that can go. `is_clear`: what the pods here are meant for is
/// known, and no other object can change it.
pub(crate) fn offer(finding: &mut Finding, object: &Object<'_>, suppressions: &Suppressions, is_clear: bool) {
    if finding.fix.is_some() || !is_about_suppression(finding) {
        return;
    }
    let (rule, end, patch) = match suppressions.suppression(&finding.path) {
        Some(comment) => (comment.rule, comment.end(), Vec::new()),
        None => match object.object().pointer(&finding.path).and_then(|value| value.as_str()) {
            Some(value) => (annotated(&finding.path), value, vec![Operation::Remove { path: finding.path.clone() }]),
            None => return,
        },
    };
    // `until=soon` is a slip: what it hides is still to be hidden.
    if finding.rule == EXPIRED && !begins_with_date(end) {
        return;
    }
    let looks_around = rule.is_some_and(|rule| rule.looks_around);
    let is_safe = finding.rule == EXPIRED || (is_clear && !looks_around);
    let safety = if is_safe { Safety::Safe } else { Safety::Unsafe };
    finding.fix = Some(Fix { title: "Remove the suppression".into(), safety, patch });
}

/// The rule whose findings an annotation suppresses, if there is such a rule.
fn annotated(path: &str) -> Option<&'static Rule> {
    let key = Pointer::raw(path).segments().last()?;
    rules::find(key.strip_prefix(ANNOTATION)?)
}

/// Whether an end is written as one, and where it belongs.
fn begins_with_date(said: &str) -> bool {
    let day = said.trim_start().strip_prefix("until=").and_then(|rest| rest.split_whitespace().next());
    day.is_some_and(is_date)
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
    /// The safe ones, and the unsafe ones that are wanted.
    pub(crate) fn of(decision: &Decision, object: &Object<'_>, wants_unsafe: &dyn Fn(&Finding) -> bool) -> Self {
        let mut removals = Removals::default();
        let mut by_parent: Vec<(&str, Vec<&str>)> = Vec::new();
        let about = decision.findings.iter().filter(|finding| is_about_suppression(finding));
        let wanted = about.filter_map(|finding| {
            let fix = finding.fix.as_ref().filter(|fix| fix.safety == Safety::Safe || wants_unsafe(finding));
            Some((finding, fix?))
        });
        for (finding, fix) in wanted {
            match (&fix.patch[..], finding.path.rsplit_once('/')) {
                ([], _) | (_, None) => removals.comments.push(finding.path.clone()),
                (_, Some((parent, _))) => match by_parent.iter_mut().find(|(other, _)| *other == parent) {
                    Some((_, paths)) => paths.push(&finding.path),
                    None => by_parent.push((parent, vec![&finding.path])),
                },
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

#[cfg(test)]
mod tests {
    use crate::{Context, Judge, Transom};

    /// Whatever is in the reason: brackets do not end a list of rules there.
    #[test]
    fn an_annotation_that_has_ended_goes() {
        let pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  annotations:\n    a: b\n    \
            transom.dev/ignore.host-network: until=2026-01-31 see [ours]\n\
            spec:\n  os: {name: windows}\n  nodeSelector: {kubernetes.io/os: windows}\n  \
            containers: [{name: web, image: example.com/web}]\n";
        let judge = Judge::new(Transom::new(), "2026-11-21");
        let fixed = crate::fix(&judge, &Context::default(), pod, &|_| false).text.expect("a fix");
        assert!(!fixed.contains("transom.dev"), "{fixed}");
    }

    #[test]
    fn what_may_count_beside_others_is_for_somebody_to_decide() {
        let pod = |intent: &str, rule: &str| {
            format!(
                "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  annotations:\n    transom.dev/ignore.{rule}: x\n\
                 spec:\n{intent}  containers: [{{name: web, image: example.com/web}}]\n"
            )
        };
        let judge = Judge::new(Transom::new(), "2026-11-21");
        let fixed = |text: &str, all: bool| crate::fix(&judge, &Context::default(), text, &|_| all).text;
        let windows = "  os: {name: windows}\n  nodeSelector: {kubernetes.io/os: windows}\n";
        let is_gone = |text: Option<String>| text.is_some_and(|text| !text.contains("transom.dev"));
        assert!(is_gone(fixed(&pod(windows, "host-network"), false)));
        for (intent, rule) in [("", "host-network"), (windows, "ntfs-on-linux")] {
            let text = pod(intent, rule);
            assert_eq!(fixed(&text, false), None, "{text}");
            assert!(is_gone(fixed(&text, true)), "{text}");
        }
    }
}
