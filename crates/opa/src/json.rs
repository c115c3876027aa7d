//! JSON texts taken apart, their parts left as text.
//!
//! OPA's engine looks at its clock in every turn of every loop, which makes loops dear: so the text
//! is gone over in the large steps of [`transom_json`], and nothing of it is copied.

use std::borrow::Cow;
use std::ops::Range;

use transom_json::{Broken, Tokens};

/// Whether a text is one JSON value and nothing else.
pub fn is_json(text: &str) -> bool {
    let mut tokens = Tokens::of(text);
    tokens.skip().is_ok() && tokens.is_over()
}

/// The fields of an object, in their order; nothing where the text is not one object.
#[derive(Debug, Default)]
pub struct Fields<'t>(Vec<(Cow<'t, str>, &'t str)>);

impl<'t> Fields<'t> {
    /// Takes an object apart.
    pub fn of(object: &'t str) -> Option<Self> {
        let mut fields = Vec::new();
        items(object, b'{', |tokens| {
            let name = tokens.name()?;
            fields.push((name, value(object, tokens)?));
            Ok(())
        })?;
        Some(Fields(fields))
    }

    /// The text of a field: of the last, where it is there more than once.
    pub fn get(&self, name: &str) -> Option<&'t str> {
        self.0.iter().rfind(|(other, _)| other == name).map(|(_, value)| *value)
    }

    /// The same, where it is not `null`.
    pub fn some(&self, name: &str) -> Option<&'t str> {
        self.get(name).filter(|value| *value != "null")
    }

    /// The names and texts of all fields.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &'t str)> {
        self.0.iter().map(|(name, value)| (&**name, *value))
    }
}

/// Why there is no place for a path of names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Astray {
    /// The path has no names, or one that is not there.
    Path,
    /// What it leads through is no object.
    Type,
}

