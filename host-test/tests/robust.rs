//! Any bytes give a Decision, natively and in the sandbox, and the same one.
//!
//! `PROPTEST_CASES=100000 cargo test -p host-test --test robust` looks longer.

use std::sync::{Mutex, OnceLock, PoisonError};

use host_test::{Case, converge, difference, host, well_formed, well_formed_review};
use proptest::{prelude::*, sample::Index};
use serde_json::{Value, json};
use transom::Transom;
use transom_host::Session;

/// One instance for all inputs: what one leaves behind would show in the next.
fn kept(input: &[u8]) -> String {
    static SESSION: OnceLock<Mutex<Session>> = OnceLock::new();
    SESSION
        .get_or_init(|| Mutex::new(host().session().expect("an instance")))
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .evaluate(input)
        .expect("an answer")
}

/// Native and wasm agree, and the answers are what the contract says they are.
fn check(input: &[u8]) -> Value {
    let native = transom::evaluate(input);
    assert_eq!(difference(&native, &host().evaluate(input).expect("an answer")), None, "fresh");
    assert_eq!(difference(&native, &kept(input)), None, "kept");
    let decision = well_formed(&native).unwrap_or_else(|error| panic!("{error}"));

    let native = Transom::new().review(input);
    assert_eq!(difference(&native, &host().review(input).expect("an answer")), None, "review");
    well_formed_review(&native).unwrap_or_else(|error| panic!("{error}"));
    decision
}

/// Inputs to start from: the corpus, and some that need no corpus.
fn seeds() -> &'static [Value] {
    static SEEDS: OnceLock<Vec<Value>> = OnceLock::new();
    SEEDS.get_or_init(|| {
        let pod = json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": "web", "namespace": "shop", "annotations": {"transom.dev/ignore.linux-command": "until=2027-01-31 known"}},
            "spec": {
                "os": {"name": "windows"}, "hostNetwork": true, "hostPID": true,
                "nodeSelector": {"kubernetes.io/os": "windows", "node.kubernetes.io/windows-build": "10.0.20348"},
                "tolerations": [{"operator": "Exists"}],
                "affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
                    {"matchExpressions": [{"key": "kubernetes.io/os", "operator": "In", "values": ["windows"]}]}]}}},
                "securityContext": {"runAsUser": 0, "fsGroup": 1, "windowsOptions": {"hostProcess": true, "runAsUserName": "NT AUTHORITY\\SYSTEM"}},
                "initContainers": [{"name": "init", "image": "busybox", "command": ["sh", "-c", "chown -R 1 /data"]}],
                "containers": [{
                    "name": "web", "image": "mcr.microsoft.com/windows/servercore:ltsc2022",
                    "command": ["/bin/sh"], "args": ["-c", "ls"], "env": [{"name": "PATH", "value": "/usr/bin"}],
                    "ports": [{"containerPort": 80, "hostPort": 8080}],
                    "resources": {"limits": {"memory": "100m", "hugepages-2Mi": "2Mi"}},
                    "securityContext": {"privileged": true, "capabilities": {"add": ["NET_ADMIN"]}},
                    "volumeMounts": [{"name": "v", "mountPath": "/var/run/x", "subPath": "..\\x"}],
                    "readinessProbe": {"exec": {"command": ["cat", "/tmp/ok"]}, "timeoutSeconds": 1},
                }],
                "volumes": [{"name": "v", "hostPath": {"path": "/var/run/docker.sock"}}],
            },
        });
        let mut template = pod.clone();
        if let Some(fields) = template.as_object_mut() {
            fields.retain(|key, _| key == "metadata" || key == "spec");
        }
        let deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {"replicas": 3, "template": template}});
        let review = json!({
            "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
            "request": {"uid": "1", "operation": "CREATE", "kind": {"group": "", "version": "v1", "kind": "Pod"}, "object": pod},
        });
        let envelope = json!({
            "request": review, "settings": {"platform": "aks", "rules": {"WIN101": "off"}},
            "context": [{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n", "labels": {"kubernetes.io/os": "windows"}}}, deployment],
        });
        let list = json!({"apiVersion": "v1", "kind": "List", "items": [pod, deployment]});
        let mut seeds = vec![pod, deployment, review, envelope, list];
        seeds.extend(Case::all().into_iter().flatten().map(|case| case.input()));
        seeds
    })
}

/// One small damage to a document.
#[derive(Clone, Debug)]
enum Damage {
    Remove(Index),
    Replace(Index, Value),
    Wrap(Index),
    Twice(Index),
    /// Puts a copy of one part in the place of another.
    Move(Index, Index),
}

fn damage() -> impl Strategy<Value = Damage> {
    let value = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        prop_oneof![Just(0), Just(1), Just(-1), any::<i64>()].prop_map(Value::from),
        Just(json!(1e300)),
        Just(json!({})),
        Just(json!([])),
        prop_oneof![
            Just("windows"),
            Just("linux"),
            Just("Windows"),
            Just("amd64"),
            Just("/"),
            Just("C:\\"),
            Just("~1~0"),
            Just("0xFFFFFFFFFFFFFFFFFF"),
            Just("9999999999999999999Ei"),
            Just("x@sha256:00"),
            Just(":::///@@"),
        ]
        .prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    prop_oneof![
        any::<Index>().prop_map(Damage::Remove),
        (any::<Index>(), value).prop_map(|(at, value)| Damage::Replace(at, value)),
        any::<Index>().prop_map(Damage::Wrap),
        any::<Index>().prop_map(Damage::Twice),
        (any::<Index>(), any::<Index>()).prop_map(|(from, to)| Damage::Move(from, to)),
    ]
}

