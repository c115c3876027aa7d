//! The policies in CEL of `policies/kubernetes`, in the real API server: what they refuse, warn of and
//! change is what the claims and fixes that they are printed from say of the same objects. That these
//! agree with the core is tested where they are.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use cluster::{Answer, Cluster, documents};
use host_test::engine::say;
use host_test::{Case, generate, root};
use serde_json::{Value, json};
use transom_policies::cel::claims::all_claims;
use transom_policies::cel::fixes::{all_fixes, patch};
use transom_policies::cel::judge::{WORKLOADS, judge};
use transom_policies::samples;

/// How many generated objects there are. Kubernetes itself refuses two thirds of them.
const GENERATED: u64 = 600;

/// A namespace that the bindings leave alone.
const FREE: &str = "kube-public";

fn main() -> ExitCode {
    cluster::tests(
        start,
        &[
            ("the API server says what the claims say", agrees),
            ("the samples", judges_samples),
            ("a pod with very many containers", takes_large_pods),
        ],
    )
}

fn start() -> Option<Cluster> {
    let cluster = Cluster::start(Path::new(env!("CARGO_BIN_EXE_cluster")))?;
    for file in ["validating-admission-policy.yaml", "mutating-admission-policy.yaml"] {
        let path = root().join("policies/kubernetes").join(file);
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for object in documents(&text) {
            cluster.create(&object);
        }
    }
    // The API server takes a moment to put a policy in force.
    cluster.wait("the policies", || {
        let answers = [samples::refused(), samples::warned()].map(|sample| create(&cluster, "default", &sample));
        let [fixed, warned] = answers;
        let is_fixed = fixed.body.pointer("/spec/template/spec/nodeSelector").is_some();
        let [refuses, warns] = [refusals(&create(&cluster, "default", &misspelt())).len(), warned.warnings.len()];
        if is_fixed && refuses > 0 && warns > 0 { Ok(()) } else { Err(format!("{fixed:?} {warned:?}")) }
    });
    Some(cluster)
}

/// What the fixes leave as it is.
fn misspelt() -> Value {
    let mut sample = samples::allowed();
    sample["spec"]["template"]["spec"]["nodeSelector"]["kubernetes.io/os"] = "win".into();
    sample
}

/// Creates an object, as far as the API server goes without keeping it.
fn create(cluster: &Cluster, namespace: &str, object: &Value) -> Answer {
    let mut object = object.clone();
    object["metadata"]["namespace"] = namespace.into();
    cluster.client().create_with(&object, "?dryRun=All").expect("an answer")
}

/// What policies refused it for, without the words of the API server around it.
fn refusals(answer: &Answer) -> Vec<String> {
    let causes = answer.body.pointer("/details/causes").and_then(Value::as_array);
    let texts = causes.into_iter().flatten().filter_map(|cause| cause["message"].as_str());
    texts.filter_map(|text| Some(text.split_once(" denied request: ")?.1.to_owned())).collect()
}

/// What policies warned of.
fn warnings(answer: &Answer) -> Vec<String> {
    let own = |text: &String| Some(text.strip_prefix("Validation failed for ")?.split_once(": ")?.1.to_owned());
    let mut texts: Vec<String> = answer.warnings.iter().filter_map(own).collect();
    texts.sort();
    texts
}

/// The messages for an object, those that refuse and those that warn.
fn expected(object: &Value) -> (Vec<String>, Vec<String>) {
    let mut messages: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for found in judge(&all_claims(), object) {
        let rule = format!("{} {}: {}", found.rule.id, found.rule.name, found.rule.summary);
        messages.entry((found.severity.to_string(), rule)).or_default().push(found.what);
    }
    let of = |severity: &str| {
        let messages = messages.iter().filter(|((own, _), _)| own == severity);
        messages.map(|((_, rule), found)| format!("{rule}: {}", found.join("; "))).collect()
    };
    (of("error"), of("warning"))
}

