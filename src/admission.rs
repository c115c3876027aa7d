//! What comes in: an AdmissionReview, an AdmissionRequest, an envelope with settings and context,
//! a bare object or a List, told apart by their fields in the same pass that reads them.

use std::fmt;

use crate::date::day;
use crate::object::pod::OldObject;
use crate::object::read::{At, Broken, Fields, Slot, Str, Wrong, WrongType, view};
use crate::object::{Object, ObjectBuilder};
use crate::order;
use crate::parse::{Spans, read_text};
use crate::pointer::Pointer;
use crate::value::Value;

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
    /// Comments in the text of the object that are for transom.
    pub(crate) comments: Vec<Comment<'a>>,
    /// Settings for this request alone.
    pub(crate) settings: Option<Value>,
    /// The date, or date and time, at which suppressions are judged (RFC 3339).
    pub(crate) now: Option<Str<'a>>,
    /// Values of a wrong type.
    pub(crate) wrong: Vec<WrongType>,
    /// The `kind` of the request is a text, and not a group, version and kind.
    is_named_request: bool,
    /// Where in the text its arrays and objects are.
    pub(crate) spans: Spans,
}

view! {
    /// A comment in the text of an object.
    pub(crate) struct Comment<'a> {
        at: Vec<Str<'a>> = "at",
        below: Vec<Str<'a>> = "below",
        text: Str<'a> = "text",
    }
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
    /// `oldObject`: what exists already.
    pub old_object: Option<OldObject<'a>>,
    /// The object came in an AdmissionRequest, so that what changes it is an admission patch.
    pub is_admission: bool,
}

impl<'a> Request<'a> {
    /// The namespace that an object is in: the request's, else its own.
    pub fn namespace_of(&'a self, object: &'a Object<'a>) -> &'a str {
        let requested = self.namespace.as_deref().filter(|namespace| !namespace.is_empty());
        requested.unwrap_or(object.namespace_or_default())
    }

    /// Whether the request changes an object that exists.
    pub fn is_update(&self) -> bool {
        self.operation.as_deref() == Some("UPDATE") || self.old_object.is_some()
    }

    /// Whether the request brings a new object. A validating webhook is asked when it has a uid and a
    /// phase already.
    pub fn is_creation(&self) -> bool {
        self.operation.as_deref() == Some("CREATE") && self.sub_resource().is_empty()
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

/// Reads one input. `Err` where the text is no JSON.
pub(crate) fn read(text: &str) -> Result<Input<'_>, serde_json::Error> {
    let wrong = Wrong::default();
    let mut document: Option<Document<'_>> = None;
    let spans = read_text(text, &mut document, &At::input(&wrong))?;
    let mut input = document.map(|document| document.into_input(false)).unwrap_or_default();
    input.spans = spans;
    input.wrong = wrong.into_inner();
    if input.is_named_request {
        let request = input.object_at.strip_suffix("/object").unwrap_or_default();
        let path = Pointer::raw(request).key("kind");
        input.wrong.push(WrongType { path, expected: "object", found: "string", is_around: true });
    }
    order::sort(&mut input.wrong, |wrong| wrong.path.as_str());
    Ok(input)
}

/// A document whose form is not known until all its fields have been seen.
#[derive(Default)]
struct Document<'a> {
    /// What the fields make where it is an object itself.
    object: Object<'a>,
    has_object_fields: bool,
    request: Option<Box<Document<'a>>>,
    admission: Request<'a>,
    admitted: Option<Object<'a>>,
    settings: Option<Value>,
    context: Option<Vec<Object<'a>>>,
    comments: Option<Vec<Comment<'a>>>,
    now: Option<Str<'a>>,
    /// What it would be as a request whose `kind` is a text, which only an AdmissionReview around it can tell.
    named: Option<Box<(Request<'a>, Option<Object<'a>>)>>,
}

impl<'a> Document<'a> {
    /// The input that it is, inside an AdmissionReview or not.
    fn into_input(self, is_in_review: bool) -> Input<'a> {
        let is_review = self.object.kind == "AdmissionReview";
        let mut input = if let Some(named) = self.named.filter(|_| is_in_review) {
            let (mut request, object) = *named;
            request.is_admission = true;
            Input { request, object, object_at: "/object", is_named_request: true, ..Input::default() }
        } else if let Some(inner) = self.request {
            let mut input = inner.into_input(is_review);
            input.object_at = match input.object_at {
                "" => "/request",
                "/object" => "/request/object",
                "/request" => "/request/request",
                "/request/object" => "/request/request/object",
                // An AdmissionReview in an envelope is the deepest form there is.
                _ => {
                    input.object = None;
                    ""
                }
            };
            if is_review {
                input.review = Some(self.object.api_version);
            }
            input
        } else if self.admission.is_admission {
            Input { request: self.admission, object: self.admitted, object_at: "/object", ..Input::default() }
        } else if self.has_object_fields {
            Input { object: Some(self.object), ..Input::default() }
        } else {
            Input::default()
        };
        input.settings = self.settings.or(input.settings);
        input.now = self.now.or(input.now);
        input.context.extend(self.context.unwrap_or_default());
        input.comments.extend(self.comments.unwrap_or_default());
        input
    }
}

