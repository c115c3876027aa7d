//! Inputs for `evaluate` and `review`, chosen by bytes.
//!
//! The first bytes say where to start, how to wrap it and what to put around it, so that the short
//! texts that `seeds` writes are all examples in all wrappings; all others are edits.

use arbitrary::{Result, Unstructured};
use serde_json::{Value, json};

use crate::edits::edit;
use crate::examples::{EXAMPLES, VOCABULARY};

/// Wrappings of a request; see `wrap`.
pub(crate) const WRAPPINGS: u8 = 12;

/// More edits than that make nonsense of most objects.
const EDITS: usize = 12;

/// An input for `evaluate` as these bytes choose it.
pub(crate) fn choose(choices: &mut Unstructured<'_>) -> Result<Value> {
    let example = choices.int_in_range(0..=u16::MAX)? as usize % EXAMPLES.len();
    let mut envelope = EXAMPLES[example].envelope.clone();
    let wrapping = choices.arbitrary::<u8>()? % WRAPPINGS;
    surround(&mut envelope, choices)?;
    let before = envelope["request"].clone();
    for _ in 0..EDITS {
        if choices.is_empty() {
            break;
        }
        edit(&mut envelope, choices)?;
    }
    Ok(wrap(envelope, before, wrapping))
}

/// Puts other settings and other objects around the example's own.
fn surround(envelope: &mut Value, choices: &mut Unstructured<'_>) -> Result<()> {
    let what = choices.arbitrary::<u8>()?;
    if what & 1 != 0
        && let Some(settings) = VOCABULARY.values.get("settings")
    {
        envelope["settings"] = choices.choose(settings)?.clone();
    }
    if what & 2 != 0 {
        let other = &choices.choose(&EXAMPLES)?.envelope;
        let mut context = envelope["context"].as_array().cloned().unwrap_or_default();
        context.push(other["request"].clone());
        context.extend(other["context"].as_array().into_iter().flatten().cloned());
        envelope["context"] = context.into();
    }
    Ok(())
}

/// The object of an envelope in one of the forms that `evaluate` takes. An example that is a request
/// already stays one; `before` is what its object was before the edits.
fn wrap(mut envelope: Value, before: Value, wrapping: u8) -> Value {
    // The edits may have left anything.
    let Some(object) = envelope.get("request").cloned() else { return envelope };
    if object.get("request").is_some() || object.get("object").is_some() {
        return envelope;
    }
    let request = |operation: &str, sub_resource: &str, old: Option<&Value>| {
        let mut request = json!({
            "uid": "1b0c", "operation": operation, "kind": {"group": "", "version": "v1", "kind": object["kind"]},
            "namespace": object["metadata"]["namespace"], "name": object["metadata"]["name"], "object": object,
        });
        if !sub_resource.is_empty() {
            request["subResource"] = sub_resource.into();
        }
        if let Some(old) = old {
            request["oldObject"] = old.clone();
        }
        request
    };
    let review =
        |version: &str, request: Value| json!({"apiVersion": version, "kind": "AdmissionReview", "request": request});
    envelope["request"] = match wrapping {
        0 => return envelope,
        1 => return object,
        2 => json!({"apiVersion": "v1", "kind": "List", "items": [object, before]}),
        3 => request("CREATE", "", None),
        4 => request("UPDATE", "", Some(&before)),
        5 => request("UPDATE", "", Some(&object)),
        6 => request("UPDATE", "ephemeralcontainers", Some(&before)),
        7 => request("UPDATE", "resize", Some(&before)),
        8 => review("admission.k8s.io/v1", request("CREATE", "", None)),
        9 => review("admission.k8s.io/v1beta1", request("UPDATE", "", Some(&before))),
        10 => json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": object["metadata"],
            "spec": {"replicas": 2, "template": {"metadata": object["metadata"], "spec": object["spec"]}},
        }),
        _ => request("DELETE", "", Some(&object)),
    };
    envelope
}
