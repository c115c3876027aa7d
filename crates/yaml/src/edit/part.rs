//! The part of a document that a patch is about, and reading it by itself.
//!
//! A patch of one container of a List of thousands changes a few lines. Neither the value nor the text of
//! the rest is needed to make sure that the edit does what it should: a collection between brackets reads
//! the same wherever it stands, and so do the lines of a block mapping or list, up to the next line that
//! holds anything, as long as they are indented as they are.

use std::cell::OnceCell;

use serde_json::Value;

use super::layout::Lines;
use super::render::Place;
use super::{TextEdit, edited};
use crate::patch::{self, below};
use crate::tree::{Child, NodeId, Shape, height, skip_trivia};
use crate::{Document, EditError, Operation, Span, scalar};

/// Nesting up to which nothing runs into the limits of the parser.
const SHALLOW: usize = 200;

/// The nodes from the root down to the one that holds everything a patch changes.
pub(super) struct Way<'a> {
    document: &'a Document,
    pub(super) patch: &'a [Operation],
    tokens: &'a [Vec<String>],
    nodes: Vec<(Option<NodeId>, Place)>,
    /// What the value of each is to be, once it was asked for.
    wanted: Vec<OnceCell<Value>>,
}

impl<'a> Way<'a> {
    pub(super) fn new(document: &'a Document, text: &str, patch: &'a [Operation], tokens: &'a [Vec<String>]) -> Self {
        let tree = &document.tree;
        let mut nodes = vec![(tree.root, Place::Root { after: document.span.start })];
        let mut value = &document.value;
        let parent = |tokens: &'a Vec<String>| tokens.split_last().map_or(&[][..], |(_, parent)| parent);
        let mut parents = tokens.iter().map(parent);
        let first = parents.next().unwrap_or_default();
        let common = parents.fold(first.len(), |common, other| {
            let same = first.iter().zip(other).take_while(|(one, other)| one == other).count();
            common.min(same)
        });
        let lines = Lines(text);
        for token in &first[..common] {
            let Some(id) = nodes.last().and_then(|(id, _)| *id) else { break };
            let (Some(child), Some(below)) = (tree.child(id, token), below(value, token)) else { break };
            let place = match (&tree.nodes[id].shape, &child) {
                (Shape::Mapping { flow: true, .. }, Child::Entry(entry)) => Place::Flow {
                    after: entry.colon.unwrap_or(tree.nodes[entry.key].span.end),
                    colon: entry.colon.is_none(),
                },
                (Shape::Mapping { flow: false, .. }, Child::Entry(entry)) if !entry.explicit => match entry.colon {
                    Some(after) => Place::Value { after, column: lines.column(tree.nodes[id].span.start) },
                    None => break,
                },
                (Shape::Sequence { .. }, Child::Item(item)) => match item.dash {
                    Some(dash) => Place::Item { after: dash + 1, column: lines.column(dash) },
                    None => Place::Flow { after: tree.nodes[item.node].span.end, colon: false },
                },
                _ => break,
            };
            // Neither an alias nor what a merge key brings in.
            let node = &tree.nodes[child.node()];
            if node.parent != Some(id) || !matches!(node.shape, Shape::Mapping { .. } | Shape::Sequence { .. }) {
                break;
            }
            value = below;
            nodes.push((Some(child.node()), place));
        }
        let wanted = vec![OnceCell::new(); nodes.len()];
        Way { document, patch, tokens, nodes, wanted }
    }

    /// How far down the last node is.
    pub(super) fn depth(&self) -> usize {
        self.nodes.len() - 1
    }

    /// The node at a depth, and where it stands.
    pub(super) fn start(&self, depth: usize) -> (Option<NodeId>, Place) {
        self.nodes[depth]
    }

