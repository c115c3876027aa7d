//! transom as a component: in wasmtime, and transpiled by jco in Node.
//!
//! Its JSON is equal to the native answers, byte for byte; its records say the same, field for field.

mod node;
mod readme;
mod record;

use host_test::{Case, component, difference};
use record::exports::transom::policy::evaluation::Guest;
use record::{Transom, json};
use serde_json::{Value, json};
use wasmtime::component::{Component, Linker, ResourceAny};
use wasmtime::{Engine, Store};

const POD: &str = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},"spec":{"containers":[
    {"name":"web","image":"mcr.microsoft.com/windows/nanoserver:ltsc2022"}]}}"#;

/// The component in wasmtime, which is given nothing to import.
struct Host {
    store: Store<()>,
    transom: Transom,
}

impl Host {
    fn load() -> Host {
        let engine = Engine::default();
        let component = Component::from_file(&engine, component()).expect("a component");
        let mut store = Store::new(&engine, ());
        let transom = Transom::instantiate(&mut store, &component, &Linker::new(&engine)).expect("an instance");
        Host { store, transom }
    }

    /// A policy, or what is wrong with its settings as `(path, message)`.
    fn policy(&mut self, settings: Option<&str>) -> Result<ResourceAny, Vec<(String, String)>> {
        let Host { store, transom } = self;
        let policy = transom.transom_policy_evaluation().policy();
        match settings {
            None => Ok(policy.call_constructor(store).expect("no trap")),
            Some(settings) => policy
                .call_with_settings(store, settings)
                .expect("no trap")
                .map_err(|errors| errors.into_iter().map(|error| (error.path, error.message)).collect()),
        }
    }

    /// What a policy answers, or, where there is none, the functions beside it.
    fn ask(&mut self, policy: Option<ResourceAny>, input: &str) -> Answers {
        let Host { store, transom } = self;
        let all: &Guest = transom.transom_policy_evaluation();
        let (record, decision, review) = match policy {
            Some(policy) => (
                all.policy().call_evaluate(&mut *store, policy, input),
                all.policy().call_evaluate_json(&mut *store, policy, input),
                all.policy().call_review(&mut *store, policy, input),
            ),
            None => (
                all.call_evaluate(&mut *store, input),
                all.call_evaluate_json(&mut *store, input),
                all.call_review(&mut *store, input),
            ),
        };
        Answers {
            record: json(&record.expect("no trap")),
            decision: decision.expect("no trap"),
            review: review.expect("no trap"),
        }
    }
}

/// What there is to be asked of one input.
#[derive(Debug, serde::Deserialize)]
struct Answers {
    /// The Decision's record, written as JSON.
    record: Value,
    decision: String,
    review: String,
}

impl Answers {
    /// What differs from the native answers.
    fn differences(&self, transom: &transom::Transom, input: &str) -> Vec<String> {
        let decision = transom.evaluate(input.as_bytes());
        let review = transom.review(input.as_bytes());
        let parsed: Value = serde_json::from_str(&decision).expect("JSON");
        let record = difference(&parsed.to_string(), &self.record.to_string());
        [difference(&decision, &self.decision), difference(&review, &self.review), record]
            .into_iter()
            .flatten()
            .collect()
    }
}

/// An input, and settings for the policy that is to judge it.
#[derive(serde::Serialize)]
struct Question {
    #[serde(skip)]
    name: String,
    input: String,
    settings: Option<String>,
}

impl Question {
    fn new(name: &str, input: impl Into<String>, settings: Option<&str>) -> Question {
        Question { name: name.to_owned(), input: input.into(), settings: settings.map(str::to_owned) }
    }

