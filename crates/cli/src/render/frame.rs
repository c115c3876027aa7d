//! A message with the source lines it is about, as rustc shows them.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

use annotate_snippets::{AnnotationKind, Group, Origin, Renderer, Snippet};
use transom_manifests::{Location, printable, rule_page};
use transom_yaml::SyntaxError;

use super::style;
use crate::source::Unreadable;
use crate::terminal;

/// Columns where stdout is no terminal.
const WIDTH: usize = 140;

/// A line longer than this is not shown: it is no text that people read, and cutting a piece out
/// of 10 MB of JSON takes its time for each finding.
const LONGEST_LINE: usize = 4_000;

/// Lines between two places that are shown in one frame.
const FARTHEST: usize = 80;

/// How loud a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    Error,
    Warning,
    Info,
    Note,
}

/// A text that frames show parts of.
///
/// Finds lines and columns as [`transom_yaml::LineIndex`] does, but remembers the last place: 10 MB
/// of JSON in a single line are not counted through for each finding.
pub(crate) struct Page<'t> {
    label: &'t str,
    text: &'t str,
    starts: Vec<usize>,
    /// An offset, and the characters of its line before it.
    last: Cell<(usize, usize)>,
}

impl<'t> Page<'t> {
    pub(crate) fn new(label: &'t str, text: &'t str) -> Self {
        Page { label, text, starts: transom_yaml::line_starts(text), last: Cell::new((0, 0)) }
    }

    pub(crate) fn label(&self) -> &'t str {
        self.label
    }

    pub(crate) fn text(&self) -> &'t str {
        self.text
    }

    /// Where a span is, lines and columns from 1.
    pub(crate) fn location(&self, span: &Range<usize>) -> Location {
        let (line, column) = (self.line_of(span.start), self.column_of(span.start));
        Location { line, column, end_line: self.line_of(span.end), end_column: self.column_of(span.end) }
    }

    fn line_of(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset)
    }

    fn column_of(&self, offset: usize) -> usize {
        let start = self.starts[self.line_of(offset) - 1];
        let (known, column) = match self.last.get() {
            (known, column) if known >= start && self.line_of(known) == self.line_of(offset) => (known, column),
            _ => (start, 0),
        };
        // A byte order mark is no character that anybody sees.
        let characters = |range: Range<usize>| {
            let text = self.text.get(range).unwrap_or_default();
            text.chars().filter(|c| *c != '\u{feff}').count()
        };
        let column =
            if known <= offset { column + characters(known..offset) } else { column - characters(offset..known) };
        self.last.set((offset, column));
        column + 1
    }

    /// The bytes of a line without its end.
    fn line(&self, line: usize) -> Range<usize> {
        let start = self.starts[line - 1];
        let end = self.starts.get(line).copied().unwrap_or(self.text.len());
        start..start + self.text[start..end].trim_end_matches(['\n', '\r']).len()
    }

    /// A span as far as it is on the line where it begins.
    fn first_line(&self, span: Range<usize>) -> Range<usize> {
        let start = span.start.min(self.text.len());
        let line = self.line(self.line_of(start));
        start..span.end.clamp(start, line.end.max(start))
    }
}

/// A message, where it belongs, and what to do about it.
pub(crate) struct Frame<'t> {
    level: Level,
    id: Option<String>,
    message: String,
    place: Option<(&'t Page<'t>, Vec<Mark>)>,
    notes: Vec<(&'static str, String)>,
}

/// A part of the text that is underlined. The first one of a frame is what it is about.
struct Mark {
    span: Range<usize>,
    label: Option<String>,
}

impl Mark {
    /// Whether the label has room behind what is underlined, on the terminal's line.
    fn fits(&self, page: &Page<'_>) -> bool {
        let taken = page.line_of(self.span.end).to_string().len() + " | ".len() + page.column_of(self.span.end);
        let label = self.label.as_deref().map_or(0, |label| label.chars().count());
        terminal::width().is_none_or(|width| taken + label < width)
    }
}

impl<'t> Frame<'t> {
    pub(crate) fn new(level: Level, message: impl Into<String>) -> Self {
        Frame { level, id: None, message: lines(&message.into()), place: None, notes: Vec::new() }
    }

