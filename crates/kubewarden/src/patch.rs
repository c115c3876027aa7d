//! JSON Patch (RFC 6902) on JSON text: only what a patch touches is taken apart, everything else
//! stays as it is written, numbers beyond any type included.

use std::borrow::Cow;

use transom::fix::Operation;
use transom::json;
use transom::pointer::Pointer;
use transom::value::Value;
use transom_json::{Broken, Tokens};

/// A JSON value.
enum Json<'t> {
    /// As it is written.
    Text(Cow<'t, str>),
    /// Taken apart; each field with its name. Of two with one name the last counts.
    Object(Vec<(Cow<'t, str>, Json<'t>)>),
    /// Taken apart.
    Array(Vec<Json<'t>>),
}

/// The value in `text` at a JSON Pointer through objects, none of whose names needs escaping.
pub fn find<'t>(text: &'t str, pointer: &str) -> Option<&'t str> {
    let mut text = text;
    for step in pointer.split('/').skip(1) {
        let mut found = None;
        each(text, &mut |name, value| {
            if name.as_deref() == Some(step) {
                found = Some(value);
            }
        })
        .ok()?;
        text = found?;
    }
    Some(text)
}

/// The object after the whole patch; `None` where it does not apply.
pub fn apply(object: &str, patch: &[Operation]) -> Option<String> {
    let mut root = Json::Text(Cow::Borrowed(object));
    for operation in patch {
        root.change(operation)?;
    }
    let mut text = String::with_capacity(object.len() * 2);
    root.write(&mut text);
    Some(text)
}

/// Goes over the fields or elements of a value; a value that has none has nothing to go over.
fn each<'t>(text: &'t str, take: &mut dyn FnMut(Option<Cow<'t, str>>, &'t str)) -> Result<(), Broken> {
    let mut tokens = Tokens::of(text);
    let open = tokens.peek();
    if !matches!(open, b'{' | b'[') {
        return Ok(());
    }
    tokens.open();
    let mut is_first = true;
    while !tokens.is_closed(open, is_first)? {
        is_first = false;
        let name = if open == b'{' { Some(tokens.name()?) } else { None };
        let start = tokens.position();
        tokens.skip()?;
        let value = &text[start..tokens.position()];
        take(name, value.trim_end_matches([' ', '\n', '\r', '\t']));
    }
    Ok(())
}

impl<'t> Json<'t> {
    fn change(&mut self, operation: &Operation) -> Option<()> {
        let (Operation::Add { path, .. } | Operation::Replace { path, .. } | Operation::Remove { path }) = operation;
        let mut steps: Vec<String> = Pointer::raw(path).segments().collect();
        // No operation is on the whole object.
        let last = steps.pop()?;
        let mut parent = self;
        for step in &steps {
            parent = parent.child(step)?;
        }
        parent.open();
        match (parent, operation) {
            (Json::Object(fields), operation) => {
                let place = fields.iter().rposition(|(name, _)| *name == last);
                match (operation, place) {
                    (Operation::Add { value, .. }, None) => {
                        fields.push((Cow::Owned(last), Json::of(value)));
                    }
                    (Operation::Add { value, .. } | Operation::Replace { value, .. }, Some(place)) => {
                        fields[place].1 = Json::of(value);
                    }
                    (Operation::Remove { .. }, Some(_)) => fields.retain(|(name, _)| *name != last),
                    (Operation::Replace { .. } | Operation::Remove { .. }, None) => return None,
                }
            }
            (Json::Array(elements), Operation::Add { value, .. }) => {
                let place = if last == "-" { elements.len() } else { index(&last)? };
                if place > elements.len() {
                    return None;
                }
                elements.insert(place, Json::of(value));
            }
            (Json::Array(elements), Operation::Replace { value, .. }) => {
                *elements.get_mut(index(&last)?)? = Json::of(value);
            }
            (Json::Array(elements), Operation::Remove { .. }) => {
                let place = index(&last).filter(|place| *place < elements.len())?;
                elements.remove(place);
            }
            (Json::Text(_), _) => return None,
        }
        Some(())
    }

    /// The field or element of this name or position.
    fn child(&mut self, step: &str) -> Option<&mut Self> {
        self.open();
        match self {
            Json::Object(fields) => fields.iter_mut().rfind(|(name, _)| name == step).map(|(_, value)| value),
            Json::Array(elements) => elements.get_mut(index(step)?),
            Json::Text(_) => None,
        }
    }

    /// Takes an object or an array apart.
    fn open(&mut self) {
        let Json::Text(text) = self else { return };
        let opened = match text {
            Cow::Borrowed(text) => opened(text, &|part| part),
            Cow::Owned(text) => opened(text, &|part| Cow::Owned(part.into_owned())),
        };
        if let Some(opened) = opened {
            *self = opened;
        }
    }

    fn of(value: &Value) -> Self {
        let mut text = String::new();
        value.write(&mut text);
        Json::Text(Cow::Owned(text))
    }

