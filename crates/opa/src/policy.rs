//! What the entrypoints answer.

use std::borrow::Cow;

use transom::object::resources::{JUDGED, LOOKED_UP, Resource};
use transom::{Around, Form, standing};

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
pub fn answer(entrypoint: Entrypoint, input: &[u8], data: &str) -> Answer {
    let Ok(text) = std::str::from_utf8(input) else { return asked(entrypoint, input, None, data) };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // An object in JSON, as nearly every input is, need not be looked at a second time.
    match Fields::of(text) {
        Some(fields) => asked(entrypoint, text.as_bytes(), Some(fields), data),
        None => {
            let json = rego::to_json(text);
            asked(entrypoint, json.as_bytes(), Fields::of(&json), data)
        }
    }
}

/// Answers an input in JSON; `fields` are its own, where it is an object.
fn asked(entrypoint: Entrypoint, input: &[u8], fields: Option<Fields<'_>>, data: &str) -> Answer {
    let data = Fields::of(data).unwrap_or_default();
    let mut context = Vec::new();
    for objects in ["kubernetes", "inventory"].into_iter().filter_map(|name| data.get(name)) {
        collect(objects, &mut Vec::new(), &mut context);
    }
    let context: Vec<&str> = context.iter().map(|object| &**object).collect();
    // An object of somebody's own kind may have a field of that name.
    let gatekeeper = fields.filter(|own| own.some("kind").is_none() && own.some("request").is_none());
    let gatekeeper = gatekeeper.and_then(|own| Some((own.some("review")?, own.some("parameters"))));
    let of_data = data.get("transom").and_then(Fields::of).and_then(|ours| ours.some("settings"));
    let parameters = gatekeeper.and_then(|(_, parameters)| parameters);
    let settings: Vec<&str> = of_data.into_iter().chain(parameters).collect();
    let form = match entrypoint {
        Entrypoint::Main if gatekeeper.is_none() => Form::Review,
        Entrypoint::Validate if gatekeeper.is_none() => Form::Validation,
        Entrypoint::Decision => Form::Decision,
        Entrypoint::Deny => Form::Denials,
        Entrypoint::Main | Entrypoint::Validate | Entrypoint::Violation => Form::Violations,
    };
    let input = gatekeeper.map_or(input, |(review, _)| review.as_bytes());
    let around = Around { settings: &settings, context: &context, cluster: None };
    // Settings that the module was made with hold where the data brings none.
    let json = standing::with(|transom| transom.answer(form, input, &around));
    Answer { json, is_set: matches!(form, Form::Denials | Form::Violations) }
}

/// How deep objects lie in what is replicated: by cluster or namespace, version, kind and name.
const DEPTH: usize = 6;

/// Finds the Kubernetes objects in a document, however it is arranged. `way` are the names that lead to it: what an
/// object does not say of itself, they do.
fn collect<'d>(value: &'d str, way: &mut Vec<String>, into: &mut Vec<Cow<'d, str>>) {
    if way.len() > DEPTH {
        return;
    }
    if let Some(fields) = Fields::of(value) {
        if fields.some("apiVersion").is_some() && fields.some("kind").is_some() {
            into.push(value.into());
        } else if let Some(kind) = kind_of(way).filter(|_| fields.some("metadata").is_some_and(|m| m.starts_with('{')))
        {
            let rest = value.trim_start().strip_prefix('{').unwrap_or_default();
            into.push(format!("{kind}{rest}").into());
        } else {
            for (name, value) in fields.entries() {
                way.push(name.to_owned());
                collect(value, way, into);
                way.pop();
            }
        }
    } else if let Some(elements) = json::elements(value) {
        for value in elements {
            way.push(String::new());
            collect(value, way, into);
            way.pop();
        }
    }
}

