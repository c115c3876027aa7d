//! transom as a policy of Kubewarden, in the libraries that Kubewarden itself runs policies with.
//!
//! A policy answers in a form of its own, without a Decision. Everything that is in it is equal to
//! what the core's `review` says of the same request; a mended object is the object after the patch.

mod host;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use host::{Answers, Policy};
use host_test::{Case, generate, kubewarden_module};
use serde_json::{Value, json};
use transom::Transom;
use transom::look_up::KINDS;
use wasmparser::{Parser, Payload};

/// The request for a case, as the API server sends it; with `settings` in the place of the case's.
fn payload(case: &Case, settings: Option<&Value>) -> Value {
    let request = match case.object["kind"].as_str() {
        Some("AdmissionReview") => case.object["request"].clone(),
        _ => create(&case.object),
    };
    let settings = settings.or(case.settings.as_ref()).cloned();
    json!({"request": request, "settings": settings.unwrap_or_else(|| json!({}))})
}

fn create(object: &Value) -> Value {
    let api_version = object["apiVersion"].as_str().unwrap_or_default();
    let (group, version) = api_version.rsplit_once('/').unwrap_or(("", api_version));
    let mut request = json!({
        "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
        "kind": {"group": group, "version": version, "kind": object["kind"]},
        "resource": {"group": group, "version": version, "resource": "any"},
        "operation": "CREATE",
        "userInfo": {"username": "admin"},
        "object": object,
    });
    for field in ["name", "namespace"] {
        if object["metadata"][field].is_string() {
            request[field] = object["metadata"][field].clone();
        }
    }
    request
}

/// What `review` says of a request with these other objects, in the form of a policy's answer.
fn expected(payload: &Value, context: &[Value]) -> Value {
    let mut input = payload.clone();
    input["context"] = json!(context);
    let review: Value = serde_json::from_str(&Transom::new().review(input.to_string().as_bytes())).expect("JSON");
    let response = &review["response"];
    let mut answer = json!({"accepted": response["allowed"]});
    for (field, value) in [
        ("message", &response["status"]["message"]),
        ("code", &response["status"]["code"]),
        ("audit_annotations", &response["auditAnnotations"]),
        ("warnings", &response["warnings"]),
    ] {
        if !value.is_null() {
            answer[field] = value.clone();
        }
    }
    if let Some(patch) = response["patch"].as_str() {
        let patch = BASE64_STANDARD.decode(patch).expect("base64");
        let patch: json_patch::Patch = serde_json::from_slice(&patch).expect("a patch");
        let mut object = payload["request"]["object"].clone();
        json_patch::patch(&mut object, &patch).expect("it applies");
        answer["mutated_object"] = object;
    }
    answer
}

fn cases() -> Vec<Case> {
    Case::all().into_iter().map(|case| case.expect("a case")).collect()
}

/// What Kubewarden knows of a policy before it runs.
fn metadata(wasm: &[u8]) -> Value {
    let sections: Vec<Value> = Parser::new(0)
        .parse_all(wasm)
        .filter_map(|payload| match payload.expect("a valid module") {
            Payload::CustomSection(section) if section.name() == "io.kubewarden.metadata" => {
                Some(serde_json::from_slice(section.data()).expect("JSON"))
            }
            _ => None,
        })
        .collect();
    let [metadata] = &sections[..] else { panic!("one section: {sections:?}") };
    metadata.clone()
}

/// Fails with everything that did not hold, not with the first.
fn no(failures: &[String]) {
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n\n"));
}

fn difference(name: &str, expected: &Value, answer: &Value) -> Option<String> {
    host_test::difference(&expected.to_string(), &answer.to_string()).map(|text| format!("{name}: {text}"))
}

const POD: &str = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","namespace":"shop"},"spec":{
    "runtimeClassName":"hyperv","containers":[{"name":"web","image":"mcr.microsoft.com/windows/nanoserver:ltsc2022"}]}}"#;

fn pod() -> Value {
    serde_json::from_str(POD).expect("JSON")
}

