//! Lines and columns as the protocol counts them, in the unit that both sides have agreed on.

use std::ops::Range;

use lsp_types::{Position, PositionEncodingKind};

/// What a column counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Utf8,
    Utf16,
    Utf32,
}

impl Encoding {
    /// The one to use with a client: bytes, where it takes them, for they need no counting.
    pub(crate) fn agreed(offered: Option<&[PositionEncodingKind]>) -> Self {
        let offered = offered.unwrap_or_default();
        let has = |kind| offered.contains(&kind);
        match () {
            () if has(PositionEncodingKind::UTF8) => Encoding::Utf8,
            () if has(PositionEncodingKind::UTF16) || !has(PositionEncodingKind::UTF32) => Encoding::Utf16,
            () => Encoding::Utf32,
        }
    }

    pub(crate) fn kind(self) -> PositionEncodingKind {
        match self {
            Encoding::Utf8 => PositionEncodingKind::UTF8,
            Encoding::Utf16 => PositionEncodingKind::UTF16,
            Encoding::Utf32 => PositionEncodingKind::UTF32,
        }
    }

    fn length(self, c: char) -> usize {
        match self {
            Encoding::Utf8 => c.len_utf8(),
            Encoding::Utf16 => c.len_utf16(),
            Encoding::Utf32 => 1,
        }
    }
}

/// Bytes between two places whose column is known: a line may be as long as the text.
const STRIDE: usize = 256;

/// Where the lines of a text begin.
#[derive(Debug)]
pub(crate) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
    /// The units before the first character at or behind each multiple of [`STRIDE`].
    counted: Vec<usize>,
    encoding: Encoding,
}

impl<'t> Lines<'t> {
    /// Lines end at `\n`, `\r\n` or `\r`.
    pub(crate) fn new(text: &'t str, encoding: Encoding) -> Self {
        let bytes = text.as_bytes();
        let ends = bytes.iter().enumerate().filter(|(at, byte)| match byte {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        });
        let starts = std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect();
        Lines { text, starts, counted: counted(text, encoding), encoding }
    }

    /// The units before a byte, from the beginning of the text.
    fn units(&self, offset: usize) -> usize {
        let stride = offset / STRIDE;
        let rest = self.text.get(self.text.ceil_char_boundary(stride * STRIDE)..offset).unwrap_or_default();
        self.counted[stride] + rest.chars().map(|c| self.encoding.length(c)).sum::<usize>()
    }

    /// The bytes of a line without its end; empty behind the last one.
    pub(crate) fn line(&self, line: usize) -> Range<usize> {
        let Some(&start) = self.starts.get(line) else { return self.text.len()..self.text.len() };
        let end = self.starts.get(line + 1).copied().unwrap_or(self.text.len());
        start..start + self.text[start..end].trim_end_matches(['\n', '\r']).len()
    }

    pub(crate) fn line_of(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset) - 1
    }

    pub(crate) fn position(&self, offset: usize) -> Position {
        let offset = self.text.floor_char_boundary(offset);
        let line = self.line_of(offset);
        Position::new(number(line), number(self.units(offset) - self.units(self.starts[line])))
    }

    /// The byte at a position. A column behind the end of its line is that end, one inside of a
    /// character its beginning.
    pub(crate) fn offset(&self, position: Position) -> usize {
        let line = self.line(position.line as usize);
        let wanted = self.units(line.start) + position.character as usize;
        let stride = self.counted.partition_point(|counted| *counted <= wanted) - 1;
        let start = self.text.ceil_char_boundary(stride * STRIDE).clamp(line.start, line.end);
        let mut left = wanted - self.units(start);
        for (at, c) in self.text[start..line.end].char_indices() {
            let length = self.encoding.length(c);
            if left < length {
                return start + at;
            }
            left -= length;
        }
        line.end
    }

    pub(crate) fn range(&self, span: Range<usize>) -> lsp_types::Range {
        lsp_types::Range::new(self.position(span.start), self.position(span.end))
    }

    pub(crate) fn span(&self, range: lsp_types::Range) -> Range<usize> {
        let start = self.offset(range.start);
        start..self.offset(range.end).max(start)
    }
}

fn counted(text: &str, encoding: Encoding) -> Vec<usize> {
    let mut counted = Vec::with_capacity(text.len() / STRIDE + 1);
    let mut units = 0;
    for (at, c) in text.char_indices() {
        if at >= counted.len() * STRIDE {
            counted.push(units);
        }
        units += encoding.length(c);
    }
    if counted.len() * STRIDE <= text.len() {
        counted.push(units);
    }
    counted
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_counted_as_agreed() {
        let text = "a: é𝄞x\r\nb\rc\n";
        let x = text.find('x').expect("there is one");
        for (encoding, column) in [(Encoding::Utf8, 9), (Encoding::Utf16, 6), (Encoding::Utf32, 5)] {
            let lines = Lines::new(text, encoding);
            assert_eq!(lines.position(x), Position::new(0, column), "{encoding:?}");
            for offset in text.char_indices().map(|(at, _)| at).filter(|at| !text[*at..].starts_with('\n')) {
                assert_eq!(lines.offset(lines.position(offset)), offset, "{encoding:?} {offset}");
            }
            assert_eq!(lines.offset(Position::new(0, 99)), x + 1);
            assert_eq!(lines.offset(Position::new(2, 0)), text.find('c').expect("there is one"));
            assert_eq!(lines.offset(Position::new(99, 0)), text.len());
        }
        assert_eq!(Lines::new(text, Encoding::Utf16).offset(Position::new(0, 5)), text.find('𝄞').expect("it is there"));
    }

    #[test]
    fn columns_of_long_lines_are_counted_alike() {
        let text = format!("{}\r\n{}", "aé𝄞".repeat(STRIDE), "𝄞".repeat(STRIDE));
        for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
            let lines = Lines::new(&text, encoding);
            let (mut line, mut column) = (0, 0);
            for (at, c) in text.char_indices().filter(|(_, c)| *c != '\r') {
                if c == '\n' {
                    (line, column) = (line + 1, 0);
                    continue;
                }
                assert_eq!(lines.position(at), Position::new(line, column), "{encoding:?} {at}");
                assert_eq!(lines.offset(Position::new(line, column)), at, "{encoding:?} {at}");
                column += number(encoding.length(c));
            }
            assert_eq!(lines.position(text.len()), Position::new(line, column), "{encoding:?}");
            assert_eq!(lines.offset(Position::new(0, u32::MAX)), text.find('\r').expect("there is one"));
        }
    }

    #[test]
    fn bytes_where_the_client_takes_them() {
        let kinds =
            |names: &[&'static str]| names.iter().map(|name| PositionEncodingKind::new(name)).collect::<Vec<_>>();
        assert_eq!(Encoding::agreed(None), Encoding::Utf16);
        assert_eq!(Encoding::agreed(Some(&kinds(&["utf-16", "utf-8"]))), Encoding::Utf8);
        assert_eq!(Encoding::agreed(Some(&kinds(&["utf-32"]))), Encoding::Utf32);
        assert_eq!(Encoding::agreed(Some(&kinds(&["utf-32", "utf-16"]))), Encoding::Utf16);
    }
}
