//! A gMSA is asked for by an annotation, which nothing reads any more.
//!
//! In the alpha version, in Kubernetes 1.14, annotations of the pod named the GMSACredentialSpec:
//! `pod.alpha.windows.kubernetes.io/gmsa-credential-spec-name` for the pod, and
//! `web.container.alpha.windows.kubernetes.io/gmsa-credential-spec-name` for its container `web`. Today
//! they are ignored without a word, and the pod runs without an identity in the domain.
//!
//! Name it in `windowsOptions.gmsaCredentialSpecName`. Where the field is there already, only the
//! annotation is to be removed.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//!   labels: {app: web}
//!   annotations:
//!     pod.alpha.windows.kubernetes.io/gmsa-credential-spec-name: shop-web
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
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
//!   labels: {app: web}
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: registry.example/shop-web:3.1
//!   securityContext:
//!     windowsOptions:
//!       gmsaCredentialSpecName: shop-web
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   securityContext:
//!     windowsOptions:
//!       gmsaCredentialSpecName: shop-web
//!   containers:
//!     - name: web
//!       image: registry.example/shop-web:3.1
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::fix::{Fix, Safety};
use crate::gmsa::{self, Annotation};
use crate::platform::Os;
use crate::pod::Pod;
use crate::pointer::Pointer;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN313",
    name: "obsolete-gmsa-annotation",
    summary: "A gMSA is asked for by an annotation, which nothing reads any more",
    severity: Severity::Error,
    stage: Stage::Silent,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/tasks/configure-pod-container/configure-gmsa/",
        "https://github.com/kubernetes/enhancements/tree/master/keps/sig-windows/689-windows-gmsa",
    ]),
    errors: docs(&["Access is denied"]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if pod.is_for(Os::Linux) {
        return;
    }
    for annotation in gmsa::annotations(pod) {
        let path = pod.metadata_at("/annotations").key(annotation.key);
        let finding = report.finding(
            path.clone(),
            format!("annotation {}: nothing reads it any more, so it gives nobody an identity", annotation.key),
        );
        finding
            .help("name the GMSACredentialSpec in `windowsOptions.gmsaCredentialSpecName`, and remove the annotation");
        if let Some(fix) = fix(pod, &annotation, path) {
            finding.fix(fix);
        }
    }
}

/// Makes a field of the annotation, where it says something that the pod does not say already.
fn fix(pod: &Pod<'_>, annotation: &Annotation<'_>, path: Pointer) -> Option<Fix> {
    let remove = Fix::safe("Remove the annotation").remove(path.clone());
    let (options, at) = match annotation.container {
        None => (pod.windows_options(), pod.at(gmsa::NAME)),
        Some(name) => match pod.containers.iter().find(|container| container.name() == name) {
            Some(container) => (
                container.security_context().and_then(|context| context.windows_options.as_ref()),
                container.at(gmsa::NAME),
            ),
            None => return Some(remove),
        },
    };
    if !annotation.is_name || options.is_some_and(|options| options.gmsa_credential_spec_name.is_some()) {
        return Some(remove);
    }
    if !gmsa::is_object_name(annotation.value) {
        return None;
    }
    let mut fix = Fix::safe("Make a field of the annotation").set(at, annotation.value).remove(path);
    // The field says that the pod is for Windows. That has to be certain beforehand.
    if !pod.is_surely_for(Os::Windows) {
        fix.safety = Safety::Unsafe;
    }
    Some(fix)
}
