//! A container must not run as root, and is told to run as ContainerAdministrator.
//!
//! The kubelet takes `ContainerAdministrator`, in any letter case, for the root of a Windows
//! container. With `runAsNonRoot: true` it refuses to create the container: the pod stays in
//! CreateContainerConfigError.
//!
//! Run it as `ContainerUser` where the program can live without administrator's rights. IIS with
//! ServiceMonitor and most installers cannot; then `runAsNonRoot` has to go.
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
//!   securityContext:
//!     runAsNonRoot: true
//!     windowsOptions:
//!       runAsUserName: ContainerAdministrator
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/servercore:ltsc2022
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
//!   securityContext:
//!     runAsNonRoot: true
//!     windowsOptions:
//!       runAsUserName: ContainerUser
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/servercore:ltsc2022
//! ```
//!
//! ## Good
//! A container's own values count before the pod's:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   os: {name: windows}
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   securityContext:
//!     runAsNonRoot: true
//!   containers:
//!     - name: setup
//!       image: mcr.microsoft.com/windows/servercore:ltsc2022
//!       securityContext:
//!         runAsNonRoot: false
//!         windowsOptions:
//!           runAsUserName: ContainerAdministrator
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};
use crate::run_as;

pub const RULE: Rule = Rule {
    id: "WIN207",
    name: "non-root-administrator",
    summary: "A container must not run as root, and is told to run as ContainerAdministrator",
    severity: Severity::Error,
    stage: Stage::Kubelet,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/tasks/configure-pod-container/configure-runasusername/",
        "https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/kubelet/kuberuntime/security_context_windows.go",
    ]),
    errors: docs(&[
        "container's runAsUserName (ContainerAdministrator) which will be regarded as root identity and will break non-root policy",
        "CreateContainerConfigError",
    ]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    let mut is_pods_reported = false;
    for container in pod.containers.iter().filter(|c| !c.host_process) {
        if !pod.run_as_non_root(container).is_some_and(|non_root| non_root.value) {
            continue;
        }
        let Some(user) = pod.run_as_user_name(container).filter(|user| run_as::is_container_administrator(user.value))
        else {
            continue;
        };
        // Where the pod names the user, all its containers share one mistake.
        if !user.path.is_below(&container.at("")) && std::mem::replace(&mut is_pods_reported, true) {
            continue;
        }
        let message = format!(
            "container {}: runAsUserName {} with runAsNonRoot: the kubelet takes it for root and does not start the container",
            container.name(),
            user.value
        );
        report
            .finding(user.path.clone(), message)
            .help("run as ContainerUser, or remove runAsNonRoot where administrator's rights are needed")
            .fix(Fix::unsafe_("Run as ContainerUser").set(user.path, "ContainerUser"));
    }
}
