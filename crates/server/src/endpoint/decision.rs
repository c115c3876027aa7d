//! Decisions, for Kyverno's policies and for anybody: the core's Decision with a `message` to show.

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use transom::review::{self, Denial};

use super::{Answer, Endpoint, Outcome, Policy, Subject, not_judged};
use crate::app::App;
use crate::engine::{Ask, Failure, Judge};
use crate::input::{Call, Object};

/// A Decision, read as far as it matters here.
#[derive(Debug)]
pub(super) struct Judged {
    /// The Decision as JSON, with its message.
    pub(super) text: String,
    pub(super) allowed: bool,
    pub(super) rules: Vec<String>,
    pub(super) subject: Subject,
}

#[derive(Deserialize)]
struct Decision {
    kind: String,
    #[serde(default)]
    uid: String,
    allowed: bool,
    #[serde(default)]
    object: Reference,
    findings: Vec<Finding>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Reference {
    kind: String,
    namespace: String,
    name: String,
}

#[derive(Deserialize)]
struct Finding {
    rule: String,
    name: String,
    action: String,
    path: String,
    message: String,
    #[serde(default)]
    help: String,
}

pub(super) async fn answer(app: &App, endpoint: Endpoint, body: String) -> Answer {
    let policy = app.policy();
    let added = app.added();
    let judged = app.judge(body.len(), move |with| {
        if endpoint != Endpoint::Kyverno {
            let input = added.around_any(&body).map_err(Failure::invalid)?;
            return judge(with, &input, policy);
        }
        let Object(call): Object<Call<'_>> = serde_json::from_str(&body).map_err(Failure::invalid)?;
        let mut judged = judge(with, &call.input(&added).map_err(Failure::invalid)?, policy)?;
        // A policy applies whatever is in the patch.
        if !call.leaves_fixes().unwrap_or(with.leaves_fixes()) {
            judged.text = without_patch(&judged.text);
        }
        Ok(judged)
    });
    match judged.await.and_then(|judged| judged) {
        Ok(Judged { text, allowed, rules, subject }) => {
            let outcome = Outcome::of(allowed, policy);
            Answer { status: StatusCode::OK, body: text, outcome, subject, rules, failure: None }
        }
        Err(failure) if failure.kind == "invalid" => endpoint.refuse(policy, StatusCode::BAD_REQUEST, failure),
        Err(failure) => {
            let body = unjudged(policy, &failure).to_string();
            // A policy can show the message only of an answer that Kyverno takes.
            let status = match endpoint {
                Endpoint::Kyverno => StatusCode::OK,
                _ if policy.allows_unjudged() => StatusCode::OK,
                _ if failure.kind == "busy" => StatusCode::SERVICE_UNAVAILABLE,
                _ => StatusCode::INTERNAL_SERVER_ERROR,
            };
            Answer { status, body, ..Answer::of_failure(Subject::default(), failure) }
        }
    }
}

/// Judges one input.
pub(super) fn judge(with: &Judge<'_>, input: &str, policy: Policy) -> Result<Judged, Failure> {
    let mut text = with.answer(Ask::Evaluate, input)?;
    let decision: Decision =
        serde_json::from_str(&text).map_err(|error| Failure::new("answer", format!("no Decision: {error}")))?;
    if decision.kind != "Decision" || !text.starts_with('{') {
        return Err(Failure::new("answer", "the answer is no Decision"));
    }
    let denied: Vec<Denial<'_>> = decision.findings.iter().filter(|f| f.action == "deny").map(denial).collect();
    let message = review::refusal(&denied);
    if policy.dry_run {
        text = only_reporting(&text, &message);
    } else {
        text.insert_str(1, &format!(r#""message":{},"#, Value::from(message)));
    }
    let mut rules: Vec<String> = Vec::new();
    for finding in decision.findings.iter().filter(|finding| finding.action != "info") {
        if !rules.contains(&finding.rule) {
            rules.push(finding.rule.clone());
        }
    }
    let Reference { kind, namespace, name } = decision.object;
    let subject = Subject { uid: decision.uid, kind, namespace, name, ..Subject::default() };
    Ok(Judged { text, allowed: decision.allowed, rules, subject })
}

fn denial(finding: &Finding) -> Denial<'_> {
    let Finding { rule, name, path, message, help, .. } = finding;
    Denial { rule, name, path, message, help }
}

/// A Decision that changes nothing.
fn without_patch(text: &str) -> String {
    let mut decision: Value = serde_json::from_str(text).unwrap_or_default();
    decision["patch"] = json!([]);
    decision.to_string()
}

/// A Decision that lets everything in and changes nothing.
fn only_reporting(text: &str, message: &str) -> String {
    let mut decision: Value = serde_json::from_str(text).unwrap_or_default();
    let wanted = decision["allowed"].take();
    decision["allowed"] = true.into();
    decision["patch"] = json!([]);
    decision["message"] = "".into();
    decision["dryRun"] = json!({"allowed": wanted, "message": message});
    decision.to_string()
}

/// The Decision on what could not be judged.
pub(super) fn unjudged(policy: Policy, failure: &Failure) -> Value {
    let text = not_judged(failure);
    let allowed = policy.allows_unjudged();
    json!({
        "apiVersion": "transom.dev/v1", "kind": "Decision", "allowed": allowed,
        "message": if allowed { "" } else { &text }, "error": &text,
        "findings": [], "suppressed": [], "patch": [],
        "module": {"name": "transom", "version": env!("CARGO_PKG_VERSION")},
    })
}
