//! A pod asks for other node labels than its RuntimeClass.
//!
//! The API server merges `scheduling.nodeSelector` of the RuntimeClass into the pod. Where both have
//! a label and the values differ it refuses the pod. A Deployment or Job is accepted, and then
//! cannot make a single pod: the error stands in the events of its ReplicaSet.
//!
//! A pod that is not for Windows is judged by labels about the system, the architecture and
//! the build alone.
//!
//! Remove the label from the pod, since the class brings its own, or use the class for the nodes the
//! pod asks for. There is usually one class for each Windows build.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   runtimeClassName: windows2022
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!     node.kubernetes.io/windows-build: 10.0.26100
//!   containers:
//!     - name: web
//!       image: registry.example/web:3-windowsservercore-ltsc2022
//! ---
//! apiVersion: node.k8s.io/v1
//! kind: RuntimeClass
//! metadata:
//!   name: windows2022
//! handler: runhcs-wcow-process
//! scheduling:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!     node.kubernetes.io/windows-build: 10.0.20348
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   runtimeClassName: windows2022
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!     agentpool: win
//!   containers:
//!     - name: web
//!       image: registry.example/web:3-windowsservercore-ltsc2022
//! ---
//! apiVersion: node.k8s.io/v1
//! kind: RuntimeClass
//! metadata:
//!   name: windows2022
//! handler: runhcs-wcow-process
//! scheduling:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!     node.kubernetes.io/windows-build: 10.0.20348
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::platform::Os;
use crate::platform::labels::{ARCH, OS, OS_BETA, WINDOWS_BUILD};
use crate::platform::runtime_class::handler_os;
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN906",
    name: "runtime-class-conflict",
    summary: "A pod asks for other node labels than its RuntimeClass",
    severity: Severity::Error,
    stage: Stage::ApiServer,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/containers/runtime-class/#scheduling",
        "https://github.com/kubernetes/kubernetes/blob/v1.36.2/plugin/pkg/admission/runtimeclass/admission.go",
    ]),
    errors: docs(&["conflict: runtimeClass.scheduling.nodeSelector"]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    let Some(class) = pod.runtime_class().filter(|_| !pod.is_bound()) else { return };
    let Some(wanted) = class.scheduling.as_ref().and_then(|s| s.node_selector.as_ref()) else { return };
    let Some(own) = &pod.spec.node_selector else { return };
    // A conflict among Linux nodes is none of this tool's business.
    let is_about_windows = !pod.is_for(Os::Linux) || class.handler.as_deref().and_then(handler_os) == Some(Os::Windows);
    for (key, value) in own.iter() {
        let Some(other) = wanted.get(key).filter(|other| **other != *value) else { continue };
        if is_about_windows || matches!(key, OS | OS_BETA | ARCH | WINDOWS_BUILD) {
            let name = pod.spec.runtime_class_name.as_deref().unwrap_or_default();
            report
                .finding(
                    pod.at("/nodeSelector").key(key),
                    format!("nodeSelector {key}: {value} contradicts RuntimeClass {name}, which asks for {other}: the API server refuses the pod"),
                )
                .help("remove the label from the pod, or use another RuntimeClass");
        }
    }
}
