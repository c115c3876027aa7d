//! A pod with `os.name: windows` holds a field that only Linux knows.
//!
//! The API server refuses some twenty fields, of the pod and of its containers, as soon as a pod
//! says that it is for Windows, and it goes by presence: `privileged: false`,
//! `shareProcessNamespace: false`, `hostUsers: true` and `seLinuxOptions: {}` are refused like any
//! other value. Templates are judged like pods, so the Deployment itself is refused. Charts and
//! policy engines that add `allowPrivilegeEscalation: false` or `capabilities: {drop: [ALL]}` to
//! everything run into this first.
//!
//! Removing the field loses nothing: none of them has an effect on a Windows node. A user is named
//! with `windowsOptions.runAsUserName`, resources are set for each container, and power over the
//! node comes with HostProcess containers.
//!
//! The fields are, of the pod, `hostPID`, `hostIPC`, `hostUsers`, `shareProcessNamespace` and `resources`; of either
//! `securityContext`, `runAsUser`, `runAsGroup`, `supplementalGroups`, `supplementalGroupsPolicy`, `fsGroup`,
//! `fsGroupChangePolicy`, `sysctls`, `seLinuxOptions`, `seLinuxChangePolicy`, `seccompProfile`, `appArmorProfile`,
//! `capabilities`, `privileged`, `allowPrivilegeEscalation`, `readOnlyRootFilesystem` and `procMount`.
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
//!       image: mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022
//!       securityContext:
//!         allowPrivilegeEscalation: false # asked for by the policy team
//!         windowsOptions:
//!           runAsUserName: ContainerUser
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
//!       image: mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022
//!       securityContext:
//!         windowsOptions:
//!           runAsUserName: ContainerUser
//! ```
//!
//! ## Good
//! What is not in the list stays allowed, and so do empty `sysctls` and a false `hostPID`:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   os: {name: windows}
//!   hostPID: false
//!   securityContext:
//!     runAsNonRoot: true
//!     sysctls: []
//!     windowsOptions:
//!       runAsUserName: ContainerUser
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ```
//! Until Kubernetes 1.33 `resources` of the pod were not refused:
//! ```yaml
//! # settings: {kubernetes: {version: "1.33"}}
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   os: {name: windows}
//!   resources:
//!     limits: {memory: 2Gi}
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::os_name::linux_fields;
use crate::platform::Os;
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN201",
    name: "rejected-linux-field",
    summary: "A pod with os.name windows holds a field that only Linux knows",
    severity: Severity::Error,
    stage: Stage::ApiServer,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#PodSpec",
        "https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/core/validation/validation.go",
    ]),
    errors: docs(&["cannot be set for a windows pod", "may not be set for a windows pod"]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if pod.os_name() != Some(Os::Windows) {
        return;
    }
    // Resources of whole pods are refused since 1.34; `privileged: true` is privileged-container's.
    let is_refused_since = pod.world.settings.kubernetes_at_least(34);
    for found in
        linux_fields(pod).filter(|found| !found.is_privileged() && (is_refused_since || !found.is_pod_resources()))
    {
        let message =
            format!("{} is refused in a pod with os.name windows: on Windows {}", found.subject(), found.field.why);
        let fix = format!("Remove {}", found.field.name());
        let (help, fix) = if found.is_pod_resources() && found.is_effective {
            ("give each container its own share of the requests and limits, and remove it", Fix::unsafe_(fix))
        } else {
            ("remove it", Fix::safe(fix))
        };
        let path = found.path(pod);
        let finding = report.finding(path.clone(), message).help(help);
        // Without hostPID the pod would no longer say what it is after.
        if !(pod.wants_the_host() && found.field.name() == "hostPID") {
            finding.fix(fix.remove(path));
        }
    }
}