    pub(crate) fn id(mut self, id: &str) -> Self {
        self.id = Some(id.to_owned());
        self
    }

    /// Shows the line where `span` is.
    pub(crate) fn at(mut self, page: &'t Page<'t>, span: Range<usize>, label: Option<String>) -> Self {
        self.place = Some((
            page,
            vec![Mark { span: page.first_line(span), label: label.map(|label| printable(&label).into_owned()) }],
        ));
        self
    }

    /// Shows another line of the same text, if it is not far away.
    pub(crate) fn and(mut self, span: Range<usize>, label: String) -> Self {
        if let Some((page, marks)) = &mut self.place
            && marks
                .iter()
                .all(|mark| (1..FARTHEST).contains(&page.line_of(span.start).abs_diff(page.line_of(mark.span.start))))
        {
            let span = page.first_line(span);
            marks.push(Mark { span, label: Some(printable(&label).into_owned()) });
        }
        self
    }

    /// Adds a line below: `= help: …`
    pub(crate) fn note(mut self, name: &'static str, text: impl Into<String>) -> Self {
        self.notes.push((name, lines(&text.into())));
        self
    }

    /// Styled text that ends with a line end.
    pub(crate) fn render(&self) -> String {
        use annotate_snippets::Level as Drawn;
        let level = match self.level {
            Level::Error => Drawn::ERROR,
            Level::Warning => Drawn::WARNING,
            Level::Info => Drawn::INFO,
            Level::Note => Drawn::NOTE,
        };
        let word = match self.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Info => "info",
            Level::Note => "note",
        };
        let id_width = self.id.as_ref().map_or(0, |id| id.len() + 2);
        let message = wrapped(&self.message, word.len() + id_width + ": ".len());
        let title = level.primary_title(&*message);
        let rule = self.id.as_deref().filter(|_| terminal::has_links()).and_then(transom::rules::find);
        let link = rule.map(|rule| rule_page(rule.id, rule.name)).unwrap_or_default();
        let title = match &self.id {
            Some(id) => match &*link {
                "" => title.id(id.as_str()),
                link => title.id(id.as_str()).id_url(link),
            },
            None => title,
        };
        let mut group = Group::with_title(title);
        if let Some((page, marks)) = &self.place {
            group = match excerpt(page, marks) {
                Some(snippet) => group.element(snippet),
                None => {
                    let place = page.location(&marks[0].span);
                    group.element(Origin::path(page.label).line(place.line).char_column(place.column))
                }
            };
        }
        let margin = self.place.as_ref().map_or(0, |(page, marks)| {
            let last = marks.iter().map(|mark| page.line_of(mark.span.end)).max().unwrap_or_default();
            last.to_string().len() + 1
        });
        // What does not fit behind its line is said below.
        let marks = self.place.iter().flat_map(|(page, marks)| marks.iter().map(|mark| (*page, mark)));
        for label in marks.filter(|(page, mark)| !mark.fits(page)).filter_map(|(_, mark)| mark.label.as_deref()) {
            let text = wrapped(label, margin + "note = : ".len());
            group = group.element(Drawn::NOTE.message(text));
        }
        for (name, text) in &self.notes {
            let level = if *name == "help" { Drawn::HELP } else { Drawn::NOTE.with_name(*name) };
            group = group.element(level.message(wrapped(text, margin + name.len() + " = : ".len())));
        }
        let mut text = renderer().render(&[group]);
        text.push('\n');
        text
    }
}

/// A text of which each line is one that does nothing to a terminal.
fn lines(text: &str) -> String {
    text.split('\n').map(printable).collect::<Vec<_>>().join("\n")
}

/// A text broken between words where it would reach the end of the terminal's line; `taken` columns are
/// taken by what comes before it.
fn wrapped(text: &str, taken: usize) -> Cow<'_, str> {
    let room = terminal::width().map_or(usize::MAX, |width| width.saturating_sub(taken + 1).max(20));
    if text.chars().count() <= room {
        return Cow::Borrowed(text);
    }
    let mut lines = String::new();
    let mut column = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > room {
            lines.push('\n');
            column = 0;
        } else if column > 0 {
            lines.push(' ');
            column += 1;
        }
        lines.push_str(word);
        column += length;
    }
    Cow::Owned(lines)
}