    fn value(&self, depth: usize) -> &'a Value {
        let way = self.tokens.first().map_or(&[][..], |tokens| &tokens[..depth]);
        way.iter().fold(&self.document.value, |value, token| below(value, token).unwrap_or(&Value::Null))
    }

    /// What the value at a depth is to be.
    pub(super) fn wanted(&self, depth: usize) -> Result<&Value, EditError> {
        if let Some(wanted) = self.wanted[depth].get() {
            return Ok(wanted);
        }
        let mut wanted = self.value(depth).clone();
        for (operation, tokens) in self.patch.iter().zip(self.tokens) {
            patch::apply(&mut wanted, &tokens[depth..], operation)?;
        }
        scalar::normalize(&mut wanted);
        Ok(self.wanted[depth].get_or_init(|| wanted))
    }

    /// Whether the patch changes nothing.
    pub(super) fn is_as_it_was(&self) -> Result<bool, EditError> {
        let depth = self.depth();
        Ok(self.wanted(depth)? == self.value(depth))
    }

    /// The parts of the text around the last node that can be read by themselves, the smallest first.
    pub(super) fn parts(&self, text: &str) -> Vec<Part> {
        let nodes = &self.document.tree.nodes;
        let before = &text[self.document.outer.start..self.document.span.start];
        let mut way = self.nodes.iter().filter_map(|(id, _)| *id);
        if before.contains('%') || way.any(|id| nodes[id].start != nodes[id].span.start) {
            return Vec::new();
        }
        // An alias needs its anchor, and an anchor may have aliases elsewhere.
        let shared = &self.document.manner(text).shared;
        let is_shared = |part: &Part| {
            let next = shared.partition_point(|start| *start < part.range.start);
            shared.get(next).is_some_and(|start| *start < part.range.end)
        };
        let part = |depth: usize| Part::of(self.document, text, self.nodes[depth].0?, depth);
        (1..self.nodes.len()).rev().filter_map(part).take_while(|part| !is_shared(part)).collect()
    }
}

/// A part of the text that says what it says by itself.
pub(super) struct Part {
    range: Span,
    /// How far the first line is indented, dashes of other lists before it included.
    indent: usize,
    shape: Outline,
    pub(super) depth: usize,
}

#[derive(PartialEq, Eq)]
enum Outline {
    Brackets,
    Mapping,
    Sequence,
}

impl Part {
    fn of(document: &Document, text: &str, id: NodeId, depth: usize) -> Option<Self> {
        let tree = &document.tree;
        let is_flow = |id: NodeId| match &tree.nodes[id].shape {
            Shape::Mapping { flow, .. } | Shape::Sequence { flow, .. } => *flow,
            _ => false,
        };
        let span = tree.nodes[id].span.clone();
        if is_flow(id) {
            let is_whole = text[span.clone()].starts_with(['{', '[']) && tree.root.is_some_and(is_flow);
            return is_whole.then_some(Part { range: span, indent: 0, shape: Outline::Brackets, depth });
        }
        let lines = Lines(text);
        let indent = &text[lines.start(span.start)..span.start];
        if indent.contains(|c| c != ' ' && c != '-') {
            return None;
        }
        let next = skip_trivia(text, span.end, false);
        let end = if next == text.len() { next } else { lines.start(next) };
        let shape = match tree.nodes[id].shape {
            Shape::Mapping { .. } => Outline::Mapping,
            _ => Outline::Sequence,
        };
        let range = span.start..end.min(document.outer.end);
        (range.end >= span.end).then_some(Part { range, indent: indent.len(), shape, depth })
    }

    pub(super) fn contains(&self, edits: &[TextEdit]) -> bool {
        edits.iter().all(|edit| self.range.start <= edit.range.start && edit.range.end <= self.range.end)
    }

    /// Reads the edited part: is it what was wanted, and still of the shape that it had?
    pub(super) fn holds(&self, text: &str, edits: &[TextEdit], wanted: &Value) -> bool {
        let Some(edited) = edited(text, &self.range, edits) else { return false };
        if self.depth + height(wanted) > SHALLOW {
            return false;
        }
        let edited = format!("{}{edited}", " ".repeat(self.indent));
        let stream = crate::parse(&edited);
        let ([document], []) = (&stream.documents[..], &stream.errors[..]) else { return false };
        let Some(root) = document.tree.root.map(|root| &document.tree.nodes[root]) else { return false };
        let is_same = match root.shape {
            Shape::Mapping { flow: false, .. } => self.shape == Outline::Mapping,
            Shape::Sequence { flow: false, .. } => self.shape == Outline::Sequence,
            Shape::Mapping { flow: true, .. } | Shape::Sequence { flow: true, .. } => {
                self.shape == Outline::Brackets && root.span == (0..edited.len()) && edited.starts_with(['{', '['])
            }
            _ => false,
        };
        is_same && root.start == root.span.start && root.span.start == self.indent && document.value == *wanted
    }
}
