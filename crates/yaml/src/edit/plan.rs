//! What a patch does to a document, node by node.

use rustc_hash::FxHashMap;
use serde_json::Value;

use crate::tree::{Entry, NodeId, Shape, Tree};
use crate::{Document, EditError, Operation, patch, pointer};

/// What becomes of anchors and aliases that a patch meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sharing {
    /// A change is made where the anchor is, once for all ways to it.
    Kept,
    /// The same, but for anchors that go, or that some ways want changed and others not: these are dissolved.
    Sorted,
    /// A change by one way is no change by another: aliases become copies, anchors move to an alias.
    Dissolved,
}

/// What becomes of one node of the original text.
#[derive(Debug)]
pub(super) enum Change {
    /// Another value stands here.
    Replace(Value),
    /// Entries of a mapping go (`gone`, by their place), others come, and some only get another name.
    Map { gone: Vec<bool>, added: Vec<(String, Value)>, renamed: Vec<(usize, String)> },
    /// The items of a list as they are to be.
    Seq(Vec<Slot>),
}

/// An item of a list that changes.
#[derive(Debug)]
pub(super) enum Slot {
    Old(usize),
    New(Value),
}

/// All changes. A node below a replaced one may have changes too; they no longer count.
pub(super) struct Plan<'t> {
    document: &'t Document,
    tree: &'t Tree,
    sharing: Sharing,
    /// Nodes with anchors that are dissolved all the same.
    dissolved: Vec<NodeId>,
    pub changes: FxHashMap<NodeId, Change>,
    /// The new root of a document that had none.
    pub root: Option<Value>,
    /// Aliases that take over the anchor of the node that they stood for.
    moved: Vec<(NodeId, NodeId)>,
    /// How often each operation on shared nodes was asked for by each way, and, by none, how often it was made.
    asked: FxHashMap<(String, Option<String>), usize>,
}

