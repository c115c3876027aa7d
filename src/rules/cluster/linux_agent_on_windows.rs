//! The DaemonSet of an agent for Linux puts it on Windows nodes too.
//!
//! A DaemonSet makes one pod for every node it may go to, and without a selector for the operating
//! system that is every node without a taint. Agents such as node-exporter, kube-proxy, Falco or a
//! network plugin exist for Linux alone: on each Windows node there is then one pod that never
//! starts, and that counts in every rollout. Agents often tolerate all taints, and no taint helps
//! against that. Where nothing keeps it off, because it tolerates the taint or there is none, this
//! is an error.
//!
//! Pin the DaemonSet to Linux nodes. What Windows nodes need is another DaemonSet with another program:
//! windows_exporter in place of node-exporter, for example, as a HostProcess container.
//!
//! ## Bad
//! ```yaml
//! apiVersion: apps/v1
//! kind: DaemonSet
//! metadata:
//!   name: node-exporter
//! spec:
//!   selector:
//!     matchLabels: {app: node-exporter}
//!   template:
//!     metadata:
//!       labels: {app: node-exporter}
//!     spec:
//!       tolerations:
//!         - operator: Exists # on every node
//!       containers:
//!         - name: node-exporter
//!           image: quay.io/prometheus/node-exporter:v1.9.1
//! ```
//!
//! ## Fixed
//! ```yaml
//! apiVersion: apps/v1
//! kind: DaemonSet
//! metadata:
//!   name: node-exporter
//! spec:
//!   selector:
//!     matchLabels: {app: node-exporter}
//!   template:
//!     metadata:
//!       labels: {app: node-exporter}
//!     spec:
//!       tolerations:
//!         - operator: Exists # on every node
//!       containers:
//!         - name: node-exporter
//!           image: quay.io/prometheus/node-exporter:v1.9.1
//!       nodeSelector:
//!         kubernetes.io/os: linux
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: apps/v1
//! kind: DaemonSet
//! metadata:
//!   name: node-exporter
//! spec:
//!   selector:
//!     matchLabels: {app: node-exporter}
//!   template:
//!     metadata:
//!       labels: {app: node-exporter}
//!     spec:
//!       affinity:
//!         nodeAffinity:
//!           requiredDuringSchedulingIgnoredDuringExecution:
//!             nodeSelectorTerms:
//!               - matchExpressions:
//!                   - {key: kubernetes.io/os, operator: NotIn, values: [windows]}
//!       containers:
//!         - name: node-exporter
//!           image: quay.io/prometheus/node-exporter:v1.9.1
//! ```
//! Fluent Bit has images for Windows:
//! ```yaml
//! apiVersion: apps/v1
//! kind: DaemonSet
//! metadata:
//!   name: fluent-bit
//! spec:
//!   selector:
//!     matchLabels: {app: fluent-bit}
//!   template:
//!     metadata:
//!       labels: {app: fluent-bit}
//!     spec:
//!       nodeSelector:
//!         kubernetes.io/os: windows
//!       containers:
//!         - name: fluent-bit
//!           image: cr.fluentbit.io/fluent/fluent-bit:windows-2022-4.2.0
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::images::{self, Image};
use crate::platform::{Os, Placement};
use crate::pod::{ContainerList, Pod};
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN902",
    name: "linux-agent-on-windows",
    summary: "The DaemonSet of an agent for Linux puts it on Windows nodes too",
    severity: Severity::Warning,
    stage: Stage::ImagePull,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/windows/user-guide/#ensuring-os-specific-workloads-land-on-the-appropriate-container-host",
        "https://github.com/kubernetes/kubernetes/issues/94366",
        "https://github.com/flannel-io/flannel/issues/1459",
        "https://github.com/prometheus-community/windows_exporter",
    ]),
    errors: docs(&["no match for platform in manifest", "no matching manifest for windows/amd64", "ImagePullBackOff"]),
    check: Check::Pod(check),
};

/// The ends of the repositories of agents that run on every node and exist for Linux alone. As of
/// 2026-11; the tables of images say whether an image with such a name is indeed one of them.
#[rustfmt::skip]
const AGENTS: &[&str] = &[
    // Networks.
    "amazon-k8s-cni", "antrea-agent-ubuntu", "azure-ip-masq-merger", "calico/cni", "calico/node", "cilium/cilium",
    "flannel", "k8s-dns-node-cache", "klipper-lb", "kube-proxy", "kube-vip", "metallb/speaker", "multus-cni",
    // Storage.
    "aws-efs-csi-driver", "aws-fsx-csi-driver", "aws-mountpoint-s3-csi-driver", "azurelustre-csi", "blob-csi",
    "calico/csi", "gcs-fuse-csi-driver", "gcp-filestore-csi-driver", "longhorn-manager", "nfsplugin", "rook/ceph",
    // Logs and measurements.
    "beats/elastic-agent", "cadvisor", "elastic-agent/elastic-agent", "fluentd", "fluentd-kubernetes-daemonset",
    "node-exporter", "nri-kubernetes", "opentelemetry-collector-ebpf-profiler",
    "promtail", "telegraf", "timberio/vector",
    // Security and secrets.
    "eks-pod-identity-agent", "falco", "falco-driver-loader", "kube-bench", "secrets-store-csi-driver-provider-aws",
    "spire-agent", "vault-csi-provider",
    // Devices, and the nodes themselves.
    "k8s-device-plugin", "kured", "node-feature-discovery", "node-problem-detector", "spegel",
    // Ways in.
    "cert-manager-controller", "contour", "ingress-nginx/controller", "kubernetes-ingress",
    "kubernetes-ingress-controller", "nginx-ingress", "traefik",
];

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if pod.object.kind != "DaemonSet"
        || !pod.is_exposed_to_windows()
        || pod.affinity_gap().is_some()
        || pod.has_mixed_images()
    {
        return;
    }
    let in_list = |list| pod.containers.iter().find(|c| c.list == list && is_agent(&c.image));
    let Some(container) = in_list(ContainerList::Main).or_else(|| in_list(ContainerList::Init)) else { return };
    let is_open = pod.placement.windows == Placement::Yes && !pod.has_unknown_runtime_class();
    let (severity, how) = if is_open {
        (Severity::Error, "and nothing keeps this DaemonSet off Windows nodes")
    } else {
        (Severity::Warning, "and only a taint or a label can keep this DaemonSet off Windows nodes")
    };
    let image = container.view.image.as_deref().unwrap_or_default();
    report
        .finding(
            container.at("/image"),
            format!("container {}: {image} is an agent for Linux nodes, {how}", container.name()),
        )
        .severity(severity)
        .help("add `kubernetes.io/os: linux` to its nodeSelector")
        .fix(pod.pin(Os::Linux));
}

/// Whether an image is that of an agent which exists for Linux alone.
pub fn is_agent(image: &Image<'_>) -> bool {
    let repository = image.reference.repository.written();
    let ends_so =
        |agent: &str| repository.strip_suffix(agent).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'));
    image.os == images::Os::Linux && AGENTS.iter().any(|agent| ends_so(agent))
}
