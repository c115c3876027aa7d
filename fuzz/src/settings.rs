//! Settings: right ones count, wrong ones are told and change nothing.

use std::sync::LazyLock;

use arbitrary::Unstructured;
use serde_json::{Value, json};
use transom::{Mistake, Transom};

use crate::edits::edit;
use crate::examples::{EXAMPLES, VOCABULARY};
use crate::{hold, places};

/// The bytes as settings, and the settings that they choose.
pub fn settings(bytes: &[u8]) {
    hold(given(bytes), &String::from_utf8_lossy(bytes));
    if let Ok(chosen) = choose(&mut Unstructured::new(bytes)) {
        let text = chosen.to_string();
        hold(given(text.as_bytes()), &text);
    }
}

fn choose(choices: &mut Unstructured<'_>) -> arbitrary::Result<Value> {
    let none = [json!({})];
    let known = VOCABULARY.values.get("settings").map_or(&none[..], Vec::as_slice);
    // In an envelope, so that the edits find what belongs into settings.
    let mut envelope = json!({"settings": choices.choose(known)?});
    for _ in 0..6 {
        if choices.is_empty() {
            break;
        }
        edit(&mut envelope, choices)?;
    }
    Ok(envelope.get_mut("settings").map(Value::take).unwrap_or_default())
}

/// An object that many rules have something to say about, so that a change of settings shows.
static OBJECT: LazyLock<Value> = LazyLock::new(|| {
    let pods = EXAMPLES.iter().map(|example| &example.envelope["request"]).filter(|object| object["kind"] == "Pod");
    json!({"apiVersion": "v1", "kind": "List", "items": pods.step_by(100).collect::<Vec<_>>()})
});

fn given(bytes: &[u8]) -> Result<(), String> {
    let judge = |transom: &Transom| transom.evaluate(OBJECT.to_string().as_bytes());
    let mut transom = Transom::new();
    transom.configure(br#"{"platform": "aks", "mutate": "safe"}"#).map_err(|mistakes| format!("{mistakes:?}"))?;
    let before = (transom.settings().clone(), judge(&transom));
    let answer = transom.configure(bytes);
    let after = (transom.settings().clone(), judge(&transom));
    match answer {
        Err(mistakes) => {
            if mistakes.is_empty() {
                return Err("refused without a reason".into());
            }
            if before != after {
                return Err("wrong settings changed something".into());
            }
            let document = serde_json::from_slice(bytes).unwrap_or_default();
            mistakes.iter().try_for_each(|mistake| points_into(&document, mistake))
        }
        Ok(()) => {
            transom.configure(bytes).map_err(|mistakes| format!("taken once, refused twice: {mistakes:?}"))?;
            if after != (transom.settings().clone(), judge(&transom)) {
                return Err("taken twice, they mean something else".into());
            }
            same_with_the_request(bytes, &after.1)
        }
    }
}

/// The path of a mistake is that of a value, or of a field that is missing in one.
fn points_into(document: &Value, mistake: &Mistake) -> Result<(), String> {
    let around = places::split(&mistake.path).map_or("", |(parent, _)| parent);
    let is_there = document.pointer(&mistake.path).or_else(|| document.pointer(around)).is_some();
    if is_there && !mistake.message.is_empty() { Ok(()) } else { Err(format!("a mistake nowhere: {mistake:?}")) }
}

/// Settings that come with a request mean what they mean to the host.
fn same_with_the_request(bytes: &[u8], configured: &str) -> Result<(), String> {
    // What is no JSON to serde_json (lone surrogates, numbers beyond f64) cannot be put into another text.
    let Ok(settings) = serde_json::from_slice::<Value>(bytes) else { return Ok(()) };
    let input = json!({"request": *OBJECT, "settings": settings});
    match host_test::difference(configured, &transom::evaluate(input.to_string().as_bytes())) {
        // `null` is no settings in a request, and the settings of nobody for a host: both are none.
        Some(difference) => Err(format!("with the request they mean something else: {difference}")),
        None => Ok(()),
    }
}
