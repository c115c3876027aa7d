//! A HostProcess container with `runAsNonRoot: true`.
//!
//! HostProcess containers run as users of their node, mostly as its SYSTEM account, which is as much
//! root as Windows has. `runAsNonRoot` is documented as not to be used with them: the kubelet compares
//! with `ContainerAdministrator` alone, so the field promises what nobody checks.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: agent
//! spec:
//!   os: {name: windows}
//!   hostNetwork: true
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   securityContext:
//!     runAsNonRoot: true
//!     windowsOptions:
//!       hostProcess: true
//!       runAsUserName: NT AUTHORITY\SYSTEM
//!   containers:
//!     - name: agent
//!       image: registry.example/agent:1.0
//! ```
//!
//! ## Fixed
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: agent
//! spec:
//!   os: {name: windows}
//!   hostNetwork: true
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   securityContext:
//!     windowsOptions:
//!       hostProcess: true
//!       runAsUserName: NT AUTHORITY\SYSTEM
//!   containers:
//!     - name: agent
//!       image: registry.example/agent:1.0
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: agent
//! spec:
//!   os: {name: windows}
//!   hostNetwork: true
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   securityContext:
//!     runAsNonRoot: false
//!     windowsOptions:
//!       hostProcess: true
//!       runAsUserName: NT AUTHORITY\SYSTEM
//!   containers:
//!     - name: agent
//!       image: registry.example/agent:1.0
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::pod::{Container, Pod};
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN304",
    name: "host-process-non-root",
    summary: "A HostProcess container with runAsNonRoot",
    severity: Severity::Warning,
    stage: Stage::Silent,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/tasks/configure-pod-container/create-hostprocess-pod/",
        "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
    ]),
    errors: docs(&[]),
    check: Check::Pod(check),
};

const AT: &str = "/securityContext/runAsNonRoot";

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    let own = |container: &Container<'_>| container.security_context().and_then(|context| context.run_as_non_root);
    let of_pod = pod.security_context().and_then(|context| context.run_as_non_root) == Some(true);
    let mut host_process = pod.containers.iter().filter(|container| container.host_process);
    if of_pod && host_process.clone().any(|container| own(container) != Some(false)) {
        let finding = report.finding(
            pod.at(AT),
            "runAsNonRoot in a HostProcess pod: its containers run as users of the node, and nothing checks them",
        );
        finding.help("remove it");
        // In a pod that mixes the two, the others would lose it as well.
        if pod.containers.iter().all(|container| container.host_process) {
            finding.fix(Fix::safe("Remove runAsNonRoot").remove(pod.at(AT)));
        }
    }
    for container in host_process.by_ref().filter(|container| own(container) == Some(true)) {
        let path = container.at(AT);
        let message = format!(
            "container {}: runAsNonRoot in a HostProcess container: it runs as a user of the node, and nothing checks that",
            container.name()
        );
        report.finding(path.clone(), message).help("remove it").fix(Fix::safe("Remove runAsNonRoot").remove(path));
    }
}
