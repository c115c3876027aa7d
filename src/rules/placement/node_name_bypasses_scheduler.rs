//! `nodeName` sends a pod to a node without asking the scheduler.
//!
//! No scheduler looks at this pod: taints of effect NoSchedule do not keep it off, and when the
//! node is full or gone it goes nowhere else. The kubelet still checks `os.name`, cpu, memory, the
//! number of pods, taints of effect NoExecute, node labels, required affinity and ports; a pod that
//! does not fit is Failed (`OutOfcpu`, `NodeAffinity`), and nothing moves it elsewhere. Extended
//! resources it does not know are dropped without a word. A Linux pod sent to a Windows node this
//! way fails there.
//!
//! Choose the node by its labels, with `nodeSelector` or node affinity.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: debug
//! spec:
//!   nodeName: winnode-3
//!   containers:
//!     - name: debug
//!       image: mcr.microsoft.com/windows/servercore:ltsc2022
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: debug
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!     kubernetes.io/hostname: winnode-3
//!   containers:
//!     - name: debug
//!       image: mcr.microsoft.com/windows/servercore:ltsc2022
//! ```
//!
//! In a pod that lives already, it was the scheduler who wrote it:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//!   uid: 5f0c1c1a-2f6e-4a39-9c0e-3f4e3e2b7d11
//! spec:
//!   nodeName: winnode-3
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/servercore:ltsc2022
//! status:
//!   phase: Running
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};
use crate::text;

pub const RULE: Rule = Rule {
    id: "WIN112",
    name: "node-name-bypasses-scheduler",
    summary: "`nodeName` sends a pod to a node without asking the scheduler",
    severity: Severity::Warning,
    stage: Stage::Scheduler,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&["https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#nodename"]),
    errors: docs(&["PodOSNotSupported", "OutOfcpu", "NodeAffinity: Predicate NodeAffinity failed"]),
    check: Check::Pod(check),
};

/// The kubelet marks the pods it runs from files.
const STATIC_POD: &[&str] =
    &["kubernetes.io/config.mirror", "kubernetes.io/config.source", "kubernetes.io/config.hash"];

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    let Some(node) = pod.node_name() else { return };
    let is_static = pod.metadata.is_some_and(|m| STATIC_POD.iter().any(|key| m.annotation(key).is_some()));
    // Where there are no Windows nodes, a pod that is not for them has no other system to land on.
    let is_at_home = !pod.is_windows() && !pod.world.settings.may_have_windows_nodes();
    if pod.is_bound() || is_static || is_at_home || text::is_placeholder(node) {
        return;
    }
    let message = format!(
        "nodeName is {node}, so no scheduler looks at this pod: NoSchedule taints do not keep it off, and it fails where \
         the node is full or gone"
    );
    report
        .finding(pod.at("/nodeName"), message)
        .help("choose the node by its labels, with nodeSelector or node affinity");
}
