//! A HostProcess pod with `hostAliases`, which have no effect.
//!
//! The kubelet makes a hosts file for each pod and mounts it into the containers. A HostProcess container
//! uses the hosts file of its node instead, and that one the kubelet leaves alone: the names stay unknown.
//!
//! Put the names into DNS, or remove them. (Another thing about the network of such pods: where they are
//! behind a Service, pods of the same node do not reach them through its ClusterIP, see
//! kubernetes/kubernetes#126795.)
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: agent
//! spec:
//!   os: {name: windows}
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   hostNetwork: true
//!   hostAliases:
//!     - ip: 10.1.2.3
//!       hostnames: [collector.shop.example]
//!   securityContext:
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
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   hostNetwork: true
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
//!   name: web
//! spec:
//!   os: {name: windows}
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   hostAliases:
//!     - ip: 10.1.2.3
//!       hostnames: [collector.shop.example]
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN308",
    name: "host-process-host-aliases",
    summary: "A HostProcess pod with hostAliases, which have no effect",
    severity: Severity::Warning,
    stage: Stage::Silent,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/tasks/configure-pod-container/create-hostprocess-pod/",
        "https://kubernetes.io/docs/tasks/network/customize-hosts-file-for-pods/",
        "https://github.com/kubernetes/kubernetes/issues/126795",
    ]),
    errors: docs(&[]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    let is_set = pod.spec.host_aliases.as_ref().is_some_and(|aliases| !aliases.is_empty());
    if !is_set || !pod.is_windows() || !pod.containers.iter().any(|container| container.host_process) {
        return;
    }
    let path = pod.at("/hostAliases");
    let finding = report.finding(
        path.clone(),
        "hostAliases in a HostProcess pod: its containers use the hosts file of the node, which the kubelet leaves alone",
    );
    finding.help("remove them, or put the names into DNS");
    // In a pod that mixes the two, the others would lose them.
    if pod.containers.iter().all(|container| container.host_process) {
        finding.fix(Fix::safe("Remove the hostAliases").remove(path));
    }
}
