//! Gatekeeper's External Data, `externaldata.gatekeeper.sh`: each key is the JSON of an object or of a
//! request, as it is or in base64, each value a Decision with its message.
//!
//! Gatekeeper reads the body whatever the status is, and a template sees what is in it: an `error` of a
//! key, or the `systemError` of them all.

use std::sync::Arc;

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use super::{Answer, Endpoint, Outcome, Policy, Subject, decision, not_judged};
use crate::app::App;
use crate::engine::{Failure, Judge};
use crate::input::{Added, Object};

const VERSION: &str = "externaldata.gatekeeper.sh/v1beta1";
/// The versions of a request, which have the same fields.
const VERSIONS: [&str; 2] = [VERSION, "externaldata.gatekeeper.sh/v1alpha1"];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProviderRequest {
    api_version: String,
    kind: String,
    request: Object<Request>,
}

#[derive(Deserialize)]
struct Request {
    keys: Vec<String>,
}

/// What all keys together came to.
struct Items {
    /// Elements of a JSON array.
    text: String,
    allowed: bool,
    rules: Vec<String>,
    failure: Option<Failure>,
    /// Of the only key, where there is one.
    subject: Subject,
}

pub(super) async fn answer(app: &App, body: String) -> Answer {
    let policy = app.policy();
    let request = match read(&body) {
        Ok(request) => request,
        Err(text) => {
            return Endpoint::Gatekeeper.refuse(policy, StatusCode::BAD_REQUEST, Failure::invalid(text));
        }
    };
    let size = body.len();
    drop(body);
    let ProviderRequest { api_version, request: Object(Request { keys }), .. } = request;
    // Many short ones take long, too.
    let size = if keys.len() > 1 { usize::MAX } else { size };
    let keys: Arc<[String]> = keys.into();
    let asked = Arc::clone(&keys);
    let added = app.added();
    match app.judge(size, move |with| judge(with, &asked, &added, policy)).await {
        Ok(items) => {
            let body = response(&api_version, &items.text, "");
            let judged = Outcome::of(items.allowed, policy);
            let outcome = items.failure.as_ref().map_or(judged, Outcome::of_failure);
            let Items { rules, failure, subject, .. } = items;
            Answer { status: StatusCode::OK, body, outcome, subject, rules, failure }
        }
        Err(failure) => {
            let body = if policy.allows_unjudged() {
                let items: Vec<String> = keys.iter().map(|key| unjudged(key, policy, &failure)).collect();
                response(&api_version, &items.join(","), "")
            } else {
                response(&api_version, "", &not_judged(&failure))
            };
            Answer { body, ..Answer::of_failure(Subject::default(), failure) }
        }
    }
}

fn read(body: &str) -> Result<ProviderRequest, String> {
    let Object(request): Object<ProviderRequest> =
        serde_json::from_str(body).map_err(|error| format!("this is no ProviderRequest: {error}"))?;
    if request.kind != "ProviderRequest" || !VERSIONS.contains(&&*request.api_version) {
        return Err(format!("this is no ProviderRequest of {VERSION}"));
    }
    Ok(request)
}

fn judge(with: &Judge<'_>, keys: &[String], added: &Added, policy: Policy) -> Items {
    let mut items =
        Items { text: String::new(), allowed: true, rules: Vec::new(), failure: None, subject: Subject::default() };
    for key in keys {
        let item = match of_key(key, added).and_then(|input| decision::judge(with, &input, policy)) {
            Ok(judged) => {
                items.allowed &= judged.allowed;
                let new = judged.rules.into_iter().filter(|rule| !items.rules.contains(rule)).collect::<Vec<_>>();
                items.rules.extend(new);
                items.subject = judged.subject;
                format!(r#"{{"key":{},"value":{}}}"#, Value::from(key.as_str()), judged.text)
            }
            Err(failure) => {
                let item = unjudged(key, policy, &failure);
                items.failure = Some(failure);
                item
            }
        };
        if !items.text.is_empty() {
            items.text.push(',');
        }
        items.text.push_str(&item);
    }
    if keys.len() != 1 {
        items.subject = Subject::default();
    }
    items
}

/// The item for a key that could not be judged. One that is no object is nothing to be let in.
fn unjudged(key: &str, policy: Policy, failure: &Failure) -> String {
    if policy.allows_unjudged() && failure.kind != "invalid" {
        json!({"key": key, "value": decision::unjudged(policy, failure)}).to_string()
    } else {
        json!({"key": key, "value": null, "error": not_judged(failure)}).to_string()
    }
}

/// The input for a key.
fn of_key(key: &str, added: &Added) -> Result<String, Failure> {
    let none = |error| Failure::invalid(format!("the key is not the JSON of an object: {error}"));
    let decoded = BASE64.decode(key).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let text = decoded.as_deref().unwrap_or(key);
    let Object(IgnoredAny) = serde_json::from_str(text).map_err(none)?;
    added.around_any(text).map_err(none)
}

/// The answer where no key could be judged.
pub(super) fn error(failure: &Failure) -> String {
    response(VERSION, "", &not_judged(failure))
}

fn response(version: &str, items: &str, error: &str) -> String {
    let (version, error) = (Value::from(version), Value::from(error));
    format!(
        r#"{{"apiVersion":{version},"kind":"ProviderResponse","response":{{"idempotent":true,"items":[{items}],"systemError":{error}}}}}"#
    )
}
