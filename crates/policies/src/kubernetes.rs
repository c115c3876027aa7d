//! For the API server itself: webhooks, and the policies in CEL.

use serde_json::{Value, json};
use transom::finding::Severity;

use crate::File;
use crate::cel::claims::{Claim, all_claims};
use crate::cel::{fixes, policy, tolerations};
use crate::requests::{self, NAMESPACE, OPERATIONS, other_namespaces};

const GROUP: &str = "admissionregistration.k8s.io/v1";

/// The policies in CEL by the severity of what they find, and what a binding does about it.
pub const POLICIES: [(Severity, &str, &[&str]); 2] =
    [(Severity::Error, "transom-errors", &["Deny"]), (Severity::Warning, "transom-warnings", &["Warn", "Audit"])];

/// The name of the policy that fixes, and of the ConfigMap that says what it is to know of the cluster.
pub const FIXES: &str = "transom-fixes";

/// The namespace of that ConfigMap: nobody who may not change policies may change it.
pub const PARAMETERS: &str = "kube-system";

pub(crate) fn files() -> Vec<File> {
    vec![
        File::yaml("kubernetes/webhooks.yaml", &[validating_webhook(), mutating_webhook()]),
        File::yaml("kubernetes/validating-admission-policy.yaml", &validating_policies()),
        File::yaml("kubernetes/mutating-admission-policy.yaml", &mutating_policy()),
    ]
}

/// The policies in CEL that refuse and that warn, with their bindings.
pub fn validating_policies() -> Vec<Value> {
    let claims = all_claims();
    POLICIES
        .into_iter()
        .flat_map(|(severity, name, actions)| {
            let claims = policy::of_severity(&claims, severity);
            [validating_policy(name, &claims), binding("ValidatingAdmissionPolicyBinding", name, Some(actions))]
        })
        .collect()
}

fn validating_policy(name: &str, claims: &[Claim]) -> Value {
    json!({
        "apiVersion": GROUP,
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": name},
        "spec": {
            // It says only what is certain; what it cannot decide passes.
            "failurePolicy": "Ignore",
            "matchConstraints": match_resources(requests::workloads(&OPERATIONS, |_| true)),
            "matchConditions": [is_kept(), requests::changes_pods()],
            "variables": named(policy::variables(claims)),
            "validations": policy::validations(claims),
        },
    })
}

/// The policy in CEL that fixes, with its parameters and its binding. Of what exists it changes no pod and
/// no Job: neither lets its placement be changed.
pub fn mutating_policy() -> Vec<Value> {
    let fixes = fixes::all_fixes();
    let is_fixed = |resource: &str| matches!(resource, "pods" | "jobs");
    let rules =
        [requests::workloads(&["CREATE"], is_fixed), requests::workloads(&OPERATIONS, |resource| !is_fixed(resource))];
    let policy = json!({
        "apiVersion": GROUP,
        "kind": "MutatingAdmissionPolicy",
        "metadata": {"name": FIXES},
        "spec": {
            // What it leaves undone is found by the policies that refuse.
            "failurePolicy": "Ignore",
            "paramKind": {"apiVersion": "v1", "kind": "ConfigMap"},
            "reinvocationPolicy": "IfNeeded",
            "matchConstraints": match_resources(rules.concat()),
            "matchConditions": [is_kept(), requests::changes_pods(), requests::is_no_mirror()],
            "variables": named(fixes::variables(&fixes)),
            "mutations": [{"patchType": "JSONPatch", "jsonPatch": {"expression": fixes::expression(&fixes)}}],
        },
    });
    let parameters = json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": FIXES, "namespace": PARAMETERS},
        "data": tolerations::nothing_known(),
    });
    let mut binding = binding("MutatingAdmissionPolicyBinding", FIXES, None);
    binding["spec"]["paramRef"] = json!({"name": FIXES, "namespace": PARAMETERS, "parameterNotFoundAction": "Allow"});
    vec![parameters, policy, binding]
}

/// What is being deleted is only freed of its finalizers.
fn is_kept() -> Value {
    json!({"name": "not-being-deleted", "expression": "!has(object.metadata.deletionTimestamp)"})
}

/// Variables as policies list them.
pub(crate) fn named(variables: Vec<(String, String)>) -> Vec<Value> {
    variables.into_iter().map(|(name, expression)| json!({"name": name, "expression": expression})).collect()
}

/// Selects the requests of these rules, in all namespaces.
fn match_resources(rules: Vec<Value>) -> Value {
    json!({"matchPolicy": "Equivalent", "namespaceSelector": {}, "objectSelector": {}, "resourceRules": rules})
}

fn binding(kind: &str, name: &str, actions: Option<&[&str]>) -> Value {
    let namespaces = other_namespaces(&[]);
    let resources = json!({"matchPolicy": "Equivalent", "namespaceSelector": namespaces, "objectSelector": {}});
    let mut spec = json!({"policyName": name, "matchResources": resources});
    if let Some(actions) = actions {
        spec["validationActions"] = json!(actions);
    }
    json!({"apiVersion": GROUP, "kind": kind, "metadata": {"name": name}, "spec": spec})
}

/// The webhook that refuses and warns. Without transom no pod is created; what else it judges does not
/// wait for it, so that nodes can join and controllers go on.
pub fn validating_webhook() -> Value {
    let webhook =
        |name: &str, failure_policy: &str, rules: Vec<Value>| webhook(name, "/validate", failure_policy, rules);
    json!({
        "apiVersion": GROUP,
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": NAMESPACE},
        "webhooks": [
            webhook("workloads.transom.dev", "Fail", requests::rules(&OPERATIONS, requests::is_workload)),
            webhook("objects.transom.dev", "Ignore", requests::rules(&OPERATIONS, |resource| !requests::is_workload(resource))),
        ],
    })
}

/// The webhook that fixes, where the settings say `mutate: safe`. What it leaves undone the other says.
pub fn mutating_webhook() -> Value {
    let mut webhook =
        webhook("fixes.transom.dev", "/mutate", "Ignore", requests::rules(&OPERATIONS, requests::is_workload));
    webhook["reinvocationPolicy"] = "IfNeeded".into();
    webhook["matchConditions"] = json!([requests::changes_pods(), requests::is_no_mirror()]);
    json!({
        "apiVersion": GROUP,
        "kind": "MutatingWebhookConfiguration",
        "metadata": {"name": NAMESPACE},
        "webhooks": [webhook],
    })
}

fn webhook(name: &str, path: &str, failure_policy: &str, rules: Vec<Value>) -> Value {
    json!({
        "name": name,
        "admissionReviewVersions": ["v1"],
        "clientConfig": {"service": {"namespace": NAMESPACE, "name": "transom", "path": path, "port": 443}},
        "failurePolicy": failure_policy,
        "matchConditions": [requests::changes_pods()],
        "matchPolicy": "Equivalent",
        "namespaceSelector": other_namespaces(&[NAMESPACE]),
        "rules": rules,
        "sideEffects": "None",
        "timeoutSeconds": 5,
    })
}
