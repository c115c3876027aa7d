//! JSON texts taken apart, their parts left as text.
//!
//! OPA's engine looks at its clock in every turn of every loop, which makes loops dear: so the text
//! is gone over in the large steps of [`transom_json`], and nothing of it is copied.

use std::borrow::Cow;

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

    /// The texts of all fields.
    pub fn values(&self) -> impl Iterator<Item = &'t str> {
        self.0.iter().map(|(_, value)| *value)
    }

    /// Puts a value, a JSON text, in the place of what has this name, or behind all others.
    pub fn set(&mut self, name: Cow<'t, str>, value: &'t str) {
        self.remove(&name);
        self.0.push((name, value));
    }

    /// Takes a field out. Returns false where there is none.
    pub fn remove(&mut self, name: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|(other, _)| other != name);
        self.0.len() != before
    }

    /// The object of these fields, as text.
    pub fn to_json(&self) -> String {
        let mut text = String::from("{");
        for (index, (name, value)) in self.0.iter().enumerate() {
            if index > 0 {
                text.push(',');
            }
            transom_json::write(&mut text, name);
            text.push(':');
            text.push_str(value);
        }
        text.push('}');
        text
    }
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
        let mut fields = Fields::of(text).expect("an object");
        assert_eq!((fields.get("a"), fields.get("b"), fields.get("c")), (Some("2"), Some("null"), None));
        assert_eq!(fields.some("b"), None);
        assert_eq!(fields.values().next(), Some(r#"[1, {"b": "}"}]"#));
        assert!(fields.remove("b") && !fields.remove("b"));
        fields.set("a".into(), "3");
        fields.set("\"".into(), "{}");
        assert_eq!(fields.to_json(), r#"{"a":3,"\"":{}}"#);
        assert_eq!(Fields::of("{}").expect("an object").to_json(), "{}");
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
