//! A Service's named targetPort means different numbers in its Windows workloads.
//!
//! A `targetPort` by name is looked up in every pod, so that on Linux nodes one Service can reach
//! port 80 of one workload and port 8080 of another. The network service of Windows nodes (HNS) keeps
//! a single number for all pods of a Service: kube-proxy gives it that of one of them, and
//! connections to the others fail.
//!
//! Let the workloads listen on the same port, or give each a Service of its own. Headless Services
//! are not concerned: nothing is balanced for them.
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
//!       targetPort: http
//! ---
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata:
//!   name: web-1
//! spec:
//!   selector:
//!     matchLabels: {app: web, version: "1"}
//!   template:
//!     metadata:
//!       labels: {app: web, version: "1"}
//!     spec:
//!       nodeSelector:
//!         kubernetes.io/os: windows
//!       containers:
//!         - name: web
//!           image: mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022
//!           ports:
//!             - name: http
//!               containerPort: 80
//! ---
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata:
//!   name: web-2
//! spec:
//!   selector:
//!     matchLabels: {app: web, version: "2"}
//!   template:
//!     metadata:
//!       labels: {app: web, version: "2"}
//!     spec:
//!       nodeSelector:
//!         kubernetes.io/os: windows
//!       containers:
//!         - name: web
//!           image: registry.example/web:2-nanoserver-ltsc2022
//!           ports:
//!             - name: http
//!               containerPort: 8080
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: v1
//! kind: Service
//! metadata:
//!   name: web
//! spec:
//!   selector: {app: web}
//!   ports:
//!     - port: 80
//!       targetPort: http
//! ---
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata:
//!   name: web-1
//! spec:
//!   selector:
//!     matchLabels: {app: web, version: "1"}
//!   template:
//!     metadata:
//!       labels: {app: web, version: "1"}
//!     spec:
//!       nodeSelector:
//!         kubernetes.io/os: windows
//!       containers:
//!         - name: web
//!           image: registry.example/web:1-nanoserver-ltsc2022
//!           ports:
//!             - name: http
//!               containerPort: 8080
//! ---
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata:
//!   name: web-2
//! spec:
//!   selector:
//!     matchLabels: {app: web, version: "2"}
//!   template:
//!     metadata:
//!       labels: {app: web, version: "2"}
//!     spec:
//!       nodeSelector:
//!         kubernetes.io/os: windows
//!       containers:
//!         - name: web
//!           image: registry.example/web:2-nanoserver-ltsc2022
//!           ports:
//!             - name: http
//!               containerPort: 8080
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::object::network::ServicePort;
use crate::object::read::Str;
use crate::pod::{ContainerList, Pod};
use crate::rules::{Check, Rule, Subject, docs};

pub const RULE: Rule = Rule {
    id: "WIN419",
    name: "named-target-port-differs",
    summary: "A Service's named targetPort means different numbers in its Windows workloads",
    severity: Severity::Warning,
    stage: Stage::Silent,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/proxy/winkernel/proxier.go",
        "https://github.com/kubernetes/kubernetes/pull/132647",
        "https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports",
    ]),
    errors: docs(&[]),
    check: Check::Object(check),
};

fn check(subject: &Subject<'_>, report: &mut Report<'_>) {
    let Some(service) = subject.balanced_windows_service() else { return };
    for (index, port) in service.ports.as_deref().unwrap_or_default().iter().enumerate() {
        let Some(name) = port.target_port.as_deref() else { continue };
        let mut found = subject.windows_pods().filter_map(|pod| Some((pod, number(pod, name, port)?)));
        let Some((first, its)) = found.next() else { continue };
        let Some((other, number)) = found.find(|(_, number)| *number != its) else { continue };
        let (first, other) = (first.object.title(), other.object.title());
        report
            .finding(
                subject.at("/spec/ports").index(index).key("targetPort"),
                format!(
                    "targetPort {name}: it is port {its} of {first} and port {number} of {other}, \
                     but Windows nodes keep one number for all pods of a Service"
                ),
            )
            .help("let the workloads listen on the same port, or give each a Service of its own");
    }
}

/// The number of the port `name` in a pod, found as Kubernetes does it: in the first container that
/// has one of that name and protocol, sidecars last.
fn number(pod: &Pod<'_>, name: &str, wanted: &ServicePort<'_>) -> Option<i64> {
    let protocol = protocol(&wanted.protocol);
    let in_list = |list: ContainerList, sidecar: Option<&str>| {
        let containers = pod.containers.iter().filter(|container| {
            container.list == list && (sidecar.is_none() || container.view.restart_policy.as_deref() == sidecar)
        });
        let mut ports = containers.flat_map(|container| container.view.ports.iter().flatten());
        ports.find(|port| port.name.as_deref() == Some(name) && self::protocol(&port.protocol) == protocol)
    };
    in_list(ContainerList::Main, None).or_else(|| in_list(ContainerList::Init, Some("Always")))?.container_port
}

/// What stands there, or the default.
fn protocol<'p>(stated: &'p Option<Str<'_>>) -> &'p str {
    stated.as_deref().filter(|protocol| !protocol.is_empty()).unwrap_or("TCP")
}
