//! Findings as they would be if the pod stood alone.

use serde_json::Value;

/// The findings of a Decision, with `prefix` taken off their pointers and those of their fixes.
#[must_use]
pub fn relative(decision: &Value, prefix: &str) -> Vec<Value> {
    let cut = |path: &mut Value| {
        let text = path.as_str().unwrap_or_default();
        *path = text.strip_prefix(prefix).unwrap_or(text).to_owned().into();
    };
    let mut all = decision["findings"].as_array().cloned().unwrap_or_default();
    for finding in &mut all {
        cut(&mut finding["path"]);
        let patch = finding.pointer_mut("/fix/patch").and_then(Value::as_array_mut);
        for operation in patch.into_iter().flatten() {
            cut(&mut operation["path"]);
        }
    }
    all
}
