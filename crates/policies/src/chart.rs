//! What the chart takes from the packages, `charts/transom/files`, and the schema of its values.

use serde_json::{Value, json};
use transom::look_up;

use crate::requests::{self, OPERATIONS, SYSTEM_NAMESPACES};
use crate::{File, gatekeeper, kubernetes, kyverno};

/// The files, by their names in the folder.
pub fn files() -> Vec<File> {
    let server = kyverno::Server::default();
    let rules = json!({
        "systemNamespaces": SYSTEM_NAMESPACES,
        "lookUps": look_ups(),
        "judged": [requests::changes_pods()],
        "fixed": [requests::changes_pods(), requests::is_no_mirror()],
        "workloads": requests::rules(&OPERATIONS, requests::is_workload),
        "objects": requests::rules(&OPERATIONS, |resource| !requests::is_workload(resource)),
    });
    vec![
        File::yaml("rules.yaml", &[rules]),
        File::yaml("validating-admission-policy.yaml", &kubernetes::validating_policies()),
        File::yaml("mutating-admission-policy.yaml", &kubernetes::mutating_policy()),
        File::yaml("gatekeeper-template.yaml", &[gatekeeper::template()]),
        File::yaml("gatekeeper-constraint.yaml", &[gatekeeper::constraint()]),
        File::yaml("kyverno-validating-policy.yaml", &[kyverno::validating_policy(&server)]),
        File::yaml("kyverno-mutating-policy.yaml", &[kyverno::mutating_policy(&server)]),
    ]
}

/// What the values may be, but for the settings.
const VALUES: &str = include_str!("values.schema.json");

/// The schema of the chart's values, `values.schema.json`, with that of the settings in it: wrong ones would
/// keep the server from starting, long after helm has said that all is well.
pub fn values_schema() -> String {
    let mut settings = transom::settings::schema();
    if let Some(fields) = settings.as_object_mut() {
        // It is part of a document now.
        fields.remove("$schema");
        fields.remove("$id");
    }
    let mut schema: Value = serde_json::from_str(VALUES).unwrap_or_default();
    // They become values of selectors, which the API server would refuse.
    settings["properties"]["exempt"]["properties"]["namespaces"]["items"] = json!({"$ref": "#/$defs/namespace"});
    schema["properties"]["settings"] = settings;
    format!("{schema:#}\n")
}

/// What the server may read of the cluster.
fn look_ups() -> Vec<Value> {
    let rule = |kind: &look_up::Kind| {
        let group = kind.api_version.split_once('/').map_or("", |(group, _)| group);
        let ending = if kind.kind.ends_with('s') { "es" } else { "s" };
        let resource = format!("{}{ending}", kind.kind.to_lowercase());
        json!({"apiGroups": [group], "resources": [resource], "verbs": ["get", "list", "watch"]})
    };
    look_up::KINDS.iter().map(rule).collect()
}
