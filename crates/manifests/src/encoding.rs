//! How a file holds its text.
//!
//! kubectl reads UTF-16 where a byte order mark says so, and Windows PowerShell's `>` writes it; so does
//! transom, and what it changes stays as it was.

use std::borrow::Cow;

/// How a file holds its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with a byte order mark or without.
    Utf8,
    /// UTF-16 behind the byte order mark `FF FE`.
    Utf16Le,
    /// UTF-16 behind the byte order mark `FE FF`.
    Utf16Be,
}

/// Decodes the bytes of a file. A byte order mark stays in the text, as `U+FEFF`.
///
/// # Errors
/// What is no text, in a few words, with the line it is in.
pub fn decode(bytes: Vec<u8>) -> Result<String, String> {
    let encoding = Encoding::of(&bytes);
    if encoding != Encoding::Utf8 {
        return encoding.units(&bytes);
    }
    if bytes.contains(&0) {
        return Err("this is a binary file".into());
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let before = &error.as_bytes()[..at];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        format!("this is not UTF-8: byte 0x{:02X} in line {line}; save it as UTF-8", error.as_bytes()[at])
    })
}

impl Encoding {
    /// What a file that begins with these bytes holds: its byte order mark says so.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        match bytes {
            [0xFF, 0xFE, ..] => Encoding::Utf16Le,
            [0xFE, 0xFF, ..] => Encoding::Utf16Be,
            _ => Encoding::Utf8,
        }
    }

    /// The bytes of a text; a byte order mark is written where the text has one.
    #[must_use]
    pub fn encode(self, text: &str) -> Cow<'_, [u8]> {
        match self {
            Encoding::Utf8 => Cow::Borrowed(text.as_bytes()),
            Encoding::Utf16Le => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Encoding::Utf16Be => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        }
    }

    /// The text of UTF-16.
    fn units(self, bytes: &[u8]) -> Result<String, String> {
        let (pairs, rest) = bytes.as_chunks::<2>();
        let unit = if self == Encoding::Utf16Le { u16::from_le_bytes } else { u16::from_be_bytes };
        let mut text = String::with_capacity(bytes.len() / 2);
        let said = |text: &str| {
            let line = text.matches('\n').count() + 1;
            format!("this is not UTF-16: half a character in line {line}; save it as UTF-8")
        };
        for decoded in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
            match decoded {
                Ok('\0') => return Err("this is a binary file".into()),
                Ok(character) => text.push(character),
                Err(_) => return Err(said(&text)),
            }
        }
        if rest.is_empty() { Ok(text) } else { Err(said(&text)) }
    }
}

#[cfg(test)]
mod tests {
    use super::{Encoding, decode};

    #[test]
    fn what_is_decoded_is_encoded_to_the_same_bytes() {
        let text = "\u{feff}name: café 𝄞\r\nos: windows\n";
        for encoding in [Encoding::Utf8, Encoding::Utf16Le, Encoding::Utf16Be] {
            let bytes = encoding.encode(text).into_owned();
            assert_eq!(Encoding::of(&bytes), encoding);
            assert_eq!(decode(bytes).as_deref(), Ok(text));
        }
    }

    #[test]
    fn what_is_no_text_is_said_with_its_line() {
        let said = |bytes: &[u8]| decode(bytes.to_vec()).expect_err("no text");
        assert_eq!(said(b"a: 1\nname: caf\xe9\n"), "this is not UTF-8: byte 0xE9 in line 2; save it as UTF-8");
        assert_eq!(
            said(b"\xff\xfea\0\n\0\x00\xd8b\0"),
            "this is not UTF-16: half a character in line 2; save it as UTF-8"
        );
        assert_eq!(said(b"\xfe\xff\0a\0"), "this is not UTF-16: half a character in line 1; save it as UTF-8");
        assert_eq!(said(b"\x7fELF\0\0"), "this is a binary file");
        assert_eq!(said(b"\xff\xfe\0\0a\0\0\0"), "this is a binary file");
    }
}
