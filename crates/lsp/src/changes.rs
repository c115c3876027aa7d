//! The changes that an editor tells, made in a text.

use std::ops::Range;

use lsp_types::TextDocumentContentChangeEvent;

use crate::position::{Encoding, Lines};

/// A text after changes, each of which is in terms of what those before it have left.
///
/// Editors mostly send changes from the last place in the text to the first: then none moves the place of the
/// next, and all are made at once.
pub(crate) fn changed(text: &str, encoding: Encoding, changes: Vec<TextDocumentContentChangeEvent>) -> String {
    let mut text = text.to_owned();
    let mut changes = changes.into_iter().peekable();
    while let Some(change) = changes.next() {
        let Some(range) = change.range else {
            text = change.text;
            continue;
        };
        let lines = Lines::new(&text, encoding);
        let mut pieces = vec![(lines.span(range), change.text)];
        while let Some((span, change)) = changes.peek().and_then(|next| Some((lines.span(next.range?), next)))
            && span.end < pieces[pieces.len() - 1].0.start
        {
            pieces.push((span, change.text.clone()));
            changes.next();
        }
        text = replaced(&text, &pieces);
    }
    text
}

/// A text with other pieces, which are from the last to the first.
fn replaced(text: &str, pieces: &[(Range<usize>, String)]) -> String {
    let mut after = String::with_capacity(text.len());
    let mut end = 0;
    for (span, piece) in pieces.iter().rev() {
        after.push_str(&text[end..span.start]);
        after.push_str(piece);
        end = span.end;
    }
    after.push_str(&text[end..]);
    after
}

#[cfg(test)]
mod tests {
    use lsp_types::{Position, Range};

    use super::*;

    fn change(start: (u32, u32), end: (u32, u32), text: &str) -> TextDocumentContentChangeEvent {
        let range = Range::new(Position::new(start.0, start.1), Position::new(end.0, end.1));
        TextDocumentContentChangeEvent { range: Some(range), range_length: None, text: text.to_owned() }
    }

    fn whole(text: &str) -> TextDocumentContentChangeEvent {
        TextDocumentContentChangeEvent { range: None, range_length: None, text: text.to_owned() }
    }

    #[test]
    fn each_change_is_in_terms_of_those_before_it() {
        let changed = |text: &str, changes: &[TextDocumentContentChangeEvent]| {
            super::changed(text, Encoding::Utf16, changes.to_vec())
        };
        let last_first = [change((1, 1), (1, 2), "Y"), change((0, 3), (0, 3), "\n"), change((0, 0), (0, 1), "")];
        assert_eq!(changed("𝄞x: a\nbcd\n", &[last_first[0].clone()]), "𝄞x: a\nbYd\n");
        assert_eq!(changed("axe\nbcd\n", &last_first), "xe\n\nbYd\n");
        let first_first = [change((0, 0), (0, 0), "12"), change((0, 2), (0, 3), ""), change((0, 2), (0, 2), "\n")];
        assert_eq!(changed("abc", &first_first), "12\nbc");
        let at_one_place = [change((0, 1), (0, 2), ""), change((0, 0), (0, 1), ""), change((0, 0), (0, 0), "x")];
        assert_eq!(changed("abc", &at_one_place), "xc");
        let behind_the_end = [change((0, 9), (0, 9), "xyz"), change((0, 5), (0, 6), "")];
        assert_eq!(changed("abc\n", &behind_the_end), "abcxy\n");
        assert_eq!(changed("abc", &[change((0, 0), (0, 1), "x"), whole("d"), change((0, 1), (0, 1), "e")]), "de");
    }

    #[test]
    fn many_changes_of_a_long_line_take_no_time_each() {
        let count = 50_000;
        let columns = (0..count).rev().map(|item| item * 40);
        let changes = columns.map(|column| change((0, column), (0, column + 1), "xy")).collect();
        let text = format!("a{}", "-".repeat(39)).repeat(count as usize);
        assert_eq!(super::changed(&text, Encoding::Utf16, changes), text.replace('a', "xy"));
    }
}