#[test]
fn the_protocol() {
    let policy = Policy::load();
    assert_eq!(policy.call("protocol_version", b""), Ok(json!("v1")));
    for (operation, payload, reason) in [
        ("validate", &b""[..], "validate: the payload is no JSON text: EOF while parsing a value at line 1 column 0"),
        (
            "validate",
            b"{\"request\": ",
            "validate: the payload is no JSON text: EOF while parsing a value at line 1 column 12",
        ),
        ("validate", b"\xff", "validate: invalid utf-8 sequence of 1 bytes from index 0"),
        ("validate", b"[]", "validate: the payload has no `request`"),
        ("validate", b"{\"settings\": {}}", "validate: the payload has no `request`"),
        ("validate", POD.as_bytes(), "validate: the payload has no `request`"),
        ("mutate", b"{}", "there is no operation `mutate`, only protocol_version, validate and validate_settings"),
    ] {
        let error = policy.call(operation, payload).expect_err("no answer");
        assert!(error.ends_with(reason), "{error:?} does not end with {reason:?}");
    }
    // The same instance goes on.
    assert_eq!(policy.call("protocol_version", b"anything"), Ok(json!("v1")));
}

/// What `transom bake` makes of the module: its settings hold where Kubewarden sends none, and
/// Kubewarden knows it as the same policy.
#[test]
fn settings_that_are_part_of_the_policy() {
    let module = std::fs::read(kubewarden_module()).expect("the module");
    let settings = json!({"platform": "aks", "windows": {"builds": [20348]}, "mutate": "safe"});
    let baked = transom_bake::bake(&module, &settings.to_string()).expect("right settings");
    assert_eq!(metadata(&baked), metadata(&module));
    let policy = Policy::load_bytes(&baked);
    let mut failures = Vec::new();
    for case in cases() {
        let with = |settings: &Value| payload(&case, Some(settings));
        let eks = json!({"platform": "eks"});
        for (sent, same_as) in [(json!({}), &settings), (json!(null), &settings), (eks.clone(), &eks)] {
            let (answer, expected) = (policy.validate(&with(&sent)), expected(&with(same_as), &[]));
            failures.extend(difference(&format!("{} with {sent}", case.name), &expected, &answer));
        }
    }
    no(&failures);
}

#[test]
fn a_request_without_an_object() {
    let policy = Policy::load();
    for request in [json!({}), json!(null), json!({"uid": "1", "operation": "CREATE", "object": null})] {
        let payload = json!({"request": request, "settings": {}});
        let answer = policy.validate(&payload);
        assert_eq!(answer, expected(&payload, &[]));
        assert_eq!((&answer["accepted"], &answer["code"]), (&json!(false), &json!(403)), "{request}");
    }
}

#[test]
fn the_corpus_where_nothing_may_be_looked_up() {
    let policy = Policy::load();
    let mut failures = Vec::new();
    for case in cases() {
        let payload = payload(&case, None);
        failures.extend(difference(&case.name, &expected(&payload, &[]), &policy.validate(&payload)));
    }
    no(&failures);
}

/// The cluster has what stands in its part of a case's context. What the policy does not ask for is
/// nothing that would have changed the answer.
#[test]
fn the_corpus_where_the_cluster_answers() {
    let policy = Policy::load();
    let mut seen = Seen::default();
    for case in cases() {
        let context = case.context.iter().flat_map(items).filter(is_looked_up).collect();
        seen.look(&policy, &case.name, &payload(&case, None), context);
    }
    seen.all(5);
}

#[test]
fn generated_pods_where_the_cluster_answers() {
    let policy = Policy::load();
    let mut seen = Seen::default();
    for case in (0..1000).map(generate::Case::new) {
        for settings in [json!({}), json!({"mutate": "safe", "rules": all_warn()})] {
            let payload = json!({"request": create(&case.object), "settings": settings});
            seen.look(&policy, &format!("seed {}", case.seed), &payload, case.context());
        }
    }
    seen.all(200);
}

#[derive(Default)]
struct Seen {
    failures: Vec<String>,
    /// How many answers are others than they would be without the cluster.
    matters: usize,
}

impl Seen {
    fn look(&mut self, policy: &Policy, name: &str, payload: &Value, mut objects: Vec<Value>) {
        // No object is let into a namespace that does not exist.
        let request = &payload["request"];
        let namespace = request["namespace"].as_str().or(request["object"]["metadata"]["namespace"].as_str());
        let namespace = namespace.filter(|name| !name.is_empty()).unwrap_or("default");
        if !objects.iter().any(|object| object["kind"] == "Namespace" && object["metadata"]["name"] == namespace) {
            objects.push(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}));
        }
        let expected = expected(payload, &objects);
        self.matters += usize::from(expected != self::expected(payload, &[]));
        policy.set_cluster(Answers::Objects(objects));
        self.failures.extend(difference(name, &expected, &policy.validate(payload)));
    }

    fn all(&self, at_least: usize) {
        no(&self.failures);
        assert!(self.matters >= at_least, "the cluster matters for {} only", self.matters);
    }
}

