//! A CPU limit is too low for a Windows container to start in time.
//!
//! On Windows a CPU limit becomes a hard cap on the job object: that share of all processors of the
//! node and no more, in every interval, even when the node is idle. The system processes and the
//! runtime of a Windows container need much CPU when they start. Below a quarter of a CPU that takes so
//! long that probes run out of time and the container is restarted, again and again.
//!
//! Give at least `250m`, or leave the limit out and set a request. A request is for the scheduler
//! alone: on Windows it gives a container no weight against others. A HostProcess container starts
//! no system processes; there it is only the program that may be too slow.
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
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/servercore:ltsc2022
//!       resources:
//!         limits:
//!           cpu: 100m
//!           memory: 1Gi
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
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/servercore:ltsc2022
//!       resources:
//!         requests: {cpu: 100m}
//!         limits: {cpu: 250m, memory: 1Gi}
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::object::pod::ResourceList;
use crate::pod::Pod;
use crate::quantity::Quantity;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN807",
    name: "cpu-limit-too-low",
    summary: "A CPU limit is too low for a Windows container to start in time",
    severity: Severity::Warning,
    stage: Stage::Process,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/configuration/windows-resource-management/",
        "https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/kubelet/kuberuntime/kuberuntime_container_windows.go",
    ]),
    errors: docs(&["Liveness probe failed", "Back-off restarting failed container"]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    for container in &pod.containers {
        let Some((limit, most)) = container.limit("cpu") else { continue };
        if most >= Quantity::milli(250) {
            continue;
        }
        let message = format!(
            "container {}: CPU limit {limit} is a hard cap on Windows, and too low to start in time",
            container.name()
        );
        report
            .finding(container.resource_at(ResourceList::Limits, "cpu"), message)
            .help("raise the limit to 250m or more, or set a request instead");
    }
}
