//! Answers that have the form that the contract says, whatever they say.

use serde_json::Value;

/// The Decision in an answer of `evaluate`.
///
/// # Errors
///
/// What is missing, or contradicts something else in it.
pub fn well_formed(answer: &str) -> Result<Value, String> {
    let decision: Value = serde_json::from_str(answer).map_err(|error| format!("no JSON ({error}): {answer}"))?;
    let need = |holds: bool, what: &str| if holds { Ok(()) } else { Err(format!("{what}: {decision}")) };
    need(decision["apiVersion"] == "transom.dev/v1" && decision["kind"] == "Decision", "this is no Decision")?;
    need(decision["suppressed"].is_array() && decision["module"].is_object(), "a field is missing")?;
    let findings = decision["findings"].as_array().ok_or_else(|| format!("no findings: {decision}"))?;
    let is_denied = findings.iter().any(|finding| finding["action"] == "deny");
    need(decision["allowed"] == !is_denied, "`allowed` is not what the findings say")?;
    is_patch(&decision["patch"])?;
    for finding in findings.iter().chain(decision["suppressed"].as_array().into_iter().flatten()) {
        for field in ["rule", "name", "severity", "action", "message", "stage"] {
            let is_said = finding[field].as_str().is_some_and(|text| !text.is_empty());
            need(is_said, &format!("`{field}` of {finding} is missing"))?;
        }
        need(is_pointer(&finding["path"]), &format!("`path` of {finding} is no JSON Pointer"))?;
        if let Some(fix) = finding.get("fix") {
            need(matches!(fix["safety"].as_str(), Some("safe" | "unsafe")), "a fix does not say how safe it is")?;
            need(fix["patch"] != Value::Array(Vec::new()), "a fix does nothing")?;
            is_patch(&fix["patch"])?;
        }
    }
    Ok(decision)
}

/// The AdmissionReview in an answer of `review`.
///
/// # Errors
///
/// What is missing, or contradicts something else in it.
pub fn well_formed_review(answer: &str) -> Result<Value, String> {
    let review: Value = serde_json::from_str(answer).map_err(|error| format!("no JSON ({error}): {answer}"))?;
    let response = &review["response"];
    let need = |holds: bool, what: &str| if holds { Ok(()) } else { Err(format!("{what}: {review}")) };
    need(review["apiVersion"].is_string() && review["kind"] == "AdmissionReview", "this is no AdmissionReview")?;
    need(response["uid"].is_string() && response["allowed"].is_boolean(), "the answer to the request is missing")?;
    need(response["status"].is_object() == (response["allowed"] == false), "a refusal has a status, and only that")?;
    need(response.get("patch").is_some() == (response["patchType"] == "JSONPatch"), "a patch has a type")?;
    let warnings = response["warnings"].as_array().into_iter().flatten().filter_map(Value::as_str);
    for warning in warnings {
        let fits = warning.len() <= 120 && !warning.contains(char::is_control);
        need(fits, &format!("{warning:?} cannot be sent as a header"))?;
    }
    Ok(review)
}

fn is_patch(patch: &Value) -> Result<(), String> {
    let operations = patch.as_array().ok_or_else(|| format!("no JSON Patch: {patch}"))?;
    let is_operation = |operation: &&Value| {
        let has_value = operation.get("value").is_some();
        let fits = match operation["op"].as_str() {
            Some("add" | "replace") => has_value,
            Some("remove") => !has_value,
            _ => false,
        };
        fits && is_pointer(&operation["path"])
    };
    match operations.iter().find(|operation| !is_operation(operation)) {
        Some(operation) => Err(format!("no operation of a JSON Patch: {operation}")),
        None => Ok(()),
    }
}

fn is_pointer(path: &Value) -> bool {
    let Some(path) = path.as_str() else { return false };
    let escapes = path.split('~').skip(1);
    (path.is_empty() || path.starts_with('/')) && escapes.into_iter().all(|rest| rest.starts_with(['0', '1']))
}