fn agrees(cluster: &Cluster) {
    let cases = Case::all().into_iter().flatten().map(|case| (case.name, case.object));
    let generated = (0..GENERATED).map(|seed| (format!("seed {seed}"), generate::Case::new(seed).object));
    let is_workload = |object: &Value| WORKLOADS.iter().any(|workload| object["kind"] == workload.kind);
    let (mut tried, mut refused, mut warned, mut fixed) = (0, 0, 0, 0);
    for (name, object) in cases.chain(generated).filter(|(_, object)| is_workload(object)) {
        // What the API server makes of it, and whether it takes it at all.
        let free = create(cluster, FREE, &object);
        if free.status != 201 {
            continue;
        }
        tried += 1;
        let answer = create(cluster, "default", &object);
        let fixes = patch(&all_fixes(), &free.body);
        let mut mended = free.body.clone();
        let operations: json_patch::Patch = serde_json::from_value(fixes.into()).expect("a JSON Patch");
        json_patch::patch(&mut mended, &operations).expect("it applies");
        let (errors, doubts) = expected(&mended);
        let context = || format!("{name}: {errors:?} {doubts:?}\n{object}\n{answer:?}");
        assert_eq!(warnings(&answer), doubts, "{}", context());
        warned += usize::from(!doubts.is_empty());
        if errors.is_empty() {
            assert_eq!(answer.status, 201, "{}", context());
            assert_eq!(without_fleeting(&answer.body), without_fleeting(&mended), "{}", context());
            fixed += usize::from(!operations.is_empty());
        } else {
            let refusals = refusals(&answer);
            assert_eq!(answer.status, 422, "{}", context());
            assert!(!refusals.is_empty() && refusals.iter().all(|text| errors.contains(text)), "{}", context());
            refused += 1;
        }
    }
    say(&format!("of {tried} objects {refused} were refused, {warned} warned of and {fixed} fixed, as expected"));
    assert!(refused > 20 && warned > 20 && fixed > 20, "{refused} {warned} {fixed}");
}

/// An object without what is different each time it is created, and where.
fn without_fleeting(object: &Value) -> Value {
    let mut object = object.clone();
    let metadata = object["metadata"].as_object_mut().expect("metadata");
    for field in ["creationTimestamp", "managedFields", "namespace", "uid"] {
        metadata.remove(field);
    }
    // A Job selects its pods by its own uid.
    if object["kind"] == "Job" {
        object["spec"]["selector"].take();
        object["spec"]["template"]["metadata"].take();
        object["metadata"]["labels"].take();
    }
    object
}

fn judges_samples(cluster: &Cluster) {
    let allowed = create(cluster, "default", &samples::allowed());
    assert_eq!((allowed.status, &allowed.warnings), (201, &Vec::new()), "{allowed:?}");
    let fixed = create(cluster, "default", &samples::refused());
    assert_eq!(fixed.body.pointer("/spec/template/spec/nodeSelector"), Some(&json!({"kubernetes.io/os": "windows"})));
    let warned = create(cluster, "default", &samples::warned());
    assert_eq!(warned.status, 201);
    assert!(warned.warnings[0].contains("WIN202 ignored-linux-field: "), "{warned:?}");
    let refused = create(cluster, "default", &misspelt());
    assert_eq!(refused.status, 422);
    assert!(refused.message().contains("WIN104 invalid-os-label-value: "), "{refused:?}");
}

/// The limits of CEL are far: every container is looked at for every claim.
fn takes_large_pods(cluster: &Cluster) {
    let container = |index: usize| {
        let context = json!({"privileged": index == CONTAINERS - 1, "capabilities": {"drop": ["ALL"]}});
        let ports = json!([{"containerPort": 80, "protocol": "TCP"}]);
        json!({"name": format!("c{index}"), "image": "registry.example/app:1", "securityContext": context, "ports": ports})
    };
    const CONTAINERS: usize = 500;
    let containers: Vec<Value> = (0..CONTAINERS).map(container).collect();
    let spec = json!({"nodeSelector": {"kubernetes.io/os": "windows"}, "containers": containers});
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "large"}, "spec": spec});
    let refused = create(cluster, "default", &pod);
    assert_eq!(refused.status, 422, "{refused:?}");
    let last = format!("container c{}: securityContext.privileged", CONTAINERS - 1);
    assert!(refused.message().ends_with(&last), "{}", refused.message());
}