fn damaged() -> impl Strategy<Value = Value> {
    (any::<Index>(), prop::collection::vec(damage(), 0..6)).prop_map(|(seed, damages)| {
        let mut value = seed.get(seeds()).clone();
        for damage in damages {
            apply(&mut value, &damage);
        }
        value
    })
}

fn apply(value: &mut Value, damage: &Damage) {
    let mut paths = Vec::new();
    list(value, String::new(), &mut paths);
    let pick = |at: &Index| at.get(&paths).clone();
    match damage {
        Damage::Replace(at, new) => {
            if let Some(part) = value.pointer_mut(&pick(at)) {
                *part = new.clone();
            }
        }
        Damage::Wrap(at) => {
            if let Some(part) = value.pointer_mut(&pick(at)) {
                *part = json!([part.take()]);
            }
        }
        Damage::Move(from, to) => {
            let from = value.pointer(&pick(from)).cloned().unwrap_or_default();
            if let Some(part) = value.pointer_mut(&pick(to)) {
                *part = from;
            }
        }
        Damage::Remove(at) | Damage::Twice(at) => {
            let path = pick(at);
            let Some((parent, key)) = path.rsplit_once('/') else {
                return;
            };
            match value.pointer_mut(parent) {
                Some(Value::Object(fields)) if matches!(damage, Damage::Remove(_)) => {
                    fields.remove(&key.replace("~1", "/").replace("~0", "~"));
                }
                Some(Value::Array(items)) => {
                    let Ok(at) = key.parse::<usize>() else { return };
                    let item = items.remove(at);
                    if matches!(damage, Damage::Twice(_)) {
                        items.insert(at, item.clone());
                        items.push(item);
                    }
                }
                _ => {}
            }
        }
    }
}

/// The JSON Pointers of all parts, the whole included.
fn list(value: &Value, path: String, paths: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (key, part) in fields {
                let key = key.replace('~', "~0").replace('/', "~1");
                list(part, format!("{path}/{key}"), paths);
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                list(item, format!("{path}/{at}"), paths);
            }
        }
        _ => {}
    }
    paths.push(path);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(input in prop::collection::vec(any::<u8>(), 0..200)) {
        check(&input);
    }

    #[test]
    fn any_text_that_looks_like_json(input in r#"[\[\]{}:,"0-9a-z\\ .eE+-]{0,80}"#) {
        check(input.as_bytes());
    }

    #[test]
    fn damaged_documents(input in damaged()) {
        check(input.to_string().as_bytes());
    }

    #[test]
    fn damaged_documents_of_which_bytes_are_lost(
        input in damaged(),
        cuts in prop::collection::vec((any::<Index>(), any::<u8>()), 1..4),
    ) {
        let mut input = input.to_string().into_bytes();
        for (at, byte) in cuts {
            let at = at.index(input.len() + 1);
            match (byte, input.get_mut(at)) {
                (0..64, _) => input.truncate(at),
                (64..128, Some(_)) => drop(input.remove(at)),
                (_, Some(old)) => *old = byte,
                (_, None) => input.push(byte),
            }
        }
        check(&input);
    }

    #[test]
    fn the_fixes_of_damaged_documents_converge(input in damaged()) {
        let decision = check(input.to_string().as_bytes());
        if !decision["patch"].as_array().is_none_or(Vec::is_empty) {
            let evaluate = |input: &Value| transom::evaluate(input.to_string().as_bytes());
            if let Err(error) = converge(&input, evaluate) {
                panic!("{error}\ninput: {input}");
            }
        }
    }
}

#[test]
fn edges() {
    let deep = |open: &str, close: &str, n: usize| open.repeat(n) + &close.repeat(n);
    for input in [
        String::new(),
        "\u{feff}{}".into(),
        "null".into(),
        "{}".into(),
        "[]".into(),
        "\"\"".into(),
        "1e999".into(),
        "{\"kind\":\"Pod\",\"kind\":\"Pod\"}".into(),
        "{\"request\":{\"request\":{\"request\":{}}}}".into(),
        deep("[", "]", 100_000),
        deep("{\"request\":", "}", 100_000),
        format!("{}1{}", "{\"a\":".repeat(200), "}".repeat(200)),
        format!("{{\"kind\":\"Pod\",\"x\":{}}}", deep("[", "]", 100_000)),
        format!("{{\"kind\":\"Pod\",\"metadata\":{{\"name\":\"{}\"}}}}", "x".repeat(1 << 20)),
    ] {
        check(input.as_bytes());
    }
}

#[test]
fn every_seed() {
    for seed in seeds() {
        check(seed.to_string().as_bytes());
    }
}
