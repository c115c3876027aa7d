//! The answer to an AdmissionReview.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value, json};

use crate::decision::Decision;
use crate::finding::{Action, Finding};
use crate::fix::Safety;
use crate::platform::Os;
use crate::rules::{self, Rule};

/// The API server asks for no more in one warning.
const WARNING_BYTES: usize = 120;

/// What a refusal names one by one; the rest is counted.
const NAMED_FINDINGS: usize = 10;

/// The AdmissionReview that answers the one a Decision was made for.
pub(crate) fn answer(decision: &Decision<'_>) -> String {
    let is_mended =
        |finding: &Finding| decision.mutate && finding.fix.as_ref().is_some_and(|fix| fix.safety == Safety::Safe);
    let denied: Vec<&Finding> =
        decision.findings.iter().filter(|f| f.action == Action::Deny && !is_mended(f)).collect();
    let mut response = Map::new();
    response.insert("uid".into(), decision.request.uid.as_deref().unwrap_or_default().into());
    response.insert("allowed".into(), denied.is_empty().into());
    if !denied.is_empty() {
        response.insert("status".into(), json!({"code": 403, "reason": "Forbidden", "message": refusal(&denied)}));
    }
    let warned = decision.findings.iter().filter(|f| f.action == Action::Warn && !is_mended(f));
    let warnings: Vec<Value> = warned.map(|finding| warning(finding).into()).collect();
    if !warnings.is_empty() {
        response.insert("warnings".into(), warnings.into());
    }
    let audit = audit_annotations(decision);
    if !audit.is_empty() {
        response.insert("auditAnnotations".into(), audit.into());
    }
    if decision.mutate && denied.is_empty() && !decision.patch.is_empty() {
        let patch = serde_json::to_string(&decision.patch).unwrap_or_default();
        response.insert("patchType".into(), "JSONPatch".into());
        response.insert("patch".into(), BASE64_STANDARD.encode(patch).into());
    }
    let api_version = decision.review.filter(|v| !v.is_empty()).unwrap_or("admission.k8s.io/v1");
    json!({"apiVersion": api_version, "kind": "AdmissionReview", "response": response}).to_string()
}

/// Two lines a finding, three at the most: rule and place, what is wrong, what to do.
fn refusal(denied: &[&Finding]) -> String {
    let mut lines = Vec::new();
    for finding in denied.iter().take(NAMED_FINDINGS) {
        lines.push(format!("{} {} at {}", finding.rule.id, finding.rule.name, place(finding)));
        lines.push(format!("  {}", one_line(&finding.message)));
        if !finding.help.is_empty() {
            lines.push(format!("  help: {}", one_line(&finding.help)));
        }
    }
    if denied.len() > NAMED_FINDINGS {
        lines.push(format!("and {} more", denied.len() - NAMED_FINDINGS));
    }
    lines.join("\n")
}

fn warning(finding: &Finding) -> String {
    let text = one_line(&format!("{} {}: {}", finding.rule.id, place(finding), finding.message));
    if text.len() <= WARNING_BYTES {
        return text;
    }
    let ellipsis = "...";
    let mut end = WARNING_BYTES - ellipsis.len();
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{ellipsis}", &text[..end])
}

fn place(finding: &Finding) -> &str {
    match finding.path.as_str() {
        "" => "/",
        path => path,
    }
}

/// Warnings travel in a header, and a message is quoted in another: no control characters in either.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn audit_annotations(decision: &Decision<'_>) -> Map<String, Value> {
    let mut annotations = Map::new();
    let found = |rule: &&Rule| decision.findings.iter().any(|f| f.rule.id == rule.id && f.action != Action::Info);
    let rules: Vec<&str> = rules::all().iter().copied().filter(found).map(|rule| rule.id).collect();
    if !rules.is_empty() {
        annotations.insert("findings".into(), rules.join(",").into());
    }
    if let [target] = &*decision.targets {
        annotations.insert("intent".into(), target.intent.map_or("unknown", Os::as_str).into());
    }
    if !decision.suppressed.is_empty() {
        annotations.insert("suppressed".into(), decision.suppressed.len().to_string().into());
    }
    annotations
}
