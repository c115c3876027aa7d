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
use crate::pod::Pod;
use crate::rules::{Check, Rule, Subject, docs};

pub const RULE: Rule = Rule {
    id: "WIN415",
    name: "too-many-backends",
    summary: "More pods may stand behind a Service than a Windows node can balance over",
    severity: Severity::Info,
    stage: Stage::Silent,
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
    let count = subject.pods.iter().fold(0, |sum: i64, pod| sum.saturating_add(most_replicas(pod)));
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
fn most_replicas(pod: &Pod<'_>) -> i64 {
    let owner = pod.object;
    let scaled = pod.world.context.objects().filter_map(|object| {
        let Body::HorizontalPodAutoscaler(autoscaler) = &object.body else { return None };
        let spec = autoscaler.spec.as_ref()?;
        let target = spec.scale_target_ref.as_ref()?;
        let is_it = target.kind.as_deref() == Some(&*owner.kind)
            && target.name.as_deref() == Some(owner.name())
            && object.namespace_or_default() == owner.namespace_or_default();
        spec.max_replicas.filter(|_| is_it)
    });
    scaled.chain([pod.workload.replicas.unwrap_or(1)]).max().unwrap_or_default().max(0)
}
