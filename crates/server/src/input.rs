//! What the engine is asked: what a client sent, with the date, which the core cannot know.
//!
//! The parts are put together as text and not taken apart: an object of 3 MB is copied once and parsed
//! by nobody but the core. So every part has been read as *one* JSON value beforehand, or a body such
//! as `{}, "settings": {}` would be more than the request it claims to be.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::Offset;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::settings::{exempting, leaves_fixes};

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

/// An object of JSON. What reads a struct takes an array of its fields for one, too.
#[derive(Debug)]
pub struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
            type Value = Object<T>;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }
        deserializer.deserialize_map(Fields(PhantomData))
    }
}

/// What the server adds to what a client sent.
pub struct Added {
    /// What is near an object in its cluster: elements of a JSON array.
    pub near: Box<dyn Fn(&str) -> String + Send + Sync>,
    /// The namespaces in which nothing is judged, by whatever settings.
    pub exempt: Arc<[String]>,
}

/// The input for one request or object, which must be one JSON value, with elements of a JSON array that
/// are near it in the cluster.
pub fn around(value: &str, near: &str) -> String {
    Envelope::default().with(value, near)
}

impl Added {
    /// The input for one request or object, which must be one JSON value.
    pub fn around(&self, value: &str) -> String {
        self.exempting(around(value, &(self.near)(value)))
    }

