//! What the entrypoints answer.

use transom::{Transom, standing};

use crate::json::{self, Fields};
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
    /// `system/validate`: what `system/main` answers, for a validating webhook: an object that settings would
    /// have mended is judged as it is, and there is no patch in the answer, which the API server takes from
    /// a mutating webhook alone.
    Validate,
}

/// All of them, by their numbers.
pub const ENTRYPOINTS: [(Entrypoint, &str); 5] = [
    (Entrypoint::Main, "system/main"),
    (Entrypoint::Decision, "transom/decision"),
    (Entrypoint::Deny, "transom/deny"),
    (Entrypoint::Violation, "transom/violation"),
    (Entrypoint::Validate, "system/validate"),
];

/// The names and numbers of the entrypoints, as OPA asks for them.
pub const NAMES: &str =
    r#"{"system/main":0,"transom/decision":1,"transom/deny":2,"transom/violation":3,"system/validate":4}"#;

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
        rego::from_json(&format!(r#"{{{{"result":{result}}}}}"#)).into_owned()
    }
}

/// Answers an input, JSON or a Rego term. `data` is OPA's base document, empty or JSON.
pub fn answer(entrypoint: Entrypoint, input: &str, data: &str) -> Answer {
    // An object in JSON, as nearly every input is, need not be looked at a second time.
    match Fields::of(input) {
        Some(fields) => answer_json(entrypoint, input, Some(fields), data),
        None => {
            let json = rego::to_json(input);
            answer_json(entrypoint, &json, Fields::of(&json), data)
        }
    }
}

/// Answers an input in JSON; `form` is its fields, where it is an object.
fn answer_json(entrypoint: Entrypoint, input: &str, form: Option<Fields<'_>>, data: &str) -> Answer {
    let data = Fields::of(data).unwrap_or_default();
    let mut settings = data.get("transom").and_then(Fields::of).and_then(|ours| ours.some("settings"));
    let mut context = Vec::new();
    for objects in ["kubernetes", "inventory"].into_iter().filter_map(|name| data.get(name)) {
        collect(objects, 0, &mut context);
    }
    // An object of somebody's own kind may have a field of that name.
    let gatekeeper = form.as_ref().filter(|form| form.some("kind").is_none() && form.some("request").is_none());
    let gatekeeper = gatekeeper.and_then(|form| Some((form.some("review")?, form.some("parameters"))));
    if let Some((_, Some(parameters))) = gatekeeper {
        settings = Some(parameters);
    }
    let enveloped;
    let input = if settings.is_none() && context.is_empty() {
        gatekeeper.map_or(input, |(review, _)| review)
    } else {
        let form = form.unwrap_or_default();
        let is_envelope = gatekeeper.is_none() && form.some("kind").is_none() && form.some("request").is_some();
        let own = if is_envelope { form } else { Fields::default() };
        let object = own.some("request").or(gatekeeper.map(|(review, _)| review)).unwrap_or(input);
        enveloped = envelope(object, &own, settings, context);
        &enveloped
    };
    // Settings that the module was made with hold where the data brings none.
    standing::with(|transom| asked(transom, entrypoint, gatekeeper.is_some(), input.as_bytes()))
}

fn asked(transom: &Transom, entrypoint: Entrypoint, is_gatekeeper: bool, input: &[u8]) -> Answer {
    match entrypoint {
        Entrypoint::Main if !is_gatekeeper => Answer { json: transom.review(input), is_set: false },
        Entrypoint::Validate if !is_gatekeeper => Answer { json: transom.review_unmended(input), is_set: false },
        Entrypoint::Decision => Answer { json: transom.evaluate(input), is_set: false },
        Entrypoint::Deny => Answer { json: transom.denials(input), is_set: true },
        Entrypoint::Main | Entrypoint::Validate | Entrypoint::Violation => {
            Answer { json: transom.violations(input), is_set: true }
        }
    }
}

/// An object with what is known of the cluster. What the request itself brings counts more: its own
/// settings, and its own context behind that of the cluster.
fn envelope<'t>(object: &str, own: &Fields<'t>, settings: Option<&'t str>, mut context: Vec<&'t str>) -> String {
    context.extend(own.some("context").and_then(json::elements).unwrap_or_default());
    let mut text = format!(r#"{{"request":{object},"context":[{}]"#, context.join(","));
    let own_or = |name, other: Option<&'t str>| (name, own.some(name).or(other));
    for (name, value) in [own_or("settings", settings), own_or("now", None), own_or("comments", None)] {
        if let Some(value) = value {
            text.push_str(&format!(r#","{name}":{value}"#));
        }
    }
    text.push('}');
    text
}

/// How deep objects lie in what is replicated: by cluster or namespace, version, kind and name.
const DEPTH: usize = 6;

/// Finds the Kubernetes objects in a document, however it is arranged.
fn collect<'d>(value: &'d str, depth: usize, into: &mut Vec<&'d str>) {
    if depth > DEPTH {
        return;
    }
    if let Some(fields) = Fields::of(value) {
        if fields.get("apiVersion").is_some() && fields.get("kind").is_some() {
            into.push(value);
        } else {
            fields.values().for_each(|value| collect(value, depth + 1, into));
        }
    } else if let Some(elements) = json::elements(value) {
        elements.into_iter().for_each(|value| collect(value, depth + 1, into));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use std::collections::BTreeMap;

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
    fn a_decision_on_what_gatekeeper_passes() {
        let pod: Value = serde_json::from_str(POD).expect("JSON");
        let request = json!({"uid": "1", "operation": "CREATE", "object": pod});
        let input = json!({"review": request, "parameters": {"rules": {"WIN101": "warn"}}}).to_string();
        let decision = value(&answer(Entrypoint::Decision, &input, ""));
        assert_eq!((&decision["object"]["name"], &decision["findings"][0]["action"]), (&json!("web"), &json!("warn")));
        // Here it is a field of the object.
        let own = json!({"apiVersion": "example.com/v1", "kind": "Report", "review": pod}).to_string();
        for (entrypoint, _) in [ENTRYPOINTS[2], ENTRYPOINTS[3]] {
            assert_eq!(answer(entrypoint, &own, "").json, "[]");
        }
    }

    #[test]
    fn a_validating_webhook_gets_no_patch() {
        let request =
            json!({"uid": "1", "operation": "CREATE", "object": serde_json::from_str::<Value>(POD).expect("JSON")});
        let review = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request});
        let safe = r#"{"transom": {"settings": {"mutate": "safe", "windows": {"taints": []}}}}"#;
        let mended = value(&answer(Entrypoint::Main, &review.to_string(), safe));
        assert_eq!(
            (&mended["response"]["allowed"], &mended["response"]["patchType"]),
            (&true.into(), &"JSONPatch".into())
        );
        let judged = value(&answer(Entrypoint::Validate, &review.to_string(), safe));
        assert_eq!((&judged["response"]["allowed"], &judged["response"]["patch"]), (&false.into(), &Value::Null));
        assert_eq!(judged, value(&answer(Entrypoint::Main, &review.to_string(), &safe.replace("safe", "off"))));
    }

    #[test]
    fn results_in_both_forms() {
        let answer = Answer { json: "[1]".into(), is_set: true };
        assert_eq!((answer.to_json(), answer.to_rego()), (r#"[{"result":[1]}]"#.into(), r#"{{"result":{1}}}"#.into()));
        let marked = Answer { json: "\"\u{feff}\"".into(), is_set: false };
        assert_eq!(marked.to_rego(), r#"{{"result":"\ufeff"}}"#);
    }
}
