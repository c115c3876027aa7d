//! A Windows pod is to be isolated by Hyper-V, which Kubernetes does not support.
//!
//! containerd's own configuration has a handler `runhcs-wcow-hypervisor`, and a RuntimeClass can
//! name it. But Kubernetes supports process isolation alone on Windows, and nothing of it is tested
//! with Hyper-V. The nodes of AKS, GKE and OpenShift cannot do it, which makes this an error there;
//! RKE2 and k3s configure no such handler: the pod stays in ContainerCreating. The annotation of
//! the first attempt, `experimental.windows.kubernetes.io/isolation-type`, is no longer read by
//! anything. And a RuntimeClass that bears that handler's name, and has another one, isolates by
//! process: its name says nothing.
//!
//! Use process isolation, the default, and images for the build of the nodes.
//!
//! ## Bad
//! ```yaml
//! # settings: {platform: aks}
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   runtimeClassName: windows-hyperv # runs 2019 on 2022
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: registry.example/web:3-windowsservercore-ltsc2022
//! ```
//!
//! ## Fixed
//! ```yaml
//! # settings: {platform: aks}
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: registry.example/web:3-windowsservercore-ltsc2022
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//!   annotations:
//!     experimental.windows.kubernetes.io/isolation-type: process
//! spec:
//!   runtimeClassName: hyperv
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: registry.example/web:3-windowsservercore-ltsc2022
//! ---
//! apiVersion: node.k8s.io/v1
//! kind: RuntimeClass
//! metadata:
//!   name: hyperv # a name is only a name
//! handler: runhcs-wcow-process
//! scheduling:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//! ```
//! ```yaml
//! apiVersion: node.k8s.io/v1
//! kind: RuntimeClass
//! metadata:
//!   name: kata
//! handler: kata-cloud-hypervisor
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::object::Body;
use crate::platform::Os;
use crate::platform::runtime_class::{handler_os, is_hyper_v, names_hyper_v, without_class};
use crate::pod::Pod;
use crate::rules::{Check, Rule, Subject, docs};
use crate::settings::Platform;
use crate::world::World;

pub const RULE: Rule = Rule {
    id: "WIN905",
    name: "hyper-v-isolation",
    summary: "A Windows pod is to be isolated by Hyper-V, which Kubernetes does not support",
    severity: Severity::Warning,
    stage: Stage::Runtime,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/windows/intro/",
        "https://learn.microsoft.com/azure/aks/windows-best-practices",
        "https://github.com/containerd/containerd/blob/main/docs/cri/config.md",
    ]),
    errors: docs(&[
        "no runtime for \"runhcs-wcow-hypervisor\" is configured",
        "FailedCreatePodSandBox",
        "The virtual machine could not be started because a required feature is not installed. (0x80370102)",
    ]),
    check: Check::Both(check_pod, check_class),
};

/// What the alpha feature HyperVContainer looked at.
const ANNOTATION: &str = "experimental.windows.kubernetes.io/isolation-type";

/// The handler for Hyper-V in containerd's own configuration.
const HANDLER: &str = "runhcs-wcow-hypervisor";

fn check_pod(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_for(Os::Linux) && pod.metadata.and_then(|m| m.annotation(ANNOTATION)) == Some("hyperv") {
        let path = pod.metadata_at("/annotations").key(ANNOTATION);
        report
            .finding(path.clone(), format!("annotation {ANNOTATION}: no version of Kubernetes in use reads it, so the pod is isolated by process only"))
            .help("remove the annotation")
            .stage(Stage::Silent)
            .fix(Fix::safe("Remove the annotation").remove(path));
    }
    // In HostProcess pods WIN307 speaks.
    if !pod.is_windows() || !is_hyper_v(pod) {
        return;
    }
    let (severity, why) = verdict(pod.world);
    let name = pod.spec.runtime_class_name.as_deref().unwrap_or_default();
    report
        .finding(pod.at("/runtimeClassName"), format!("runtimeClassName {name} isolates by Hyper-V: {why}"))
        .help("remove `runtimeClassName`, and use images for the build of the nodes")
        .severity(severity)
        .fix(without_class(pod, Fix::unsafe_("Isolate the pod by process")));
}

fn check_class(subject: &Subject<'_>, report: &mut Report<'_>) {
    let Body::RuntimeClass(class) = &subject.object.body else { return };
    let (name, handler) = (subject.object.name(), class.handler.as_deref().unwrap_or_default());
    if !names_hyper_v(handler) {
        // A name is only a name, but not where it is that of another handler.
        if name.starts_with(HANDLER) && handler_os(handler) == Some(Os::Windows) {
            let message =
                format!("handler {handler}: pods that ask for {name} are isolated by process, not by Hyper-V");
            report
                .finding(subject.path.key("handler"), message)
                .stage(Stage::Silent)
                .help("make a RuntimeClass whose name says what its handler does; the handler of an existing one cannot be changed");
        }
        return;
    }
    let (severity, why) = verdict(subject.world);
    report
        .finding(subject.path.key("handler"), format!("handler {handler} isolates by Hyper-V: {why}"))
        .help("make a RuntimeClass with the handler `runhcs-wcow-process`; the handler of an existing one cannot be changed")
        .severity(severity);
}

fn verdict(world: World<'_>) -> (Severity, &'static str) {
    match world.settings.platform {
        Platform::Aks => (Severity::Error, "AKS nodes isolate by process only"),
        Platform::Gke => (Severity::Error, "GKE nodes isolate by process only"),
        Platform::OpenShift => (Severity::Error, "the Windows nodes of OpenShift isolate by process only"),
        Platform::Eks | Platform::Generic => (
            Severity::Warning,
            "Kubernetes does not support that, and nodes without the handler (RKE2, k3s) never start the pod",
        ),
    }
}
