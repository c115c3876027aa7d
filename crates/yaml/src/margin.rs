//! What kubectl reads and the parser does not: it gets a text that is a little different, and offsets are counted
//! back.
//!
//! **Quoted scalars whose further lines stand too far left.**
//!
//! ```yaml
//! config: '{
//!   "cniVersion": "1.0.0"
//! }'
//! ```
//!
//! YAML wants further lines indented more than the key, which the parser insists on. libyaml and
//! go-yaml, and so kubectl, never look. The blanks that such lines begin with are no part of the
//! value.
//!
//! **Tabs that lines begin with** in quoted scalars and between brackets, which are no part of the value either.
//! Elsewhere they stay what they are: an error.
//!
//! **A byte order mark behind `---`**, where files were joined.
//!
//! **A dash that is a value between brackets**, `[tee, -]`: YAML forbids it, libyaml and go-yaml read it.
//!
//! **Objects one behind the other**, `{…} {…}`, as `jq` writes them: documents want a `---` between them.

use std::borrow::Cow;

use crate::Span;

/// What to put in, blanks at the start of lines or markers between documents, and what to leave out.
#[derive(Debug, Default)]
pub(crate) struct Margin {
    /// In the order of the text.
    places: Vec<Place>,
}

#[derive(Debug)]
struct Place {
    /// Where in the text.
    at: usize,
    /// How many bytes of the text are left out.
    cut: usize,
    put: Put,
    /// How many bytes the places before it put in and leave out.
    before: (usize, usize),
}

#[derive(Debug)]
enum Put {
    Blanks(usize),
    Marker,
    /// [`DASH`]
    Dash,
}

const MARKER: &str = "\n---\n";

/// What the parser sees in place of a dash, of those characters that nobody has given a meaning.
const DASH: char = '\u{e000}';

/// The byte order mark.
const MARK: char = '\u{feff}';

impl Put {
    fn len(&self) -> usize {
        match self {
            Put::Blanks(count) => *count,
            Put::Marker => MARKER.len(),
            Put::Dash => DASH.len_utf8(),
        }
    }
}

