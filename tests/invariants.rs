//! What always holds, tried on every example in the rules' documentation and on arbitrary input.

mod blocks;

use std::sync::LazyLock;

use blocks::{findings, judge};
use host_test::{Case, converge, relative};
use proptest::prelude::*;
use serde_json::{Value, json};
use transom::rules::{self, Rule};

/// Every example, with the name of its rule.
fn examples() -> &'static [(&'static str, Value)] {
    static EXAMPLES: LazyLock<Vec<(&str, Value)>> = LazyLock::new(|| {
        let of = |rule: &'static Rule| blocks::of(rule).into_iter().map(move |block| (rule.name, block.input()));
        rules::all().iter().copied().flat_map(of).collect()
    });
    &EXAMPLES
}

/// The workload kinds: how they hold a pod, and where.
fn workloads(pod: &Value) -> Vec<(Value, &'static str)> {
    let template = json!({"metadata": pod["metadata"], "spec": pod["spec"]});
    let object = |api_version: &str, kind: &str, spec: Value| json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": "x", "namespace": pod["metadata"]["namespace"]}, "spec": spec});
    let in_template = |api_version, kind| (object(api_version, kind, json!({"template": template})), "/spec/template");
    vec![
        in_template("apps/v1", "Deployment"),
        in_template("apps/v1", "ReplicaSet"),
        in_template("apps/v1", "StatefulSet"),
        in_template("batch/v1", "Job"),
        // Without a selector it would select by the labels of its template.
        (
            object("v1", "ReplicationController", json!({"selector": {"x": "y"}, "template": template})),
            "/spec/template",
        ),
        in_template("argoproj.io/v1alpha1", "Rollout"),
        (
            object("batch/v1", "CronJob", json!({"jobTemplate": {"spec": {"template": template}}})),
            "/spec/jobTemplate/spec/template",
        ),
        (
            json!({"apiVersion": "v1", "kind": "PodTemplate", "metadata": {"namespace": pod["metadata"]["namespace"]}, "template": template}),
            "/template",
        ),
        (
            object("keda.sh/v1alpha1", "ScaledJob", json!({"jobTargetRef": {"template": template}})),
            "/spec/jobTargetRef/template",
        ),
    ]
}

#[test]
fn a_pod_and_the_same_pod_in_any_workload_give_the_same_findings() {
    for (rule, input) in examples() {
        let pod = &input["request"];
        if pod["kind"] != "Pod" || !pod["status"].is_null() || !pod["metadata"]["uid"].is_null() {
            continue;
        }
        let expected = relative(&judge(input), "");
        for (object, prefix) in workloads(pod) {
            let mut input = input.clone();
            input["request"] = object;
            let found = relative(&judge(&input), prefix);
            assert_eq!(found, expected, "{rule}: {prefix} of {:#}", input["request"]);
        }
    }
}

/// Whoever is given one file of many takes a suppression for unused that hides nothing in it: see
/// [`Rule::looks_around`].
#[test]
fn a_rule_that_does_not_look_around_says_no_more_beside_other_objects() {
    let cases = Case::all().into_iter().map(|case| case.expect("a case").input());
    let inputs = examples().iter().map(|(_, input)| input.clone()).chain(cases);
    let has_context = |input: &Value| input["context"].as_array().is_some_and(|context| !context.is_empty());
    let mut compared = 0;
    for input in inputs.filter(has_context) {
        let beside = judge(&input);
        let alone = judge(&json!({"request": input["request"], "settings": input["settings"], "now": input["now"]}));
        if alone["target"]["intent"] == "unknown" || alone["target"]["intent"] != beside["target"]["intent"] {
            continue;
        }
        for rule in rules::all().iter().filter(|rule| !rule.looks_around) {
            let said = |decision: &Value| -> Vec<Value> {
                let findings = [&decision["findings"], &decision["suppressed"]].into_iter().filter_map(Value::as_array);
                let own = findings.flatten().filter(|finding| finding["rule"] == rule.id);
                own.map(|finding| finding["path"].clone()).collect()
            };
            let alone = said(&alone);
            for path in said(&beside) {
                assert!(alone.contains(&path), "{} {} looks around, for {path}: {input:#}", rule.id, rule.name);
                compared += 1;
            }
        }
    }
    assert!(compared > 100, "{compared} findings beside others");
}

#[test]
fn every_form_of_input_gives_the_same_findings() {
    for (rule, input) in examples() {
        let object = &input["request"];
        if object["kind"] == "AdmissionReview" || object["kind"] == "List" {
            continue;
        }
        let expected = findings(&judge(input)).to_vec();
        let request = json!({"uid": "1", "kind": {"kind": object["kind"]}, "operation": "CREATE", "object": object});
        let review = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request});
        // What is being admitted keeps its version, so what changes that is an edit of text alone.
        let mut admitted = expected.clone();
        for finding in admitted.iter_mut().filter(|f| f["fix"]["patch"][0]["path"] == "/apiVersion") {
            finding.as_object_mut().map(|finding| finding.remove("fix"));
        }
        // Of a Pod that exists already other things are said than of one that is being created.
        let is_there = object["kind"] == "Pod" && !object["metadata"]["uid"].is_null();
        for form in [request, review].into_iter().filter(|_| !is_there) {
            let mut input = input.clone();
            input["request"] = form;
            assert_eq!(findings(&judge(&input)), admitted, "{rule}: {:#}", input["request"]);
        }
        let mut list = input.clone();
        list["request"] = json!({"apiVersion": "v1", "kind": "List", "items": [object]});
        let found: Vec<Value> = relative(&judge(&list), "/items/0");
        assert_eq!(found, expected, "{rule}: as the item of a List");
    }
}

