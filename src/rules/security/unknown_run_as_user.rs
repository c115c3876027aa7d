//! A container runs as a domain user, which it cannot know.
//!
//! A Windows container is not a member of a domain: it knows the users of its image and those that
//! every Windows has. Creating a container as `DOMAIN\user` fails when its user is to be logged on.
//!
//! To be somebody in the domain, give the pod a group Managed Service Account
//! (`windowsOptions.gmsaCredentialSpecName`) and run as `NT AUTHORITY\NETWORK SERVICE`: that speaks
//! with the account's identity.
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
//!       securityContext:
//!         windowsOptions:
//!           runAsUserName: CORP\web
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
//!       gmsaCredentialSpecName: web
//!       runAsUserName: NT AUTHORITY\NETWORK SERVICE
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/servercore:ltsc2022
//!     - name: worker
//!       image: mcr.microsoft.com/windows/servercore:ltsc2022
//!       securityContext:
//!         windowsOptions:
//!           runAsUserName: user manager\ContainerUser
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};
use crate::run_as;

pub const RULE: Rule = Rule {
    id: "WIN211",
    name: "unknown-run-as-user",
    summary: "A container runs as a domain user, which it cannot know",
    severity: Severity::Warning,
    stage: Stage::Runtime,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/tasks/configure-pod-container/configure-runasusername/",
        "https://kubernetes.io/docs/tasks/configure-pod-container/configure-gmsa/",
    ]),
    errors: docs(&[
        "The user name or password is incorrect",
        "No mapping between account names and security IDs was done",
    ]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    let mut is_pods_reported = false;
    for container in pod.containers.iter().filter(|c| !c.host_process) {
        let Some(user) = pod.run_as_user_name(container).filter(|user| run_as::refusal(user.value).is_none()) else {
            continue;
        };
        let (Some(domain), _) = run_as::split(user.value) else { continue };
        let has_gmsa = || {
            let set = |text: Option<&str>| text.is_some_and(|text| !text.is_empty());
            pod.effective(container, "", |w| set(w.gmsa_credential_spec_name.as_deref()).then_some(())).is_some()
                || pod.effective(container, "", |w| set(w.gmsa_credential_spec.as_deref()).then_some(())).is_some()
        };
        if run_as::is_built_in_domain(domain) || has_gmsa() {
            continue;
        }
        if !user.path.is_below(&container.at("")) && std::mem::replace(&mut is_pods_reported, true) {
            continue;
        }
        let message = format!(
            "container {}: runAsUserName {}: a container is not a member of the domain {domain} and cannot log the user on",
            container.name(),
            user.value
        );
        report
            .finding(user.path, message)
            .help("run as a user of the image, or use a gMSA with `NT AUTHORITY\\NETWORK SERVICE`");
    }
}
