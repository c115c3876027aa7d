//! What the entrypoints answer.

use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use transom::{Transom, standing};

use crate::rego;

/// What can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entrypoint {
    /// `system/main`: an AdmissionReview is answered with an AdmissionReview, so that OPA itself is
    /// the admission webhook. What Kubewarden passes to a policy of Gatekeeper (`review` and
    /// `parameters`) is answered as Gatekeeper does it.
    Main,
    /// `transom/decision`: the Decision.
    Decision,
    /// `transom/deny`: the set of what speaks against the object, each a text.
    Deny,
    /// `transom/violation`: the same as Gatekeeper has it, `{msg, details}`.
    Violation,
}

/// All of them, by their numbers.
pub const ENTRYPOINTS: [(Entrypoint, &str); 4] = [
    (Entrypoint::Main, "system/main"),
    (Entrypoint::Decision, "transom/decision"),
    (Entrypoint::Deny, "transom/deny"),
    (Entrypoint::Violation, "transom/violation"),
];

/// The names and numbers of the entrypoints, as OPA asks for them.
pub const NAMES: &str = r#"{"system/main":0,"transom/decision":1,"transom/deny":2,"transom/violation":3}"#;

/// An answer: a JSON text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The text.
    pub json: String,
    /// The array it is stands for a set.
    pub is_set: bool,
}

impl Answer {
    /// The results of a query as JSON.
    pub fn to_json(&self) -> String {
        format!(r#"[{{"result":{}}}]"#, self.json)
    }

    /// The results of a query as a Rego term.
    pub fn to_rego(&self) -> String {
        let result = if self.is_set { rego::set_of(&self.json) } else { self.json.clone() };
        format!(r#"{{{{"result":{result}}}}}"#)
    }
}

/// What `data` holds for transom, and the rest that is none of its business.
#[derive(Deserialize)]
struct Data<'d> {
    #[serde(borrow)]
    transom: Option<&'d RawValue>,
    #[serde(borrow)]
    kubernetes: Option<&'d RawValue>,
    #[serde(borrow)]
    inventory: Option<&'d RawValue>,
}

#[derive(Deserialize)]
struct Ours<'d> {
    #[serde(borrow)]
    settings: Option<&'d RawValue>,
}

/// The fields of an input that tell what it is, and those of an envelope.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Input<'i> {
    #[serde(borrow)]
    comments: Option<&'i RawValue>,
    #[serde(borrow)]
    context: Option<&'i RawValue>,
    #[serde(borrow)]
    kind: Option<&'i RawValue>,
    #[serde(borrow)]
    now: Option<&'i RawValue>,
    #[serde(borrow)]
    parameters: Option<&'i RawValue>,
    #[serde(borrow)]
    request: Option<&'i RawValue>,
    #[serde(borrow)]
    review: Option<&'i RawValue>,
    #[serde(borrow)]
    settings: Option<&'i RawValue>,
}

