//! `os.name` does not keep a pod off nodes of the other operating system.
//!
//! The scheduler never reads `spec.os.name`. It may choose a node of the other system; the kubelet
//! there refuses the pod with `PodOSNotSupported` and the pod is Failed. A Deployment or
//! StatefulSet makes the next one at once, a DaemonSet after a growing pause, for ever; a Job does
//! so until its backoffLimit; a bare Pod stays Failed.
//!
//! Say it a second time where the scheduler looks, in `nodeSelector`. That changes nothing for a
//! pod that got to a right node, because it can run on no other. Where the RuntimeClass of the pod
//! is not known, the finding is a warning.
//!
//! ## Bad
//! ```yaml
//! apiVersion: apps/v1
//! kind: DaemonSet
//! metadata:
//!   name: log-shipper
//! spec:
//!   selector:
//!     matchLabels: {app: log-shipper}
//!   template:
//!     metadata:
//!       labels: {app: log-shipper}
//!     spec:
//!       os:
//!         name: linux # for the API server
//!       containers:
//!         - name: shipper
//!           image: registry.example/log-shipper:3.1
//! ```
//!
//! ## Fixed
//! ```yaml
//! apiVersion: apps/v1
//! kind: DaemonSet
//! metadata:
//!   name: log-shipper
//! spec:
//!   selector:
//!     matchLabels: {app: log-shipper}
//!   template:
//!     metadata:
//!       labels: {app: log-shipper}
//!     spec:
//!       os:
//!         name: linux # for the API server
//!       containers:
//!         - name: shipper
//!           image: registry.example/log-shipper:3.1
//!       nodeSelector:
//!         kubernetes.io/os: linux
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   os:
//!     name: windows
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ```
//!
//! No Windows node offers huge pages, so this one cannot go astray:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: database
//! spec:
//!   os:
//!     name: linux
//!   containers:
//!     - name: database
//!       image: registry.example/database:9
//!       resources:
//!         limits: {hugepages-2Mi: 512Mi, memory: 1Gi}
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::platform::{Fit, Os, Placement};
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN102",
    name: "os-field-not-pinned",
    summary: "`os.name` does not keep a pod off nodes of the other operating system",
    severity: Severity::Error,
    stage: Stage::Kubelet,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/workloads/pods/#pod-os",
        "https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/kubelet/lifecycle/predicate.go",
        "https://github.com/kubernetes/enhancements/tree/master/keps/sig-windows/2802-identify-windows-pods-apiserver-admission",
    ]),
    errors: docs(&["PodOSNotSupported", "Failed to admit pod as the OS field doesn't match node OS"]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    let Some(os) = pod.os_name() else { return };
    if pod.node_name().is_some()
        || !pod.fits_both()
        || pod.meant_fit(os) == Fit::No
        || pod.placement.of(os.other()) == Placement::No
        || pod.os_of_named_nodes() == Some(os.other())
        || pod.admits_both_by_name().is_some()
        || (os == Os::Linux && !pod.world.settings.may_have_windows_nodes())
    {
        return;
    }
    let (own, other) = (os.title(), os.other().title());
    // The class may bring a nodeSelector of its own.
    let has_unknown_class = pod.has_unknown_runtime_class();
    let unless = if has_unknown_class { ", unless its RuntimeClass, which is not known here, pins it" } else { "" };
    let message = format!(
        "os.name is {os}, but the scheduler does not read it: the pod may be put on a {other} node, \
         whose kubelet refuses it (PodOSNotSupported){unless}"
    );
    let help = format!("add `kubernetes.io/os: {os}` to its nodeSelector, so that it goes to {own} nodes only");
    let finding = report.finding(pod.at(""), message).help(help).fix(pod.pin(os));
    if has_unknown_class {
        finding.severity(Severity::Warning);
    }
}