    /// The input for anything that the core reads: an envelope keeps what it has, also before the cluster.
    ///
    /// # Errors
    ///
    /// Where it is no JSON value, or its parts are none of an envelope.
    pub fn around_any(&self, text: &str) -> Result<String, serde_json::Error> {
        #[derive(Deserialize)]
        struct Form<'a> {
            #[serde(borrow)]
            kind: Option<&'a RawValue>,
            #[serde(borrow)]
            request: Option<&'a RawValue>,
        }
        serde_json::from_str::<&RawValue>(text)?;
        match serde_json::from_str(text) {
            Ok(Object(Form { kind: None, request: Some(request) })) => {
                let Object(envelope) = serde_json::from_str::<Object<Envelope<'_>>>(text)?;
                Ok(self.envelope(&envelope, request.get()))
            }
            _ => Ok(self.around(text)),
        }
    }

    fn envelope(&self, envelope: &Envelope<'_>, request: &str) -> String {
        self.exempting(envelope.with(request, &(self.near)(request)))
    }

    /// An input in which settings, wherever the core takes any from, exempt no fewer namespaces.
    fn exempting(&self, input: String) -> String {
        let may_have_settings = || input.contains(r#"settings""#) || input.contains(r"\u");
        if self.exempt.is_empty() || !may_have_settings() {
            return input;
        }
        let Ok(mut value) = serde_json::from_str::<Value>(&input) else { return input };
        let mut around = Some(&mut value);
        while let Some(envelope) = around {
            // An object's own field of this name is none of ours.
            if envelope["kind"].as_str().is_some_and(|kind| kind != "AdmissionReview") {
                break;
            }
            if let Some(settings) = envelope.get_mut("settings") {
                exempting(settings, &self.exempt);
            }
            around = envelope.get_mut("request").filter(|request| request.is_object());
        }
        value.to_string()
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
    /// Whether settings of its own leave fixes; `None` where it has none.
    pub fn leaves_fixes(&self) -> Option<bool> {
        let settings: Value = serde_json::from_str(self.settings?.get()).ok()?;
        settings.is_object().then(|| leaves_fixes(&settings))
    }

    /// The input for this call.
    ///
    /// # Errors
    ///
    /// Where there is nothing to judge, or the request is no object.
    pub fn input(&self, added: &Added) -> Result<String, String> {
        let present = |part: Option<&'a RawValue>| part.filter(|part| part.get() != "null");
        let envelope = Envelope { settings: present(self.settings), ..Envelope::default() };
        match (present(self.request), present(self.object)) {
            (None, None) => Err("there is nothing to judge: pass `object`, or `request` with one in it".into()),
            (None, Some(object)) => Ok(added.envelope(&envelope, object.get())),
            (Some(request), None) => Ok(added.envelope(&envelope, request.get())),
            (Some(request), Some(object)) => {
                // What earlier rules of the policy have changed stands in `object` alone.
                let mut fields: BTreeMap<String, &RawValue> =
                    serde_json::from_str(request.get()).map_err(|error| format!("`request`: {error}"))?;
                fields.insert("object".into(), object);
                let request = serde_json::to_string(&fields).map_err(|error| error.to_string())?;
                Ok(added.envelope(&envelope, &request))
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
    use serde_json::json;

    fn added(near: &'static str, exempt: &[&str]) -> Added {
        Added { near: Box::new(|_| near.to_owned()), exempt: exempt.iter().map(|name| (*name).to_owned()).collect() }
    }

    fn of_any(text: &str) -> Result<String, serde_json::Error> {
        added("", &[]).around_any(text)
    }

    fn value(text: &str) -> Value {
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    #[test]
    fn an_envelope_keeps_what_it_has() {
        let own = r#"{"now":"2020-01-01","context":[{"kind":"Node"},1],"settings":{"platform":"aks"},"request":{"kind":"Pod"},"comments":[]}"#;
        assert_eq!(value(&of_any(own).expect("an input")), value(own));
        let both = added(r#"{"kind":"Namespace"}"#, &[]).around_any(own).expect("an input");
        assert_eq!(value(&both)["context"], json!([{"kind": "Namespace"}, {"kind": "Node"}, 1]));
        let wrapped = value(&of_any(r#" {"kind": "AdmissionReview", "request": {"uid": "1"}}"#).expect("an input"));
        assert_eq!(wrapped["request"], json!({"kind": "AdmissionReview", "request": {"uid": "1"}}));
        assert_eq!(wrapped["now"].as_str().map(str::len), Some(10));
        for scalar in ["1", "[]", "null", "\"text\"", "{}"] {
            assert_eq!(value(&of_any(scalar).expect("an input"))["request"], value(scalar));
        }
    }

    #[test]
    fn settings_of_a_request_exempt_no_less() {
        let added = added("", &["a"]);
        let of = |settings: &str| {
            let text = format!(r#"{{"settings":{settings},"request":{{"kind":"Pod"}}}}"#);
            value(&added.around_any(&text).expect("an input"))["settings"].clone()
        };
        assert_eq!(of("{}"), json!({"exempt": {"namespaces": ["a"]}}));
        assert_eq!(of(r#"{"exempt":{"namespaces":["b"]}}"#), json!({"exempt": {"namespaces": ["b", "a"]}}));
        assert_eq!((of("null"), of("1")), (Value::Null, json!(1)));
        let review = r#"{"kind":"AdmissionReview","settings":{},"request":{"uid":"1","\u0073ettings":{}}}"#;
        for input in [added.around(review), added.around_any(review).expect("an input")] {
            let review = &value(&input)["request"];
            for settings in [&review["settings"], &review["request"]["settings"]] {
                assert_eq!(*settings, json!({"exempt": {"namespaces": ["a"]}}), "{input}");
            }
        }
        let own = added.around(r#"{"kind":"Pod","settings":{}}"#);
        assert_eq!(value(&own)["request"]["settings"], json!({}));
    }

    #[test]
    fn an_array_is_no_envelope() {
        let array = r#"[null,{"kind":"Pod"}]"#;
        assert_eq!(value(&of_any(array).expect("an input"))["request"], value(array));
        assert!(serde_json::from_str::<Object<Call<'_>>>(r#"[{"kind":"Pod"}]"#).is_err());
    }

    #[test]
    fn nothing_gets_out_of_its_place() {
        for body in [r#"{},"settings":{"rules":{}}"#, r#"{"kind":"Pod"}}"#, "", "{"] {
            assert!(of_any(body).is_err(), "{body}");
        }
    }

    #[test]
    fn the_object_of_a_call_counts_more_than_that_of_its_request() {
        let input = |text: &str| serde_json::from_str::<Call<'_>>(text).expect("a call").input(&added("", &[]));
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
