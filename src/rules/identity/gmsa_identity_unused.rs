//! A container with a gMSA runs as a user that does not use it.
//!
//! A gMSA is the identity of the container in the domain, as a computer has one. Only what runs as Local
//! System or as Network Service speaks with it; for `ContainerUser` and `ContainerAdministrator`, which
//! exist inside the container alone, the domain knows nobody. Nano Server runs as `ContainerUser` unless
//! the pod says otherwise.
//!
//! Run as `NT AUTHORITY\NETWORK SERVICE`. Services and the application pools of IIS can have users of
//! their own inside the container and use the gMSA whatever the first process runs as; then there is
//! nothing to change.
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
//!     windowsOptions:
//!       gmsaCredentialSpecName: shop-web
//!       runAsUserName: ContainerUser # least rights
//!   containers:
//!     - name: web
//!       image: registry.example/shop-web:3.1
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
//!     windowsOptions:
//!       gmsaCredentialSpecName: shop-web
//!       runAsUserName: NT AUTHORITY\NETWORK SERVICE # least rights
//!   containers:
//!     - name: web
//!       image: registry.example/shop-web:3.1
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
//!     windowsOptions:
//!       gmsaCredentialSpecName: shop-web
//!       runAsUserName: NT AUTHORITY\NETWORK SERVICE
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/dotnet/aspnet:8.0-nanoserver-ltsc2022
//! ```
//! Where nothing names a user, the image decides, and IIS takes care of itself:
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
//!     windowsOptions:
//!       gmsaCredentialSpecName: shop-web
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::gmsa::{Gmsas, NETWORK_SERVICE};
use crate::images::Family;
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};
use crate::run_as;

pub const RULE: Rule = Rule {
    id: "WIN315",
    name: "gmsa-identity-unused",
    summary: "A container with a gMSA runs as a user that does not use it",
    severity: Severity::Warning,
    stage: Stage::Process,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://learn.microsoft.com/virtualization/windowscontainers/manage-containers/gmsa-configure-app",
        "https://learn.microsoft.com/virtualization/windowscontainers/manage-containers/gmsa-troubleshooting",
    ]),
    errors: docs(&["Login failed for user 'NT AUTHORITY\\ANONYMOUS LOGON'", "Access is denied"]),
    check: Check::Pod(check),
};

const USER: &str = "/securityContext/windowsOptions/runAsUserName";

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() || pod.is_host_process() {
        return;
    }
    let all = Gmsas::of(pod);
    let mut is_pods_reported = false;
    for container in &pod.containers {
        if all.effective(container).is_none() {
            continue;
        }
        let (path, at, user) = match pod.run_as_user_name(container) {
            Some(user) => {
                let (domain, name) = run_as::split(user.value);
                let is_own = user.path.is_below(&container.at(""));
                if !run_as::is_container_user(name)
                    || !domain.is_none_or(run_as::is_built_in_domain)
                    || (!is_own && std::mem::replace(&mut is_pods_reported, true))
                {
                    continue;
                }
                (user.path.clone(), user.path, user.value)
            }
            None if container.image.family == Family::NanoServer => {
                (container.at(""), container.at(USER), "ContainerUser")
            }
            None => continue,
        };
        let message = format!(
            "container {}: it has a gMSA and runs as {user}, who does not use it: only Local System and Network Service do",
            container.name()
        );
        report
            .finding(path, message)
            .help("run as `NT AUTHORITY\\NETWORK SERVICE`, unless a service inside the container uses the gMSA")
            .fix(Fix::unsafe_("Run as NT AUTHORITY\\NETWORK SERVICE").set(at, NETWORK_SERVICE));
    }
}
