//! An object read into its type in k8s-openapi is judged as its JSON is, byte for byte.

#[path = "../../../tests/blocks/mod.rs"]
mod blocks;
#[path = "../../src/case.rs"]
#[allow(dead_code, unreachable_pub, reason = "the harness has the same; without it there is no wasmtime to build here")]
mod case;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use transom::typed::{Decision, Surroundings};
use transom::{Transom, rules};
use typed_test::{Kind, MINOR, read};

/// The root of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Objects that cannot be read into their type: the place, and why.
const UNREADABLE: &[(&str, &str)] = &[
    ("corpus/input/placeholders", "is about wrong types"),
    ("corpus/input/suppressed-wrong-type", "is about wrong types"),
    ("corpus/input/wrong-group", "a kind that its group does not have"),
    ("corpus/input/wrong-type-of-an-element", "is about wrong types"),
    ("corpus/input/wrong-types", "is about wrong types"),
    ("docs/WIN001/Bad0", "is about wrong types"),
    (
        "manifests/linux/kubernetes-sigs__windows-operational-readiness__webhook-deployment.yaml#13",
        "a caBundle with line breaks in its base64",
    ),
    ("manifests/linux/kubernetes__examples___archived-volumes-fibre_channel-fc.yaml#0", "a placeholder for a number"),
    ("manifests/windows/microsoft__Docker-Provider__kubernetes-ama-logs.yaml#4", "a placeholder for base64"),
];

/// Objects that are judged otherwise once a type older than Kubernetes 1.`n` has read them: the place,
/// `n`, and the field which that type does not have.
const DIFFERENT: &[(&str, u32, &str)] = &[
    ("corpus/input/suppressed-and-mended", 33, "lifecycle.stopSignal"),
    ("corpus/storage/disks", 37, "volumeMounts[].bindMountOptions"),
    ("docs/WIN206/Bad0", 33, "lifecycle.stopSignal"),
];

/// What is judged, and with what.
struct Subject {
    /// Where it stands, as in `docs/WIN101/Bad` or `corpus/input/list`; with a number where there are several.
    place: String,
    object: Value,
    context: Vec<Value>,
    settings: Option<Value>,
    now: Option<String>,
}

#[test]
fn examples_of_rules() {
    let mut subjects = Vec::new();
    for rule in rules::all() {
        for (index, block) in blocks::of(rule).iter().enumerate() {
            let mut input = block.input();
            subjects.push(Subject {
                place: format!("docs/{}/{}{index}", rule.id, block.section),
                object: input["request"].take(),
                context: input["context"].as_array().cloned().unwrap_or_default(),
                settings: input.get("settings").cloned(),
                now: None,
            });
        }
    }
    compare("docs/", subjects);
}

#[test]
fn cases() {
    let subjects = case::Case::all().into_iter().map(|case| {
        let case = case.expect("a case");
        let case::Case { name, object, context, settings, now, .. } = case;
        Subject { place: format!("corpus/{name}"), object, context, settings, now }
    });
    compare("corpus/", subjects.collect());
}

/// Manifests of public projects, where they are at hand: each file is a set of its own.
#[test]
fn manifests() {
    let folder = root().join("../shared/corpus");
    let mut subjects = Vec::new();
    for system in ["linux", "windows"] {
        let Ok(files) = fs::read_dir(folder.join(system)) else { continue };
        for file in files.flatten() {
            let text = fs::read_to_string(file.path()).expect("UTF-8");
            let stream = transom_yaml::parse(&text);
            let documents = stream.documents.iter().map(|document| document.value().clone());
            let objects: Vec<Value> = documents.flat_map(items).collect();
            let name = file.file_name().to_string_lossy().into_owned();
            subjects.extend(objects.iter().enumerate().map(|(index, object)| Subject {
                place: format!("manifests/{system}/{name}#{index}"),
                object: object.clone(),
                context: objects.clone(),
                settings: None,
                now: None,
            }));
        }
    }
    if !subjects.is_empty() {
        compare("manifests/", subjects);
    }
}

/// The methods for the workload kinds are the general one.
#[cfg(feature = "k8s-openapi")]
#[test]
fn methods_of_kinds() {
    use typed_test::kubernetes::api::{apps, batch, core};

    let (transom, surroundings) = (Transom::new(), Surroundings::new());
    macro_rules! same {
        ($($method:ident($kind:ty))*) => {$({
            let mut object = <$kind>::default();
            object.metadata.name = Some("web".into());
            let decision = transom.$method(&object, &surroundings);
            assert_eq!(decision, transom.evaluate_object(&object, &surroundings));
            let reference = decision.object.expect("an object");
            assert_eq!(reference.kind, <$kind as typed_test::kubernetes::Resource>::KIND);
        })*};
    }
    same! {
        evaluate_pod(core::v1::Pod)
        evaluate_deployment(apps::v1::Deployment)
        evaluate_replica_set(apps::v1::ReplicaSet)
        evaluate_stateful_set(apps::v1::StatefulSet)
        evaluate_daemon_set(apps::v1::DaemonSet)
        evaluate_job(batch::v1::Job)
        evaluate_cron_job(batch::v1::CronJob)
        evaluate_replication_controller(core::v1::ReplicationController)
        evaluate_pod_template(core::v1::PodTemplate)
    }
}

