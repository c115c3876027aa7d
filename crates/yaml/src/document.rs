//! What [`parse`](crate::parse) gives: documents, their errors and comments, and where things are.

use std::borrow::Cow;
use std::sync::OnceLock;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;

use crate::edit::Manner;
use crate::lines::with_feeds;
use crate::tree::{Child, NodeId, Shape, Tree, skip_trivia};
use crate::{Operation, Span, TextEdit, pointer};

/// The documents of a text, and what could not be read.
#[derive(Debug)]
pub struct Stream {
    /// The documents that could be read, in order. A text of comments alone is one empty document.
    pub documents: Vec<Document>,
    /// One error for each document that could not.
    pub errors: Vec<SyntaxError>,
}

/// Why a document could not be read, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {message}")]
pub struct SyntaxError {
    /// What is wrong, in one line without a period.
    pub message: String,
    /// Bytes from the start of the text.
    pub offset: usize,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// Which document of the stream, from 0.
    pub document: usize,
}

/// A comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// From the `#` to the last byte of its line, line end excluded.
    pub span: Span,
    /// What it says, without `#` and surrounding white space.
    pub text: String,
    /// Whether it has its line to itself.
    pub own_line: bool,
}

/// What a comment is about, as JSON Pointers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The entry or item that it is about with everything in it. For a comment that has its line to itself, or stands
    /// behind `---`, that is what follows; before anything else in a document the whole document, the empty pointer.
    /// For one behind something it is the innermost entry or item of which nothing is on the line but a key, a dash
    /// or a bracket. `None` where there is none, or an entry that a later one of its name overrides.
    pub below: Option<String>,
    /// What it is about without what is in it. Behind something, the entries and items that begin or are
    /// [shown](Document::locate) on this line, the outer ones first; else what begins before the comment and is shown
    /// behind it: the mapping whose brace is above, the entry whose value is below.
    pub at: Vec<String>,
}

/// Where something is, or would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The bytes to show.
    pub span: Span,
    /// Whether the value asked for is there; if not, the span is that of its nearest ancestor.
    pub exact: bool,
}

/// Where the root, an entry or an item begins.
struct Start {
    at: usize,
    /// Where its value begins, behind the key or the dash.
    value: usize,
    /// Where a reader is pointed to for it: a mapping in braces begins with its brace, and is shown at its first key.
    shown: usize,
    /// Of entries with one name only the last has one.
    pointer: Option<String>,
}

/// One document of a stream: its value, and where each part of it stands in the text.
#[derive(Debug)]
pub struct Document {
    pub(crate) index: usize,
    pub(crate) value: Value,
    pub(crate) empty: bool,
    pub(crate) explicit: bool,
    pub(crate) span: Span,
    pub(crate) outer: Span,
    pub(crate) tree: Tree,
    pub(crate) comments: Vec<Comment>,
    /// Some lines of the text end with a carriage return alone; the tree is that of the text
    /// [with feeds](with_feeds).
    pub(crate) has_returns: bool,
    /// How it is written, once that was asked for.
    pub(crate) manner: OnceLock<Manner>,
}

impl Document {
    /// The place in the stream, from 0; documents that could not be read count.
    pub fn index(&self) -> usize {
        self.index
    }

    /// The value. Null for an empty document.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// Takes the value out and drops the rest.
    pub fn into_value(self) -> Value {
        self.value
    }

    /// Whether there is nothing but comments and white space.
    pub fn is_empty(&self) -> bool {
        self.empty
    }

    /// The whole document, from after its `---` (or where the one before ended) to the next marker.
    pub fn span(&self) -> Span {
        self.span.clone()
    }

    /// The same with the markers and comments around it: the part of the text that says the same when it is
    /// read by itself.
    pub fn outer_span(&self) -> Span {
        self.outer.clone()
    }

    /// Where the value at a JSON Pointer stands.
    ///
    /// Block collections go from their first key or dash to the last byte that is neither comment
    /// nor line end, block scalars from their `|`; tags and anchors are left out. Values that came
    /// through an alias or a merge key are where they were written. A value that is not written out
    /// (`key:`) is an empty range just after the colon.
    pub fn value_span(&self, pointer: &str) -> Option<Span> {
        let mut id = self.tree.root?;
        for token in pointer::tokens(pointer)? {
            id = self.tree.child(id, &token)?.node();
        }
        Some(self.tree.nodes[self.tree.resolve(id)].span.clone())
    }

