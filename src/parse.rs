//! JSON text, read once from front to back.
//!
//! Values go straight from the text into their [`Slot`]s; what no slot wants is passed over. It is
//! not left to serde_json, since this is half of what an evaluation costs: through a `Deserializer`,
//! made for visitors of every type, it takes half as long again.
//!
//! What is rare stays with serde_json: fractions, and what to say about a text that is no JSON.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::object::read::{At, Broken, Elements, Fields, Slot, Str};
use crate::text;

/// How deep values that are read may be nested, as in serde_json. What is passed over may be deeper.
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
    if read.is_ok() && parser.peek() == END && parser.next == text.len() {
        return Ok(parser.spans);
    }
    // It has other words, and looks closer, at what it reads than at what it skips.
    let error = if parser.skips {
        serde_json::from_str::<IgnoredAny>(text).err()
    } else {
        serde_json::from_str::<Anything>(text).err()
    };
    Err(error.unwrap_or_else(|| serde_json::Error::custom("text set aside could not be read")))
}

/// Reads a text again, in which `spans` are known since it was read: they are passed over in one step.
pub(crate) fn read_again<'de>(text: &'de str, spans: &Spans, slot: &mut dyn Slot<'de>, at: &At<'_>) {
    // What was only passed over may be nested too deep to be read: reading ends there.
    let _ = Parser::new(text, spans).value(slot, at);
}

/// Values up to this many bytes are passed over again as quickly as their span is found.
const SHORT: usize = 64;

/// What stands for the end of the text: no value and no punctuation begins with it.
const END: u8 = 0;

struct Parser<'s, 'de> {
    text: &'de str,
    /// The position of the next byte.
    next: usize,
    /// How many arrays and objects are being read.
    depth: usize,
    /// The brackets that are open in a value that is passed over.
    open: Vec<u8>,
    /// A value is being passed over.
    skips: bool,
    spans: Spans,
    /// The spans that are known already.
    known: &'s [Range<usize>],
}

impl<'s, 'de> Parser<'s, 'de> {
    fn new(text: &'de str, known: &'s [Range<usize>]) -> Self {
        Parser { text, next: 0, depth: 0, open: Vec::new(), skips: false, spans: Spans::new(), known }
    }

    /// The next byte that is no white space.
    #[inline(always)]
    fn peek(&mut self) -> u8 {
        loop {
            match self.text.as_bytes().get(self.next) {
                Some(byte) if *byte > b' ' => return *byte,
                Some(b' ' | b'\n' | b'\t' | b'\r') => self.next += 1,
                Some(byte) => return *byte,
                None => return END,
            }
        }
    }

    /// Takes the next byte of a token.
    #[inline(always)]
    fn take(&mut self) -> u8 {
        let byte = self.text.as_bytes().get(self.next).copied().unwrap_or(END);
        self.next += 1;
        byte
    }

    /// Reads a value.
    fn value(&mut self, slot: &mut dyn Slot<'de>, at: &At<'_>) -> Result<(), Broken> {
        match self.peek() {
            b'"' => slot.string(self.string()?, at),
            open @ (b'{' | b'[') => {
                if self.depth == DEPTH {
                    return Err(Broken);
                }
                self.depth += 1;
                let span = self.spans.len();
                self.spans.push(self.next..0);
                self.next += 1;
                let mut items = Items { parser: self, is_first: true };
                if open == b'{' {
                    slot.object(&mut items, at)?
                } else {
                    slot.array(&mut items, at)?
                }
                self.depth -= 1;
                self.spans[span].end = self.next;
            }
            b'n' => {
                self.word("null")?;
                slot.null();
            }
            b't' => {
                self.word("true")?;
                slot.boolean(true, at);
            }
            b'f' => {
                self.word("false")?;
                slot.boolean(false, at);
            }
            _ => {
                let number = self.number()?;
                match number.parse() {
                    Ok(value) if number != "-0" => slot.integer(value, at),
                    _ => slot.float(serde_json::from_str::<Anything>(number).map_err(|_| Broken)?.0, at),
                }
            }
        }
        Ok(())
    }

