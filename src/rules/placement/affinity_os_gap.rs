//! Node affinity names an operating system and still lets the other one in.
//!
//! The terms under `nodeSelectorTerms` are ORed: one term without the operating system is enough
//! to let the pod onto any node which that term likes, whatever the others say. Terms under
//! `preferredDuringScheduling…` only rank nodes; when the preferred ones are full the pod goes to
//! the others.
//!
//! For a Windows pod that is an error; a pod that is not made for Windows may still be kept off by taints.
//!
//! Put the operating system into `nodeSelector`: it is ANDed with every term.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   affinity:
//!     nodeAffinity:
//!       requiredDuringSchedulingIgnoredDuringExecution:
//!         nodeSelectorTerms:
//!           - matchExpressions:
//!               - {key: kubernetes.io/os, operator: In, values: [windows]}
//!           - matchExpressions: # the fast disks
//!               - {key: disktype, operator: In, values: [ssd]}
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ```
//!
//! ## Fixed
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   affinity:
//!     nodeAffinity:
//!       requiredDuringSchedulingIgnoredDuringExecution:
//!         nodeSelectorTerms:
//!           - matchExpressions:
//!               - {key: kubernetes.io/os, operator: In, values: [windows]}
//!           - matchExpressions: # the fast disks
//!               - {key: disktype, operator: In, values: [ssd]}
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//!   nodeSelector:
//!     kubernetes.io/os: windows
//! ```
//!
//! ## Good
//! Only Windows nodes have a Windows build, so both terms are closed:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   affinity:
//!     nodeAffinity:
//!       requiredDuringSchedulingIgnoredDuringExecution:
//!         nodeSelectorTerms:
//!           - matchExpressions:
//!               - {key: kubernetes.io/os, operator: In, values: [windows]}
//!           - matchExpressions:
//!               - {key: node.kubernetes.io/windows-build, operator: Exists}
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ```
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: cache
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: linux
//!   affinity:
//!     nodeAffinity:
//!       preferredDuringSchedulingIgnoredDuringExecution:
//!         - weight: 1
//!           preference:
//!             matchExpressions:
//!               - {key: kubernetes.io/os, operator: In, values: [linux]}
//!   containers:
//!     - name: cache
//!       image: registry.example/cache:7
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::platform::stated::preferred_at;
use crate::platform::{Fit, Gap, Os, Placement};
use crate::pod::Pod;
use crate::pointer::Pointer;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN106",
    name: "affinity-os-gap",
    summary: "Node affinity names an operating system and still lets the other one in",
    severity: Severity::Error,
    stage: Stage::Scheduler,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#node-affinity",
        "https://github.com/kubernetes/component-helpers/blob/master/scheduling/corev1/nodeaffinity/nodeaffinity.go",
    ]),
    errors: docs(&["no match for platform in manifest", "ErrImagePull"]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    let may_stray = if pod.is_windows() {
        pod.os_name().is_none()
            && pod.node_name().is_none()
            && pod.meant_fit(Os::Windows) != Fit::No
            && pod.placement.of(Os::Linux) != Placement::No
    } else {
        pod.is_exposed_to_windows()
    };
    match pod.affinity_gap().filter(|_| may_stray) {
        Some(Gap::Terms) => {
            for index in 0..pod.required_terms().unwrap_or_default().len() {
                if pod.is_gap(index) {
                    let lets_in_both =
                        [Os::Windows, Os::Linux].into_iter().all(|os| pod.term_fit(index, os) != Fit::No);
                    let why = match (lets_in_both, pod.intent) {
                        (false, Some(intent)) if intent.os == Os::Windows => {
                            "the terms are ORed, and this one lets in Linux nodes alone"
                        }
                        (false, Some(_)) => "the terms are ORed, and this one lets in Windows nodes alone",
                        _ => {
                            "the terms are ORed, and this one lets in nodes of both systems where another one does not"
                        }
                    };
                    say(pod, pod.required_terms_at().index(index), why, report);
                }
            }
        }
        Some(Gap::Preferred(index)) => {
            let why = "only this preference names an operating system, and preferences rule no node out";
            say(pod, preferred_at(pod).index(index), why, report);
        }
        None => {}
    }
}

fn say(pod: &Pod<'_>, path: Pointer, why: &str, report: &mut Report<'_>) {
    let Some(intent) = pod.intent else {
        let finding = report.finding(path, format!("node affinity leaves the operating system open: {why}"));
        finding
            .severity(Severity::Warning)
            .help("name the operating system in nodeSelector, which is ANDed with every term");
        return;
    };
    let (own, other) = (intent.os.title(), intent.os.other().title());
    let message = format!("this pod is meant for {own}, but its node affinity lets it onto {other} nodes: {why}");
    let finding = report.finding(path, message);
    finding.help(format!("add `kubernetes.io/os: {}` to its nodeSelector", intent.os)).fix(pod.pin(intent.os));
    if intent.os == Os::Linux {
        finding.severity(Severity::Warning);
    }
}
