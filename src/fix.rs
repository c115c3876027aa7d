//! Fixes: changes named by rules, turned into JSON Patch (RFC 6902).
//!
//! A rule says what should hold afterwards ([`Fix::set`], [`Fix::remove`], [`Fix::append`]), always
//! in terms of the object as it is. Which operations that takes depends on what is there: a missing
//! parent is added, a parent that would be left empty goes too, and array elements are removed from
//! the last to the first. `Shapes` looks that up, for all fixes of an object in one pass over its
//! text. `merge` puts the safe fixes together, each edit once, in an order that applies.

mod shape;

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::finding::words;
use crate::json;
use crate::order;
use crate::pointer::Pointer;
use crate::value::Value;
pub(crate) use shape::{Shape, Shapes};

/// Whether a fix may be applied without asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Safety {
    /// Never changes what the workload does on the right node.
    Safe,
    /// May change what it does: offered, and applied only when asked for.
    Unsafe,
}

words!(Safety: Safe = "safe", Unsafe = "unsafe");

/// A change that mends one finding. All of it applies, or none.
#[derive(Debug, Clone)]
pub struct Fix {
    /// What it does, as an imperative.
    pub title: Cow<'static, str>,
    /// Whether it may be applied without asking.
    pub safety: Safety,
    /// The change itself.
    edits: Vec<Edit>,
    /// The operations it takes; filled in when the Decision is made.
    pub patch: Vec<Operation>,
}

/// One change to the object as it is.
#[derive(Debug, Clone, PartialEq)]
enum Edit {
    Set(Pointer, Value),
    Append(Pointer, Value),
    Remove(Pointer),
}

/// An operation of a JSON Patch.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "RFC 6902 has the words")]
pub enum Operation {
    Add { path: String, value: Value },
    Replace { path: String, value: Value },
    Remove { path: String },
}

impl Operation {
    /// Writes it as JSON.
    pub(crate) fn write(&self, out: &mut String) {
        let (op, path, value) = match self {
            Operation::Add { path, value } => ("add", path, Some(value)),
            Operation::Replace { path, value } => ("replace", path, Some(value)),
            Operation::Remove { path } => ("remove", path, None),
        };
        let mut object = json::Object::new(out);
        object.text("op", op);
        object.text("path", path);
        if let Some(value) = value {
            value.write(object.field("value"));
        }
        object.end();
    }
}

impl Fix {
    /// A fix that may be applied without asking.
    pub fn safe(title: impl Into<Cow<'static, str>>) -> Self {
        Fix { title: title.into(), safety: Safety::Safe, edits: Vec::new(), patch: Vec::new() }
    }

    /// A fix that is applied only when asked for.
    pub fn unsafe_(title: impl Into<Cow<'static, str>>) -> Self {
        Fix { safety: Safety::Unsafe, ..Fix::safe(title) }
    }

    /// Gives the value at `path`, there already or not, a new value. Missing parents are made.
    #[must_use]
    pub fn set(mut self, path: Pointer, value: impl Into<Value>) -> Self {
        self.edits.push(Edit::Set(path, value.into()));
        self
    }

    /// Puts `value` at the end of the array at `path`, which is made if it is missing.
    #[must_use]
    pub fn append(mut self, path: Pointer, value: impl Into<Value>) -> Self {
        self.edits.push(Edit::Append(path, value.into()));
        self
    }

    /// Takes away the field or element at `path`, and its parent too if that leaves it empty.
    #[must_use]
    pub fn remove(mut self, path: Pointer) -> Self {
        self.edits.push(Edit::Remove(path));
        self
    }

    /// Adds all changes of another fix to this one.
    #[must_use]
    pub fn and(mut self, other: Fix) -> Self {
        self.edits.extend(other.edits);
        self
    }

    /// The values this fix changes.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &Pointer> {
        self.edits.iter().map(Edit::path)
    }

    /// Whether every edit only appends, and to one of `arrays`.
    pub(crate) fn only_appends_to(&self, array: &Pointer) -> bool {
        self.edits.iter().all(|edit| matches!(edit, Edit::Append(path, _) if path == array))
    }

    /// Fills in the operations for an object of the given shapes.
    pub(crate) fn compile(&mut self, shapes: &Shapes) {
        let edits: Vec<&Edit> = self.edits.iter().collect();
        self.patch = compile(&edits, shapes).unwrap_or_default();
    }
}

impl Edit {
    fn path(&self) -> &Pointer {
        match self {
            Edit::Set(path, _) | Edit::Append(path, _) | Edit::Remove(path) => path,
        }
    }
}

/// Numbers by the pointers they belong to. One shape of map for everything in this module: each
/// other would add to the size of the wasm.
type Index = BTreeMap<Pointer, usize>;

/// The operations of all `fixes` together: what several want is done once; a fix that would undo
/// what an earlier one does is left out whole.
pub(crate) fn merge<'f>(fixes: impl Iterator<Item = &'f Fix>, shapes: &Shapes) -> Vec<Operation> {
    // Of each path the edits taken so far: more than one only where several append.
    let mut taken: Vec<Vec<&Edit>> = Vec::new();
    let mut at = Index::new();
    let mut edits: Vec<&Edit> = Vec::new();
    for fix in fixes {
        let appends = |edit: &Edit| matches!(edit, Edit::Append(..));
        let clashes = |edit: &Edit| {
            let there = at.get(edit.path()).map_or(&[][..], |index| &taken[*index]);
            there.iter().any(|other| *other != edit && !(appends(other) && appends(edit)))
        };
        if fix.edits.iter().any(clashes) {
            continue;
        }
        for edit in &fix.edits {
            let index = *at.entry(edit.path().clone()).or_insert_with(|| {
                taken.push(Vec::new());
                taken.len() - 1
            });
            if !taken[index].contains(&edit) {
                taken[index].push(edit);
                edits.push(edit);
            }
        }
    }
    compile(&edits, shapes).unwrap_or_default()
}

