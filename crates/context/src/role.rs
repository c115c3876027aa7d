//! Which objects are looked up, and what makes them matter to another one.

use memchr::memmem;
use serde_json::Value;
use transom::platform::labels::OS;

use crate::pods::templates;

/// Group and kind of the objects that rules look up, workloads excepted.
const LOOKED_UP: &[(&str, &str, Role)] = &[
    ("", "ConfigMap", Role::Named),
    ("", "Namespace", Role::Named),
    ("", "Node", Role::Node),
    ("", "PersistentVolume", Role::Volume),
    ("", "PersistentVolumeClaim", Role::Named),
    ("", "Secret", Role::Named),
    ("", "Service", Role::Named),
    ("", "ServiceAccount", Role::Named),
    ("autoscaling", "HorizontalPodAutoscaler", Role::Autoscaler),
    ("autoscaling.k8s.io", "VerticalPodAutoscaler", Role::Autoscaler),
    ("crd.k8s.amazonaws.com", "ENIConfig", Role::Everywhere),
    ("crd.projectcalico.org", "FelixConfiguration", Role::Everywhere),
    ("crd.projectcalico.org", "IPPool", Role::Everywhere),
    ("networking.k8s.io", "NetworkPolicy", Role::Selector),
    ("node.k8s.io", "RuntimeClass", Role::Named),
    ("operator.tigera.io", "Installation", Role::Everywhere),
    ("projectcalico.org", "FelixConfiguration", Role::Everywhere),
    ("projectcalico.org", "IPPool", Role::Everywhere),
    ("rbac.authorization.k8s.io", "ClusterRole", Role::Rights),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding", Role::Rights),
    ("rbac.authorization.k8s.io", "Role", Role::Rights),
    ("rbac.authorization.k8s.io", "RoleBinding", Role::Rights),
    ("storage.k8s.io", "StorageClass", Role::Named),
    ("vpcresources.k8s.aws", "SecurityGroupPolicy", Role::InNamespace),
    ("windows.k8s.io", "GMSACredentialSpec", Role::Named),
];

/// What makes an object matter to another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Role {
    /// The other one names it.
    Named,
    /// It is in the same namespace.
    InNamespace,
    /// It is there.
    Everywhere,
    /// The other one is the workload it scales, or selects that.
    Autoscaler,
    /// The other one asks for a gMSA.
    Rights,
    /// It selects the other one by the label of the operating system.
    Selector,
    /// A PersistentVolume: it is named, or for the claim or of the class that is named.
    Volume,
    /// A Node.
    Node,
    /// A workload.
    Workload,
}

/// Workloads that hold for the whole cluster: the Amazon VPC CNI is set up by their environment.
pub(crate) const PLUG_INS: &[&str] = &["aws-node", "vpc-resource-controller"];

/// Kinds that are about workloads which they do not name; so are the [`PLUG_INS`].
pub(crate) const ABOUT_WORKLOADS: &[&str] = &[
    "ConfigMap",
    "FelixConfiguration",
    "HorizontalPodAutoscaler",
    "Installation",
    "IPPool",
    "NetworkPolicy",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Secret",
    "SecurityGroupPolicy",
    "Service",
    "VerticalPodAutoscaler",
];

/// Whether a text can hold an object that others look up; asked before it is parsed.
pub fn may_be_in(text: &str) -> bool {
    let kinds = LOOKED_UP.iter().map(|(_, kind, _)| *kind);
    kinds.chain(PLUG_INS.iter().copied()).any(|word| holds(text, word))
}

/// Whether a text can hold an object that is about workloads which it does not name.
pub fn may_be_about_workloads(text: &str) -> bool {
    ABOUT_WORKLOADS.iter().chain(PLUG_INS).any(|word| holds(text, word))
}

/// Whether a kind or a name stands in a text as a word, or the kind of a list of it.
fn holds(text: &str, kind: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
    memmem::find_iter(text.as_bytes(), kind).any(|at| {
        let before = text[..at].chars().next_back().is_some_and(is_word);
        let after = text[at + kind.len()..].strip_prefix("List").unwrap_or(&text[at + kind.len()..]);
        !before && !after.chars().next().is_some_and(is_word)
    })
}

/// Whether a text can hold a workload.
pub fn may_hold_workload(text: &str) -> bool {
    memmem::find(text.as_bytes(), b"containers").is_some()
}

pub(crate) fn role_of(object: &Value) -> Option<Role> {
    let group = object["apiVersion"].as_str()?.rsplit_once('/').map_or("", |(group, _)| group);
    let kind = object["kind"].as_str()?;
    let listed = LOOKED_UP.iter().find(|(of, name, _)| (*of, *name) == (group, kind));
    let role = || {
        let is_plug_in = object["metadata"]["name"].as_str().is_some_and(|name| PLUG_INS.contains(&name));
        if is_plug_in { Role::Everywhere } else { Role::Workload }
    };
    listed.map(|(_, _, role)| *role).or_else(|| (!templates(object).is_empty()).then(role))
}

/// Whether the object sets up the network, which holds for all nodes.
pub(crate) fn is_about_network(object: &Value) -> bool {
    let name = object["metadata"]["name"].as_str().unwrap_or_default();
    let is_plug_in_settings = || object["data"].get("net-conf.json").is_some() || name == "amazon-vpc-cni";
    role_of(object) == Some(Role::Everywhere) || (object["kind"] == "ConfigMap" && is_plug_in_settings())
}

/// Whether an object is a role that says anything about gMSAs.
pub(crate) fn is_about_gmsa(object: &Value) -> bool {
    let rules = object["rules"].as_array().into_iter().flatten();
    let mut resources = rules.filter_map(|rule| rule["resources"].as_array()).flatten();
    resources.any(|resource| resource == "gmsacredentialspecs")
}

/// Whether an object selects pods by the label of the operating system.
pub(crate) fn selects_by_os(object: &Value) -> bool {
    let spec = &object["spec"];
    let expressions = || spec["podSelector"]["matchExpressions"].as_array().into_iter().flatten();
    match object["kind"].as_str() {
        Some("Service") => spec["selector"].get(OS).is_some(),
        Some("NetworkPolicy") => {
            spec["podSelector"]["matchLabels"].get(OS).is_some() || expressions().any(|one| one["key"] == OS)
        }
        _ => false,
    }
}

/// Kinds that name others, which matter wherever they do.
pub(crate) fn is_link(kind: &str) -> bool {
    matches!(kind, "PersistentVolume" | "PersistentVolumeClaim")
}

#[cfg(test)]
mod tests {
    use transom::object::resources::{JUDGED, LOOKED_UP as ONLY_LOOKED_UP, WORKLOADS};

    use super::*;

    #[test]
    fn every_kind_that_rules_look_up_has_a_role() {
        let mut looked_up: Vec<_> = JUDGED.iter().chain(ONLY_LOOKED_UP).map(|of| (of.group, of.kind)).collect();
        looked_up.retain(|(_, kind)| !WORKLOADS.contains(kind) && *kind != "PodTemplate");
        looked_up.sort_unstable();
        assert_eq!(LOOKED_UP.iter().map(|(group, kind, _)| (*group, *kind)).collect::<Vec<_>>(), looked_up);
    }
}
