//! A plan becomes edits: the walk over the changed nodes, and one value in the place of another.

use serde_json::Value;

use super::TextEdit;
use super::layout::{Lines, Manner, Rest};
use super::plan::{Change, Plan};
use crate::emit::{Emitter, is_branch};
use crate::events::Style;
use crate::tree::{Entry, NodeId, Shape, Tree, skip_trivia};
use crate::{Comment, Document, Span};

/// How many ways there are to render a plan, from the finest to the coarsest:
/// 0 keeps everything that can be kept; 1 takes comments around what is removed along; 2 writes
/// each mapping or list anew that gains or loses something; 3 writes the whole document anew. What
/// holds comments is never written anew.
pub(super) const LEVELS: u8 = 4;

/// The level that writes mappings and lists anew.
pub(super) const ANEW: u8 = 2;

/// The level that writes the whole document anew.
pub(super) const WHOLE: u8 = 3;

/// Where a node stands, which decides what may be put there.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    /// The document itself; `after` its `---`.
    Root { after: usize },
    /// The value of a block mapping's entry: just after the colon, and the column of the mapping.
    Value { after: usize, column: usize },
    /// An item of a block list: just after the dash, and the column of the dash.
    Item { after: usize, column: usize },
    /// Within brackets. A value that is not written out goes `after`, with a colon if it needs one.
    Flow { after: usize, colon: bool },
}

pub(super) struct Renderer<'a> {
    pub(super) text: &'a str,
    pub(super) lines: Lines<'a>,
    pub(super) tree: &'a Tree,
    pub(super) plan: &'a Plan<'a>,
    pub(super) level: u8,
    pub(super) emitter: Emitter,
    document: &'a Document,
    wanted: &'a Value,
    /// The node to begin at, and where it stands.
    start: (Option<NodeId>, Place),
    /// For each node whether it changes, or something below it does.
    dirty: Vec<bool>,
    eol: &'static str,
    out: Vec<TextEdit>,
    failed: bool,
}

impl<'a> Renderer<'a> {
    /// `wanted` is what the node at `start` is to be.
    pub(super) fn new(
        document: &'a Document,
        text: &'a str,
        plan: &'a Plan<'a>,
        wanted: &'a Value,
        start: (Option<NodeId>, Place),
        level: u8,
    ) -> Self {
        let tree = &document.tree;
        let dirty = plan.changed();
        let Manner { emitter, eol, .. } = document.manner(text);
        Renderer {
            text,
            lines: Lines(text),
            tree,
            plan,
            level,
            emitter: emitter.clone(),
            document,
            wanted,
            start,
            dirty,
            eol,
            out: Vec::new(),
            failed: false,
        }
    }

    /// The edits in order, or nothing when they get in each other's way.
    pub(super) fn render(mut self) -> Option<Vec<TextEdit>> {
        match self.start {
            (Some(root), place) if self.level >= WHOLE => self.rewrite(root, place, Some(self.wanted)),
            (Some(node), place) => self.node(node, place, Some(self.wanted)),
            (None, _) => self.append_root(self.wanted),
        }
        self.take_anchors();
        self.keep_last_block_scalar();
        TextEdit::sort(&mut self.out);
        let mut joined: Vec<TextEdit> = Vec::with_capacity(self.out.len());
        for edit in self.out {
            match joined.last_mut() {
                Some(last) if edit.range.start < last.range.end => return None,
                Some(last) if edit.range.start == last.range.end => {
                    last.range.end = edit.range.end;
                    last.text.push_str(&edit.text);
                }
                _ => joined.push(edit),
            }
        }
        joined.retain(|e| self.text[e.range.clone()] != e.text);
        (!self.failed).then_some(joined)
    }

    /// Takes out the anchors that aliases take over.
    fn take_anchors(&mut self) {
        for target in self.plan.givers() {
            let node = &self.tree.nodes[target];
            let is_gone = |anchor: &Span| {
                self.out.iter().any(|edit| edit.range.start <= anchor.start && anchor.end <= edit.range.end)
            };
            let Some(anchor) = node.anchor.clone().filter(|anchor| !is_gone(anchor)) else { continue };
            let blanks = self.text[anchor.end..].len() - self.text[anchor.end..].trim_start_matches(' ').len();
            if self.lines.rest(anchor.end) == Rest::Content {
                self.put(anchor.start, anchor.end + blanks, "");
            } else {
                self.put(self.text[..anchor.start].trim_end_matches(' ').len(), anchor.end, "");
            }
        }
    }

