//! Reading JSON into borrowed views, in one pass, without ever giving up on a wrong type.
//!
//! A derived `Deserialize` stops at the first value whose type is not the expected one. Here every
//! value is read into a [`Slot`], which takes whatever comes: what fits is kept, what does not is
//! skipped and noted with its path, and the rest of the object is still read. The path is a linked
//! list on the stack ([`At`]), so that it costs nothing until something is wrong. Slots are trait
//! objects: what reads the text (`crate::parse`) is compiled once, not once for every type.
//!
//! As in Kubernetes' own reader, `null` is the same as an absent field, unknown fields are skipped,
//! names are case-sensitive, and of two fields with one name the last wins.

use std::borrow::Cow;
use std::cell::RefCell;

pub use transom_json::Broken;

#[cfg(feature = "outline")]
use super::outline::{Outline, Type, scalars};
use crate::order;
use crate::pointer::Pointer;
use crate::text;

/// A string of the input: borrowed where the JSON has no escapes.
pub type Str<'a> = Cow<'a, str>;

/// A value whose JSON type is not the one its field has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WrongType {
    pub(crate) path: Pointer,
    pub(crate) expected: &'static str,
    pub(crate) found: &'static str,
    /// It is of what the host has put around the object.
    pub(crate) is_around: bool,
}

/// What is found where a tool has yet to fill in the value.
pub(crate) const PLACEHOLDER: &str = "placeholder";

/// Where a reading pass notes the wrong types it met.
pub(crate) type Wrong = RefCell<Vec<WrongType>>;

/// The place of a value in the input.
#[derive(Clone, Copy)]
pub struct At<'p> {
    parent: Option<&'p At<'p>>,
    step: Step<'p>,
    wrong: &'p Wrong,
}

#[derive(Clone, Copy)]
enum Step<'p> {
    Input,
    Root(&'p str),
    Key(&'p str),
    Index(usize),
}

impl<'p> At<'p> {
    /// The root of an input: an object, or what is around it.
    pub(crate) fn input(wrong: &'p Wrong) -> Self {
        At { parent: None, step: Step::Input, wrong }
    }

    /// The root of a reading pass; `prefix` is the JSON Pointer that the root itself has.
    pub(crate) fn root(prefix: &'p str, wrong: &'p Wrong) -> Self {
        At { parent: None, step: Step::Root(prefix), wrong }
    }

    pub(crate) fn key(&'p self, key: &'p str) -> At<'p> {
        At { parent: Some(self), step: Step::Key(key), wrong: self.wrong }
    }

    pub(crate) fn index(&'p self, index: usize) -> At<'p> {
        At { parent: Some(self), step: Step::Index(index), wrong: self.wrong }
    }

    /// Turns what follows into the root of its own object: paths start anew here.
    pub(crate) fn object_root(&self) -> At<'_> {
        At { parent: None, step: Step::Root(""), wrong: self.wrong }
    }

    /// The same place, where what is wrong is noted elsewhere.
    pub(crate) fn noting<'w>(&'w self, wrong: &'w Wrong) -> At<'w> {
        At { parent: self.parent, step: self.step, wrong }
    }

    /// Takes over what was noted elsewhere.
    pub(crate) fn note_all(&self, wrong: Wrong) {
        self.wrong.borrow_mut().append(&mut wrong.into_inner());
    }

    pub(crate) fn pointer(&self) -> Pointer {
        let parent = self.parent.map(At::pointer).unwrap_or_default();
        match self.step {
            Step::Input => Pointer::root(),
            Step::Root(prefix) => Pointer::raw(prefix),
            Step::Key(key) => parent.key(key),
            Step::Index(index) => parent.index(index),
        }
    }

    /// Whether this is no place in an object.
    fn is_around(&self) -> bool {
        self.parent.map_or(matches!(self.step, Step::Input), At::is_around)
    }

    /// Notes that the value here is not what it should be.
    pub(crate) fn note(&self, expected: &'static str, found: &'static str) {
        let wrong = WrongType { path: self.pointer(), expected, found, is_around: self.is_around() };
        self.wrong.borrow_mut().push(wrong);
    }
}

