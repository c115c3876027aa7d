//! Reading JSON text (RFC 8259), value by value, into [`Slot`]s.
//!
//! Written for this module because of where it runs: what rules do not read is passed over without a
//! look at anything but its form, a string without escapes is borrowed, a number stays text until
//! somebody asks for it, and nothing is compiled once for every type. Errors are worded and placed
//! as serde_json's.

use std::borrow::Cow;
use std::fmt;

use crate::object::read::{At, Broken, Elements, Fields, Slot, Str};

/// How deep arrays and objects that are read may be nested. What is passed over may go deeper.
const DEPTH: usize = 127;

/// Why and where a text is no JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Error {
    message: &'static str,
    line: usize,
    column: usize,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at line {} column {}", self.message, self.line, self.column)
    }
}

/// Reads a whole text into `slot`.
pub(crate) fn parse<'de>(text: &'de str, slot: &mut dyn Slot<'de>, at: &At<'_>) -> Result<(), Error> {
    let mut parser = Parser { text, next: 0, depth: 0, error: None };
    let mut read = parser.value(slot, at);
    if read.is_ok() && parser.peek().is_some() {
        read = parser.fail_here("trailing characters");
    }
    match (read, parser.error) {
        (Ok(()), None) => Ok(()),
        (_, error) => Err(error.unwrap_or(Error { message: "text set aside could not be read", line: 0, column: 0 })),
    }
}

const END_OF_VALUE: &str = "EOF while parsing a value";
const END_OF_STRING: &str = "EOF while parsing a string";
const END_OF_LIST: &str = "EOF while parsing a list";
const END_OF_OBJECT: &str = "EOF while parsing an object";
const INVALID_NUMBER: &str = "invalid number";
const INVALID_ESCAPE: &str = "invalid escape";

struct Parser<'de> {
    text: &'de str,
    /// The position of the next byte.
    next: usize,
    depth: usize,
    error: Option<Error>,
}

