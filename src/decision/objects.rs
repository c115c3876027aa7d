//! Judging the objects of an input: what the rules say of each, and what its annotations hide of it.

use super::{Decision, Target, is_exempt};
use crate::admission::Input;
use crate::finding::{Finding, Report};
use crate::object::read::WrongType;
use crate::object::{Body, Object};
use crate::pod::Pod;
use crate::pointer::Pointer;
use crate::rules::{self, Check, Subject, input::wrong_type};
use crate::selection;
use crate::settings::Switch;
use crate::suppress::{self, Grounds, Suppression};
use crate::text;
use crate::update::{is_allowed_on_update, is_bound};
use crate::world::World;

impl Decision<'_> {
    /// Judges the object of an input. The comments, which may be about all of it, are asked last.
    pub(super) fn judge_input(&mut self, input: &Input<'_>, object: &Object<'_>, world: World<'_>) {
        let wrong = input.wrong.iter().filter(|wrong| !is_in_context(wrong));
        let (around, wrong): (Vec<_>, Vec<_>) = wrong.partition(|wrong| wrong.is_around);
        around.into_iter().for_each(|wrong| self.refuse_type(wrong));
        // No object hides what is wrong around it.
        let first = self.findings.len();
        let all_said = all_rules_speak(object, world, &wrong);
        self.judge_object(object, world, &Pointer::root(), wrong);
        let comments =
            input.comments.iter().enumerate().flat_map(|(index, comment)| {
                Suppression::read_comment(comment, &Pointer::raw("/comments").index(index))
            });
        self.suppress(comments.collect(), first, world, all_said);
    }

    /// Judges an object, or each one of a List. `wrong` are the values of a wrong type in it.
    fn judge_object(&mut self, object: &Object<'_>, world: World<'_>, path: &Pointer, wrong: Vec<&WrongType>) {
        if is_exempt(object, world.settings, world.request) {
            return;
        }
        if let Body::List(items) = &object.body {
            return self.judge_items(items, world, &path.key("items"), wrong);
        }
        let first = self.findings.len();
        let all_said = all_rules_speak(object, world, &wrong);
        wrong.into_iter().for_each(|wrong| self.refuse_type(wrong));
        let workloads = object.workloads().iter();
        let pods: Vec<Pod<'_>> =
            workloads.filter_map(|workload| Pod::new(object, workload, world, path.as_str())).collect();
        let mut findings = ask_rules(object, world, path, &pods);
        keep_to_the_request(&mut findings, object, world, &pods);
        self.findings.extend(findings);
        if !world.settings.ignore_annotations {
            self.suppress(annotations(object, path, &pods), first, world, all_said);
        }
        self.targets.extend(pods.into_iter().map(Target::of));
    }

    /// Judges each item of a List, which stand at `path`. `wrong` are the values of a wrong type in the List.
    fn judge_items(&mut self, items: &[Object<'_>], world: World<'_>, path: &Pointer, wrong: Vec<&WrongType>) {
        let mut in_items: Vec<Vec<&WrongType>> = vec![Vec::new(); items.len()];
        for wrong in wrong {
            match position_below(&wrong.path, path).and_then(|index| in_items.get_mut(index)) {
                Some(in_item) => in_item.push(wrong),
                None => self.refuse_type(wrong),
            }
        }
        for (index, (item, wrong)) in items.iter().zip(in_items).enumerate() {
            let path = path.index(index);
            let kind = path.key("kind");
            if item.kind.is_empty() && !wrong.iter().any(|wrong| [&path, &kind].contains(&&wrong.path)) {
                self.refuse_kindless(kind);
            }
            if item.kind == "AdmissionReview" {
                let message = "an AdmissionReview in a List is not judged".into();
                self.refuse(path.clone(), message, "pass it by itself");
            }
            self.judge_object(item, world, &path, wrong);
        }
    }

    /// Takes out what `suppressions` hide of the findings from the number `first` on.
    fn suppress(&mut self, suppressions: Vec<Suppression<'_>>, first: usize, world: World<'_>, all_said: bool) {
        if suppressions.is_empty() {
            return;
        }
        let findings = self.findings.split_off(first);
        let World { settings, today, .. } = world;
        let grounds = Grounds { settings, today, all_said, already: &self.suppressed };
        let (kept, hidden) = suppress::apply(suppressions, findings, &grounds);
        self.findings.extend(kept);
        self.suppressed.extend(hidden);
    }
}

/// What the rules say of an object and its pods, in their order.
fn ask_rules(object: &Object<'_>, world: World<'_>, path: &Pointer, pods: &[Pod<'_>]) -> Vec<Finding> {
    let mut report = Report::new(world.settings, &wrong_type::RULE);
    let selected = selection::pods(object, world);
    let subject = Subject { object, world, path, pods: &selected };
    for (position, rule) in rules::all().iter().copied().enumerate() {
        if world.settings.switch_at(position) == Some(Switch::Off) {
            continue;
        }
        report.begin(rule);
        match rule.check {
            Check::Pod(check) => pods.iter().for_each(|pod| check(pod, &mut report)),
            Check::Object(check) => check(&subject, &mut report),
            Check::Both(check_pod, check_object) => {
                pods.iter().for_each(|pod| check_pod(pod, &mut report));
                check_object(&subject, &mut report);
            }
            Check::Input => {}
        }
    }
    report.into_findings()
}

/// Takes out the fixes that the API server would not take from the request, and the findings that are not about what
/// it brings.
fn keep_to_the_request(findings: &mut Vec<Finding>, object: &Object<'_>, world: World<'_>, pods: &[Pod<'_>]) {
    for finding in &mut *findings {
        if finding.fix.as_ref().is_some_and(|fix| !is_allowed_on_update(fix, object, pods, world.request)) {
            finding.fix = None;
        }
    }
    if world.request.sub_resource() == "ephemeralcontainers" {
        findings.retain(|f| text::contains(f.path.as_str(), "/ephemeralContainers") || f.rule.id.starts_with("WIN2"));
    }
}

/// Whether every rule that could find something in an object says so: of a Pod that is bound, rules about how it comes
/// to be are silent, and of a value of a wrong type those that would have read it.
fn all_rules_speak(object: &Object<'_>, world: World<'_>, wrong: &[&WrongType]) -> bool {
    wrong.is_empty() && world.request.sub_resource().is_empty() && !is_bound(object, world.request)
}

/// The suppressions in the annotations of an object and of its pod templates.
fn annotations<'o>(object: &'o Object<'o>, path: &Pointer, pods: &[Pod<'o>]) -> Vec<Suppression<'o>> {
    let mut suppressions = Suppression::read(&object.metadata, &path.key("metadata"), path);
    for pod in pods.iter().filter(|pod| !pod.is_pod()) {
        if let Some(metadata) = pod.metadata {
            let scope = pod.at("").parent().unwrap_or_default();
            suppressions.extend(Suppression::read(metadata, &pod.metadata_at(""), &scope));
        }
    }
    suppressions
}

/// Which element of the array at `array` a value is, or is in.
fn position_below(value: &Pointer, array: &Pointer) -> Option<usize> {
    let below = value.as_str().strip_prefix(array.as_str())?.strip_prefix('/')?;
    below.split('/').next()?.parse().ok()
}

/// Whether a value is of an object that is only looked up.
fn is_in_context(wrong: &WrongType) -> bool {
    let path = wrong.path.as_str();
    wrong.is_around && path.trim_start_matches("/request").starts_with("/context/")
}