    /// Whether what is at a JSON Pointer, or what it is in, was written somewhere else: it came through an alias or a
    /// merge key.
    pub fn is_borrowed(&self, pointer: &str) -> bool {
        let tree = &self.tree;
        let Some(root) = tree.root.filter(|_| tree.has_aliases) else { return false };
        let mut id = root;
        for token in pointer::tokens(pointer).into_iter().flatten() {
            let Some(child) = tree.child(id, &token) else { return false };
            let next = child.node();
            if matches!(tree.nodes[next].shape, Shape::Alias(_)) || tree.nodes[next].parent != Some(id) {
                return true;
            }
            id = next;
        }
        false
    }

    /// Where the key of the entry at a JSON Pointer stands, or for an item of a list its value.
    /// The root has no key.
    pub fn key_span(&self, pointer: &str) -> Option<Span> {
        let mut id = self.tree.root?;
        let mut span = None;
        for token in pointer::tokens(pointer)? {
            let child = self.tree.child(id, &token)?;
            id = child.node();
            span = Some(match child {
                Child::Entry(entry) => self.tree.nodes[entry.key].span.clone(),
                Child::Item(_) => self.tree.nodes[self.tree.resolve(id)].span.clone(),
            });
        }
        span
    }

    /// What edits change elsewhere with what a patch changes: each anchor on the way to that, if they change it, with
    /// the aliases that still stand for it. When it is made where the anchor is, see [`Document::edits`].
    pub fn shared(&self, text: &str, patch: &[Operation], edits: &[TextEdit]) -> Vec<(Span, Vec<Span>)> {
        let nodes = &self.tree.nodes;
        let text = if self.has_returns { with_feeds(text) } else { Cow::Borrowed(text) };
        let mut seen = FxHashSet::default();
        let ways = patch.iter().filter(|_| self.tree.has_aliases).flat_map(|operation| self.way(operation, edits));
        let anchors: Vec<(NodeId, Span)> = ways
            .filter(|id| seen.insert(*id))
            .filter_map(|id| {
                let anchor = nodes[id].anchor.clone()?;
                let whole = nodes[id].start..skip_trivia(&text, nodes[id].span.end, false);
                let next = edits.partition_point(|edit| edit.range.end < whole.start);
                let is_changed = edits.get(next).is_some_and(|edit| edit.range.start <= whole.end);
                let is_kept = changing(edits, &anchor).is_none_or(|edit| edit.text.contains(&text[anchor.clone()]));
                (is_changed && is_kept).then_some((id, anchor))
            })
            .collect();
        let mut left: FxHashMap<NodeId, Vec<Span>> = FxHashMap::default();
        for node in nodes.iter().filter(|_| !anchors.is_empty()) {
            if let Shape::Alias(target) = node.shape
                && changing(edits, &node.span).is_none()
            {
                left.entry(target).or_default().push(node.span.clone());
            }
        }
        anchors.into_iter().filter_map(|(id, anchor)| Some((anchor, left.remove(&id)?))).collect()
    }

    /// The nodes on the way to what an operation is about, as far as they are; of aliases, what they stand for. An
    /// alias that edits replace leaves its anchor alone.
    fn way(&self, operation: &Operation, edits: &[TextEdit]) -> Vec<NodeId> {
        let nodes = &self.tree.nodes;
        let is_replaced =
            |id: NodeId| matches!(nodes[id].shape, Shape::Alias(_)) && changing(edits, &nodes[id].span).is_some();
        let tokens = operation.tokens().unwrap_or_default();
        let mut way = Vec::new();
        let mut next = self.tree.root;
        for token in tokens.iter().map(Some).chain([None]) {
            let Some(id) = next.filter(|id| !is_replaced(*id)) else { break };
            way.push(self.tree.resolve(id));
            next = token.and_then(|token| self.tree.child(id, token)).map(|child| child.node());
        }
        way
    }

