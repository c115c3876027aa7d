//! A HostProcess pod asks to be isolated by Hyper-V.
//!
//! A HostProcess container is a process of its node; a container isolated by Hyper-V has a kernel of
//! its own. A pod cannot be both. Its RuntimeClass asks for the second, and the runtime does not make
//! the pod.
//!
//! Remove `runtimeClassName`. Where admission has put the `overhead` of the class into the pod, that has
//! to go as well: the API server refuses it without its class.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: agent
//! spec:
//!   os: {name: windows}
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   hostNetwork: true
//!   runtimeClassName: runhcs-wcow-hypervisor
//!   securityContext:
//!     windowsOptions:
//!       hostProcess: true
//!       runAsUserName: NT AUTHORITY\SYSTEM
//!   containers:
//!     - name: agent
//!       image: registry.example/agent:1.0
//! ```
//!
//! ## Fixed
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: agent
//! spec:
//!   os: {name: windows}
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   hostNetwork: true
//!   securityContext:
//!     windowsOptions:
//!       hostProcess: true
//!       runAsUserName: NT AUTHORITY\SYSTEM
//!   containers:
//!     - name: agent
//!       image: registry.example/agent:1.0
//! ```
//!
//! ## Good
//! The handler decides, not the name of the class:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: agent
//! spec:
//!   os: {name: windows}
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   hostNetwork: true
//!   runtimeClassName: hyperv
//!   securityContext:
//!     windowsOptions:
//!       hostProcess: true
//!       runAsUserName: NT AUTHORITY\SYSTEM
//!   containers:
//!     - name: agent
//!       image: registry.example/agent:1.0
//! ---
//! apiVersion: node.k8s.io/v1
//! kind: RuntimeClass
//! metadata:
//!   name: hyperv
//! handler: runhcs-wcow-process
//! scheduling:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::fix::{Fix, Safety};
use crate::object::pod::Toleration;
use crate::platform::labels::{ARCH_BETA, OS, OS_BETA};
use crate::platform::runtime_class::{asks_for_hyper_v, without_class};
use crate::platform::{Os, Reading};
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN307",
    name: "host-process-hyper-v",
    summary: "A HostProcess pod asks to be isolated by Hyper-V",
    severity: Severity::Error,
    stage: Stage::Runtime,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/tasks/configure-pod-container/create-hostprocess-pod/#limitations",
        "https://github.com/kubernetes/enhancements/tree/master/keps/sig-windows/1981-windows-privileged-container-support",
        "https://kubernetes.io/docs/concepts/containers/runtime-class/",
    ]),
    errors: docs(&["FailedCreatePodSandBox", "Pod Overhead set without corresponding RuntimeClass defined Overhead"]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() || !asks_for_hyper_v(pod) || !pod.is_host_process() {
        return;
    }
    let mut fix = without_class(pod, Fix::safe("Remove the RuntimeClass"));
    if !pod.containers.iter().all(|container| container.host_process) {
        fix.safety = Safety::Unsafe;
    }
    let name = pod.spec.runtime_class_name.as_deref().unwrap_or_default();
    report
        .finding(
            pod.at("/runtimeClassName"),
            format!("runtimeClassName {name} isolates by Hyper-V: a HostProcess container is a process of its node"),
        )
        .help("remove `runtimeClassName`")
        .fix(without_scheduling(pod, fix));
}

/// Keeps the pod on the nodes that its RuntimeClass would have it on: the one label that matters is
/// set, and what else the class brings is not given up without asking. Nor is a class given up whose
/// labels are wrong or deprecated: those of the pod have to agree with them.
fn without_scheduling(pod: &Pod<'_>, mut fix: Fix) -> Fix {
    let Some(scheduling) = pod.runtime_class().and_then(|class| class.scheduling.as_ref()) else { return fix };
    for (key, value) in scheduling.node_selector.iter().flat_map(|labels| labels.iter()) {
        let is_current = !matches!(key, OS_BETA | ARCH_BETA);
        let can = pod.node_model(Os::Windows, Reading::AsWritten).allows(key, "", std::slice::from_ref(value));
        match pod.spec.node_selector.as_ref().and_then(|own| own.get(key)) {
            Some(own) if own == value && can && is_current => {}
            Some(_) => fix.safety = Safety::Unsafe,
            None if key == OS && &**value == Os::Windows.label() => {
                fix = fix.set(pod.at("/nodeSelector").key(key), &**value);
            }
            None => fix.safety = Safety::Unsafe,
        }
    }
    let own = pod.spec.tolerations.as_deref().unwrap_or_default();
    let brought = scheduling.tolerations.as_deref().unwrap_or_default();
    if !brought.iter().all(|toleration| own.iter().any(|other| is_same(toleration, other))) {
        fix.safety = Safety::Unsafe;
    }
    fix
}

fn is_same(one: &Toleration<'_>, other: &Toleration<'_>) -> bool {
    one.key == other.key && one.operator == other.operator && one.value == other.value && one.effect == other.effect
}
