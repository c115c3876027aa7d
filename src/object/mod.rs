//! Borrowed views of the Kubernetes objects that rules look at.
//!
//! [`Object`] is any object; its [`Body`] is what its kind makes of it. Every workload kind, and
//! every custom resource with a recognisable pod template, ends up as a list of [`Workload`]s, so
//! that a rule never asks which kind it is in.

mod builder;
pub mod claim;
pub mod cluster;
pub mod configuration;
mod kind;
#[cfg(feature = "outline")]
#[doc(hidden)]
pub mod kinds;
pub mod label_selector;
pub mod metadata;
pub mod network;
pub mod node_selector;
#[cfg(feature = "outline")]
#[doc(hidden)]
pub mod outline;
pub mod pod;
pub mod rbac;
pub mod read;
pub mod resources;
pub mod storage;
mod templates;

use crate::text;
use crate::value::Value;
use claim::PersistentVolumeClaim;
use cluster::{HorizontalPodAutoscaler, Node, RuntimeClass, VerticalPodAutoscaler};
use configuration::{ConfigMap, Secret};
use kind::{Kind, group_of, kind_of};
use network::{EniConfig, FelixConfiguration, Installation, IpPool, NetworkPolicy, SecurityGroupPolicy, Service};
use pod::PodTemplateSpec;
use rbac::{CredentialSpec, Role, RoleBinding};
use read::{Str, View};
use storage::{PersistentVolume, StorageClass};

pub(crate) use builder::ObjectBuilder;
pub use kind::is_cluster_scoped;
pub use label_selector::SelectedLabels;
pub use metadata::{ObjectMeta, OwnerReference};

/// Any Kubernetes object.
#[derive(Debug, Default)]
pub struct Object<'a> {
    /// `apiVersion`
    pub api_version: Str<'a>,
    /// `kind`
    pub kind: Str<'a>,
    /// `metadata`
    pub metadata: ObjectMeta<'a>,
    /// What the kind makes of the rest.
    pub body: Body<'a>,
}

/// Defines [`Body`]: a variant for every kind with a view of its own, found by API group and kind.
macro_rules! bodies {
    ($($view:ident = $($group:literal)|+, $($kind:literal)|+;)*) => {
        /// What the kind of an object makes of it.
        #[derive(Debug, Default)]
        pub enum Body<'a> {
            /// A workload kind, or a custom resource in which pod templates were found.
            Workload(Vec<Workload<'a>>),
            $(#[doc = concat!($("`", $kind, "` "),+)] $view(Box<$view<'a>>),)*
            /// A `List`, of whatever kind: its items.
            List(Vec<Object<'a>>),
            /// An object that does not say its kind: what its kind would make of these fields.
            /// Items of a list of one kind, such as a PodList, are like that.
            Untyped(Vec<(Str<'a>, Value)>),
            /// Nothing that a rule reads beyond the metadata.
            #[default]
            Other,
        }

        #[cfg(feature = "outline")]
        const VIEWED_KINDS: &[outline::Viewed] = &[
            $((&[$($group),+], &[$($kind),+], <$view<'_> as outline::Outline>::TYPE),)*
        ];

        #[cfg(test)]
        const VIEWS: &[(&[&str], &[&str])] = &[$((&[$($group),+], &[$($kind),+]),)*];

        impl<'a> Body<'a> {
            fn of(group: &str, kind: &str) -> Option<Self> {
                match (group, kind) {
                    $(($($group)|+, $($kind)|+) => Some(Body::$view(Box::default())),)*
                    _ => None,
                }
            }

            fn view(&mut self) -> Option<&mut dyn View<'a>> {
                match self {
                    $(Body::$view(view) => Some(&mut **view),)*
                    _ => None,
                }
            }
        }
    };
}

bodies! {
    ConfigMap = "", "ConfigMap";
    CredentialSpec = "windows.k8s.io", "GMSACredentialSpec";
    EniConfig = "crd.k8s.amazonaws.com", "ENIConfig";
    FelixConfiguration = "crd.projectcalico.org" | "projectcalico.org", "FelixConfiguration";
    HorizontalPodAutoscaler = "autoscaling", "HorizontalPodAutoscaler";
    Installation = "operator.tigera.io", "Installation";
    IpPool = "crd.projectcalico.org" | "projectcalico.org", "IPPool";
    NetworkPolicy = "networking.k8s.io", "NetworkPolicy";
    Node = "", "Node";
    PersistentVolume = "", "PersistentVolume";
    PersistentVolumeClaim = "", "PersistentVolumeClaim";
    Role = "rbac.authorization.k8s.io", "Role" | "ClusterRole";
    RoleBinding = "rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding";
    RuntimeClass = "node.k8s.io", "RuntimeClass";
    Secret = "", "Secret";
    SecurityGroupPolicy = "vpcresources.k8s.aws", "SecurityGroupPolicy";
    Service = "", "Service";
    StorageClass = "storage.k8s.io", "StorageClass";
    VerticalPodAutoscaler = "autoscaling.k8s.io", "VerticalPodAutoscaler";
}

/// One pod or pod template in an object.
#[derive(Debug, Default)]
pub struct Workload<'a> {
    /// JSON Pointer, relative to the object, of what holds the pod's `metadata` and `spec`:
    /// empty for a Pod.
    pub at: String,
    /// Metadata and spec.
    pub template: PodTemplateSpec<'a>,
    /// The names of the labels by which the owner selects its pods (`spec.selector`).
    pub selector: Option<SelectedLabels<'a>>,
    /// `spec.replicas` of the owner.
    pub replicas: Option<i64>,
    /// `spec.volumeClaimTemplates` of a StatefulSet.
    pub volume_claim_templates: Vec<PersistentVolumeClaim<'a>>,
    /// A Job that is suspended: its template may still change in part.
    pub suspended: bool,
    /// `status.phase` is set: the pod lives.
    pub running: bool,
}

impl Object<'_> {
    /// The pods and pod templates in this object.
    pub fn workloads(&self) -> &[Workload<'_>] {
        match &self.body {
            Body::Workload(workloads) => workloads,
            _ => &[],
        }
    }

    /// The namespace as the object states it.
    pub fn namespace(&self) -> Option<&str> {
        self.metadata.namespace.as_deref()
    }

    /// The namespace as the object states it, or `default`. What is in no namespace says `default` too.
    pub fn namespace_or_default(&self) -> &str {
        self.namespace().filter(|namespace| !namespace.is_empty()).unwrap_or("default")
    }

    /// The name, or what it will be generated from.
    pub fn name(&self) -> &str {
        let meta = &self.metadata;
        meta.name.as_deref().or(meta.generate_name.as_deref()).unwrap_or_default()
    }

    /// Kind and name, as in `Deployment web`.
    pub fn title(&self) -> String {
        text::join([&*self.kind, self.name()], " ")
    }

    /// Whether this is the built-in Pod, not a template of one.
    pub fn is_pod(&self) -> bool {
        kind_of(&self.api_version, &self.kind) == Kind::Pod
    }

    /// Whether its kind is one of `group`.
    pub fn is_in_group(&self, group: &str) -> bool {
        group_of(&self.api_version) == group
    }

    /// Whether this is of a kind of `group` (empty for the core group).
    pub fn is(&self, group: &str, kind: &str) -> bool {
        self.kind == kind && self.is_in_group(group)
    }
}
