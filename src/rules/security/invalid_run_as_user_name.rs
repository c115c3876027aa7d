//! A `runAsUserName` that cannot be the name of a Windows user.
//!
//! The API server takes `user` or `DOMAIN\user`, whatever `os.name` says. It refuses an empty name,
//! more than one backslash, control characters, a domain that is neither a NetBIOS nor a DNS name,
//! and a user that is longer than 104 bytes, holds one of `"/\:;|=,+*?<>@[]`, or is nothing but dots
//! and spaces.
//!
//! The usual causes are `user@domain`, which has to be written `DOMAIN\user`, and `\\` in a YAML text
//! without double quotes, where it stays two backslashes.
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
//!           runAsUserName: NT AUTHORITY\\NETWORK SERVICE
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
//!       runAsUserName: "NT AUTHORITY\\NETWORK SERVICE"
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/servercore:ltsc2022
//!     - name: worker
//!       image: mcr.microsoft.com/windows/servercore:ltsc2022
//!       securityContext:
//!         windowsOptions:
//!           runAsUserName: corp.example.com\svc$
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};
use crate::run_as;

pub const RULE: Rule = Rule {
    id: "WIN210",
    name: "invalid-run-as-user-name",
    summary: "A runAsUserName that cannot be the name of a Windows user",
    severity: Severity::Error,
    stage: Stage::ApiServer,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/tasks/configure-pod-container/configure-runasusername/#windows-username-limitations",
        "https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/core/validation/validation.go",
    ]),
    errors: docs(&[
        "runAsUserName cannot contain more than one backslash",
        "runAsUserName's Domain doesn't match the NetBios nor the DNS format",
        "runAsUserName's User cannot contain the following characters",
        "runAsUserName cannot be an empty string",
    ]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    const AT: &str = "/securityContext/windowsOptions/runAsUserName";
    const HELP: &str = "write it as `user` or `DOMAIN\\user`";
    if let Some((name, why)) = pod.windows_options().and_then(|options| refused(options.run_as_user_name.as_deref())) {
        let message = format!("runAsUserName \"{name}\" is refused by the API server: {why}");
        report.finding(pod.at(AT), message).help(HELP);
    }
    for container in &pod.containers {
        let options = container.security_context().and_then(|context| context.windows_options.as_ref());
        if let Some((name, why)) = options.and_then(|options| refused(options.run_as_user_name.as_deref())) {
            let message =
                format!("container {}: runAsUserName \"{name}\" is refused by the API server: {why}", container.name());
            report.finding(container.at(AT), message).help(HELP);
        }
    }
}

/// The name, as a message can show it, and why it is refused.
fn refused(name: Option<&str>) -> Option<(String, &'static str)> {
    let why = run_as::refusal(name?)?;
    Some((run_as::shown(name?), why))
}
