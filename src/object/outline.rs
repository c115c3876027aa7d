//! What the views read, as data: so that a test can hold every field against Kubernetes' own types.

use super::label_selector::LabelSelector;
use super::pod::{PodSpec, PodTemplateSpec};
use super::read::{Map, Present, Str, Text};
use super::{CronJobSpec, ObjectMeta, PodLikeSpec, PodStatus, SelectedLabels};
use crate::value::Value;

/// What a field is read as.
#[derive(Debug, Clone, Copy)]
pub enum Type {
    /// A boolean.
    Boolean,
    /// A whole number.
    Integer,
    /// A string.
    Text,
    /// A quantity or an int-or-string.
    TextOrNumber,
    /// Anything: only its presence matters.
    Present,
    /// An array of these.
    Array(&'static Type),
    /// An object whose fields have any names, and such values.
    Map(&'static Type),
    /// An object with a view of its own.
    View(View),
    /// One or the other, after the kind of the object.
    Either(&'static Type, &'static Type),
}

/// A view: its name, and the names of its fields in JSON with their types.
#[derive(Debug, Clone, Copy)]
pub struct View {
    /// The name of the struct.
    pub name: &'static str,
    /// Its fields. A function, as types may hold one another.
    pub fields: fn() -> Vec<Field>,
}

/// The JSON name of a field, and what it is read as.
pub type Field = (&'static str, Type);

impl Type {
    /// The fields, where this is a view.
    pub(crate) fn fields(self) -> Vec<Field> {
        match self {
            Type::View(view) => (view.fields)(),
            _ => Vec::new(),
        }
    }
}

/// What is read as a [`Type`].
pub trait Outline {
    /// The type.
    const TYPE: Type;
}

macro_rules! scalars {
    ($($type:ty = $outline:ident),*) => {$(
        impl Outline for $type {
            const TYPE: Type = Type::$outline;
        }
    )*};
}
scalars!(bool = Boolean, i64 = Integer, Str<'_> = Text, Text<'_> = TextOrNumber, Present = Present, Value = Present);

impl<T: Outline> Outline for Vec<T> {
    const TYPE: Type = Type::Array(&T::TYPE);
}

impl<T: Outline> Outline for Box<T> {
    const TYPE: Type = T::TYPE;
}

impl<T: Outline> Outline for Map<'_, T> {
    const TYPE: Type = Type::Map(&T::TYPE);
}

impl Outline for SelectedLabels<'_> {
    const TYPE: Type = Type::Either(&LabelSelector::TYPE, &<Map<'_> as Outline>::TYPE);
}

/// What is read of every object, of whatever kind.
pub const METADATA: Type = ObjectMeta::TYPE;

/// A kind: its API group, its name, and the fields of its objects that are read beside
/// [`METADATA`].
#[derive(Debug)]
pub struct Kind {
    /// The API group; empty for the core group.
    pub group: &'static str,
    /// The kind.
    pub kind: &'static str,
    /// What is read of its objects.
    pub view: View,
}

/// Kinds with one view: their groups, their names, and the view.
pub(super) type Viewed = (&'static [&'static str], &'static [&'static str], Type);

/// Every kind that is read further than its metadata.
pub fn kinds() -> Vec<Kind> {
    let kind = |group, kind, fields| Kind { group, kind, view: View { name: kind, fields } };
    let template: fn() -> Vec<Field> = || vec![("spec", PodLikeSpec::TYPE)];
    let mut kinds = vec![
        kind("", "Pod", || vec![("spec", PodSpec::TYPE), ("status", PodStatus::TYPE)]),
        kind("", "PodTemplate", || vec![("template", PodTemplateSpec::TYPE)]),
        kind("", "ReplicationController", template),
        kind("apps", "DaemonSet", template),
        kind("apps", "Deployment", template),
        kind("apps", "ReplicaSet", template),
        kind("apps", "StatefulSet", template),
        kind("batch", "CronJob", || vec![("spec", CronJobSpec::TYPE)]),
        kind("batch", "Job", template),
    ];
    for (groups, names, outline) in super::VIEWED_KINDS {
        let Type::View(view) = outline else { continue };
        let pairs = groups.iter().flat_map(|group| names.iter().map(move |name| (group, name)));
        kinds.extend(pairs.map(|(group, kind)| Kind { group, kind, view: *view }));
    }
    kinds
}