    /// Passes over a value, however deep it is.
    fn skip(&mut self) -> Result<(), Broken> {
        self.peek();
        let start = self.next;
        let known = self.known.partition_point(|span| span.start < start);
        if let Some(span) = self.known.get(known).filter(|span| span.start == start) {
            self.next = span.end;
            return Ok(());
        }
        self.open.clear();
        self.skips = true;
        loop {
            match self.peek() {
                b'"' => self.skip_string()?,
                open @ (b'{' | b'[') => {
                    self.next += 1;
                    if !self.is_closed(open, true)? {
                        self.open.push(open);
                        self.skip_name(open)?;
                        continue;
                    }
                }
                b'n' => self.word("null")?,
                b't' => self.word("true")?,
                b'f' => self.word("false")?,
                _ => drop(self.number()?),
            }
            // The value is whole, and perhaps what it is in.
            loop {
                let Some(open) = self.open.last().copied() else {
                    self.skips = false;
                    if self.next - start > SHORT {
                        self.spans.push(start..self.next);
                    }
                    return Ok(());
                };
                if !self.is_closed(open, false)? {
                    self.skip_name(open)?;
                    break;
                }
                self.open.pop();
            }
        }
    }

    /// Takes the bracket that closes what `open` opened, or else what stands before its next item.
    fn is_closed(&mut self, open: u8, is_first: bool) -> Result<bool, Broken> {
        // In ASCII a bracket closes two after it opens.
        let close = open + 2;
        let next = self.peek();
        if next == close {
            self.next += 1;
            return Ok(true);
        }
        if is_first {
            return Ok(false);
        }
        if next != b',' {
            return Err(Broken);
        }
        self.next += 1;
        Ok(false)
    }

    /// Passes over the name of a field where `open` opened an object.
    fn skip_name(&mut self, open: u8) -> Result<(), Broken> {
        if open != b'{' {
            return Ok(());
        }
        if self.peek() != b'"' {
            return Err(Broken);
        }
        self.skip_string()?;
        self.colon()
    }

    #[inline(always)]
    fn colon(&mut self) -> Result<(), Broken> {
        if self.peek() != b':' {
            return Err(Broken);
        }
        self.next += 1;
        Ok(())
    }

    fn word(&mut self, word: &str) -> Result<(), Broken> {
        let is_there = self.text.as_bytes()[self.next..].starts_with(word.as_bytes());
        self.next += word.len();
        if is_there { Ok(()) } else { Err(Broken) }
    }

