//! For Kyverno: policies that ask transom-server, and one that says in CEL what CEL can say.

use serde_json::{Value, json};
use transom::finding::Severity;
use transom::object::resources::{JUDGED, Resource};

use crate::File;
use crate::cel::claims::all_claims;
use crate::cel::policy;
use crate::kubernetes::{POLICIES, named};
use crate::requests::{self, NAMESPACE, OPERATIONS, other_namespaces};

const GROUP: &str = "policies.kyverno.io/v1";

/// How a policy reaches transom-server.
#[derive(Debug, Clone)]
pub struct Server {
    /// The address of its endpoint for Kyverno.
    pub url: String,
    /// Where a ClusterPolicy finds the CA of its certificate: the namespace and the name of a ConfigMap
    /// with `ca.crt`. Without one Kyverno has to trust it, as for the other policies.
    pub authority: Option<(String, String)>,
}

impl Default for Server {
    fn default() -> Self {
        Server {
            url: format!("https://transom.{NAMESPACE}.svc/kyverno"),
            authority: Some(("kyverno".to_owned(), "transom-ca".to_owned())),
        }
    }
}

pub(crate) fn files() -> Vec<File> {
    let server = Server::default();
    vec![
        File::yaml("kyverno/validating-policy.yaml", &[validating_policy(&server)]),
        File::yaml("kyverno/mutating-policy.yaml", &[mutating_policy(&server)]),
        File::yaml("kyverno/cluster-policy.yaml", &[cluster_policy(&server)]),
        File::yaml("kyverno/cel.yaml", &cel_policies()),
    ]
}

/// The answer of transom-server to a request. Kyverno itself has to trust the certificate: what
/// `http.Client(ca)` of Kyverno 1.19 returns has no `Post`.
fn answer(server: &Server) -> Vec<Value> {
    // Maps of CEL hold values of one type, unless that is left open.
    let fields = ["operation", "namespace", "subResource"].map(|name| format!("'{name}': request.?{name}.orValue('')"));
    let request = format!("dyn({{{}}})", fields.join(", "));
    let expression = format!(
        "http.Post('{}', {{'object': object, 'request': {request}}}, {{'Content-Type': 'application/json'}})",
        server.url
    );
    vec![json!({"name": "decision", "expression": expression})]
}

/// What pods are made of is judged where it is written, so no rules for Pods are to be made into others.
fn no_autogen() -> Value {
    json!({"podControllers": {"controllers": []}})
}

/// The policy that refuses, by transom-server.
pub fn validating_policy(server: &Server) -> Value {
    json!({
        "apiVersion": GROUP,
        "kind": "ValidatingPolicy",
        "metadata": {"name": "transom"},
        "spec": {
            "autogen": no_autogen(),
            "failurePolicy": "Fail",
            "webhookConfiguration": {"timeoutSeconds": 5},
            "validationActions": ["Deny"],
            "evaluation": {"background": {"enabled": false}},
            "matchConditions": [requests::changes_pods()],
            "matchConstraints": constraints(requests::rules(&OPERATIONS, requests::is_workload)),
            "variables": answer(server),
            "validations": [{
                "expression": "variables.decision.allowed == true",
                "messageExpression": "string(variables.decision.message)",
            }],
        },
    })
}

/// The policy that fixes, by transom-server.
pub fn mutating_policy(server: &Server) -> Value {
    json!({
        "apiVersion": GROUP,
        "kind": "MutatingPolicy",
        "metadata": {"name": "transom"},
        "spec": {
            "autogen": no_autogen(),
            "failurePolicy": "Ignore",
            "webhookConfiguration": {"timeoutSeconds": 5},
            "matchConditions": [requests::changes_pods()],
            "matchConstraints": constraints(requests::rules(&OPERATIONS, requests::is_workload)),
            "variables": answer(server),
            "mutations": [{
                "patchType": "JSONPatch",
                "jsonPatch": {
                    "expression": "variables.decision.patch.map(p, has(p.value) ?\n  \
                        JSONPatch{op: string(p.op), path: string(p.path), value: p.value} :\n  \
                        JSONPatch{op: string(p.op), path: string(p.path)})",
                },
            }],
        },
    })
}