    /// Puts text in the place of a range. Line ends become those of the document.
    pub(super) fn put(&mut self, start: usize, end: usize, text: &str) {
        if start > end {
            self.failed = true;
            return;
        }
        let text = if self.eol == "\n" { text.to_owned() } else { text.replace('\n', self.eol) };
        self.out.push(TextEdit { range: start..end, text });
    }

    /// One node of the original. `value` is what it will be, where that is known.
    pub(super) fn node(&mut self, id: NodeId, place: Place, value: Option<&'a Value>) {
        if !self.is_dirty(id) {
            return;
        }
        let plan = self.plan;
        let change = plan.changes.get(&id);
        if let Some(Change::Replace(value)) = change {
            return self.replace(id, place, value);
        }
        if change.is_some() && self.level >= ANEW {
            return self.rewrite(id, place, value);
        }
        let tree = self.tree;
        match &tree.nodes[id].shape {
            Shape::Mapping { flow: true, entries } => self.flow_mapping(id, entries, place, value),
            Shape::Mapping { flow: false, entries } => self.block_mapping(id, entries, place, value),
            Shape::Sequence { flow: true, items } => self.flow_sequence(id, items, place, value),
            Shape::Sequence { flow: false, items } => self.block_sequence(id, items, place, value),
            Shape::Scalar(_) | Shape::Alias(_) => self.failed = true,
        }
    }

    /// Gives entries (by their place) other names.
    pub(super) fn rename(&mut self, entries: &[Entry], renamed: &[(usize, String)]) {
        for (at, name) in renamed {
            let key = &self.tree.nodes[entries[*at].key];
            if let Shape::Scalar(style) = key.shape {
                let text = self.emitter.scalar(&Value::from(name.as_str()), true, Some(style));
                self.put(key.span.start, key.span.end, &text);
            }
        }
    }

    /// Writes a node anew with the value it is to have, unless that would lose comments.
    pub(super) fn rewrite(&mut self, id: NodeId, place: Place, value: Option<&Value>) {
        if self.holds_comments(id) {
            self.failed = true;
        } else {
            self.replace_known(id, place, value);
        }
    }

    /// Puts the value that a node is to have in its place: nothing stays of what it holds.
    pub(super) fn replace_known(&mut self, id: NodeId, place: Place, value: Option<&Value>) {
        match value {
            Some(value) => self.replace(id, place, value),
            None => self.failed = true,
        }
    }

    fn holds_comments(&self, id: NodeId) -> bool {
        let node = &self.tree.nodes[id];
        !self.comments_in(&(node.start..node.span.end)).is_empty()
    }

