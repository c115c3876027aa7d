//! Fixes: changes named by rules, turned into JSON Patch (RFC 6902).
//!
//! A rule says what should hold afterwards ([`Fix::set`], [`Fix::remove`], [`Fix::append`]), always
//! in terms of the object as it is. Which operations that takes depends on what is there: a missing
//! parent is added, a parent that would be left empty goes too, and array elements are removed from
//! the last to the first. [`Shapes`] looks that up, for all fixes of an object in one pass over its
//! text. [`merge`] puts the safe fixes together, each edit once, in an order that applies.

mod shape;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use crate::finding::words;
use crate::pointer::Pointer;
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
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "op", rename_all = "lowercase")]
#[expect(missing_docs, reason = "RFC 6902 has the words")]
pub enum Operation {
    Add { path: String, value: Value },
    Replace { path: String, value: Value },
    Remove { path: String },
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
        self.patch = compile(self.edits.iter(), shapes).unwrap_or_default();
    }
}

impl Edit {
    fn path(&self) -> &Pointer {
        match self {
            Edit::Set(path, _) | Edit::Append(path, _) | Edit::Remove(path) => path,
        }
    }
}

/// The operations of all `fixes` together: what several want is done once; a fix that would undo
/// what an earlier one does is left out whole.
pub(crate) fn merge<'f>(fixes: impl Iterator<Item = &'f Fix>, shapes: &Shapes) -> Vec<Operation> {
    let mut taken: BTreeMap<&Pointer, Vec<&Edit>> = BTreeMap::new();
    let mut edits: Vec<&Edit> = Vec::new();
    for fix in fixes {
        let there = |edit: &Edit| taken.get(edit.path()).map_or(&[][..], Vec::as_slice);
        let appends = |edit: &Edit| matches!(edit, Edit::Append(..));
        let clashes = |edit: &Edit| there(edit).iter().any(|other| *other != edit && !(appends(other) && appends(edit)));
        if fix.edits.iter().any(clashes) {
            continue;
        }
        for edit in &fix.edits {
            let here = taken.entry(edit.path()).or_default();
            if !here.contains(&edit) {
                here.push(edit);
                edits.push(edit);
            }
        }
    }
    compile(edits.into_iter(), shapes).unwrap_or_default()
}

/// The operations for `edits`; `None` where a value of a wrong type stands in their way.
fn compile<'e>(edits: impl Iterator<Item = &'e Edit> + Clone, shapes: &Shapes) -> Option<Vec<Operation>> {
    let mut operations = Vec::new();
    let mut made: BTreeSet<Pointer> = BTreeSet::new();
    let removed = swept_up(edits.clone(), shapes);
    for edit in edits {
        match edit {
            Edit::Set(path, value) => {
                if matches!(shapes.get(path), Shape::Missing) && !made.contains(path) {
                    operations.push(add(path, value.clone(), shapes, &mut made)?);
                } else {
                    operations.push(Operation::Replace { path: path.to_string(), value: value.clone() });
                }
            }
            Edit::Append(path, value) => {
                if matches!(shapes.get(path), Shape::Array(_)) || made.contains(path) {
                    operations.push(Operation::Add { path: path.key("-").into(), value: value.clone() });
                } else {
                    operations.push(add(path, Value::Array(vec![value.clone()]), shapes, &mut made)?);
                }
            }
            Edit::Remove(_) => {}
        }
    }
    // The last element of an array goes first, so that the positions of the others stay true.
    operations.extend(removed.into_values().rev().map(|path| Operation::Remove { path: path.into() }));
    Some(operations)
}

/// Adds a value whose parents may be missing: the topmost missing one is added with all below it.
fn add(path: &Pointer, value: Value, shapes: &Shapes, made: &mut BTreeSet<Pointer>) -> Option<Operation> {
    let mut path = path.clone();
    let mut value = value;
    loop {
        made.insert(path.clone());
        let Some(parent) = path.parent() else { break };
        match shapes.get(&parent) {
            Shape::Object(_) | Shape::Array(_) => break,
            Shape::Missing | Shape::Null if made.contains(&parent) => break,
            Shape::Missing | Shape::Null => {}
            Shape::Scalar => return None,
        }
        let key = path.segments().last().unwrap_or_default();
        value = Value::Object(std::iter::once((key, value)).collect());
        path = parent;
    }
    Some(Operation::Add { path: path.into(), value })
}

/// What is to be removed, in document order: each path once, none that does not exist, none below
/// another, and a parent in place of its children where all of them go and nothing comes.
fn swept_up<'e>(edits: impl Iterator<Item = &'e Edit> + Clone, shapes: &Shapes) -> BTreeMap<Vec<Step>, Pointer> {
    let mut removed: BTreeMap<Vec<Step>, Pointer> = BTreeMap::new();
    let mut going: Vec<Pointer> = Vec::new();
    let mut kept: BTreeSet<Pointer> = BTreeSet::new();
    for edit in edits {
        match edit {
            Edit::Remove(path) if !matches!(shapes.get(path), Shape::Missing) => going.push(path.clone()),
            Edit::Remove(_) => {}
            Edit::Set(path, _) | Edit::Append(path, _) => {
                let mut above = path.parent();
                kept.insert(path.clone());
                while let Some(parent) = above {
                    above = parent.parent();
                    kept.insert(parent);
                }
            }
        }
    }
    let mut children: BTreeMap<Pointer, usize> = BTreeMap::new();
    while let Some(path) = going.pop() {
        if removed.insert(steps(&path), path.clone()).is_some() {
            continue;
        }
        let Some(parent) = path.parent() else { continue };
        let gone = children.entry(parent.clone()).or_default();
        *gone += 1;
        let empty = match shapes.get(&parent) {
            Shape::Object(len) | Shape::Array(len) => len == *gone,
            _ => false,
        };
        if empty && !kept.contains(&parent) && may_go(&parent) {
            going.push(parent);
        }
    }
    let mut last: Option<Vec<Step>> = None;
    removed.retain(|steps, _| {
        if last.as_ref().is_some_and(|above| steps.starts_with(above)) {
            return false;
        }
        last = Some(steps.clone());
        true
    });
    removed
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

/// A step of a pointer, ordered as elements stand in their array.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Index(usize),
    Key(String),
}

fn steps(path: &Pointer) -> Vec<Step> {
    path.segments().map(|s| s.parse().map_or(Step::Key(s), Step::Index)).collect()
}