/// The operations for `edits`; `None` where a value of a wrong type stands in their way.
fn compile(edits: &[&Edit], shapes: &Shapes) -> Option<Vec<Operation>> {
    let mut operations = Vec::new();
    let mut made = Index::new();
    let removed = swept_up(edits, shapes);
    for edit in edits {
        match edit {
            Edit::Set(path, value) => {
                if matches!(shapes.get(path), Shape::Missing) && !made.contains_key(path) {
                    operations.push(add(path, value.clone(), shapes, &mut made)?);
                } else {
                    operations.push(Operation::Replace { path: path.to_string(), value: value.clone() });
                }
            }
            Edit::Append(path, value) => {
                if matches!(shapes.get(path), Shape::Array(_)) || made.contains_key(path) {
                    operations.push(Operation::Add { path: path.key("-").into(), value: value.clone() });
                } else {
                    operations.push(add(path, Value::Array(vec![value.clone()]), shapes, &mut made)?);
                }
            }
            Edit::Remove(_) => {}
        }
    }
    // The last element of an array goes first, so that the positions of the others stay true.
    operations.extend(removed.into_iter().rev().map(|path| Operation::Remove { path: path.into() }));
    Some(operations)
}

/// Adds a value whose parents may be missing: the topmost missing one is added with all below it.
fn add(path: &Pointer, value: Value, shapes: &Shapes, made: &mut Index) -> Option<Operation> {
    let mut path = path.clone();
    let mut value = value;
    loop {
        made.insert(path.clone(), 0);
        let Some(parent) = path.parent() else { break };
        let key = path.segments().last().unwrap_or_default();
        match shapes.get(&parent) {
            Shape::Object(_) => break,
            Shape::Array(_) if key.bytes().all(|b| b.is_ascii_digit() || b == b'-') => break,
            Shape::Missing | Shape::Null if made.contains_key(&parent) => break,
            Shape::Missing | Shape::Null => {}
            Shape::Array(_) | Shape::Scalar => return None,
        }
        value = Value::Object(vec![(key, value)]);
        path = parent;
    }
    Some(Operation::Add { path: path.into(), value })
}

/// What is to be removed, in document order: each path once, none that does not exist, none below
/// another, and a parent in place of its children where all of them go and nothing comes.
fn swept_up(edits: &[&Edit], shapes: &Shapes) -> Vec<Pointer> {
    let mut going: Vec<Pointer> = Vec::new();
    let mut kept = Index::new();
    for edit in edits {
        match edit {
            Edit::Remove(path) if !matches!(shapes.get(path), Shape::Missing) => going.push(path.clone()),
            Edit::Remove(_) => {}
            Edit::Set(path, _) | Edit::Append(path, _) => {
                let mut above = Some(path.clone());
                while let Some(path) = above {
                    above = path.parent();
                    kept.insert(path, 0);
                }
            }
        }
    }
    let mut removed: Vec<Pointer> = Vec::new();
    let mut seen = Index::new();
    let mut gone_below = Index::new();
    while let Some(path) = going.pop() {
        if seen.insert(path.clone(), 0).is_some() {
            continue;
        }
        if let Some(parent) = path.parent() {
            let gone = gone_below.entry(parent.clone()).or_default();
            *gone += 1;
            let is_empty = matches!(shapes.get(&parent), Shape::Object(len) | Shape::Array(len) if len == *gone);
            if is_empty && !kept.contains_key(&parent) && may_go(&parent) {
                going.push(parent);
            }
        }
        removed.push(path);
    }
    let keys: Vec<String> = removed.iter().map(sort_key).collect();
    let order = order::by_text(&keys.iter().map(String::as_str).collect::<Vec<_>>());
    let mut roots: Vec<Pointer> = Vec::new();
    for path in order.into_iter().map(|index| &removed[index]) {
        if roots.last().is_none_or(|above| !path.is_below(above)) {
            roots.push(path.clone());
        }
    }
    roots
}

/// A text that sorts as the places stand in the document: elements by their number, and what is
/// below a place directly behind it.
fn sort_key(path: &Pointer) -> String {
    let mut key = String::new();
    for step in path.segments() {
        key.push('\0');
        if step.bytes().all(|b| b.is_ascii_digit()) {
            key.extend(std::iter::repeat_n('0', 10_usize.saturating_sub(step.len())));
        }
        key.push_str(&step);
    }
    key
}

/// Whether a field that is left empty says nothing and goes with its last child. An `emptyDir: {}`
/// does say something.
fn may_go(path: &Pointer) -> bool {
    let field = path.as_str().rsplit('/').next().unwrap_or_default();
    matches!(
        field,
        "annotations"
            | "capabilities"
            | "env"
            | "hostAliases"
            | "labels"
            | "lifecycle"
            | "nodeSelector"
            | "ports"
            | "resizePolicy"
            | "securityContext"
            | "tolerations"
            | "volumeMounts"
            | "volumes"
            | "windowsOptions"
    )
}
