//! The namespace adds a node selector that contradicts the pod's own.
//!
//! A Namespace can carry a node selector for everything in it: in the annotation
//! `openshift.io/node-selector` on OpenShift, in `scheduler.alpha.kubernetes.io/node-selector` where the
//! admission plugin PodNodeSelector is switched on. It is merged into each pod. A pod whose
//! `nodeSelector` gives the same label another value is refused; one whose affinity wants
//! something else stays Pending.
//!
//! Put the pod into another namespace, or change the annotation. On OpenShift an empty annotation
//! frees a namespace of the cluster's default selector. On OpenShift, which always reads its annotation, this is an
//! error.
//!
//! ## Bad
//! ```yaml
//! # settings: {platform: openshift}
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//!   namespace: shop
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ---
//! apiVersion: v1
//! kind: Namespace
//! metadata:
//!   name: shop
//!   annotations:
//!     openshift.io/node-selector: kubernetes.io/os=linux
//! ```
//!
//! ## Good
//! ```yaml
//! # settings: {platform: openshift}
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//!   namespace: shop
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ---
//! apiVersion: v1
//! kind: Namespace
//! metadata:
//!   name: shop
//!   annotations:
//!     openshift.io/node-selector: region=east
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::platform::{Fit, Os, Reading, Selector};
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};
use crate::settings::Platform;

pub const RULE: Rule = Rule {
    id: "WIN120",
    name: "namespace-node-selector-conflict",
    summary: "The namespace adds a node selector that contradicts the pod's own",
    severity: Severity::Warning,
    stage: Stage::ApiServer,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#podnodeselector",
        "https://docs.openshift.com/container-platform/latest/nodes/scheduling/nodes-scheduler-node-selectors.html",
    ]),
    errors: docs(&[
        "pod node label selector conflicts with its namespace node label selector",
        "pod node label selector conflicts with its project node selector",
    ]),
    check: Check::Pod(check),
};

/// Whether nodes could take the pod, were it not for the namespace's labels.
pub(crate) fn shuts_out(pod: &Pod<'_>) -> bool {
    let added = || pod.world.context.namespace_node_selector(pod.namespace());
    if added().next().is_none() {
        return false;
    }
    let mut selector = Selector::of(pod.spec);
    if let Some(class) = pod.class_node_selector() {
        selector.and(class.iter().map(|(key, value)| (key, &**value)));
    }
    let can = |selector: &Selector<'_>, os| selector.fit(&pod.node_model(os, Reading::AsMeant)) != Fit::No;
    let some = |selector: &Selector<'_>| can(selector, Os::Windows) || can(selector, Os::Linux);
    some(&selector) && (!some(&pod.selector) || added().any(|label| pod.is_on_no_node(label)))
}

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    let severity = if pod.world.settings.platform == Platform::OpenShift { Severity::Error } else { Severity::Warning };
    let namespace = pod.namespace();
    let own_labels = pod.spec.node_selector.as_ref();
    let own = |key: &str| own_labels.and_then(|s| s.get(key));
    let mut is_refused = false;
    for (key, value) in pod.world.context.namespace_node_selector(namespace) {
        let Some(written) = own(key).filter(|written| *written != value) else { continue };
        is_refused = true;
        let message = format!(
            "nodeSelector asks for {key}={written}, and the namespace {namespace} adds {key}={value}: the pod is refused"
        );
        report
            .finding(pod.at("/nodeSelector").key(key), message)
            .severity(severity)
            .help("use another namespace, or change the node selector of this one");
    }
    if !is_refused && shuts_out(pod) {
        let message = format!(
            "the node selector of the namespace {namespace} leaves no node that this pod's own node affinity and selector allow"
        );
        let path = match pod.required_terms() {
            Some(_) => pod.at("/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution"),
            None if own_labels.is_some() => pod.at("/nodeSelector"),
            None => pod.at(""),
        };
        report
            .finding(path, message)
            .severity(severity)
            .stage(Stage::Scheduler)
            .help("use another namespace, or change the node selector of this one");
    }
}