impl<'de> Slot<'de> for Option<Document<'de>> {
    fn expected(&self) -> &'static str {
        "object"
    }
    fn object(&mut self, fields: &mut dyn Fields<'de>, at: &At<'_>) -> Result<(), Broken> {
        let document = self.insert(Document::default());
        let object_at = at.object_root();
        let mut builder = ObjectBuilder::default();
        let mut is_named = false;
        // An object may have fields of these names itself.
        let wrong_around = Wrong::default();
        let around = at.noting(&wrong_around);
        while let Some(name) = fields.next()? {
            let here = around.key(&name);
            let admission = &mut document.admission;
            match &*name {
                "request" => {
                    let mut request: Option<Document<'_>> = None;
                    fields.read(&mut request, &here)?;
                    document.request = request.map(Box::new);
                }
                "settings" => fields.read(&mut document.settings, &here)?,
                "context" => fields.read(&mut document.context, &here)?,
                "comments" => fields.read(&mut document.comments, &here)?,
                "now" => {
                    let before = wrong_around.borrow().len();
                    fields.read(&mut document.now, &here)?;
                    let is_text = wrong_around.borrow().len() == before;
                    if is_text && document.now.as_deref().is_some_and(|now| day(now).is_none()) {
                        here.note("date as in 2027-01-31", "text that is none");
                    }
                }
                "uid" => fields.read(&mut admission.uid, &here)?,
                "operation" => {
                    // Of some objects it is a field, and no text: Argo CD's Application.
                    fields.read(&mut admission.operation, &At::root("", &Wrong::default()))?;
                }
                "subResource" => {
                    let before = wrong_around.borrow().len();
                    fields.read(&mut admission.sub_resource, &here)?;
                    // What is no text names none, or nobody would look at the object.
                    if wrong_around.borrow().len() > before {
                        admission.sub_resource = None;
                    }
                }
                "namespace" => fields.read(&mut admission.namespace, &here)?,
                "name" => fields.read(&mut admission.name, &here)?,
                "object" => fields.read(&mut document.admitted, &object_at)?,
                "oldObject" => {
                    // What is wrong in it has been let in already.
                    fields.read(&mut admission.old_object, &At::root("", &Wrong::default()))?;
                }
                "kind" => {
                    let mut kind: Option<Kind<'_>> = None;
                    fields.read(&mut kind, &at.key("kind"))?;
                    match kind {
                        Some(Kind::GroupVersionKind) => admission.is_admission = true,
                        Some(Kind::Name(name)) => {
                            is_named = true;
                            builder.set_kind(name);
                        }
                        None => {}
                    }
                }
                _ => {
                    if !builder.field(name, fields, &object_at)? {
                        fields.skip()?;
                    }
                    continue;
                }
            }
            admission.is_admission |= matches!(&*name, "uid" | "operation" | "object" | "oldObject");
        }
        let has_object_fields = builder.has_fields();
        let object = builder.build(&object_at)?;
        // Neither a request nor an envelope has a text for a kind: an object decides nothing about how
        // it is judged.
        if is_named && object.kind != "AdmissionReview" {
            let (request, admitted) = (std::mem::take(&mut document.admission), document.admitted.take());
            let is_request = request.uid.is_some() || admitted.is_some();
            let named = is_request.then(|| Box::new((request, admitted)));
            *document = Document { object, has_object_fields, named, ..Document::default() };
            return Ok(());
        }
        at.note_all(wrong_around);
        document.admission.is_admission &= !is_named;
        (document.object, document.has_object_fields) = (object, has_object_fields);
        Ok(())
    }
}

/// `kind`: of an object a string, of an AdmissionRequest a group, version and kind.
enum Kind<'a> {
    Name(Str<'a>),
    GroupVersionKind,
}

impl<'de> Slot<'de> for Option<Kind<'de>> {
    fn expected(&self) -> &'static str {
        "string"
    }
    fn string(&mut self, value: Str<'de>, _: &At<'_>) {
        *self = Some(Kind::Name(value));
    }
    fn object(&mut self, fields: &mut dyn Fields<'de>, _: &At<'_>) -> Result<(), Broken> {
        *self = Some(Kind::GroupVersionKind);
        while fields.next()?.is_some() {
            fields.skip()?;
        }
        Ok(())
    }
}

impl fmt::Display for WrongType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { expected, found, .. } = self;
        let article = |word: &str| if word.starts_with(['a', 'i', 'o']) { "an" } else { "a" };
        write!(f, "expected {} {expected}, found {} {found}", article(expected), article(found))
    }
}
