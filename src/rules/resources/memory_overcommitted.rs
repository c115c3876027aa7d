//! A Windows container may use more memory than it has requested.
//!
//! The scheduler counts requests. Where limits are higher, the containers of a node may together take
//! more memory than it has; Windows then kills none of them but pages to disk, and all of them become
//! slow.
//!
//! Set the request to the limit, so that a node is never promised twice. A limit without a request is
//! the same: the API server copies it.
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
//!         requests:
//!           memory: 512Mi # what it needs at night
//!         limits:
//!           memory: 2Gi
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
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/servercore:ltsc2022
//!       resources:
//!         requests:
//!           memory: 2Gi # what it needs at night
//!         limits:
//!           memory: 2Gi
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
//!         requests: {memory: 1024Mi}
//!         limits: {memory: 1Gi}
//!     - name: log
//!       image: mcr.microsoft.com/windows/servercore:ltsc2022
//!       resources:
//!         limits: {memory: 512Mi}
//! ```

use super::memory_in_millibytes::is_in_millibytes;
use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::object::pod::ResourceList;
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN804",
    name: "memory-overcommitted",
    summary: "A Windows container may use more memory than it has requested",
    severity: Severity::Info,
    stage: Stage::Silent,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&["https://kubernetes.io/docs/concepts/configuration/windows-resource-management/"]),
    errors: docs(&[]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    for container in &pod.containers {
        let Some((limit, most)) = container.limit("memory") else { continue };
        let Some((request, least)) = container.quantity(ResourceList::Requests, "memory") else { continue };
        if most <= least || is_in_millibytes(limit) || is_in_millibytes(request) {
            continue;
        }
        let path = container.resource_at(ResourceList::Requests, "memory");
        let message = format!(
            "container {}: memory request {request} is below the limit {limit}: a node may promise more memory than it has, and page to disk",
            container.name()
        );
        let finding = report.finding(path.clone(), message).help("set the request to the limit");
        if !pod.shares("memory") {
            finding.fix(Fix::unsafe_("Request as much memory as the limit").set(path, limit));
        }
    }
}
