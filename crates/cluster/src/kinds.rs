//! Which kinds are read.

use serde_json::Value;

/// Group, version and kind.
pub type Kind = (&'static str, &'static str, &'static str);

pub(crate) const NAMESPACE: Kind = ("", "v1", "Namespace");

/// What is known of every cluster, and watched by what stays: every user who may see nodes may see these.
pub const WATCHED: [Kind; 3] = [NAMESPACE, ("", "v1", "Node"), ("node.k8s.io", "v1", "RuntimeClass")];

/// What rules look up beside that. Secrets and ConfigMaps are left out: their contents are nobody's business; so
/// are roles, which few may read. What Calico serves as `projectcalico.org` is here under the group it is kept in.
pub const SURROUNDINGS: [Kind; 14] = [
    ("", "v1", "Service"),
    ("", "v1", "ServiceAccount"),
    ("", "v1", "PersistentVolume"),
    ("", "v1", "PersistentVolumeClaim"),
    ("storage.k8s.io", "v1", "StorageClass"),
    ("autoscaling", "v2", "HorizontalPodAutoscaler"),
    ("networking.k8s.io", "v1", "NetworkPolicy"),
    ("autoscaling.k8s.io", "v1", "VerticalPodAutoscaler"),
    ("crd.k8s.amazonaws.com", "v1alpha1", "ENIConfig"),
    ("crd.projectcalico.org", "v1", "FelixConfiguration"),
    ("crd.projectcalico.org", "v1", "IPPool"),
    ("operator.tigera.io", "v1", "Installation"),
    ("vpcresources.k8s.aws", "v1beta1", "SecurityGroupPolicy"),
    ("windows.k8s.io", "v1", "GMSACredentialSpec"),
];

/// Workloads, owners before what they own.
pub const WORKLOADS: [Kind; 8] = [
    ("apps", "v1", "Deployment"),
    ("apps", "v1", "StatefulSet"),
    ("apps", "v1", "DaemonSet"),
    ("apps", "v1", "ReplicaSet"),
    ("batch", "v1", "CronJob"),
    ("batch", "v1", "Job"),
    ("", "v1", "ReplicationController"),
    ("", "v1", "Pod"),
];

/// Whether a workload that is listed itself has made this one.
#[must_use]
pub fn is_made_by_workload(object: &Value) -> bool {
    let owners = object["metadata"]["ownerReferences"].as_array().into_iter().flatten();
    let mut controllers = owners.filter(|owner| owner["controller"] == true);
    controllers.any(|owner| {
        let (version, kind) = (owner["apiVersion"].as_str(), owner["kind"].as_str());
        WORKLOADS.iter().any(|of| version == Some(api_version(*of).as_str()) && kind == Some(of.2))
    })
}

/// `apps/v1`
pub(crate) fn api_version((group, version, _): Kind) -> String {
    if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn knows_what_workloads_have_made() {
        let owned = |version: &str, kind: &str, controller: bool| json!({"metadata": {"ownerReferences": [{"apiVersion": version, "kind": kind, "controller": controller}]}});
        assert!(is_made_by_workload(&owned("apps/v1", "ReplicaSet", true)));
        assert!(is_made_by_workload(&owned("batch/v1", "CronJob", true)));
        assert!(!is_made_by_workload(&owned("apps/v1", "ReplicaSet", false)));
        assert!(!is_made_by_workload(&owned("argoproj.io/v1alpha1", "Rollout", true)), "nobody else judges these");
        assert!(!is_made_by_workload(&json!({"metadata": {}})));
    }
}
