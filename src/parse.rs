//! JSON text, read once from front to back.
//!
//! Values go straight from the text into their [`Slot`]s; what no slot wants is passed over. It is
//! not left to serde_json, since this is half of what an evaluation costs: through a `Deserializer`,
//! made for visitors of every type, it takes half as long again.
//!
//! What is rare stays with serde_json: what to say about a text that is no JSON.

use std::borrow::Cow;
use std::ops::Range;

use serde::de::{Error as _, IgnoredAny};
use transom_json::{Broken, Tokens};

use crate::object::read::{At, Elements, Fields, INTEGER, Slot, Str};

/// How deep values that are read may be nested; what is deeper is passed over. No field of Kubernetes is.
const DEPTH: usize = 127;

/// Where values begin and end, in the order of their beginnings: all arrays and objects that were
/// read, and of what was passed over all that is longer than [`SHORT`].
pub(crate) type Spans = Vec<Range<usize>>;

/// Reads a whole JSON text into `slot`.
pub(crate) fn read_text<'de>(
    text: &'de str,
    slot: &mut dyn Slot<'de>,
    at: &At<'_>,
) -> Result<Spans, serde_json::Error> {
    let mut parser = Parser::new(text, &[]);
    let read = parser.value(slot, at);
    if read.is_ok() && parser.tokens.is_over() {
        return Ok(parser.spans);
    }
    let error = serde_json::from_str::<IgnoredAny>(text).err();
    Err(error.unwrap_or_else(|| serde_json::Error::custom("text set aside could not be read")))
}

/// Reads a text again, in which `spans` are known since it was read: they are passed over in one step.
pub(crate) fn read_again<'de>(text: &'de str, spans: &Spans, slot: &mut dyn Slot<'de>, at: &At<'_>) {
    let _ = Parser::new(text, spans).value(slot, at);
}

/// Values up to this many bytes are passed over again as quickly as their span is found.
const SHORT: usize = 64;

struct Parser<'s, 'de> {
    tokens: Tokens<'de>,
    /// How many arrays and objects are being read.
    depth: usize,
    spans: Spans,
    /// The spans that are known already.
    known: &'s [Range<usize>],
}

impl<'s, 'de> Parser<'s, 'de> {
    fn new(text: &'de str, known: &'s [Range<usize>]) -> Self {
        Parser { tokens: Tokens::of(text), depth: 0, spans: Spans::new(), known }
    }

    /// Reads a value.
    fn value(&mut self, slot: &mut dyn Slot<'de>, at: &At<'_>) -> Result<(), Broken> {
        match self.tokens.peek() {
            b'"' => slot.string(self.tokens.string()?, at),
            open @ (b'{' | b'[') => {
                if self.depth == DEPTH {
                    return self.skip();
                }
                self.depth += 1;
                let span = self.spans.len();
                self.spans.push(self.tokens.position()..0);
                self.tokens.open();
                let mut items = Items { parser: self, is_first: true };
                if open == b'{' {
                    slot.object(&mut items, at)?
                } else {
                    slot.array(&mut items, at)?
                }
                self.depth -= 1;
                self.spans[span].end = self.tokens.position();
            }
            b'n' => {
                self.tokens.word("null")?;
                slot.null();
            }
            b't' => {
                self.tokens.word("true")?;
                slot.boolean(true, at);
            }
            b'f' => {
                self.tokens.word("false")?;
                slot.boolean(false, at);
            }
            _ => {
                let number = self.tokens.number()?;
                match number.parse() {
                    // Go reads `-0` as the integer 0; what is copied stays as it is written.
                    Ok(value) if number != "-0" || slot.expected() == INTEGER => slot.integer(value, at),
                    _ => slot.decimal(Cow::Borrowed(number), at),
                }
            }
        }
        Ok(())
    }

    /// Passes over a value.
    fn skip(&mut self) -> Result<(), Broken> {
        let start = self.tokens.position();
        let known = self.known.partition_point(|span| span.start < start);
        if let Some(span) = self.known.get(known).filter(|span| span.start == start) {
            self.tokens.go_to(span.end);
            return Ok(());
        }
        self.tokens.skip()?;
        let end = self.tokens.position();
        if end - start > SHORT {
            self.spans.push(start..end);
        }
        Ok(())
    }
}

/// What is in an array or an object.
struct Items<'p, 's, 'de> {
    parser: &'p mut Parser<'s, 'de>,
    is_first: bool,
}

impl Items<'_, '_, '_> {
    /// Whether all of them have been taken.
    fn is_over(&mut self, open: u8) -> Result<bool, Broken> {
        let is_first = std::mem::take(&mut self.is_first);
        self.parser.tokens.is_closed(open, is_first)
    }
}

impl<'de> Elements<'de> for Items<'_, '_, 'de> {
    fn read(&mut self, slot: &mut dyn Slot<'de>, at: &At<'_>) -> Result<bool, Broken> {
        if self.is_over(b'[')? {
            return Ok(false);
        }
        self.parser.value(slot, at).map(|()| true)
    }
    fn skip(&mut self) -> Result<bool, Broken> {
        if self.is_over(b'[')? {
            return Ok(false);
        }
        self.parser.skip().map(|()| true)
    }
}

impl<'de> Fields<'de> for Items<'_, '_, 'de> {
    fn next(&mut self) -> Result<Option<Str<'de>>, Broken> {
        if self.is_over(b'{')? {
            return Ok(None);
        }
        self.parser.tokens.name().map(Some)
    }
    fn read(&mut self, slot: &mut dyn Slot<'de>, at: &At<'_>) -> Result<(), Broken> {
        self.parser.value(slot, at)
    }
    fn skip(&mut self) -> Result<(), Broken> {
        self.parser.skip()
    }
}

