//! A Windows pod in a namespace whose Pod Security Standard judges it by Linux fields.
//!
//! Under `restricted` a pod needs `allowPrivilegeEscalation: false`, `capabilities: {drop: [ALL]}` and
//! a seccomp profile, none of which means anything on Windows. A pod with `os.name: windows` is
//! excused from all three (since the standard's version 1.25), and the API server would refuse them
//! there. What stays demanded is `runAsNonRoot: true`. So say the system, keep `runAsNonRoot`, and
//! remove the rest.
//!
//! HostProcess pods are refused under `baseline` and `restricted` alike: they need a namespace that
//! enforces `privileged`. That is an error.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//!   namespace: shop
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   securityContext:
//!     runAsNonRoot: true
//!     seccompProfile:
//!       type: RuntimeDefault
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//!       securityContext:
//!         allowPrivilegeEscalation: false
//!         capabilities:
//!           drop: [ALL]
//! ---
//! apiVersion: v1
//! kind: Namespace
//! metadata:
//!   name: shop
//!   labels:
//!     pod-security.kubernetes.io/enforce: restricted
//! ```
//!
//! ## Fixed
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//!   namespace: shop
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   securityContext:
//!     runAsNonRoot: true
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//!   os:
//!     name: windows
//! ---
//! apiVersion: v1
//! kind: Namespace
//! metadata:
//!   name: shop
//!   labels:
//!     pod-security.kubernetes.io/enforce: restricted
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//!   namespace: shop
//! spec:
//!   os: {name: windows}
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//!       securityContext:
//!         runAsNonRoot: true
//! ---
//! apiVersion: v1
//! kind: Namespace
//! metadata:
//!   name: shop
//!   labels:
//!     pod-security.kubernetes.io/enforce: restricted
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::os_name;
use crate::platform::Os;
use crate::pod::Pod;
use crate::pod_security::{self, Level};
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN212",
    name: "restricted-profile-without-os",
    summary: "A Windows pod in a namespace whose Pod Security Standard judges it by Linux fields",
    severity: Severity::Warning,
    stage: Stage::ApiServer,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/security/pod-security-standards/#os-specific-policy-controls",
        "https://github.com/kubernetes/pod-security-admission/tree/master/policy",
    ]),
    errors: docs(&[
        "violates PodSecurity \"restricted:latest\"",
        "hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true)",
        "must not set securityContext.windowsOptions.hostProcess=true",
    ]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    let Some(standard) = pod_security::enforced(pod) else { return };
    let (level, name) = (standard.level.name(), pod.namespace());
    // The standards look at the pod's own value even where no container takes it.
    if let Some(path) = pod.own_host_process_at().or_else(|| pod.host_process_at()) {
        let message = format!(
            "a HostProcess pod in namespace {name}: the Pod Security Standard {level}, which it enforces, refuses it"
        );
        report
            .finding(path, message)
            .severity(Severity::Error)
            .help("put it in a namespace that enforces `privileged`");
        return;
    }
    if standard.rules_windows_out && pod.os_name() == Some(Os::Windows) {
        let message = format!(
            "the Pod Security Standard restricted, which namespace {name} enforces in a version before 1.25, asks every pod for fields that are refused beside os.name windows"
        );
        let finding = report.finding(pod.at("/os/name"), message);
        finding.help("enforce a later version of the standard: from 1.25 on it excuses Windows pods");
    }
    // Older versions of the standard excuse no pod.
    if standard.level != Level::Restricted || !standard.excuses_windows {
        return;
    }
    let own = |container: &crate::pod::Container<'_>| {
        container.security_context().and_then(|context| context.run_as_non_root)
    };
    let of_pod = pod.security_context().and_then(|context| context.run_as_non_root);
    const AT: &str = "/securityContext/runAsNonRoot";
    let help = "set `runAsNonRoot: true`";
    if of_pod == Some(false) {
        let message = format!(
            "runAsNonRoot is false: the Pod Security Standard restricted, which namespace {name} enforces, refuses the pod"
        );
        report.finding(pod.at(AT), message).help(help);
    }
    for container in pod.containers.iter().filter(|container| own(container) == Some(false)) {
        let message = format!(
            "container {}: runAsNonRoot is false: the Pod Security Standard restricted, which namespace {name} enforces, refuses the pod",
            container.name()
        );
        report.finding(container.at(AT), message).help(help);
    }
    let is_missing = of_pod.is_none() && pod.containers.iter().any(|container| own(container).is_none());
    if os_name::is_unset(pod) {
        let also = if is_missing { ", and runAsNonRoot" } else { "" };
        let message = format!(
            "os.name is missing: the Pod Security Standard restricted, which namespace {name} enforces, then asks for seccomp and other fields that mean nothing on Windows{also}"
        );
        let finding = report.finding(pod.at(""), message);
        finding.help("set os.name to windows and `runAsNonRoot: true`, and remove the fields that only Linux knows");
        if let Some(fix) =
            os_name::for_windows(pod, "Set os.name to windows and remove the fields that only Linux knows")
        {
            finding.fix(fix);
        }
    } else if is_missing && pod.os_meant() == Some(Os::Windows) {
        let message = format!(
            "runAsNonRoot is missing: the Pod Security Standard restricted, which namespace {name} enforces, asks for it on Windows too"
        );
        report.finding(pod.at(""), message).help(help);
    }
}
