//! A Windows pod asks for nodes of an architecture that no Windows node has.
//!
//! Kubernetes' Windows nodes are amd64 only. A pod for Windows that asks for `arm64`, or forbids
//! `amd64`, stays Pending for ever, or goes to a Linux node where nothing pins it to Windows. The value is Go's name of the architecture, so `x86_64` and
//! `AMD64` match nothing either.
//!
//! Ask for `amd64`, or leave the architecture out.
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
//!     kubernetes.io/arch: arm64
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
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!     kubernetes.io/arch: amd64
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ```
//!
//! ## Good
//! The other term still finds a node:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   affinity:
//!     nodeAffinity:
//!       requiredDuringSchedulingIgnoredDuringExecution:
//!         nodeSelectorTerms:
//!           - matchExpressions:
//!               - {key: kubernetes.io/arch, operator: In, values: [arm64]}
//!           - matchExpressions:
//!               - {key: kubernetes.io/arch, operator: In, values: [amd64]}
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::platform::Os;
use crate::platform::labels::{ARCH, ARCH_BETA};
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN113",
    name: "unsupported-architecture",
    summary: "A Windows pod asks for nodes of an architecture that no Windows node has",
    severity: Severity::Error,
    stage: Stage::Scheduler,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&["https://kubernetes.io/docs/concepts/windows/intro/"]),
    errors: docs(&["node(s) didn't match Pod's node affinity/selector"]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    let end = pod.end_without_windows_node();
    for statement in pod.statements_against(Os::Windows).filter(|s| matches!(s.key, ARCH | ARCH_BETA)) {
        let (field, key) = (statement.field(), statement.key);
        let message = match statement.values {
            [value] if matches!(statement.operator, "" | "In") => {
                format!("{field}: {key} is `{value}`, and every Windows node is amd64: {end}")
            }
            _ => format!("{field}: {key} leaves out `amd64`, and every Windows node is amd64: {end}"),
        };
        let fix = Fix::unsafe_("Ask for amd64 nodes");
        let path = statement.path(pod);
        let fix = match statement.operator {
            "" if pod.may_select(key, "amd64") => Some(fix.set(path.clone(), "amd64")),
            "In" => Some(fix.set(path.key("values"), vec!["amd64"])),
            _ => None,
        };
        let finding = report.finding(path, message).help("ask for `amd64`, or for no architecture");
        if let Some(fix) = fix {
            finding.fix(fix);
        }
    }
}