/// Answers an input. `data` is OPA's base document, empty or JSON.
pub fn answer(entrypoint: Entrypoint, input: &str, data: &str) -> Answer {
    let form: Option<Input<'_>> = serde_json::from_str(input).ok();
    let data: Option<Data<'_>> = serde_json::from_str(data).ok();
    let ours = data.as_ref().and_then(|data| data.transom).and_then(|ours| serde_json::from_str(ours.get()).ok());
    let mut settings = ours.and_then(|ours: Ours<'_>| ours.settings);
    let mut context = Vec::new();
    for objects in data.iter().flat_map(|data| [data.kubernetes, data.inventory]).flatten() {
        collect(objects, 0, &mut context);
    }
    let gatekeeper = form.as_ref().filter(|_| entrypoint != Entrypoint::Decision);
    let gatekeeper = gatekeeper.and_then(|form| Some((form.review?, form.parameters)));
    if let Some((_, Some(parameters))) = gatekeeper {
        settings = Some(parameters);
    }
    let enveloped;
    let input = if settings.is_none() && context.is_empty() {
        gatekeeper.map_or(input, |(review, _)| review.get())
    } else {
        let form = form.unwrap_or_default();
        let is_envelope = gatekeeper.is_none() && form.kind.is_none() && form.request.is_some();
        let own = if is_envelope { form } else { Input::default() };
        let object = own.request.or(gatekeeper.map(|(review, _)| review)).map_or(input, RawValue::get);
        enveloped = envelope(object, &own, settings, context);
        &enveloped
    };
    // Settings that the module was made with hold where the data brings none.
    standing::with(|transom| asked(transom, entrypoint, gatekeeper.is_some(), input.as_bytes()))
}

fn asked(transom: &Transom, entrypoint: Entrypoint, is_gatekeeper: bool, input: &[u8]) -> Answer {
    match entrypoint {
        Entrypoint::Main if !is_gatekeeper => Answer { json: transom.review(input), is_set: false },
        Entrypoint::Decision => Answer { json: transom.evaluate(input), is_set: false },
        Entrypoint::Deny => Answer { json: transom.denials(input), is_set: true },
        Entrypoint::Main | Entrypoint::Violation => Answer { json: transom.violations(input), is_set: true },
    }
}

/// An object with what is known of the cluster. What the request itself brings counts more: its own
/// settings, and its own context behind that of the cluster.
fn envelope<'d>(object: &str, own: &Input<'d>, settings: Option<&'d RawValue>, mut context: Vec<&'d str>) -> String {
    let own_context = own.context.and_then(|own| serde_json::from_str::<Vec<&RawValue>>(own.get()).ok());
    context.extend(own_context.unwrap_or_default().into_iter().map(RawValue::get));
    let mut text = format!(r#"{{"request":{object},"context":[{}]"#, context.join(","));
    for (name, value) in [("settings", own.settings.or(settings)), ("now", own.now), ("comments", own.comments)] {
        if let Some(value) = value {
            text.push_str(&format!(r#","{name}":{}"#, value.get()));
        }
    }
    text.push('}');
    text
}

/// How deep objects lie in what is replicated: by cluster or namespace, version, kind and name.
const DEPTH: usize = 6;

/// Finds the Kubernetes objects in a document, however it is arranged.
fn collect<'d>(value: &'d RawValue, depth: usize, into: &mut Vec<&'d str>) {
    if depth > DEPTH {
        return;
    }
    if let Ok(fields) = serde_json::from_str::<BTreeMap<String, &RawValue>>(value.get()) {
        if fields.contains_key("apiVersion") && fields.contains_key("kind") {
            into.push(value.get());
        } else {
            fields.values().for_each(|value| collect(value, depth + 1, into));
        }
    } else if let Ok(elements) = serde_json::from_str::<Vec<&RawValue>>(value.get()) {
        elements.iter().for_each(|value| collect(value, depth + 1, into));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const POD: &str = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},"spec":{"containers":[
        {"name":"web","image":"mcr.microsoft.com/windows/nanoserver:ltsc2022"}]}}"#;

    fn value(answer: &Answer) -> Value {
        serde_json::from_str(&answer.json).expect("JSON")
    }

    #[test]
    fn names_and_numbers_agree() {
        let names: BTreeMap<String, usize> = serde_json::from_str(NAMES).expect("JSON");
        for (index, (_, name)) in ENTRYPOINTS.iter().enumerate() {
            assert_eq!(names.get(*name), Some(&index));
        }
        assert_eq!(names.len(), ENTRYPOINTS.len());
    }

    #[test]
    fn the_decision_is_that_of_the_core() {
        assert_eq!(answer(Entrypoint::Decision, POD, "").json, transom::evaluate(POD.as_bytes()));
        assert_eq!(answer(Entrypoint::Decision, POD, r#"{"other": 1}"#).json, transom::evaluate(POD.as_bytes()));
        assert_eq!(answer(Entrypoint::Decision, "{", "").json, transom::evaluate(b"{"));
    }

    #[test]
    fn settings_and_context_come_from_data() {
        let off = r#"{"transom": {"settings": {"rules": {"WIN101": "off"}}}}"#;
        assert_eq!(value(&answer(Entrypoint::Deny, POD, "")).as_array().map(Vec::len), Some(1));
        assert_eq!(answer(Entrypoint::Deny, POD, off).json, "[]");
        let own = format!(r#"{{"request": {POD}, "settings": {{}}}}"#);
        assert_ne!(answer(Entrypoint::Deny, &own, off).json, "[]", "the request's own settings count");
        let review = format!(
            r#"{{"request": {{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {{"uid": "1", "object": {POD}}}}}}}"#
        );
        assert_eq!(answer(Entrypoint::Deny, &review, off).json, "[]", "a review in an envelope is read");
        let node = json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "w", "labels": {"kubernetes.io/os": "windows"}}});
        for data in [
            json!({"kubernetes": {"nodes": {"w": node}}}),
            json!({"inventory": {"cluster": {"v1": {"Node": {"w": node}}}}}),
        ] {
            let with = value(&answer(Entrypoint::Decision, POD, &data.to_string()));
            assert_eq!(with["target"]["placement"]["linux"], "yes");
            assert_eq!(with["target"]["placement"]["windows"], "yes", "the Node has no taint: {data}");
        }
    }

    #[test]
    fn gatekeeper_and_main() {
        let request =
            json!({"uid": "1", "operation": "CREATE", "object": serde_json::from_str::<Value>(POD).expect("JSON")});
        let review = json!({"review": request, "parameters": {"rules": {"WIN109": "off"}}});
        let violations = value(&answer(Entrypoint::Main, &review.to_string(), ""));
        assert_eq!(violations.as_array().map(Vec::len), Some(1));
        assert!(violations[0]["msg"].as_str().is_some_and(|msg| msg.starts_with("WIN101 windows-pod-not-pinned: ")));
        assert_eq!(violations[0]["details"]["path"], "/spec");
        let admission = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request});
        let answered = value(&answer(Entrypoint::Main, &admission.to_string(), ""));
        assert_eq!(answered["response"]["uid"], "1");
        assert_eq!(answered["response"]["allowed"], false);
    }

    #[test]
    fn results_in_both_forms() {
        let answer = Answer { json: "[1]".into(), is_set: true };
        assert_eq!((answer.to_json(), answer.to_rego()), (r#"[{"result":[1]}]"#.into(), r#"{{"result":{1}}}"#.into()));
    }
}
