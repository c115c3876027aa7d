//! An image that can only be run as a HostProcess container is to run as an ordinary one.
//!
//! Images of node agents (windows_exporter, kube-proxy and Calico of sig-windows, Antrea since 2.1,
//! the `-windows-hp` variants of CSI drivers) stand on a base image of a few kilobytes that has no
//! files of Windows: a HostProcess container uses the node's. As an ordinary container it has no
//! system to start on, and the runtime cannot create it.
//!
//! Set `windowsOptions.hostProcess: true`, with `hostNetwork: true` and a `runAsUserName`, for the
//! whole pod. It then has the rights of that user on the node.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: exporter
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: exporter # metrics of the node
//!       image: ghcr.io/prometheus-community/windows-exporter:0.31.3
//! ```
//!
//! ## Fixed
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: exporter
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: exporter # metrics of the node
//!       image: ghcr.io/prometheus-community/windows-exporter:0.31.3
//!   securityContext:
//!     windowsOptions:
//!       hostProcess: true
//!       runAsUserName: NT AUTHORITY\SYSTEM
//!   hostNetwork: true
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: apps/v1
//! kind: DaemonSet
//! metadata:
//!   name: exporter
//! spec:
//!   selector:
//!     matchLabels: {app: exporter}
//!   template:
//!     metadata:
//!       labels: {app: exporter}
//!     spec:
//!       nodeSelector:
//!         kubernetes.io/os: windows
//!       hostNetwork: true
//!       securityContext:
//!         windowsOptions:
//!           hostProcess: true
//!           runAsUserName: NT AUTHORITY\SYSTEM
//!       containers:
//!         - name: exporter
//!           image: ghcr.io/prometheus-community/windows-exporter:0.31.3
//! ```
//! Antrea's image before 2.1 is an ordinary one:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: antrea
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: antrea
//!       image: antrea/antrea-windows:v2.0.0
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::images::Strength;
use crate::pod::{HOST_PROCESS, Pod};
use crate::rules::identity::host_process_without_host_network;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN610",
    name: "host-process-image",
    summary: "An image that can only be run as a HostProcess container is to run as an ordinary one",
    severity: Severity::Error,
    stage: Stage::Runtime,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://github.com/microsoft/windows-host-process-containers-base-image",
        "https://kubernetes.io/docs/tasks/configure-pod-container/create-hostprocess-pod/",
    ]),
    errors: docs(&["failed to create containerd task", "hcs::CreateComputeSystem", "RunContainerError"]),
    check: Check::Pod(check),
};

/// Whether the pod has such an image, and no container that is a HostProcess container. Where one
/// is, mixed-host-process says that all have to be.
pub(crate) fn concerns(pod: &Pod<'_>) -> bool {
    pod.is_windows() && pod.containers.iter().any(|c| c.image.host_process) && !pod.is_host_process()
}

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !concerns(pod) {
        return;
    }
    for container in pod.containers.iter().filter(|c| c.image.host_process) {
        let (severity, only) = match container.image.strength {
            Strength::Strong => (Severity::Error, "only"),
            Strength::Weak => (Severity::Warning, "most likely only"),
        };
        let name = container.view.image.as_deref().unwrap_or_default();
        let finding = report.finding(
            container.at("/image"),
            format!(
                "container {}: image {name} {only} runs as a HostProcess container: it has no files of Windows inside",
                container.name()
            ),
        );
        finding
            .severity(severity)
            .help("set `windowsOptions.hostProcess: true` for the pod, with `hostNetwork: true` and a `runAsUserName`");
        if let Some(fix) = fix(pod) {
            finding.fix(fix);
        }
    }
}

/// Makes the whole pod one of HostProcess containers; not where it has others, which would get the
/// rights of the node too.
fn fix(pod: &Pod<'_>) -> Option<Fix> {
    if !pod.containers.iter().all(|c| c.image.host_process) {
        return None;
    }
    let options = pod.at("/securityContext/windowsOptions");
    let mut fix = Fix::unsafe_("Make it a HostProcess pod").set(options.key("hostProcess"), true);
    if pod.spec.host_network != Some(true) {
        fix = fix.and(host_process_without_host_network::fix(pod)?);
    }
    if pod.containers.iter().any(|c| pod.run_as_user_name(c).is_none()) {
        fix = fix.set(options.key("runAsUserName"), r"NT AUTHORITY\SYSTEM");
    }
    for container in &pod.containers {
        let own = container.security_context().and_then(|s| s.windows_options.as_ref());
        if own.is_some_and(|options| options.host_process.is_some()) {
            fix = fix.remove(container.at(HOST_PROCESS));
        }
    }
    Some(fix)
}