impl<'t> Plan<'t> {
    pub(super) fn new(document: &'t Document, sharing: Sharing, dissolved: Vec<NodeId>) -> Self {
        Plan {
            document,
            tree: &document.tree,
            sharing,
            dissolved,
            changes: FxHashMap::default(),
            root: None,
            moved: Vec::new(),
            asked: FxHashMap::default(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.root.is_none()
    }

    /// Adds one operation, which is known to apply to the value.
    pub(super) fn operate(&mut self, tokens: &[String], operation: &Operation) -> Result<(), EditError> {
        let Some(root) = self.tree.root else {
            return patch::apply(self.root.get_or_insert(Value::Null), tokens, operation);
        };
        if self.tree.has_aliases && self.sharing != Sharing::Dissolved && self.is_repeated(root, tokens, operation) {
            return Ok(());
        }
        if tokens.is_empty() {
            return self.replace(root, operation);
        }
        self.below(root, tokens, operation)
    }

    /// An operation on what is below a node.
    fn below(&mut self, mut id: NodeId, tokens: &[String], operation: &Operation) -> Result<(), EditError> {
        for (at, token) in tokens.iter().enumerate() {
            let is_replaced = matches!(self.changes.get(&id), Some(Change::Replace(_)));
            match self.tree.nodes[id].shape {
                Shape::Alias(target) if !is_replaced && self.is_kept(target) => id = target,
                Shape::Alias(target) if !is_replaced => {
                    let copy = self.value(target).ok_or_else(|| EditError::new(operation.path(), MERGED))?;
                    self.changes.insert(id, Change::Replace(copy));
                }
                _ => {}
            }
            if let Some(Change::Replace(value)) = self.changes.get_mut(&id) {
                return patch::apply(value, &tokens[at..], operation);
            }
            if at + 1 == tokens.len() {
                return self.leaf(id, token, operation);
            }
            match self.step(id, token, operation)? {
                Step::Node(child) => id = child,
                Step::New(value) => return patch::apply(value, &tokens[at + 1..], operation),
                Step::Merged(source) => return self.below(source, &tokens[at..], operation),
            }
        }
        Ok(())
    }

    /// Whether a change of a node with an anchor is one of its aliases.
    fn is_kept(&self, target: NodeId) -> bool {
        self.sharing != Sharing::Dissolved && !self.dissolved.contains(&target)
    }

    /// What a node of the original text says.
    fn value(&self, id: NodeId) -> Option<Value> {
        let tokens = self.tree.tokens(id)?;
        tokens.iter().try_fold(&self.document.value, |value, token| patch::below(value, token)).cloned()
    }

    /// Has entries stay that go only to come under another name. A patch has no operation for that: made one by one,
    /// their place among the others would be lost, and the comment on their line.
    pub(super) fn rename(&mut self) {
        let may_rename = |change: &Change| match change {
            Change::Map { gone, added, .. } => !added.is_empty() && gone.contains(&true),
            _ => false,
        };
        if !self.changes.values().any(may_rename) {
            return;
        }
        let (tree, changed) = (self.tree, self.changed());
        let mut open: Vec<(NodeId, &Value)> = tree.root.map(|root| (root, &self.document.value)).into_iter().collect();
        while let Some((id, value)) = open.pop() {
            match (&tree.nodes[id].shape, value) {
                _ if !changed[id] => {}
                (Shape::Mapping { entries, .. }, Value::Object(before)) => {
                    if let Some(Change::Map { gone, added, renamed }) = self.changes.get_mut(&id) {
                        for (at, entry) in entries.iter().enumerate().filter(|(_, entry)| !changed[entry.value]) {
                            let new = added.iter().position(|(name, value)| {
                                !before.contains_key(name) && before.get(&entry.name) == Some(value)
                            });
                            if let Some(new) = new.filter(|_| gone[at] && may_get_name(tree, entries, entry)) {
                                gone[at] = false;
                                renamed.push((at, added.remove(new).0));
                            }
                        }
                    }
                    let values = entries.iter().filter(|entry| !entry.merge);
                    open.extend(values.filter_map(|entry| Some((entry.value, before.get(&entry.name)?))));
                }
                (Shape::Sequence { items, .. }, Value::Array(values)) => {
                    open.extend(items.iter().map(|item| item.node).zip(values));
                }
                _ => {}
            }
        }
    }

    /// Anchors whose aliases stay although they go, or want something else than they do.
    pub(super) fn torn(&self, wanted: &Value) -> Vec<NodeId> {
        let (alive, changed) = (self.alive(), self.changed());
        let mut torn = Vec::new();
        for (id, node) in self.tree.nodes.iter().enumerate() {
            let Shape::Alias(target) = node.shape else { continue };
            if !alive[id] || !self.is_kept(target) || torn.contains(&target) {
                continue;
            }
            if !alive[target] || (changed[target] && !self.wants_the_same(id, target, wanted)) {
                torn.push(target);
            }
        }
        torn
    }

    /// Whether an alias is to say what its anchor is to say, as far as can be told.
    fn wants_the_same(&self, alias: NodeId, target: NodeId, wanted: &Value) -> bool {
        let value = |id: NodeId| {
            let tokens = self.tree.tokens(id)?;
            tokens.iter().try_fold(wanted, |value, token| patch::below(value, token))
        };
        let Some(there) = value(target) else { return true };
        if let Some(here) = value(alias) {
            return here == there;
        }
        // A merge key: what the mapping says itself may differ.
        let (Some(parent), Value::Object(there)) = (self.tree.nodes[alias].parent, there) else { return true };
        let Shape::Mapping { entries, .. } = &self.tree.nodes[parent].shape else { return true };
        let is_own = |name: &str| entries.iter().any(|entry| !entry.merge && entry.name == name);
        let Some(Value::Object(here)) = value(parent) else { return true };
        let before = self.value(target);
        let mut names = before.iter().filter_map(Value::as_object).flat_map(|before| before.keys()).chain(there.keys());
        names.all(|name| is_own(name) || here.get(name) == there.get(name))
    }

    /// Leaves out what replaces aliases by what their anchors are replaced by, too.
    pub(super) fn share(&mut self) {
        let is_shared = |id: &NodeId| match (&self.tree.nodes[*id].shape, self.changes.get(id)) {
            (Shape::Alias(target), Some(Change::Replace(value))) if self.is_kept(*target) => {
                matches!(self.changes.get(target), Some(Change::Replace(other)) if other == value)
            }
            _ => false,
        };
        let shared: Vec<NodeId> = self.changes.keys().copied().filter(|id| is_shared(id)).collect();
        for id in shared {
            self.changes.remove(&id);
        }
    }

    /// Sees to it that the anchors of all aliases that stay are there, and say what they said.
    pub(super) fn keep_anchors(&mut self, patch: &[Operation]) -> Result<(), EditError> {
        if !self.tree.has_aliases {
            return Ok(());
        }
        let alive = self.alive();
        let changed = self.changed();
        for (id, node) in self.tree.nodes.iter().enumerate() {
            let Shape::Alias(target) = node.shape else { continue };
            let is_moved = self.gives_anchor(target);
            let is_kept = self.is_kept(target);
            let is_lost = !alive[target] || (!is_kept && changed[target]);
            if !alive[id] || !is_lost || is_moved {
                continue;
            }
            let value = self.value(target).filter(|_| !is_kept && !self.is_key(id));
            let Some(value) = value else {
                let last = patch.iter().rev().find(|op| !matches!(op, Operation::Test { .. }));
                let path = last.map_or("", Operation::path);
                return Err(EditError::new(path, "this would remove an anchor that is still used"));
            };
            self.moved.push((id, target));
            self.changes.insert(id, Change::Replace(value));
        }
        Ok(())
    }

    /// The nodes whose anchors aliases take over.
    pub(super) fn givers(&self) -> impl Iterator<Item = NodeId> {
        self.moved.iter().map(|(_, target)| *target)
    }

    /// Whether an alias takes over the anchor of a node.
    pub(super) fn gives_anchor(&self, id: NodeId) -> bool {
        self.givers().any(|target| target == id)
    }

    /// The node whose anchor an alias takes over.
    pub(super) fn taken_from(&self, id: NodeId) -> Option<NodeId> {
        self.moved.iter().find(|(alias, _)| *alias == id).map(|(_, target)| *target)
    }

    /// For each node whether it changes, or something below it does.
    pub(super) fn changed(&self) -> Vec<bool> {
        let mut changed = vec![false; self.tree.nodes.len()];
        for id in self.changes.keys() {
            let mut at = Some(*id);
            while let Some(id) = at.filter(|id| !std::mem::replace(&mut changed[*id], true)) {
                at = self.tree.nodes[id].parent;
            }
        }
        changed
    }

    fn is_key(&self, id: NodeId) -> bool {
        let parent = self.tree.nodes[id].parent.map(|parent| &self.tree.nodes[parent].shape);
        matches!(parent, Some(Shape::Mapping { entries, .. }) if entries.iter().any(|entry| entry.key == id))
    }

    /// The nodes that stay; of those that get another value, those that keep their anchor.
    fn alive(&self) -> Vec<bool> {
        let mut alive = vec![false; self.tree.nodes.len()];
        let mut stack: Vec<NodeId> = self.tree.root.into_iter().collect();
        while let Some(id) = stack.pop() {
            alive[id] = true;
            let change = self.changes.get(&id);
            match (&self.tree.nodes[id].shape, change) {
                (_, Some(Change::Replace(_))) => alive[id] = self.tree.nodes[id].anchor.is_some(),
                (Shape::Mapping { entries, .. }, Some(Change::Map { gone, .. })) => {
                    stack.extend(
                        entries.iter().zip(gone).filter(|(_, gone)| !**gone).flat_map(|(e, _)| [e.key, e.value]),
                    );
                }
                (Shape::Mapping { entries, .. }, _) => stack.extend(entries.iter().flat_map(|e| [e.key, e.value])),
                (Shape::Sequence { items, .. }, Some(Change::Seq(slots))) => {
                    stack.extend(slots.iter().filter_map(|slot| match slot {
                        Slot::Old(i) => Some(items[*i].node),
                        Slot::New(_) => None,
                    }));
                }
                (Shape::Sequence { items, .. }, _) => stack.extend(items.iter().map(|i| i.node)),
                _ => {}
            }
        }
        alive
    }

    /// Whether an operation on shared nodes was made already by another way to them.
    fn is_repeated(&mut self, root: NodeId, tokens: &[String], operation: &Operation) -> bool {
        let mut id = root;
        let mut place = None;
        for (at, token) in tokens.iter().enumerate() {
            let mut node = self.tree.resolve(id);
            if (node != id || self.tree.nodes[node].anchor.is_some()) && self.is_kept(node) {
                place = Some((node, at));
            }
            while let Some(source) = self.tree.source(node, token) {
                node = self.tree.resolve(source);
                if self.is_kept(node) {
                    place = Some((node, at));
                }
            }
            let Some(child) = self.tree.child(node, token) else { break };
            id = child.node();
        }
        if self.tree.nodes[id].anchor.is_some() && self.is_kept(id) {
            place = Some((id, tokens.len()));
        }
        let Some((node, at)) = place else { return false };
        let what = match operation {
            Operation::Add { value, .. } => format!("add {value}"),
            Operation::Replace { value, .. } => format!("replace {value}"),
            Operation::Remove { .. } | Operation::Test { .. } => "remove".to_owned(),
        };
        let physical = format!("{what} {node} {}", tokens[at..].join("\u{0}"));
        let way = tokens[..at].join("\u{0}");
        let asked = self.asked.entry((physical.clone(), Some(way))).or_default();
        *asked += 1;
        let asked = *asked;
        let made = self.asked.entry((physical, None)).or_default();
        if asked <= *made {
            return true;
        }
        *made += 1;
        false
    }

    fn replace(&mut self, id: NodeId, operation: &Operation) -> Result<(), EditError> {
        if let Operation::Add { value, .. } | Operation::Replace { value, .. } = operation {
            self.changes.insert(id, Change::Replace(value.clone()));
        }
        Ok(())
    }

    /// One step down to what is there now.
    fn step(&mut self, id: NodeId, token: &str, operation: &Operation) -> Result<Step<'_>, EditError> {
        let tree = self.tree;
        let nothing = || EditError::new(operation.path(), "there is nothing at this path");
        match &tree.nodes[id].shape {
            Shape::Mapping { entries, .. } => {
                let live = match self.changes.get_mut(&id) {
                    Some(Change::Map { gone, added, .. }) => {
                        if let Some((_, value)) = added.iter_mut().find(|(name, _)| name == token) {
                            return Ok(Step::New(value));
                        }
                        Some(&*gone)
                    }
                    _ => None,
                };
                match find(tree, entries, live, token) {
                    Found::Entry(at) => Ok(Step::Node(entries[at].value)),
                    Found::Merged => match tree.source(id, token) {
                        Some(source) => Ok(Step::Merged(source)),
                        None => Err(EditError::new(operation.path(), MERGED)),
                    },
                    Found::Nothing => Err(nothing()),
                }
            }
            Shape::Sequence { items, .. } => {
                let at = pointer::index(token).ok_or_else(nothing)?;
                match self.changes.get_mut(&id) {
                    Some(Change::Seq(slots)) => match slots.get_mut(at) {
                        Some(Slot::Old(i)) => Ok(Step::Node(items[*i].node)),
                        Some(Slot::New(value)) => Ok(Step::New(value)),
                        None => Err(nothing()),
                    },
                    _ => items.get(at).map(|item| Step::Node(item.node)).ok_or_else(nothing),
                }
            }
            _ => Err(nothing()),
        }
    }

    /// The operation itself, in the node that holds its target.
    fn leaf(&mut self, id: NodeId, token: &str, operation: &Operation) -> Result<(), EditError> {
        let tree = self.tree;
        let nothing = || EditError::new(operation.path(), "there is nothing at this path");
        match &tree.nodes[id].shape {
            Shape::Mapping { entries, .. } => {
                let (gone, added) = match self.changes.get(&id) {
                    Some(Change::Map { gone, added, .. }) => {
                        (Some(gone), added.iter().position(|(name, _)| name == token))
                    }
                    _ => (None, None),
                };
                let found = find(tree, entries, gone, token);
                match operation {
                    Operation::Add { value, .. } | Operation::Replace { value, .. } => {
                        if let (Some(at), Some(Change::Map { added, .. })) = (added, self.changes.get_mut(&id)) {
                            added[at].1 = value.clone();
                        } else if let Found::Entry(at) = found {
                            return self.replace(entries[at].value, operation);
                        } else if let (Found::Nothing, Some(at)) =
                            (found, entries.iter().rposition(|e| !e.merge && e.name == token))
                        {
                            // It was removed before: let it stay where it was.
                            if let Change::Map { gone, .. } = self.map(id, entries.len()) {
                                gone[at] = false;
                            }
                            return self.replace(entries[at].value, operation);
                        } else if let Change::Map { added, .. } = self.map(id, entries.len()) {
                            added.push((token.to_owned(), value.clone()));
                        }
                        Ok(())
                    }
                    Operation::Remove { .. } | Operation::Test { .. } => {
                        let merged = |e: &&Entry| e.merge && tree.merged(e, token).is_some();
                        match (&entries.iter().filter(merged).collect::<Vec<_>>()[..], tree.source(id, token)) {
                            ([], _) => {}
                            ([_], Some(source)) => return self.below(source, &[token.to_owned()], operation),
                            _ => {
                                let reason = if matches!(found, Found::Entry(_)) { HIDING } else { MERGED };
                                return Err(EditError::new(operation.path(), reason));
                            }
                        }
                        if let (Some(at), Some(Change::Map { added, .. })) = (added, self.changes.get_mut(&id)) {
                            added.remove(at);
                            return Ok(());
                        }
                        let Found::Entry(_) = found else { return Err(nothing()) };
                        if let Change::Map { gone, .. } = self.map(id, entries.len()) {
                            for (entry, gone) in entries.iter().zip(gone) {
                                *gone |= !entry.merge && entry.name == token;
                            }
                        }
                        Ok(())
                    }
                }
            }
            Shape::Sequence { items, .. } => {
                let now = match self.changes.get(&id) {
                    Some(Change::Seq(slots)) => slots.len(),
                    _ => items.len(),
                };
                let at = if token == "-" { now } else { pointer::index(token).ok_or_else(nothing)? };
                let inserts = matches!(operation, Operation::Add { .. });
                if at > now || (at == now && !inserts) {
                    return Err(nothing());
                }
                if let Operation::Replace { value, .. } = operation {
                    let old = match self.changes.get_mut(&id) {
                        Some(Change::Seq(slots)) => match &mut slots[at] {
                            Slot::New(new) => {
                                *new = value.clone();
                                return Ok(());
                            }
                            Slot::Old(i) => *i,
                        },
                        _ => at,
                    };
                    return self.replace(items[old].node, operation);
                }
                let change =
                    self.changes.entry(id).or_insert_with(|| Change::Seq((0..items.len()).map(Slot::Old).collect()));
                if let Change::Seq(slots) = change {
                    if let Operation::Add { value, .. } = operation {
                        slots.insert(at, Slot::New(value.clone()));
                    } else {
                        slots.remove(at);
                    }
                }
                Ok(())
            }
            _ => Err(nothing()),
        }
    }

    fn map(&mut self, id: NodeId, entries: usize) -> &mut Change {
        self.changes.entry(id).or_insert_with(|| Change::Map {
            gone: vec![false; entries],
            added: Vec::new(),
            renamed: Vec::new(),
        })
    }
}

const MERGED: &str = "this comes from a merge key (`<<`), which cannot be edited; change what it merges";

const HIDING: &str =
    "without this, the value that a merge key (`<<`) brings in would hold in its place; change what it merges";

enum Step<'p> {
    Node(NodeId),
    New(&'p mut Value),
    /// What a merge key merges has it.
    Merged(NodeId),
}

#[derive(Clone, Copy)]
enum Found {
    Entry(usize),
    Merged,
    Nothing,
}

/// Whether the key of an entry may be written anew: it has neither tag nor anchor, and its mapping has it once.
fn may_get_name(tree: &Tree, entries: &[Entry], entry: &Entry) -> bool {
    let key = &tree.nodes[entry.key];
    let is_plain = matches!(key.shape, Shape::Scalar(_)) && key.span.start == key.start;
    is_plain && entries.iter().filter(|other| other.name == entry.name).count() == 1
}

/// The entry that gives a name its value, among those that are left.
fn find(tree: &Tree, entries: &[Entry], gone: Option<&Vec<bool>>, name: &str) -> Found {
    for (at, entry) in entries.iter().enumerate().rev() {
        if entry.merge {
            if tree.merged(entry, name).is_some() {
                return Found::Merged;
            }
        } else if entry.name == name && !gone.is_some_and(|gone| gone[at]) {
            return Found::Entry(at);
        }
    }
    Found::Nothing
}
