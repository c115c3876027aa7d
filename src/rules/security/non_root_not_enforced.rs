//! `runAsNonRoot` does not keep a Windows container from running as administrator.
//!
//! On Windows the kubelet compares one name: a container that is told to run as
//! `ContainerAdministrator`, by `runAsUserName` or by the USER of its image, is not started. Server
//! Core images and most that build on them have no USER at all; then the check passes, and the
//! process runs as ContainerAdministrator. `NT AUTHORITY\SYSTEM` and `Administrator` pass as well.
//!
//! Name an ordinary user: `windowsOptions.runAsUserName: ContainerUser`. Images built on Nano Server
//! run as ContainerUser anyway. ServiceMonitor, which starts IIS in Microsoft's images, has to be
//! administrator: there the field has to go.
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
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/servercore:ltsc2022
//!       securityContext:
//!         windowsOptions:
//!           runAsUserName: ContainerUser
//! ```
//!
//! ## Good
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
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//!     - name: worker
//!       image: mcr.microsoft.com/windows/servercore:ltsc2022
//!       securityContext:
//!         windowsOptions:
//!           runAsUserName: ContainerUser
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::gmsa;
use crate::images::Family;
use crate::pod::{Container, Effective, Pod};
use crate::rules::{Check, Rule, docs};
use crate::run_as;

pub const RULE: Rule = Rule {
    id: "WIN208",
    name: "non-root-not-enforced",
    summary: "runAsNonRoot does not keep a Windows container from running as administrator",
    severity: Severity::Warning,
    stage: Stage::Silent,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/windows/intro/#compatibility-v1-pod-spec-containers-securitycontext",
        "https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/kubelet/kuberuntime/security_context_windows.go",
        "https://github.com/kubernetes/kubernetes/issues/112192",
    ]),
    errors: docs(&["CVE-2021-25749"]),
    check: Check::Pod(check),
};

const RUN_AS_USER_NAME: &str = "/securityContext/windowsOptions/runAsUserName";

/// Whether `runAsNonRoot` is set for a container and does not hold: the user is an administrator
/// whom the kubelet does not know, or is left to an image that may have no USER.
pub(super) fn is_not_enforced(pod: &Pod<'_>, container: &Container<'_>) -> bool {
    !container.host_process
        && pod.run_as_non_root(container).is_some_and(|non_root| non_root.value)
        && match pod.run_as_user_name(container) {
            Some(user) => run_as::is_administrator_in_disguise(user.value),
            None => container.image.family != Family::NanoServer,
        }
}

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    // Where the pod holds the field, all its containers share one mistake.
    let (mut is_pods_user_reported, mut is_pods_flag_reported) = (false, false);
    for container in pod.containers.iter().filter(|container| is_not_enforced(pod, container)) {
        let is_own = |path: &crate::pointer::Pointer| path.is_below(&container.at(""));
        if let Some(Effective { value: user, path }) = pod.run_as_user_name(container) {
            if !is_own(&path) && std::mem::replace(&mut is_pods_user_reported, true) {
                continue;
            }
            let message = format!(
                "container {}: runAsUserName {user} with runAsNonRoot: it is an administrator, but the kubelet compares with ContainerAdministrator alone",
                container.name()
            );
            let other = gmsa::lesser_user(pod, container);
            report
                .finding(path.clone(), message)
                .help(format!("run as {other}"))
                .fix(Fix::unsafe_(format!("Run as {other}")).set(path, other));
        } else if let Some(Effective { path, .. }) = pod.run_as_non_root(container) {
            let is_shared = !is_own(&path);
            if is_shared && std::mem::replace(&mut is_pods_flag_reported, true) {
                continue;
            }
            let message = format!(
                "container {}: runAsNonRoot without runAsUserName: if its image names no user it runs as ContainerAdministrator all the same",
                container.name()
            );
            let own = gmsa::lesser_user(pod, container);
            let mut fix = Fix::unsafe_(format!("Run as {own}")).set(container.at(RUN_AS_USER_NAME), own);
            let mut starts_iis = container.starts_iis();
            if is_shared {
                let has_own =
                    |c: &Container<'_>| pod.run_as_non_root(c).is_some_and(|flag| flag.path.is_below(&c.at("")));
                let others = pod
                    .containers
                    .iter()
                    .filter(|c| is_not_enforced(pod, c) && pod.run_as_user_name(c).is_none() && !has_own(c));
                for other in others.filter(|other| !std::ptr::eq(*other, container)) {
                    fix = fix.set(other.at(RUN_AS_USER_NAME), gmsa::lesser_user(pod, other));
                    starts_iis |= other.starts_iis();
                }
            }
            let finding = report.finding(path, message);
            if starts_iis {
                finding.help("do without runAsNonRoot: ServiceMonitor has to be administrator to start IIS");
            } else {
                finding.help(format!("name a user: `windowsOptions.runAsUserName: {own}`")).fix(fix);
            }
        }
    }
}
