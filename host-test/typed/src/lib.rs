//! Kubernetes' own types, by the kind that an object says it is of.

#[cfg(feature = "k8s-openapi")]
pub use k8s_openapi as kubernetes;
#[cfg(not(feature = "k8s-openapi"))]
pub use k8s_openapi_028 as kubernetes;

use kubernetes::Resource;
use kubernetes::schemars::{JsonSchema, schema_for};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use transom::Transom;
use transom::typed::{Decision, Surroundings};

/// The version of Kubernetes whose types these are: 1.`MINOR`.
pub const MINOR: u32 = if cfg!(feature = "v1_37") {
    37
} else if cfg!(feature = "v1_36") {
    36
} else if cfg!(feature = "v1_35") {
    35
} else if cfg!(feature = "v1_34") {
    34
} else if cfg!(feature = "v1_33") {
    33
} else {
    32
};

/// A kind with its type.
pub struct Kind {
    /// The API group; empty for the core group.
    pub group: &'static str,
    /// `apiVersion`
    pub api_version: &'static str,
    /// `kind`
    pub kind: &'static str,
    /// The JSON Schema of the type.
    pub schema: fn() -> Value,
    /// Reads an object into the type.
    pub read: fn(&Value) -> Result<Box<dyn Object>, serde_json::Error>,
}

impl Kind {
    fn of<T: Resource + JsonSchema + DeserializeOwned + Serialize + 'static>() -> Self {
        Kind {
            group: T::GROUP,
            api_version: T::API_VERSION,
            kind: T::KIND,
            schema: || schema_for!(T).to_value(),
            read: |value| Ok(Box::new(T::deserialize(value)?)),
        }
    }
}

/// An object that was read into the type of its kind.
pub trait Object {
    /// Judges it.
    fn evaluate(&self, transom: &Transom, surroundings: &Surroundings) -> Decision;
    /// Adds it to what is known.
    fn add_to(&self, surroundings: &mut Surroundings);
    /// What its type makes of it.
    fn to_json(&self) -> Value;
}

impl<T: Serialize> Object for T {
    fn evaluate(&self, transom: &Transom, surroundings: &Surroundings) -> Decision {
        transom.evaluate_object(self, surroundings)
    }
    fn add_to(&self, surroundings: &mut Surroundings) {
        surroundings.add(self);
    }
    fn to_json(&self) -> Value {
        serde_json::to_value(self).expect("objects of Kubernetes are JSON")
    }
}

/// The kinds that manifests have.
#[must_use]
pub fn kinds() -> Vec<Kind> {
    macro_rules! kinds {
        ($($($module:ident)::+ { $($kind:ident)+ })*) => {
            [$({
                use kubernetes::$($module)::+ as module;
                vec![$(Kind::of::<module::$kind>()),+]
            }),*].into_iter().flatten().collect()
        };
    }
    kinds! {
        api::admissionregistration::v1 {
            MutatingWebhookConfiguration ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding
            ValidatingWebhookConfiguration
        }
        api::apps::v1 { ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet }
        api::autoscaling::v1 { HorizontalPodAutoscaler }
        api::autoscaling::v2 { HorizontalPodAutoscaler }
        api::batch::v1 { CronJob Job }
        api::certificates::v1 { CertificateSigningRequest }
        api::coordination::v1 { Lease }
        api::core::v1 {
            ConfigMap Endpoints LimitRange Namespace Node PersistentVolume PersistentVolumeClaim Pod PodTemplate
            ReplicationController ResourceQuota Secret Service ServiceAccount
        }
        api::discovery::v1 { EndpointSlice }
        api::flowcontrol::v1 { FlowSchema PriorityLevelConfiguration }
        api::networking::v1 { Ingress IngressClass NetworkPolicy }
        api::node::v1 { RuntimeClass }
        api::policy::v1 { PodDisruptionBudget }
        api::rbac::v1 { ClusterRole ClusterRoleBinding Role RoleBinding }
        api::scheduling::v1 { PriorityClass }
        api::storage::v1 { CSIDriver CSINode StorageClass VolumeAttachment }
        apiextensions_apiserver::pkg::apis::apiextensions::v1 { CustomResourceDefinition }
        kube_aggregator::pkg::apis::apiregistration::v1 { APIService }
    }
}

/// Reads an object into the type of its kind; `None` where the kind is not one of [`kinds`].
#[must_use]
pub fn read(kinds: &[Kind], object: &Value) -> Option<Result<Box<dyn Object>, serde_json::Error>> {
    let is_it = |kind: &&Kind| object["apiVersion"] == kind.api_version && object["kind"] == kind.kind;
    kinds.iter().find(is_it).map(|kind| (kind.read)(object))
}
