//! A Windows pod has an annotation for a network plug-in that exists for Linux only.
//!
//! Multus, which gives pods further networks (SR-IOV among them), and the bandwidth plug-in, which
//! limits their traffic, are made of Linux parts: namespaces, virtual interfaces and traffic control.
//! The network plug-ins of Windows nodes do not read their annotations. The pod starts with the one
//! network it always has and without any limit, and nothing says so.
//!
//! Remove the annotation. What the pod needs of a second network must be reachable through the
//! first; traffic can be limited in Windows by a QoS policy on the node.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//!   annotations:
//!     example.com/team: shop
//!     kubernetes.io/egress-bandwidth: 10M
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: registry.example/web:3-windowsservercore-ltsc2022
//! ```
//!
//! ## Fixed
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//!   annotations:
//!     example.com/team: shop
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: registry.example/web:3-windowsservercore-ltsc2022
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//!   annotations:
//!     k8s.v1.cni.cncf.io/networks: storage-network
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: linux
//!   containers:
//!     - name: web
//!       image: nginx:1.29
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN408",
    name: "linux-cni-annotation",
    summary: "A Windows pod has an annotation for a network plug-in that exists for Linux only",
    severity: Severity::Warning,
    stage: Stage::Silent,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/extend-kubernetes/compute-storage-net/network-plugins/#support-traffic-shaping",
        "https://github.com/containernetworking/plugins/tree/main/plugins/meta/bandwidth",
        "https://github.com/k8snetworkplumbingwg/multus-cni/blob/master/docs/how-to-use.md",
    ]),
    errors: docs(&[]),
    check: Check::Pod(check),
};

const MULTUS: &str = "Multus does not run on Windows nodes, so the pod gets no further network";
const BANDWIDTH: &str = "the bandwidth plug-in does not run on Windows nodes, so nothing is limited";

/// The annotations, each with what becomes of it.
pub const ANNOTATIONS: &[(&str, &str)] = &[
    ("k8s.v1.cni.cncf.io/networks", MULTUS),
    ("v1.multus-cni.io/default-network", MULTUS),
    ("kubernetes.io/ingress-bandwidth", BANDWIDTH),
    ("kubernetes.io/egress-bandwidth", BANDWIDTH),
];

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    let Some(metadata) = pod.metadata.filter(|_| pod.is_windows()) else { return };
    for (name, why) in ANNOTATIONS {
        if metadata.annotation(name).is_some_and(|value| !value.is_empty()) {
            let path = pod.metadata_at("/annotations").key(name);
            report
                .finding(path.clone(), format!("annotation {name}: {why}"))
                .help("remove the annotation")
                .fix(Fix::unsafe_("Remove the annotation").remove(path));
        }
    }
}
