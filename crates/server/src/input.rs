//! What the engine is asked: what a client sent, with the date, which the core cannot know.
//!
//! The parts are put together as text and not taken apart: an object of 3 MB is copied once and parsed
//! by nobody but the core. So every part has been read as *one* JSON value beforehand, or a body such
//! as `{}, "settings": {}` would be more than the request it claims to be.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::Offset;
use serde::Deserialize;
use serde_json::value::RawValue;

/// The parts of an envelope: see the README's "Embedding the module".
#[derive(Debug, Default, Deserialize)]
pub struct Envelope<'a> {
    #[serde(borrow)]
    settings: Option<&'a RawValue>,
    #[serde(borrow)]
    context: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    comments: Option<&'a RawValue>,
    #[serde(borrow)]
    now: Option<&'a RawValue>,
}

/// What Kyverno's policies send.
#[derive(Debug, Deserialize)]
pub struct Call<'a> {
    #[serde(borrow, default)]
    object: Option<&'a RawValue>,
    #[serde(borrow, default)]
    request: Option<&'a RawValue>,
    #[serde(borrow, default)]
    settings: Option<&'a RawValue>,
}

/// The input for one request or object, which must be one JSON value, with elements of a JSON array that
/// are near it in the cluster.
pub fn around(value: &str, near: &str) -> String {
    Envelope::default().with(value, near)
}

/// The input for anything that the core reads: an envelope keeps what it has, also before the cluster.
///
/// # Errors
///
/// Where it is no JSON value, or its parts are none of an envelope.
pub fn of_any(text: &str, near: &dyn Fn(&str) -> String) -> Result<String, serde_json::Error> {
    #[derive(Deserialize)]
    struct Form<'a> {
        #[serde(borrow)]
        kind: Option<&'a RawValue>,
        #[serde(borrow)]
        request: Option<&'a RawValue>,
    }
    serde_json::from_str::<&RawValue>(text)?;
    match serde_json::from_str::<Form<'_>>(text) {
        Ok(Form { kind: None, request: Some(request) }) => {
            Ok(serde_json::from_str::<Envelope<'_>>(text)?.with(request.get(), &near(request.get())))
        }
        _ => Ok(around(text, &near(text))),
    }
}

impl<'a> Envelope<'a> {
    fn with(&self, request: &str, near: &str) -> String {
        let mut input = String::with_capacity(request.len() + near.len() + 256);
        input.push_str(r#"{"now":"#);
        match self.now {
            Some(now) => input.push_str(now.get()),
            None => input.push_str(&format!(r#""{}""#, today())),
        }
        for (name, part) in [("settings", self.settings), ("comments", self.comments)] {
            if let Some(part) = part {
                input.push_str(&format!(r#","{name}":"#));
                input.push_str(part.get());
            }
        }
        // Of two objects with one name the later one counts.
        let own = self.context.iter().flatten().map(|object| object.get());
        let context: Vec<&str> = [near].into_iter().filter(|near| !near.is_empty()).chain(own).collect();
        if !context.is_empty() {
            input.push_str(r#","context":["#);
            input.push_str(&context.join(","));
            input.push(']');
        }
        input.push_str(r#","request":"#);
        input.push_str(request);
        input.push('}');
        input
    }
}

impl<'a> Call<'a> {
    /// The input for this call.
    ///
    /// # Errors
    ///
    /// Where there is nothing to judge, or the request is no object.
    pub fn input(&self, near: &dyn Fn(&str) -> String) -> Result<String, String> {
        let present = |part: Option<&'a RawValue>| part.filter(|part| part.get() != "null");
        let envelope = Envelope { settings: present(self.settings), ..Envelope::default() };
        match (present(self.request), present(self.object)) {
            (None, None) => Err("there is nothing to judge: pass `object`, or `request` with one in it".into()),
            (None, Some(object)) => Ok(envelope.with(object.get(), &near(object.get()))),
            (Some(request), None) => Ok(envelope.with(request.get(), &near(request.get()))),
            (Some(request), Some(object)) => {
                // What earlier rules of the policy have changed stands in `object` alone.
                let mut fields: BTreeMap<String, &RawValue> =
                    serde_json::from_str(request.get()).map_err(|error| format!("`request`: {error}"))?;
                fields.insert("object".into(), object);
                let request = serde_json::to_string(&fields).map_err(|error| error.to_string())?;
                Ok(envelope.with(&request, &near(&request)))
            }
        }
    }
}

/// Today's date (UTC) as `YYYY-MM-DD`.
fn today() -> String {
    Offset::UTC.to_datetime(Timestamp::now()).date().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn of_any(text: &str) -> Result<String, serde_json::Error> {
        super::of_any(text, &|_| String::new())
    }

    fn value(text: &str) -> Value {
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    #[test]
    fn an_envelope_keeps_what_it_has() {
        let own = r#"{"now":"2020-01-01","context":[{"kind":"Node"},1],"settings":{"platform":"aks"},"request":{"kind":"Pod"},"comments":[]}"#;
        assert_eq!(value(&of_any(own).expect("an input")), value(own));
        let both = super::of_any(own, &|_| r#"{"kind":"Namespace"}"#.into()).expect("an input");
        assert_eq!(value(&both)["context"], json!([{"kind": "Namespace"}, {"kind": "Node"}, 1]));
        let wrapped = value(&of_any(r#" {"kind": "AdmissionReview", "request": {"uid": "1"}}"#).expect("an input"));
        assert_eq!(wrapped["request"], json!({"kind": "AdmissionReview", "request": {"uid": "1"}}));
        assert_eq!(wrapped["now"].as_str().map(str::len), Some(10));
        for scalar in ["1", "[]", "null", "\"text\"", "{}"] {
            assert_eq!(value(&of_any(scalar).expect("an input"))["request"], value(scalar));
        }
    }

    #[test]
    fn nothing_gets_out_of_its_place() {
        for body in [r#"{},"settings":{"rules":{}}"#, r#"{"kind":"Pod"}}"#, "", "{"] {
            assert!(of_any(body).is_err(), "{body}");
        }
    }

    #[test]
    fn the_object_of_a_call_counts_more_than_that_of_its_request() {
        let input = |text: &str| serde_json::from_str::<Call<'_>>(text).expect("a call").input(&|_| String::new());
        let both = input(r#"{"object":{"a":1},"request":{"uid":"1","object":{"a":2}},"settings":{"mutate":"off"}}"#);
        let both = value(&both.expect("an input"));
        assert_eq!(both["request"], json!({"uid": "1", "object": {"a": 1}}));
        assert_eq!(both["settings"], json!({"mutate": "off"}));
        let deleted = input(r#"{"object":null,"request":{"operation":"DELETE","object":null}}"#).expect("an input");
        assert_eq!(value(&deleted)["request"], json!({"operation": "DELETE", "object": null}));
        assert_eq!(value(&input(r#"{"object":{"a":1}}"#).expect("an input"))["request"], json!({"a": 1}));
        assert!(input("{}").is_err());
        assert!(input(r#"{"object":{},"request":[]}"#).is_err());
    }
}
