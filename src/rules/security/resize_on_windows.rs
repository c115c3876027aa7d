//! Containers on Windows cannot be resized while they run.
//!
//! A request to the `resize` subresource of a pod with `os.name: windows` is refused by the API
//! server, which is an error; without `os.name` it is accepted, and the kubelet then reports it as
//! infeasible for ever. So a `resizePolicy` promises something that never happens, and a
//! VerticalPodAutoscaler that resizes in place gets nowhere with Windows pods. The one that comes
//! with AKS does not support Windows at all.
//!
//! To change requests and limits, change the workload's template and let its pods be replaced.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   os: {name: windows}
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//!       resizePolicy:
//!         - resourceName: memory
//!           restartPolicy: RestartContainer
//!       resources:
//!         limits: {memory: 1Gi}
//! ```
//!
//! ## Fixed
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   os: {name: windows}
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//!       resources:
//!         limits: {memory: 1Gi}
//! ```
//!
//! ## Good
//! Some versions of the API server fill in this one:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   os: {name: windows}
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//!       resizePolicy:
//!         - resourceName: memory
//!           restartPolicy: NotRequired
//! ```
//! An autoscaler that replaces the pods:
//! ```yaml
//! apiVersion: autoscaling.k8s.io/v1
//! kind: VerticalPodAutoscaler
//! metadata:
//!   name: web
//! spec:
//!   targetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
//!   updatePolicy: {updateMode: Recreate}
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
//!       os: {name: windows}
//!       nodeSelector:
//!         kubernetes.io/os: windows
//!       containers:
//!         - name: web
//!           image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::object::Body;
use crate::platform::Os;
use crate::pod::Pod;
use crate::pointer::Pointer;
use crate::rules::{Check, Rule, Subject, docs};
use crate::settings::Platform;

pub const RULE: Rule = Rule {
    id: "WIN215",
    name: "resize-on-windows",
    summary: "Containers on Windows cannot be resized while they run",
    severity: Severity::Info,
    stage: Stage::Kubelet,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/#limitations",
        "https://learn.microsoft.com/azure/aks/vertical-pod-autoscaler",
    ]),
    errors: docs(&["windows pods cannot be resized"]),
    check: Check::Both(check_pod, check_autoscaler),
};

fn check_pod(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    if pod.world.request.sub_resource() == "resize" {
        let (then, stage) = if pod.os_name() == Some(Os::Windows) {
            ("the API server refuses it", Stage::ApiServer)
        } else {
            ("the kubelet will not do it", Stage::Kubelet)
        };
        report
            .finding(pod.at(""), format!("a Windows pod cannot be resized while it runs: {then}"))
            .severity(Severity::Error)
            .stage(stage)
            .help("change the template of its workload, so that the pod is replaced");
    }
    for container in &pod.containers {
        let policies = container.view.resize_policy.as_deref().unwrap_or_default();
        // What the API server itself has filled in is nobody's wish.
        if policies.iter().all(|policy| policy.restart_policy.as_deref().is_none_or(|p| p == "NotRequired")) {
            continue;
        }
        let path = container.at("/resizePolicy");
        let message = format!(
            "container {}: resizePolicy has no effect: Windows containers cannot be resized while they run",
            container.name()
        );
        report.finding(path.clone(), message).help("remove it").fix(Fix::safe("Remove the resizePolicy").remove(path));
    }
}

fn check_autoscaler(subject: &Subject<'_>, report: &mut Report<'_>) {
    let Body::VerticalPodAutoscaler(autoscaler) = &subject.object.body else { return };
    let Some(spec) = &autoscaler.spec else { return };
    let mode = spec.update_policy.as_ref().and_then(|policy| policy.update_mode.as_deref()).unwrap_or("Auto");
    let resizes = mode.starts_with("InPlace");
    let is_add_on = subject.world.settings.platform == Platform::Aks && mode != "Off";
    let Some(target) = spec.target_ref.as_ref().filter(|_| resizes || is_add_on) else { return };
    let (Some(kind), Some(name)) = (target.kind.as_deref(), target.name.as_deref()) else { return };
    let Some(object) = subject.world.context.find(kind, subject.namespace(), name) else { return };
    let mut pods = object.workloads().iter().filter_map(|workload| Pod::new(object, workload, subject.world, ""));
    if !pods.any(|pod| pod.is_windows()) {
        return;
    }
    if resizes {
        let message = format!(
            "updateMode {mode}: the pods of {kind} {name} are Windows pods, which cannot be resized while they run"
        );
        report
            .finding(subject.path.join("/spec/updatePolicy/updateMode"), message)
            .help("use updateMode Recreate or Initial, or leave the workload to its own limits");
    } else {
        let at: Pointer = subject.path.join("/spec/targetRef");
        let message = format!(
            "the pods of {kind} {name} are Windows pods, which the VerticalPodAutoscaler of AKS does not support"
        );
        report
            .finding(at, message)
            .stage(Stage::Silent)
            .help("set updateMode to Off, or scale the workload by replicas");
    }
}
