//! The resources that are judged, as the API server names them: for whoever says which requests an
//! admission webhook wants to see.

/// A resource of the API.
#[derive(Debug, PartialEq, Eq)]
pub struct Resource {
    /// The API group, empty for the core group.
    pub group: &'static str,
    /// Its versions that are served.
    pub versions: &'static [&'static str],
    /// `kind` of its objects.
    pub kind: &'static str,
    /// Its name in the path: the plural.
    pub name: &'static str,
    /// Its subresources that are judged, too.
    pub subresources: &'static [&'static str],
}

const fn resource(
    group: &'static str,
    versions: &'static [&'static str],
    kind: &'static str,
    name: &'static str,
) -> Resource {
    Resource { group, versions, kind, name, subresources: &[] }
}

/// All of them, by group. Custom resources with pod templates come on top: only their users know
/// their names. Secrets are left out: what can be wrong with one is found only beside the pod that
/// mounts it, which is no reason to show them all to a webhook.
pub const JUDGED: &[Resource] = &[
    resource("", &["v1"], "ConfigMap", "configmaps"),
    resource("", &["v1"], "Node", "nodes"),
    Resource { subresources: &["ephemeralcontainers", "resize"], ..resource("", &["v1"], "Pod", "pods") },
    resource("", &["v1"], "PodTemplate", "podtemplates"),
    resource("", &["v1"], "ReplicationController", "replicationcontrollers"),
    resource("", &["v1"], "Service", "services"),
    resource("apps", &["v1"], "DaemonSet", "daemonsets"),
    resource("apps", &["v1"], "Deployment", "deployments"),
    resource("apps", &["v1"], "ReplicaSet", "replicasets"),
    resource("apps", &["v1"], "StatefulSet", "statefulsets"),
    resource("autoscaling.k8s.io", &["v1"], "VerticalPodAutoscaler", "verticalpodautoscalers"),
    resource("batch", &["v1"], "CronJob", "cronjobs"),
    resource("batch", &["v1"], "Job", "jobs"),
    resource("crd.projectcalico.org", &["v1"], "FelixConfiguration", "felixconfigurations"),
    resource("crd.projectcalico.org", &["v1"], "IPPool", "ippools"),
    resource("networking.k8s.io", &["v1"], "NetworkPolicy", "networkpolicies"),
    resource("node.k8s.io", &["v1"], "RuntimeClass", "runtimeclasses"),
    resource("operator.tigera.io", &["v1"], "Installation", "installations"),
    resource("projectcalico.org", &["v3"], "FelixConfiguration", "felixconfigurations"),
    resource("projectcalico.org", &["v3"], "IPPool", "ippools"),
    resource("vpcresources.k8s.aws", &["v1beta1"], "SecurityGroupPolicy", "securitygrouppolicies"),
    resource("windows.k8s.io", &["v1", "v1alpha1"], "GMSACredentialSpec", "gmsacredentialspecs"),
];

#[cfg(test)]
mod tests {
    use super::JUDGED;
    use crate::object::VIEWS;
    use crate::object::kind::{Kind, kind_of};

    /// What is read where another object has to do with it, and not judged.
    const LOOKED_UP: &[&str] = &[
        "ClusterRole",
        "ClusterRoleBinding",
        "ENIConfig",
        "HorizontalPodAutoscaler",
        "PersistentVolume",
        "PersistentVolumeClaim",
        "Role",
        "RoleBinding",
        "Secret",
        "StorageClass",
    ];

    #[test]
    fn every_kind_with_a_view_is_here_or_only_looked_up() {
        for (groups, kinds) in VIEWS {
            for kind in *kinds {
                let groups_here: Vec<&str> = JUDGED.iter().filter(|r| r.kind == *kind).map(|r| r.group).collect();
                let expected: &[&str] = if LOOKED_UP.contains(kind) { &[] } else { groups };
                assert_eq!(groups_here, expected, "{kind}");
            }
        }
        for resource in JUDGED {
            for version in resource.versions {
                let version = format!("{}/{version}", resource.group);
                let is_read =
                    !matches!(kind_of(version.trim_start_matches('/'), resource.kind), Kind::Other | Kind::Custom);
                assert!(is_read, "`bodies!` in src/object/mod.rs has no view of {resource:?}");
            }
        }
        assert!(JUDGED.is_sorted_by_key(|resource| (resource.group, resource.kind)));
    }
}