/// The objects in a document of a case.
fn items(document: &Value) -> Vec<Value> {
    match document["items"].as_array() {
        Some(items) => items.clone(),
        None => vec![document.clone()],
    }
}

fn is_looked_up(object: &Value) -> bool {
    KINDS.iter().any(|kind| object["apiVersion"] == kind.api_version && object["kind"] == kind.kind)
}

/// What comes from the cluster and is not what was asked for changes nothing.
#[test]
fn the_corpus_where_the_cluster_talks_nonsense() {
    let other = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "other", "labels": {"pod-security.kubernetes.io/enforce": "restricted"}}});
    let list = json!({"apiVersion": "v1", "kind": "NodeList", "items": [1, null, "x", [], {}, {"metadata": 1}, pod()]});
    let nonsense = [
        Vec::new(),
        b"\xff\xfe".to_vec(),
        b"{\"kind\": \"Node".to_vec(),
        b"null".to_vec(),
        b"{\"kind\": 1, \"apiVersion\": [], \"metadata\": \"x\"}".to_vec(),
        other.to_string().into_bytes(),
        list.to_string().into_bytes(),
        POD.as_bytes().to_vec(),
        "[".repeat(100_000).into_bytes(),
    ];
    let policy = Policy::load();
    let mut failures = Vec::new();
    for bytes in nonsense {
        for case in cases() {
            policy.set_cluster(Answers::Bytes(bytes.clone()));
            let payload = payload(&case, None);
            failures.extend(difference(&case.name, &expected(&payload, &[]), &policy.validate(&payload)));
        }
    }
    no(&failures);
}

/// Every case with its fixes applied: the object that comes back is the one after the patch.
#[test]
fn the_corpus_mended() {
    let policy = Policy::load();
    let mut failures = Vec::new();
    let mut mended = 0;
    for case in cases() {
        let mut settings = case.settings.clone().unwrap_or_else(|| json!({}));
        settings["mutate"] = json!("safe");
        // What cannot be mended stands in the way of a patch: it shall only be warned of.
        for rules in [json!({}), all_warn()] {
            if rules != json!({}) {
                settings["rules"] = rules;
            }
            let mut payload = payload(&case, Some(&settings));
            let answer = policy.validate(&payload);
            failures.extend(difference(&case.name, &expected(&payload, &[]), &answer));
            mended += usize::from(answer.get("mutated_object").is_some());
            payload["request"]["operation"] = json!("DELETE");
            assert_eq!(policy.validate(&payload).get("mutated_object"), None, "{}", case.name);
        }
    }
    no(&failures);
    assert!(mended > 20, "only {mended} objects were mended");
}

fn all_warn() -> Value {
    transom::rules::all().iter().map(|rule| (rule.id.to_owned(), json!("warn"))).collect()
}