    fn write(&self, out: &mut String) {
        match self {
            Json::Text(text) => out.push_str(text),
            Json::Object(fields) => {
                let mut object = json::Object::new(out);
                for (name, value) in fields {
                    value.write(object.field(name));
                }
                object.end();
            }
            Json::Array(elements) => json::array(out, elements, Json::write),
        }
    }
}

/// The parts of an object or an array, each kept as `keep` says.
fn opened<'t, 'p>(text: &'p str, keep: &dyn Fn(Cow<'p, str>) -> Cow<'t, str>) -> Option<Json<'t>> {
    let mut fields: Vec<(Cow<'t, str>, Json<'t>)> = Vec::new();
    let mut elements = Vec::new();
    each(text, &mut |name, value| {
        let value = Json::Text(keep(Cow::Borrowed(value)));
        match name.map(keep) {
            Some(name) => fields.push((name, value)),
            None => elements.push(value),
        }
    })
    .ok()?;
    match text.trim_start().bytes().next() {
        Some(b'{') => Some(Json::Object(fields)),
        Some(b'[') => Some(Json::Array(elements)),
        _ => None,
    }
}

/// The position that a step of a pointer means, if it means one.
fn index(step: &str) -> Option<usize> {
    let is_number = step == "0" || (!step.starts_with('0') && step.bytes().all(|byte| byte.is_ascii_digit()));
    step.parse().ok().filter(|_| is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(path: &str, value: impl Into<Value>) -> Operation {
        Operation::Add { path: path.into(), value: value.into() }
    }

    fn replace(path: &str, value: impl Into<Value>) -> Operation {
        Operation::Replace { path: path.into(), value: value.into() }
    }

    fn remove(path: &str) -> Operation {
        Operation::Remove { path: path.into() }
    }

    const OBJECT: &str =
        r#" { "a" : [ 1.0 , {"b\u0063": "\u00e9"} ], "d/e~f": {"g": 18446744073709551616}, "h": null } "#;

    #[test]
    fn changes_what_is_named_and_nothing_else() {
        for (patch, expected) in [
            (vec![], OBJECT),
            (
                vec![add("/i", 1_i64)],
                r#"{"a":[ 1.0 , {"b\u0063": "\u00e9"} ],"d/e~f":{"g": 18446744073709551616},"h":null,"i":1}"#,
            ),
            (
                vec![add("/a/1/bc", true), add("/a/0", "x"), add("/a/-", "y"), remove("/d~1e~0f")],
                r#"{"a":["x",1.0,{"bc":true},"y"],"h":null}"#,
            ),
            (
                vec![replace("/d~1e~0f/g", 1_i64), replace("/h", "x"), remove("/a/0"), replace("/a/0", 2_i64)],
                r#"{"a":[2],"d/e~f":{"g":1},"h":"x"}"#,
            ),
            (
                vec![
                    add("/i", Value::object(vec![("j".into(), Value::Array(vec![]))])),
                    add("/i/j/-", "x"),
                    remove("/a"),
                    remove("/d~1e~0f"),
                    remove("/h"),
                ],
                r#"{"i":{"j":["x"]}}"#,
            ),
        ] {
            assert_eq!(apply(OBJECT, &patch).as_deref(), Some(expected), "{patch:?}");
        }
        assert_eq!(apply(r#"{"a":1,"b":2,"a":3}"#, &[remove("/a")]).as_deref(), Some(r#"{"b":2}"#));
        assert_eq!(apply(r#"{"a":{},"a":{"b":1}}"#, &[remove("/a/b")]).as_deref(), Some(r#"{"a":{},"a":{}}"#));
    }

    #[test]
    fn what_does_not_apply() {
        for operation in [
            add("", 1_i64),
            add("/x/y", 1_i64),
            add("/a/3", 1_i64),
            add("/a/01", 1_i64),
            add("/a/x", 1_i64),
            add("/h/x", 1_i64),
            replace("/x", 1_i64),
            replace("/a/2", 1_i64),
            replace("/a/-", 1_i64),
            remove("/x"),
            remove("/a/2"),
            remove("/a/+1"),
        ] {
            assert_eq!(apply(OBJECT, std::slice::from_ref(&operation)), None, "{operation:?}");
        }
        for text in ["", "{", "1", "[", "{\"a\":}", "{\"a\" 1}"] {
            assert_eq!(apply(text, &[add("/a/b", 1_i64)]), None, "{text}");
        }
    }

    #[test]
    fn finds_what_is_named() {
        assert_eq!(find(OBJECT, "/d/e~f"), None);
        assert_eq!(find(OBJECT, "/a"), Some(r#"[ 1.0 , {"b\u0063": "\u00e9"} ]"#));
        assert_eq!(find(r#"{"a":{"b":1},"a":{"b":2}}"#, "/a/b"), Some("2"));
        assert_eq!(find("{\"a\":", "/a"), None);
    }
}