/// A place that any JSON value can be read into.
pub trait Slot<'de> {
    /// What it takes, as in "expected a boolean".
    fn expected(&self) -> &'static str;

    /// Takes `null`, which is the same as nothing.
    fn null(&mut self) {}

    /// Takes a boolean.
    fn boolean(&mut self, value: bool, at: &At<'_>) {
        let _ = value;
        at.note(self.expected(), "boolean");
    }

    /// Takes a whole number.
    fn integer(&mut self, value: i64, at: &At<'_>) {
        let _ = value;
        at.note(self.expected(), "number");
    }

    /// Takes a number that is not whole, or too large, as it is written.
    fn decimal(&mut self, number: Str<'de>, at: &At<'_>) {
        let _ = number;
        at.note(self.expected(), "number");
    }

    /// Takes a string.
    fn string(&mut self, value: Str<'de>, at: &At<'_>) {
        at.note(self.expected(), if text::is_placeholder(&value) { PLACEHOLDER } else { "string" });
    }

    /// Takes an array.
    fn array(&mut self, elements: &mut dyn Elements<'de>, at: &At<'_>) -> Result<(), Broken> {
        at.note(self.expected(), "array");
        while elements.skip()? {}
        Ok(())
    }

    /// Takes an object.
    fn object(&mut self, fields: &mut dyn Fields<'de>, at: &At<'_>) -> Result<(), Broken> {
        at.note(self.expected(), "object");
        while fields.next()?.is_some() {
            fields.skip()?;
        }
        Ok(())
    }
}

/// The elements of an array, one after the other.
pub trait Elements<'de> {
    /// Reads the next one; false where there is none.
    fn read(&mut self, slot: &mut dyn Slot<'de>, at: &At<'_>) -> Result<bool, Broken>;
    /// Passes over the next one; false where there is none.
    fn skip(&mut self) -> Result<bool, Broken>;
}

/// The fields of an object, one after the other: first the name, then the value.
pub trait Fields<'de> {
    /// The name of the next field.
    fn next(&mut self) -> Result<Option<Str<'de>>, Broken>;
    /// Reads the value of the field just named.
    fn read(&mut self, slot: &mut dyn Slot<'de>, at: &At<'_>) -> Result<(), Broken>;
    /// Passes over it.
    fn skip(&mut self) -> Result<(), Broken>;
}

impl<'de> Slot<'de> for Option<bool> {
    fn expected(&self) -> &'static str {
        "boolean"
    }
    fn boolean(&mut self, value: bool, _: &At<'_>) {
        *self = Some(value);
    }
}

/// What a whole number's slot takes.
pub(crate) const INTEGER: &str = "integer";

impl<'de> Slot<'de> for Option<i64> {
    fn expected(&self) -> &'static str {
        INTEGER
    }
    fn integer(&mut self, value: i64, _: &At<'_>) {
        *self = Some(value);
    }
    fn decimal(&mut self, number: Str<'de>, at: &At<'_>) {
        let is_whole = number.bytes().all(|byte| byte == b'-' || byte.is_ascii_digit());
        at.note(INTEGER, if is_whole { "number too large" } else { "number" });
    }
}

/// A wrong scalar is noted, and its text kept: `windows-build: 20348` still says which build is meant.
impl<'de> Slot<'de> for Option<Str<'de>> {
    fn expected(&self) -> &'static str {
        "string"
    }
    fn string(&mut self, value: Str<'de>, _: &At<'_>) {
        *self = Some(value);
    }
    fn boolean(&mut self, value: bool, at: &At<'_>) {
        at.note("string", "boolean");
        *self = Some(Cow::Borrowed(if value { "true" } else { "false" }));
    }
    fn integer(&mut self, value: i64, at: &At<'_>) {
        at.note("string", "number");
        *self = Some(Cow::Owned(value.to_string()));
    }
    fn decimal(&mut self, number: Str<'de>, at: &At<'_>) {
        at.note("string", "number");
        *self = Some(number);
    }
}

/// A quantity or an int-or-string: a string, or a number, which is kept as its text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text<'a>(pub Str<'a>);

impl std::ops::Deref for Text<'_> {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de> Slot<'de> for Option<Text<'de>> {
    fn expected(&self) -> &'static str {
        "string or number"
    }
    fn string(&mut self, value: Str<'de>, _: &At<'_>) {
        *self = Some(Text(value));
    }
    fn integer(&mut self, value: i64, _: &At<'_>) {
        *self = Some(Text(Cow::Owned(value.to_string())));
    }
    fn decimal(&mut self, number: Str<'de>, _: &At<'_>) {
        *self = Some(Text(number));
    }
}

/// A value of which only its presence matters: of any type, `null` excepted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Present;

impl<'de> Slot<'de> for Option<Present> {
    fn expected(&self) -> &'static str {
        "value"
    }
    fn boolean(&mut self, _: bool, _: &At<'_>) {
        *self = Some(Present);
    }
    fn integer(&mut self, _: i64, _: &At<'_>) {
        *self = Some(Present);
    }
    fn decimal(&mut self, _: Str<'de>, _: &At<'_>) {
        *self = Some(Present);
    }
    fn string(&mut self, _: Str<'de>, _: &At<'_>) {
        *self = Some(Present);
    }
    fn array(&mut self, elements: &mut dyn Elements<'de>, _: &At<'_>) -> Result<(), Broken> {
        *self = Some(Present);
        while elements.skip()? {}
        Ok(())
    }
    fn object(&mut self, fields: &mut dyn Fields<'de>, _: &At<'_>) -> Result<(), Broken> {
        *self = Some(Present);
        while fields.next()?.is_some() {
            fields.skip()?;
        }
        Ok(())
    }
}

