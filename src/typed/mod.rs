//! Judging objects that are Rust values, with an answer that is one too.
//!
//! This is for controllers and webhooks written in Rust. Whatever serde writes as a Kubernetes
//! object can be judged: the types of [`k8s-openapi`](https://docs.rs/k8s-openapi), custom resources
//! derived with kube-rs, a `DynamicObject`, a `serde_json::Value`, an AdmissionReview. With the
//! feature `k8s-openapi` every workload kind has a method that takes its type, such as
//! `Transom::evaluate_deployment`; which version of Kubernetes these types are of is, as
//! k8s-openapi asks for, the choice of the program and not of this library. The types are those of
//! k8s-openapi 0.29 (Kubernetes 1.33 to 1.37); with the feature `k8s-openapi-028` in its place, those of 0.28,
//! the last one with Kubernetes 1.32. Where both are on, `k8s-openapi` counts.
//!
//! ```
//! use transom::{Transom, typed::Surroundings};
//!
//! # let deployment = serde_json::json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
//! #     "spec": {"template": {"spec": {
//! #         "nodeSelector": {"kubernetes.io/os": "windows"}, "hostNetwork": true,
//! #         "containers": [{"name": "web", "image": "mcr.microsoft.com/windows/nanoserver:ltsc2022"}]}}}});
//! let mut transom = Transom::new();
//! transom.configure(br#"{"platform": "aks"}"#).expect("settings without a mistake");
//! let decision = transom.evaluate_object(&deployment, &Surroundings::new());
//! assert!(!decision.allowed);
//! assert!(decision.denials().any(|finding| finding.name == "host-network"));
//! ```

mod decision;
#[cfg(any(feature = "k8s-openapi", feature = "k8s-openapi-028"))]
mod kubernetes;

use serde::Serialize;

use crate::Transom;
use crate::decision::{decide, refuse};
use crate::value::Value;
pub use decision::{Decision, Evidence, Finding, Fix, Module, Operation, Placements, Reference, Suppressed, Target};

/// What is known around an object that is judged.
///
/// Other objects are written once, when they come in, and read for every object that is judged: it
/// pays to make this once for many, and to add only what rules look up. These are Nodes,
/// RuntimeClasses, Namespaces, StorageClasses, the claims, ConfigMaps and Secrets that pods use, and
/// the Services, policies and autoscalers that select them.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// Elements of a JSON array, with commas between them.
    context: String,
    now: Option<String>,
    is_there: bool,
    /// Why an object could not be added.
    mistake: Option<String>,
}

impl Surroundings {
    /// Nothing is known.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an object that rules may look up, a List of them, or an array or a `Vec` of them.
    #[must_use]
    pub fn with<T: Serialize + ?Sized>(mut self, object: &T) -> Self {
        self.add(object);
        self
    }

    /// Adds an object that rules may look up, a List of them, or an array or a `Vec` of them: what a
    /// reflector's store gives. One that cannot be written as JSON makes every Decision a refusal that
    /// says so.
    pub fn add<T: Serialize + ?Sized>(&mut self, object: &T) {
        match serde_json::to_string(object) {
            Ok(json) => {
                // Of an array its elements.
                let elements = json.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
                let json = elements.unwrap_or(&json);
                if json.is_empty() {
                    return;
                }
                if !self.context.is_empty() {
                    self.context.push(',');
                }
                self.context.push_str(json);
            }
            Err(error) => self.mistake = Some(format!("this object of the context cannot be written as JSON: {error}")),
        }
    }

    /// The date, as `YYYY-MM-DD` or in RFC 3339, on which suppressions are judged. Without it they
    /// end with the day of this release: the core reads no clock. So they do with what is no date,
    /// and every Decision then has a finding of the rule wrong-type, at `/now`, that denies.
    #[must_use]
    pub fn on(mut self, date: impl Into<String>) -> Self {
        self.now = Some(date.into());
        self
    }

