//! New values as YAML text.
//!
//! Strings stay plain unless kubectl's reader would take them for something else; then they are in
//! double quotes, whose escapes are JSON's, so that text put into a JSON document stays JSON.

use serde_json::{Map, Value};

use crate::events::Style;
use crate::scalar;

/// How [`to_yaml`] lays out what it writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YamlStyle {
    /// Columns that a mapping within a mapping is indented by; at least 1. Default: 2.
    pub indent: usize,
    /// Whether the dashes of a list are indented below their key. Default: no, as kubectl writes.
    pub indent_sequences: bool,
}

impl Default for YamlStyle {
    fn default() -> Self {
        YamlStyle { indent: 2, indent_sequences: false }
    }
}

/// Writes a value as a YAML document in block style, with a final line end and without `---`.
///
/// ```
/// use transom_yaml::{YamlStyle, to_yaml};
/// let value = serde_json::json!({"os": "on", "args": ["-c", "echo: hi"], "empty": {}});
/// assert_eq!(
///     to_yaml(&value, &YamlStyle::default()),
///     "args:\n- -c\n- \"echo: hi\"\nempty: {}\nos: \"on\"\n",
/// );
/// ```
pub fn to_yaml(value: &Value, style: &YamlStyle) -> String {
    let emitter = Emitter { step: style.indent.max(1), indent_sequences: style.indent_sequences, ..Emitter::default() };
    let mut out = if is_branch(value) { emitter.block(value, 0) } else { emitter.scalar(value, false, None) };
    out.push('\n');
    out
}

/// Whether a value is a collection that has something in it.
pub(crate) fn is_branch(value: &Value) -> bool {
    match value {
        Value::Array(items) => !items.is_empty(),
        Value::Object(map) => !map.is_empty(),
        _ => false,
    }
}

/// Writes values in the manner of one document.
#[derive(Debug, Clone)]
pub(crate) struct Emitter {
    pub step: usize,
    pub indent_sequences: bool,
    /// Whether text of several lines may become a `|` block.
    pub literals: bool,
    /// Whether keys in flow style are always in double quotes, as in JSON.
    pub quote_flow_keys: bool,
    /// Whether strings in flow style are always in double quotes, as in JSON and KYAML.
    pub quote_flow_strings: bool,
    /// Whether the last entry of a flow collection over several lines has a comma too.
    pub trailing_comma: bool,
    /// How far flow collections over several lines are indented, in `flow_blank`s.
    pub flow_step: usize,
    /// What they are indented with.
    pub flow_blank: char,
    /// Whether there are no blanks in flow style, as in JSON that no one reads.
    pub tight: bool,
}

impl Default for Emitter {
    fn default() -> Self {
        Emitter {
            step: 2,
            indent_sequences: false,
            literals: true,
            quote_flow_keys: false,
            quote_flow_strings: false,
            trailing_comma: false,
            flow_step: 2,
            flow_blank: ' ',
            tight: false,
        }
    }
}

impl Emitter {
    /// The lines of a collection that is not empty, each indented, without the last line end.
    pub(crate) fn block(&self, value: &Value, indent: usize) -> String {
        let mut out = String::new();
        self.write_block(value, indent, &mut out);
        out
    }

    /// `key: value` without its own indentation, which is `indent`.
    pub(crate) fn entry(&self, key: &str, value: &Value, indent: usize) -> String {
        let mut out = String::new();
        self.write_entry(key, value, indent, &mut out);
        out
    }

    /// `- value` without its own indentation, which is `indent`.
    pub(crate) fn item(&self, value: &Value, indent: usize) -> String {
        let mut out = String::new();
        self.write_item(value, indent, &mut out);
        out
    }

