//! A HostProcess container with a group Managed Service Account.
//!
//! A gMSA is given to a container when it is created, and a HostProcess container is none in that sense:
//! it is a process of its node and has the identity of its node towards the domain. The gMSA of the pod
//! is not applied.
//!
//! Join the node to the domain and let the node itself use the gMSA, or run what needs it in an ordinary
//! container.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: agent
//! spec:
//!   os: {name: windows}
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   hostNetwork: true
//!   securityContext:
//!     windowsOptions:
//!       hostProcess: true
//!       runAsUserName: NT AUTHORITY\NETWORK SERVICE
//!       gmsaCredentialSpecName: shop-agent
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
use crate::gmsa::{Gmsa, Gmsas};
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN309",
    name: "host-process-gmsa",
    summary: "A HostProcess container with a group Managed Service Account, which it does not get",
    severity: Severity::Warning,
    stage: Stage::Silent,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/tasks/configure-pod-container/create-hostprocess-pod/",
        "https://kubernetes.io/docs/tasks/configure-pod-container/configure-gmsa/",
    ]),
    errors: docs(&[]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() || !pod.containers.iter().any(|container| container.host_process) {
        return;
    }
    let all = Gmsas::of(pod);
    let mut speak = |gmsa: &Gmsa<'_, '_>| {
        gmsa.report(pod, "a HostProcess container has the identity of its node and does not get this one", report)
            .help("let the node use the gMSA, or run what needs it in an ordinary container");
    };
    let mut is_pods_reported = false;
    for container in pod.containers.iter().filter(|container| container.host_process) {
        let Some(gmsa) = all.effective(container) else { continue };
        if gmsa.container.is_some() || !std::mem::replace(&mut is_pods_reported, true) {
            speak(&gmsa);
        }
    }
}
