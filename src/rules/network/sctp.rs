//! SCTP is asked for on Windows, which does not have it.
//!
//! Windows has no SCTP in its network stack, and neither HNS nor kube-proxy on Windows knows the
//! protocol. The API server accepts the port all the same: the container cannot listen on it, and
//! for a Service no rule is made on Windows nodes, so that connections time out.
//!
//! Speak TCP or UDP there, or run the workload on Linux. A Service is looked at together with the
//! Windows workloads that it selects.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: signalling
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: signalling
//!       image: registry.example/signalling:3-windowsservercore-ltsc2022
//!       ports:
//!         - containerPort: 3868
//!           protocol: SCTP
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: signalling
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: signalling
//!       image: registry.example/signalling:3-windowsservercore-ltsc2022
//!       ports:
//!         - containerPort: 3868
//!           protocol: TCP
//! ```
//! A Service is fine where its pods run Linux:
//! ```yaml
//! apiVersion: v1
//! kind: Service
//! metadata:
//!   name: signalling
//! spec:
//!   selector: {app: signalling}
//!   ports:
//!     - port: 3868
//!       protocol: SCTP
//! ---
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: signalling
//!   labels: {app: signalling}
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: linux
//!   containers:
//!     - name: signalling
//!       image: registry.example/signalling:3
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::object::Body;
use crate::pod::Pod;
use crate::rules::{Check, Rule, Subject, docs};

pub const RULE: Rule = Rule {
    id: "WIN406",
    name: "sctp",
    summary: "SCTP is asked for on Windows, which does not have it",
    severity: Severity::Error,
    stage: Stage::Process,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/reference/networking/service-protocols/#protocol-sctp",
        "https://kubernetes.io/docs/concepts/services-networking/windows-networking/",
    ]),
    errors: docs(&[]),
    check: Check::Both(check_pod, check_service),
};

const HELP: &str = "use TCP or UDP, or run it on Linux";

fn check_pod(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    for container in &pod.containers {
        for (index, port) in container.view.ports.as_deref().unwrap_or_default().iter().enumerate() {
            if port.protocol.as_deref() == Some("SCTP") {
                let message = format!("container {}: protocol SCTP: Windows has no SCTP", container.name());
                report.finding(container.at("/ports").index(index).key("protocol"), message).help(HELP);
            }
        }
    }
}

fn check_service(subject: &Subject<'_>, report: &mut Report<'_>) {
    let Body::Service(service) = &subject.object.body else { return };
    let Some(pod) = subject.windows_pods().next() else { return };
    let ports = service.spec.as_ref().and_then(|spec| spec.ports.as_deref()).unwrap_or_default();
    for (index, port) in ports.iter().enumerate() {
        if port.protocol.as_deref() == Some("SCTP") {
            let message = format!(
                "protocol SCTP: Windows has no SCTP, and this Service selects the Windows pods of {} {}",
                pod.object.kind,
                pod.object.name()
            );
            report
                .finding(subject.path.join("/spec/ports").index(index).key("protocol"), message)
                .help(HELP)
                .stage(Stage::Silent);
        }
    }
}
