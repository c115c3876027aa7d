//! A Windows container has no memory limit.
//!
//! Windows has no out-of-memory killer: what is asked for is given, and paged to disk when memory
//! runs out. One container without a limit can slow down a whole node in this way, and the kubelet,
//! which evicts pods once less than 500Mi are left, may come too late. A limit is enforced through
//! a job object, for HostProcess containers too: allocations beyond it fail.
//!
//! Set `resources.limits.memory`, in init containers as well. Every container counts the system
//! processes of its own image, so measure with the image that will run. Limits of the whole pod
//! (`spec.resources`) do not exist on Windows. A LimitRange of the namespace gives a limit to containers
//! without one: in a cluster it is there by the time webhooks are asked, in files it is not seen.
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
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//!       resources:
//!         requests: {memory: 512Mi}
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
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//!       resources:
//!         limits: {memory: 512Mi}
//! ```
//! Ephemeral containers cannot have any:
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
//!       resources:
//!         limits: {memory: 512Mi}
//!   ephemeralContainers:
//!     - name: debugger
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::pod::{ContainerList, Pod};
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN803",
    name: "no-memory-limit",
    summary: "A Windows container has no memory limit",
    severity: Severity::Warning,
    stage: Stage::Silent,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/configuration/windows-resource-management/",
        "https://kubernetes.io/docs/concepts/windows/intro/",
    ]),
    errors: docs(&["The paging file is too small for this operation to complete", "NodeHasInsufficientMemory"]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    for container in pod.containers.iter().filter(|c| c.list != ContainerList::Ephemeral) {
        if container.has_limit("memory") {
            continue;
        }
        let message = format!(
            "container {}: no memory limit: Windows kills nothing when memory runs out, it pages to disk until the whole node is slow",
            container.name()
        );
        report.finding(container.at(""), message).help("set `resources.limits.memory`");
    }
}
