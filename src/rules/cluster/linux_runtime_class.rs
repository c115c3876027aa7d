//! A Windows pod asks for a container runtime that only Linux has.
//!
//! gVisor, Kata Containers, NVIDIA's runtime, crun, youki and the WebAssembly shims have no Windows
//! build. containerd on a Windows node knows no handler of that name, and the pod stays in
//! ContainerCreating: no runtime is configured for it.
//!
//! Remove `runtimeClassName`: process isolation is what Windows pods get without one. Where the
//! name only looks like that of a Linux runtime, let transom see the RuntimeClass: what its handler
//! says counts more than its name.
//!
//! dockershim went with Kubernetes 1.24: no node has a handler `docker` any more, so a RuntimeClass
//! for Windows nodes with it, or with a handler of Linux, starts nothing.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   runtimeClassName: gvisor # company policy
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: registry.example/web:3-windowsservercore-ltsc2022
//! ```
//!
//! ## Fixed
//! ```yaml
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
//! spec:
//!   runtimeClassName: nvidia-free
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: registry.example/web:3-windowsservercore-ltsc2022
//! ---
//! apiVersion: node.k8s.io/v1
//! kind: RuntimeClass
//! metadata:
//!   name: nvidia-free
//! handler: runhcs-wcow-process
//! scheduling:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::object::Body;
use crate::platform::Os;
use crate::platform::labels::OS;
use crate::platform::runtime_class::{class_name_os, handler_os, without_class};
use crate::pod::Pod;
use crate::rules::{Check, Rule, Subject, docs};

pub const RULE: Rule = Rule {
    id: "WIN903",
    name: "linux-runtime-class",
    summary: "A Windows pod asks for a container runtime that only Linux has",
    severity: Severity::Error,
    stage: Stage::Runtime,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/containers/runtime-class/",
        "https://gvisor.dev/docs/user_guide/containerd/quick_start/",
        "https://github.com/containerd/containerd/blob/main/docs/cri/config.md",
    ]),
    errors: docs(&["no runtime for", "FailedCreatePodSandBox"]),
    check: Check::Both(check, check_class),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    let Some(name) = pod.spec.runtime_class_name.as_deref().filter(|name| !name.is_empty() && pod.is_windows()) else {
        return;
    };
    let handler = pod.runtime_class().and_then(|class| class.handler.as_deref());
    let message = match handler {
        Some(handler) if handler_os(handler) == Some(Os::Linux) => {
            format!("runtimeClassName {name}: its handler {handler} is a runtime of Linux, which no Windows node has")
        }
        None if class_name_os(name) == Some(Os::Linux) => {
            format!("runtimeClassName {name}: this is a runtime of Linux, which no Windows node has")
        }
        _ => return,
    };
    report
        .finding(pod.at("/runtimeClassName"), message)
        .help("remove `runtimeClassName`")
        .fix(without_class(pod, Fix::unsafe_("Run it with the default runtime of Windows nodes")));
}

fn check_class(subject: &Subject<'_>, report: &mut Report<'_>) {
    let Body::RuntimeClass(class) = &subject.object.body else { return };
    let selector = class.scheduling.as_ref().and_then(|scheduling| scheduling.node_selector.as_ref());
    let is_for_windows = selector.and_then(|labels| labels.get(OS)).is_some_and(|os| **os == *Os::Windows.label());
    let handler = class.handler.as_deref().unwrap_or_default();
    let why = match handler {
        "docker" => "no node has this handler since Kubernetes 1.24",
        _ if handler_os(handler) == Some(Os::Linux) => "this is a runtime of Linux, which no Windows node has",
        _ => return,
    };
    if is_for_windows {
        report
            .finding(subject.path.key("handler"), format!("handler {handler}: {why}"))
            .help("make a RuntimeClass with the handler `runhcs-wcow-process`; the handler of an existing one cannot be changed");
    }
}
