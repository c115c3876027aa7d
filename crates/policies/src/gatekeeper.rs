//! For Gatekeeper: a template that asks transom-server through External Data, and one that says in CEL
//! what CEL can say.

use serde_json::{Value, json};
use transom::finding::Severity;
use transom::object::resources::JUDGED;

use crate::File;
use crate::cel::claims::{Claim, all_claims};
use crate::cel::judge::WORKLOADS;
use crate::cel::policy;
use crate::kubernetes::named;
use crate::requests::{self, NAMESPACE, SYSTEM_NAMESPACES};
use crate::samples;

const TARGET: &str = "admission.k8s.gatekeeper.sh";

/// The name of the provider.
pub const PROVIDER: &str = "transom";

/// The kind of the constraints that ask transom-server.
pub const KIND: &str = "TransomCompatibility";

/// The kinds of the constraints in CEL, by the severity of what they find.
pub const CEL_KINDS: [(Severity, &str, &str); 2] =
    [(Severity::Error, "TransomErrors", "deny"), (Severity::Warning, "TransomWarnings", "warn")];

pub(crate) fn files() -> Vec<File> {
    let mut files = vec![
        File::yaml("gatekeeper/provider.yaml", &[provider()]),
        File::yaml("gatekeeper/template.yaml", &[template()]),
        File::yaml("gatekeeper/constraint.yaml", &[constraint()]),
        File::yaml("gatekeeper/samples/allowed.yaml", &[samples::allowed()]),
        File::yaml("gatekeeper/samples/refused.yaml", &[samples::refused()]),
        File::yaml("gatekeeper/samples/unfixable.yaml", &[samples::unfixable()]),
        File::yaml("gatekeeper/samples/warned.yaml", &[samples::warned()]),
        File::yaml("gatekeeper/samples/left-alone.yaml", &[samples::left_alone()]),
        File::yaml("gatekeeper/samples/made-worse.yaml", &[samples::made_worse()]),
        File::yaml("gatekeeper/cel/suite.yaml", &[suite()]),
    ];
    for (severity, kind, action) in CEL_KINDS {
        let claims = policy::of_severity(&all_claims(), severity);
        let name = file_name(kind);
        files.push(File::yaml(&format!("gatekeeper/cel/{name}-template.yaml"), &[cel_template(kind, &claims)]));
        files.push(File::yaml(&format!("gatekeeper/cel/{name}-constraint.yaml"), &[cel_constraint(kind, action)]));
    }
    files
}

fn file_name(kind: &str) -> String {
    kind.trim_start_matches("Transom").to_ascii_lowercase()
}

/// transom-server, as Gatekeeper reaches it.
pub fn provider() -> Value {
    json!({
        "apiVersion": "externaldata.gatekeeper.sh/v1beta1",
        "kind": "Provider",
        "metadata": {"name": PROVIDER},
        "spec": {
            "url": format!("https://transom.{NAMESPACE}.svc/gatekeeper"),
            // The whole webhook has 3 seconds by default. Zero would be no time at all.
            "timeout": 2,
            "caBundle": "",
        },
    })
}

/// The Rego of the template.
///
/// `TEMPLATES` stands for what of an object is judged.
const REGO: &str = r#"package transom

# The audit names no operation: it looks at what is there, and not at what is about to be.
operation := {"operation": input.review.operation} if {
  input.review.operation in {"CREATE", "UPDATE", "DELETE", "CONNECT"}
}

else := {}

# What transom is told of the request. What changes with every request is left out: the answer is
# remembered by this text. Of what is there, a uid says that it is.
left_out contains path if {
  some path in {"managedFields", "resourceVersion", "generation", "creationTimestamp"}
}

left_out contains "uid" if operation.operation

status := {name: value | some name in {"phase", "nodeInfo"}; value := input.review.object.status[name]}

trimmed := object.union(
  object.remove(input.review.object, {"status", "metadata"}),
  {"metadata": object.remove(input.review.object.metadata, left_out), "status": status},
)

default namespace := ""

namespace := input.review.namespace

default sub_resource := ""

sub_resource := input.review.subResource

