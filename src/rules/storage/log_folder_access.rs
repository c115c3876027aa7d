//! A container reads the logs of its node as ContainerUser, who may not.
//!
//! Since July 2024 (CVE-2024-5321; Kubernetes 1.27.16, 1.28.12, 1.29.7 and 1.30.3) the kubelet
//! makes `C:\var\log\pods` and `C:\var\log\containers` readable to administrators only. ContainerUser,
//! which is also the user of images on Nano Server that name no other, gets "Access is denied": a log
//! collector runs and collects nothing.
//!
//! Run the container as ContainerAdministrator, or as a HostProcess container.
//!
//! ## Bad
//! ```yaml
//! apiVersion: apps/v1
//! kind: DaemonSet
//! metadata:
//!   name: logs
//! spec:
//!   selector:
//!     matchLabels: {app: logs}
//!   template:
//!     metadata:
//!       labels: {app: logs}
//!     spec:
//!       nodeSelector:
//!         kubernetes.io/os: windows
//!       containers:
//!         - name: logs
//!           image: registry.example/logs:2.1-nanoserver-ltsc2022
//!           volumeMounts:
//!             - name: pods
//!               mountPath: /var/log/pods
//!               readOnly: true
//!       volumes:
//!         - name: pods
//!           hostPath:
//!             path: /var/log/pods
//! ```
//!
//! ## Fixed
//! ```yaml
//! apiVersion: apps/v1
//! kind: DaemonSet
//! metadata:
//!   name: logs
//! spec:
//!   selector:
//!     matchLabels: {app: logs}
//!   template:
//!     metadata:
//!       labels: {app: logs}
//!     spec:
//!       nodeSelector:
//!         kubernetes.io/os: windows
//!       containers:
//!         - name: logs
//!           image: registry.example/logs:2.1-nanoserver-ltsc2022
//!           volumeMounts:
//!             - name: pods
//!               mountPath: /var/log/pods
//!               readOnly: true
//!           securityContext:
//!             windowsOptions:
//!               runAsUserName: ContainerAdministrator
//!       volumes:
//!         - name: pods
//!           hostPath:
//!             path: /var/log/pods
//! ```
//!
//! ## Good
//! Images on Server Core run as ContainerAdministrator:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: logs
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: logs
//!       image: registry.example/logs:2.1-windowsservercore-ltsc2022
//!       volumeMounts:
//!         - name: pods
//!           mountPath: C:\var\log\pods
//!   volumes:
//!     - name: pods
//!       hostPath:
//!         path: C:\var\log\pods
//! ```
//! Other folders are not affected, nor are the pod's own volumes:
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
//!       image: mcr.microsoft.com/dotnet/samples:aspnetapp-nanoserver-ltsc2022
//!       volumeMounts:
//!         - name: shop
//!           mountPath: /var/log/shop
//!         - name: own
//!           mountPath: /var/log/pods
//!   volumes:
//!     - name: shop
//!       hostPath:
//!         path: /var/log/shop
//!     - name: own
//!       emptyDir: {}
//! ```

use crate::claims;
use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::object::pod::HostPathVolumeSource;
use crate::order;
use crate::paths;
use crate::pod::{Container, Pod};
use crate::rules::{Check, Rule, docs};
use crate::run_as;

pub const RULE: Rule = Rule {
    id: "WIN522",
    name: "log-folder-access",
    summary: "A container reads the logs of its node as ContainerUser, who may not",
    severity: Severity::Warning,
    stage: Stage::Process,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://github.com/kubernetes/kubernetes/issues/126161",
        "https://kubernetes.io/docs/tasks/configure-pod-container/configure-runasusername/",
    ]),
    errors: docs(&["Access is denied", "Access to the path 'C:\\var\\log\\pods' is denied"]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    let folders: Vec<&str> =
        claims::of(pod).filter(|s| s.host_path().is_some_and(is_log_folder)).map(|s| s.name).collect();
    if folders.is_empty() {
        return;
    }
    let folders = order::sorted(&folders);
    for container in pod.containers.iter().filter(|c| !c.host_process && is_container_user(pod, c)) {
        // The user is what is wrong, so one mount says it for all.
        let of_folder = |name: Option<&str>| name.is_some_and(|name| folders.binary_search(&name).is_ok());
        let Some(index) = container.mounts().iter().position(|mount| of_folder(mount.name.as_deref())) else {
            continue;
        };
        let volume = container.mounts()[index].name.as_deref().unwrap_or_default();
        let finding = report.finding(
            container.mount_at(index),
            format!("container {}: it runs as ContainerUser, and volume {volume} is a folder of the node that only administrators can read", container.name()),
        );
        finding.help("run it as ContainerAdministrator");
        // The kubelet starts no administrator where runAsNonRoot is set.
        if !pod.run_as_non_root(container).is_some_and(|non_root| non_root.value) {
            let user = container.at("/securityContext/windowsOptions/runAsUserName");
            finding.fix(Fix::unsafe_("Run as ContainerAdministrator").set(user, "ContainerAdministrator"));
        }
    }
}

/// Whether the volume is a folder in which the kubelet and the runtime keep logs, or in one.
fn is_log_folder(volume: &HostPathVolumeSource<'_>) -> bool {
    let path = volume.path.as_deref().unwrap_or_default();
    paths::on_system_drive(path).is_some_and(|mut parts| {
        let mut next_is =
            |names: &[&str]| parts.next().is_some_and(|part| names.iter().any(|name| part.eq_ignore_ascii_case(name)));
        next_is(&["var"]) && next_is(&["log"]) && next_is(&["pods", "containers"])
    })
}

/// Whether the container runs as ContainerUser, because it says so or because its image does.
fn is_container_user(pod: &Pod<'_>, container: &Container<'_>) -> bool {
    let name = match pod.run_as_user_name(container) {
        Some(user) => user.value,
        None => container.image.family.default_user().unwrap_or_default(),
    };
    let (domain, user) = run_as::split(name);
    user.eq_ignore_ascii_case("ContainerUser") && domain.is_none_or(run_as::is_built_in_domain)
}