    /// A `|` block whose lines have an indentation, header included, if the text can be one.
    pub(crate) fn literal(&self, text: &str, indent: usize) -> Option<String> {
        if !self.literals || !fits_literal(text) {
            return None;
        }
        let mut out = String::from(if text.ends_with('\n') { "|" } else { "|-" });
        for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
            out.push('\n');
            if !line.is_empty() {
                pad(&mut out, indent);
                out.push_str(line);
            }
        }
        Some(out)
    }

    /// A scalar or an empty collection on one line. `like` is the style of what it replaces.
    pub(crate) fn scalar(&self, value: &Value, flow: bool, like: Option<Style>) -> String {
        match value {
            Value::String(s) => self.string(s, flow, like),
            Value::Number(n) => n.to_string(),
            Value::Bool(b) => b.to_string(),
            Value::Null => "null".into(),
            Value::Array(_) => "[]".into(),
            Value::Object(_) => "{}".into(),
        }
    }

    /// A value on one line.
    pub(crate) fn flow(&self, value: &Value) -> String {
        match value {
            Value::Array(items) => {
                let items: Vec<String> = items.iter().map(|item| self.flow(item)).collect();
                format!("[{}]", items.join(self.comma()))
            }
            Value::Object(map) => {
                let entries: Vec<String> =
                    map.iter().map(|(key, value)| self.flow_entry(key, &self.flow(value))).collect();
                format!("{{{}}}", entries.join(self.comma()))
            }
            _ => self.scalar(value, true, None),
        }
    }

    /// A flow value with one entry a line, as JSON and KYAML are printed; its first line is not
    /// indented, its last is by `indent`.
    pub(crate) fn flow_lines(&self, value: &Value, indent: usize) -> String {
        let inner = indent + self.flow_step;
        let pad = |out: &mut String, columns: usize| out.extend(std::iter::repeat_n(self.flow_blank, columns));
        let (open, parts, close) = match value {
            Value::Array(items) if !items.is_empty() => {
                ('[', items.iter().map(|item| self.flow_lines(item, inner)).collect::<Vec<_>>(), ']')
            }
            Value::Object(map) if !map.is_empty() => (
                '{',
                map.iter().map(|(key, value)| self.flow_entry(key, &self.flow_lines(value, inner))).collect(),
                '}',
            ),
            _ => return self.flow(value),
        };
        let mut out = String::from(open);
        let last = parts.len() - 1;
        for (i, part) in parts.iter().enumerate() {
            out.push('\n');
            pad(&mut out, inner);
            out.push_str(part);
            if i < last || self.trailing_comma {
                out.push(',');
            }
        }
        out.push('\n');
        pad(&mut out, indent);
        out.push(close);
        out
    }

    /// `key: value` for a value that is written already.
    pub(crate) fn flow_entry(&self, key: &str, value: &str) -> String {
        let key = if self.quote_flow_keys { quoted(key) } else { plain_or_quoted(key, true) };
        format!("{key}:{}{value}", if self.tight { "" } else { " " })
    }

    /// What stands between two entries on one line.
    pub(crate) fn comma(&self) -> &'static str {
        if self.tight { "," } else { ", " }
    }

    fn string(&self, text: &str, flow: bool, like: Option<Style>) -> String {
        match like {
            Some(Style::Double) => return quoted(text),
            Some(Style::Single) if text.chars().all(|c| is_printable(c) && !is_break(c)) => {
                return format!("'{}'", text.replace('\'', "''"));
            }
            _ => {}
        }
        if flow && self.quote_flow_strings { quoted(text) } else { plain_or_quoted(text, flow) }
    }

    fn write_block(&self, value: &Value, indent: usize, out: &mut String) {
        let separate = |out: &mut String, first: &mut bool| {
            if !std::mem::take(first) {
                out.push('\n');
            }
            pad(out, indent);
        };
        let mut first = true;
        match value {
            Value::Array(items) => {
                for item in items {
                    separate(out, &mut first);
                    self.write_item(item, indent, out);
                }
            }
            Value::Object(map) => {
                for (key, value) in map {
                    separate(out, &mut first);
                    self.write_entry(key, value, indent, out);
                }
            }
            _ => {}
        }
    }

    fn write_entry(&self, key: &str, value: &Value, indent: usize, out: &mut String) {
        out.push_str(&plain_or_quoted(key, false));
        out.push(':');
        match value {
            Value::Array(items) if !items.is_empty() => {
                out.push('\n');
                let indent = if self.indent_sequences { indent + self.step } else { indent };
                self.write_block(value, indent, out);
            }
            Value::Object(map) if !map.is_empty() => {
                out.push('\n');
                self.write_block(value, indent + self.step, out);
            }
            _ => {
                out.push(' ');
                self.write_leaf(value, indent + self.step, out);
            }
        }
    }

    fn write_item(&self, value: &Value, indent: usize, out: &mut String) {
        out.push_str("- ");
        if is_branch(value) {
            let at = out.len();
            self.write_block(value, indent + 2, out);
            // The first line goes on the line of the dash.
            out.replace_range(at..at + indent + 2, "");
        } else {
            self.write_leaf(value, indent + 2, out);
        }
    }

    fn write_leaf(&self, value: &Value, indent: usize, out: &mut String) {
        let literal = value.as_str().and_then(|s| self.literal(s, indent));
        out.push_str(&literal.unwrap_or_else(|| self.scalar(value, false, None)));
    }
}

