//! Suppressions that hide nothing: they can go.
//!
//! The core reports them but offers no fix, for at admission nobody should take an annotation out of
//! somebody's object, and of comments it knows only what it was told. Whoever has the text can.
//!
//! Whoever is given one file of many does not see what the others make of it: beside a RuntimeClass or a
//! Service the rule may well have something to say. So it is safe to take out what would hide nothing
//! beside any other objects; the rest is for somebody to decide.

use transom::{is_date, rules};
use transom_yaml::Operation;

use crate::decision::{Decision, Finding, Fix, Safety};
use crate::object::Object;
use crate::remarks::{Remarks, UNUSED};

/// The rule about suppressions that have ended.
const EXPIRED: &str = "WIN002";

/// Rules that look at the object alone, in families in which others look around.
const ALONE: &[&str] = &[
    "WIN104", "WIN105", "WIN118", "WIN401", "WIN402", "WIN403", "WIN404", "WIN407", "WIN408", "WIN501", "WIN508",
    "WIN509", "WIN510", "WIN511", "WIN516", "WIN518", "WIN522", "WIN523",
];

/// Rules that look around, in families in which others look at the object alone.
const LOOK_AROUND: &[&str] =
    &["WIN212", "WIN215", "WIN307", "WIN312", "WIN316", "WIN318", "WIN603", "WIN604", "WIN606", "WIN809"];

/// Whether other objects decide about what a rule says of one: those of placement, networks, storage and
/// clusters.
fn looks_around(rule: &str) -> bool {
    let is_of = |family: &&str| rule.strip_prefix("WIN").is_some_and(|number| number.starts_with(*family));
    LOOK_AROUND.contains(&rule) || (["1", "4", "5", "9"].iter().any(is_of) && !ALONE.contains(&rule))
}

/// Whether it is about a suppression.
pub(crate) fn is_about_suppression(finding: &Finding) -> bool {
    finding.rule == EXPIRED || finding.rule == UNUSED
}

/// Adds the fix to a finding about a suppression that can go. `is_clear`: what the pods here are meant for is
/// known, and no other object can change it.
pub(crate) fn offer(finding: &mut Finding, object: &Object<'_>, remarks: &Remarks, is_clear: bool) {
    if finding.fix.is_some() || !is_about_suppression(finding) {
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
    let is_safe = finding.rule == EXPIRED || (is_clear && !looks_around(suppressed(finding, remarks)));
    let safety = if is_safe { Safety::Safe } else { Safety::Unsafe };
    finding.fix = Some(Fix { title: "Remove the suppression".into(), safety, patch });
}

/// The id of the rule whose findings are suppressed; empty where there is no such rule.
fn suppressed(finding: &Finding, remarks: &Remarks) -> &'static str {
    let name = match remarks.text(&finding.path) {
        Some(comment) => comment.split_once("ignore[").and_then(|(_, rest)| rest.split(']').next()),
        None => finding.path.rsplit_once("ignore.").map(|(_, name)| name),
    };
    name.and_then(|name| rules::find(name.trim())).map_or("", |rule| rule.id)
}

/// Whether an end is written as one, and where it belongs.
fn has_date(said: &str) -> bool {
    let said = said.split_once(']').map_or(said, |(_, rest)| rest).trim_start();
    let day = said.strip_prefix("until=").and_then(|rest| rest.split_whitespace().next());
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
    use super::*;
    use crate::{Content, Context, Judge, Transom};

    /// What a rule says only beside other objects, as its example has them, is no rule's that looks at the
    /// object alone.
    #[test]
    fn rules_that_look_around_are_known() {
        let judge = Judge::new(Transom::new(), "2026-11-21");
        for rule in rules::all().iter().filter(|rule| !looks_around(rule.id)) {
            let documentation = rules::documentation(rule);
            let (_, bad) = documentation.split_once("## Bad").expect("an example");
            let (_, block) = bad.split_once("```yaml\n").expect("a block");
            let (block, _) = block.split_once("```").expect("an end");
            let has_settings = block.starts_with("# settings:");
            let stream = transom_yaml::parse(block);
            if has_settings || stream.documents.len() < 2 {
                continue;
            }
            let objects = Content::objects(&stream.documents[0]);
            let examined = judge.document(&stream.documents[0], block, objects, &Context::default());
            let (_, decision) = examined.objects().next().expect("an object");
            let decision = decision.as_ref().expect("a Decision");
            let says = decision.findings.iter().any(|finding| finding.rule == rule.id);
            let is_clear = decision.targets().iter().all(|target| target.intent != "unknown");
            assert!(says || !is_clear, "{} {} looks around", rule.id, rule.name);
        }
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
