//! The workload kinds by their types in k8s-openapi.

#[cfg(feature = "k8s-openapi")]
use k8s_openapi::api::{apps, batch, core};
#[cfg(not(feature = "k8s-openapi"))]
use k8s_openapi_028::api::{apps, batch, core};

use super::{Decision, Surroundings};
use crate::Transom;

macro_rules! workloads {
    ($($method:ident($kind:ty))*) => {
        /// Each of these is [`evaluate_object`](Transom::evaluate_object) for one kind. They need the
        /// feature `k8s-openapi`, or `k8s-openapi-028`.
        impl Transom {$(
            #[doc = concat!("Judges a [`", stringify!($kind), "`].")]
            pub fn $method(&self, object: &$kind, surroundings: &Surroundings) -> Decision {
                self.evaluate_object(object, surroundings)
            }
        )*}
    };
}

workloads! {
    evaluate_pod(core::v1::Pod)
    evaluate_deployment(apps::v1::Deployment)
    evaluate_replica_set(apps::v1::ReplicaSet)
    evaluate_stateful_set(apps::v1::StatefulSet)
    evaluate_daemon_set(apps::v1::DaemonSet)
    evaluate_job(batch::v1::Job)
    evaluate_cron_job(batch::v1::CronJob)
    evaluate_replication_controller(core::v1::ReplicationController)
    evaluate_pod_template(core::v1::PodTemplate)
}
