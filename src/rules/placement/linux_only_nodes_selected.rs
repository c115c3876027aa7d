//! A Windows pod asks for nodes that are always Linux.
//!
//! Some labels settle the operating system without naming it. Control planes run on Linux. On AKS so
//! do system pools (`kubernetes.azure.com/mode: system`), pools whose `os-sku` is a Linux
//! distribution, and every node that auto-provisioning makes. On EKS Fargate, Auto Mode and hybrid
//! nodes have no Windows, nor has GKE Autopilot. Labels that your settings declare to be those of
//! Linux nodes count too. A Windows pod that asks for such a node stays Pending for ever,
//! or goes to a Linux node where nothing pins it to Windows.
//!
//! Ask for a pool that has Windows nodes.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!     kubernetes.azure.com/mode: system
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!     kubernetes.azure.com/mode: user
//!     kubernetes.azure.com/os-sku: Windows2022
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::platform::Os;
use crate::platform::labels::{ARCH, ARCH_BETA, states_os};
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN114",
    name: "linux-only-nodes-selected",
    summary: "A Windows pod asks for nodes that are always Linux",
    severity: Severity::Error,
    stage: Stage::Scheduler,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/windows/intro/",
        "https://learn.microsoft.com/azure/aks/use-system-pools",
        "https://learn.microsoft.com/azure/aks/use-labels",
        "https://docs.aws.amazon.com/eks/latest/userguide/windows-support.html",
    ]),
    errors: docs(&["node(s) didn't match Pod's node affinity/selector"]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    let end = pod.end_without_windows_node();
    let is_other_label = |key: &str| !states_os(key) && !matches!(key, ARCH | ARCH_BETA);
    for statement in pod.statements_against(Os::Windows).filter(|s| is_other_label(s.key)) {
        let (field, key) = (statement.field(), statement.key);
        let message = match statement.values {
            [value] if matches!(statement.operator, "" | "In") => {
                format!("{field}: no Windows node has {key}={value}: {end}")
            }
            _ => format!("{field}: no Windows node has what is asked of {key}: {end}"),
        };
        report.finding(statement.path(pod), message).help("ask for a node pool that has Windows nodes");
    }
}
