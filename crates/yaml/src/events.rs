//! The one module that knows the parser.
//!
//! `granit-parser` finds the structure; this module turns its events into ours, gives every event
//! a byte range into the original text, and evens out four things: what kubectl reads and the parser
//! does not gets a [`Margin`], an anchor is reported with the node it belongs to, a block scalar at the end of a text
//! without a final newline ends without one (as go-yaml reads it), and after a syntax error the
//! events go on with the next document.

use std::borrow::Cow;

use granit_parser::{ErrorKind, Event as Granit, Parser, ScalarStyle, StrInput, StructureStyle};

use crate::Span;
use crate::margin::Margin;
use crate::scalar::Tag;

/// Nesting of block or of flow collections beyond which a document is refused.
const MAX_NESTING: usize = 255;

/// How a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Plain,
    Single,
    Double,
    Literal,
    Folded,
}

impl Style {
    pub(crate) fn is_block(self) -> bool {
        matches!(self, Style::Literal | Style::Folded)
    }
}

/// What happens.
#[derive(Debug)]
pub(crate) enum Kind<'a> {
    DocumentStart { explicit: bool },
    DocumentEnd { explicit: bool },
    StreamEnd,
    Scalar { text: Cow<'a, str>, style: Style },
    MappingStart { flow: bool },
    SequenceStart { flow: bool },
    CollectionEnd,
    Alias(usize),
    Comment,
}

/// One event. `span` is the parser's: it leaves out tag, anchor and the header of a block scalar.
#[derive(Debug)]
pub(crate) struct Event<'a> {
    pub kind: Kind<'a>,
    pub span: Span,
    /// From the first byte of tag or anchor to the last, if there are any.
    pub properties: Option<Span>,
    /// The anchor this node defines, or 0.
    pub anchor: usize,
    /// The bytes of the anchor, with `&`.
    pub anchor_span: Option<Span>,
    pub tag: Tag,
}

/// A syntax error where it was found. The parser has given up on the document it is in.
#[derive(Debug)]
pub(crate) struct Broken {
    pub message: String,
    pub offset: usize,
    /// A [`Margin`] may help.
    pub lacks_margin: bool,
}

/// The events of a text, document after document.
pub(crate) struct Events<'a> {
    parser: Parser<'a, StrInput<'a>>,
    text: &'a str,
    margin: &'a Margin,
    /// Where a margin may be: quoted scalars, what is between brackets, and what follows the line of a `---`.
    pub confirmed: Vec<Span>,
    /// Where the outermost brackets begin, and how many are open.
    flow: (usize, usize),
}

impl<'a> Events<'a> {
    /// The events of `text`, which the parser sees as `padded`: with this margin.
    pub(crate) fn new(text: &'a str, padded: &'a str, margin: &'a Margin) -> Self {
        let options = granit_parser::options! {
            emit_anchor_events: true,
            max_buffered_comment_events: usize::MAX,
            flow_nesting_limit: MAX_NESTING,
            block_nesting_limit: MAX_NESTING,
        };
        let parser = Parser::new_from_str_with_options(padded, options);
        Events { parser, text, margin, confirmed: Vec::new(), flow: (0, 0) }
    }

    /// Gives up on the document at hand. False when no other follows.
    pub(crate) fn skip_document(&mut self) -> bool {
        self.flow = (0, 0);
        self.parser.proceed_next_document().unwrap_or(false)
    }

