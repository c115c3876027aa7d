//! Fixes: changes named by rules, turned into JSON Patch (RFC 6902).
//!
//! A rule says what should hold afterwards ([`Fix::set`], [`Fix::remove`], [`Fix::append`]), always
//! in terms of the object as it is. Which operations that takes depends on what is there: a missing
//! parent is added, a parent that would be left empty goes too, and array elements are removed from
//! the last to the first. `Shapes` looks that up, for all fixes of an object in one pass over its
//! text. `Patches` puts the safe fixes together, each edit once, in an order that applies.

mod shape;

use std::borrow::Cow;

use crate::json;
use crate::order;
use crate::parse::Spans;
use crate::pointer::{Pointer, steps, unescaped};
use crate::value::Value;
use crate::words::words;
use shape::{Place, Shape, Shapes};

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

    /// The fix with the operations it takes; nothing where it takes none.
    pub(crate) fn with(self, patch: Vec<Operation>) -> Option<Self> {
        (!patch.is_empty()).then_some(Fix { patch, ..self })
    }

    /// Whether every edit only appends, and to this array.
    pub(crate) fn only_appends_to(&self, array: &Pointer) -> bool {
        self.edits.iter().all(|edit| matches!(edit, Edit::Append(path, _) if path == array))
    }
}

impl Edit {
    fn path(&self) -> &Pointer {
        match self {
            Edit::Set(path, _) | Edit::Append(path, _) | Edit::Remove(path) => path,
        }
    }
}

/// What fixes come to for the object at `object_at` in `text`, of which `spans` are known.
#[derive(Debug)]
pub(crate) struct Patches {
    /// The operations of each; none where a value of a wrong type stands in the way.
    pub(crate) each: Vec<Vec<Operation>>,
    /// The operations of all safe ones together.
    pub(crate) safe: Vec<Operation>,
}

impl Patches {
    pub(crate) fn of<'f>(fixes: &[&'f Fix], text: &str, spans: &Spans, object_at: &str) -> Self {
        let mut shapes = Shapes::new();
        let mut placed = |fix: &&'f Fix| -> Vec<(Place, &'f Edit)> {
            fix.edits.iter().map(|edit| (shapes.place(edit.path()), edit)).collect()
        };
        let edits: Vec<_> = fixes.iter().map(&mut placed).collect();
        shapes.look_up(text, spans, object_at);
        let mut compiler = Compiler { effects: vec![Effect::default(); shapes.len()], shapes: &shapes };
        let each: Vec<_> = edits.iter().map(|edits| compiler.compile(edits)).collect();
        let is_safe = |index: &usize| fixes[*index].safety == Safety::Safe && !each[*index].is_empty();
        let safe = merge((0..fixes.len()).filter(is_safe).map(|index| &*edits[index]), shapes.len());
        Patches { safe: compiler.compile(&safe), each }
    }
}