#[test]
fn safe_fixes_converge() {
    for (rule, input) in examples() {
        let evaluate = |input: &Value| transom::evaluate(input.to_string().as_bytes());
        if let Err(error) = converge(input, evaluate) {
            panic!("{rule}: {error}\n{input:#}");
        }
    }
}

#[test]
fn of_keys_that_are_there_twice_the_last_counts() {
    let spec = |selector: &str| {
        format!(r#"{{"nodeSelector": {selector}, "containers": [{{"name": "web", "image": "nginx:1.27"}}]}}"#)
    };
    let pod = |specs: &str| format!(r#"{{"apiVersion": "v1", "kind": "Pod", "metadata": {{"name": "web"}}, {specs}}}"#);
    let once = pod(&format!(r#""spec": {}"#, spec(r#"{"kubernetes.io/os": "linux"}"#)));
    let in_map =
        pod(&format!(r#""spec": {}"#, spec(r#"{"kubernetes.io/os": "windows", "kubernetes.io/os": "linux"}"#)));
    let in_object = pod(&format!(r#""spec": {}, "spec": {}"#, spec("{}"), spec(r#"{"kubernetes.io/os": "linux"}"#)));
    // A fix for what stands there, and not for what is overridden.
    let bare = r#"{"containers": [{"name": "web", "image": "mcr.microsoft.com/windows/nanoserver:ltsc2022"}]}"#;
    let fixed_once = pod(&format!(r#""spec": {bare}"#));
    let fixed = pod(&format!(r#""spec": {}, "spec": {bare}"#, spec(r#"{"disktype": "ssd"}"#)));
    let rollout = |specs: &str| {
        format!(
            r#"{{"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "metadata": {{"name": "web"}}, {specs}}}"#
        )
    };
    let template = |name: &str| format!(r#""{name}": {{"template": {{"spec": {bare}}}}}"#);
    let custom_once = rollout(&template("spec"));
    let custom = rollout(&format!("{}, {}", template("spec"), template("spec")));
    for (twice, once) in [(in_map, &once), (in_object, &once), (fixed, &fixed_once), (custom, &custom_once)] {
        assert_eq!(transom::evaluate(twice.as_bytes()), transom::evaluate(once.as_bytes()), "{twice}");
    }
}

#[test]
fn items_of_a_list_of_one_kind_need_not_say_theirs() {
    let pod = json!({"metadata": {"name": "web"}, "spec": {"containers": [{"name": "web", "image": "mcr.microsoft.com/windows/nanoserver:ltsc2022"}]}});
    for list in [
        json!({"apiVersion": "v1", "kind": "PodList", "items": [pod]}),
        json!({"items": [pod], "kind": "PodList", "apiVersion": "v1"}),
    ] {
        let decision = judge(&list);
        assert_eq!(decision["target"]["intent"], "windows", "{decision:#}");
        assert_eq!(findings(&decision)[0]["path"], "/items/0/spec", "{decision:#}");
    }
}

fn is_decision(bytes: &[u8]) {
    let decision: Value = serde_json::from_str(&transom::evaluate(bytes)).expect("a Decision is JSON");
    assert_eq!(decision["kind"], "Decision");
    let review: Value = serde_json::from_str(&transom::Transom::new().review(bytes)).expect("an answer is JSON");
    assert!(review["response"]["allowed"].is_boolean());
}

/// Any JSON value, with names that mean something here.
fn value() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(vec![
        "apiVersion",
        "kind",
        "metadata",
        "spec",
        "template",
        "containers",
        "image",
        "request",
        "object",
        "context",
        "settings",
        "items",
        "labels",
        "annotations",
        "nodeSelector",
        "os",
        "name",
        "securityContext",
        "windowsOptions",
        "hostProcess",
        "affinity",
        "nodeAffinity",
        "tolerations",
        "key",
        "operator",
        "values",
        "command",
        "volumes",
        "hostPath",
        "path",
        "requiredDuringSchedulingIgnoredDuringExecution",
        "nodeSelectorTerms",
        "matchExpressions",
        "x/y~z",
    ]);
    let words = prop::sample::select(vec![
        "v1",
        "Pod",
        "apps/v1",
        "Deployment",
        "List",
        "windows",
        "linux",
        "Exists",
        "In",
        "C:\\",
        "/dev",
        "\\\\.\\pipe\\x",
        "sh",
        "mcr.microsoft.com/windows/nanoserver:ltsc2022",
        "",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        words.prop_map(Value::from),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(8, 128, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((names.clone(), inner), 0..8).prop_map(|fields| fields
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect::<serde_json::Map<_, _>>()
                .into()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_give_a_decision(bytes in prop::collection::vec(any::<u8>(), 0..256)) {
        is_decision(&bytes);
    }

    #[test]
    fn any_json_gives_a_decision(value in value()) {
        is_decision(value.to_string().as_bytes());
    }

    /// Any value in the place of any value of a real manifest.
    #[test]
    fn any_type_anywhere_gives_a_decision(example in any::<prop::sample::Index>(), place in any::<prop::sample::Index>(), value in value()) {
        let (_, mut input) = example.get(examples()).clone();
        let mut places = Vec::new();
        pointers(&input, String::new(), &mut places);
        if let Some(there) = input.pointer_mut(&places[place.index(places.len())]) {
            *there = value;
        }
        is_decision(input.to_string().as_bytes());
    }
}

fn pointers(value: &Value, at: String, into: &mut Vec<String>) {
    into.push(at.clone());
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                pointers(value, format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), into);
            }
        }
        Value::Array(elements) => {
            for (index, value) in elements.iter().enumerate() {
                pointers(value, format!("{at}/{index}"), into);
            }
        }
        _ => {}
    }
}
