//! What node labels say about the operating system of the node that carries them.
//!
//! A node of one system is a partial assignment: some labels have a fixed value there or are known
//! to be absent, others are free. Sources: the kubelet's own labels
//! (<https://kubernetes.io/docs/reference/labels-annotations-taints/>), the platforms' documents
//! for theirs. As of 2026-09.

use super::os::Os;
use crate::images::builds;
use crate::object_name::is_object_name;

/// The label every kubelet puts on its node.
pub const OS: &str = "kubernetes.io/os";
/// Its name before Kubernetes 1.14, still written by the kubelet.
pub const OS_BETA: &str = "beta.kubernetes.io/os";
/// The name of the node, once more.
pub const HOSTNAME: &str = "kubernetes.io/hostname";
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
    /// A node may have it with any value, or lack it; Kubernetes or the platform sets it.
    WellKnown,
    /// A node may have it with any value, or lack it; the cluster's owner sets it.
    Custom,
}

/// Whether this is one of AKS' labels for the system of a node's image: `Windows2022`, `Ubuntu`, `AzureLinux` …
pub fn is_aks_sku(key: &str) -> bool {
    let suffix = key.strip_prefix("kubernetes.azure.com/os-sku");
    matches!(suffix, Some("" | "-effective" | "-requested"))
}

/// The Windows build that a value of such a label stands for.
pub fn sku_build(key: &str, value: &str) -> Option<u32> {
    value.strip_prefix("Windows").filter(|_| is_aks_sku(key)).and_then(builds::of_year)
}

fn is_windows_sku(value: &str) -> bool {
    value.strip_prefix("Windows").is_some_and(|version| !version.is_empty())
}

fn starts_windows(value: &str) -> bool {
    value.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("windows"))
}

/// The domain of `key` on nodes of `os`.
pub(super) fn domain(key: &str, os: Os) -> Domain {
    let windows = os == Os::Windows;
    let on_windows = |domain| if windows { domain } else { Domain::WellKnown };
    match key {
        OS | OS_BETA => Domain::Fixed(os.label()),
        ARCH | ARCH_BETA if windows => Domain::Fixed("amd64"),
        ARCH | ARCH_BETA | HOSTNAME => Domain::Present,
        WINDOWS_BUILD if windows => Domain::WindowsBuild,
        WINDOWS_BUILD => Domain::Absent,
        // The one without a hyphen is RKE's, and so is that of etcd.
        "node-role.kubernetes.io/control-plane"
        | "node-role.kubernetes.io/controlplane"
        | "node-role.kubernetes.io/etcd"
        | "node-role.kubernetes.io/master" => on_windows(Domain::Absent),
        "kubernetes.azure.com/mode" => on_windows(Domain::Some(|v| v != "system")),
        key if is_aks_sku(key) => Domain::Some(if windows { is_windows_sku } else { |v| !starts_windows(v) }),
        "eks.amazonaws.com/compute-type" => on_windows(Domain::Some(|v| !matches!(v, "fargate" | "auto" | "hybrid"))),
        // Autopilot's own classes; Autopilot has no Windows nodes.
        "cloud.google.com/compute-class" => on_windows(Domain::Some(|v| {
            !matches!(v, "Balanced" | "Scale-Out" | "Performance" | "Accelerator" | "autopilot" | "autopilot-spot")
        })),
        "cloud.google.com/gke-os-distribution" | "node.openshift.io/os_id" => {
            Domain::Some(if windows { starts_windows } else { |v| !starts_windows(v) })
        }
        // Rancher's own.
        "cattle.io/os" => Domain::Some(if windows { |v| v == "windows" } else { |v| v == "linux" }),
        "node.kubernetes.io/instance-type"
        | "beta.kubernetes.io/instance-type"
        | "topology.kubernetes.io/zone"
        | "topology.kubernetes.io/region"
        | "failure-domain.beta.kubernetes.io/zone"
        | "failure-domain.beta.kubernetes.io/region" => Domain::WellKnown,
        // Node auto-provisioning makes Linux nodes only.
        key if key.starts_with("karpenter.azure.com/") => on_windows(Domain::Absent),
        _ => Domain::Custom,
    }
}

