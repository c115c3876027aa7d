//! On EKS a Windows pod gets its address only if `nodeSelector` names the operating system.
//!
//! EKS' webhook asks for an address for every Windows pod, and it knows Windows pods by
//! `nodeSelector` alone. Where the system stands in node affinity, in `os.name` or in a Windows
//! build only, the pod reaches a Windows node, no address is asked for, and its sandbox cannot be made.
//!
//! A RuntimeClass may bring the label. Where it is not known here, the finding is a warning.
//!
//! Add `kubernetes.io/os: windows` to `nodeSelector`. HostProcess pods need no address of their own; pods that ask
//! for the host network get none in either case, which is another rule's matter (host-network).
//!
//! ## Bad
//! ```yaml
//! # settings: {platform: eks}
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
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ```
//!
//! ## Fixed
//! ```yaml
//! # settings: {platform: eks}
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
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//!   nodeSelector:
//!     kubernetes.io/os: windows
//! ```
//!
//! ## Good
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
use crate::platform::labels::{OS, OS_BETA};
use crate::platform::{Fit, Os};
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};
use crate::settings::Platform;

pub const RULE: Rule = Rule {
    id: "WIN115",
    name: "eks-os-not-in-node-selector",
    summary: "On EKS a Windows pod gets its address only if `nodeSelector` names the operating system",
    severity: Severity::Error,
    stage: Stage::Runtime,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://docs.aws.amazon.com/eks/latest/userguide/windows-support.html",
        "https://github.com/aws/amazon-vpc-resource-controller-k8s/blob/master/webhooks/core/pod_webhook.go",
        "https://github.com/kubernetes/kubernetes/issues/78429",
    ]),
    errors: docs(&[
        "pod does not have label vpc.amazonaws.com/PrivateIPv4Address",
        "Failed to create pod sandbox: networkPlugin cni failed to set up pod",
    ]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    // A RuntimeClass' or a namespace's labels are in nodeSelector by the time the webhook sees the pod.
    let in_selector = [OS, OS_BETA].into_iter().any(|key| pod.selector.required_value(key).is_some());
    if pod.world.settings.platform != Platform::Eks
        || !pod.is_windows()
        || pod.is_bound()
        || in_selector
        || pod.spec.host_network == Some(true)
        || pod.is_host_process()
        || pod.meant_fit(Os::Windows) == Fit::No
    {
        return;
    }
    let by_labels = pod.meant_fit(Os::Linux) == Fit::No;
    let stated = match pod.os_meant() {
        Some(Os::Windows) if by_labels => "os.name and node labels other than nodeSelector's `kubernetes.io/os`",
        Some(Os::Windows) => "os.name",
        _ if by_labels => "node affinity or other labels",
        // A pod that states no system anywhere is not pinned at all, which is another rule's matter.
        _ => return,
    };
    let has_unknown_class = pod.has_unknown_runtime_class();
    let unless =
        if has_unknown_class { ", unless its RuntimeClass, which is not known here, brings the label" } else { "" };
    let message = format!(
        "only {stated} says that this pod is for Windows; EKS reads nodeSelector alone and gives it no address{unless}"
    );
    let finding = report
        .finding(pod.at(""), message)
        .help("add `kubernetes.io/os: windows` to its nodeSelector")
        .fix(pod.pin(Os::Windows));
    if has_unknown_class {
        finding.severity(Severity::Warning);
    }
}
