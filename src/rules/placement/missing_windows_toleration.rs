//! A Windows pod does not tolerate the taint of the Windows nodes.
//!
//! The Windows nodes of this cluster carry a taint, so that Linux pods keep off them. The pod does
//! not tolerate it and stays Pending with "untolerated taint". OpenShift sets `os=Windows:NoSchedule`,
//! GKE `node.kubernetes.io/os=windows:NoSchedule`; AKS and EKS set none, but AKS
//! advises one.
//!
//! Add exactly that toleration. On GKE a webhook does it for pods whose `nodeSelector` says
//! `kubernetes.io/os: windows`, and only for them. Where the taints are not known this is a hint.
//!
//! Nodes may also carry a taint that keeps a pool for some pods alone, such as `dedicated=billing:NoSchedule`. Where all
//! Windows nodes that the pod fits by its labels have one that it does not tolerate, it waits for another node. That is
//! a hint as well: an autoscaler may bring one, and whether the pod belongs on these nodes is for you to say.
//!
//! On OpenShift a namespace adds the tolerations of its annotation
//! `scheduler.alpha.kubernetes.io/defaultTolerations`; where the context has it, they count.
//!
//! ## Bad
//! ```yaml
//! # settings: {platform: openshift}
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ```
//!
//! ## Fixed
//! ```yaml
//! # settings: {platform: openshift}
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//!   tolerations:
//!     - effect: NoSchedule
//!       key: os
//!       operator: Equal
//!       value: Windows
//! ```
//!
//! ## Good
//! ```yaml
//! # settings: {platform: gke}
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ```
//! ```yaml
//! # settings: {platform: eks}
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::order;
use crate::platform::taints::{self, Taints, misses_by_case};
use crate::platform::{Fit, Os, Placement, Taint};
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};
use crate::settings::Platform;
use crate::text;
use crate::value::Value;

pub const RULE: Rule = Rule {
    id: "WIN109",
    name: "missing-windows-toleration",
    summary: "A Windows pod does not tolerate the taint of the Windows nodes",
    severity: Severity::Error,
    stage: Stage::Scheduler,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/windows/user-guide/#taints-and-tolerations",
        "https://cloud.google.com/kubernetes-engine/docs/how-to/creating-a-cluster-windows",
        "https://github.com/openshift/windows-machine-config-operator",
    ]),
    errors: docs(&["node(s) had untolerated taint {os: Windows}", "node(s) had untolerated taint"]),
    check: Check::Pod(check),
};

/// Whether the question of taints arises at all: the pod is meant for Windows and goes through the scheduler.
pub(crate) fn is_concerned(pod: &Pod<'_>) -> bool {
    pod.is_windows() && pod.node_name().is_none() && pod.meant_fit(Os::Windows) != Fit::No
}

/// Whether its namespace adds the toleration: the plug-in PodTolerationRestriction is on in OpenShift.
fn is_added(pod: &Pod<'_>, taint: &Taint) -> bool {
    let namespace = pod.world.context.namespace(pod.namespace());
    let tolerations = namespace
        .and_then(|namespace| namespace.metadata.annotation("scheduler.alpha.kubernetes.io/defaultTolerations"));
    let says = |text: &str, word: &str| text.contains(&format!("\"{word}\""));
    pod.world.settings.platform == Platform::OpenShift
        && tolerations.is_some_and(|text| says(text, &taint.key) && (says(text, &taint.value) || says(text, "Exists")))
}

/// Whether the pod tolerates another letter case of a taint's value.
pub(crate) fn is_missed_by_case(pod: &Pod<'_>, taint: &Taint) -> bool {
    pod.tolerations().any(|toleration| misses_by_case(toleration, &taint.key, &taint.value, &taint.effect))
}

