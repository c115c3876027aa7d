//! A Windows pod has a DNS policy for the host network, which it cannot have.
//!
//! The `dnsPolicy` called `ClusterFirstWithHostNet` is for pods that share the network of their node. Windows pods do not,
//! unless they are HostProcess pods: for all others the kubelet takes the value for
//! `ClusterFirst`, although Kubernetes documents it as unsupported on Windows.
//!
//! Say `ClusterFirst`. Where the pod also has `hostNetwork: true` the two must go together: with
//! `hostNetwork` left in place, `ClusterFirst` means the DNS servers of the node, and names of
//! Services no longer resolve. Beside `hostNetwork: true` this is a warning.
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
//!   dnsPolicy: ClusterFirstWithHostNet # from the Linux chart
//!   containers:
//!     - name: web
//!       image: registry.example/web:3-windowsservercore-ltsc2022
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
//!   dnsPolicy: ClusterFirst # from the Linux chart
//!   containers:
//!     - name: web
//!       image: registry.example/web:3-windowsservercore-ltsc2022
//! ```
//!
//! ## Good
//! A HostProcess pod shares the network of its node, so that it needs this policy to find Services:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: agent
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   hostNetwork: true
//!   dnsPolicy: ClusterFirstWithHostNet
//!   securityContext:
//!     windowsOptions:
//!       hostProcess: true
//!       runAsUserName: NT AUTHORITY\SYSTEM
//!   containers:
//!     - name: agent
//!       image: registry.example/agent:1.0
//! ```

use super::host_network::without_host_network;
use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN403",
    name: "dns-policy",
    summary: "A Windows pod has a DNS policy for the host network, which it cannot have",
    severity: Severity::Info,
    stage: Stage::Silent,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#dns-windows",
        "https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/kubelet/network/dns/dns.go",
    ]),
    errors: docs(&[]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() || pod.spec.dns_policy.as_deref() != Some("ClusterFirstWithHostNet") || pod.is_host_process() {
        return;
    }
    let path = pod.at("/dnsPolicy");
    if pod.spec.host_network == Some(true) {
        let finding = report
            .finding(path, "dnsPolicy ClusterFirstWithHostNet is not supported on Windows, and hostNetwork, for which it is meant, does nothing there")
            .severity(Severity::Warning);
        if pod.wants_the_host() {
            finding.help("make it a HostProcess pod, for which the policy is right, or remove it with `hostNetwork`");
        } else {
            finding
                .help("remove `hostNetwork` and set `dnsPolicy: ClusterFirst`, both at once")
                .fix(without_host_network(pod));
        }
    } else {
        report
            .finding(
                path.clone(),
                "dnsPolicy ClusterFirstWithHostNet is not supported on Windows: the kubelet takes it for ClusterFirst",
            )
            .help("set `dnsPolicy: ClusterFirst`")
            .fix(Fix::safe("Say what is meant: ClusterFirst").set(path, "ClusterFirst"));
    }
}
