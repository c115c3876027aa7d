//! What the views read, as data: so that a test can hold every field against Kubernetes' own types.

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
    /// An object: only its presence matters.
    Object,
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

/// Kinds with one view: their groups, their names, and the view.
pub(super) type Viewed = (&'static [&'static str], &'static [&'static str], Type);

/// What is read as a [`Type`].
pub trait Outline {
    /// The type.
    const TYPE: Type;
}

macro_rules! scalars {
    ($($type:ty = $outline:ident),*) => {$(
        impl $crate::object::outline::Outline for $type {
            const TYPE: $crate::object::outline::Type = $crate::object::outline::Type::$outline;
        }
    )*};
}
pub(crate) use scalars;

scalars!(bool = Boolean, i64 = Integer);

impl<T: Outline> Outline for Vec<T> {
    const TYPE: Type = Type::Array(&T::TYPE);
}

impl<T: Outline> Outline for Box<T> {
    const TYPE: Type = T::TYPE;
}