/// The toleration of exactly this taint.
pub(crate) fn toleration(key: &str, value: &str, effect: &str) -> Value {
    let fields = [("effect", effect), ("key", key), ("operator", "Equal"), ("value", value)];
    let given = fields.into_iter().filter(|(name, text)| *name != "effect" || !text.is_empty());
    Value::object(given.map(|(name, text)| (name.to_owned(), text.into())).collect())
}

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !is_concerned(pod) {
        return;
    }
    match pod.world.windows_taints() {
        Taints::Known(known) => {
            check_nodes(pod, known, report);
            let mut missing = pod
                .untolerated(known)
                .filter(|taint| !is_missed_by_case(pod, taint) && !is_added(pod, taint))
                .peekable();
            if missing.peek().is_none() {
                return;
            }
            const TITLE: &str = "Tolerate the taint of the Windows nodes";
            let mut fix = pod.fix_for(Os::Windows, TITLE);
            let mut names = String::new();
            for taint in missing {
                let comma = if names.is_empty() { "" } else { ", " };
                names.push_str(&format!("{comma}{}={}:{}", taint.key, taint.value, taint.effect));
                fix = fix.append(pod.at("/tolerations"), toleration(&taint.key, &taint.value, &taint.effect));
            }
            let (then, severity) = match pod.has_unknown_runtime_class() {
                true => ("unless its RuntimeClass brings the toleration, it stays Pending", Severity::Info),
                false if pod.placement.linux != Placement::No => ("no Windows node takes it", RULE.severity),
                false => ("it stays Pending", RULE.severity),
            };
            let message =
                format!("the Windows nodes carry the taint {names}, which this pod does not tolerate: {then}");
            let finding = report.finding(pod.at(""), message).severity(severity);
            finding.help("add a toleration of exactly this taint").fix(fix);
        }
        Taints::Unknown => {
            let tolerates_some = || pod.tolerations().any(taints::tolerates_conventional);
            let has_wrong_case = || pod.tolerations().any(taints::misses_conventional_by_case);
            if !tolerates_some() && !has_wrong_case() {
                let message = "this pod tolerates no taint that is customary on Windows nodes; if yours carry one, it stays Pending";
                report.finding(pod.at(""), message).severity(Severity::Info).help(
                    "name the taints of your Windows nodes in the settings (`windows.taints`), or tolerate them here",
                );
            }
        }
    }
}

/// Whether the Nodes of the context that the pod fits keep it off by taints that are no business of all Windows nodes.
fn check_nodes(pod: &Pod<'_>, known: &[Taint], report: &mut Report<'_>) {
    let mut names: Vec<String> = Vec::new();
    for node in pod.world.context.nodes().filter(|node| pod.may_go_to(node)) {
        let is_known = |(key, value, effect): &(&str, &str, &str)| {
            known.iter().any(|taint| taint.key == *key && taint.value == *value && taint.effect == *effect)
        };
        let own = node.lasting_taints().filter(|taint| !is_known(taint));
        let own: Vec<_> = own.map(|(key, value, effect)| Taint::new(key, value, effect)).collect();
        let mut missing = pod.untolerated(&own).peekable();
        if missing.peek().is_none() {
            return;
        }
        for taint in missing {
            let equals = if taint.value.is_empty() { "" } else { "=" };
            order::insert(&mut names, format!("{}{equals}{}:{}", taint.key, taint.value, taint.effect));
        }
    }
    if names.is_empty() {
        return;
    }
    let more = if names.len() > MOST_NAMES { " and others" } else { "" };
    names.truncate(MOST_NAMES);
    let names = text::join(names.iter().map(String::as_str), ", ");
    let message = format!(
        "all Windows nodes that this pod fits by its labels carry a taint that it does not tolerate ({names}{more}): it waits for a node without"
    );
    let finding = report.finding(pod.at(""), message).severity(Severity::Info);
    finding.help("tolerate the taint of the nodes that are meant for this pod, or add nodes without it");
}

/// As many taints are named.
const MOST_NAMES: usize = 4;