    /// The object to judge is in the cluster already, so that only fixes are offered that the API
    /// server lets one apply to it: hardly any for a Pod, all for a Deployment. An AdmissionReview or
    /// AdmissionRequest says by itself what it is about.
    #[must_use]
    pub fn existing(mut self) -> Self {
        self.is_there = true;
        self
    }

    /// The envelope for an object.
    fn around(&self, object: &str) -> String {
        let is_wrapped = self.is_there
            && Value::parse(object)
                .is_some_and(|value| matches!(value.get("kind"), Some(Value::Text(kind)) if kind != "AdmissionReview"));
        let (before, after) = if is_wrapped { (r#"{"operation":"UPDATE","object":"#, "}") } else { ("", "") };
        let now =
            self.now.as_deref().map_or(String::new(), |now| format!(r#""now":{},"#, serde_json::Value::from(now)));
        format!(r#"{{{now}"context":[{}],"request":{before}{object}{after}}}"#, self.context)
    }
}

impl Transom {
    /// Judges one input (JSON), as [`evaluate`](Transom::evaluate) does, and gives the Decision as a
    /// value.
    pub fn decide(&self, input: &[u8]) -> Decision {
        decide(input, self.settings(), |decision| Decision::from(&decision.with_patches()))
    }

    /// Judges an object of any kind, as [`evaluate`](Transom::evaluate) does. An object that cannot
    /// be written as JSON is refused.
    pub fn evaluate_object<T: Serialize + ?Sized>(&self, object: &T, surroundings: &Surroundings) -> Decision {
        let json = match (&surroundings.mistake, serde_json::to_string(object)) {
            (Some(mistake), _) => Err(mistake.clone()),
            (None, Err(error)) => Err(format!("this object cannot be written as JSON: {error}")),
            (None, Ok(json)) => Ok(json),
        };
        match json {
            Ok(json) => self.decide(surroundings.around(&json).as_bytes()),
            Err(mistake) => refuse(mistake, self.settings(), |decision| Decision::from(&decision.with_patches())),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value, json};

    use super::{Decision, Surroundings, Transom};

    fn pod(spec: Value) -> Value {
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop"}, "spec": spec})
    }

    #[test]
    fn surroundings_are_heeded() {
        let web = pod(json!({"containers": [{"name": "web", "image": "example.com/web"}]}));
        let transom = Transom::new();
        let placed = |surroundings: &Surroundings| {
            let target = transom.evaluate_object(&web, surroundings).target.expect("a target");
            format!("{} {}", target.placement.windows, target.placement.linux)
        };
        let node = json!({"apiVersion": "v1", "kind": "Node",
            "metadata": {"name": "w", "labels": {"kubernetes.io/os": "windows"}}});
        let linux = json!({"apiVersion": "v1", "kind": "Node", "spec": {"unschedulable": true},
            "metadata": {"name": "l", "labels": {"kubernetes.io/os": "linux"}}});
        assert_eq!(placed(&Surroundings::new()), "guarded yes");
        assert_eq!(placed(&Surroundings::new().with(&node).with(&linux)), "yes yes");
        assert_eq!(placed(&Surroundings::new().with(&[&node, &linux])), "yes yes");
        assert_eq!(placed(&Surroundings::new().with(&[node; 0]).with(&linux)), "guarded yes");
    }

    #[test]
    fn suppressions_end_on_the_date_given() {
        let mut web = pod(json!({"nodeSelector": {"kubernetes.io/os": "windows"}, "hostNetwork": true,
            "containers": [{"name": "web", "image": "mcr.microsoft.com/windows/nanoserver:ltsc2022"}]}));
        web["metadata"]["annotations"] = json!({"transom.dev/ignore.host-network": "until=2030-01-31 a test"});
        let transom = Transom::new();
        let hidden = |date: &str| transom.evaluate_object(&web, &Surroundings::new().on(date)).suppressed.len();
        assert_eq!(hidden("2030-01-01"), 1);
        assert_eq!(hidden("2030-03-01"), 0);
        assert_eq!(hidden("\"no date"), 1);
    }

    /// What is wrong with the input, of all that is wrong.
    fn found(decision: &Decision) -> Vec<(&str, &str)> {
        let found = decision.findings.iter().map(|finding| (finding.rule.as_str(), finding.path.as_str()));
        found.filter(|(rule, _)| rule.starts_with("WIN0")).collect()
    }

    #[test]
    fn an_object_hides_nothing_that_is_wrong_around_it() {
        let mut web = pod(json!({"os": {"name": "linux"}, "hostNetwork": "yes",
            "containers": [{"name": "web", "image": "example.com/web"}]}));
        web["metadata"]["annotations"] = json!({"transom.dev/ignore.wrong-type": "a test"});
        let around = Surroundings::new().on("no date");
        let decision = Transom::new().evaluate_object(&web, &around);
        assert!(!decision.allowed);
        assert_eq!(found(&decision), [("WIN001", "/now")]);
        assert_eq!(decision.suppressed.len(), 1);
        assert_eq!(decision.suppressed[0].finding.path, "/spec/hostNetwork");

        let asked = json!({"context": {}, "now": "no date", "comments": [{"below": [""], "text": "# transom: ignore[wrong-type]"}],
            "request": {"uid": 1, "operation": "CREATE", "object": web}});
        let decision = Transom::new().evaluate_object(&asked, &Surroundings::new());
        let around = ["/request/context", "/request/now", "/request/request/uid"];
        assert_eq!(found(&decision), around.map(|path| ("WIN001", path)));
    }

    #[test]
    fn a_value_of_a_wrong_type_leaves_open_whether_a_suppression_is_of_use() {
        let mut web = pod(json!({"nodeSelector": {"kubernetes.io/os": "windows"}, "hostNetwork": "yes",
            "containers": [{"name": "web", "image": "mcr.microsoft.com/windows/nanoserver:ltsc2022"}]}));
        web["metadata"]["annotations"] = json!({"transom.dev/ignore.host-network": "a test"});
        let judged = |web: &Value| Transom::new().evaluate_object(web, &Surroundings::new());
        assert_eq!(found(&judged(&web)), [("WIN001", "/spec/hostNetwork")]);
        web["spec"]["hostNetwork"] = false.into();
        assert_eq!(found(&judged(&web)), [("WIN003", "/metadata/annotations/transom.dev~1ignore.host-network")]);
    }

    #[test]
    fn an_object_that_exists_gets_only_fixes_that_apply_to_it() {
        let web = pod(json!({"containers": [
            {"name": "web", "image": "mcr.microsoft.com/windows/nanoserver:ltsc2022"}]}));
        let transom = Transom::new();
        let new = transom.evaluate_object(&web, &Surroundings::new());
        let existing = transom.evaluate_object(&web, &Surroundings::new().existing());
        assert!(!new.patch.is_empty());
        assert_eq!(existing.patch, []);
        assert_eq!(existing.object, new.object);

        let request = json!({"uid": "1", "kind": {"group": "", "version": "v1", "kind": "Pod"},
            "operation": "CREATE", "object": web});
        let review = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request});
        for asked in [&request, &review] {
            let decided = transom.evaluate_object(asked, &Surroundings::new());
            assert_eq!(decided.object, new.object);
            assert_eq!(transom.evaluate_object(asked, &Surroundings::new().existing()), decided);
        }
    }

    #[test]
    fn what_is_no_json_is_refused() {
        let no_json = BTreeMap::from([((1, 2), "keys are texts")]);
        let transom = Transom::new();
        let decisions = [
            transom.evaluate_object(&no_json, &Surroundings::new()),
            transom.evaluate_object(&pod(json!({})), &Surroundings::new().with(&no_json)),
        ];
        for decision in decisions {
            assert!(!decision.allowed);
            assert_eq!(decision.findings.len(), 1, "{decision:?}");
            assert!(decision.findings[0].message.contains("cannot be written as JSON: key must be a string"));
        }
    }
}
