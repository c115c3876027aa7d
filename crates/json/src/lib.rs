//! JSON text (RFC 8259), token by token, and strings written as JSON.
//!
//! The inner loops of transom: where most of its time goes. A package of its own so that it can be
//! compiled for speed where all the rest is compiled for size.

use std::borrow::Cow;

/// The text is no JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broken;

/// What stands for the end of a text: no value and no punctuation begins with it.
const END: u8 = 0;

/// Goes over a text from front to back. Every method takes what its name says, or tells that the
/// text is broken there, after which no other may be called.
#[derive(Debug)]
pub struct Tokens<'t> {
    text: &'t str,
    /// The position of the next byte.
    next: usize,
    /// The brackets that are open in a value that is passed over.
    open: Vec<u8>,
}

impl<'t> Tokens<'t> {
    /// The tokens of `text`.
    pub fn of(text: &'t str) -> Self {
        Tokens { text, next: 0, open: Vec::new() }
    }

    /// The position of the next token, in bytes.
    pub fn position(&mut self) -> usize {
        self.peek();
        self.next
    }

    /// The position behind the last token, in bytes.
    pub fn end(&self) -> usize {
        self.next
    }

    /// Goes on at a position, where a token must begin or end.
    pub fn go_to(&mut self, position: usize) {
        self.next = position;
    }

    /// Whether nothing but white space is left.
    pub fn is_over(&mut self) -> bool {
        self.peek();
        self.next >= self.text.len()
    }

    /// Takes the bracket that opens an array or an object.
    pub fn open(&mut self) {
        self.next += 1;
    }

    /// The next byte that is no white space.
    #[inline(always)]
    pub fn peek(&mut self) -> u8 {
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

    /// Passes over a value, however deep it is.
    pub fn skip(&mut self) -> Result<(), Broken> {
        self.open.clear();
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
                let Some(open) = self.open.last().copied() else { return Ok(()) };
                if !self.is_closed(open, false)? {
                    self.skip_name(open)?;
                    break;
                }
                self.open.pop();
            }
        }
    }

    /// Takes the bracket that closes what `open` opened, or else what stands before its next item.
    pub fn is_closed(&mut self, open: u8, is_first: bool) -> Result<bool, Broken> {
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

    /// Takes the name of a field, and the colon behind it.
    pub fn name(&mut self) -> Result<Cow<'t, str>, Broken> {
        if self.peek() != b'"' {
            return Err(Broken);
        }
        let name = self.string()?;
        self.colon()?;
        Ok(name)
    }

    #[inline(always)]
    fn colon(&mut self) -> Result<(), Broken> {
        if self.peek() != b':' {
            return Err(Broken);
        }
        self.next += 1;
        Ok(())
    }

    /// Takes `null`, `true` or `false`.
    pub fn word(&mut self, word: &str) -> Result<(), Broken> {
        let is_there = self.text.as_bytes()[self.next..].starts_with(word.as_bytes());
        self.next += word.len();
        if is_there { Ok(()) } else { Err(Broken) }
    }

    /// Takes a number: its text.
    pub fn number(&mut self) -> Result<&'t str, Broken> {
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
        self.next += plain(self.text.as_bytes().get(self.next..).unwrap_or_default());
        self.take()
    }

    /// The text between `start` and the byte just taken.
    fn since(&self, start: usize) -> &'t str {
        self.text.get(start..self.next - 1).unwrap_or_default()
    }

    /// Takes a string.
    pub fn string(&mut self) -> Result<Cow<'t, str>, Broken> {
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
                let code = self.hex()?;
                match code {
                    0xD800..0xDC00 => self.low_surrogate(code)?,
                    // Half a pair says no character: it is read as Go reads it.
                    _ => char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER),
                }
            }
            _ => return Err(Broken),
        })
    }

    /// Takes the other half of a pair, where it follows.
    fn low_surrogate(&mut self, high: u32) -> Result<char, Broken> {
        let start = self.next;
        if self.text.as_bytes().get(start..).is_some_and(|rest| rest.starts_with(b"\\u")) {
            self.next += 2;
            if let Some(low) = self.hex()?.checked_sub(0xDC00).filter(|low| *low < 0x400) {
                let pair = char::from_u32(0x1_0000 + ((high - 0xD800) << 10 | low));
                return Ok(pair.unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.next = start;
        }
        Ok(char::REPLACEMENT_CHARACTER)
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

/// How many bytes stand before the first that a JSON string cannot hold as it is: a quote, a
/// backslash, a control character.
fn plain(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 0xFF;
    // Of each byte the highest bit, where the byte is below `limit`; wrong only behind such a byte.
    let below = |eight: u64, limit: u8| eight.wrapping_sub(ONES * u64::from(limit)) & !eight & (ONES << 7);
    let is = |eight: u64, byte: u8| below(eight ^ (ONES * u64::from(byte)), 1);
    let mut rest = bytes;
    while let Some((eight, after)) = rest.split_first_chunk() {
        let eight = u64::from_le_bytes(*eight);
        let special = below(eight, b' ') | is(eight, b'"') | is(eight, b'\\');
        if special != 0 {
            return bytes.len() - rest.len() + (special.trailing_zeros() / 8) as usize;
        }
        rest = after;
    }
    let is_plain = |byte: &&u8| !matches!(byte, 0..b' ' | b'"' | b'\\');
    bytes.len() - rest.len() + rest.iter().take_while(is_plain).count()
}

/// Writes a string.
pub fn write(out: &mut String, text: &str) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.push('"');
    let mut rest = text;
    loop {
        let (start, special) = rest.split_at(plain(rest.as_bytes()));
        out.push_str(start);
        let Some(byte) = special.bytes().next() else { break };
        rest = &special[1..];
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            0x08 => out.push_str("\\b"),
            0x0C => out.push_str("\\f"),
            _ => {
                out.push_str("\\u00");
                out.push(char::from(HEX[usize::from(byte >> 4)]));
                out.push(char::from(HEX[usize::from(byte & 0xF)]));
            }
        }
    }
    out.push('"');
}