    /// Takes a number: its text.
    fn number(&mut self) -> Result<&'de str, Broken> {
        let start = self.next;
        if self.is(b'-') {
            self.next += 1;
        }
        if self.is(b'0') {
            self.next += 1;
        } else {
            self.digits()?;
        }
        if self.is(b'.') {
            self.next += 1;
            self.digits()?;
        }
        if self.is(b'e') || self.is(b'E') {
            self.next += 1;
            if self.is(b'+') || self.is(b'-') {
                self.next += 1;
            }
            self.digits()?;
        }
        Ok(&self.text[start..self.next])
    }

    /// Whether this is the very next byte.
    fn is(&self, byte: u8) -> bool {
        self.text.as_bytes().get(self.next) == Some(&byte)
    }

    fn digits(&mut self) -> Result<(), Broken> {
        let rest = &self.text.as_bytes()[self.next..];
        let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.next += count;
        if count == 0 { Err(Broken) } else { Ok(()) }
    }

    /// Goes on to the next byte of a string that does not stand for itself, and takes it.
    fn plain(&mut self) -> u8 {
        self.next += text::plain(self.text.as_bytes().get(self.next..).unwrap_or_default());
        self.take()
    }

    /// The text between `start` and the byte just taken.
    fn since(&self, start: usize) -> &'de str {
        self.text.get(start..self.next - 1).unwrap_or_default()
    }

    /// Takes a string.
    fn string(&mut self) -> Result<Str<'de>, Broken> {
        self.next += 1;
        let start = self.next;
        match self.plain() {
            b'"' => Ok(Cow::Borrowed(self.since(start))),
            b'\\' => self.escaped(self.since(start)).map(Cow::Owned),
            _ => Err(Broken),
        }
    }

    /// Takes the rest of a string, of which `start` and a backslash have been taken.
    fn escaped(&mut self, start: &str) -> Result<String, Broken> {
        let mut string = start.to_owned();
        loop {
            string.push(self.escape()?);
            let start = self.next;
            let end = self.plain();
            string.push_str(self.since(start));
            match end {
                b'"' => return Ok(string),
                b'\\' => {}
                _ => return Err(Broken),
            }
        }
    }

    /// Takes what follows a backslash.
    fn escape(&mut self) -> Result<char, Broken> {
        Ok(match self.take() {
            byte @ (b'"' | b'\\' | b'/') => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let mut code = self.hex()?;
                if let 0xD800..0xDC00 = code {
                    self.word("\\u")?;
                    let low = self.hex()?.checked_sub(0xDC00).filter(|low| *low < 0x400).ok_or(Broken)?;
                    code = 0x1_0000 + ((code - 0xD800) << 10 | low);
                }
                char::from_u32(code).ok_or(Broken)?
            }
            _ => return Err(Broken),
        })
    }

    fn hex(&mut self) -> Result<u32, Broken> {
        let mut code = 0;
        for _ in 0..4 {
            code = code << 4 | char::from(self.take()).to_digit(16).ok_or(Broken)?;
        }
        Ok(code)
    }

    /// Passes over a string.
    fn skip_string(&mut self) -> Result<(), Broken> {
        self.next += 1;
        loop {
            match self.plain() {
                b'"' => return Ok(()),
                b'\\' => match self.take() {
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                    b'u' => drop(self.hex()?),
                    _ => return Err(Broken),
                },
                _ => return Err(Broken),
            }
        }
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
        self.parser.is_closed(open, is_first)
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
        if self.parser.peek() != b'"' {
            return Err(Broken);
        }
        let name = self.parser.string()?;
        self.parser.colon()?;
        Ok(Some(name))
    }
    fn read(&mut self, slot: &mut dyn Slot<'de>, at: &At<'_>) -> Result<(), Broken> {
        self.parser.value(slot, at)
    }
    fn skip(&mut self) -> Result<(), Broken> {
        self.parser.skip()
    }
}

/// Any value, looked through as serde_json does it: for its errors, and for what a number comes to.
struct Anything(f64);

impl<'de> Deserialize<'de> for Anything {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Anything(0.0))
    }
}

impl<'de> Visitor<'de> for Anything {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }
    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }
    fn visit_i64<E>(self, value: i64) -> Result<Self, E> {
        Ok(Anything(value as f64))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Self, E> {
        Ok(Anything(value as f64))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Self, E> {
        Ok(Anything(value))
    }
    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self, A::Error> {
        while elements.next_element::<Anything>()?.is_some() {}
        Ok(self)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self, A::Error> {
        while fields.next_entry::<IgnoredAny, Anything>()?.is_some() {}
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use serde::de::IgnoredAny;

    use super::read_text;
    use crate::object::read::{At, Present, Wrong};
    use crate::value::Value;

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
        "[\"\\ud800\"]",
        "[\"\\ud800\\u0041\"]",
        "[\"\\udc00\"]",
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
        let deep = format!("{}{}", "[".repeat(128), "]".repeat(128));
        for text in TEXTS.iter().copied().chain([&*deep, &deep[1..255]]) {
            for end in (0..=text.len()).filter(|end| text.is_char_boundary(*end)) {
                let text = &text[..end];
                let wrong = Wrong::default();
                let at = At::root("", &wrong);
                let said = |error: Option<serde_json::Error>| error.map(|error| error.to_string());

                let mut value: Option<Value> = None;
                let read = read_text(text, &mut value, &at);
                let expected = serde_json::from_str::<serde_json::Value>(text);
                if let (Ok(_), Some(value), Ok(expected)) = (&read, value, &expected) {
                    let mut written = String::new();
                    value.write(&mut written);
                    assert_eq!(written, expected.to_string());
                }
                assert_eq!(said(read.err()), said(expected.err()), "{text}");

                let is_whole = serde_json::from_str::<IgnoredAny>(text).is_ok();
                let array = if is_whole { format!("[{text}]") } else { format!("[{text}") };
                let skipped = read_text(&array, &mut None::<Present>, &at);
                let expected = serde_json::from_str::<IgnoredAny>(&array);
                assert_eq!(said(skipped.err()), said(expected.err()), "{array}");
            }
        }
    }
}