impl Margin {
    /// What a text of nothing but objects in braces needs between them. Only the parser knows whether that is what
    /// they are.
    pub(crate) fn between_objects(text: &str) -> Self {
        let mut margin = Margin::default();
        let (mut depth, mut in_string, mut is_escaped, mut is_first) = (0_usize, false, false, true);
        let start = if text.starts_with('\u{feff}') { 3 } else { 0 };
        for (at, byte) in text.bytes().enumerate().skip(start) {
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' => is_escaped = in_string,
                b'"' if depth > 0 => in_string = !in_string,
                _ if in_string => {}
                b'{' => {
                    if depth == 0 && !std::mem::take(&mut is_first) {
                        margin.add(at, 0, Put::Marker);
                    }
                    depth += 1;
                }
                b' ' | b'\t' | b'\r' | b'\n' => {}
                _ if depth == 0 => return Margin::default(),
                b'}' => depth -= 1,
                _ => {}
            }
        }
        margin
    }

    fn add(&mut self, at: usize, cut: usize, put: Put) {
        let before = self.places.last().map_or((0, 0), Place::up_to);
        self.places.push(Place { at, cut, put, before });
    }

    /// Makes blanks of the tabs that a line begins with.
    fn add_tabs(&mut self, line: &str, at: usize) {
        let blanks = line.bytes().enumerate().take_while(|(_, byte)| matches!(byte, b' ' | b'\t'));
        for (column, _) in blanks.filter(|(_, byte)| *byte == b'\t') {
            self.add(at + column, 1, Put::Blanks(1));
        }
    }

    /// Puts something else in place of the dashes that may be values between brackets.
    fn add_dashes(&mut self, line: &str, at: usize) {
        for (column, window) in line.as_bytes().windows(3).enumerate() {
            if let [b' ' | b'\t' | b',' | b'[' | b'{', b'-', b',' | b']' | b'}'] = window {
                self.add(at + column + 1, 1, Put::Dash);
            }
        }
    }

    /// A text that the parser has read, with the dashes in it.
    pub(crate) fn with_dashes<'a>(&self, text: Cow<'a, str>) -> Cow<'a, str> {
        let has_dashes = || self.places.iter().any(|place| matches!(place.put, Put::Dash));
        match text.contains(DASH) && has_dashes() {
            true => text.replace(DASH, "-").into(),
            false => text,
        }
    }

    /// What a text needs, as far as its lines tell: its quoted scalars that begin where a block mapping or
    /// sequence has a value, tabs, byte order marks, and dashes. Only the parser knows whether they are
    /// what they look like: see [`Margin::keep`].
    pub(crate) fn of(text: &str) -> Self {
        let mut margin = Margin::default();
        let mut block: Option<usize> = None;
        // The line before is that of a `---`.
        let mut is_begun = false;
        let has_stand_in = text.contains(DASH);
        let mut at = 0;
        while at < text.len() {
            let line = line_at(text, at);
            let indent = line.len() - line.trim_start_matches(' ').len();
            let next = at + line.len();
            let is_blank = line.trim().is_empty();
            if is_blank || block.is_some_and(|of| indent > of) {
                at = next;
                continue;
            }
            block = None;
            if std::mem::take(&mut is_begun) && line.starts_with(MARK) {
                margin.add(at, MARK.len_utf8(), Put::Blanks(0));
            }
            is_begun = line.starts_with("---");
            margin.add_tabs(line, at);
            if !has_stand_in {
                margin.add_dashes(line, at);
            }
            let (column, value) = value_of(line, indent);
            let rest = &line[value..];
            if rest.starts_with(['|', '>']) {
                block = Some(column);
            }
            at = match rest.chars().next() {
                Some(quote @ ('\'' | '"')) => margin.add_scalar(text, at + value, quote, column).max(next),
                _ => next,
            };
        }
        margin
    }

    /// Adds what the scalar at `start` needs to be right of `column`; gives the start of the line
    /// behind it.
    fn add_scalar(&mut self, text: &str, start: usize, quote: char, column: usize) -> usize {
        let Some(end) = end_of_quoted(text, start, quote) else { return text.len() };
        let mut at = start + line_at(text, start).len();
        while at < end {
            let line = line_at(text, at);
            let indent = line.len() - line.trim_start_matches(' ').len();
            if indent <= column && !line.trim().is_empty() {
                self.add(at, 0, Put::Blanks(column + 1 - indent));
            }
            self.add_tabs(line, at);
            at += line.len();
        }
        at
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Whether some of it is in a span of the text.
    pub(crate) fn is_in(&self, span: &Span) -> bool {
        let up_to = |offset| self.places.partition_point(|place| place.at < offset);
        up_to(span.end) > up_to(span.start)
    }

    /// Leaves out what is in none of these spans, which are in the order of the text. False where that
    /// is nothing.
    pub(crate) fn keep(&mut self, spans: &[Span]) -> bool {
        let count = self.places.len();
        let mut spans = spans.iter().peekable();
        self.places.retain(|place| {
            while spans.next_if(|span| span.end <= place.at).is_some() {}
            spans.peek().is_some_and(|span| span.contains(&place.at))
        });
        let mut before = (0, 0);
        for place in &mut self.places {
            place.before = before;
            before = place.up_to();
        }
        self.places.len() < count
    }

    /// The text with what is put in, and without what is left out.
    pub(crate) fn applied(&self, text: &str) -> String {
        let mut applied = String::with_capacity(text.len() + 2 * self.places.len());
        let mut done = 0;
        for place in &self.places {
            applied.push_str(&text[done..place.at]);
            match place.put {
                Put::Blanks(count) => applied.extend(std::iter::repeat_n(' ', count)),
                Put::Marker => applied.push_str(MARKER),
                Put::Dash => applied.push(DASH),
            }
            done = place.at + place.cut;
        }
        applied.push_str(&text[done..]);
        applied
    }

    /// An offset in the text that the parser sees as one in the text itself. What is put in is what follows it.
    pub(crate) fn original(&self, offset: usize) -> usize {
        let begin = |place: &Place| place.at + place.before.0 - place.before.1;
        let behind = self.places.partition_point(|place| begin(place) <= offset);
        let Some(last) = self.places[..behind].last() else { return offset };
        match (offset - begin(last)).checked_sub(last.put.len()) {
            Some(beyond) => last.at + last.cut + beyond,
            None => last.at,
        }
    }
}

