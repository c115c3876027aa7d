//! What comes in: an AdmissionReview, an AdmissionRequest, an envelope with settings and context,
//! a bare object or a List, told apart by their fields in the same pass that reads them.

use std::fmt;

use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::object::read::{At, Key, Present, Seed, Str, View, Wrong, WrongType, refuse};
use crate::object::{Object, ObjectBuilder};

/// Everything one call to `evaluate` or `review` was given.
#[derive(Debug, Default)]
pub(crate) struct Input<'a> {
    /// The AdmissionReview's `apiVersion`, where the input was one.
    pub(crate) review: Option<Str<'a>>,
    /// The request, empty for a bare object.
    pub(crate) request: Request<'a>,
    /// The object to judge.
    pub(crate) object: Option<Object<'a>>,
    /// The JSON Pointer of the object in the input.
    pub(crate) object_at: &'static str,
    /// Other objects that rules may look up.
    pub(crate) context: Vec<Object<'a>>,
    /// Settings for this request alone.
    pub(crate) settings: Option<&'a RawValue>,
    /// The date, or date and time, at which suppressions are judged (RFC 3339).
    pub(crate) now: Option<Str<'a>>,
    /// Values of a wrong type.
    pub(crate) wrong: Vec<WrongType>,
}

/// The fields of an AdmissionRequest that matter here.
#[derive(Debug, Default)]
pub struct Request<'a> {
    /// `uid`
    pub uid: Option<Str<'a>>,
    /// `operation`: CREATE, UPDATE, DELETE or CONNECT.
    pub operation: Option<Str<'a>>,
    /// `subResource`: `ephemeralcontainers`, `resize`, …
    pub sub_resource: Option<Str<'a>>,
    /// `namespace`
    pub namespace: Option<Str<'a>>,
    /// `name`
    pub name: Option<Str<'a>>,
    /// `oldObject` is there: something exists already.
    pub has_old_object: bool,
}

impl Request<'_> {
    /// Whether the request changes an object that exists.
    pub fn is_update(&self) -> bool {
        self.operation.as_deref() == Some("UPDATE") || self.has_old_object
    }

    /// Whether the request brings nothing to judge.
    pub fn is_unread(&self) -> bool {
        matches!(self.operation.as_deref(), Some("DELETE" | "CONNECT"))
    }

    /// The subresource, empty for the object itself.
    pub fn sub_resource(&self) -> &str {
        self.sub_resource.as_deref().unwrap_or_default()
    }
}

/// Reads one input. `Err` where the bytes are no JSON text.
pub(crate) fn read(text: &str) -> Result<Input<'_>, serde_json::Error> {
    let wrong = Wrong::default();
    let mut json = serde_json::Deserializer::from_str(text);
    let document = Document::read(&mut json, &At::root("", &wrong))?;
    json.end()?;
    let mut input = document.map(Document::into_input).transpose()?.unwrap_or_default();
    input.wrong = wrong.into_inner();
    Ok(input)
}

/// A document whose form is not known until all its fields have been seen.
#[derive(Default)]
struct Document<'a> {
    fields: ObjectBuilder<'a>,
    request: Option<Box<Document<'a>>>,
    admission: Request<'a>,
    is_admission: bool,
    object: Option<Object<'a>>,
    settings: Option<&'a RawValue>,
    context: Vec<Object<'a>>,
    now: Option<Str<'a>>,
}

impl<'a> Document<'a> {
    fn into_input(self) -> Result<Input<'a>, serde_json::Error> {
        let mut input = if let Some(inner) = self.request {
            let is_review = self.fields.kind() == Some("AdmissionReview");
            let mut input = inner.into_input()?;
            input.object_at = match input.object_at {
                "" => "/request",
                "/object" => "/request/object",
                "/request" => "/request/request",
                _ => "/request/request/object",
            };
            if is_review {
                let nowhere = Wrong::default();
                input.review = Some(self.fields.build::<serde_json::Error>(&At::root("", &nowhere))?.api_version);
            }
            input
        } else if self.is_admission {
            Input { request: self.admission, object: self.object, object_at: "/object", ..Input::default() }
        } else if self.fields.has_fields() {
            let wrong = Wrong::default();
            let object = self.fields.build::<serde_json::Error>(&At::root("", &wrong))?;
            Input { object: Some(object), wrong: wrong.into_inner(), ..Input::default() }
        } else {
            Input::default()
        };
        input.settings = self.settings.or(input.settings);
        input.now = self.now.or(input.now);
        input.context.extend(self.context);
        Ok(input)
    }
}

