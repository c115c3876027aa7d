//! What the fixes owe: applied once, they leave nothing to fix and bring nothing new.

use std::collections::BTreeMap;

use serde_json::Value;

const UNUSED_SUPPRESSION: &str = "WIN003 ";

/// Applies the merged safe patch to the object in `input` and evaluates again.
///
/// Returns the input after the patch. Where there is nothing to fix that is the input itself.
///
/// # Errors
///
/// What does not hold: the patch does not apply; a safe fix is left; a finding
/// is new (but that a suppression has become useless); or the third evaluation differs from the second.
pub fn converge(input: &Value, evaluate: impl Fn(&Value) -> String) -> Result<Value, String> {
    let decide = |input: &Value| -> Result<Value, String> {
        serde_json::from_str(&evaluate(input)).map_err(|error| format!("no Decision: {error}"))
    };
    let before = decide(input)?;
    let patch: json_patch::Patch = serde_json::from_value(before["patch"].clone())
        .map_err(|error| format!("`patch` is no JSON Patch: {error}"))?;
    let mut fixed = input.clone();
    // Of a deletion, say, there may be no object.
    if !patch.0.is_empty() {
        let object = fixed.pointer_mut(&object_at(input)).ok_or("there is a patch and no object")?;
        json_patch::patch(object, &patch)
            .map_err(|error| format!("the patch does not apply: {error}\n{}", before["patch"]))?;
    }

    let after = decide(&fixed)?;
    let told = || format!("\npatch: {}\nafter it: {}", before["patch"], after["findings"]);
    if let Some(left) = list(&after, "findings").find(|f| f["fix"]["safety"] == "safe") {
        return Err(format!("{} {} still has a safe fix{}", left["rule"], left["path"], told()));
    }
    if list(&after, "patch").next().is_some() {
        return Err(format!("there is a patch without a safe fix: {}", after["patch"]));
    }
    let mut known = count(&before);
    for (finding, times) in count(&after) {
        // What a fix mended was suppressed, and is no more: that the suppression can go is news to tell.
        if finding.starts_with(UNUSED_SUPPRESSION) {
            continue;
        }
        if known.remove(&finding).unwrap_or(0) < times {
            return Err(format!("{finding} is new{}", told()));
        }
    }
    if decide(&fixed)? != after {
        return Err("evaluating once more gives something else".into());
    }
    Ok(fixed)
}

/// Findings by rule and path. Removing an item moves those behind it, so indices do not count.
fn count(decision: &Value) -> BTreeMap<String, usize> {
    let mut count = BTreeMap::new();
    for finding in list(decision, "findings") {
        let path = finding["path"].as_str().unwrap_or_default();
        let places: Vec<&str> =
            path.split('/').map(|part| if part.parse::<u32>().is_ok() { "*" } else { part }).collect();
        let rule = finding["rule"].as_str().unwrap_or_default();
        *count.entry(format!("{rule} {}", places.join("/"))).or_default() += 1;
    }
    count
}

fn list<'a>(decision: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    decision[name].as_array().into_iter().flatten()
}

/// The JSON Pointer of the object in an input of any of the forms that `evaluate` takes.
#[must_use]
pub fn object_at(input: &Value) -> String {
    let is_object = input["kind"].as_str().is_some_and(|kind| kind != "AdmissionReview");
    let request = &input["request"];
    if request.is_object() && !is_object {
        // In a review there is a request, whatever the kind of that looks like.
        let is_named = input["kind"] == "AdmissionReview" && request["kind"].is_string();
        let is_request = is_named && (request["uid"].is_string() || request["object"].is_object());
        return if is_request { "/request/object".into() } else { format!("/request{}", object_at(request)) };
    }
    let is_request = ["uid", "operation", "object"].iter().any(|key| input.get(key).is_some());
    if is_request && !input["kind"].is_string() {
        return "/object".into();
    }
    String::new()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_object_is_found_in_every_form() {
        let pod = json!({"kind": "Pod"});
        let request = json!({"uid": "1", "kind": {"kind": "Pod"}, "object": pod});
        let review = json!({"kind": "AdmissionReview", "request": request});
        let envelope = json!({"settings": {}, "request": review});
        let named = json!({"kind": "AdmissionReview", "request": {"uid": "1", "kind": "Pod", "object": pod}});
        for input in [pod, request, review, envelope, named] {
            assert_eq!(input.pointer(&object_at(&input)), Some(&json!({"kind": "Pod"})));
        }
    }

    /// A judge that wants `a` gone and, when told to misbehave, does so.
    fn judge(input: &Value, once_gone: &Value) -> String {
        let decision = if input.get("a").is_some() {
            json!({
                "findings": [{"rule": "R", "path": "/a", "fix": {"safety": "safe"}}],
                "patch": [{"op": "remove", "path": "/a"}],
            })
        } else {
            once_gone.clone()
        };
        decision.to_string()
    }

    #[test]
    fn what_does_not_converge_is_told() {
        let run = |after: Value| converge(&json!({"a": 1, "b": 2}), |input| judge(input, &after));
        assert_eq!(run(json!({"findings": [], "patch": []})), Ok(json!({"b": 2})));
        for (after, text) in [
            (json!({"findings": [{"rule": "R", "path": "/a", "fix": {"safety": "safe"}}], "patch": []}), "safe fix"),
            (json!({"findings": [{"rule": "S", "path": "/b"}], "patch": []}), "S /b is new"),
            (json!({"findings": [], "patch": [{"op": "remove", "path": "/b"}]}), "without a safe fix"),
        ] {
            let error = run(after).expect_err("must be told");
            assert!(error.contains(text), "{error}");
        }
        assert_eq!(run(json!({"findings": [{"rule": "R", "path": "/a"}], "patch": []})), Ok(json!({"b": 2})));
    }
}