/// The lines from the first mark to the last; none where they are too long to show.
fn excerpt<'p>(page: &'p Page<'p>, marks: &'p [Mark]) -> Option<Snippet<'p, annotate_snippets::Annotation<'p>>> {
    let first = marks.iter().map(|mark| mark.span.start).min()?;
    let last = marks.iter().map(|mark| mark.span.end).max()?;
    let (first_line, last_line) = (page.line_of(first), page.line_of(last));
    if (first_line..=last_line).any(|line| page.line(line).len() > LONGEST_LINE) {
        return None;
    }
    let mut start = page.line(first_line).start;
    let end = page.line(last_line).end;
    if page.text[start..].starts_with('\u{feff}') {
        start += '\u{feff}'.len_utf8();
    }
    let snippet =
        Snippet::source(transom_yaml::with_feeds(&page.text[start..end])).path(page.label).line_start(first_line);
    let annotations = marks.iter().enumerate().map(|(index, mark)| {
        let kind = if index == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
        let begin = mark.span.start.max(start);
        kind.span(begin - start..mark.span.end.max(begin) - start)
            .label(mark.label.as_deref().filter(|_| mark.fits(page)))
    });
    Some(snippet.annotations(annotations))
}

fn renderer() -> &'static Renderer {
    static RENDERER: OnceLock<Renderer> = OnceLock::new();
    RENDERER.get_or_init(|| {
        let renderer = if terminal::has_styles() { Renderer::styled() } else { Renderer::plain() };
        let renderer = renderer.term_width(terminal::width().unwrap_or(WIDTH));
        if !terminal::has_styles() {
            return renderer;
        }
        renderer
            .error(style::ERROR)
            .warning(style::WARNING)
            .info(style::INFO)
            .note(style::BOLD)
            .help(style::BOLD)
            .line_num(style::INFO)
            .context(style::INFO)
    })
}

/// A message without a place.
pub(crate) fn title(level: Level, message: &str) -> String {
    Frame::new(level, message).render()
}

/// Everything in a text that is no YAML, each with a blank line behind it.
pub(crate) fn of_broken(page: &Page<'_>, errors: &[SyntaxError]) -> String {
    errors.iter().map(|error| of_syntax(page, error).render() + "\n").collect()
}

/// A document that does not parse.
pub(crate) fn of_syntax<'t>(page: &'t Page<'t>, error: &SyntaxError) -> Frame<'t> {
    let end = page.text[error.offset.min(page.text.len())..].chars().next().map_or(0, char::len_utf8);
    Frame::new(Level::Error, format!("this is not YAML: {}", error.message)).at(
        page,
        error.offset..error.offset + end,
        None,
    )
}

/// A file that cannot be read.
pub(crate) fn of_unreadable(error: &Unreadable) -> String {
    title(Level::Error, &format!("{}: {}", error.label, error.reason))
}

/// The folder of a kustomization whose patches are passed over by what would have been `done` to them.
pub(crate) fn of_patched(folder: &str, done: &str) -> String {
    let about = format!(
        "{folder}: the patches of this kustomization, which are parts of objects, were not {done}: check {folder} itself"
    );
    title(Level::Note, &about)
}

/// Rendered frames as an error that ends the program.
#[derive(Debug)]
pub(crate) struct Frames(String);

impl<'t> FromIterator<Frame<'t>> for Frames {
    fn from_iter<I: IntoIterator<Item = Frame<'t>>>(frames: I) -> Self {
        let frames: Vec<_> = frames.into_iter().map(|frame| frame.render()).collect();
        Frames(frames.join("\n"))
    }
}

impl fmt::Display for Frames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Frames {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_lines_and_columns_as_the_yaml_crate_does() {
        let text = "\u{feff}é: 1\r\nb: äö\n\nc\rd";
        let (page, index) = (Page::new("x", text), transom_yaml::LineIndex::new(text));
        let offsets: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        for at in offsets.iter().chain(offsets.iter().rev()).chain(&[3, 12, 5, 9]) {
            let place = page.location(&(*at..*at));
            assert_eq!((place.line, place.column), index.line_column(*at), "{at}");
        }
    }
}