/// An object of which only its presence matters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AnyObject;

impl<'de> Slot<'de> for Option<AnyObject> {
    fn expected(&self) -> &'static str {
        "object"
    }
    fn object(&mut self, fields: &mut dyn Fields<'de>, _: &At<'_>) -> Result<(), Broken> {
        *self = Some(AnyObject);
        while fields.next()?.is_some() {
            fields.skip()?;
        }
        Ok(())
    }
}

/// What an array can hold.
pub trait Element<'de> {
    /// Reads the next element into this one; false where there is none.
    fn read_next(&mut self, elements: &mut dyn Elements<'de>, at: &At<'_>) -> Result<bool, Broken>;
}

/// Scalars, for which there are slots of their own.
macro_rules! elements {
    ($($type:ty),*) => {$(
        impl<'de> Element<'de> for $type {
            fn read_next(&mut self, elements: &mut dyn Elements<'de>, at: &At<'_>) -> Result<bool, Broken> {
                let mut value: Option<$type> = None;
                let is_there = elements.read(&mut value, at)?;
                *self = value.unwrap_or_default();
                Ok(is_there)
            }
        }
    )*};
}
pub(super) use elements;

elements!(i64, Str<'de>, Present, AnyObject);

impl<'de, V: View<'de> + Default> Element<'de> for V {
    fn read_next(&mut self, elements: &mut dyn Elements<'de>, at: &At<'_>) -> Result<bool, Broken> {
        elements.read(&mut Viewed(self), at)
    }
}

/// A view that is there already.
struct Viewed<'v, 'de>(&'v mut dyn View<'de>);

impl<'de> Slot<'de> for Viewed<'_, 'de> {
    fn expected(&self) -> &'static str {
        "object"
    }
    fn object(&mut self, fields: &mut dyn Fields<'de>, at: &At<'_>) -> Result<(), Broken> {
        read_view(self.0, fields, at)
    }
}

/// An array. An element that is `null` or of a wrong type stands as its default, so that the
/// positions of the others stay true.
impl<'de, T: Element<'de> + Default> Slot<'de> for Option<Vec<T>> {
    fn expected(&self) -> &'static str {
        "array"
    }
    fn array(&mut self, elements: &mut dyn Elements<'de>, at: &At<'_>) -> Result<(), Broken> {
        read_list(self.insert(Vec::new()), elements, at)
    }
}

/// A vector of whatever elements: adds one at the end, or takes the last away.
trait List<'de> {
    fn add(&mut self) -> &mut dyn Element<'de>;
    fn take_back(&mut self);
}

impl<'de, T: Element<'de> + Default> List<'de> for Vec<T> {
    fn add(&mut self) -> &mut dyn Element<'de> {
        let last = self.len();
        self.push(T::default());
        &mut self[last]
    }
    fn take_back(&mut self) {
        self.pop();
    }
}

fn read_list<'de>(list: &mut dyn List<'de>, elements: &mut dyn Elements<'de>, at: &At<'_>) -> Result<(), Broken> {
    for index in 0.. {
        if !list.add().read_next(elements, &at.index(index))? {
            list.take_back();
            break;
        }
    }
    Ok(())
}

/// A JSON object used as a map, by the order of its keys, which hosts do not keep as they were written; entries without
/// a usable value are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Map<'a, T = Str<'a>>(Vec<(Str<'a>, T)>);

impl<T> Default for Map<'_, T> {
    fn default() -> Self {
        Map(Vec::new())
    }
}

impl<'a, T> Map<'a, T> {
    /// A map without entries.
    pub const fn empty() -> Self {
        Map(Vec::new())
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&T> {
        let behind = self.0.partition_point(|(k, _)| **k <= *key);
        let (k, v) = self.0[..behind].last()?;
        (k == key).then_some(v)
    }

    /// All entries in the order of their keys.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &T)> + ExactSizeIterator {
        self.0.iter().map(|(k, v)| (&**k, v))
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What an entry of a [`Map`] is when it is `null`.
///
/// In a map of strings Kubernetes' own reader makes `null` an empty string, not an absent entry:
/// `nodeSelector: {kubernetes.io/os: }` matches no node.
pub trait MapValue: Sized {
    /// The value, `None` where the entry is left out.
    fn of_null() -> Option<Self> {
        None
    }
}

impl MapValue for Str<'_> {
    fn of_null() -> Option<Self> {
        Some(Cow::Borrowed(""))
    }
}

impl MapValue for Text<'_> {
    fn of_null() -> Option<Self> {
        Some(Text(Cow::Borrowed("0")))
    }
}

