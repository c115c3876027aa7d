//! A Windows pod asks for its node the way Linux pods do, and does not get it.
//!
//! `hostNetwork` together with `privileged` or `hostPID` is how an agent on Linux gets at its node.
//! On Windows that gives an ordinary pod nothing of its node: `privileged` and `hostPID` are refused with
//! `os.name` and ignored without, and `hostNetwork`, which is accepted, does not put the pod on the node's network.
//! The agent starts, sees only its own container, and reports nothing.
//!
//! What gives a Windows pod its node is HostProcess: `windowsOptions.hostProcess: true` with
//! `hostNetwork: true` and a `runAsUserName` such as `NT AUTHORITY\SYSTEM`. That gives it every
//! right there, so it is not done by itself.
//!
//! ## Bad
//! ```yaml
//! apiVersion: apps/v1
//! kind: DaemonSet
//! metadata:
//!   name: node-agent
//! spec:
//!   selector:
//!     matchLabels: {app: node-agent}
//!   template:
//!     metadata:
//!       labels: {app: node-agent}
//!     spec:
//!       nodeSelector:
//!         kubernetes.io/os: windows
//!       hostNetwork: true
//!       hostPID: true
//!       containers:
//!         - name: agent
//!           image: shop.example/node-agent:3.2
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: apps/v1
//! kind: DaemonSet
//! metadata:
//!   name: node-agent
//! spec:
//!   selector:
//!     matchLabels: {app: node-agent}
//!   template:
//!     metadata:
//!       labels: {app: node-agent}
//!     spec:
//!       nodeSelector:
//!         kubernetes.io/os: windows
//!       hostNetwork: true
//!       securityContext:
//!         windowsOptions:
//!           hostProcess: true
//!           runAsUserName: NT AUTHORITY\SYSTEM
//!       containers:
//!         - name: agent
//!           image: shop.example/node-agent:3.2
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN310",
    name: "host-access-without-host-process",
    summary: "A Windows pod asks for its node without being a HostProcess pod",
    severity: Severity::Error,
    stage: Stage::Silent,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&["https://kubernetes.io/docs/tasks/configure-pod-container/create-hostprocess-pod/"]),
    errors: docs(&[]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if pod.wants_the_host() {
        report
            .finding(
                pod.at("/hostNetwork"),
                "hostNetwork, with hostPID or a privileged container: on Windows only a HostProcess pod gets its node like this",
            )
            .help("set `windowsOptions.hostProcess: true` and a `runAsUserName`, or do without the node");
    }
}