    /// The aliases in whose place edits put something else, as long as the patch does not remove it.
    pub fn written_out(&self, patch: &[Operation], edits: &[TextEdit]) -> Vec<Span> {
        let tree = &self.tree;
        if !tree.has_aliases {
            return Vec::new();
        }
        let paths: Vec<_> = patch.iter().filter_map(|operation| Some((operation, operation.tokens().ok()?))).collect();
        let is_written_out = |id: &NodeId| {
            let node = &tree.nodes[*id];
            if !matches!(node.shape, Shape::Alias(_)) || changing(edits, &node.span).is_none() {
                return false;
            }
            // A merge key has no pointer, its mapping has.
            let mut above = std::iter::successors(Some(*id), |id| tree.nodes[*id].parent);
            let tokens = above.find_map(|id| tree.tokens(id)).unwrap_or_default();
            !paths.iter().any(|(operation, path)| match operation {
                Operation::Remove { .. } => tokens.starts_with(path),
                Operation::Add { .. } | Operation::Replace { .. } => {
                    tokens.len() > path.len() && tokens.starts_with(path)
                }
                Operation::Test { .. } => false,
            })
        };
        (0..tree.nodes.len()).filter(is_written_out).map(|id| tree.nodes[id].span.clone()).collect()
    }

    /// Whether it has what edits may fail at: aliases, and keys behind `?`.
    pub fn is_intricate(&self) -> bool {
        let is_explicit = |shape: &Shape| match shape {
            Shape::Mapping { entries, .. } => entries.iter().any(|entry| entry.explicit),
            _ => false,
        };
        self.tree.has_aliases || self.tree.nodes.iter().any(|node| is_explicit(&node.shape))
    }

    /// Where a key stands that its mapping has before, with its name: of its values the last counts.
    pub fn repeated(&self) -> Vec<(String, Span)> {
        let nodes = &self.tree.nodes;
        let mut repeated: Vec<(String, Span)> = Vec::new();
        for node in nodes {
            let Shape::Mapping { entries, .. } = &node.shape else { continue };
            let mut names = FxHashSet::default();
            for entry in entries.iter().filter(|entry| !entry.merge && !names.insert(&entry.name)) {
                let span = nodes[entry.key].span.clone();
                // Nearly in order as they come: a sort would be three kilobytes of the page's module.
                let place = repeated.partition_point(|(_, other)| other.start < span.start);
                repeated.insert(place, (entry.name.clone(), span));
            }
        }
        repeated
    }

    /// Where to point a reader to for a JSON Pointer.
    ///
    /// A scalar is its value; a mapping or a list is its key or, as an item of a list, its first
    /// key or first line; the root is its first key. What is not there, or is no valid pointer, is
    /// its nearest ancestor that is.
    pub fn locate(&self, pointer: &str) -> Location {
        let Some(root) = self.tree.root else {
            return Location { span: self.span.start..self.span.start, exact: pointer.is_empty() };
        };
        let mut id = root;
        let mut key = None;
        let mut exact = pointer.is_empty() || pointer.starts_with('/');
        for part in pointer.split('/').skip(1) {
            // An invalid escape ends the way like a name that is not there.
            let Some(token) = pointer::unescape(part) else {
                exact = false;
                break;
            };
            let Some(child) = self.tree.child(id, &token) else {
                exact = false;
                break;
            };
            id = child.node();
            key = match child {
                Child::Entry(entry) => Some(entry.key),
                Child::Item(_) => None,
            };
        }
        Location { span: self.face(id, key), exact }
    }

    /// The comments, in order. Those before the first `---` are the first document's.
    pub fn comments(&self) -> &[Comment] {
        &self.comments
    }