fn constraints(rules: Vec<Value>) -> Value {
    json!({"matchPolicy": "Equivalent", "namespaceSelector": other_namespaces(&[NAMESPACE, "kyverno"]), "resourceRules": rules})
}

/// One operation of a patch: Kyverno takes none as a whole from a variable, and no path from one alone.
const OPERATION: &str = "\
- op: \"{{ element.op }}\"
  path: \"/{{ trim_prefix(element.path, '/') }}\"
  value: {{ element.value || 'null' }}
";

/// For Kyverno before 1.14: one policy that fixes and refuses.
pub fn cluster_policy(server: &Server) -> Value {
    let kinds: Vec<String> = JUDGED.iter().filter(|resource| requests::is_workload(resource)).flat_map(kinds).collect();
    let mut service = json!({"url": server.url, "headers": [{"key": "Content-Type", "value": "application/json"}]});
    if server.authority.is_some() {
        service["caBundle"] = "{{ ca.data.\"ca.crt\" }}".into();
    }
    let call = json!({
        "name": "decision",
        "apiCall": {
            "method": "POST",
            "data": [
                {"key": "object", "value": "{{ request.object }}"},
                {"key": "request", "value": {
                    "operation": "{{ request.operation }}",
                    "namespace": "{{ request.namespace || '' }}",
                    "subResource": "{{ request.subResource || '' }}",
                }},
            ],
            "service": service,
        },
    });
    let mut context = vec![call];
    if let Some((namespace, name)) = &server.authority {
        context.insert(0, json!({"name": "ca", "configMap": {"name": name, "namespace": namespace}}));
    }
    let matching = json!({"any": [{"resources": {"kinds": kinds, "operations": OPERATIONS, "namespaceSelector": other_namespaces(&[NAMESPACE, "kyverno"])}}]});
    let is_changed = json!({"key": format!("{{{{ {} }}}}", requests::changes_pods_in_jmespath()), "operator": "Equals", "value": true});
    json!({
        "apiVersion": "kyverno.io/v1",
        "kind": "ClusterPolicy",
        "metadata": {"name": "transom", "annotations": {"pod-policies.kyverno.io/autogen-controllers": "none"}},
        "spec": {
            "background": false,
            "failurePolicy": "Fail",
            "webhookTimeoutSeconds": 5,
            "rules": [
                {
                    "name": "fix",
                    "match": matching,
                    "context": context,
                    "preconditions": {"all": [is_changed, {"key": "{{ length(decision.patch) }}", "operator": "GreaterThan", "value": 0}]},
                    "mutate": {"foreach": [{"list": "decision.patch", "patchesJson6902": OPERATION}]},
                },
                {
                    "name": "refuse",
                    "match": matching,
                    "context": context,
                    "preconditions": {"all": [is_changed]},
                    "validate": {
                        "failureAction": "Enforce",
                        "message": "{{ decision.message }}",
                        "deny": {"conditions": {"all": [{"key": "{{ decision.allowed }}", "operator": "Equals", "value": false}]}},
                    },
                },
            ],
        },
    })
}

/// The kinds of a resource as policies name them, with their subresources.
fn kinds(resource: &Resource) -> Vec<String> {
    let group = if resource.group.is_empty() { String::new() } else { format!("{}/", resource.group) };
    let of = |version: &&str| format!("{group}{version}/{}", resource.kind);
    resource.versions.iter().map(of).collect()
}

/// The rules that CEL can say, without any service.
pub fn cel_policies() -> Vec<Value> {
    let claims = all_claims();
    POLICIES
        .into_iter()
        .map(|(severity, name, actions)| {
            let claims = policy::of_severity(&claims, severity);
            json!({
                "apiVersion": GROUP,
                "kind": "ValidatingPolicy",
                "metadata": {"name": name},
                "spec": {
                    "autogen": no_autogen(),
                    // Here it is about Kyverno being away, too, and then everything would pass.
                    "failurePolicy": if severity == Severity::Error { "Fail" } else { "Ignore" },
                    "validationActions": actions,
                    "matchConditions": [requests::changes_pods()],
                    "matchConstraints": constraints(requests::workloads(&OPERATIONS, |_| true)),
                    "variables": named(policy::variables(&claims)),
                    "validations": policy::validations(&claims),
                },
            })
        })
        .collect()
}
