//! Texts as Rego writes them, and as JSON has them.
//!
//! OPA hands over inputs and data as Rego terms. Most are JSON as they stand. Strings are quoted as
//! Go does it, though, with escapes that JSON does not have; and a set is written `{1, 2}`.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::json;

/// The JSON for a Rego term: sets become arrays.
pub fn to_json(term: &str) -> Cow<'_, str> {
    if json::is_json(term) {
        return Cow::Borrowed(term);
    }
    let mut json = String::with_capacity(term.len());
    // Where braces that are open begin in `json`, and whether a colon has been seen in each.
    let mut open: Vec<(usize, bool)> = Vec::new();
    let mut rest = term;
    while let Some(first) = rest.chars().next() {
        let mut taken = first.len_utf8();
        match first {
            '"' => {
                taken = string_length(rest);
                push_string(&rest[..taken], &mut json);
            }
            's' if rest.starts_with("set()") => {
                taken = "set()".len();
                json.push_str("[]");
            }
            '{' => {
                open.push((json.len(), false));
                json.push('{');
            }
            ':' => {
                if let Some((_, has_colon)) = open.last_mut() {
                    *has_colon = true;
                }
                json.push(':');
            }
            '}' => match open.pop() {
                Some((start, false)) if !json[start + 1..].trim().is_empty() => {
                    json.replace_range(start..=start, "[");
                    json.push(']');
                }
                _ => json.push('}'),
            },
            other => json.push(other),
        }
        rest = &rest[taken..];
    }
    Cow::Owned(json)
}

/// The Rego term for a JSON text. OPA reads no byte order mark but at the beginning, not even in a string.
pub fn from_json(json: &str) -> Cow<'_, str> {
    const MARK: char = '\u{feff}';
    if json.contains(MARK) { Cow::Owned(json.replace(MARK, "\\ufeff")) } else { Cow::Borrowed(json) }
}

/// The Rego set of the elements of a JSON array.
pub fn set_of(array: &str) -> String {
    match array.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some("") | None => "set()".to_owned(),
        Some(elements) => format!("{{{elements}}}"),
    }
}

/// The length of the string that `text` begins with, quotes included.
fn string_length(text: &str) -> usize {
    let mut bytes = text.bytes().enumerate().skip(1);
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => return at + 1,
            b'\\' => drop(bytes.next()),
            _ => {}
        }
    }
    text.len()
}

/// Writes a string in Go's quotes as one in JSON's.
fn push_string(quoted: &str, json: &mut String) {
    let mut chars = quoted.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            json.push(c);
            continue;
        }
        let escape = chars.next();
        let digits = match escape {
            Some('x') => 2,
            Some('U') => 8,
            Some('a') => {
                json.push_str("\\u0007");
                continue;
            }
            Some('v') => {
                json.push_str("\\u000b");
                continue;
            }
            Some('\'') => {
                json.push('\'');
                continue;
            }
            other => {
                json.push('\\');
                json.extend(other);
                continue;
            }
        };
        let mut code = 0_u32;
        for _ in 0..digits {
            code = code * 16 + chars.next().and_then(|digit| digit.to_digit(16)).unwrap_or_default();
        }
        // A byte that is no text stands as itself in Go; there is nothing like it in JSON.
        let code = if digits == 2 && code > 0x7f { 0xfffd } else { code };
        match char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER) {
            c if c < ' ' || matches!(c, '"' | '\\') => drop(write!(json, "\\u{:04x}", u32::from(c))),
            c => json.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_stays_as_it_is() {
        for json in [r#"{"a": [1, {"b": "{x, y} set() \u0007 \\a"}], "c": {}}"#, "{}", "[]", "\"sets\"", "1"] {
            assert!(matches!(to_json(json), Cow::Borrowed(_)), "{json}");
        }
    }

    #[test]
    fn escapes_of_go() {
        assert_eq!(
            to_json(r#"{"a": "\a\v\x7f\U0001f600\'\n\"\\x41"}"#),
            "{\"a\": \"\\u0007\\u000b\u{7f}😀'\\n\\\"\\\\x41\"}"
        );
        assert_eq!(to_json(r#""\xff\x00""#), "\"\u{fffd}\\u0000\"");
        for text in [to_json(r#""\x22\x5c\U0000001f""#), to_json(r#"{"\a"}"#)] {
            assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{text}");
        }
    }

    #[test]
    fn sets_become_arrays() {
        assert_eq!(to_json(r#"{"a": {1, {"b": set()}}, "c": {"x:y"}}"#), r#"{"a": [1, {"b": []}], "c": ["x:y"]}"#);
        assert_eq!(set_of(r#"[1,"a"]"#), r#"{1,"a"}"#);
        assert_eq!(set_of("[]"), "set()");
    }

    #[test]
    fn no_text_makes_it_panic() {
        for text in ["\"", "\"\\", "{", "}", "\"\\x", "\"\\U00", "set(", "{{{", "}}}", "\"\\xZZ\"", "é{é}"] {
            let _ = to_json(text);
        }
    }
}
