//! The policies in CEL of `policies/kubernetes`, in the real API server: what they refuse, warn of and
//! change is what the claims and fixes that they are printed from say of the same objects. That these
//! agree with the core is tested where they are.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use cluster::{Answer, Cluster, Leftovers, documents};
use host_test::engine::say;
use host_test::{Case, generate, root};
use serde_json::{Value, json};
use transom_policies::cel::claims::all_claims;
use transom_policies::cel::fixes::{all_fixes, patch};
use transom_policies::cel::judge::{Workload, judge};
use transom_policies::cel::tolerations;
use transom_policies::kubernetes::{self, FIXES, PARAMETERS};
use transom_policies::samples;

/// How many generated objects there are. Kubernetes itself refuses two thirds of them.
const GENERATED: u64 = 600;

/// A namespace that the bindings leave alone.
const FREE: &str = "kube-public";

/// Another one, which has a binding of its own in the test of tolerations.
const TAINTED: &str = "kube-node-lease";

fn main() -> ExitCode {
    cluster::tests(
        start,
        &[
            ("the API server says what the claims say", |world| agrees(&world.cluster)),
            ("the samples", |world| judges_samples(&world.cluster)),
            ("what was there before", left_over),
            ("tolerations by what the ConfigMap says", |world| tolerates(&world.cluster)),
            ("a pod with very many containers", |world| takes_large_pods(&world.cluster)),
        ],
    )
}

struct World {
    cluster: Cluster,
    leftovers: Leftovers,
}

