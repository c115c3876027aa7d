//! The kinds that can be looked up.

/// A kind that can be looked up.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// `apiVersion`
    pub api_version: &'static str,
    /// `kind`
    pub kind: &'static str,
    /// The fields that rules read, beside `metadata`.
    pub fields: &'static [&'static str],
}

/// All kinds that can be looked up, in the order in which they are.
pub const KINDS: [Kind; 3] = [NAMESPACE, NODE, RUNTIME_CLASS];

pub(super) const NAMESPACE: Kind = Kind { api_version: "v1", kind: "Namespace", fields: &[] };

pub(super) const NODE: Kind = Kind {
    api_version: "v1",
    kind: "Node",
    fields: &["spec.taints", "status.allocatable", "status.capacity", "status.nodeInfo"],
};

pub(super) const RUNTIME_CLASS: Kind =
    Kind { api_version: "node.k8s.io/v1", kind: "RuntimeClass", fields: &["handler", "overhead", "scheduling"] };
