//! Taints of Windows nodes, and which pods tolerate them.

use crate::object::pod::Toleration;

/// A taint that keeps pods off a node (`NoSchedule` or `NoExecute`; `PreferNoSchedule` never does).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taint {
    /// `key`
    pub key: String,
    /// `value`
    pub value: String,
    /// `effect`
    pub effect: String,
}

/// What is known of the taints of a cluster's Windows nodes.
#[derive(Debug, Clone, Copy)]
pub enum Taints<'a> {
    /// Nothing: judge by what is customary.
    Unknown,
    /// These, and each of them keeps pods off. May be empty.
    Known(&'a [Taint]),
}

/// Key, value: the taints that are customary on Windows nodes.
///
/// `os=windows` is the example of Kubernetes' own guide, `os=Windows` what OpenShift's operator
/// sets, `node.kubernetes.io/os` GKE's and AKS hybrid's, `kubernetes.io/os` seen on AKS.
pub const CONVENTIONAL: &[(&str, &str)] = &[
    ("os", "windows"),
    ("os", "Windows"),
    ("node.kubernetes.io/os", "windows"),
    ("node.kubernetes.io/os", "Windows"),
    ("kubernetes.io/os", "windows"),
];

/// Whether one toleration tolerates one taint, as `corev1.Toleration.ToleratesTaint` decides it.
pub fn tolerates(toleration: &Toleration<'_>, key: &str, value: &str, effect: &str) -> bool {
    let set = |field: &Option<crate::object::read::Str<'_>>| field.as_deref().is_some_and(|f| !f.is_empty());
    if set(&toleration.effect) && toleration.effect.as_deref() != Some(effect) {
        return false;
    }
    if set(&toleration.key) && toleration.key.as_deref() != Some(key) {
        return false;
    }
    match toleration.operator.as_deref().unwrap_or_default() {
        "" | "Equal" => toleration.value.as_deref().unwrap_or_default() == value,
        "Exists" => true,
        _ => false,
    }
}

/// Whether a toleration takes every taint: `operator: Exists` without a key.
pub fn is_blanket(toleration: &Toleration<'_>) -> bool {
    toleration.key.as_deref().unwrap_or_default().is_empty() && toleration.operator.as_deref() == Some("Exists")
}

/// Whether the effect keeps pods off a node.
pub fn repels(effect: &str) -> bool {
    matches!(effect, "NoSchedule" | "NoExecute")
}

impl Taints<'_> {
    /// Whether these taints keep a pod with `tolerations` off the Windows nodes.
    ///
    /// Where the taints are unknown, tolerating any customary one counts as getting in: whoever
    /// wrote the toleration knew the taint of the cluster.
    pub fn keep_off<'t>(&self, tolerations: impl Iterator<Item = &'t Toleration<'t>> + Clone) -> bool {
        match self {
            Taints::Known(taints) => taints.iter().filter(|taint| repels(&taint.effect)).any(|taint| {
                !tolerations.clone().any(|t| tolerates(t, &taint.key, &taint.value, &taint.effect))
            }),
            Taints::Unknown => !tolerations.clone().any(tolerates_conventional),
        }
    }
}

/// Whether a toleration lets a pod past any customary Windows taint.
pub fn tolerates_conventional(toleration: &Toleration<'_>) -> bool {
    CONVENTIONAL.iter().any(|(key, value)| tolerates(toleration, key, value, "NoSchedule"))
}