    /// The next event, or nothing when the stream is over.
    pub(crate) fn next(&mut self) -> Option<Result<Event<'a>, Broken>> {
        loop {
            let (event, span) = match self.parser.next_event()? {
                Ok(event) => event,
                Err(error) => return Some(Err(self.broken(&error))),
            };
            let bytes = self.original(span.byte_range()).unwrap_or(0..0);
            let mut tag = Tag::None;
            let mut anchor = 0;
            let kind = match event {
                Granit::DocumentStart(explicit, _) => Kind::DocumentStart { explicit },
                Granit::DocumentEnd => Kind::DocumentEnd { explicit: !bytes.is_empty() },
                Granit::StreamEnd => Kind::StreamEnd,
                Granit::Alias(id) => Kind::Alias(id),
                Granit::Comment(..) => match self.text[bytes.clone()].find(ENDS_OF_LINES) {
                    Some(at) => {
                        let message =
                            "a line ends here for kubectl: leave this character out (U+0085, U+2028 or U+2029)"
                                .to_owned();
                        return Some(Err(Broken { message, offset: bytes.start + at, lacks_margin: false }));
                    }
                    None => Kind::Comment,
                },
                Granit::SequenceEnd | Granit::MappingEnd => Kind::CollectionEnd,
                Granit::Scalar(..) if self.is_glued(&bytes) => {
                    let message =
                        "`---` begins a document only where a space or the end of the line follows".to_owned();
                    return Some(Err(Broken { message, offset: bytes.start, lacks_margin: false }));
                }
                Granit::Scalar(text, style, id, name) => {
                    tag = read_tag(name.as_deref());
                    anchor = id;
                    let style = read_style(style);
                    // The parser says `~` for a value that is not there.
                    let text = if bytes.is_empty() && style == Style::Plain { Cow::Borrowed("") } else { text };
                    let text = self.margin.with_dashes(self.end_as_go_does(text, style, &bytes));
                    Kind::Scalar { text, style }
                }
                Granit::SequenceStart(style, id, name) => {
                    tag = read_tag(name.as_deref());
                    anchor = id;
                    Kind::SequenceStart { flow: style == StructureStyle::Flow }
                }
                Granit::MappingStart(style, id, name) => {
                    tag = read_tag(name.as_deref());
                    anchor = id;
                    Kind::MappingStart { flow: style == StructureStyle::Flow }
                }
                _ => continue,
            };
            if !self.margin.is_empty() {
                self.confirm(&kind, &bytes);
            }
            let mut properties = self.original(span.tag_span().and_then(|s| s.byte_range()));
            let mut anchor_span = None;
            if anchor != 0
                && matches!(self.parser.peek(), Some(Ok((Granit::Anchor(..), _))))
                && let Some(Ok((_, at))) = self.parser.next_event()
            {
                anchor_span = self.original(at.byte_range());
                properties = match (properties, anchor_span.clone()) {
                    (Some(a), Some(b)) => Some(a.start.min(b.start)..a.end.max(b.end)),
                    (a, b) => a.or(b),
                };
            }
            return Some(Ok(Event { kind, span: bytes, properties, anchor, anchor_span, tag }));
        }
    }

    /// Whether a plain text begins a line with `---`, as in `---kind: Pod`. To YAML it is a text like any other, but kubectl
    /// takes it for the beginning of a document and refuses it.
    fn is_glued(&self, bytes: &Span) -> bool {
        let before = &self.text[..bytes.start];
        self.text[bytes.clone()].starts_with("---") && (before.is_empty() || before.ends_with(['\n', '\u{feff}']))
    }

    /// Notes where a margin may be.
    fn confirm(&mut self, kind: &Kind<'_>, bytes: &Span) {
        match kind {
            Kind::DocumentStart { explicit: true } => {
                let next = self.text[bytes.end..].find('\n').map_or(self.text.len(), |at| bytes.end + at + 1);
                if self.text[next..].starts_with('\u{feff}') {
                    self.confirmed.push(next..next + 1);
                }
            }
            Kind::MappingStart { flow } | Kind::SequenceStart { flow } if *flow || self.flow.1 > 0 => {
                if self.flow.1 == 0 {
                    self.flow.0 = bytes.start;
                }
                self.flow.1 += 1;
            }
            Kind::CollectionEnd if self.flow.1 > 0 => {
                self.flow.1 -= 1;
                if self.flow.1 == 0 {
                    self.confirmed.push(self.flow.0..bytes.end);
                }
            }
            Kind::Scalar { style, .. } => match style {
                Style::Single | Style::Double if self.flow.1 == 0 => self.confirmed.push(bytes.clone()),
                // Within plain words there is none, but they may be a dash.
                Style::Plain if self.flow.1 > 0 && self.margin.is_in(bytes) && &self.text[bytes.clone()] != "-" => {
                    self.confirmed.push(self.flow.0..bytes.start);
                    self.flow.0 = bytes.end;
                }
                _ => {}
            },
            _ => {}
        }
    }

    fn broken(&self, error: &granit_parser::ScanError) -> Broken {
        let offset = error.marker().byte_offset();
        let offset = offset.map_or(self.text.len(), |offset| self.margin.original(offset)).min(self.text.len());
        // Marked is where the words begin.
        let tab =
            || self.text.get(offset..)?.find('\t').filter(|_| matches!(error.kind(), ErrorKind::TabInPlainScalar));
        let hint = match error.kind() {
            ErrorKind::UnknownQuotedScalarEscape => {
                ": between double quotes a backslash begins an escape, so use single \
                                                   quotes, or write it twice"
            }
            _ => "",
        };
        Broken {
            message: format!("{}{hint}", error.kind()),
            offset: offset + tab().unwrap_or(0),
            lacks_margin: matches!(
                error.kind(),
                ErrorKind::InvalidQuotedScalarIndent
                    | ErrorKind::TabInIndentation
                    | ErrorKind::TabInBlockIndentation
                    | ErrorKind::BomInsideDocument
                    | ErrorKind::PlainScalarStartsWithDashFlowIndicator
            ),
        }
    }

    fn original(&self, span: Option<Span>) -> Option<Span> {
        span.map(|span| self.margin.original(span.start)..self.margin.original(span.end))
    }

    fn end_as_go_does(&self, mut text: Cow<'a, str>, style: Style, bytes: &Span) -> Cow<'a, str> {
        if !style.is_block() || bytes.end != self.text.len() || self.text.ends_with('\n') || !text.ends_with('\n') {
            return text;
        }
        // The rest may be less than a line: indentation, of which only what goes beyond is text.
        let rest = self.text.rsplit('\n').next().unwrap_or("");
        let last = text[..text.len() - 1].rsplit('\n').next().unwrap_or("");
        if !rest.trim().is_empty() || (!last.is_empty() && last.trim().is_empty()) {
            text.to_mut().pop();
        }
        text
    }
}

/// Characters at which a line ends in YAML 1.1, which kubectl reads, and not in YAML 1.2.
const ENDS_OF_LINES: [char; 3] = ['\u{85}', '\u{2028}', '\u{2029}'];

fn read_style(style: ScalarStyle) -> Style {
    match style {
        ScalarStyle::Plain => Style::Plain,
        ScalarStyle::SingleQuoted => Style::Single,
        ScalarStyle::DoubleQuoted => Style::Double,
        ScalarStyle::Literal => Style::Literal,
        ScalarStyle::Folded => Style::Folded,
    }
}

fn read_tag(tag: Option<&granit_parser::Tag>) -> Tag {
    let Some(tag) = tag else { return Tag::None };
    match tag.suffix_in_namespace("tag:yaml.org,2002:").as_deref() {
        Some("str") => Tag::Str,
        Some("int") => Tag::Int,
        Some("float") => Tag::Float,
        Some("bool") => Tag::Bool,
        Some("null") => Tag::Null,
        Some("binary") => Tag::Binary,
        Some("timestamp") => Tag::Timestamp,
        Some("merge") => Tag::Merge,
        _ => Tag::Other,
    }
}