/// Whether a node of `os` may have the label `key` with this value.
pub fn may_have(os: Os, key: &str, value: &str) -> bool {
    match domain(key, os) {
        Domain::Fixed(only) => value == only,
        Domain::Absent => false,
        Domain::WindowsBuild => windows_build(value).is_some(),
        Domain::Some(is_possible) => is_possible(value),
        Domain::Present | Domain::WellKnown | Domain::Custom => true,
    }
}

/// Whether the label states the operating system itself, so that it decides what is meant.
pub fn states_os(key: &str) -> bool {
    matches!(key, OS | OS_BETA | WINDOWS_BUILD)
}

/// Whether all nodes with the same value of this label run the same image, as the nodes of one pool do.
pub fn names_a_pool(key: &str) -> bool {
    matches!(
        key,
        "agentpool"
            | "kubernetes.azure.com/agentpool"
            | "eks.amazonaws.com/nodegroup"
            | "alpha.eksctl.io/nodegroup-name"
            | "cloud.google.com/gke-nodepool"
            | HOSTNAME
    )
}

/// The build in a value of the label [`WINDOWS_BUILD`] as the kubelet writes it: `10.0.` and five digits.
pub fn windows_build(value: &str) -> Option<u32> {
    let build = value.strip_prefix("10.0.")?;
    if build.len() == 5 && build.bytes().all(|b| b.is_ascii_digit()) { build.parse().ok() } else { None }
}

/// The build that a value of the label [`WINDOWS_BUILD`] is meant to name: with a revision, without
/// `10.0.`, or by the name of its release (`ltsc2022`, `2022`).
pub fn windows_build_meant(value: &str) -> Option<u32> {
    let version = value.strip_prefix("10.0.").unwrap_or(value);
    let (build, revision) = version.split_once('.').unwrap_or((version, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if build.len() == 5 && digits(build) && digits(revision) {
        return build.parse().ok();
    }
    builds::of_release(value).or_else(|| builds::of_year(value))
}

/// Whether the API server takes `value` as the value of a label: empty, or at most 63 letters,
/// digits, `-`, `_` and `.`, with a letter or digit at both ends.
pub fn is_label_value(value: &str) -> bool {
    let bytes = value.as_bytes();
    let inner = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    match (bytes.first(), bytes.last()) {
        (Some(first), Some(last)) => {
            bytes.len() <= 63
                && first.is_ascii_alphanumeric()
                && last.is_ascii_alphanumeric()
                && bytes.iter().all(inner)
        }
        _ => true,
    }
}

/// Whether the API server takes `key` as the key of a label or of a taint: a name such as label values are, though not
/// empty, behind the name of a domain and a slash, or without them.
pub fn is_label_key(key: &str) -> bool {
    let (domain, name) = key.split_once('/').map_or((None, key), |(domain, name)| (Some(domain), name));
    domain.is_none_or(is_object_name) && !name.is_empty() && is_label_value(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builds_as_written_and_as_meant() {
        for (value, written, meant) in [
            ("10.0.20348", Some(20348), Some(20348)),
            ("10.0.20348.2113", None, Some(20348)),
            ("20348", None, Some(20348)),
            ("20348.1", None, Some(20348)),
            ("ltsc2022", None, Some(20348)),
            ("2019", None, Some(17763)),
            ("10.0.20348.", None, None),
            ("10.0", None, None),
            ("", None, None),
            ("windows", None, None),
        ] {
            assert_eq!((windows_build(value), windows_build_meant(value)), (written, meant), "{value}");
        }
    }

    #[test]
    fn label_values() {
        for good in ["", "a", "10.0.20348", "Windows_Server-2022"] {
            assert!(is_label_value(good), "{good}");
        }
        for bad in ["-a", "a-", "a b", "a/b", "ä", &"a".repeat(64)] {
            assert!(!is_label_value(bad), "{bad}");
        }
    }

    #[test]
    fn label_keys() {
        for good in ["os", "node.kubernetes.io/os", "Example_1.a", "a/B"] {
            assert!(is_label_key(good), "{good}");
        }
        for bad in ["", "/os", "os/", "os=windows", "os=windows:NoSchedule", "a b", "a/b/c", "A/b", "-a", "*"] {
            assert!(!is_label_key(bad), "{bad}");
        }
    }
}