    /// What a comment of this document is about.
    pub fn subject(&self, text: &str, comment: &Comment) -> Subject {
        let starts = self.starts();
        let line = text[..comment.span.start].rfind(['\n', '\r']).map_or(0, |at| at + 1);
        // Nothing of the document stands beside the marker that it begins with.
        if comment.own_line || text[line..comment.span.start].trim_start_matches('\u{feff}').trim_end() == "---" {
            let ahead = starts.iter().flat_map(|start| [start.at, start.shown]).filter(|at| *at >= comment.span.end);
            let Some(next) = ahead.min() else { return Subject { below: None, at: Vec::new() } };
            // The outermost of those that begin at the same place comes first.
            let below = starts.iter().find(|start| start.at == next).and_then(|start| start.pointer.clone());
            let shown = starts.into_iter().filter(|start| start.shown == next && start.at < next);
            return Subject { below, at: shown.filter_map(|start| start.pointer).collect() };
        }
        let is_here = |at: usize| (line..comment.span.start).contains(&at);
        let follows = |start: &Start| {
            let written = text.get(start.value..comment.span.start).map_or("", str::trim);
            start.value >= comment.span.end || matches!(written, "{" | "[")
        };
        let below = starts.iter().rfind(|start| is_here(start.at) && follows(start));
        let below = below.and_then(|start| start.pointer.clone());
        let here = starts.into_iter().filter(|start| is_here(start.at) || is_here(start.shown));
        Subject { at: here.filter_map(|start| start.pointer).collect(), below }
    }

    /// Where the root and every entry and item begin; what is outside comes before what is in it.
    fn starts(&self) -> Vec<Start> {
        let nodes = &self.tree.nodes;
        let Some(root) = self.tree.root else { return Vec::new() };
        let mut starts = Vec::new();
        let mut open = vec![(root, nodes[root].start, None, Some(String::new()))];
        while let Some((id, at, key, pointer)) = open.pop() {
            let below = |part: &str| pointer.as_ref().map(|pointer| format!("{pointer}/{part}"));
            match &nodes[id].shape {
                Shape::Mapping { entries, .. } => {
                    let mut names = FxHashSet::default();
                    open.extend(entries.iter().rev().filter(|entry| !entry.merge).map(|entry| {
                        let is_value = names.insert(&entry.name);
                        let pointer = below(&pointer::escape(&entry.name)).filter(|_| is_value);
                        (entry.value, nodes[entry.key].start, Some(entry.key), pointer)
                    }));
                }
                Shape::Sequence { items, .. } => open.extend(items.iter().enumerate().rev().map(|(index, item)| {
                    (item.node, item.dash.unwrap_or(nodes[item.node].start), None, below(&index.to_string()))
                })),
                Shape::Scalar(_) | Shape::Alias(_) => {}
            }
            starts.push(Start { at, value: nodes[id].span.start, shown: self.face(id, key).start, pointer });
        }
        starts
    }

    /// The part of a node that stands for the whole.
    fn face(&self, id: NodeId, key: Option<NodeId>) -> Span {
        let nodes = &self.tree.nodes;
        let node = &nodes[id];
        match (&node.shape, key) {
            (Shape::Scalar(style), Some(key)) if style.is_block() || node.span.is_empty() => nodes[key].span.clone(),
            (Shape::Scalar(style), None) if style.is_block() && !node.span.is_empty() => {
                let start = node.span.start;
                start..start + 1
            }
            (Shape::Scalar(_) | Shape::Alias(_), _) => node.span.clone(),
            (_, Some(key)) => nodes[key].span.clone(),
            (Shape::Mapping { entries, .. }, None) => match entries.first() {
                Some(entry) => nodes[entry.key].span.clone(),
                None => node.span.clone(),
            },
            (Shape::Sequence { items, .. }, None) => match items.first() {
                Some(item) => self.face(item.node, None),
                None => node.span.clone(),
            },
        }
    }
}

/// The first of edits, which are in order, that changes something of a span.
fn changing<'e>(edits: &'e [TextEdit], span: &Span) -> Option<&'e TextEdit> {
    let next = edits.partition_point(|edit| edit.range.end <= span.start);
    edits.get(next).filter(|edit| edit.range.start < span.end)
}

#[cfg(test)]
mod tests {
    #[test]
    fn keys_that_stand_there_twice() {
        let text = "a: 1\nb: {c: 1, 'c': 2, d: &x {e: 1}}\nf: [{<<: *x, e: 2}, {a: 1}]\na: 2\n\"a\": 3\n";
        let repeated = crate::parse(text).documents[0].repeated();
        let found: Vec<_> = repeated.iter().map(|(name, span)| (&text[span.clone()], name.as_str())).collect();
        assert_eq!(found, [("'c'", "c"), ("a", "a"), ("\"a\"", "a")]);
    }
}
