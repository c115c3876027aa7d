//! A container asks for `privileged: true`, which does not exist on Windows.
//!
//! With `os.name: windows` the API server refuses the pod. Without it the field is ignored: the
//! container starts as an ordinary one, and whatever it wanted to do to its node fails later, with
//! errors that do not mention privileges. In a HostProcess container without `os.name` it changes
//! nothing, for the rights are there, and is a **warning**.
//!
//! What comes closest on Windows are HostProcess containers. They run as processes of the node
//! itself: `windowsOptions.hostProcess: true` and a `runAsUserName` such as `NT AUTHORITY\SYSTEM` on
//! the pod, `hostNetwork: true` beside it, in a namespace that allows it. The image and its paths
//! have to be written for that, so no fix can do it for you.
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
//!       containers:
//!         - name: agent
//!           image: mcr.microsoft.com/windows/servercore:ltsc2022
//!           securityContext:
//!             privileged: true
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
//!       hostNetwork: true
//!       securityContext:
//!         windowsOptions:
//!           hostProcess: true
//!           runAsUserName: NT AUTHORITY\SYSTEM
//!       nodeSelector:
//!         kubernetes.io/os: windows
//!       containers:
//!         - name: agent
//!           image: registry.example/node-agent:1.0
//! ```
//! `false` is rejected-linux-field's:
//! ```yaml
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
//!       securityContext:
//!         privileged: false
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::os_name::linux_fields;
use crate::platform::Os;
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN203",
    name: "privileged-container",
    summary: "There are no privileged containers on Windows",
    severity: Severity::Error,
    stage: Stage::Silent,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/tasks/configure-pod-container/create-hostprocess-pod/",
        "https://kubernetes.io/docs/concepts/security/windows-security/",
    ]),
    errors: docs(&["securityContext.privileged: Forbidden: cannot be set for a windows pod"]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    let is_refused = pod.os_name() == Some(Os::Windows);
    for found in linux_fields(pod).filter(|found| found.is_privileged()) {
        let then = if is_refused { "the API server refuses it beside os.name windows" } else { "it is ignored" };
        let message = format!("{}: there are no privileged containers on Windows, {then}", found.subject());
        let help = match found.container {
            Some(container) if container.host_process => "remove it: a HostProcess container has these rights",
            _ => "remove it, and make the pod a HostProcess pod if it has to work on its node",
        };
        let finding = report.finding(found.path(pod), message);
        finding.help(help).stage(if is_refused { Stage::ApiServer } else { Stage::Silent });
        if !is_refused && found.container.is_some_and(|container| container.host_process) {
            finding.severity(Severity::Warning);
        }
    }
}
