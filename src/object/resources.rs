//! The resources that are judged and looked up, as the API server names them: for whoever says which requests
//! an admission webhook wants to see, and for objects that lists of clients give without their kind.

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

/// Kubernetes' own kinds that run pods.
pub const WORKLOADS: &[&str] =
    &["Pod", "Deployment", "DaemonSet", "StatefulSet", "ReplicaSet", "ReplicationController", "Job", "CronJob"];

/// What is read where a judged object has to do with it, and not judged itself; by group.
pub const LOOKED_UP: &[Resource] = &[
    resource("", &["v1"], "Namespace", "namespaces"),
    resource("", &["v1"], "PersistentVolume", "persistentvolumes"),
    resource("", &["v1"], "PersistentVolumeClaim", "persistentvolumeclaims"),
    resource("", &["v1"], "Secret", "secrets"),
    resource("", &["v1"], "ServiceAccount", "serviceaccounts"),
    resource("autoscaling", &["v2", "v1"], "HorizontalPodAutoscaler", "horizontalpodautoscalers"),
    resource("crd.k8s.amazonaws.com", &["v1alpha1"], "ENIConfig", "eniconfigs"),
    resource("rbac.authorization.k8s.io", &["v1"], "ClusterRole", "clusterroles"),
    resource("rbac.authorization.k8s.io", &["v1"], "ClusterRoleBinding", "clusterrolebindings"),
    resource("rbac.authorization.k8s.io", &["v1"], "Role", "roles"),
    resource("rbac.authorization.k8s.io", &["v1"], "RoleBinding", "rolebindings"),
    resource("storage.k8s.io", &["v1"], "StorageClass", "storageclasses"),
];

#[cfg(test)]
mod tests {
    use super::{JUDGED, LOOKED_UP};
    use crate::object::VIEWS;
    use crate::object::kind::{Kind, kind_of};

    #[test]
    fn every_kind_with_a_view_is_here_or_only_looked_up() {
        for (groups, kinds) in VIEWS {
            for kind in *kinds {
                let of_kind = JUDGED.iter().chain(LOOKED_UP).filter(|resource| resource.kind == *kind);
                assert_eq!(of_kind.map(|resource| resource.group).collect::<Vec<_>>(), *groups, "{kind}");
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
        for list in [JUDGED, LOOKED_UP] {
            assert!(list.is_sorted_by_key(|resource| (resource.group, resource.kind)));
        }
    }
}