impl<'de> Parser<'de> {
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.next).copied()
    }

    /// The next byte that is no white space.
    fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = bytes.get(self.next) {
            self.next += 1;
        }
        self.byte()
    }

    /// Takes the next byte, whatever it is.
    fn take(&mut self) -> Option<u8> {
        let byte = self.byte();
        self.next += usize::from(byte.is_some());
        byte
    }

    /// Notes an error behind the byte just taken.
    #[cold]
    fn fail<T>(&mut self, message: &'static str) -> Result<T, Broken> {
        let before = &self.text.as_bytes()[..self.next.min(self.text.len())];
        let line_start = before.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        let line = 1 + before.iter().filter(|b| **b == b'\n').count();
        self.error = Some(Error { message, line, column: before.len() - line_start });
        Err(Broken)
    }

    /// Notes an error at the byte that comes next.
    #[cold]
    fn fail_here<T>(&mut self, message: &'static str) -> Result<T, Broken> {
        self.next += 1;
        self.fail(message)
    }

    fn value(&mut self, slot: &mut dyn Slot<'de>, at: &At<'_>) -> Result<(), Broken> {
        match self.peek() {
            Some(b'n') => {
                self.word("null")?;
                slot.null();
            }
            Some(b't') => {
                self.word("true")?;
                slot.boolean(true, at);
            }
            Some(b'f') => {
                self.word("false")?;
                slot.boolean(false, at);
            }
            Some(b'-' | b'0'..=b'9') => {
                let number = self.number()?;
                match number.parse() {
                    Ok(integer) => slot.integer(integer, at),
                    Err(_) => slot.float(number, at),
                }
            }
            Some(b'"') => {
                let text = self.string()?;
                slot.string(text, at);
            }
            Some(b'[') => {
                self.enter()?;
                let mut items = Items::of(self);
                slot.array(&mut items, at)?;
                while Elements::skip(&mut items)? {}
                self.depth -= 1;
            }
            Some(b'{') => {
                self.enter()?;
                let mut items = Items::of(self);
                slot.object(&mut items, at)?;
                while items.next()?.is_some() {
                    Fields::skip(&mut items)?;
                }
                self.depth -= 1;
            }
            Some(_) => return self.fail_here("expected value"),
            None => return self.fail(END_OF_VALUE),
        }
        Ok(())
    }

    fn enter(&mut self) -> Result<(), Broken> {
        if self.depth == DEPTH {
            return self.fail_here("recursion limit exceeded");
        }
        self.depth += 1;
        self.next += 1;
        Ok(())
    }

    fn word(&mut self, word: &str) -> Result<(), Broken> {
        for expected in word.bytes() {
            match self.take() {
                Some(byte) if byte == expected => {}
                Some(_) => return self.fail("expected ident"),
                None => return self.fail(END_OF_VALUE),
            }
        }
        Ok(())
    }

    /// Takes a number, and gives its text.
    fn number(&mut self) -> Result<&'de str, Broken> {
        let start = self.next;
        if self.byte() == Some(b'-') {
            self.next += 1;
        }
        match self.take() {
            Some(b'0') if matches!(self.byte(), Some(b'0'..=b'9')) => return self.fail_here(INVALID_NUMBER),
            Some(b'0') => {}
            Some(b'1'..=b'9') => self.digits(),
            Some(_) => return self.fail(INVALID_NUMBER),
            None => return self.fail(END_OF_VALUE),
        }
        if self.byte() == Some(b'.') {
            self.next += 1;
            match self.byte() {
                Some(b'0'..=b'9') => self.digits(),
                Some(_) => return self.fail_here(INVALID_NUMBER),
                None => return self.fail(END_OF_VALUE),
            }
        }
        if let Some(b'e' | b'E') = self.byte() {
            self.next += 1;
            if let Some(b'+' | b'-') = self.byte() {
                self.next += 1;
            }
            match self.take() {
                Some(b'0'..=b'9') => self.digits(),
                Some(_) => return self.fail(INVALID_NUMBER),
                None => return self.fail(END_OF_VALUE),
            }
        }
        Ok(&self.text[start..self.next])
    }

    fn digits(&mut self) {
        let bytes = self.text.as_bytes();
        while let Some(b'0'..=b'9') = bytes.get(self.next) {
            self.next += 1;
        }
    }

    /// Goes on to the next quote, backslash or control character in a string.
    fn plain(&mut self) {
        let bytes = self.text.as_bytes();
        while let Some(0x20..=0x21 | 0x23..=0x5B | 0x5D..) = bytes.get(self.next) {
            self.next += 1;
        }
    }

    /// Takes a string.
    fn string(&mut self) -> Result<Str<'de>, Broken> {
        self.next += 1;
        let mut start = self.next;
        let mut unescaped = String::new();
        loop {
            self.plain();
            let part = &self.text[start..self.next];
            match self.take() {
                Some(b'"') if unescaped.is_empty() => return Ok(Cow::Borrowed(part)),
                Some(b'"') => {
                    unescaped.push_str(part);
                    return Ok(Cow::Owned(unescaped));
                }
                Some(b'\\') => {
                    unescaped.push_str(part);
                    unescaped.push(self.escape()?);
                    start = self.next;
                }
                Some(_) => return self.fail(CONTROL),
                None => return self.fail(END_OF_STRING),
            }
        }
    }

    /// Takes what follows a backslash.
    fn escape(&mut self) -> Result<char, Broken> {
        Ok(match self.take() {
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let mut code = self.hex()?;
                if let 0xD800..0xDC00 = code {
                    for expected in [b'\\', b'u'] {
                        match self.take() {
                            Some(byte) if byte == expected => {}
                            Some(_) => return self.fail("unexpected end of hex escape"),
                            None => return self.fail(END_OF_STRING),
                        }
                    }
                    let low = self.hex()?;
                    code = match low {
                        0xDC00..0xE000 => 0x1_0000 + ((code - 0xD800) << 10 | (low - 0xDC00)),
                        _ => 0xD800,
                    };
                }
                match char::from_u32(code) {
                    Some(char) => char,
                    None => return self.fail("lone leading surrogate in hex escape"),
                }
            }
            Some(_) => return self.fail(INVALID_ESCAPE),
            None => return self.fail(END_OF_STRING),
        })
    }

    fn hex(&mut self) -> Result<u32, Broken> {
        let Some(digits) = self.text.as_bytes().get(self.next..self.next + 4) else {
            self.next = self.text.len();
            return self.fail(END_OF_STRING);
        };
        self.next += 4;
        let mut code = 0;
        for digit in digits {
            match char::from(*digit).to_digit(16) {
                Some(digit) => code = code << 4 | digit,
                None => return self.fail(INVALID_ESCAPE),
            }
        }
        Ok(code)
    }

    /// Passes over a string.
    fn skip_string(&mut self) -> Result<(), Broken> {
        self.next += 1;
        loop {
            self.plain();
            match self.take() {
                Some(b'"') => return Ok(()),
                Some(b'\\') => match self.take() {
                    Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {}
                    Some(b'u') => {
                        self.hex()?;
                    }
                    Some(_) => return self.fail(INVALID_ESCAPE),
                    None => return self.fail(END_OF_STRING),
                },
                Some(_) => {
                    self.next -= 1;
                    return self.fail(CONTROL);
                }
                None => return self.fail(END_OF_STRING),
            }
        }
    }

    /// Passes over a value, however deep it is.
    fn skip(&mut self) -> Result<(), Broken> {
        // The brackets that are open here.
        let mut open: Vec<u8> = Vec::new();
        loop {
            match self.peek() {
                Some(b'n') => self.word("null")?,
                Some(b't') => self.word("true")?,
                Some(b'f') => self.word("false")?,
                Some(b'-' | b'0'..=b'9') => drop(self.number()?),
                Some(b'"') => self.skip_string()?,
                Some(bracket @ (b'[' | b'{')) => {
                    self.next += 1;
                    open.push(bracket);
                    if self.is_closed(bracket, true)? {
                        open.pop();
                    } else {
                        if bracket == b'{' {
                            self.name(Self::skip_string)?;
                        }
                        continue;
                    }
                }
                Some(_) => return self.fail_here("expected value"),
                None => return self.fail_here(END_OF_VALUE),
            }
            // The value is whole, and perhaps what it is in.
            loop {
                let Some(bracket) = open.last().copied() else { return Ok(()) };
                if !self.is_closed(bracket, false)? {
                    if bracket == b'{' {
                        self.name(Self::skip_string)?;
                    }
                    break;
                }
                open.pop();
            }
        }
    }

    /// Takes the closing bracket, or else the comma before the next item.
    fn is_closed(&mut self, open: u8, is_first: bool) -> Result<bool, Broken> {
        let (close, end, expected) = match open {
            b'[' => (b']', END_OF_LIST, "expected `,` or `]`"),
            _ => (b'}', END_OF_OBJECT, "expected `,` or `}`"),
        };
        match self.peek() {
            Some(byte) if byte == close => {
                self.next += 1;
                return Ok(true);
            }
            Some(_) if is_first => return Ok(false),
            Some(b',') => self.next += 1,
            Some(_) => return self.fail_here(expected),
            None => return self.fail(end),
        }
        match self.peek() {
            Some(byte) if byte == close => self.fail_here("trailing comma"),
            Some(_) => Ok(false),
            None => self.fail(END_OF_VALUE),
        }
    }

    /// Takes the name of a field, and the colon.
    fn name<T>(&mut self, take: fn(&mut Self) -> Result<T, Broken>) -> Result<T, Broken> {
        if self.peek() != Some(b'"') {
            return self.fail_here("key must be a string");
        }
        let name = take(self)?;
        match self.peek() {
            Some(b':') => self.next += 1,
            Some(_) => return self.fail_here("expected `:`"),
            None => return self.fail(END_OF_OBJECT),
        }
        Ok(name)
    }
}

