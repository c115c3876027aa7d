//! What kinds of objects there are, and how each is read.

use super::Body;

/// How to read the body of a kind. `Custom` may turn out to be anything.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Pod,
    Template,
    CronJob,
    PodTemplate,
    Viewed,
    List,
    Custom,
    Other,
}

/// How to read an object that has this `apiVersion` and `kind`.
pub(super) fn kind_of(api_version: &str, kind: &str) -> Kind {
    match (group_of(api_version), kind) {
        // Who writes the wrong one of these groups means the workload all the same.
        ("" | "apps" | "batch" | "extensions", "Pod") => Kind::Pod,
        ("" | "apps" | "batch" | "extensions", "PodTemplate") => Kind::PodTemplate,
        (
            "" | "apps" | "batch" | "extensions",
            "DaemonSet" | "Deployment" | "Job" | "ReplicaSet" | "ReplicationController" | "StatefulSet",
        ) => Kind::Template,
        ("" | "apps" | "batch" | "extensions", "CronJob") => Kind::CronJob,
        // What OpenShift served before it had groups.
        ("", "DeploymentConfig") => Kind::Custom,
        (group, kind) if Body::of(group, kind).is_some() => Kind::Viewed,
        ("", kind) if kind.ends_with("List") => Kind::List,
        (group, kind) if BUILT_IN_GROUPS.contains(&group) && kind.ends_with("List") => Kind::List,
        // There is no other: what is misspelt may be a workload. A revision is what one was before.
        ("apps" | "batch" | "extensions", kind) if kind != "ControllerRevision" => Kind::Custom,
        (group, _) if group.is_empty() || BUILT_IN_GROUPS.contains(&group) => Kind::Other,
        (_, kind) if kind.ends_with("List") => Kind::List,
        _ => Kind::Custom,
    }
}

/// The API group in an `apiVersion`; empty for the core group.
pub(super) fn group_of(api_version: &str) -> &str {
    api_version.rsplit_once('/').map_or("", |(group, _)| group)
}

/// Built-in groups: their kinds are known, and none has a pod template beyond those listed.
const BUILT_IN_GROUPS: &[&str] = &[
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "apps",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "autoscaling",
    "batch",
    "certificates.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
    "extensions",
    "flowcontrol.apiserver.k8s.io",
    "networking.k8s.io",
    "node.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "resource.k8s.io",
    "scheduling.k8s.io",
    "storage.k8s.io",
];

/// Top-level fields, beside `metadata` and `items`, that are read in some kind.
pub(super) const BODY_FIELDS: &[&str] = &[
    "aggregationRule",
    "binaryData",
    "credspec",
    "data",
    "handler",
    "mountOptions",
    "overhead",
    "parameters",
    "provisioner",
    "roleRef",
    "rules",
    "scheduling",
    "spec",
    "status",
    "stringData",
    "subjects",
    "template",
];

/// Whether objects of a kind are in no namespace, not in `default` either.
pub fn is_cluster_scoped(kind: &str) -> bool {
    const KINDS: &[&str] = &[
        "CSIDriver",
        "ClusterRole",
        "ClusterRoleBinding",
        "CustomResourceDefinition",
        "ENIConfig",
        "FelixConfiguration",
        "GMSACredentialSpec",
        "IPPool",
        "Installation",
        "Namespace",
        "Node",
        "PersistentVolume",
        "PriorityClass",
        "RuntimeClass",
        "StorageClass",
    ];
    KINDS.contains(&kind)
}
