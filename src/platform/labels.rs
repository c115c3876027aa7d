//! What node labels say about the operating system of the node that carries them.
//!
//! A node of one system is a partial assignment: some labels have a fixed value there or are known
//! to be absent, others are free. Sources: the kubelet's own labels
//! (<https://kubernetes.io/docs/reference/labels-annotations-taints/>), the platforms' documents
//! for theirs. As of 2026-09.

use super::Os;

/// The label every kubelet puts on its node.
pub const OS: &str = "kubernetes.io/os";
/// Its name before Kubernetes 1.14, still written by the kubelet.
pub const OS_BETA: &str = "beta.kubernetes.io/os";
/// The architecture of the node.
pub const ARCH: &str = "kubernetes.io/arch";
/// Its name before Kubernetes 1.14.
pub const ARCH_BETA: &str = "beta.kubernetes.io/arch";
/// `10.0.NNNNN`, on Windows nodes only.
pub const WINDOWS_BUILD: &str = "node.kubernetes.io/windows-build";

/// The values a label can have on the nodes of one system.
#[derive(Debug, Clone, Copy)]
pub(super) enum Domain {
    /// Every node has exactly this value.
    Fixed(&'static str),
    /// No node has the label.
    Absent,
    /// Every node has it, with a `10.0.NNNNN` value.
    WindowsBuild,
    /// Every node has it, with any value.
    Present,
    /// A node may have it, with a value for which the predicate holds, or may lack it.
    Some(fn(&str) -> bool),
    /// A node may have it with any value, or lack it; nearly every cluster sets it.
    WellKnown,
    /// A node may have it with any value, or lack it.
    Custom,
}

fn is_windows_sku(value: &str) -> bool {
    value.len() > 7 && value.starts_with("Windows")
}

fn starts_windows(value: &str) -> bool {
    value.to_ascii_lowercase().starts_with("windows")
}

/// The domain of `key` on nodes of `os`.
pub(super) fn domain(key: &str, os: Os) -> Domain {
    let windows = os == Os::Windows;
    match key {
        OS | OS_BETA => Domain::Fixed(os.label()),
        ARCH | ARCH_BETA if windows => Domain::Fixed("amd64"),
        ARCH | ARCH_BETA | "kubernetes.io/hostname" => Domain::Present,
        WINDOWS_BUILD if windows => Domain::WindowsBuild,
        WINDOWS_BUILD => Domain::Absent,
        "node-role.kubernetes.io/control-plane" | "node-role.kubernetes.io/master" if windows => Domain::Absent,
        "kubernetes.azure.com/mode" if windows => Domain::Some(|v| v != "system"),
        "kubernetes.azure.com/os-sku" | "kubernetes.azure.com/os-sku-effective" | "kubernetes.azure.com/os-sku-requested" => {
            Domain::Some(if windows { is_windows_sku } else { |v| !is_windows_sku(v) })
        }
        "eks.amazonaws.com/compute-type" if windows => Domain::Some(|v| !matches!(v, "fargate" | "auto" | "hybrid")),
        // Autopilot's own classes; Autopilot has no Windows nodes.
        "cloud.google.com/compute-class" if windows => Domain::Some(|v| {
            !matches!(v, "Balanced" | "Scale-Out" | "Performance" | "Accelerator" | "autopilot" | "autopilot-spot")
        }),
        "cloud.google.com/gke-os-distribution" | "node.openshift.io/os_id" => {
            Domain::Some(if windows { starts_windows } else { |v| !starts_windows(v) })
        }
        "node.kubernetes.io/instance-type"
        | "beta.kubernetes.io/instance-type"
        | "topology.kubernetes.io/zone"
        | "topology.kubernetes.io/region"
        | "failure-domain.beta.kubernetes.io/zone"
        | "failure-domain.beta.kubernetes.io/region" => Domain::WellKnown,
        // Node auto-provisioning makes Linux nodes only.
        key if windows && key.starts_with("karpenter.azure.com/") => Domain::Absent,
        _ => Domain::Custom,
    }
}

/// Whether the label states the operating system itself, so that it decides what is meant.
pub(super) fn states_os(key: &str) -> bool {
    matches!(key, OS | OS_BETA | WINDOWS_BUILD)
}