/// What is not mended stays as it is written.
#[test]
fn numbers_beyond_any_type_stay() {
    let policy = Policy::load();
    let numbers = r#""annotations":{},"x":[18446744073709551615,1.0,1e3,-0,12345678901234567890123]"#;
    let object = POD.replace(r#""namespace":"shop""#, &format!(r#""namespace":"shop",{numbers}"#));
    let payload =
        format!(r#"{{"request":{{"uid":"1","operation":"CREATE","object":{object}}},"settings":{{"mutate":"safe"}}}}"#);
    let answer = policy.text("validate", payload.as_bytes()).expect("an answer");
    assert!(answer.contains(numbers) && answer.contains("mutated_object"), "{answer}");
}

#[test]
fn what_is_looked_up() {
    let policy = Policy::load();
    let asked = |request: Value, settings: Value, answers: Answers| {
        policy.set_cluster(answers);
        policy.validate(&json!({"request": request, "settings": settings}));
        policy.asked()
    };
    let namespace = (
        "get_resource".to_owned(),
        json!({"api_version": "v1", "kind": "Namespace", "name": "shop", "disable_cache": false}),
    );
    let nodes = (
        "list_resources_all".to_owned(),
        json!({"api_version": "v1", "kind": "Node", "field_masks": ["spec.taints", "status.allocatable", "status.capacity", "status.nodeInfo"]}),
    );
    let class = (
        "get_resource".to_owned(),
        json!({"api_version": "node.k8s.io/v1", "kind": "RuntimeClass", "name": "hyperv", "disable_cache": false, "field_masks": ["handler", "overhead", "scheduling"]}),
    );
    let objects =
        || Answers::Objects(vec![json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})]);
    let all = [namespace.clone(), nodes.clone(), class];
    assert_eq!(asked(create(&pod()), json!({}), objects()), all);
    // One refusal is enough.
    assert_eq!(asked(create(&pod()), json!({}), Answers::Refusal), [namespace]);
    assert_eq!(asked(create(&pod()), json!({"lookUp": ["Node"]}), Answers::Refusal), std::slice::from_ref(&nodes));
    // Only what is allowed, and only where it matters.
    assert_eq!(asked(create(&pod()), json!({"lookUp": []}), objects()), []);
    assert_eq!(asked(create(&pod()), json!({"exempt": {"namespaces": ["shop"]}}), objects()), []);
    let service =
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": {"ports": [{"port": 80}]}});
    assert_eq!(asked(create(&service), json!({}), objects()), []);
    let pool = json!({"apiVersion": "crd.projectcalico.org/v1", "kind": "IPPool", "metadata": {"name": "all"}});
    let flannel = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "kube-flannel-cfg"}});
    for object in [pool, flannel] {
        assert_eq!(asked(create(&object), json!({}), Answers::Refusal), std::slice::from_ref(&nodes));
    }
    let mut delete = create(&pod());
    delete["operation"] = json!("DELETE");
    delete["object"] = json!(null);
    delete["oldObject"] = pod();
    assert_eq!(asked(delete, json!({}), objects()), []);
}

#[test]
fn settings() {
    let policy = Policy::load();
    let validate = |settings: &str| policy.call("validate_settings", settings.as_bytes()).expect("an answer");
    for settings in cases().into_iter().filter_map(|case| case.settings).chain([json!({}), json!(null)]) {
        assert_eq!(validate(&settings.to_string()), json!({"valid": true}), "{settings}");
    }
    let wrong = [
        r#"{"platfrom": "aks", "rules": {"WIN999": "off", "WIN101": "error"}, "windows": {"builds": ["ltsc2022"]}, "lookUp": "Node"}"#,
        "[]",
        "{",
        "",
    ];
    for settings in wrong {
        let mistakes = Transom::new().configure(settings.as_bytes()).expect_err("wrong settings");
        let line =
            |path: &str, message: &str| if path.is_empty() { message.to_owned() } else { format!("{path}: {message}") };
        let lines: Vec<String> = mistakes.iter().map(|mistake| line(&mistake.path, &mistake.message)).collect();
        assert_eq!(validate(settings), json!({"valid": false, "message": lines.join("\n")}), "{settings}");
    }
    assert_eq!(validate(wrong[0])["message"].as_str().map(|text| text.lines().count()), Some(5));
    // Of one instance each request has its own.
    let payload = |settings: Value| json!({"request": create(&pod()), "settings": settings});
    let deny = json!({"rules": {"WIN101": "deny"}});
    assert_eq!(policy.validate(&payload(deny.clone()))["accepted"], false);
    assert_eq!(policy.validate(&payload(json!({})))["accepted"], true);
    assert_eq!(policy.validate(&payload(deny))["accepted"], false);
}

/// What the module says of itself, as Kubewarden reads it.
#[test]
fn the_metadata() {
    let wasm = std::fs::read(kubewarden_module()).expect("the module");
    let metadata = metadata(&wasm);
    assert_eq!(metadata["protocolVersion"], "v1");
    assert_eq!(metadata["mutating"], true);
    // Whatever the policy asks for is declared.
    let policy = Policy::load();
    policy.set_cluster(Answers::Objects(vec![
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}),
    ]));
    policy.validate(&json!({"request": create(&pod()), "settings": {}}));
    let asked = policy.asked();
    let kinds: Vec<Value> =
        asked.iter().map(|(_, r)| json!({"apiVersion": r["api_version"], "kind": r["kind"]})).collect();
    assert_eq!(metadata["contextAwareResources"], json!(kinds));
    let mut operations: Vec<String> = asked.iter().map(|(operation, _)| format!("kubernetes/{operation}")).collect();
    operations.sort();
    operations.dedup();
    assert_eq!(metadata["hostCapabilities"], json!(operations));
}
