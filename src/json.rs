//! Writing JSON. What is written has few shapes, so that this stays small where generated
//! serializers would fill a good part of the module.

pub use transom_json::write as text;

/// Writes an object, field by field.
pub struct Object<'o> {
    out: &'o mut String,
    is_empty: bool,
}

impl<'o> Object<'o> {
    /// Begins an object at the end of `out`.
    pub fn new(out: &'o mut String) -> Self {
        out.push('{');
        Object { out, is_empty: true }
    }

    /// Writes the name of a field; its value is still to be written to what this returns.
    pub fn field(&mut self, name: &str) -> &mut String {
        if !self.is_empty {
            self.out.push(',');
        }
        self.is_empty = false;
        text(self.out, name);
        self.out.push(':');
        self.out
    }

    /// Writes a field whose value is a string.
    pub fn text(&mut self, name: &str, value: &str) {
        text(self.field(name), value);
    }

    /// Writes a field whose value is a string, where there is one.
    pub fn some_text(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    /// Writes a field whose value is a boolean.
    pub fn boolean(&mut self, name: &str, value: bool) {
        self.field(name).push_str(if value { "true" } else { "false" });
    }

    /// Writes a field whose value is an array.
    pub fn array<T>(&mut self, name: &str, items: &[T], write: impl Fn(&T, &mut String)) {
        array(self.field(name), items, write);
    }

    /// Ends the object.
    pub fn end(self) {
        self.out.push('}');
    }
}

/// Writes an array.
pub fn array<T>(out: &mut String, items: &[T], write: impl Fn(&T, &mut String)) {
    out.push('[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write(item, out);
    }
    out.push(']');
}

#[cfg(test)]
mod tests {
    #[test]
    fn text_is_as_serde_json_writes_it() {
        let texts = ["", "a \"b\" c:\\d", "\0\u{1}\u{8}\t\n\u{b}\u{c}\r\u{1f} \u{7f}é😀\u{2028}"];
        for text in texts {
            let mut out = String::new();
            super::text(&mut out, text);
            assert_eq!(out, serde_json::to_string(text).expect("JSON"));
        }
    }
}
