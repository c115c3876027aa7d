//! More pods may stand behind a Service than a Windows node can balance over.
//!
//! Windows nodes support at most 1024 backends for one Service. What becomes of the others nobody
//! promises: they may get no traffic, or the Service may not be set up on the node at all. Counted
//! are the replicas of the workloads that the Service selects, or the `maxReplicas` of their
//! HorizontalPodAutoscalers where that is more; of workloads without a number one pod.
//!
//! Split the workload and give each part a Service of its own. A headless Service
//! (`clusterIP: None`) has no such limit: names resolve to the pods themselves.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Service
//! metadata:
//!   name: render
//! spec:
//!   selector: {app: render}
//!   ports:
//!     - port: 80
//! ---
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata:
//!   name: render
//! spec:
//!   replicas: 200
//!   selector:
//!     matchLabels: {app: render}
//!   template:
//!     metadata:
//!       labels: {app: render}
//!     spec:
//!       nodeSelector:
//!         kubernetes.io/os: windows
//!       containers:
//!         - name: render
//!           image: registry.example/render:4-nanoserver-ltsc2022
//! ---
//! apiVersion: autoscaling/v2
//! kind: HorizontalPodAutoscaler
//! metadata:
//!   name: render
//! spec:
//!   minReplicas: 200
//!   maxReplicas: 2000
//!   scaleTargetRef:
//!     apiVersion: apps/v1
//!     kind: Deployment
//!     name: render
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: v1
//! kind: Service
//! metadata:
//!   name: render
//! spec:
//!   selector: {app: render}
//!   ports:
//!     - port: 80
//! ---
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata:
//!   name: render
//! spec:
//!   replicas: 1024
//!   selector:
//!     matchLabels: {app: render}
//!   template:
//!     metadata:
//!       labels: {app: render}
//!     spec:
//!       nodeSelector:
//!         kubernetes.io/os: windows
//!       containers:
//!         - name: render
//!           image: registry.example/render:4-nanoserver-ltsc2022
//! ```
//! Nothing is balanced for a headless Service:
//! ```yaml
//! apiVersion: v1
//! kind: Service
//! metadata:
//!   name: render
//! spec:
//!   clusterIP: None
//!   selector: {app: render}
//! ---
//! apiVersion: apps/v1
//! kind: StatefulSet
//! metadata:
//!   name: render
//! spec:
//!   serviceName: render
//!   replicas: 1500
//!   selector:
//!     matchLabels: {app: render}
//!   template:
//!     metadata:
//!       labels: {app: render}
//!     spec:
//!       nodeSelector:
//!         kubernetes.io/os: windows
//!       containers:
//!         - name: render
//!           image: registry.example/render:4-nanoserver-ltsc2022
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::object::Body;
use crate::object::cluster::HorizontalPodAutoscalerSpec;
use crate::pod::Pod;
use crate::rules::{Check, Rule, Subject, docs};

pub const RULE: Rule = Rule {
    id: "WIN415",
    name: "too-many-backends",
    summary: "More pods may stand behind a Service than a Windows node can balance over",
    severity: Severity::Info,
    stage: Stage::Silent,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&["https://kubernetes.io/docs/concepts/services-networking/windows-networking/#limitations"]),
    errors: docs(&[]),
    check: Check::Object(check),
};

/// The most backends of one Service that Windows nodes support.
const MOST: i64 = 1024;

fn check(subject: &Subject<'_>, report: &mut Report<'_>) {
    if subject.balanced_windows_service().is_none() {
        return;
    }
    let scalers: Vec<&HorizontalPodAutoscalerSpec<'_>> = subject
        .world
        .context
        .objects()
        .filter(|object| object.namespace_or_default() == subject.namespace())
        .filter_map(|object| match &object.body {
            Body::HorizontalPodAutoscaler(scaler) => scaler.spec.as_ref(),
            _ => None,
        })
        .collect();
    let count = subject.pods.iter().fold(0, |sum: i64, pod| sum.saturating_add(most_replicas(pod, &scalers)));
    if count > MOST {
        report
            .finding(
                subject.at("/spec/selector"),
                format!("selector: it matches up to {count} pods, but Windows nodes balance over {MOST} at most"),
            )
            .help("split the workload into several, each with a Service of its own");
    }
}

/// As many pods as there may be of a workload: its replicas, or what its autoscalers allow.
fn most_replicas(pod: &Pod<'_>, scalers: &[&HorizontalPodAutoscalerSpec<'_>]) -> i64 {
    let (kind, name) = (Some(&*pod.object.kind), Some(pod.object.name()));
    let mut most = pod.workload.replicas.unwrap_or(1).max(0);
    for scaler in scalers {
        let target = scaler.scale_target_ref.as_ref();
        if target.is_some_and(|target| target.kind.as_deref() == kind && target.name.as_deref() == name) {
            most = most.max(scaler.max_replicas.unwrap_or_default());
        }
    }
    most
}