#[cfg(test)]
mod tests {
    use serde::de::IgnoredAny;

    use super::read_text;
    use crate::object::read::{At, Present, Wrong};
    use crate::value::{Value, read_value};

    const TEXTS: &[&str] = &[
        r#" {"a": [1, -2.50, 0, -0, 1e3, 1E-7, {}, []], "b\u00e9\n": {"c": null}, "d": [true, false]} "#,
        r#"["\"\\\/\b\f\n\r\t\u0041\ud83d\ude00", "long enough for eight at a time, and \u007f é 😀", ""]"#,
        "[9223372036854775807, -9223372036854775808, -9223372036854775809, 123456789012345678901, 1e308]",
        "[1,]",
        "[1 2]",
        "{\"a\":1,}",
        "{\"a\" 1}",
        "{a:1}",
        "[01]",
        "[1.]",
        "[1e]",
        "[-]",
        "[+1]",
        "[1e400]",
        "[\"\\x\"]",
        "[\"\\u12x4\"]",
        "[\"a\nb\"]",
        "[\n\n  nul]",
        "[truefalse]",
        "[}",
        "{]",
        "[] []",
        "\0",
    ];

    #[test]
    fn accepts_and_says_what_serde_json_does() {
        for text in TEXTS.iter().copied() {
            for end in (0..=text.len()).filter(|end| text.is_char_boundary(*end)) {
                let text = &text[..end];
                let wrong = Wrong::default();
                let at = At::root("", &wrong);
                let said = |error: Option<serde_json::Error>| error.map(|error| error.to_string());

                let mut value: Option<Value> = None;
                let read = read_text(text, &mut value, &at);
                let expected = serde_json::from_str::<serde_json::Value>(text);
                if let (Ok(_), Some(value), Ok(expected)) = (&read, value, expected) {
                    let mut written = String::new();
                    value.write(&mut written);
                    assert_eq!(serde_json::from_str::<serde_json::Value>(&written).expect("JSON"), expected);
                }
                let expected = serde_json::from_str::<IgnoredAny>(text);
                assert_eq!(said(read.err()), said(expected.err()), "{text}");

                let is_whole = serde_json::from_str::<IgnoredAny>(text).is_ok();
                let array = if is_whole { format!("[{text}]") } else { format!("[{text}") };
                let skipped = read_text(&array, &mut None::<Present>, &at);
                let expected = serde_json::from_str::<IgnoredAny>(&array);
                assert_eq!(said(skipped.err()), said(expected.err()), "{array}");
            }
        }
    }

    #[test]
    fn numbers_stay_as_they_are_written() {
        let text = "[1,-2.50,0,-0,1e3,1E-7,9223372036854775808,1e400]";
        let mut written = String::new();
        Value::parse(text).expect("JSON").write(&mut written);
        assert_eq!(written, text);
    }

    #[test]
    fn integers() {
        let read = |text: &str| {
            let wrong = Wrong::default();
            let mut value: Option<i64> = None;
            read_text(text, &mut value, &At::root("", &wrong)).expect("JSON");
            let mut late: Option<i64> = None;
            let set_aside = Value::parse(text).expect("JSON");
            read_value(set_aside, &mut late, &At::root("", &wrong)).expect("a value");
            assert_eq!(value, late, "{text}");
            let found: Vec<&str> = wrong.borrow().iter().map(|wrong| wrong.found).collect();
            (value, found.first().copied())
        };
        assert_eq!(read("-0"), (Some(0), None));
        assert_eq!(read("9223372036854775807"), (Some(i64::MAX), None));
        assert_eq!(read("-9223372036854775808"), (Some(i64::MIN), None));
        for text in ["9223372036854775808", "123456789012345678901", "-9223372036854775809"] {
            assert_eq!(read(text), (None, Some("number too large")), "{text}");
        }
        for text in ["0.0", "1e3", "2.5", "-0.0", "-1e30"] {
            assert_eq!(read(text), (None, Some("number")), "{text}");
        }
    }

    #[test]
    fn half_a_surrogate_pair_is_the_replacement_character() {
        let wrong = Wrong::default();
        let read = |text: &str| {
            let mut value: Option<Value> = None;
            read_text(text, &mut value, &At::root("", &wrong)).ok()?;
            value
        };
        let texts = [
            (r#""\ud800""#, "\u{fffd}"),
            (r#""\udc00""#, "\u{fffd}"),
            (r#""a\ud800\u0041b""#, "a\u{fffd}Ab"),
            (r#""\ud800\ud83d\ude00""#, "\u{fffd}\u{1f600}"),
            (r#""\ud83d\n""#, "\u{fffd}\n"),
        ];
        for (text, expected) in texts {
            assert_eq!(read(text), Some(Value::Text(expected.to_owned())), "{text}");
        }
        assert_eq!(read(r#""\ud83d\u12x4""#), None);
    }

    #[test]
    fn what_is_nested_too_deep_is_passed_over() {
        let deep = |depth: usize| format!("[1, {}{}, 2]", "[".repeat(depth), "]".repeat(depth));
        let wrong = Wrong::default();
        let at = At::root("", &wrong);
        for depth in [1, 126, 127, 128, 100_000] {
            let mut value: Option<Value> = None;
            let text = deep(depth);
            assert!(read_text(&text, &mut value, &at).is_ok(), "{depth}");
            let Some(Value::Array(values)) = value else { panic!("{depth}: no array") };
            assert!(values.len() == 3 && values[2] != Value::Null, "{depth}");
            let error = read_text(&text[..text.len() - 1], &mut None::<Value>, &at).expect_err("no end");
            assert!(error.to_string().starts_with("EOF while parsing a list"), "{depth}: {error}");
        }
    }
}
