//! Offsets as people count them: lines and columns from 1, columns in characters.

use std::borrow::Cow;

/// A text with line feeds where carriage returns end lines without one: to YAML the same, in as many bytes.
pub fn with_feeds(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let is_alone = |at: usize| bytes[at] == b'\r' && bytes.get(at + 1) != Some(&b'\n');
    if !text.contains('\r') || !(0..bytes.len()).any(is_alone) {
        return Cow::Borrowed(text);
    }
    text.char_indices().map(|(at, char)| if is_alone(at) { '\n' } else { char }).collect()
}

/// Where the lines of a text begin, which end at `\n`, `\r\n` or, as YAML has it, a lone `\r`.
pub fn line_starts(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let is_end = |at: &usize| match bytes[*at] {
        b'\n' => true,
        b'\r' => bytes.get(at + 1) != Some(&b'\n'),
        _ => false,
    };
    std::iter::once(0).chain((0..bytes.len()).filter(is_end).map(|at| at + 1)).collect()
}

/// Where each line of a text begins, so that an offset becomes a line and a column.
///
/// Building it reads the text once; each question is a binary search plus the
/// characters of one line.
///
/// ```
/// let index = transom_yaml::LineIndex::new("a: é\nb: 2\n");
/// assert_eq!(index.line_column(0), (1, 1));
/// assert_eq!(index.line_column("a: é\nb".len()), (2, 2));
/// ```
#[derive(Debug, Clone)]
pub struct LineIndex<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> LineIndex<'a> {
    /// Indexes the [lines](line_starts) of a text.
    pub fn new(text: &'a str) -> Self {
        LineIndex { text, starts: line_starts(text) }
    }

    /// Line and column of a byte offset, both from 1, the column in characters.
    ///
    /// A byte order mark does not count as a character. An offset past the end is the end; one
    /// inside a character is that character.
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts[line - 1];
        let before = &self.text[start..offset];
        let column = before.chars().filter(|c| *c != '\u{feff}').count() + 1;
        (line, column)
    }

    /// The bytes of a line (from 1) without its line end, or nothing when there is no such line.
    pub fn line(&self, line: usize) -> Option<std::ops::Range<usize>> {
        let start = *self.starts.get(line.checked_sub(1)?)?;
        let end = self.starts.get(line).copied().unwrap_or(self.text.len());
        let text = self.text[start..end].trim_end_matches(['\n', '\r']);
        Some(start..start + text.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_characters_and_lines() {
        let index = LineIndex::new("\u{feff}é: 1\r\nb\n");
        assert_eq!(index.line_column(3), (1, 1));
        assert_eq!(index.line_column(5), (1, 2));
        assert_eq!(index.line_column(4), (1, 1), "inside a character");
        assert_eq!(index.line_column(10), (2, 1));
        assert_eq!(index.line_column(999), (3, 1));
        assert_eq!(index.line(1), Some(0..8));
        assert_eq!(index.line(3), Some(12..12));
        assert_eq!(index.line(4), None);
        assert_eq!(index.line(0), None);
    }

    #[test]
    fn lines_end_at_lone_carriage_returns_too() {
        let index = LineIndex::new("a\rb\r\nc\r\rd");
        let lines: Vec<_> = (1..=6).map(|line| index.line(line)).collect();
        assert_eq!(lines, [Some(0..1), Some(2..3), Some(5..6), Some(7..7), Some(8..9), None]);
        assert_eq!(index.line_column(8), (5, 1));
    }
}
