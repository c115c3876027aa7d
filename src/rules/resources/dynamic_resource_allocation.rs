//! A Windows pod claims devices by dynamic resource allocation.
//!
//! The kubelet of a Windows node takes device plugins only: no driver for dynamic resource allocation
//! can register there, so no Windows node has devices that a claim could be given. The pod stays
//! Pending.
//!
//! Ask for devices as extended resources: `microsoft.com/directx` on AKS, or
//! `directx.microsoft.com/display` with the community's device plugin.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: render
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   resourceClaims:
//!     - name: gpu
//!       resourceClaimTemplateName: gpu
//!   containers:
//!     - name: render
//!       image: mcr.microsoft.com/windows/server:ltsc2022
//!       resources:
//!         limits: {memory: 4Gi}
//!         claims:
//!           - name: gpu
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: render
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   resourceClaims: []
//!   containers:
//!     - name: render
//!       image: mcr.microsoft.com/windows/server:ltsc2022
//!       resources:
//!         limits: {memory: 4Gi, directx.microsoft.com/display: 1}
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::pod::{Container, Pod};
use crate::pointer::Pointer;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN808",
    name: "dynamic-resource-allocation",
    summary: "A Windows pod claims devices by dynamic resource allocation",
    severity: Severity::Error,
    stage: Stage::Scheduler,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/",
        "https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/kubelet/cm/container_manager_windows.go",
    ]),
    errors: docs(&[
        "DRA is not supported on Windows, only device plugin",
        "cannot allocate all claims",
        "waiting for resource claim to be allocated",
    ]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    // The claims of containers only point at those of the pod.
    if pod.spec.resource_claims.as_ref().is_some_and(|claims| !claims.is_empty()) {
        refuse(pod, report, pod.at("/resourceClaims"), "resourceClaims".into());
        return;
    }
    for container in pod.containers.iter().filter(|c| c.has_claims()) {
        refuse(pod, report, container.at("/resources/claims"), of(container));
    }
}

fn of(container: &Container<'_>) -> String {
    format!("container {}: resources.claims", container.name())
}

fn refuse(pod: &Pod<'_>, report: &mut Report<'_>, at: Pointer, what: String) {
    // With nodeName no scheduler looks, and the kubelet prepares nothing.
    let is_placed = pod.node_name().is_some();
    let so = if is_placed { "the containers run without the devices" } else { "no Windows node can take this pod" };
    let message =
        format!("{what}: the kubelet on Windows has no dynamic resource allocation, only device plugins, so {so}");
    let finding = report.finding(at, message);
    finding.help("ask for the device as an extended resource in `resources.limits`");
    if is_placed {
        finding.stage(Stage::Silent);
    }
}
