//! For the API server itself: webhooks, and the policies in CEL.

use serde_json::{Value, json};
use transom::finding::Severity;

use crate::cel::claims::{Claim, all_claims};
use crate::cel::judge::WORKLOADS;
use crate::cel::policy;

/// The namespaces that no policy looks at: what runs there keeps the cluster up.
pub const SYSTEM_NAMESPACES: [&str; 3] = ["kube-system", "kube-public", "kube-node-lease"];

/// Selects all other namespaces.
pub fn other_namespaces(more: &[&str]) -> Value {
    let names = [&SYSTEM_NAMESPACES, more].concat();
    json!({"matchExpressions": [{"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": names}]})
}

/// What creates objects or changes them.
const OPERATIONS: [&str; 2] = ["CREATE", "UPDATE"];

/// The requests for objects with pods in them, by API group.
pub fn workload_rules(operations: &[&str]) -> Vec<Value> {
    let groups = WORKLOADS.chunk_by(|a, b| a.group == b.group);
    groups
        .map(|group| {
            let resources: Vec<&str> = group.iter().map(|workload| workload.resource).collect();
            json!({
                "apiGroups": [group[0].group],
                "apiVersions": ["v1"],
                "operations": operations,
                "resources": resources,
                "scope": "Namespaced",
            })
        })
        .collect()
}

/// The policies in CEL that refuse and that warn.
pub fn validating_policies() -> Vec<Value> {
    let claims = all_claims();
    [(Severity::Error, "transom-errors", vec!["Deny"]), (Severity::Warning, "transom-warnings", vec!["Warn", "Audit"])]
        .into_iter()
        .flat_map(|(severity, name, actions)| {
            let claims = policy::of_severity(&claims, severity);
            [validating_policy(name, &claims), binding("ValidatingAdmissionPolicyBinding", name, Some(&actions))]
        })
        .collect()
}

fn validating_policy(name: &str, claims: &[Claim]) -> Value {
    json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": name},
        "spec": {
            // It says only what is certain; what it cannot decide passes.
            "failurePolicy": "Ignore",
            "matchConstraints": {"matchPolicy": "Equivalent", "resourceRules": workload_rules(&OPERATIONS)},
            "matchConditions": [{"name": "not-being-deleted", "expression": "!has(object.metadata.deletionTimestamp)"}],
            "variables": named(policy::variables(claims)),
            "validations": policy::validations(claims),
        },
    })
}

/// Variables as policies list them.
pub fn named(variables: Vec<(String, String)>) -> Vec<Value> {
    variables.into_iter().map(|(name, expression)| json!({"name": name, "expression": expression})).collect()
}

fn binding(kind: &str, name: &str, actions: Option<&[&str]>) -> Value {
    let mut spec = json!({
        "policyName": name,
        "matchResources": {"namespaceSelector": other_namespaces(&[])},
    });
    if let Some(actions) = actions {
        spec["validationActions"] = json!(actions);
    }
    json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": kind, "metadata": {"name": name}, "spec": spec})
}
