//! A pod that is not made for Windows tolerates the taint of Windows nodes.
//!
//! A taint on the Windows nodes is what usually keeps other pods off them. A toleration that takes
//! every taint (`operator: Exists` without a key) lifts that protection, and so does one for the
//! Windows taint itself. A DaemonSet that tolerates everything lands on every Windows node and
//! fails on each of them.
//!
//! Where labels of your own or an unknown RuntimeClass may keep the pod off Windows nodes all the same, or nothing tells
//! what it is for and all its images are there for both systems, it is a warning.
//!
//! Pin the pod to Linux with `nodeSelector`; the toleration may then stay. If the pod is for Windows
//! after all, pin it to Windows.
//!
//! ## Bad
//! ```yaml
//! apiVersion: apps/v1
//! kind: DaemonSet
//! metadata:
//!   name: node-agent
//! spec:
//!   selector:
//!     matchLabels: {app: node-agent}
//!   template:
//!     metadata:
//!       labels: {app: node-agent}
//!     spec:
//!       tolerations:
//!         - operator: Exists # control plane nodes too
//!       containers:
//!         - name: agent
//!           image: registry.example/node-agent:1.9
//!       volumes:
//!         - name: proc
//!           hostPath: {path: /proc}
//! ```
//!
//! ## Fixed
//! ```yaml
//! apiVersion: apps/v1
//! kind: DaemonSet
//! metadata:
//!   name: node-agent
//! spec:
//!   selector:
//!     matchLabels: {app: node-agent}
//!   template:
//!     metadata:
//!       labels: {app: node-agent}
//!     spec:
//!       tolerations:
//!         - operator: Exists # control plane nodes too
//!       containers:
//!         - name: agent
//!           image: registry.example/node-agent:1.9
//!       volumes:
//!         - name: proc
//!           hostPath: {path: /proc}
//!       nodeSelector:
//!         kubernetes.io/os: linux
//! ```
//!
//! ## Good
//! This toleration is only for pods that run already; the taint still keeps new ones off:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: agent
//! spec:
//!   tolerations:
//!     - {operator: Exists, effect: NoExecute}
//!   containers:
//!     - name: agent
//!       image: registry.example/node-agent:1.9
//! ```
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: agent
//! spec:
//!   nodeSelector: {kubernetes.io/os: linux}
//!   tolerations:
//!     - operator: Exists
//!   containers:
//!     - name: agent
//!       image: registry.example/node-agent:1.9
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::images;
use crate::platform::taints::{Taints, is_blanket, repels, tolerates, tolerates_conventional};
use crate::platform::{Os, Placement};
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN108",
    name: "linux-pod-tolerates-windows",
    summary: "A pod that is not made for Windows tolerates the taint of Windows nodes",
    severity: Severity::Error,
    stage: Stage::Scheduler,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/",
        "https://kubernetes.io/docs/concepts/windows/user-guide/#taints-and-tolerations",
        "https://github.com/canonical/microk8s/issues/2598",
    ]),
    errors: docs(&["no match for platform in manifest", "FailedCreatePodSandBox"]),
    check: Check::Pod(check),
};

/// The position of the toleration, of the pod and then of its RuntimeClass, that lets it past the taint
/// of Windows nodes, where one does.
pub(crate) fn way_in(pod: &Pod<'_>) -> Option<usize> {
    if pod.placement.windows == Placement::Guarded {
        return None;
    }
    let taints = match pod.world.windows_taints() {
        Taints::Known(taints) => taints,
        Taints::Unknown => &[],
    };
    pod.tolerations().position(|toleration| {
        tolerates_conventional(toleration)
            || taints.iter().any(|t| repels(&t.effect) && tolerates(toleration, &t.key, &t.value, &t.effect))
    })
}

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_exposed_to_windows() {
        return;
    }
    let Some(index) = way_in(pod) else { return };
    let own = pod.spec.tolerations.as_deref().unwrap_or_default();
    let (path, what) = match own.get(index) {
        Some(toleration) if is_blanket(toleration) => (pod.at("/tolerations").index(index), "it tolerates every taint"),
        Some(_) => (pod.at("/tolerations").index(index), "it tolerates the taint of Windows nodes"),
        None => (pod.at("/runtimeClassName"), "its RuntimeClass makes it tolerate the taint of Windows nodes"),
    };
    let runs_on_both =
        !pod.is_for(Os::Linux) && pod.containers.iter().all(|container| container.image.os == images::Os::Multi);
    let is_named = own.get(index).is_some_and(|toleration| !is_blanket(toleration));
    let (who, help) = if pod.is_for(Os::Linux) {
        ("this pod is meant for Linux", "add `kubernetes.io/os: linux` to its nodeSelector")
    } else {
        let who = match (runs_on_both, is_named) {
            (true, _) => "this pod does not say for which of the systems of its images it is",
            (false, true) => "nothing but a toleration tells that this pod is made for Windows",
            (false, false) => "nothing here tells that this pod is made for Windows",
        };
        (who, "add `kubernetes.io/os: linux` to its nodeSelector, or `windows` if that is what it is for")
    };
    let finding = report.finding(path, format!("{who}, and {what}: it may be put on a Windows node"));
    finding.help(help).fix(pod.pin(Os::Linux));
    // An agent of all nodes, from an image that is there for both, runs wherever it comes.
    if pod.placement.windows == Placement::Maybe || pod.has_unknown_runtime_class() || runs_on_both {
        finding.severity(Severity::Warning);
    }
}
