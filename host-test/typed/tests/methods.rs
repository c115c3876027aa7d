//! Every workload kind has a method that takes its type, in every version of Kubernetes.

use serde_json::{Value, json};
use transom::Transom;
use transom::typed::{Decision, Surroundings};
use typed_test::kubernetes::api::{apps, batch, core};

#[test]
fn a_typed_workload_gets_the_decision_of_its_json() {
    let spec = json!({
        "nodeSelector": {"kubernetes.io/os": "windows"}, "hostNetwork": true, "restartPolicy": "Never",
        "containers": [{"name": "web", "image": "mcr.microsoft.com/windows/nanoserver:ltsc2022"}],
    });
    let template = json!({"metadata": {"labels": {"app": "web"}}, "spec": spec});
    let selector = json!({"matchLabels": {"app": "web"}});
    let owner = json!({"selector": selector, "template": template});
    let transom = Transom::new();
    let surroundings = Surroundings::new();
    let object = |api_version: &str, kind: &str, field: &str, value: &Value| json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": "web"}, field: value});
    macro_rules! same {
        ($method:ident($type:ty), $api_version:literal, $kind:literal, $field:literal: $value:expr) => {{
            let object = object($api_version, $kind, $field, &$value);
            let typed: $type = serde_json::from_value(object.clone()).expect($kind);
            let rules = |decision: Decision| {
                let found = decision.findings.into_iter();
                found.map(|finding| format!("{} {}", finding.rule, finding.path)).collect::<Vec<_>>()
            };
            let found = rules(transom.$method(&typed, &surroundings));
            assert_eq!(found, rules(transom.evaluate_object(&object, &surroundings)), $kind);
            assert!(found.iter().any(|finding| finding.starts_with("WIN401 ")), "{}: {found:?}", $kind);
        }};
    }
    let mut set = owner.clone();
    set["serviceName"] = "web".into();
    let controller = json!({"selector": {"app": "web"}, "template": template});
    let cron = json!({"schedule": "@daily", "jobTemplate": {"spec": {"template": template}}});
    same!(evaluate_pod(core::v1::Pod), "v1", "Pod", "spec": spec);
    same!(evaluate_pod_template(core::v1::PodTemplate), "v1", "PodTemplate", "template": template);
    same!(evaluate_replication_controller(core::v1::ReplicationController), "v1", "ReplicationController", "spec": controller);
    same!(evaluate_deployment(apps::v1::Deployment), "apps/v1", "Deployment", "spec": owner);
    same!(evaluate_replica_set(apps::v1::ReplicaSet), "apps/v1", "ReplicaSet", "spec": owner);
    same!(evaluate_daemon_set(apps::v1::DaemonSet), "apps/v1", "DaemonSet", "spec": owner);
    same!(evaluate_stateful_set(apps::v1::StatefulSet), "apps/v1", "StatefulSet", "spec": set);
    same!(evaluate_job(batch::v1::Job), "batch/v1", "Job", "spec": json!({"template": template}));
    same!(evaluate_cron_job(batch::v1::CronJob), "batch/v1", "CronJob", "spec": cron);
}