/// Whether every value in a mapping or list to be is a scalar, so that it may stay on one line.
pub(crate) fn scalars_only(value: &Value) -> bool {
    let leaf = |v: &Value| !is_branch(v);
    match value {
        Value::Array(items) => items.iter().all(leaf),
        Value::Object(map) => Map::values(map).all(leaf),
        _ => true,
    }
}

fn pad(out: &mut String, columns: usize) {
    out.extend(std::iter::repeat_n(' ', columns));
}

fn plain_or_quoted(text: &str, flow: bool) -> String {
    if is_plain(text, flow) { text.to_owned() } else { quoted(text) }
}

/// In double quotes, with JSON's escapes.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_printable(c) && !is_break(c) => out.push(c),
            c => out.push_str(&format!("\\u{:04x}", u32::from(c))),
        }
    }
    out.push('"');
    out
}

/// Whether a string may stand without quotes and be read as that string.
fn is_plain(text: &str, flow: bool) -> bool {
    let bytes = text.as_bytes();
    let (Some(&first), Some(&last)) = (bytes.first(), bytes.last()) else { return false };
    let starts_well = match first {
        b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>' | b'\'' | b'"' | b'%' | b'@'
        | b'`' | b'?' | b':' | b' ' | b'=' => false,
        b'-' => bytes.get(1).is_some_and(|b| *b != b' ') && !text.starts_with("---") && !(flow && bytes[1] == b','),
        b'.' => !text.starts_with("..."),
        _ => true,
    };
    starts_well
        && last != b' '
        && last != b':'
        && text.chars().all(|c| is_printable(c) && !is_break(c) && c != '\t')
        && !text.contains(": ")
        && !text.contains(" #")
        && !(flow && text.contains([',', '[', ']', '{', '}', '?']))
        && !scalar::reads_as_other_type(text)
}

fn fits_literal(text: &str) -> bool {
    text.contains('\n')
        && !text.starts_with([' ', '\n', '\t'])
        && !text.ends_with("\n\n")
        && text.chars().all(|c| c == '\n' || c == '\t' || (is_printable(c) && !is_break(c)))
        && text.split('\n').all(|line| line.is_empty() || !line.trim().is_empty())
        && !text.split('\n').any(|line| line.starts_with('\t'))
}

/// What YAML 1.1 takes for a line break.
fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_printable(c: char) -> bool {
    matches!(c, '\t' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}' | '\u{10000}'..)
        || is_break(c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn quotes_only_where_they_are_needed() {
        for plain in ["windows", "nginx:1.2", "http://x/?y", "a b", "--flag=x", "-x", "it's", "a#b", "1.2.3", "é"] {
            assert_eq!(plain_or_quoted(plain, false), plain);
        }
        for text in [
            "", "yes", "1", "~", "- x", "-", "a: b", "a:", "a #b", " a", "a ", "#", "'a'", "[a", "{a", "*a", "@a",
            "---", "a\tb", "\u{7f}",
        ] {
            assert!(plain_or_quoted(text, false).starts_with('"'), "{text}");
        }
        assert_eq!(plain_or_quoted("a,b", false), "a,b");
        assert_eq!(plain_or_quoted("a,b", true), "\"a,b\"");
        assert_eq!(quoted("\u{1}\u{2028}\"\\\n"), r#""\u0001\u2028\"\\\n""#);
    }

    #[test]
    fn blocks_and_lines() {
        let value = json!({"a": {"b": [1, [2, {"c": "x\ny\n"}], {}]}, "d": "l1\nl2", "e": "\n"});
        let style = YamlStyle { indent: 4, indent_sequences: true };
        assert_eq!(
            to_yaml(&value, &style),
            "a:\n    b:\n        - 1\n        - - 2\n          - c: |\n                x\n                y\n        - {}\nd: |-\n    l1\n    l2\ne: \"\\n\"\n"
        );
        let json = Emitter { quote_flow_keys: true, quote_flow_strings: true, ..Emitter::default() };
        let value = json!({"a": [1, {"b": "c"}], "d": []});
        assert_eq!(json.flow(&value), r#"{"a": [1, {"b": "c"}], "d": []}"#);
        let lines = json.flow_lines(&value, 0);
        assert_eq!(lines, "{\n  \"a\": [\n    1,\n    {\n      \"b\": \"c\"\n    }\n  ],\n  \"d\": []\n}");
    }
}
