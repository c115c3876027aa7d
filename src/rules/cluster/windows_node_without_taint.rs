//! No taint keeps Linux pods off a Windows node.
//!
//! Most manifests for Linux ask for no operating system: they were written for clusters that had one.
//! Such a pod may be put on any Windows node that has room, and hangs there, because its image cannot be
//! pulled. Jobs of Helm charts and injected agents are the usual victims. A taint keeps them all off at
//! once; AKS and EKS put none on Windows nodes by themselves, GKE and OpenShift do.
//!
//! Taint the Windows nodes (`spec.taints`) where they are made (node pool, node group, MachineSet, kubelet), so that new
//! nodes have it too, and add the toleration to the workloads for Windows. The taints that Kubernetes
//! itself sets while a node is not ready or cordoned do not count, and `PreferNoSchedule` keeps nothing
//! off.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Node
//! metadata:
//!   name: win1
//!   labels:
//!     kubernetes.io/os: windows
//! spec:
//!   taints:
//!     - key: node.kubernetes.io/unschedulable # cordoned
//!       effect: NoSchedule
//! ```
//!
//! ## Fixed
//! ```yaml
//! apiVersion: v1
//! kind: Node
//! metadata:
//!   name: win1
//!   labels:
//!     kubernetes.io/os: windows
//! spec:
//!   taints:
//!     - key: node.kubernetes.io/unschedulable # cordoned
//!       effect: NoSchedule
//!     - effect: NoSchedule
//!       key: os
//!       value: windows
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: v1
//! kind: Node
//! metadata:
//!   name: win1
//!   labels:
//!     kubernetes.io/os: windows
//! spec:
//!   taints:
//!     - key: team
//!       value: payments
//!       effect: NoExecute
//! ```
//! ```yaml
//! apiVersion: v1
//! kind: Node
//! metadata:
//!   name: linux1
//!   labels:
//!     kubernetes.io/os: linux
//! ```

use crate::context::Node;
use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::platform::Os;
use crate::platform::taints::repels;
use crate::rules::{Check, Rule, Subject, docs};
use crate::value::Value;

pub const RULE: Rule = Rule {
    id: "WIN907",
    name: "windows-node-without-taint",
    summary: "No taint keeps Linux pods off a Windows node",
    severity: Severity::Warning,
    stage: Stage::Scheduler,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/windows/user-guide/#taints-and-tolerations",
        "https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/",
        "https://learn.microsoft.com/azure/aks/windows-best-practices",
    ]),
    errors: docs(&["no match for platform in manifest", "ImagePullBackOff"]),
    check: Check::Object(check),
};

fn check(subject: &Subject<'_>, report: &mut Report<'_>) {
    let Some(node) = Node::of(subject.object).filter(|node| node.os == Os::Windows) else { return };
    if node.lasting_taints().next().is_some() {
        return;
    }
    let known = subject.world.taints.unwrap_or_default().iter().find(|taint| repels(&taint.effect));
    let (key, value, effect) = known.map_or(("os", "windows", "NoSchedule"), |t| (&t.key, &t.value, &t.effect));
    let taint = Value::Object(vec![
        ("effect".into(), effect.into()),
        ("key".into(), key.into()),
        ("value".into(), value.into()),
    ]);
    report
        .finding(
            subject.path.key("spec"),
            "no taint on this Windows node: every pod that asks for no operating system may be put here",
        )
        .help(format!("taint Windows nodes with `{key}={value}:{effect}`"))
        .fix(Fix::unsafe_("Taint the node").append(subject.path.join("/spec/taints"), taint));
}
