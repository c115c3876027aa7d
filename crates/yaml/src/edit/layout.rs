//! Lines and columns of a text, and the manner in which a document is written.

use crate::Document;
use crate::emit::Emitter;
use crate::events::Style;
use crate::tree::Shape;

/// Questions about the lines of a text. A line may be megabytes long: ask for its start, end or
/// column only where the edit is one of whole lines.
#[derive(Clone, Copy)]
pub(super) struct Lines<'a>(pub &'a str);

impl Lines<'_> {
    /// Where the line of an offset begins, after a byte order mark.
    pub(super) fn start(self, at: usize) -> usize {
        let start = self.0[..at].rfind('\n').map_or(0, |newline| newline + 1);
        if self.0[start..at].starts_with('\u{feff}') { start + 3 } else { start }
    }

    /// Where the line of an offset ends, before its line end.
    pub(super) fn end(self, at: usize) -> usize {
        match self.0[at..].find('\n') {
            Some(n) if n > 0 && self.0.as_bytes()[at + n - 1] == b'\r' => at + n - 1,
            Some(n) => at + n,
            None => self.0.len(),
        }
    }

    /// Where the line after that of an offset begins.
    pub(super) fn next(self, at: usize) -> usize {
        self.0[at..].find('\n').map_or(self.0.len(), |n| at + n + 1)
    }

    /// Where the line before that of an offset ends, if there is one.
    pub(super) fn previous_end(self, at: usize) -> Option<usize> {
        let newline = self.0[..at].rfind('\n')?;
        Some(if self.0[..newline].ends_with('\r') { newline - 1 } else { newline })
    }

    /// The column of an offset, in characters from 0.
    pub(super) fn column(self, at: usize) -> usize {
        self.0[self.start(at)..at].chars().count()
    }

    /// Whether an offset has nothing but blanks before it on its line.
    pub(super) fn is_first(self, at: usize) -> bool {
        let before = self.0[..at].trim_end_matches([' ', '\t']);
        before.is_empty() || before.ends_with(['\n', '\u{feff}'])
    }

    /// What stands between an offset and the end of its line.
    pub(super) fn rest(self, at: usize) -> Rest {
        let rest = self.0[at..].trim_start_matches([' ', '\t', '\r']);
        match rest.bytes().next() {
            None | Some(b'\n') => Rest::Nothing,
            Some(b'#') => Rest::Comment,
            Some(_) => Rest::Content,
        }
    }
}

/// What the rest of a line holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    Nothing,
    Comment,
    Content,
}

/// How a document is written.
#[derive(Debug)]
pub(crate) struct Manner {
    pub(super) emitter: Emitter,
    /// What its lines end with.
    pub(super) eol: &'static str,
    /// Where its anchors and aliases are.
    pub(super) shared: Vec<usize>,
}

impl Document {
    /// How it is written; `text` is what it was read from.
    pub(super) fn manner(&self, text: &str) -> &Manner {
        self.manner.get_or_init(|| Manner::of(self, text))
    }
}

impl Manner {
    fn of(document: &Document, text: &str) -> Self {
        let first = text.find('\n');
        let eol = if first.is_some_and(|at| text[..at].ends_with('\r')) { "\r\n" } else { "\n" };
        let nodes = document.tree.nodes.iter();
        let shared = nodes.filter(|node| node.anchor.is_some() || matches!(node.shape, Shape::Alias(_)));
        let mut shared: Vec<usize> = shared.map(|node| node.start).collect();
        shared.sort_unstable();
        Manner { emitter: emitter(document, text), eol, shared }
    }
}

/// How values are written here, from what the document has most of.
fn emitter(document: &Document, text: &str) -> Emitter {
    let lines = Lines(text);
    let nodes = &document.tree.nodes;
    let mut steps = [0usize; 9];
    let (mut flush, mut indented) = (0, 0);
    let (mut quoted_keys, mut flow_keys) = (0, 0);
    let (mut quoted_strings, mut flow_strings) = (0, 0);
    let (mut flow_steps, mut tabs, mut is_tight) = ([0usize; 9], 0usize, true);
    for node in nodes {
        let Shape::Mapping { flow, entries } = &node.shape else { continue };
        if *flow {
            if let Some(first) = entries.first().map(|entry| nodes[entry.key].start).filter(|at| lines.is_first(*at)) {
                let indent = |at: usize| {
                    let line = &text[lines.start(at)..];
                    line.len() - line.trim_start_matches([' ', '\t']).len()
                };
                if let Some(votes) = flow_steps.get_mut(indent(first).saturating_sub(indent(node.span.start))) {
                    *votes += 1;
                }
                tabs += usize::from(text[..first].ends_with('\t'));
            }
            for entry in entries {
                let is_apart = |at: usize| text[at..].starts_with([' ', '\t', '\r', '\n']);
                is_tight &= !entry.colon.is_some_and(is_apart);
                flow_keys += 1;
                quoted_keys += usize::from(matches!(nodes[entry.key].shape, Shape::Scalar(Style::Double)));
                match nodes[entry.value].shape {
                    Shape::Scalar(Style::Double) => {
                        quoted_strings += 1;
                        flow_strings += 1;
                    }
                    Shape::Scalar(Style::Single) => flow_strings += 1,
                    Shape::Scalar(Style::Plain) => {
                        let word = &text[nodes[entry.value].span.clone()];
                        flow_strings += usize::from(!word.is_empty() && !crate::scalar::reads_as_other_type(word));
                    }
                    _ => {}
                }
            }
            continue;
        }
        let column = lines.column(node.span.start);
        for entry in entries {
            let child = &nodes[entry.value];
            match &child.shape {
                // One that begins with `?` is indented by that, too.
                Shape::Mapping { flow: false, entries } if !entries.first().is_some_and(|first| first.explicit) => {
                    let step = lines.column(child.span.start).saturating_sub(column);
                    if let Some(votes) = steps.get_mut(step) {
                        *votes += 1;
                    }
                }
                Shape::Sequence { flow: false, .. } => {
                    if lines.column(child.span.start) > column {
                        indented += 1;
                    } else {
                        flush += 1;
                    }
                }
                _ => {}
            }
        }
    }
    let most = |votes: &[usize], default: usize| {
        let mut most = default;
        for (columns, count) in votes.iter().enumerate().skip(1) {
            if *count > votes[most] {
                most = columns;
            }
        }
        most
    };
    let step = most(&steps, 2);
    let is_json = flow_keys > 0 && quoted_keys == flow_keys;
    // A block scalar that the text does not end with a line break would lose its own.
    let literals = text.ends_with('\n') || document.outer.end < text.len();
    Emitter {
        step,
        indent_sequences: indented > flush,
        literals,
        quote_flow_keys: is_json,
        quote_flow_strings: if flow_strings > 0 { quoted_strings == flow_strings } else { is_json },
        trailing_comma: false,
        flow_step: most(&flow_steps, step),
        flow_blank: if tabs > 0 { '\t' } else { ' ' },
        tight: is_json && is_tight,
    }
}
