//! A HostProcess container runs as a user that it cannot run as.
//!
//! A HostProcess container is a process of the node, so it needs a user of the node. Three work
//! everywhere: `NT AUTHORITY\SYSTEM`, `NT AUTHORITY\LOCAL SERVICE` and `NT AUTHORITY\NETWORK
//! SERVICE`. `ContainerUser` and `ContainerAdministrator` exist inside ordinary containers only;
//! the users of a domain would need a password. Without a name the image decides, and most images
//! name nobody. In all these cases the container does not start: "failed to create user process
//! token". The domain has to be written in capitals: `nt authority` is taken for some domain.
//!
//! The name of a local group of the node works too, with containerd 1.7 and later: the process then
//! runs as a temporary member of that group. A name that is none of these may be such a group, and
//! is a warning. The same error with "Access is denied" and a right user means that containerd
//! itself does not run as LocalSystem or LocalService.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: agent
//! spec:
//!   os: {name: windows}
//!   hostNetwork: true
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   securityContext:
//!     windowsOptions:
//!       hostProcess: true
//!       runAsUserName: nt authority\system
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
//!   hostNetwork: true
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   securityContext:
//!     windowsOptions:
//!       hostProcess: true
//!       runAsUserName: NT AUTHORITY\system
//!   containers:
//!     - name: agent
//!       image: registry.example/agent:1.0
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: agent
//! spec:
//!   os: {name: windows}
//!   hostNetwork: true
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   securityContext:
//!     windowsOptions:
//!       hostProcess: true
//!       runAsUserName: NT AUTHORITY\LocalService
//!   containers:
//!     - name: agent
//!       image: registry.example/agent:1.0
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::pod::{Container, Pod};
use crate::rules::{Check, Rule, docs};
use crate::run_as;

pub const RULE: Rule = Rule {
    id: "WIN303",
    name: "host-process-user",
    summary: "A HostProcess container runs as a user that it cannot run as",
    severity: Severity::Error,
    stage: Stage::Runtime,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/tasks/configure-pod-container/create-hostprocess-pod/#choosing-a-user-account",
        "https://github.com/microsoft/hcsshim/blob/main/internal/jobcontainers/logon.go",
    ]),
    errors: docs(&[
        "empty username or group name passed",
        "failed to create user process token: failed to logon user",
        "failed to create user process token: failed to logon user: Access is denied.",
        "The user name or password is incorrect",
    ]),
    check: Check::Pod(check),
};

const AT: &str = "/securityContext/windowsOptions/runAsUserName";
const SYSTEM: &str = "NT AUTHORITY\\SYSTEM";
const DOMAIN: &str = "NT AUTHORITY";

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    let is_pods = pod.own_host_process_at().is_some();
    // The user of a pod is that of its ordinary containers too, where it has such.
    let is_mixed = pod.containers.iter().any(|container| !container.host_process);
    let (mut is_missing_reported, mut is_pods_user_reported) = (false, false);
    for container in pod.containers.iter().filter(|container| container.host_process) {
        let Some(user) = pod.run_as_user_name(container) else {
            let is_of_pod = is_pods && !is_mixed;
            if is_of_pod && std::mem::replace(&mut is_missing_reported, true) {
                continue;
            }
            let (path, at) = if is_of_pod { (pod.at(""), pod.at(AT)) } else { (container.at(""), container.at(AT)) };
            let message = format!(
                "container {}: a HostProcess container without runAsUserName: unless its image names a user of the node, it is not created",
                container.name()
            );
            report
                .finding(path, message)
                .help("name the user, such as `NT AUTHORITY\\SYSTEM`")
                .fix(Fix::unsafe_("Run as NT AUTHORITY\\SYSTEM").set(at, SYSTEM));
            continue;
        };
        if run_as::refusal(user.value).is_some() {
            continue;
        }
        let is_shared = !user.path.is_below(&container.at(""));
        if is_shared && is_pods_user_reported {
            continue;
        }
        let (domain, name) = run_as::split(user.value);
        let is_service = run_as::is_service_account(name);
        let (severity, why) = match domain {
            Some(DOMAIN) if is_service => continue,
            Some(domain) if domain.eq_ignore_ascii_case(DOMAIN) && domain != DOMAIN => {
                (Severity::Error, "HostProcess containers know the domain NT AUTHORITY in capitals only")
            }
            _ if run_as::is_container_user(name) => {
                (Severity::Error, "this user exists inside ordinary containers only")
            }
            _ => (Severity::Warning, "a HostProcess container can run as it only if it is a local group of the node"),
        };
        is_pods_user_reported |= is_shared;
        let message = format!("container {}: runAsUserName {}: {why}", container.name(), user.value);
        let is_known = is_service && severity == Severity::Error && domain.is_some();
        let (mut fix, right) = if is_known {
            (Fix::safe("Write NT AUTHORITY in capitals"), format!("{DOMAIN}\\{name}"))
        } else {
            (Fix::unsafe_("Run as NT AUTHORITY\\SYSTEM"), SYSTEM.to_owned())
        };
        if is_shared && is_mixed {
            let has_it =
                |c: &&Container<'_>| c.host_process && pod.run_as_user_name(c).is_some_and(|u| u.path == user.path);
            for container in pod.containers.iter().filter(has_it) {
                fix = fix.set(container.at(AT), right.clone());
            }
        } else {
            fix = fix.set(user.path.clone(), right);
        }
        report
            .finding(user.path, message)
            .severity(severity)
            .help("use `NT AUTHORITY\\SYSTEM`, `NT AUTHORITY\\LOCAL SERVICE`, `NT AUTHORITY\\NETWORK SERVICE` or a local group")
            .fix(fix);
    }
}
