//! Bytes of a text as positions of the editor: UTF-16 units, with every line end counted as one.

use std::ops::Range;

/// How far apart the places are that are counted in advance, in bytes.
const STEP: usize = 512;

/// Turns bytes into positions. Building it reads the text once, a question reads at most 512 bytes.
#[derive(Debug)]
pub(crate) struct Offsets {
    /// The position at each multiple of [`STEP`]; none where bytes are positions.
    marks: Vec<usize>,
}

impl Offsets {
    pub(crate) fn new(text: &str) -> Self {
        if text.is_ascii() && !text.contains('\r') {
            return Offsets { marks: Vec::new() };
        }
        let bytes = text.as_bytes();
        let mut position = 0;
        let mut marks = Vec::with_capacity(bytes.len() / STEP + 1);
        for (at, byte) in bytes.iter().enumerate() {
            if at % STEP == 0 {
                marks.push(position);
            }
            position += units(*byte, bytes.get(at + 1));
        }
        if bytes.len().is_multiple_of(STEP) {
            marks.push(position);
        }
        Offsets { marks }
    }

    /// The position of a byte of the text.
    pub(crate) fn position(&self, text: &str, byte: usize) -> usize {
        let byte = byte.min(text.len());
        let Some(start) = self.marks.get(byte / STEP) else { return byte };
        let bytes = text.as_bytes();
        let first = byte / STEP * STEP;
        start + (first..byte).map(|at| units(bytes[at], bytes.get(at + 1))).sum::<usize>()
    }

    /// The byte of a position. Reads the text from its beginning: for texts as short as settings are.
    #[cfg(feature = "whole")]
    pub(crate) fn byte(&self, text: &str, position: usize) -> usize {
        let boundaries = text.char_indices().map(|(byte, _)| byte);
        boundaries.take_while(|byte| self.position(text, *byte) <= position).last().filter(|_| position > 0).map_or(
            0,
            |byte| {
                if self.position(text, text.len()) <= position { text.len() } else { byte }
            },
        )
    }

    pub(crate) fn range(&self, text: &str, span: &Range<usize>) -> (usize, usize) {
        (self.position(text, span.start), self.position(text, span.end))
    }
}

/// How many units the character has that begins with this byte; bytes inside a character have none.
fn units(byte: u8, next: Option<&u8>) -> usize {
    match byte {
        b'\r' if next == Some(&b'\n') => 0,
        0x80..=0xBF => 0,
        0xF0..=0xFF => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Position by position, as the editor would count.
    fn counted(text: &str, byte: usize) -> usize {
        text[..byte].replace("\r\n", "\n").encode_utf16().count()
    }

    #[test]
    fn counts_as_the_editor_does() {
        for line in ["a: b\n", "a: ü\r\n", "key: \u{1f600}\r\n# 你好\r\n"] {
            let text = line.repeat(300);
            let offsets = Offsets::new(&text);
            for (byte, c) in text.char_indices().filter(|(_, c)| *c != '\n') {
                assert_eq!(offsets.position(&text, byte), counted(&text, byte), "{c:?} at {byte}");
            }
            assert_eq!(offsets.position(&text, text.len()), counted(&text, text.len()));
        }
        assert_eq!(Offsets::new("").position("", 0), 0);
    }
}
