//! A Windows pod sets a field that only Linux knows, and it is ignored without a word.
//!
//! Without `os.name` the API server cannot tell that the pod is for Windows and accepts every Linux
//! field. The kubelet and containerd then skip it on Windows nodes: `runAsUser` picks no user,
//! `readOnlyRootFilesystem` protects nothing, `fsGroup` opens no volume, `capabilities` drop nothing.
//! `runAsGroup`, `supplementalGroups`, `fsGroupChangePolicy`, `seLinuxOptions`, `seccompProfile`,
//! `appArmorProfile`, `allowPrivilegeEscalation`, `procMount`, `hostPID`, `hostIPC`, `hostUsers` and
//! `shareProcessNamespace` come to nothing in the same way. What reads like hardening is none, and nothing ever says
//! so.
//!
//! Setting `os.name: windows` alone would make the API server refuse the same fields. So it is one
//! change: say the system, pin the pod to Windows nodes, remove all fields that do nothing there.
//!
//! ## Bad
//! ```yaml
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
//!       nodeSelector:
//!         kubernetes.io/os: windows
//!       securityContext:
//!         fsGroup: 1000
//!       containers:
//!         - name: web
//!           image: mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022
//!           securityContext:
//!             privileged: false # also refused beside os.name
//! ```
//!
//! ## Fixed
//! ```yaml
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
//!       nodeSelector:
//!         kubernetes.io/os: windows
//!       containers:
//!         - name: web
//!           image: mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022
//!       os:
//!         name: windows
//! ```
//!
//! ## Good
//! Values that ask for nothing are no reason to speak:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   shareProcessNamespace: false
//!   hostUsers: true
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//!       securityContext:
//!         privileged: false
//!         allowPrivilegeEscalation: true
//!         readOnlyRootFilesystem: false
//!         capabilities: {}
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::os_name::{self, Found, linux_fields};
use crate::platform::Os;
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN202",
    name: "ignored-linux-field",
    summary: "A Windows pod sets a field that only Linux knows, and it is ignored",
    severity: Severity::Warning,
    stage: Stage::Silent,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/windows/intro/#compatibility-v1-pod-spec-containers-securitycontext",
        "https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/kubelet/kuberuntime/kuberuntime_sandbox.go",
    ]),
    errors: docs(&[
        "Windows container does not support SecurityContext.RunAsUser, please use SecurityContext.WindowsOptions",
        "chown: not supported by windows",
    ]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    let is_unset = os_name::is_unset(pod);
    // Until 1.33 nothing refused them: ignored, whatever os.name says.
    let ignores_pod_resources = !pod.world.settings.kubernetes_at_least(34);
    let is_ignored = |found: &Found<'_, '_>| match found {
        _ if !found.is_effective || found.is_privileged() => false,
        _ if found.is_pod_resources() => ignores_pod_resources && (is_unset || pod.os_name() == Some(Os::Windows)),
        _ => is_unset && !found.is_refused_by_kubelet(pod),
    };
    let mut ignored = linux_fields(pod).filter(is_ignored).peekable();
    if ignored.peek().is_none() {
        return;
    }
    let mut fix = os_name::for_windows(pod, "Set os.name to windows and remove the fields that only Linux knows");
    let is_fixed_together = fix.is_some();
    for found in ignored {
        let message = format!("{} is ignored on Windows: {}", found.subject(), found.field.why);
        let finding = report.finding(found.path(pod), message);
        // One fix mends them all. With each finding it would be repeated as often as it has parts.
        if let Some(fix) = fix.take() {
            finding
                .help("set os.name to windows, and remove every field that only Linux knows in the same change")
                .fix(fix);
        } else if is_fixed_together {
            finding.help("remove it; one fix removes all such fields and sets os.name");
        } else if found.is_pod_resources() {
            finding.help("give each container its own share of the requests and limits, and remove it");
        } else {
            finding.help("remove it");
        }
    }
}
