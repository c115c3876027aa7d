//! Entries that only get another name.
//!
//! A patch has no operation for that: it removes the entry and adds one with the same value. Made one by one,
//! the comment on the line would go, and the place among the other entries.

use serde_json::Value;

use super::{Document, TextEdit};
use crate::tree::{Child, NodeId, Shape};
use crate::{Operation, Span};

impl Document {
    /// The edits of a patch in which entries get other names; nothing where none does.
    pub(super) fn renamed(&self, text: &str, patch: &[Operation], tokens: &[Vec<String>]) -> Option<Vec<TextEdit>> {
        let mut edits = Vec::new();
        let mut rest: Vec<usize> = (0..patch.len()).collect();
        for (removed, old) in tokens.iter().enumerate() {
            let Operation::Remove { .. } = &patch[removed] else { continue };
            let Some((name, parent)) = old.split_last() else { continue };
            let is_new_name = |index: &usize| {
                let new = &tokens[*index];
                let is_beside = new.split_last().is_some_and(|(new, beside)| new != name && beside == parent);
                is_beside && matches!(&patch[*index], Operation::Add { value, .. } if self.at(old) == Some(value))
            };
            let Some(added) = rest.iter().copied().find(is_new_name) else { continue };
            let (Some(new), Some(key)) = (tokens[added].last(), self.own_key(old)) else { continue };
            if self.at(&tokens[added]).is_some() {
                continue;
            }
            let Shape::Scalar(style) = self.tree.nodes[key].shape else { continue };
            rest.retain(|index| *index != removed && *index != added);
            let is_touched =
                |index: &usize| tokens[*index].starts_with(old) || tokens[*index].starts_with(&tokens[added]);
            if rest.iter().any(is_touched) {
                return None;
            }
            let text = self.manner(text).emitter.scalar(&Value::from(new.as_str()), true, Some(style));
            edits.push(TextEdit { range: self.tree.nodes[key].span.clone(), text });
        }
        if edits.is_empty() {
            return None;
        }
        if !rest.is_empty() {
            let others: Vec<Operation> = rest.into_iter().map(|index| patch[index].clone()).collect();
            edits.extend(self.edits(text, &others).ok()?);
            TextEdit::sort(&mut edits);
        }
        let is_apart = |pair: &[TextEdit]| pair[0].range.end <= pair[1].range.start;
        edits.windows(2).all(is_apart).then_some(edits)
    }

    fn at(&self, tokens: &[String]) -> Option<&Value> {
        tokens.iter().try_fold(&self.value, |value, token| match value {
            Value::Object(map) => map.get(token),
            Value::Array(items) => items.get(crate::pointer::index(token)?),
            _ => None,
        })
    }

    /// The key of an entry that stands where its path says: not behind an alias or a merge key, and not twice.
    fn own_key(&self, tokens: &[String]) -> Option<NodeId> {
        let nodes = &self.tree.nodes;
        let mut id = self.tree.root?;
        let mut key = None;
        for token in tokens {
            let child = self.tree.child(id, token)?;
            let below = child.node();
            if nodes[id].anchor.is_some() || nodes[below].parent != Some(id) {
                return None;
            }
            key = match (&nodes[id].shape, &child) {
                (Shape::Mapping { entries, .. }, Child::Entry(entry)) => {
                    let is_alone = entries.iter().filter(|other| other.name == entry.name).count() == 1;
                    Some(entry.key).filter(|key| is_alone && is_whole(&nodes[*key].span, nodes[*key].start))
                }
                _ => None,
            };
            id = below;
        }
        key
    }
}

/// Whether a node has neither tag nor anchor before it.
fn is_whole(span: &Span, start: usize) -> bool {
    span.start == start
}
