//! The operations of a policy, and what they answer.

use serde::de::IgnoredAny;
use transom::look_up::LookUp;
use transom::review::FORBIDDEN;
use transom::{Transom, Verdict, json, standing};

use crate::patch;

/// The version of the protocol between policy and host.
const PROTOCOL: &str = r#""v1""#;

/// Asks Kubewarden for objects of the cluster: an operation of its namespace `kubernetes`, the request
/// as JSON. Nothing where the host refuses or fails.
pub type AskKubernetes<'f> = dyn Fn(&str, &str) -> Option<String> + 'f;

/// Answers one request with JSON. The error says why there is no answer.
pub fn answer(operation: &str, payload: &[u8], ask: &AskKubernetes<'_>) -> Result<String, String> {
    match operation {
        "protocol_version" => Ok(PROTOCOL.to_owned()),
        "validate" => validate(payload, ask).map_err(|reason| format!("validate: {reason}")),
        "validate_settings" => Ok(validate_settings(payload)),
        other => Err(format!("there is no operation `{other}`, only protocol_version, validate and validate_settings")),
    }
}

/// Answers `{"valid": …, "message": …}`; the message names every mistake with its path.
fn validate_settings(settings: &[u8]) -> String {
    let mistakes = Transom::new().configure(settings).err().unwrap_or_default();
    let mut answer = String::new();
    let mut out = json::Object::new(&mut answer);
    out.boolean("valid", mistakes.is_empty());
    if !mistakes.is_empty() {
        let mut message = String::new();
        for mistake in &mistakes {
            let (line, path) = (if message.is_empty() { "" } else { "\n" }, &mistake.path);
            let colon = if path.is_empty() { "" } else { ": " };
            message.extend([line, path, colon, &mistake.message]);
        }
        out.text("message", &message);
    }
    out.end();
    answer
}

/// Answers `{"request": …, "settings": …}` with a ValidationResponse.
fn validate(payload: &[u8], ask: &AskKubernetes<'_>) -> Result<String, String> {
    let text = std::str::from_utf8(payload).map_err(|error| error.to_string())?;
    // Kubewarden always sends settings; where they say nothing, those hold that the module was made with.
    let request =
        patch::find(text, "/settings").filter(|own| matches!(*own, "{}" | "null")).and(patch::find(text, "/request"));
    let without = request.map(|request| [r#"{"request":"#, request, "}"].concat());
    let text = without.as_deref().unwrap_or(text);
    // The payload is an envelope as the core reads it.
    let verdict = standing::with(|transom| transom.verdict(text.as_bytes(), &|wanted| look_up(wanted, ask)));
    let object_at = verdict.object_at.filter(|at| at.starts_with("/request"));
    if object_at.is_none() {
        serde_json::from_str::<IgnoredAny>(text).map_err(|error| format!("the payload is no JSON text: {error}"))?;
        patch::find(text, "/request").ok_or("the payload has no `request`")?;
    }
    let mended = match object_at {
        Some(at) if !verdict.patch.is_empty() => {
            let object = patch::find(text, at);
            let mended = object.and_then(|object| patch::apply(object, &verdict.patch));
            Some(mended.ok_or("the fixes of this object do not apply to it")?)
        }
        _ => None,
    };
    Ok(response(&verdict, mended.as_deref()))
}

/// The answer as Kubewarden has it; `mended` is the object to go on with, where that is another one.
fn response(verdict: &Verdict, mended: Option<&str>) -> String {
    let mut answer = String::new();
    let mut out = json::Object::new(&mut answer);
    out.boolean("accepted", verdict.allowed);
    if !verdict.allowed {
        out.text("message", &verdict.message);
        out.field("code").push_str(FORBIDDEN);
    }
    if let Some(mended) = mended {
        out.field("mutated_object").push_str(mended);
    }
    if !verdict.audit_annotations.is_empty() {
        let mut annotations = json::Object::new(out.field("audit_annotations"));
        for (name, value) in &verdict.audit_annotations {
            annotations.text(name, value);
        }
        annotations.end();
    }
    if !verdict.warnings.is_empty() {
        out.array("warnings", &verdict.warnings, |warning, out| json::text(out, warning));
    }
    out.end();
    answer
}

/// Asks for what the core wants to know.
fn look_up(wanted: LookUp<'_>, ask: &AskKubernetes<'_>) -> Option<String> {
    let (operation, name) = match wanted {
        LookUp::Namespace(name) | LookUp::RuntimeClass(name) => ("get_resource", Some(name)),
        LookUp::Nodes => ("list_resources_all", None),
    };
    let kind = wanted.kind();
    let mut request = String::new();
    let mut out = json::Object::new(&mut request);
    out.text("api_version", kind.api_version);
    out.text("kind", kind.kind);
    if let Some(name) = name {
        out.text("name", name);
        // Kubewarden keeps what it gets for five seconds, which is new enough.
        out.boolean("disable_cache", false);
    }
    if !kind.fields.is_empty() {
        out.array("field_masks", kind.fields, |field, out| json::text(out, field));
    }
    out.end();
    ask(operation, &request)
}
