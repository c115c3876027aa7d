//! A Service wants clients kept on one pod in a way that Windows nodes do not offer.
//!
//! `sessionAffinity: ClientIP` is the work of the node that a connection comes in on. Windows nodes
//! do it from Windows Server 2022 on, and without a time limit of your choice: what stands in
//! `sessionAffinityConfig.clientIP.timeoutSeconds` reaches Linux nodes only, so that the same client
//! is treated differently depending on where it comes in.
//!
//! Leave the timeout at its default, and on Windows Server 2019 keep the session in the application
//! or in an ingress controller that sets a cookie. Where all nodes are known to run Windows Server 2019 this is an error,
//! and where some may an info.
//!
//! ## Bad
//! ```yaml
//! # settings: {windows: {builds: [20348, 26100]}}
//! apiVersion: v1
//! kind: Service
//! metadata:
//!   name: web
//! spec:
//!   selector: {app: web}
//!   sessionAffinity: ClientIP # the cart is kept in memory
//!   sessionAffinityConfig:
//!     clientIP:
//!       timeoutSeconds: 3600
//!   ports:
//!     - port: 80
//! ---
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata:
//!   name: web
//! spec:
//!   selector:
//!     matchLabels: {app: web}
//!   template:
//!     metadata:
//!       labels: {app: web}
//!     spec:
//!       nodeSelector:
//!         kubernetes.io/os: windows
//!       containers:
//!         - name: web
//!           image: mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022
//! ```
//!
//! ## Fixed
//! ```yaml
//! # settings: {windows: {builds: [20348, 26100]}}
//! apiVersion: v1
//! kind: Service
//! metadata:
//!   name: web
//! spec:
//!   selector: {app: web}
//!   sessionAffinity: ClientIP # the cart is kept in memory
//!   ports:
//!     - port: 80
//! ---
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata:
//!   name: web
//! spec:
//!   selector:
//!     matchLabels: {app: web}
//!   template:
//!     metadata:
//!       labels: {app: web}
//!     spec:
//!       nodeSelector:
//!         kubernetes.io/os: windows
//!       containers:
//!         - name: web
//!           image: mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022
//! ```
//!
//! ## Good
//! The default of three hours is what the API server fills in by itself:
//! ```yaml
//! # settings: {windows: {builds: [20348]}}
//! apiVersion: v1
//! kind: Service
//! metadata:
//!   name: web
//! spec:
//!   selector: {app: web}
//!   sessionAffinity: ClientIP
//!   sessionAffinityConfig:
//!     clientIP:
//!       timeoutSeconds: 10800
//!   ports:
//!     - port: 80
//! ---
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//!   labels: {app: web}
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022
//! ```
//! Nothing is known of a Service whose pods are not in the same set, or are not meant for Windows:
//! ```yaml
//! apiVersion: v1
//! kind: Service
//! metadata:
//!   name: cache
//! spec:
//!   selector: {app: cache}
//!   sessionAffinity: ClientIP
//!   sessionAffinityConfig:
//!     clientIP:
//!       timeoutSeconds: 60
//!   ports:
//!     - port: 6379
//! ---
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: cache
//!   labels: {app: cache}
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: linux
//!   containers:
//!     - name: cache
//!       image: redis:8
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::images::builds::SERVER_2022;
use crate::pod::Pod;
use crate::rules::{Check, Rule, Subject, docs};

pub const RULE: Rule = Rule {
    id: "WIN411",
    name: "session-affinity",
    summary: "A Service wants clients kept on one pod in a way that Windows nodes do not offer",
    severity: Severity::Warning,
    stage: Stage::Silent,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/services-networking/windows-networking/#load-balancing-and-services",
        "https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/proxy/winkernel/proxier.go",
        "https://kubernetes.io/docs/reference/networking/virtual-ips/#session-affinity",
    ]),
    errors: docs(&["Session Affinity is not supported on this version of Windows"]),
    check: Check::Object(check),
};

/// What the API server fills in: three hours.
const DEFAULT_TIMEOUT: i64 = 10800;

fn check(subject: &Subject<'_>, report: &mut Report<'_>) {
    let Some(service) = subject.balanced_windows_service() else { return };
    if service.session_affinity.as_deref() != Some("ClientIP") {
        return;
    }
    let mut builds = subject.world.builds().to_vec();
    if builds.is_empty() {
        // Of a pod that may go to any Windows node nothing is known.
        if subject.windows_pods().all(|pod| !pod.builds_in_reach().is_empty()) {
            builds = subject.windows_pods().flat_map(Pod::builds_in_reach).copied().collect();
        }
    }
    let is_old = |build: &u32| *build < SERVER_2022;
    if builds.is_empty() || builds.iter().any(is_old) {
        let (severity, message) = if !builds.is_empty() && builds.iter().all(is_old) {
            let message = "sessionAffinity ClientIP: the Windows nodes of this cluster do not keep clients on one pod, \
                           only Windows Server 2022 and later do";
            (Severity::Error, message)
        } else {
            let message = "sessionAffinity ClientIP: Windows nodes before Windows Server 2022 do not keep clients \
                           on one pod";
            (Severity::Info, message)
        };
        report
            .finding(subject.at("/spec/sessionAffinity"), message)
            .help("run Windows Server 2022 or later on the nodes, or keep the session in the application")
            .severity(severity);
    }
    let config = service.session_affinity_config.as_ref().and_then(|config| config.client_ip.as_ref());
    if let Some(seconds) = config.and_then(|config| config.timeout_seconds).filter(|s| *s != DEFAULT_TIMEOUT) {
        report
            .finding(
                subject.at("/spec/sessionAffinityConfig/clientIP/timeoutSeconds"),
                format!("timeoutSeconds {seconds}: Windows nodes know no timeout for session affinity and ignore it"),
            )
            .help("remove `sessionAffinityConfig`")
            .fix(Fix::safe("Leave the timeout at its default").remove(subject.at("/spec/sessionAffinityConfig")));
    }
}
