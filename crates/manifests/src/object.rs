//! The Kubernetes objects in a YAML document.

use std::borrow::Cow;
use std::ops::Range;

use serde_json::Value;
use transom_yaml::{Document, Operation};

/// An object to judge.
#[derive(Debug, Clone)]
pub struct Object<'d> {
    /// JSON Pointer of the object in its document: empty, `/items/3`, or `/request/object`.
    pub at: String,
    /// What is judged: the object, or the AdmissionReview that it is in.
    value: Cow<'d, Value>,
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
}

/// `implied` are the `apiVersion` and `kind` of a typed list, whose items may leave them out.
fn collect<'d>(
    value: &'d Value,
    implied: Option<(&str, &str)>,
    at: &str,
    objects: &mut Vec<Object<'d>>,
) -> Result<(), &'static str> {
    let Value::Object(fields) = value else { return Err("it is no mapping") };
    let text = |key| fields.get(key).and_then(Value::as_str).filter(|text: &&str| !text.is_empty());
    let (api_version, kind) = match (text("apiVersion"), text("kind"), implied) {
        (Some(api_version), Some(kind), _) => (api_version, kind),
        (None, None, Some(implied)) => {
            let mut value = fields.clone();
            value.insert("apiVersion".into(), implied.0.into());
            value.insert("kind".into(), implied.1.into());
            objects.push(Object { at: at.to_owned(), value: Cow::Owned(Value::Object(value)) });
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
        _ if kind == "AdmissionReview" => {
            objects.push(Object { at: format!("{at}/request/object"), value: Cow::Borrowed(value) });
        }
        _ => objects.push(Object { at: at.to_owned(), value: Cow::Borrowed(value) }),
    }
    Ok(())
}

impl<'d> Object<'d> {
    /// An object that stands in no document, or the AdmissionReview that it is in.
    pub(crate) fn of(value: &'d Value) -> Self {
        Object { at: String::new(), value: Cow::Borrowed(value) }
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
        self.value.pointer("/request/object").filter(|_| self.is_review()).unwrap_or(&self.value)
    }

    fn is_review(&self) -> bool {
        self.value["kind"] == "AdmissionReview"
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
        let of_request = self.value["request"]["namespace"].as_str().filter(|_| self.is_review());
        of_request.or(self.object()["metadata"]["namespace"].as_str()).unwrap_or("default")
    }
}