/// The items of a `List`, else the object itself.
fn items(mut object: Value) -> Vec<Value> {
    match object["items"].take() {
        Value::Array(items) => items,
        _ => vec![object],
    }
}

/// Judges every subject both ways. The tables at the top say where they may differ.
fn compare(area: &str, subjects: Vec<Subject>) {
    let kinds = typed_test::kinds();
    let no_type_reads: Vec<_> = UNREADABLE.iter().map(|(place, _)| *place).collect();
    let differ: Vec<_> = DIFFERENT.iter().filter(|(_, minor, _)| MINOR < *minor).map(|(place, ..)| *place).collect();
    let (mut failures, mut unreadable, mut different) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    let mut compared = 0;
    for subject in &subjects {
        let place = &subject.place;
        let listed = |table: &[&'static str]| table.iter().copied().find(|listed| listed == place);
        match subject.judge(&kinds) {
            None => {
                if let Some(listed) = listed(&no_type_reads) {
                    unreadable.insert(listed);
                    continue;
                }
                let (version, kind) = (&subject.admitted()["apiVersion"], &subject.admitted()["kind"]);
                if kinds.iter().any(|known| *version == known.api_version) && kind != "List" {
                    failures.push(format!("{place}: `typed_test::kinds` should have {version} {kind}"));
                }
            }
            Some(Err(error)) => match listed(&no_type_reads) {
                Some(listed) => drop(unreadable.insert(listed)),
                None => failures.push(format!("{place}: its type cannot read it: {error}")),
            },
            Some(Ok((json, typed))) => {
                compared += 1;
                let read: Decision = serde_json::from_str(&json).expect("a Decision");
                assert_eq!(
                    serde_json::to_string(&read).expect("JSON"),
                    json,
                    "{place}: a Decision reads as it was written"
                );
                if json == serde_json::to_string(&typed).expect("JSON") {
                    continue;
                }
                match listed(&differ) {
                    Some(listed) => drop(different.insert(listed)),
                    None => failures.push(format!("{place}: {}", difference(&read, &typed))),
                }
            }
        }
    }
    for (table, used) in [(no_type_reads, unreadable), (differ, different)] {
        let unused = table.into_iter().filter(|place| place.starts_with(area) && !used.contains(place));
        failures.extend(unused.map(|place| format!("{place}: is no exception any more")));
    }
    assert!(compared > 0, "there is something to compare");
    assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), subjects.len(), failures.join("\n"));
}

impl Subject {
    /// The Decision on its JSON, and on what its type makes of it; `None` where no type is known.
    fn judge(&self, kinds: &[Kind]) -> Option<Result<(String, Decision), serde_json::Error>> {
        let mut transom = Transom::new();
        let object = match read(kinds, self.admitted())? {
            Ok(object) => object,
            Err(error) => return Some(Err(error)),
        };
        let mut surroundings = Surroundings::new();
        for other in &self.context {
            match read(kinds, other) {
                Some(Ok(typed)) => typed.add_to(&mut surroundings),
                // What no type reads goes in as it is.
                _ => surroundings.add(other),
            }
        }
        if let Some(now) = &self.now {
            surroundings = surroundings.on(now.clone());
        }
        let mut input = json!({"request": self.object, "context": self.context});
        if let Some(settings) = &self.settings {
            let _ = transom.configure(settings.to_string().as_bytes());
        }
        if let Some(now) = &self.now {
            input["now"] = json!(now);
        }
        let json = transom.evaluate(input.to_string().as_bytes());
        let typed = match self.admitted_at() {
            "" => object.evaluate(&transom, &surroundings),
            at => {
                let mut review = self.object.clone();
                *review.pointer_mut(at).expect("the place of the object") = object.to_json();
                transom.evaluate_object(&review, &surroundings)
            }
        };
        Some(Ok((json, typed)))
    }

    fn admitted(&self) -> &Value {
        self.object.pointer(self.admitted_at()).unwrap_or(&Value::Null)
    }

    /// Where the object stands in an AdmissionReview or an AdmissionRequest.
    fn admitted_at(&self) -> &'static str {
        let places = ["/request/object", "/object"];
        places.into_iter().find(|place| self.object.pointer(place).is_some()).unwrap_or_default()
    }
}

/// The parts in which two Decisions are not the same.
fn difference(json: &Decision, typed: &Decision) -> String {
    let fields = |decision: &Decision| serde_json::to_value(decision).expect("JSON");
    let (json, typed) = (fields(json), fields(typed));
    let mut parts = Vec::new();
    collect("", &json, &typed, &mut parts);
    parts.truncate(4);
    parts.join("; ")
}

fn collect(at: &str, json: &Value, typed: &Value, into: &mut Vec<String>) {
    match (json, typed) {
        (json, typed) if json == typed => {}
        (Value::Object(json), Value::Object(typed)) => {
            for name in json.keys().chain(typed.keys().filter(|name| !json.contains_key(*name))) {
                let of = |fields: &serde_json::Map<String, Value>| fields.get(name).cloned().unwrap_or_default();
                collect(&format!("{at}/{name}"), &of(json), &of(typed), into);
            }
        }
        (Value::Array(json), Value::Array(typed)) if json.len() == typed.len() => {
            for (index, (json, typed)) in json.iter().zip(typed).enumerate() {
                collect(&format!("{at}/{index}"), json, typed, into);
            }
        }
        (json, typed) => into.push(format!("{at} of the JSON is {json}, of the type {typed}")),
    }
}
