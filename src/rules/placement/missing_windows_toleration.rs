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
use crate::platform::taints::{self, Taints, misses_by_case};
use crate::platform::{Fit, Os, Taint};
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};
use crate::value::Value;

pub const RULE: Rule = Rule {
    id: "WIN109",
    name: "missing-windows-toleration",
    summary: "A Windows pod does not tolerate the taint of the Windows nodes",
    severity: Severity::Error,
    stage: Stage::Scheduler,
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
            let mut missing = pod.untolerated(known).filter(|taint| !is_missed_by_case(pod, taint)).peekable();
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
