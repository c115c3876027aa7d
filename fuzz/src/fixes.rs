//! What fixes owe, whatever the input.

use base64::Engine as _;
use host_test::{converge, object_at, well_formed, well_formed_review};
use serde_json::Value;
use transom::Transom;

/// Judges an input and tries everything that the Decision offers.
pub(crate) fn keep_their_word(input: &Value) -> Result<(), String> {
    let text = input.to_string();
    let answer = transom::evaluate(text.as_bytes());
    if answer != transom::evaluate(text.as_bytes()) {
        return Err("the same input gets another Decision".into());
    }
    let decision = well_formed(&answer)?;
    let review = well_formed_review(&Transom::new().review(text.as_bytes()))?;
    admission_patch_is(&decision, &review)?;
    each_applies(input, &decision)?;
    only_the_safe_are_merged(&decision)?;
    converge(input, |input| transom::evaluate(input.to_string().as_bytes()))?;
    Ok(())
}

/// Where the answer to the API server has a patch, it is the Decision's.
fn admission_patch_is(decision: &Value, review: &Value) -> Result<(), String> {
    let Some(encoded) = review["response"]["patch"].as_str() else { return Ok(()) };
    let bytes = base64::engine::general_purpose::STANDARD.decode(encoded).map_err(|error| error.to_string())?;
    let patch: Value = serde_json::from_slice(&bytes).map_err(|error| format!("the patch is no JSON: {error}"))?;
    if patch == decision["patch"] { Ok(()) } else { Err(format!("the review has another patch: {patch}")) }
}

/// Every fix can be taken by itself.
fn each_applies(input: &Value, decision: &Value) -> Result<(), String> {
    for finding in decision["findings"].as_array().into_iter().flatten() {
        let Some(fix) = finding.get("fix") else { continue };
        let patch: json_patch::Patch = serde_json::from_value(fix["patch"].clone())
            .map_err(|error| format!("the fix of {finding} is no JSON Patch: {error}"))?;
        let mut object = input.pointer(&object_at(input)).cloned().ok_or("there is a fix and no object")?;
        json_patch::patch(&mut object, &patch)
            .map_err(|error| format!("the fix of {finding} does not apply: {error}"))?;
    }
    Ok(())
}

/// Whatever the merged patch touches, a safe fix does.
fn only_the_safe_are_merged(decision: &Value) -> Result<(), String> {
    let findings = decision["findings"].as_array().into_iter().flatten();
    let safe = findings.map(|finding| &finding["fix"]).filter(|fix| fix["safety"] == "safe");
    let paths = |patch: &Value| -> Vec<String> {
        let operations = patch.as_array().into_iter().flatten();
        operations.filter_map(|operation| operation["path"].as_str().map(str::to_owned)).collect()
    };
    let touched: Vec<String> = safe.flat_map(|fix| paths(&fix["patch"])).collect();
    let is_in = |inner: &str, outer: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    for path in paths(&decision["patch"]) {
        if !touched.iter().any(|safe| is_in(&path, safe) || is_in(safe, &path)) {
            return Err(format!("`patch` changes {path}, and no safe fix does: {decision}"));
        }
    }
    Ok(())
}