    /// Every case, its settings in the input and, where it has any, also in the policy; and inputs
    /// and settings that are none.
    fn all() -> Vec<Question> {
        let mut questions = Vec::new();
        for case in Case::all() {
            let mut case = case.expect("a case");
            questions.push(Question::new(&case.name, case.input().to_string(), None));
            if let Some(settings) = case.settings.take() {
                questions.push(Question::new(&case.name, case.input().to_string(), Some(&settings.to_string())));
            }
        }
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        let review = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {
            "uid": "1", "operation": "CREATE", "object": serde_json::from_str::<Value>(POD).expect("JSON")}});
        for (name, input) in [
            ("nothing", ""),
            ("no JSON", "{\"kind\":"),
            ("no object", "[1, null]"),
            ("characters", "{\"kind\": \"\u{0}\u{7f}é😀\u{2028}\"}"),
            ("a zero", "\0"),
            ("deep", &deep),
            ("review", &review.to_string()),
        ] {
            questions.push(Question::new(name, input, None));
        }
        for settings in ["{}", "", "{", "[]", r#"{"platform": "mars", "rules": {"WIN999": "off"}}"#] {
            questions.push(Question::new(&format!("settings {settings}"), POD, Some(settings)));
        }
        questions.push(Question::new("mutate", review.to_string(), Some(r#"{"mutate": "safe"}"#)));
        questions
    }

    /// The native policy, or what is wrong with its settings.
    fn native(&self) -> Result<transom::Transom, Vec<(String, String)>> {
        let mut transom = transom::Transom::new();
        let configured = self.settings.as_ref().map_or(Ok(()), |settings| transom.configure(settings.as_bytes()));
        let pairs = |mistakes: Vec<transom::Mistake>| mistakes.into_iter().map(|m| (m.path, m.message)).collect();
        configured.map(|()| transom).map_err(pairs)
    }
}

/// Fails with everything that did not hold, not with the first.
fn no(failures: Vec<String>) {
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n\n"));
}

#[test]
fn the_corpus_in_wasmtime() {
    let mut host = Host::load();
    let mut failures = Vec::new();
    for question in Question::all() {
        let mut fail = |differences: Vec<String>| {
            failures.extend(differences.into_iter().map(|text| format!("{}: {text}", question.name)));
        };
        match (question.native(), host.policy(question.settings.as_deref())) {
            (Ok(native), Ok(policy)) => {
                fail(host.ask(Some(policy), &question.input).differences(&native, &question.input));
                policy.resource_drop(&mut host.store).expect("it is ours");
            }
            (Err(native), Err(errors)) if native == errors => {}
            (native, errors) => fail(vec![format!("native {:?}, here {errors:?}", native.err())]),
        }
        let native = transom::Transom::new();
        fail(host.ask(None, &question.input).differences(&native, &question.input));
    }
    no(failures);
}

/// Two policies in one instance know nothing of each other.
#[test]
fn policies_side_by_side() {
    let mut host = Host::load();
    let off = host.policy(Some(r#"{"rules": {"WIN101": "off"}}"#)).expect("settings");
    let on = host.policy(None).expect("a policy");
    assert_eq!(host.ask(Some(off), POD).record["allowed"], true);
    assert_eq!(host.ask(Some(on), POD).record["allowed"], false);
    assert_eq!(host.ask(None, POD).record["allowed"], false);
    assert_eq!(host.ask(Some(off), POD).record["allowed"], true);
}

#[test]
fn the_corpus_in_node() {
    let Some(script) = node::script("corpus") else { return };
    let questions = Question::all();
    let answers = node::ask(script, &questions);
    assert_eq!(answers.len(), questions.len());
    let mut failures = Vec::new();
    for (question, answer) in questions.iter().zip(answers) {
        let differences = match (question.native(), answer) {
            (Ok(native), node::Answer::Answers { configured, free }) => {
                let mut differences = configured.differences(&native, &question.input);
                differences.extend(free.differences(&transom::Transom::new(), &question.input));
                differences
            }
            (Err(native), node::Answer::Errors { errors }) => {
                let errors: Vec<_> = errors.into_iter().map(|error| (error.path, error.message)).collect();
                if native == errors { Vec::new() } else { vec![format!("native {native:?}, here {errors:?}")] }
            }
            (native, answer) => vec![format!("native {:?}, here {answer:?}", native.err())],
        };
        failures.extend(differences.into_iter().map(|text| format!("{}: {text}", question.name)));
    }
    no(failures);
}