impl Place {
    /// How many bytes are put in and left out up to the end of it.
    fn up_to(&self) -> (usize, usize) {
        (self.before.0 + self.put.len(), self.before.1 + self.cut)
    }
}

/// The line that begins at an offset, with its end.
fn line_at(text: &str, at: usize) -> &str {
    let end = text[at..].find('\n').map_or(text.len(), |length| at + length + 1);
    &text[at..end]
}

/// The column of a line's last key or dash, and where the value behind it begins.
fn value_of(line: &str, indent: usize) -> (usize, usize) {
    let (mut column, mut at) = (indent, indent);
    while line[at..].starts_with("- ") {
        column = at;
        at = skip_blanks(line, at + 1);
    }
    match key_of(&line[at..]) {
        Some(length) => (at, skip_blanks(line, at + length)),
        None => (column, at),
    }
}

/// The bytes of a key with its colon, if a text begins with one.
fn key_of(text: &str) -> Option<usize> {
    let quoted = match text.chars().next()? {
        quote @ ('\'' | '"') => end_of_quoted(text, 0, quote)?,
        '#' => return None,
        _ => 0,
    };
    let colon = quoted + text[quoted..].find(": ")?;
    (quoted == 0 || text[quoted..colon].trim().is_empty()).then_some(colon + 1)
}

fn skip_blanks(line: &str, at: usize) -> usize {
    line.len() - line[at..].trim_start_matches(' ').len()
}

/// Just behind the closing quote of the scalar that begins at `start`.
fn end_of_quoted(text: &str, start: usize, quote: char) -> Option<usize> {
    let mut rest = text[start + 1..].char_indices().peekable();
    while let Some((at, char)) = rest.next() {
        match char {
            '\\' if quote == '"' => drop(rest.next()),
            _ if char != quote => {}
            _ if quote == '\'' && rest.next_if(|(_, next)| *next == '\'').is_some() => {}
            _ => return Some(start + 1 + at + 1),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(text: &str) -> String {
        let margin = Margin::of(text);
        let applied = margin.applied(text);
        // Every character that is no blank of ours is found again.
        for (at, char) in applied.char_indices().filter(|(_, char)| *char != ' ') {
            let char = if char == DASH { '-' } else { char };
            assert!(text[margin.original(at)..].starts_with(char), "{char:?} of {applied:?}");
        }
        applied
    }

    #[test]
    fn moves_what_stands_too_far_left() {
        for (text, expected) in [
            ("config: '{\n}'\n", "config: '{\n }'\n"),
            (
                "a:\n  - b: \"x\n  y\n\n  z\"\n  - 'x\n\"\n'\nc: 1\n",
                "a:\n  - b: \"x\n     y\n\n     z\"\n  - 'x\n   \"\n   '\nc: 1\n",
            ),
            ("'k': 'it''s\r\nme'\r\n", "'k': 'it''s\r\n me'\r\n"),
            ("k: \"é\\\"\n\\\ny\"\n", "k: \"é\\\"\n \\\n y\"\n"),
            ("k: {a: 1,\n \t\tb: 2}\nc: '\n\td\te'\n", "k: {a: 1,\n   b: 2}\nc: '\n  d\te'\n"),
            ("k: [-, -,a, b-, x -]\nl: {a: -}\n", "k: [\u{e000}, \u{e000},a, b-, x \u{e000}]\nl: {a: \u{e000}}\n"),
            ("---\n\u{feff}a: é\n---\n\u{feff}b: 'x\ny'\nc: \u{feff}\n", "---\na: é\n---\nb: 'x\n y'\nc: \u{feff}\n"),
        ] {
            assert_eq!(applied(text), expected);
        }
    }

    #[test]
    fn leaves_alone_what_is_right() {
        for text in [
            "",
            "a: 'x\n  y'\n",
            "a: don't\nb: 1\nc: can't\n",
            "a: |\n  b: 'x\n  y\nc: 'd'\n",
            "- a: >-\n    'x\n  b: 1\n",
            "# a: 'x\nb: 1\n",
            "a: 'never closed\nb: 1\n",
            "a: [\"x\",\n'y']\n",
        ] {
            assert_eq!(applied(text), text);
        }
    }
}
