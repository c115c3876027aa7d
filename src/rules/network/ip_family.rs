//! A Service asks for IPv6, which its Windows pods may not have.
//!
//! Kubernetes on Windows has no IPv6-only pods. Dual stack works on `l2bridge` networks whose plug-in
//! supports it; overlay (VXLAN) networks are IPv4 only. A Service that requires both families, or
//! IPv6, has no backends of that family where its pods have no such address: connections to its IPv6
//! address fail, while everything looks right in `kubectl get service`.
//!
//! Leave the Service at IPv4 (`ipFamilyPolicy: SingleStack`), or make sure that the Windows pods have
//! two addresses (`kubectl get pod -o jsonpath='{.status.podIPs}'`).
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Service
//! metadata:
//!   name: web
//! spec:
//!   ipFamilyPolicy: RequireDualStack
//!   ipFamilies: [IPv4, IPv6]
//!   selector: {app: web}
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
//! This is what the API server fills in on a cluster of one family:
//! ```yaml
//! apiVersion: v1
//! kind: Service
//! metadata:
//!   name: web
//! spec:
//!   ipFamilyPolicy: SingleStack
//!   ipFamilies: [IPv4]
//!   selector: {app: web}
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

use crate::finding::{Report, Severity, Stage};
use crate::rules::{Check, Rule, Subject, docs};
use crate::settings::Cni;

pub const RULE: Rule = Rule {
    id: "WIN413",
    name: "ip-family",
    summary: "A Service asks for IPv6, which its Windows pods may not have",
    severity: Severity::Warning,
    stage: Stage::Silent,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/services-networking/dual-stack/#windows-support",
        "https://github.com/kubernetes/kubernetes/blob/v1.36.2/cmd/kube-proxy/app/server_windows.go",
        "https://docs.tigera.io/calico/latest/getting-started/kubernetes/windows-calico/limitations",
        "https://github.com/aws/containers-roadmap/issues/1984",
    ]),
    errors: docs(&[]),
    check: Check::Object(check),
};

fn check(subject: &Subject<'_>, report: &mut Report<'_>) {
    let Some(service) = subject.windows_service() else { return };
    let policy = service.ip_family_policy.as_deref().filter(|p| matches!(*p, "RequireDualStack" | "PreferDualStack"));
    let (path, asks) = if let Some(policy) = policy {
        (subject.at("/spec/ipFamilyPolicy"), policy)
    } else {
        let families = service.ip_families.as_deref().unwrap_or_default();
        let Some(index) = families.iter().position(|family| family == "IPv6") else { return };
        (subject.at("/spec/ipFamilies").index(index), "IPv6")
    };
    let field = if policy.is_some() { "ipFamilyPolicy" } else { "ipFamilies" };
    let why = match subject.world.settings.cni() {
        Some(Cni::FlannelOverlay) => "overlay networks of Windows nodes are IPv4 only",
        Some(Cni::Calico) => "Calico gives Windows pods IPv4 addresses only",
        Some(Cni::Vpc) => "EKS gives Windows pods IPv4 addresses only",
        _ => {
            "Windows pods have IPv6 addresses only on l2bridge networks whose plug-in supports dual stack, \
             never on overlay networks"
        }
    };
    report
        .finding(path, format!("{field} {asks}: {why}"))
        .help("set `ipFamilyPolicy: SingleStack` and `ipFamilies: [IPv4]`, or check that its Windows pods have IPv6 addresses");
}