/// Where the value at a path of names belongs in the text of an object, and what is to be written before it: the
/// name of a field that is not there yet, behind all others.
pub fn place(object: &str, path: &[Cow<'_, str>]) -> Result<(Range<usize>, String), Astray> {
    let (name, within) = innermost(object, path)?;
    if let Some(field) = field(object, &within, name)? {
        return Ok((field.value, String::new()));
    }
    let end = within.start + object[within.clone()].trim_end().len() - 1;
    let mut before = String::new();
    if !object[within.start..end].trim_end().ends_with('{') {
        before.push(',');
    }
    transom_json::write(&mut before, name);
    before.push(':');
    Ok((end..end, before))
}

/// Where the field at a path of names is in the text of an object, with the comma that goes with it.
pub fn whole(object: &str, path: &[Cow<'_, str>]) -> Result<Range<usize>, Astray> {
    let (name, within) = innermost(object, path)?;
    let field = field(object, &within, name)?.ok_or(Astray::Path)?;
    let (start, end) = (field.start, field.value.end);
    let (before, behind) = (object[..start].trim_end(), object[end..].trim_start());
    Ok(match (behind.strip_prefix(','), before.strip_suffix(',')) {
        (Some(rest), _) => start..object.len() - rest.len(),
        (None, Some(rest)) => rest.len()..end,
        (None, None) => start..end,
    })
}

/// The last name of a path, and where the object is that it is a name in.
fn innermost<'p>(object: &str, path: &'p [Cow<'_, str>]) -> Result<(&'p str, Range<usize>), Astray> {
    let (last, above) = path.split_last().ok_or(Astray::Path)?;
    let mut within = 0..object.len();
    for name in above {
        within = field(object, &within, name)?.ok_or(Astray::Path)?.value;
    }
    Ok((last, within))
}

/// A field in a text.
struct Field {
    /// Where its name begins.
    start: usize,
    value: Range<usize>,
}

/// The field of an object that is somewhere in a text: the last of that name.
fn field(text: &str, object: &Range<usize>, name: &str) -> Result<Option<Field>, Astray> {
    let mut found = None;
    items(&text[object.clone()], b'{', |tokens| {
        let start = object.start + tokens.position();
        let is_it = tokens.name()? == name;
        let begin = object.start + tokens.position();
        tokens.skip()?;
        if is_it {
            found = Some(Field { start, value: begin..object.start + tokens.end() });
        }
        Ok(())
    })
    .ok_or(Astray::Type)?;
    Ok(found)
}

/// The elements of an array; nothing where the text is not one array.
pub fn elements(array: &str) -> Option<Vec<&str>> {
    let mut elements = Vec::new();
    items(array, b'[', |tokens| {
        elements.push(value(array, tokens)?);
        Ok(())
    })?;
    Some(elements)
}

/// An array of texts; nothing where the text is none.
pub fn strings(array: &str) -> Option<Vec<Cow<'_, str>>> {
    let mut strings = Vec::new();
    items(array, b'[', |tokens| {
        if tokens.peek() != b'"' {
            return Err(Broken);
        }
        strings.push(tokens.string()?);
        Ok(())
    })?;
    Some(strings)
}

/// Hands each item between brackets to `take`; nothing where the text is not these brackets whole.
fn items<'t>(text: &'t str, open: u8, mut take: impl FnMut(&mut Tokens<'t>) -> Result<(), Broken>) -> Option<()> {
    let mut tokens = Tokens::of(text);
    if tokens.peek() != open {
        return None;
    }
    tokens.open();
    let mut is_first = true;
    while !tokens.is_closed(open, is_first).ok()? {
        is_first = false;
        take(&mut tokens).ok()?;
    }
    tokens.is_over().then_some(())
}

/// Takes the next value: its text.
fn value<'t>(text: &'t str, tokens: &mut Tokens<'t>) -> Result<&'t str, Broken> {
    let start = tokens.position();
    tokens.skip()?;
    text.get(start..tokens.end()).ok_or(Broken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_taken_apart() {
        let text = r#" { "a" : [1, {"b": "}"}] ,"\u0062":null, "a":2 } "#;
        let fields = Fields::of(text).expect("an object");
        assert_eq!((fields.get("a"), fields.get("b"), fields.get("c")), (Some("2"), Some("null"), None));
        assert_eq!(fields.some("b"), None);
        assert_eq!(fields.entries().next(), Some(("a", r#"[1, {"b": "}"}]"#)));
    }

    fn path<'n>(names: &[&'n str]) -> Vec<Cow<'n, str>> {
        names.iter().map(|name| (*name).into()).collect()
    }

    fn with(object: &str, names: &[&str], value: &str) -> Result<String, Astray> {
        let (place, before) = place(object, &path(names))?;
        Ok([&object[..place.start], &before, value, &object[place.end..]].concat())
    }

    fn without(object: &str, names: &[&str]) -> Result<String, Astray> {
        let place = whole(object, &path(names))?;
        Ok([&object[..place.start], &object[place.end..]].concat())
    }

    #[test]
    fn fields_are_set() {
        for (object, names, changed) in [
            ("{}", &["a"][..], r#"{"a":0}"#),
            (" { } ", &["\""], r#" { "\"":0} "#),
            (r#"{"a": 1}"#, &["b"], r#"{"a": 1,"b":0}"#),
            (r#"{"a": 1 }"#, &["a"], r#"{"a": 0 }"#),
            (r#"{"\u0061":[{"a":1}],"b":2}"#, &["a"], r#"{"\u0061":0,"b":2}"#),
            (r#"{"a":1, "a":2}"#, &["a"], r#"{"a":1, "a":0}"#),
            (
                r#"{"b":{"a":{}},"a":{"b":"}","a": {"x":[]}}}"#,
                &["a", "a", "b"],
                r#"{"b":{"a":{}},"a":{"b":"}","a": {"x":[],"b":0}}}"#,
            ),
        ] {
            assert_eq!(with(object, names, "0").as_deref(), Ok(changed));
        }
    }

    #[test]
    fn fields_are_taken_out() {
        for (object, names, changed) in [
            (r#"{"a":1}"#, &["a"][..], "{}"),
            (r#"{"a" : 1 , "b":2}"#, &["a"], r#"{ "b":2}"#),
            (r#"{"a":1, "b":2 }"#, &["b"], r#"{"a":1 }"#),
            (r#"{"a":1,"b":2,"c":3}"#, &["b"], r#"{"a":1,"c":3}"#),
            (r#"{"a":{"b":{"c":1}},"d":2}"#, &["a", "b", "c"], r#"{"a":{"b":{}},"d":2}"#),
        ] {
            assert_eq!(without(object, names).as_deref(), Ok(changed));
        }
    }

    #[test]
    fn paths_that_lead_nowhere() {
        let object = r#"{"a":{"b":[1]}}"#;
        for (names, astray) in [
            (&[][..], Astray::Path),
            (&["b", "c"], Astray::Path),
            (&["a", "b", "0"], Astray::Type),
            (&["a", "b", "0", "x"], Astray::Type),
        ] {
            assert_eq!((with(object, names, "0"), without(object, names)), (Err(astray), Err(astray)), "{names:?}");
        }
        assert_eq!(without(object, &["a", "c"]), Err(Astray::Path));
        assert_eq!(with("[]", &["a"], "0"), Err(Astray::Type));
    }

    #[test]
    fn arrays_are_taken_apart() {
        assert_eq!(elements("[1, [2,3] ,{} ]"), Some(vec!["1", "[2,3]", "{}"]));
        assert_eq!(elements(" [ ] "), Some(vec![]));
        assert_eq!(strings(r#"["a", "\u0062"]"#), Some(vec!["a".into(), "b".into()]));
        assert_eq!(strings("[1]"), None);
    }

    #[test]
    fn what_is_broken_is_nothing() {
        for text in ["", "{", "[1", "{}x", "[1,]", r#"{"a"}"#, r#"{"a":1,}"#, "{1}", "nul", "\"", "[1 2]", "\u{feff}{}"]
        {
            assert!(Fields::of(text).is_none() && elements(text).is_none() && !is_json(text), "{text}");
        }
        for text in ["1", "null", "\"a\"", " true ", "-1.5e3"] {
            assert!(is_json(text) && Fields::of(text).is_none() && elements(text).is_none(), "{text}");
        }
    }
}