    /// The comments that begin in a range.
    fn comments_in(&self, range: &Span) -> &'a [Comment] {
        let comments = &self.document.comments;
        let up_to = |offset: usize| comments.partition_point(|comment| comment.span.start < offset);
        &comments[up_to(range.start)..up_to(range.end)]
    }

    /// The comment that begins at an offset.
    pub(super) fn comment_at(&self, at: usize) -> Option<Span> {
        Some(self.comments_in(&(at..at + 1)).first()?.span.clone())
    }

    /// Takes the tag and the anchor of a node that comments part from its value, and leaves the comments. False where
    /// there are none.
    fn take_properties(&mut self, id: NodeId) -> bool {
        let node = &self.tree.nodes[id];
        let value = node.span.start;
        let comments = self.comments_in(&(node.start..value));
        if comments.is_empty() || node.span.is_empty() {
            return false;
        }
        let mut at = node.start;
        for (start, end) in
            comments.iter().map(|comment| (comment.span.start, comment.span.end)).chain([(value, value)])
        {
            let words = self.text[at..start].trim_end();
            if !words.is_empty() {
                let before = self.text[..at].trim_end_matches([' ', '\t']).len();
                self.put(before, at + words.len(), "");
            }
            at = end;
        }
        true
    }

    /// Puts a value in the place of a node.
    pub(super) fn replace(&mut self, id: NodeId, place: Place, value: &Value) {
        let node = &self.tree.nodes[id];
        let end = node.span.end;
        let start = if self.take_properties(id) { node.span.start } else { node.start };
        let like = match node.shape {
            Shape::Scalar(style) => Some(style),
            _ => None,
        };
        // An anchor may be in use elsewhere.
        let anchor = match (&node.anchor, self.plan.taken_from(id)) {
            (_, Some(target)) => self.tree.nodes[target].anchor.as_ref(),
            (Some(_), None) if self.plan.gives_anchor(id) => None,
            (anchor, None) => anchor.as_ref().filter(|_| self.tree.has_aliases && self.level < WHOLE),
        };
        let anchor = anchor.map_or_else(String::new, |anchor| format!("{} ", &self.text[anchor.clone()]));
        if let Shape::Alias(target) = node.shape
            && let Shape::Mapping { flow: true, .. } | Shape::Sequence { flow: true, .. } =
                self.tree.nodes[target].shape
        {
            return self.put(start, end, &format!("{anchor}{}", self.emitter.flow(value)));
        }
        let (after, column) = match place {
            Place::Flow { after, colon } => {
                let spread = self.text[start..end].contains('\n') && is_branch(value);
                let new = match value {
                    Value::String(_) => self.emitter.scalar(value, true, like),
                    _ if spread => {
                        let line = self.lines.start(start);
                        let indent = self.text[line..].bytes().take_while(|b| matches!(b, b' ' | b'\t')).count();
                        self.emitter.flow_lines(value, indent)
                    }
                    _ => self.emitter.flow(value),
                };
                return if start < end {
                    self.put(start, end, &format!("{anchor}{new}"));
                } else {
                    self.put(after, after, &format!("{} {new}", if colon { ":" } else { "" }));
                };
            }
            Place::Root { after } => (after, 0),
            Place::Value { after, column } | Place::Item { after, column } => (after, column),
        };
        if matches!(place, Place::Root { .. }) && start == end {
            return self.append_root(value);
        }
        let same_line = !self.text[after..start].contains('\n');
        let trailing = self.lines.rest(end) == Rest::Comment;
        let header_comment = match like {
            Some(style) if style.is_block() => {
                let line = &self.text[node.span.start..self.lines.end(node.span.start)];
                let comment = &line[line.find([' ', '\t']).unwrap_or(line.len())..];
                if comment.trim_start().starts_with('#') { comment } else { "" }
            }
            _ => "",
        };
        if is_branch(value) {
            let target = Target { start, end, after, same_line, trailing };
            return self.replace_with_block(id, place, value, &target, anchor.trim_end(), header_comment);
        }
        // One line, or a block scalar where no comment is in its way.
        let quiet = !trailing && header_comment.is_empty() && !self.text[after..start].contains('#');
        let literal = value.as_str().filter(|_| {
            quiet && !matches!(place, Place::Root { .. }) && !matches!(like, Some(Style::Double | Style::Single))
        });
        let inner = match place {
            Place::Item { .. } => column + 2,
            _ => column + self.emitter.step,
        };
        let new = literal
            .and_then(|s| self.emitter.literal(s, inner))
            .unwrap_or_else(|| self.emitter.scalar(value, false, like));
        let new = format!("{anchor}{new}{header_comment}");
        if start == end {
            self.put(after, after, &format!(" {new}"));
        } else if same_line || matches!(place, Place::Root { .. }) {
            self.put(start, end, &new);
        } else {
            self.put(after, after, &format!(" {new}"));
            let end = self.end_of_lines(id);
            self.put(self.end_above(start, end == self.text.len()).max(after), end, "");
        }
    }

    /// Puts a collection that is not empty, in block style, in the place of a node.
    fn replace_with_block(
        &mut self,
        id: NodeId,
        place: Place,
        value: &Value,
        at: &Target,
        anchor: &str,
        header_comment: &str,
    ) {
        let lines = self.lines;
        let old_column = match &self.tree.nodes[id].shape {
            Shape::Mapping { flow: false, .. } | Shape::Sequence { flow: false, .. } if !at.same_line => {
                Some(lines.column(self.tree.nodes[id].span.start))
            }
            _ => None,
        };
        let emitter = Emitter { literals: self.emitter.literals && !at.trailing, ..self.emitter.clone() };
        let is_list = value.is_array();
        match place {
            Place::Item { after, column } if anchor.is_empty() => {
                if at.start == at.end && lines.rest(after) != Rest::Nothing {
                    let block = emitter.block(value, column + 2);
                    let end = lines.end(after);
                    self.put(end, end, &format!("\n{block}"));
                } else if at.start == at.end {
                    self.put(after, after, &format!(" {}", emitter.block(value, column + 2).trim_start()));
                } else if at.same_line {
                    let indent = lines.column(at.start);
                    self.put(at.start, at.end, emitter.block(value, indent).trim_start_matches(' '));
                } else {
                    let indent = lines.column(at.start).max(column + 1);
                    self.put_below(id, at, &emitter.block(value, indent));
                }
            }
            Place::Item { column, .. } | Place::Value { column, .. } => {
                let in_list = matches!(place, Place::Item { .. });
                let was_list = matches!(self.tree.nodes[id].shape, Shape::Sequence { .. });
                let indent = match old_column {
                    Some(old) if old > column || (is_list && was_list && !in_list) => old,
                    _ if in_list => column + 2,
                    _ if is_list && !emitter.indent_sequences => column,
                    _ => column + emitter.step,
                };
                if at.same_line {
                    let anchor = if anchor.is_empty() { String::new() } else { format!(" {anchor}") };
                    let block = emitter.block(value, indent);
                    self.put(at.after, at.end, &format!("{anchor}{header_comment}"));
                    let end = lines.end(at.end);
                    self.put(end, end, &format!("\n{block}"));
                } else {
                    if !anchor.is_empty() {
                        self.put(at.after, at.after, &format!(" {anchor}"));
                    }
                    self.put_below(id, at, &emitter.block(value, indent));
                }
            }
            Place::Root { after } => {
                let block = emitter.block(value, 0);
                let anchor = if anchor.is_empty() { String::new() } else { format!("{anchor}\n") };
                if at.same_line && self.document.explicit {
                    self.put(after, at.end, "");
                    let end = lines.end(at.end);
                    self.put(end, end, &format!("\n{anchor}{block}"));
                } else {
                    let start = lines.start(at.start).max(after);
                    self.put(start, at.end, &format!("{anchor}{block}"));
                }
            }
            Place::Flow { .. } => self.failed = true,
        }
    }

    /// Puts lines in the place of the lines of a node that begins below its indicator.
    fn put_below(&mut self, id: NodeId, at: &Target, block: &str) {
        let from = self.lines.previous_end(at.start).unwrap_or(at.start).max(at.after);
        self.put(from, self.end_of_lines(id), &format!("\n{block}"));
    }

    /// The end of a node's last line, with comments that can only be about what is in it.
    fn end_of_lines(&self, id: NodeId) -> usize {
        let node = &self.tree.nodes[id];
        match node.shape {
            Shape::Mapping { flow: false, .. } | Shape::Sequence { flow: false, .. } => {
                self.end_with_comments(node.span.end, self.lines.column(node.span.start))
            }
            _ => self.lines.end(node.span.end),
        }
    }

    /// Gives a document that has no value one, after its comments.
    fn append_root(&mut self, value: &Value) {
        let span = self.document.span.clone();
        let emitter = Emitter { literals: false, ..self.emitter.clone() };
        let new = if is_branch(value) { emitter.block(value, 0) } else { emitter.scalar(value, false, None) };
        let before = &self.text[..span.end];
        let open = !before.is_empty() && !before.ends_with(['\n', '\u{feff}']);
        let new = format!("{}{new}{}", if open { "\n" } else { "" }, if open { "" } else { "\n" });
        self.put(span.end, span.end, &new);
    }

    /// A block scalar that ends the text without a line break has none at its end; when something
    /// comes after it, it gets one, and `-` says that it is not part of it.
    fn keep_last_block_scalar(&mut self) {
        let end = self.text.len();
        let open = !self.text.ends_with('\n')
            && self.out.iter().any(|e| e.range == (end..end) && e.text.starts_with(['\n', '\r']));
        if !open {
            return;
        }
        let last = self.tree.nodes.iter().find(|node| {
            matches!(node.shape, Shape::Scalar(style) if style.is_block())
                && node.span.start < end
                && node.span.end == end
        });
        let Some(node) = last else { return };
        let start = node.span.start;
        if self.out.iter().any(|e| e.range.start <= start && start < e.range.end) {
            return;
        }
        let header = self.text[start + 1..].bytes().take_while(|b| matches!(b, b'+' | b'-' | b'0'..=b'9')).count();
        let header = &self.text[start + 1..start + 1 + header];
        match header.find(['+', '-']) {
            Some(at) => self.put(start + 1 + at, start + 2 + at, "-"),
            None => self.put(start + 1, start + 1, "-"),
        }
    }

    /// Whether something changes in or below a node.
    pub(super) fn is_dirty(&self, id: NodeId) -> bool {
        self.dirty[id]
    }

    /// Where the comma after an offset is, if one follows.
    pub(super) fn comma(&self, at: usize) -> Option<usize> {
        let at = skip_trivia(self.text, at, false);
        (self.text.as_bytes().get(at) == Some(&b',')).then_some(at)
    }
}

/// The node that is replaced, and what is around it.
struct Target {
    start: usize,
    end: usize,
    after: usize,
    same_line: bool,
    trailing: bool,
}