request := object.union(operation, {
  "namespace": namespace,
  "subResource": sub_resource,
  "kind": input.review.kind,
  "object": trimmed,
})

# Controllers have to go on with what was there before anything judged it.
leaves_pods if {
  input.review.operation == "UPDATE"
  sub_resource == ""
  judged_part(input.review.object) == judged_part(input.review.oldObject)
}

TEMPLATES
text := json.marshal({"request": request, "settings": input.parameters.settings}) if input.parameters.settings

else := json.marshal({"request": request})

# Gatekeeper writes the key as a string of Go, which for some characters is none of JSON.
key := base64.encode(text)

actions := {action | some action in input.parameters.actions} if input.parameters.actions

else := {"deny"}

answer := external_data({"provider": "transom", "keys": [key]})

decision := answer.responses[0][1]

violation contains {"msg": msg, "details": finding} if {
  not leaves_pods
  not speaks_only
  some finding in decision.findings
  finding.action in actions
  msg := sprintf("%s %s: %s at %s; %s", [
    finding.rule, finding.name, finding.message, finding.path, object.get(finding, "help", ""),
  ])
}

# The server was started with --dry-run.
speaks_only if {
  decision.allowed
  not "warn" in actions
}

violation contains {"msg": msg, "details": {}} if {
  not leaves_pods
  not fails_open
  some reason in failures
  msg := sprintf("transom could not judge this: %v", [reason])
}

failures contains answer.system_error if answer.system_error != ""

failures contains pair[1] if some pair in answer.errors

failures contains "Gatekeeper cannot ask about it" if not answer

fails_open if input.parameters.failOpen
"#;

/// The part of an object that is judged, as a function of Rego: its template, or all that is no metadata.
fn judged_part() -> String {
    let templates = requests::templates().into_iter().map(|fields| format!("manifest.{}", fields.join(".")));
    let parts = templates.map(|part| format!("{part} if {part}\n\nelse := "));
    let rest = format!("object.remove(manifest, {})", json!(requests::NOT_JUDGED));
    format!("judged_part(manifest) := {}{rest}\n", parts.collect::<String>())
}

/// The template that asks transom-server.
pub fn template() -> Value {
    let parameters = json!({
        "type": "object",
        "properties": {
            "settings": {
                "type": "object",
                "description": "Settings of transom for this constraint alone. Default: those of the server",
                "x-kubernetes-preserve-unknown-fields": true,
            },
            "actions": {
                "type": "array",
                "description": "Which findings count: deny, warn, info. Default: deny",
                "items": {"type": "string", "enum": ["deny", "warn", "info"]},
            },
            "failOpen": {
                "type": "boolean",
                "description": "Whether objects pass that transom cannot be asked about. Default: no",
            },
        },
    });
    json!({
        "apiVersion": "templates.gatekeeper.sh/v1",
        "kind": "ConstraintTemplate",
        "metadata": {
            "name": KIND.to_ascii_lowercase(),
            "annotations": {
                "metadata.gatekeeper.sh/title": "Windows compatibility",
                "metadata.gatekeeper.sh/version": env!("CARGO_PKG_VERSION"),
                "metadata.gatekeeper.sh/requires-sync-data": "",
                "description": "Asks transom-server whether an object will work on Windows nodes, and whether it keeps off them if it must",
            },
        },
        "spec": {
            "crd": {"spec": {"names": {"kind": KIND}, "validation": {"openAPIV3Schema": parameters}}},
            "targets": [{
                "target": TARGET,
                "code": [{"engine": "Rego", "source": {"version": "v1", "rego": REGO.replace("TEMPLATES\n", &judged_part())}}],
            }],
        },
    })
}

/// The kinds of the core's table, as constraints list them.
fn kinds() -> Vec<Value> {
    let groups = JUDGED.chunk_by(|a, b| a.group == b.group);
    groups
        .map(|group| {
            let mut kinds: Vec<&str> = group.iter().map(|resource| resource.kind).collect();
            kinds.dedup();
            json!({"apiGroups": [group[0].group], "kinds": kinds})
        })
        .collect()
}

