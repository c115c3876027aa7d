//! The Kubernetes objects in a YAML document.

use std::borrow::Cow;
use std::ops::Range;

use serde_json::{Map, Value};
use transom_yaml::{Document, Operation};

/// An object to judge.
#[derive(Debug, Clone)]
pub struct Object<'d> {
    /// JSON Pointer of the object in its document: empty, `/items/3`, or `/request/object`.
    pub at: String,
    /// What is judged: the object, or the AdmissionReview or AdmissionRequest that it is in.
    value: Cow<'d, Value>,
    /// JSON Pointer of the object in `value`.
    within: &'static str,
    /// `{"request": …, "settings": …, "context": […]}`, where that is what `value` is the request of.
    envelope: Option<&'d Map<String, Value>>,
}

/// What a document holds.
#[derive(Debug)]
pub enum Content<'d> {
    /// Nothing but comments.
    Empty,
    /// Kubernetes objects: one, or the items of a List.
    Objects(Vec<Object<'d>>),
    /// Something else, and why it is no Kubernetes object.
    Other(&'static str),
}

impl<'d> Content<'d> {
    /// What a document holds.
    #[must_use]
    pub fn of(document: &'d Document) -> Self {
        let value = document.value();
        if document.is_empty() || value.is_null() {
            return Content::Empty;
        }
        let mut objects = Vec::new();
        match collect(value, None, "", &mut objects) {
            Ok(()) => Content::Objects(objects),
            Err(why) => Content::Other(why),
        }
    }

    /// The objects of a document; none where it holds something else.
    #[must_use]
    pub fn objects(document: &'d Document) -> Vec<Object<'d>> {
        match Content::of(document) {
            Content::Objects(objects) => objects,
            Content::Empty | Content::Other(_) => Vec::new(),
        }
    }
}

/// `implied` are the `apiVersion` and `kind` of a typed list, whose items may leave them out.
fn collect<'d>(
    value: &'d Value,
    implied: Option<(&str, &str)>,
    at: &str,
    objects: &mut Vec<Object<'d>>,
) -> Result<(), &'static str> {
    let Value::Object(fields) = value else { return Err("it is no mapping") };
    if let Some(object) = Object::in_request(value, fields, at) {
        objects.push(object);
        return Ok(());
    }
    let text = |key| fields.get(key).and_then(Value::as_str).filter(|text: &&str| !text.is_empty());
    let (api_version, kind) = match (text("apiVersion"), text("kind"), implied) {
        (Some(api_version), Some(kind), _) => (api_version, kind),
        (None, None, Some(implied)) => {
            let mut value = fields.clone();
            value.insert("apiVersion".into(), implied.0.into());
            value.insert("kind".into(), implied.1.into());
            objects.push(Object { value: Cow::Owned(Value::Object(value)), ..Object::at(at, &Value::Null) });
            return Ok(());
        }
        (Some(_), None, _) => return Err("it has no `kind`"),
        (None, Some(_), _) => return Err("it has no `apiVersion`"),
        (None, None, None) => return Err("it has no `apiVersion` and no `kind`"),
    };
    match (kind.strip_suffix("List"), fields.get("items")) {
        (Some(item), Some(Value::Array(items))) => {
            let implied = Some((api_version, item)).filter(|(_, item)| !item.is_empty());
            for (index, item) in items.iter().enumerate() {
                // What is no object in a list of objects is nothing to judge.
                let _ = collect(item, implied, &format!("{at}/items/{index}"), objects);
            }
        }
        _ => objects.push(Object::at(at, value)),
    }
    Ok(())
}

impl<'d> Object<'d> {
    /// An object that stands in no document, or the AdmissionReview that it is in.
    pub(crate) fn of(value: &'d Value) -> Self {
        Object::at("", value)
    }

    /// An object that stands at `at`, or the AdmissionReview that it is in.
    fn at(at: &str, value: &'d Value) -> Self {
        let within = if value["kind"] == "AdmissionReview" { "/request/object" } else { "" };
        Object { at: format!("{at}{within}"), value: Cow::Borrowed(value), within, envelope: None }
    }

    /// The object of an AdmissionRequest, or of an envelope with settings and context of its own.
    fn in_request(value: &'d Value, fields: &'d Map<String, Value>, at: &str) -> Option<Self> {
        if fields.get("kind").is_some_and(Value::is_string) || fields.contains_key("apiVersion") {
            return None;
        }
        if let Some(request @ Value::Object(inner)) = fields.get("request") {
            let at = format!("{at}/request");
            let object = Object::in_request(request, inner, &at).unwrap_or_else(|| Object::at(&at, request));
            return Some(Object { envelope: Some(fields), ..object });
        }
        let has = |field: &str| fields.contains_key(field);
        let is_request = (has("uid") || has("operation")) && (has("object") || has("oldObject"));
        is_request.then(|| Object { within: "/object", ..Object::at(&format!("{at}/object"), value) })
    }

    /// Settings that the document brings along.
    pub(crate) fn settings(&self) -> Option<&'d Value> {
        self.envelope?.get("settings")
    }

    /// The day that the document brings along.
    pub(crate) fn now(&self) -> Option<&'d str> {
        self.envelope?.get("now")?.as_str()
    }

    /// Other objects that the document brings along.
    pub(crate) fn context(&self) -> &'d [Value] {
        let context = self.envelope.and_then(|envelope| envelope.get("context")).and_then(Value::as_array);
        context.map(Vec::as_slice).unwrap_or_default()
    }
}

impl Object<'_> {
    /// The object, or the AdmissionReview around it.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The object itself; of a review that holds none, the review.
    #[must_use]
    pub fn object(&self) -> &Value {
        self.value.pointer(self.within).unwrap_or(&self.value)
    }

    /// Where to point to for a JSON Pointer into the object: a key, and the value behind it if that
    /// is a scalar on the same line; for what is not there, what would hold it.
    #[must_use]
    pub fn span(&self, document: &Document, path: &str) -> Range<usize> {
        let pointer = format!("{}{path}", self.at);
        let location = document.locate(&pointer);
        match document.key_span(&pointer) {
            // Further apart than this are only values that an alias or a merge brought here.
            Some(key) if location.exact && (key.end..key.end + 8).contains(&location.span.start) => {
                key.start..location.span.end
            }
            _ => location.span,
        }
    }

    /// A patch of the object as one of the document it is in.
    #[must_use]
    pub fn lifted(&self, patch: &[Operation]) -> Vec<Operation> {
        let mut patch = patch.to_vec();
        for operation in &mut patch {
            let (Operation::Add { path, .. }
            | Operation::Remove { path }
            | Operation::Replace { path, .. }
            | Operation::Test { path, .. }) = operation;
            path.insert_str(0, &self.at);
        }
        patch
    }

    /// The namespace it is in, or goes to.
    #[must_use]
    pub fn namespace(&self) -> &str {
        let request = self.within.strip_suffix("/object").and_then(|request| self.value.pointer(request));
        let of_request = request.and_then(|request| request["namespace"].as_str());
        of_request.or(self.object()["metadata"]["namespace"].as_str()).unwrap_or("default")
    }
}