fn start() -> Option<World> {
    let cluster = Cluster::start(Path::new(env!("CARGO_BIN_EXE_cluster")))?;
    let leftovers = Leftovers::create(cluster.client(), "default");
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
        let [refuses, warns] =
            [refusals(&create(&cluster, "default", &samples::unfixable())).len(), warned.warnings.len()];
        if is_fixed && refuses > 0 && warns > 0 { Ok(()) } else { Err(format!("{fixed:?} {warned:?}")) }
    });
    Some(World { cluster, leftovers })
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
    let (mut tried, mut refused, mut warned, mut fixed) = (0, 0, 0, 0);
    for (name, object) in cases.chain(generated).filter(|(_, object)| Workload::of(object).is_some()) {
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

/// What the ConfigMap says, and the settings that mean the same.
const CLUSTERS: &[(&[(&str, &str)], &str)] = &[
    (
        &[(tolerations::TAINTS, "os=windows:NoSchedule")],
        r#"{"windows": {"taints": [{"key": "os", "value": "windows", "effect": "NoSchedule"}]}}"#,
    ),
    (&[(tolerations::PLATFORM, "openshift")], r#"{"platform": "openshift"}"#),
    (&[(tolerations::PLATFORM, "gke")], r#"{"platform": "gke"}"#),
    (
        &[
            (tolerations::PLATFORM, "gke"),
            (tolerations::TAINTS, "pool=win:NoExecute, alone:NoSchedule\nos=windows:PreferNoSchedule nonsense"),
        ],
        r#"{"platform": "gke", "windows": {"taints": [{"key": "pool", "value": "win", "effect": "NoExecute"}, {"key": "alone", "effect": "NoSchedule"}]}}"#,
    ),
    (
        &[(tolerations::PLATFORM, "openshift"), (tolerations::OFF, "missing-windows-toleration win110")],
        r#"{"platform": "openshift", "rules": {"missing-windows-toleration": "off", "WIN110": "off"}}"#,
    ),
    (
        &[(tolerations::PLATFORM, "openshift"), (tolerations::TAINTS, "none")],
        r#"{"platform": "openshift", "windows": {"taints": []}}"#,
    ),
];

/// What is added is what the core's safe fixes add by the same settings, and nothing else is changed.
fn tolerates(cluster: &Cluster) {
    let mut parameters = kubernetes::mutating_policy().swap_remove(0);
    parameters["metadata"] = json!({"name": TAINTED, "namespace": PARAMETERS});
    cluster.create(&parameters);
    cluster.create(&json!({
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingAdmissionPolicyBinding",
        "metadata": {"name": TAINTED},
        "spec": {
            "policyName": FIXES,
            "paramRef": {"name": TAINTED, "namespace": PARAMETERS, "parameterNotFoundAction": "Allow"},
            "matchResources": {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": TAINTED}}},
        },
    }));
    let cases: Vec<(String, Value, Value)> = Case::all()
        .into_iter()
        .flatten()
        .filter(|case| Workload::of(&case.object).is_some())
        .map(|case| (create(cluster, FREE, &case.object), case))
        .filter(|(free, _)| free.status == 201)
        .map(|(free, case)| (case.name, case.object, free.body))
        .collect();
    let mut say_of_the_cluster = |data: Value, wanted: &[Value]| {
        parameters["data"] = data;
        cluster.client().update(&parameters).and_then(Answer::ok).expect("it is taken");
        // The API server takes a moment to see it.
        cluster.wait("the parameters", || {
            let mut answer = create(cluster, TAINTED, &intolerant());
            let mut given = pod_of(&mut answer.body)["tolerations"].take();
            let given = given.as_array_mut().map(std::mem::take).unwrap_or_default();
            let given = given.iter().filter(|one| one["tolerationSeconds"].is_null());
            if given.clone().eq(wanted) { Ok(()) } else { Err(format!("{:?}", given.collect::<Vec<_>>())) }
        });
    };
    for (nth, (data, settings)) in CLUSTERS.iter().enumerate() {
        // Something else in between, or it could not be told from what was before.
        let key = format!("seen-{nth}");
        let seen = json!([{"key": key, "operator": "Equal", "effect": "NoExecute"}]);
        say_of_the_cluster(json!({tolerations::TAINTS: format!("{key}:NoExecute")}), seen.as_array().expect("a list"));
        let data: BTreeMap<&str, &str> = data.iter().copied().collect();
        let settings: Value = serde_json::from_str(settings).expect("settings");
        say_of_the_cluster(json!(data), &by_the_core(&intolerant(), &settings));
        let (mut added, mut missed) = (0, 0);
        for (name, object, free) in &cases {
            let answer = create(cluster, TAINTED, object);
            let context = || format!("{name} by {settings}\n{free}\n{answer:?}");
            assert_eq!(answer.status, 201, "{}", context());
            let mut mended = free.clone();
            let pins: json_patch::Patch = serde_json::from_value(patch(&all_fixes(), free).into()).expect("a patch");
            json_patch::patch(&mut mended, &pins).expect("it applies");
            let wanted = by_the_core(free, &settings);
            let list = pod_of(&mut mended)["tolerations"].take();
            let given = list.as_array().cloned().unwrap_or_default();
            let mut answered = answer.body.clone();
            let all = pod_of(&mut answered)["tolerations"].take().as_array().cloned().unwrap_or_default();
            assert_eq!(without_fleeting(&answered), without_fleeting(&mended), "{}", context());
            assert_eq!(all[..given.len()], given, "{}", context());
            let own = &all[given.len()..];
            if !own.is_empty() {
                assert!(
                    own.len() == wanted.len() && own.iter().all(|one| wanted.contains(one)),
                    "{wanted:?} {}",
                    context()
                );
            }
            added += usize::from(!own.is_empty());
            missed += usize::from(own.is_empty() && !wanted.is_empty());
        }
        say(&format!("{settings}: tolerations for {added} of {} objects, not for {missed}", cases.len()));
        let is_wanted = cases.iter().any(|(_, _, free)| !by_the_core(free, &settings).is_empty());
        // Pods of which only the core knows what they are for get none: on GKE, whose webhook serves those that say so
        // themselves, that is more than half.
        assert!(if is_wanted { 2 * added >= missed } else { added == 0 }, "{added} {missed}");
    }
}

/// A pod for Windows that tolerates nothing.
fn intolerant() -> Value {
    let spec = json!({"os": {"name": "windows"}, "nodeSelector": {"kubernetes.io/os": "windows"},
        "containers": [{"name": "web", "image": "mcr.microsoft.com/windows/nanoserver:ltsc2022"}]});
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "intolerant"}, "spec": spec})
}

/// The spec of an object's pod.
fn pod_of(object: &mut Value) -> &mut Value {
    let workload = Workload::of(object).expect("a workload");
    &mut object.pointer_mut(workload.at).expect("a template")["spec"]
}

/// The tolerations that the core's safe fixes would add, as the API server writes them.
fn by_the_core(object: &Value, settings: &Value) -> Vec<Value> {
    let input = json!({"request": object, "settings": settings});
    let decision: Value = serde_json::from_str(&transom::evaluate(input.to_string().as_bytes())).expect("a Decision");
    let findings = decision["findings"].as_array().expect("findings").iter();
    let ours = tolerations::rules();
    let fixes = findings.filter(|finding| ours.iter().any(|rule| finding["rule"] == rule.id));
    let safe = fixes.filter(|finding| finding["fix"]["safety"] == "safe");
    let operations = safe.flat_map(|finding| finding["fix"]["patch"].as_array().cloned().unwrap_or_default());
    let values = operations.map(|operation| operation["value"].clone());
    let lists = values.flat_map(|value| match value {
        Value::Array(list) => list,
        one => vec![one],
    });
    lists
        .map(|mut toleration| {
            if toleration["value"] == "" {
                toleration.as_object_mut().expect("a toleration").remove("value");
            }
            toleration
        })
        .collect()
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
    let refused = create(cluster, "default", &samples::unfixable());
    assert_eq!(refused.status, 422);
    assert!(refused.message().contains("WIN406 "), "{refused:?}");
}

/// Bad objects that were there before can be gone on with, and are judged when their pods change.
fn left_over(world: &World) {
    let client = world.cluster.client();
    world.leftovers.go_on(client);
    for refused in [world.leftovers.change_template(client), world.leftovers.change_pod_template(client)] {
        assert_eq!(refused.status, 422, "{refused:?}");
        assert!(refused.message().contains("WIN406 "), "{refused:?}");
    }
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