/// The edits of all `fixes` together: what several want is done once; a fix that would undo what an
/// earlier one does is left out whole.
fn merge<'f>(fixes: impl Iterator<Item = &'f [(Place, &'f Edit)]>, places: usize) -> Vec<(Place, &'f Edit)> {
    // Of each place the edits taken so far: more than one only where several append.
    let mut taken: Vec<Vec<&Edit>> = vec![Vec::new(); places];
    let mut edits: Vec<(Place, &Edit)> = Vec::new();
    for fix in fixes {
        let appends = |edit: &Edit| matches!(edit, Edit::Append(..));
        let clashes = |(place, edit): &(Place, &Edit)| {
            taken[*place].iter().any(|other| other != edit && !(appends(other) && appends(edit)))
        };
        if fix.iter().any(clashes) {
            continue;
        }
        for (place, edit) in fix {
            if !taken[*place].contains(edit) {
                taken[*place].push(edit);
                edits.push((*place, edit));
            }
        }
    }
    edits
}

/// Turns edits into operations.
struct Compiler<'s, 'p> {
    shapes: &'s Shapes<'p>,
    /// What the edits at hand do to each place.
    effects: Vec<Effect>,
}

#[derive(Clone, Default)]
struct Effect {
    /// It is there once the operations so far are done.
    is_made: bool,
    /// Something is put here or below.
    is_kept: bool,
    is_removed: bool,
    /// How many of its fields or elements are removed.
    gone: usize,
}

impl<'p> Compiler<'_, 'p> {
    /// The operations for `edits`; none where a value of a wrong type stands in their way.
    fn compile(&mut self, edits: &[(Place, &Edit)]) -> Vec<Operation> {
        let operations = self.operations(edits).unwrap_or_default();
        for (place, _) in edits {
            self.effects[*place] = Effect::default();
            self.shapes.all_above(*place).for_each(|above| self.effects[above] = Effect::default());
        }
        operations
    }

    fn operations(&mut self, edits: &[(Place, &Edit)]) -> Option<Vec<Operation>> {
        let mut operations = Vec::new();
        let removed = self.swept_up(edits);
        for (place, edit) in edits {
            let shape = self.shapes.shape(*place);
            let is_made = self.effects[*place].is_made;
            match edit {
                Edit::Set(_, value) if shape == Shape::Missing && !is_made => {
                    operations.push(self.add(*place, value.clone())?);
                }
                Edit::Set(path, value) => {
                    operations.push(Operation::Replace { path: path.to_string(), value: value.clone() });
                }
                Edit::Append(path, value) if is_made || matches!(shape, Shape::Array(_)) => {
                    operations.push(Operation::Add { path: path.key("-").into(), value: value.clone() });
                }
                Edit::Append(_, value) if matches!(shape, Shape::Missing | Shape::Null) => {
                    operations.push(self.add(*place, Value::Array(vec![value.clone()]))?);
                }
                Edit::Append(..) => return None,
                Edit::Remove(_) => {}
            }
        }
        // The last element of an array goes first, so that the positions of the others stay true.
        operations.extend(removed.into_iter().rev().map(|path| Operation::Remove { path: path.to_owned() }));
        Some(operations)
    }

    /// Adds a value whose parents may be missing: the topmost missing one is added with all below it.
    fn add(&mut self, mut place: Place, mut value: Value) -> Option<Operation> {
        loop {
            self.effects[place].is_made = true;
            let path = self.shapes.pointer(place);
            let Some(above) = self.shapes.above(place) else { break };
            let key = unescaped(path.rsplit('/').next().unwrap_or_default());
            match self.shapes.shape(above) {
                Shape::Object(_) => break,
                Shape::Array(_) if key.bytes().all(|b| b.is_ascii_digit() || b == b'-') => break,
                Shape::Missing | Shape::Null if self.effects[above].is_made => break,
                Shape::Missing | Shape::Null => {}
                Shape::Array(_) | Shape::Scalar => return None,
            }
            value = Value::Object(vec![(key, value)]);
            place = above;
        }
        let path = self.shapes.pointer(place).to_owned();
        // What is added to an array comes in front of what stands there.
        let is_element =
            self.shapes.above(place).is_some_and(|above| matches!(self.shapes.shape(above), Shape::Array(_)));
        Some(match self.shapes.shape(place) {
            Shape::Null if is_element => Operation::Replace { path, value },
            _ => Operation::Add { path, value },
        })
    }

    /// What is to be removed, in document order: each path once, none that does not exist, none below
    /// another, and a parent in place of its children where all of them go and nothing comes.
    fn swept_up(&mut self, edits: &[(Place, &Edit)]) -> Vec<&'p str> {
        let mut going: Vec<Place> = Vec::new();
        for (place, edit) in edits {
            match edit {
                Edit::Remove(_) if self.shapes.shape(*place) != Shape::Missing => going.push(*place),
                Edit::Remove(_) => {}
                Edit::Set(..) | Edit::Append(..) => {
                    self.effects[*place].is_kept = true;
                    self.shapes.all_above(*place).for_each(|above| self.effects[above].is_kept = true);
                }
            }
        }
        let mut removed: Vec<Place> = Vec::new();
        while let Some(place) = going.pop() {
            if std::mem::replace(&mut self.effects[place].is_removed, true) {
                continue;
            }
            removed.push(place);
            let Some(above) = self.shapes.above(place) else { continue };
            let effect = &mut self.effects[above];
            effect.gone += 1;
            let is_empty =
                matches!(self.shapes.shape(above), Shape::Object(len) | Shape::Array(len) if len == effect.gone);
            if is_empty && !effect.is_kept && may_go(self.shapes.pointer(above)) {
                going.push(above);
            }
        }
        removed.retain(|place| !self.shapes.all_above(*place).any(|above| self.effects[above].is_removed));
        let paths: Vec<&str> = removed.iter().map(|place| self.shapes.pointer(*place)).collect();
        if let [_] | [] = paths[..] {
            return paths;
        }
        let keys: Vec<String> = paths.iter().map(|path| sort_key(path)).collect();
        let order = order::by_text(&keys.iter().map(String::as_str).collect::<Vec<_>>());
        order.into_iter().map(|index| paths[index]).collect()
    }
}

/// A text that sorts as the places stand in the document: elements by their number, and what is
/// below a place directly behind it.
fn sort_key(path: &str) -> String {
    let mut key = String::new();
    for step in steps(path).map(unescaped) {
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
fn may_go(path: &str) -> bool {
    let field = path.rsplit('/').next().unwrap_or_default();
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
