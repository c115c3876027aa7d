//! A pod carries the label `kubernetes.io/os` with another operating system than its own.
//!
//! This is about the pod's own labels, not its `nodeSelector`. The kubelet compares this label with
//! its node when it admits the pod, and refuses the pod where they differ
//! (`PodOSSelectorNodeLabelDoesNotMatch`): it is Failed, and its controller makes the next one. The
//! value must be exactly `linux` or `windows`, or no node takes the pod.
//!
//! The label says nothing to the scheduler. Take it away, or set it right; a label of another name
//! serves as well for grouping pods. Where the owner's own selector asks for the label, both have to change,
//! and the selector of most kinds cannot: that takes a new object.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//!   labels:
//!     app: web
//!     kubernetes.io/os: linux # copied
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ```
//!
//! ## Fixed
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//!   labels:
//!     app: web
//!     kubernetes.io/os: windows # copied
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ```
//!
//! ## Good
//! Only the labels of the pods count, not those of their Deployment:
//! ```yaml
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata:
//!   name: web
//!   labels:
//!     kubernetes.io/os: linux
//! spec:
//!   selector:
//!     matchLabels: {app: web}
//!   template:
//!     metadata:
//!       labels: {app: web, kubernetes.io/os: windows}
//!     spec:
//!       nodeSelector: {kubernetes.io/os: windows}
//!       containers:
//!         - name: web
//!           image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::object::{Body, Object};
use crate::platform::Os;
use crate::platform::intent::Rank;
use crate::platform::labels::OS;
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};
use crate::selection;

pub const RULE: Rule = Rule {
    id: "WIN111",
    name: "pod-os-label-mismatch",
    summary: "A pod carries the label `kubernetes.io/os` with another operating system than its own",
    severity: Severity::Error,
    stage: Stage::Kubelet,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/kubelet/lifecycle/predicate.go",
        "https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-os",
    ]),
    errors: docs(&[
        "PodOSSelectorNodeLabelDoesNotMatch",
        "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label",
    ]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    let Some(label) = pod.metadata.and_then(|m| m.label(OS)) else { return };
    // What ranks above the label decides where the pod runs; below it, the label itself is the best witness.
    let named = pod.os_meant();
    let forced = [Os::Windows, Os::Linux].into_iter().find(|os| pod.is_forced_to(*os));
    let decided = pod.intent.filter(|intent| intent.rank <= Rank::PodLabel).map(|intent| intent.os);
    let target = named.or(forced).or(decided);
    if target.is_some_and(|os| os.label() == label) {
        return;
    }
    const TITLE: &str = "Set the pod's label right";
    let path = pod.metadata_at("/labels").key(OS);
    // A label that names a system may be right, and what contradicts it wrong; one that names none never is.
    let is_junk = Os::named(label).is_none();
    let is_sure = is_junk || target.is_some_and(|os| decided == Some(os));
    let fix = if !is_sure || is_selected(pod) || selects_itself(pod) { Fix::unsafe_(TITLE) } else { Fix::safe(TITLE) };
    let fix = match target {
        Some(os) if !is_junk || decided == Some(os) => fix.set(path.clone(), os.label()),
        _ => fix.remove(path.clone()),
    };
    let (message, help) = match target {
        Some(os) => (
            format!("the pod's label {OS} is `{label}`, but it runs on {}: the kubelet there refuses it", os.title()),
            format!("set the label to `{os}`, or take it away"),
        ),
        None => (
            format!("the pod's label {OS} is `{label}`, which the kubelet of every node refuses"),
            "take the label away, or set it to `linux` or `windows`".to_owned(),
        ),
    };
    let finding = report.finding(path, message).help(help);
    // The API server refuses a template without the labels that its owner's selector asks for.
    if !pod.workload.selector.as_ref().is_some_and(|selector| selector.contains(OS)) {
        finding.fix(fix);
    }
}

/// Whether a selector finds the pod by this label: one of the context, or that of a ReplicationController without one
/// of its own, which selects by all labels of its template.
fn is_selected(pod: &Pod<'_>) -> bool {
    let by_owner = pod.workload.selector.is_none() && pod.object.is("", "ReplicationController");
    let looks_at_it = |object: &&Object<'_>| match &object.body {
        Body::Service(service) => {
            let selector = service.spec.as_ref().and_then(|spec| spec.selector.as_ref());
            selector.is_some_and(|selector| selector.get(OS).is_some())
        }
        Body::NetworkPolicy(policy) => {
            let selector = policy.spec.as_ref().and_then(|spec| spec.pod_selector.as_ref());
            selector.is_some_and(|selector| selector.contains(OS))
        }
        _ => false,
    };
    let context = pod.world.context;
    let mut others = context.objects().filter(looks_at_it);
    by_owner
        || others.any(|object| {
            object.namespace_or_default() == pod.namespace()
                && selection::selects(object, pod.object, pod.workload, context)
        })
}

/// Whether the pod says by this label which pods it keeps near to, away from or spread among.
fn selects_itself(pod: &Pod<'_>) -> bool {
    let affinity = pod.spec.affinity.iter().flat_map(|affinity| [&affinity.pod_affinity, &affinity.pod_anti_affinity]);
    let terms = affinity.flatten().flat_map(|affinity| {
        let preferred = affinity.preferred.iter().flatten().filter_map(|weighted| weighted.term.as_ref());
        affinity.required.iter().flatten().chain(preferred)
    });
    let spread = pod.spec.topology_spread_constraints.iter().flatten();
    let selectors = terms.map(|term| &term.label_selector).chain(spread.map(|constraint| &constraint.label_selector));
    selectors.flatten().any(|selector| selector.contains(OS))
}
