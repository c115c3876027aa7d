//! A Service selects pods of both operating systems.
//!
//! A Service passes connections to whichever of its pods comes next. Where its selector matches a
//! Windows workload and a Linux one, callers reach now the one, now the other: often two generations
//! of a program that share their labels during a migration, or a chart whose Linux helper carries the
//! labels of the main program.
//!
//! Give the two workloads labels that tell them apart and select one of them. A label such as
//! `os: windows` must stand in the pod template: Services do not look at the labels of nodes. Where
//! both run one program and it does not matter which of them answers, the finding may be allowed.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Service
//! metadata:
//!   name: web
//! spec:
//!   selector: {app: web}
//!   ports:
//!     - port: 80
//! ---
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata:
//!   name: web-framework
//! spec:
//!   selector:
//!     matchLabels: {app: web, generation: framework}
//!   template:
//!     metadata:
//!       labels: {app: web, generation: framework}
//!     spec:
//!       nodeSelector:
//!         kubernetes.io/os: windows
//!       containers:
//!         - name: web
//!           image: registry.example/web:1-windowsservercore-ltsc2022
//! ---
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata:
//!   name: web-core
//! spec:
//!   selector:
//!     matchLabels: {app: web, generation: core}
//!   template:
//!     metadata:
//!       labels: {app: web, generation: core}
//!     spec:
//!       nodeSelector:
//!         kubernetes.io/os: linux
//!       containers:
//!         - name: web
//!           image: registry.example/web:2-alpine
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: v1
//! kind: Service
//! metadata:
//!   name: web
//! spec:
//!   selector: {app: web, generation: framework}
//!   ports:
//!     - port: 80
//! ---
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata:
//!   name: web-framework
//! spec:
//!   selector:
//!     matchLabels: {app: web, generation: framework}
//!   template:
//!     metadata:
//!       labels: {app: web, generation: framework}
//!     spec:
//!       nodeSelector:
//!         kubernetes.io/os: windows
//!       containers:
//!         - name: web
//!           image: registry.example/web:1-windowsservercore-ltsc2022
//! ---
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata:
//!   name: web-core
//! spec:
//!   selector:
//!     matchLabels: {app: web, generation: core}
//!   template:
//!     metadata:
//!       labels: {app: web, generation: core}
//!     spec:
//!       nodeSelector:
//!         kubernetes.io/os: linux
//!       containers:
//!         - name: web
//!           image: registry.example/web:2-alpine
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::platform::Os;
use crate::rules::{Check, Rule, Subject, docs};

pub const RULE: Rule = Rule {
    id: "WIN414",
    name: "service-spans-os",
    summary: "A Service selects pods of both operating systems",
    severity: Severity::Warning,
    stage: Stage::Silent,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/services-networking/service/#defining-a-service",
        "https://kubernetes.io/docs/concepts/windows/user-guide/",
    ]),
    errors: docs(&[]),
    check: Check::Object(check),
};

fn check(subject: &Subject<'_>, report: &mut Report<'_>) {
    if subject.windows_service().is_none() {
        return;
    }
    let windows = subject.windows_pods().next();
    let linux = subject.pods.iter().find(|pod| pod.is_for(Os::Linux));
    if let (Some(windows), Some(linux)) = (windows, linux) {
        let (windows, linux) = (windows.object.title(), linux.object.title());
        report
            .finding(
                subject.at("/spec/selector"),
                format!(
                    "selector: it matches pods for Windows ({windows}) and for Linux ({linux}), \
                     so that callers reach now the one, now the other"
                ),
            )
            .help("add a label to the selector that only one of the workloads has");
    }
}