impl MapValue for Present {}

impl<'de, T: MapValue> Slot<'de> for Option<Map<'de, T>>
where
    Option<T>: Slot<'de>,
{
    fn expected(&self) -> &'static str {
        "object"
    }
    fn object(&mut self, fields: &mut dyn Fields<'de>, at: &At<'_>) -> Result<(), Broken> {
        let entries = &mut self.insert(Map::default()).0;
        while let Some(key) = fields.next()? {
            let mut value: Option<T> = None;
            let noted = at.wrong.borrow().len();
            fields.read(&mut value, &at.key(&key))?;
            let is_null = value.is_none() && at.wrong.borrow().len() == noted;
            if let Some(value) = if is_null { T::of_null() } else { value } {
                entries.push((key, value));
            }
        }
        order::sort(entries, |(key, _)| key);
        // Of a key that is there twice the last one counts, as in Kubernetes' own reader.
        entries.dedup_by(|later, kept| {
            let is_same = later.0 == kept.0;
            if is_same {
                std::mem::swap(later, kept);
            }
            is_same
        });
        Ok(())
    }
}

#[cfg(feature = "outline")]
scalars!(Str<'_> = Text, Text<'_> = TextOrNumber, Present = Present, AnyObject = Object);

#[cfg(feature = "outline")]
impl<T: Outline> Outline for Map<'_, T> {
    const TYPE: Type = Type::Map(&T::TYPE);
}

/// A struct that is read field by field.
pub trait View<'de> {
    /// Where the value of the field `name` goes, if it is read at all.
    fn slot(&mut self, name: &str) -> Option<&mut dyn Slot<'de>>;
}

impl<'de, V: View<'de> + Default> Slot<'de> for Option<V> {
    fn expected(&self) -> &'static str {
        "object"
    }
    fn object(&mut self, fields: &mut dyn Fields<'de>, at: &At<'_>) -> Result<(), Broken> {
        read_view(self.insert(V::default()), fields, at)
    }
}

/// A view with a place of its own: what most objects do not have takes no room in them.
impl<'de, V: View<'de>> View<'de> for Box<V> {
    fn slot(&mut self, name: &str) -> Option<&mut dyn Slot<'de>> {
        (**self).slot(name)
    }
}

fn read_view<'de>(view: &mut dyn View<'de>, fields: &mut dyn Fields<'de>, at: &At<'_>) -> Result<(), Broken> {
    while let Some(name) = fields.next()? {
        match view.slot(&name) {
            Some(slot) => fields.read(slot, &at.key(&name))?,
            None => fields.skip()?,
        }
    }
    Ok(())
}

/// Defines a struct with one optional field for each JSON field that some rule reads.
///
/// ```ignore
/// view! {
///     /// `PodOS`
///     pub struct PodOs<'a> { name: Str<'a> = "name" }
/// }
/// ```
/// makes `pub name: Option<Str<'a>>`. A last line `..rest: Other<'a>` leaves all other fields to
/// another view.
macro_rules! view {
    ($($(#[$meta:meta])* $vis:vis struct $name:ident<$lt:lifetime> {
        $($(#[$field_meta:meta])* $field:ident : $type:ty = $json:literal),* $(,)?
        $(..$rest:ident : $rest_type:ty)?
    })*) => {$(
        $(#[$meta])*
        #[derive(Debug, Default)]
        $vis struct $name<$lt> {
            $($(#[$field_meta])* #[doc = concat!("`", $json, "`")] pub $field: Option<$type>,)*
            $(#[doc = "What reads the other fields."] pub $rest: $rest_type,)?
            #[doc(hidden)]
            pub lifetime: std::marker::PhantomData<&$lt ()>,
        }

        impl<$lt> $crate::object::read::View<$lt> for $name<$lt> {
            fn slot(&mut self, name: &str) -> Option<&mut dyn $crate::object::read::Slot<$lt>> {
                match name {
                    $($json => Some(&mut self.$field),)*
                    _ => None$(.or($crate::object::read::View::slot(&mut self.$rest, name)))?,
                }
            }
        }

        #[cfg(feature = "outline")]
        impl<$lt> $crate::object::outline::Outline for $name<$lt> {
            const TYPE: $crate::object::outline::Type =
                $crate::object::outline::Type::View($crate::object::outline::View {
                    name: stringify!($name),
                    fields: || [
                        vec![$(($json, <$type as $crate::object::outline::Outline>::TYPE)),*],
                        $(<$rest_type as $crate::object::outline::Outline>::TYPE.fields(),)?
                    ].concat(),
                });
        }
    )*};
}
pub(crate) use view;
