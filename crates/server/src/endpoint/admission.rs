//! AdmissionReview, version 1 (and v1beta1, which has the same fields).
//!
//! The API server takes an answer only with the status 200 and the uid of its request; everything else
//! makes it follow the webhook's failurePolicy. So what was read is always answered that way, by
//! `--fail-open` or `--fail-closed`, and only what has no uid gets another status.

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use transom::review;

use super::{Answer, Outcome, Policy, Subject, not_judged};
use crate::app::App;
use crate::engine::{Ask, Failure};
use crate::input::Object;

/// The API server asks for no more in one warning.
const WARNING_BYTES: usize = 120;

/// The parts of an AdmissionReview that say what it is about.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Review {
    api_version: Option<String>,
    kind: Option<String>,
    request: Option<Object<Request>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    uid: String,
    operation: Option<String>,
    kind: Option<Object<Kind>>,
    namespace: Option<String>,
    name: Option<String>,
    dry_run: Option<bool>,
}

#[derive(Debug, Deserialize)]
struct Kind {
    kind: Option<String>,
}

/// The parts of an answer that matter here.
#[derive(Debug, Deserialize)]
pub struct Reviewed {
    response: Response,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response {
    uid: String,
    allowed: bool,
    #[serde(default)]
    audit_annotations: Annotations,
    #[serde(default)]
    status: Said,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Said {
    message: String,
}

#[derive(Debug, Default, Deserialize)]
struct Annotations {
    #[serde(default)]
    findings: String,
}

impl Reviewed {
    /// Reads an engine's answer.
    ///
    /// # Errors
    ///
    /// Where it is none.
    pub fn read(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The uid that was answered.
    pub fn uid(&self) -> &str {
        &self.response.uid
    }
}

pub(super) async fn answer(app: &App, ask: Ask, body: String) -> Answer {
    let policy = app.policy();
    let (version, subject) = match read(&body) {
        Ok(read) => read,
        Err(text) => {
            let failure = Failure::invalid(text);
            let body = status(StatusCode::BAD_REQUEST, &failure);
            return Answer { status: StatusCode::BAD_REQUEST, body, ..Answer::of_failure(Subject::default(), failure) };
        }
    };
    let added = app.added();
    let judged = app.judge(body.len(), move |judge| judge.answer(ask, &added.around(&body))).await;
    let judged = judged.and_then(|answer| answer);
    let judged = judged.and_then(|answer| {
        let reviewed = Reviewed::read(&answer).map_err(|error| Failure::new("answer", error.to_string()))?;
        match reviewed.uid() {
            uid if uid == subject.uid => Ok((answer, reviewed.response)),
            // The core reads more of it than is read here.
            "" => Err(Failure::invalid(reviewed.response.status.message)),
            _ => Err(Failure::new("answer", "the answer is for another request")),
        }
    });
    match judged {
        Ok((answer, response)) => {
            let rules = response.audit_annotations.findings.split(',').filter(|rule| !rule.is_empty());
            let rules = rules.map(str::to_owned).collect();
            let outcome = Outcome::of(response.allowed, policy);
            let body = if policy.dry_run { only_warning(&answer) } else { answer };
            Answer { status: StatusCode::OK, body, outcome, subject, rules, failure: None }
        }
        Err(failure) => {
            let body = unjudged(policy, &version, &subject.uid, &failure).to_string();
            Answer { body, ..Answer::of_failure(subject, failure) }
        }
    }
}

/// The version of an AdmissionReview, and what it is about.
fn read(body: &str) -> Result<(String, Subject), String> {
    let Object(review): Object<Review> =
        serde_json::from_str(body).map_err(|error| format!("this is no AdmissionReview: {error}"))?;
    let version = review.api_version.unwrap_or_default();
    let is_known = ["admission.k8s.io/v1", "admission.k8s.io/v1beta1"].contains(&&*version);
    if review.kind.as_deref() != Some("AdmissionReview") || !is_known {
        return Err("this is no AdmissionReview of admission.k8s.io/v1 or v1beta1".into());
    }
    let Some(Object(request)) = review.request.filter(|Object(request)| !request.uid.is_empty()) else {
        return Err("this AdmissionReview has no request with a uid".into());
    };
    let Request { uid, operation, kind, namespace, name, dry_run } = request;
    let subject = Subject {
        uid,
        operation: operation.unwrap_or_default(),
        kind: kind.and_then(|Object(kind)| kind.kind).unwrap_or_default(),
        namespace: namespace.unwrap_or_default(),
        name: name.unwrap_or_default(),
        dry_run: dry_run.unwrap_or_default(),
    };
    Ok((version, subject))
}

/// The answer for what could not be judged. Where there is too much to do, a client of the API server that
/// heeds `retryAfterSeconds` (client-go does) tries again by itself.
fn unjudged(policy: Policy, version: &str, uid: &str, failure: &Failure) -> Value {
    let mut response = json!({
        "uid": uid, "allowed": policy.allows_unjudged(), "auditAnnotations": {"not-judged": failure.kind},
    });
    if policy.allows_unjudged() {
        response["warnings"] = json!([warning(not_judged(failure))]);
    } else {
        response["status"] = match failure.kind {
            "busy" => json!({"code": 429, "reason": "TooManyRequests", "details": {"retryAfterSeconds": 1}}),
            _ => json!({"code": 500, "reason": "InternalError"}),
        };
        response["status"]["message"] = not_judged(failure).into();
    }
    json!({"apiVersion": version, "kind": "AdmissionReview", "response": response})
}

/// For what cannot be answered in the form it has: the API server shows the message of a Status.
pub(super) fn status(status: StatusCode, failure: &Failure) -> String {
    let reason = match status {
        StatusCode::PAYLOAD_TOO_LARGE => "RequestEntityTooLarge",
        StatusCode::REQUEST_TIMEOUT => "Timeout",
        StatusCode::FORBIDDEN => "Forbidden",
        StatusCode::SERVICE_UNAVAILABLE => "ServiceUnavailable",
        _ => "BadRequest",
    };
    json!({
        "apiVersion": "v1", "kind": "Status", "metadata": {}, "status": "Failure",
        "code": status.as_u16(), "reason": reason, "message": not_judged(failure),
    })
    .to_string()
}

/// An answer that lets everything in, and warns of what it would refuse.
fn only_warning(answer: &str) -> String {
    let mut answer: Value = serde_json::from_str(answer).unwrap_or_default();
    let Some(response) = answer["response"].as_object_mut() else { return answer.to_string() };
    response.insert("allowed".into(), true.into());
    response.remove("patch");
    response.remove("patchType");
    if let Some(status) = response.remove("status") {
        let mut warnings = would_be_refused(status["message"].as_str().unwrap_or_default());
        let others = response.remove("warnings");
        let others = others.iter().filter_map(Value::as_array).flatten();
        warnings.extend(others.filter_map(|warning| Some(warning.as_str()?.to_owned())));
        response.insert("warnings".into(), review::capped(warnings).into());
        response.entry("auditAnnotations").or_insert_with(|| json!({}))["would-be"] = "refused".into();
    }
    answer.to_string()
}

/// What a refusal says, as warnings: a finding is a line with rule and place, and the one below it that says
/// what is wrong.
fn would_be_refused(message: &str) -> Vec<String> {
    let mut lines = message.lines().peekable();
    let mut warnings = Vec::new();
    while let Some(line) = lines.next() {
        let what = lines.next_if(|next| next.starts_with(' ')).unwrap_or_default().trim_start();
        while lines.next_if(|next| next.starts_with(' ')).is_some() {}
        let text = match line.split_once(' ').zip(line.rsplit_once(" at ")) {
            Some(((rule, _), (_, place))) if !what.is_empty() => format!("{rule} {place}: {what}"),
            _ => line.to_owned(),
        };
        warnings.push(warning(format!("would be refused: {text}")));
    }
    warnings
}

/// A text as short as warnings are.
fn warning(text: String) -> String {
    let mut text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.len() > WARNING_BYTES {
        let mut end = WARNING_BYTES - "...".len();
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push_str("...");
    }
    text
}
