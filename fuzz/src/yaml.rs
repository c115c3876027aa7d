//! YAML: places are places in the text, and edits of the text are what RFC 6902 says.

use serde_json::{Value, json};
use transom_yaml::{Document, Operation, Span, Subject, YamlStyle, parse, to_yaml};

use crate::{hold, places};

/// Of a document, how many places are looked at one by one, and edited.
const PLACES: usize = 24;

/// The bytes as a stream of YAML documents.
pub fn yaml(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    hold(read(&text), &text);
}

fn read(text: &str) -> Result<(), String> {
    let stream = parse(text);
    for error in &stream.errors {
        if !text.is_char_boundary(error.offset) || error.line == 0 || error.column == 0 || error.message.is_empty() {
            return Err(format!("an error nowhere: {error:?}"));
        }
    }
    // Where a document is broken, an edit of another must not be expected to mend it; and one with
    // aliases says the same in several places.
    let is_plain = stream.errors.is_empty() && !text.contains('*');
    for document in &stream.documents {
        let places = some(places::all(document.value()));
        points(document, text, &places)?;
        written_anew(document.value())?;
        if document.patched(text, &[]).as_deref() != Ok(text) {
            return Err("no operation, and yet an edit".into());
        }
        for patch in places.iter().flat_map(|place| operations(place)).chain([fixes(document, text)?]) {
            edited(document, text, &patch, is_plain)?;
        }
    }
    Ok(())
}

/// Some of many, from everywhere.
fn some(places: Vec<String>) -> Vec<String> {
    let step = places.len().div_ceil(PLACES);
    places.into_iter().step_by(step.max(1)).collect()
}

/// Every part and every comment is somewhere in the text.
fn points(document: &Document, text: &str, places: &[String]) -> Result<(), String> {
    let is_in = |span: &Span| text.get(span.clone()).is_some();
    if !is_in(&document.span()) {
        return Err(format!("a document outside the text: {:?}", document.span()));
    }
    for place in places {
        let location = document.locate(place);
        if !location.exact || !is_in(&location.span) {
            return Err(format!("{place:?} is not there: {location:?}"));
        }
        let nowhere = document.locate(&format!("{place}/nowhere/~"));
        if nowhere.exact || !is_in(&nowhere.span) {
            return Err(format!("below {place:?} is something: {nowhere:?}"));
        }
        let spans = [document.key_span(place), document.value_span(place)];
        if let Some(span) = spans.iter().flatten().find(|span| !is_in(span)) {
            return Err(format!("{place:?} is outside the text: {span:?}"));
        }
        if document.value_span(place).is_none() && !document.is_empty() {
            return Err(format!("{place:?} stands nowhere"));
        }
    }
    for comment in document.comments() {
        let words = text.get(comment.span.clone()).ok_or_else(|| format!("outside the text: {comment:?}"))?;
        if !words.starts_with('#') || !words.contains(&comment.text) || words.contains('\n') {
            return Err(format!("this is not the comment: {comment:?}"));
        }
        let Subject { below, at } = document.subject(text, comment);
        if let Some(place) = below.iter().chain(&at).find(|place| document.value().pointer(place).is_none()) {
            return Err(format!("{comment:?} is about {place:?}, which is not there"));
        }
    }
    Ok(())
}

/// A value written as YAML is the value.
fn written_anew(value: &Value) -> Result<(), String> {
    for style in [YamlStyle::default(), YamlStyle { indent: 4, indent_sequences: true }] {
        let text = to_yaml(value, &style);
        let stream = parse(&text);
        if stream.errors.first().is_some() || stream.documents.first().map(Document::value) != Some(value) {
            return Err(format!("written as YAML and read again it is not {value}:\n{text}"));
        }
    }
    Ok(())
}

/// A removal, a replacement and an addition.
fn operations(place: &str) -> [Vec<Operation>; 3] {
    let path = place.to_owned();
    let value = json!({"a key": ["x: y", 1, null], "on": "# text\nof lines\n"});
    [
        vec![Operation::Remove { path: path.clone() }],
        vec![Operation::Replace { path: path.clone(), value: value.clone() }],
        vec![
            Operation::Add { path: places::below(place, "kubernetes.io/os"), value: json!("windows") },
            Operation::Add { path: places::below(place, "new"), value },
        ],
    ]
}

/// All safe fixes of the object that a document is.
fn fixes(document: &Document, text: &str) -> Result<Vec<Operation>, String> {
    if !document.value().is_object() {
        return Ok(Vec::new());
    }
    let remarks = document.comments().iter().filter(|comment| comment.text.starts_with("transom:"));
    let remarks = remarks.map(|comment| {
        let Subject { below, at } = document.subject(text, comment);
        json!({"text": comment.text, "at": at, "below": below.into_iter().collect::<Vec<_>>()})
    });
    let input = json!({"request": document.value(), "comments": remarks.collect::<Vec<_>>()});
    let decision = host_test::well_formed(&transom::evaluate(input.to_string().as_bytes()))?;
    // The document may say that it is a request, and then the fixes are not for the whole of it.
    if host_test::object_at(document.value()).is_empty() {
        serde_json::from_value(decision["patch"].clone()).map_err(|error| error.to_string())
    } else {
        Ok(Vec::new())
    }
}

/// An edit either cannot be had, or gives what RFC 6902 says and leaves the other documents alone.
fn edited(document: &Document, text: &str, patch: &[Operation], is_plain: bool) -> Result<(), String> {
    let Ok(edits) = document.edits(text, patch) else { return Ok(()) };
    let mut at = 0;
    for edit in &edits {
        if edit.range.start < at || text.get(edit.range.clone()).is_none() {
            return Err(format!("edits out of order or out of the text: {edits:?}"));
        }
        at = edit.range.end;
    }
    let after = transom_yaml::apply(text, &edits);
    let mut wanted = document.value().clone();
    let judge: json_patch::Patch = serde_json::from_value(json!(patch)).map_err(|error| error.to_string())?;
    if let Err(error) = json_patch::patch(&mut wanted, &judge) {
        return Err(format!("edited what RFC 6902 refuses ({error}): {patch:?}\n{after}"));
    }
    if is_plain {
        let again = parse(&after);
        let found = again.documents.iter().find(|again| again.index() == document.index()).map(Document::value);
        if found != Some(&wanted) {
            return Err(format!("after {} it is not {wanted} but {found:?}:\n{after}", json!(patch)));
        }
    }
    Ok(())
}