/// `kind`: of an object a string, of an AdmissionRequest a group, version and kind.
enum KindField<'a> {
    Name(Str<'a>),
    GroupVersionKind,
}

impl<'de> View<'de> for KindField<'de> {
    fn read<D: Deserializer<'de>>(from: D, at: &At<'_>) -> Result<Option<Self>, D::Error> {
        struct KindVisitor<'p>(&'p At<'p>);
        impl<'de> Visitor<'de> for KindVisitor<'_> {
            type Value = Option<KindField<'de>>;
            fn visit_borrowed_str<E>(self, v: &'de str) -> Result<Self::Value, E> {
                Ok(Some(KindField::Name(Str::Borrowed(v))))
            }
            fn visit_str<E>(self, v: &str) -> Result<Self::Value, E> {
                Ok(Some(KindField::Name(Str::Owned(v.to_owned()))))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Some(KindField::GroupVersionKind))
            }
            refuse!("string": bool, number, array);
        }
        from.deserialize_any(KindVisitor(at))
    }
}

impl<'de> View<'de> for Document<'de> {
    fn read<D: Deserializer<'de>>(from: D, at: &At<'_>) -> Result<Option<Self>, D::Error> {
        struct DocumentVisitor<'p>(&'p At<'p>);
        impl<'de> Visitor<'de> for DocumentVisitor<'_> {
            type Value = Option<Document<'de>>;
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let at = self.0;
                let object_at = at.object_root();
                let mut document = Document::default();
                while let Some(key) = map.next_key_seed(Key)? {
                    let here = at.key(&key);
                    let mut admission = true;
                    match &*key {
                        "kind" => {
                            match map.next_value_seed(Seed::new(&here))? {
                                Some(KindField::GroupVersionKind) => document.is_admission = true,
                                Some(KindField::Name(name)) => document.fields.set_kind(Some(name)),
                                None => {}
                            }
                            continue;
                        }
                        "request" => {
                            let request: Option<Document<'_>> = map.next_value_seed(Seed::new(&here))?;
                            document.request = request.map(Box::new);
                            continue;
                        }
                        "settings" => {
                            document.settings = map.next_value()?;
                            continue;
                        }
                        "context" => {
                            document.context = map.next_value_seed(Seed::new(&here))?.unwrap_or_default();
                            continue;
                        }
                        "now" => {
                            document.now = map.next_value_seed(Seed::new(&here))?;
                            continue;
                        }
                        "uid" => document.admission.uid = map.next_value_seed(Seed::new(&here))?,
                        "operation" => document.admission.operation = map.next_value_seed(Seed::new(&here))?,
                        "subResource" => document.admission.sub_resource = map.next_value_seed(Seed::new(&here))?,
                        "namespace" => document.admission.namespace = map.next_value_seed(Seed::new(&here))?,
                        "name" => document.admission.name = map.next_value_seed(Seed::new(&here))?,
                        "object" => document.object = map.next_value_seed(Seed::new(&object_at))?,
                        "oldObject" => {
                            let old: Option<Present> = map.next_value_seed(Seed::new(&here))?;
                            document.admission.has_old_object = old.is_some();
                        }
                        _ => {
                            if !document.fields.field(key, &mut map, &object_at)? {
                                map.next_value::<IgnoredAny>()?;
                            }
                            continue;
                        }
                    }
                    admission &= matches!(&*key, "uid" | "operation" | "object" | "oldObject");
                    document.is_admission |= admission;
                }
                Ok(Some(document))
            }
            refuse!("object": bool, number, string, array);
        }
        from.deserialize_any(DocumentVisitor(at))
    }
}

impl fmt::Display for WrongType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { expected, found, .. } = self;
        let article = |word: &str| if word.starts_with(['a', 'i', 'o']) { "an" } else { "a" };
        write!(f, "expected {} {expected}, found {} {found}", article(expected), article(found))
    }
}
