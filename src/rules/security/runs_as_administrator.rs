//! A container runs as administrator because nothing says otherwise.
//!
//! Images built on Windows Server Core, Windows Server and .NET Framework name no user, and Windows
//! then runs the process as ContainerAdministrator, with every right inside the container.
//!
//! Where the program can live without these rights, name an ordinary user. ServiceMonitor, which starts
//! IIS in Microsoft's images, and most installers need them.
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
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/servercore:ltsc2022
//!       securityContext:
//!         windowsOptions:
//!           runAsUserName: ContainerUser
//! ```
//!
//! ## Good
//! Nano Server images run as ContainerUser, and a name that is written down was chosen:
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
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//!     - name: iis
//!       image: mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022
//!       securityContext:
//!         windowsOptions:
//!           runAsUserName: ContainerAdministrator
//! ```

use super::non_root_not_enforced::is_not_enforced;
use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::gmsa;
use crate::images::Product;
use crate::pod::Pod;
use crate::process;
use crate::rules::{Check, Rule, docs};
use crate::run_as;

pub const RULE: Rule = Rule {
    id: "WIN209",
    name: "runs-as-administrator",
    summary: "A container runs as administrator because nothing says otherwise",
    severity: Severity::Info,
    stage: Stage::Silent,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/tasks/configure-pod-container/configure-runasusername/",
        "https://learn.microsoft.com/virtualization/windowscontainers/manage-containers/container-security",
    ]),
    errors: docs(&[]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    for container in pod
        .containers
        .iter()
        .filter(|c| !c.host_process && c.image.family.default_user().is_some_and(run_as::is_container_administrator))
    {
        if pod.run_as_user_name(container).is_some() || is_not_enforced(pod, container) {
            continue;
        }
        // Who builds on Microsoft's images may name a user in his own.
        let so = match container.image.product {
            Product::Other => "nothing here names its user: unless its image does,",
            _ => "nothing names its user, so",
        };
        let message = format!("container {}: {so} it runs as ContainerAdministrator", container.name());
        let finding = report.finding(container.at(""), message);
        if container.starts_iis() {
            finding.help("leave it: ServiceMonitor has to be administrator to start IIS");
            continue;
        }
        let starts = container.view.command.as_deref().and_then(<[_]>::first);
        if container.image.starts_iis() && starts.is_some_and(|program| process::is_shell(program)) {
            finding.help("leave it if its script sets up IIS or starts it, which takes an administrator");
            continue;
        }
        let user = container.at("/securityContext/windowsOptions/runAsUserName");
        let other = gmsa::lesser_user(pod, container);
        finding
            .help(format!(
                "name a user: `windowsOptions.runAsUserName: {other}`, if the program does not need to be administrator"
            ))
            .fix(Fix::unsafe_(format!("Run as {other}")).set(user, other));
    }
}
