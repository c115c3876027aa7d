//! The interface as wasmtime has it, and its records as JSON.

#![allow(missing_docs, unreachable_pub, reason = "generated code")]

use exports::transom::policy::evaluation as wit;
use serde_json::{Map, Value, json};

wasmtime::component::bindgen!({ path: "../crates/component/wit", world: "transom" });

/// An object without the fields that have no value.
fn object<const N: usize>(fields: [(&str, Option<Value>); N]) -> Value {
    let fields = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(fields.collect::<Map<_, _>>())
}

fn all<T>(values: &[T], json: impl Fn(&T) -> Value) -> Value {
    values.iter().map(json).collect()
}

/// The word for a value of an enum: `ApiServer` is `api-server`.
fn word(value: &str) -> Value {
    let mut word = String::new();
    // wasmtime's `Debug` of an enum has its type in front: `Stage::ApiServer`.
    for (at, letter) in value.rsplit("::").next().unwrap_or_default().chars().enumerate() {
        if letter.is_ascii_uppercase() && at > 0 {
            word.push('-');
        }
        word.push(letter.to_ascii_lowercase());
    }
    word.into()
}

/// A decision as it is written in JSON.
pub(crate) fn json(decision: &wit::Decision) -> Value {
    let wit::Decision { uid, allowed, object: judged, target: common, targets, findings, suppressed, patch, module } =
        decision;
    object([
        ("apiVersion", Some("transom.dev/v1".into())),
        ("kind", Some("Decision".into())),
        ("uid", uid.as_ref().map(|uid| uid.as_str().into())),
        ("allowed", Some((*allowed).into())),
        ("object", judged.as_ref().map(reference)),
        ("target", common.as_ref().map(target)),
        ("targets", (!targets.is_empty()).then(|| all(targets, target))),
        ("findings", Some(all(findings, |one| finding(one).into()))),
        ("suppressed", Some(all(suppressed, hidden))),
        ("patch", Some(all(patch, operation))),
        ("module", Some(json!({"name": module.name, "version": module.version}))),
    ])
}

fn reference(reference: &wit::Reference) -> Value {
    let wit::Reference { api_version, kind, namespace, name } = reference;
    object([
        ("apiVersion", Some(json!(api_version))),
        ("kind", Some(json!(kind))),
        ("namespace", namespace.as_ref().map(|namespace| json!(namespace))),
        ("name", Some(json!(name))),
    ])
}

fn target(target: &wit::Target) -> Value {
    let wit::Target { path, intent, placement, evidence } = target;
    let wit::Placements { windows, linux } = placement;
    let seen = |evidence: &wit::Evidence| {
        let wit::Evidence { path, says, because } = evidence;
        json!({"path": path, "says": word(&format!("{says:?}")), "because": because})
    };
    object([
        ("path", path.as_ref().map(|path| json!(path))),
        ("intent", Some(word(&format!("{intent:?}")))),
        ("placement", Some(json!({"windows": word(&format!("{windows:?}")), "linux": word(&format!("{linux:?}"))}))),
        ("evidence", Some(all(evidence, seen))),
    ])
}

fn finding(finding: &wit::Finding) -> Map<String, Value> {
    let wit::Finding { rule, name, severity, action, path, message, help, stage, fix } = finding;
    let fix = fix.as_ref().map(|fix| {
        let wit::Fix { title, safety, patch } = fix;
        json!({"title": title, "safety": word(&format!("{safety:?}")), "patch": all(patch, operation)})
    });
    let finding = object([
        ("rule", Some(json!(rule))),
        ("name", Some(json!(name))),
        ("severity", Some(word(&format!("{severity:?}")))),
        ("action", Some(word(&format!("{action:?}")))),
        ("path", Some(json!(path))),
        ("message", Some(json!(message))),
        ("help", (!help.is_empty()).then(|| json!(help))),
        ("stage", Some(word(&format!("{stage:?}")))),
        ("fix", fix),
    ]);
    finding.as_object().cloned().unwrap_or_default()
}

fn hidden(suppressed: &wit::Suppressed) -> Value {
    let wit::Suppressed { finding: hidden, reason, until, by } = suppressed;
    let mut fields = finding(hidden);
    fields.insert("reason".into(), json!(reason));
    fields.extend(until.as_ref().map(|until| ("until".to_owned(), json!(until))));
    fields.insert("by".into(), json!(by));
    fields.into()
}

fn operation(operation: &wit::Operation) -> Value {
    let put = |op: &str, place: &wit::Place| {
        let value: Value = serde_json::from_str(&place.value).expect("a value of JSON");
        json!({"op": op, "path": place.path, "value": value})
    };
    match operation {
        wit::Operation::Add(place) => put("add", place),
        wit::Operation::Replace(place) => put("replace", place),
        wit::Operation::Remove(path) => json!({"op": "remove", "path": path}),
    }
}
