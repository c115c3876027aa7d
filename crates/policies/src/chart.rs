//! What the chart takes from the packages: `charts/transom/files`.

use serde_json::json;

use crate::requests::{self, OPERATIONS, SYSTEM_NAMESPACES};
use crate::{File, gatekeeper, kyverno};

/// The files, by their names in the folder.
pub fn files() -> Vec<File> {
    let server = kyverno::Server::default();
    let rules = json!({
        "systemNamespaces": SYSTEM_NAMESPACES,
        "workloads": requests::rules(&OPERATIONS, requests::is_workload),
        "objects": requests::rules(&OPERATIONS, |resource| !requests::is_workload(resource)),
    });
    vec![
        File::yaml("rules.yaml", &[rules]),
        File::yaml("gatekeeper-template.yaml", &[gatekeeper::template()]),
        File::yaml("gatekeeper-constraint.yaml", &[gatekeeper::constraint()]),
        File::yaml("kyverno-validating-policy.yaml", &[kyverno::validating_policy(&server)]),
        File::yaml("kyverno-mutating-policy.yaml", &[kyverno::mutating_policy(&server)]),
    ]
}
