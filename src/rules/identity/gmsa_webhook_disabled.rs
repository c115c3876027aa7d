//! A pod names a gMSA in a namespace that the admission webhook for gMSA leaves out.
//!
//! The label `windows.k8s.io/disabled: "true"` on a Namespace keeps the webhook away from its pods. The
//! webhook is what puts the content of the GMSACredentialSpec beside the name, and the container runtime
//! reads the content alone: the pod runs without an identity in the domain, and nobody says so.
//!
//! Remove the label, or put the pod into another namespace.
//!
//! ## Bad
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
//!   securityContext:
//!     windowsOptions:
//!       gmsaCredentialSpecName: shop-web
//!   containers:
//!     - name: web
//!       image: registry.example/shop-web:3.1
//! ---
//! apiVersion: v1
//! kind: Namespace
//! metadata:
//!   name: shop
//!   labels:
//!     windows.k8s.io/disabled: "true"
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
//!   securityContext:
//!     windowsOptions:
//!       gmsaCredentialSpecName: shop-web
//!   containers:
//!     - name: web
//!       image: registry.example/shop-web:3.1
//! ---
//! apiVersion: v1
//! kind: Namespace
//! metadata:
//!   name: shop
//!   labels:
//!     windows.k8s.io/disabled: "false"
//! ```
//! A pod that brings the content itself does not need the webhook:
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
//!   securityContext:
//!     windowsOptions:
//!       gmsaCredentialSpecName: shop-web
//!       gmsaCredentialSpec: '{"CmsPlugins":["ActiveDirectory"],"ActiveDirectoryConfig":{"GroupManagedServiceAccounts":[{"Name":"ShopWeb","Scope":"CORP"}]}}'
//!   containers:
//!     - name: web
//!       image: registry.example/shop-web:3.1
//! ---
//! apiVersion: v1
//! kind: Namespace
//! metadata:
//!   name: shop
//!   labels:
//!     windows.k8s.io/disabled: "true"
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::gmsa::{self, Gmsas};
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN318",
    name: "gmsa-webhook-disabled",
    summary: "A pod names a gMSA in a namespace that the admission webhook for gMSA leaves out",
    severity: Severity::Warning,
    stage: Stage::Silent,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://github.com/kubernetes-sigs/windows-gmsa/blob/master/charts/gmsa/templates/mutatingwebhook.yaml",
        "https://kubernetes.io/docs/tasks/configure-pod-container/configure-gmsa/",
    ]),
    errors: docs(&["Access is denied"]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    // In a HostProcess pod WIN309 speaks.
    if !pod.is_windows() || !gmsa::is_webhook_off(pod) || pod.is_host_process() {
        return;
    }
    for gmsa in Gmsas::of(pod).places().filter(|gmsa| gmsa.content.is_none()) {
        let why = format!(
            "namespace {} keeps the admission webhook for gMSA away (label windows.k8s.io/disabled), so nobody gets this identity",
            pod.namespace()
        );
        gmsa.report(pod, &why, report).help("remove the label from the namespace, or use another namespace");
    }
}
