//! An init or ephemeral container names a gMSA of its own, and may run without it.
//!
//! The name alone gives a container no identity: the admission webhook for gMSA has to put the
//! content of the GMSACredentialSpec beside it. Builds of the webhook before September 2026 look at
//! the pod and its main containers only, and no build looks at ephemeral containers. A container
//! that names a gMSA takes nothing from its pod either, even where the pod names the same one. So
//! it runs without an identity, and what it does in the domain is refused.
//!
//! Name the gMSA for the pod: all its containers then get it.
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
//!   initContainers:
//!     - name: migrate # changes the tables of the shop
//!       image: registry.example/shop-migrate:3.1
//!       securityContext:
//!         windowsOptions:
//!           gmsaCredentialSpecName: shop-web
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
//!   initContainers:
//!     - name: migrate # changes the tables of the shop
//!       image: registry.example/shop-migrate:3.1
//!   containers:
//!     - name: web
//!       image: registry.example/shop-web:3.1
//!   securityContext:
//!     windowsOptions:
//!       gmsaCredentialSpecName: shop-web
//! ```
//!
//! ## Good
//! Main containers may have their own, and init containers get that of the pod:
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
//!   initContainers:
//!     - name: migrate
//!       image: registry.example/shop-migrate:3.1
//!   containers:
//!     - name: web
//!       image: registry.example/shop-web:3.1
//!     - name: reports
//!       image: registry.example/shop-reports:3.1
//!       securityContext:
//!         windowsOptions:
//!           gmsaCredentialSpecName: shop-reports
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::gmsa::{self, Gmsas};
use crate::pod::{ContainerList, Pod};
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN311",
    name: "gmsa-not-inlined",
    summary: "An init or ephemeral container names a gMSA of its own, and may run without it",
    severity: Severity::Warning,
    stage: Stage::Silent,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://github.com/kubernetes-sigs/windows-gmsa/blob/master/admission-webhook/webhook.go",
        "https://github.com/kubernetes-sigs/windows-gmsa/pull/179",
        "https://kubernetes.io/docs/tasks/configure-pod-container/configure-gmsa/",
    ]),
    errors: docs(&["Access is denied", "The target principal name is incorrect"]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    // WIN309 and WIN318 say it of all its containers.
    if !pod.is_windows() || pod.is_host_process() || gmsa::is_webhook_off(pod) {
        return;
    }
    let all = Gmsas::of(pod);
    for container in pod.containers.iter().filter(|container| container.list != ContainerList::Main) {
        let Some(gmsa) = all.own(container).filter(|gmsa| gmsa.content.is_none()) else { continue };
        let why = if container.list == ContainerList::Init {
            "older admission webhooks for gMSA pass over init containers, and then it runs without an identity"
        } else {
            "the admission webhook for gMSA passes over ephemeral containers, so it runs without an identity"
        };
        let finding = gmsa.report(pod, why, report);
        finding.help("name the gMSA for the pod instead, in its own `securityContext.windowsOptions`");
        let of_pod = all.of_pod.map(|of_pod| (of_pod.name, of_pod.content.is_some()));
        let is_pods_free = pod.windows_options().is_none_or(|options| options.gmsa_credential_spec_name.is_none());
        let (Some(name), false) = (gmsa.name, gmsa.is_annotated) else { continue };
        let fix = Fix::unsafe_("Name the gMSA for the whole pod").remove(gmsa.path(pod));
        match of_pod {
            None if is_pods_free => finding.fix(fix.set(pod.at(gmsa::NAME), name)),
            Some((Some(other), _)) if other == name => finding.fix(fix),
            _ => continue,
        };
    }
}