/// The beginning of an object at the end of a way, up to its kind: behind version and kind, as Gatekeeper arranges them,
/// or below the name of their resource. What lists of objects are made of need not say either.
fn kind_of(way: &[String]) -> Option<String> {
    let (version, kind) = match way {
        [.., version, kind, _] if kind.starts_with(|first: char| first.is_ascii_uppercase()) => {
            (version.into(), &**kind)
        }
        _ => {
            let named = |part: &String| JUDGED.iter().chain(LOOKED_UP).find(|resource| resource.name == part);
            let Resource { group, versions, kind, .. } = way.iter().find_map(named)?;
            let group = if group.is_empty() { String::new() } else { format!("{group}/") };
            (Cow::Owned(group + versions[0]), *kind)
        }
    };
    let mut text = String::from(r#"{"apiVersion":"#);
    transom_json::write(&mut text, &version);
    text.push_str(r#","kind":"#);
    transom_json::write(&mut text, kind);
    text.push(',');
    Some(text)
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

    fn answer(entrypoint: Entrypoint, input: &str, data: &str) -> Answer {
        super::answer(entrypoint, input.as_bytes(), data)
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
        let nameless = json!({"metadata": node["metadata"]});
        for data in [
            json!({"kubernetes": {"nodes": {"w": node}}}),
            json!({"inventory": {"cluster": {"v1": {"Node": {"w": node}}}}}),
            json!({"kubernetes": {"nodes": {"w": nameless}}}),
            json!({"kubernetes": {"nodes": [nameless]}}),
            json!({"inventory": {"cluster": {"v1": {"Node": {"w": nameless}}}}}),
        ] {
            let with = value(&answer(Entrypoint::Decision, POD, &data.to_string()));
            assert_eq!(with["target"]["placement"]["linux"], "yes");
            assert_eq!(with["target"]["placement"]["windows"], "yes", "the Node has no taint: {data}");
        }
    }

    /// As kube-mgmt replicates lists: the pods that a Service selects are known by their place alone.
    #[test]
    fn replicated_workloads_may_leave_out_their_kind() {
        let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "shop"},
            "spec": {"selector": {"app": "web"}, "sessionAffinity": "ClientIP", "ports": [{"port": 80}]}});
        let pod = json!({"metadata": {"labels": {"app": "web"}}, "spec": {"nodeSelector": {"kubernetes.io/os": "windows"},
            "containers": [{"name": "web", "image": "mcr.microsoft.com/windows/nanoserver:ltsc2022"}]}});
        let deployment = json!({"metadata": {"name": "web", "namespace": "shop"}, "spec": {"template": pod}});
        let found = |data: Value| value(&answer(Entrypoint::Decision, &service.to_string(), &data.to_string()));
        let rules = |decision: &Value| decision["findings"].as_array().map_or(0, Vec::len);
        assert_eq!(rules(&found(json!({}))), 0);
        let with = found(json!({"kubernetes": {"deployments": {"shop": {"web": deployment}}}}));
        assert_eq!(with["findings"][0]["name"], "session-affinity", "{with}");
        let elsewhere = found(json!({"kubernetes": {"services": {"deployments": {"web": deployment}}}}));
        assert_eq!(rules(&elsewhere), 0, "the outermost name counts: {elsewhere}");
    }

    #[test]
    fn what_the_input_says_itself_is_heeded_as_the_core_does() {
        let aks = r#"{"transom": {"settings": {"platform": "aks"}}}"#;
        let mut configured = transom::Transom::new();
        configured.configure(br#"{"platform": "aks"}"#).expect("settings");
        let review = format!(r#"{{"kind": "AdmissionReview", "request": {POD}, "settings": {{"platform": "gke"}}}}"#);
        let inputs = [
            POD.to_owned(),
            format!(r#"{POD},"request":{{"apiVersion":"v1","kind":"Service"}}"#),
            review,
            format!(r#"{{"request": {POD}, "settings": {{"platform": "moon"}}}}"#),
            format!(r#"{{"request": {POD}, "settings": null, "context": "x"}}"#),
            r#"{"request": {"uid": 1, "object": {}}}"#.to_owned(),
            "\"text\"".to_owned(),
            "[1]".to_owned(),
            format!("\u{feff}{POD}"),
        ];
        for input in inputs {
            assert_eq!(
                answer(Entrypoint::Decision, &input, aks).json,
                configured.evaluate(input.as_bytes()),
                "{input}"
            );
        }
        let broken = [POD.as_bytes(), b"\xff"].concat();
        assert_eq!(super::answer(Entrypoint::Decision, &broken, aks).json, configured.evaluate(&broken));
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