const CONTROL: &str = "control character (\\u0000-\\u001F) found while parsing a string";

/// What is in an array or an object.
struct Items<'p, 'de> {
    parser: &'p mut Parser<'de>,
    is_first: bool,
    is_over: bool,
}

impl<'p, 'de> Items<'p, 'de> {
    fn of(parser: &'p mut Parser<'de>) -> Self {
        Items { parser, is_first: true, is_over: false }
    }

    /// Whether there is another one.
    fn go_on(&mut self, open: u8) -> Result<bool, Broken> {
        if !self.is_over {
            self.is_over = self.parser.is_closed(open, self.is_first)?;
            self.is_first = false;
        }
        Ok(!self.is_over)
    }
}

impl<'de> Elements<'de> for Items<'_, 'de> {
    fn read(&mut self, slot: &mut dyn Slot<'de>, at: &At<'_>) -> Result<bool, Broken> {
        let is_there = self.go_on(b'[')?;
        if is_there {
            self.parser.value(slot, at)?;
        }
        Ok(is_there)
    }
    fn skip(&mut self) -> Result<bool, Broken> {
        let is_there = self.go_on(b'[')?;
        if is_there {
            self.parser.skip()?;
        }
        Ok(is_there)
    }
}

impl<'de> Fields<'de> for Items<'_, 'de> {
    fn next(&mut self) -> Result<Option<Str<'de>>, Broken> {
        if !self.go_on(b'{')? {
            return Ok(None);
        }
        self.parser.name(Parser::string).map(Some)
    }
    fn read(&mut self, slot: &mut dyn Slot<'de>, at: &At<'_>) -> Result<(), Broken> {
        self.parser.value(slot, at)
    }
    fn skip(&mut self) -> Result<(), Broken> {
        self.parser.skip()
    }
}
