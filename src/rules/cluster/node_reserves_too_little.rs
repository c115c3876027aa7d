//! A Windows node keeps too little memory for the system.
//!
//! What a node does not give to pods is its capacity less its `allocatable`. Windows itself, the
//! kubelet and containerd need about 2 GiB of it. Where less is kept back, pods and system compete
//! for the last of it, Windows pages to disk, and the node may stop answering and become NotReady.
//!
//! Raise `--kube-reserved` and `--system-reserved` of the kubelet, or `kubeReserved` and
//! `systemReserved` in its configuration, until the two differ by 2 GiB or more. The threshold of hard
//! eviction counts as well.
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
//!     - {key: os, value: windows, effect: NoSchedule}
//! status:
//!   capacity: {cpu: "4", memory: 16776632Ki}
//!   allocatable: {cpu: "4", memory: 16264632Ki}
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
//!     - {key: os, value: windows, effect: NoSchedule}
//! status:
//!   capacity: {cpu: "4", memory: 16Gi}
//!   allocatable: {cpu: "4", memory: 14Gi}
//! ```

use crate::context::Node;
use crate::finding::{Report, Severity, Stage};
use crate::platform::Os;
use crate::quantity::Quantity;
use crate::rules::{Check, Rule, Subject, docs};

pub const RULE: Rule = Rule {
    id: "WIN909",
    name: "node-reserves-too-little",
    summary: "A Windows node keeps too little memory for the system",
    severity: Severity::Warning,
    stage: Stage::Silent,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/configuration/windows-resource-management/",
        "https://kubernetes.io/docs/tasks/administer-cluster/reserve-compute-resources/",
    ]),
    errors: docs(&["NodeNotReady", "NodeHasInsufficientMemory"]),
    check: Check::Object(check),
};

fn check(subject: &Subject<'_>, report: &mut Report<'_>) {
    let Some(node) = Node::of(subject.object).filter(|node| node.os == Os::Windows) else { return };
    let capacity = node.view.status.as_ref().and_then(|status| status.capacity.as_ref());
    let capacity = capacity.and_then(|capacity| Quantity::read(capacity.get("memory")?));
    let (Some(capacity), Some(allocatable)) = (capacity, node.allocatable("memory")) else { return };
    if capacity >= allocatable.plus(Quantity::mebi(2048)) {
        return;
    }
    let message = format!(
        "allocatable memory is {}Mi of {}Mi: Windows and the kubelet need at least 2048Mi for themselves",
        allocatable.in_mebi(),
        capacity.in_mebi()
    );
    report
        .finding(subject.path.join("/status/allocatable/memory"), message)
        .help("reserve more with `kubeReserved` and `systemReserved` of the kubelet");
}