/// A constraint for everything that is judged.
pub fn constraint() -> Value {
    json!({
        "apiVersion": "constraints.gatekeeper.sh/v1beta1",
        "kind": KIND,
        "metadata": {"name": "windows-compatibility"},
        "spec": {
            "enforcementAction": "deny",
            "match": {"kinds": kinds(), "excludedNamespaces": excluded()},
            "parameters": {"actions": ["deny"], "failOpen": false},
        },
    })
}

fn excluded() -> Vec<&'static str> {
    let mut names = SYSTEM_NAMESPACES.to_vec();
    names.extend([NAMESPACE, "gatekeeper-system"]);
    names
}

fn cel_template(kind: &str, claims: &[Claim]) -> Value {
    let validations = policy::validations(claims).into_iter().map(|mut validation| {
        // Gatekeeper gives no reasons.
        if let Some(fields) = validation.as_object_mut() {
            fields.remove("reason");
        }
        validation
    });
    json!({
        "apiVersion": "templates.gatekeeper.sh/v1",
        "kind": "ConstraintTemplate",
        "metadata": {
            "name": kind.to_ascii_lowercase(),
            "annotations": {
                "metadata.gatekeeper.sh/title": format!("Windows compatibility: {}", file_name(kind)),
                "metadata.gatekeeper.sh/version": env!("CARGO_PKG_VERSION"),
                "description": "The rules of transom that CEL can say, without any service",
            },
        },
        "spec": {
            "crd": {"spec": {"names": {"kind": kind}}},
            "targets": [{
                "target": TARGET,
                "code": [{
                    "engine": "K8sNativeValidation",
                    "source": {
                        "failurePolicy": "Ignore",
                        "matchCondition": [requests::changes_pods()],
                        "variables": named(policy::variables(claims)),
                        "validations": validations.collect::<Vec<_>>(),
                    },
                }],
            }],
        },
    })
}

fn cel_constraint(kind: &str, action: &str) -> Value {
    let groups = WORKLOADS.chunk_by(|a, b| a.group == b.group);
    let kinds = groups.map(|group| {
        let kinds: Vec<&str> = group.iter().map(|workload| workload.kind).collect();
        json!({"apiGroups": [group[0].group], "kinds": kinds})
    });
    json!({
        "apiVersion": "constraints.gatekeeper.sh/v1beta1",
        "kind": kind,
        "metadata": {"name": "windows-compatibility"},
        "spec": {
            "enforcementAction": action,
            "match": {"kinds": kinds.collect::<Vec<_>>(), "excludedNamespaces": excluded()},
        },
    })
}

/// What `gator verify` runs: it knows no External Data, so only the templates in CEL.
fn suite() -> Value {
    let case = |name: &str, sample: &str, rule: Option<&str>| {
        let assertion = match rule {
            Some(rule) => json!({"violations": "yes", "message": rule}),
            None => json!({"violations": "no"}),
        };
        json!({"name": name, "object": format!("../samples/{sample}.yaml"), "assertions": [assertion]})
    };
    let test = |kind: &str, cases: Vec<Value>| {
        let name = file_name(kind);
        json!({
            "name": name,
            "template": format!("{name}-template.yaml"),
            "constraint": format!("{name}-constraint.yaml"),
            "cases": cases,
        })
    };
    json!({
        "apiVersion": "test.gatekeeper.sh/v1alpha1",
        "kind": "Suite",
        "metadata": {"name": "transom"},
        "tests": [
            test("TransomErrors", vec![
                case("a Windows pod that is pinned", "allowed", None),
                case("a Windows pod that is not pinned", "refused", Some("WIN101")),
                case("a port that Windows does not have", "unfixable", Some("WIN406")),
                case("a field that is ignored", "warned", None),
                case("a template that is as bad as it was", "left-alone", None),
                case("a template that is worse than it was", "made-worse", Some("WIN406")),
            ]),
            test("TransomWarnings", vec![
                case("a Windows pod that is pinned", "allowed", None),
                case("a field that is ignored", "warned", Some("WIN202")),
            ]),
        ],
    })
}
