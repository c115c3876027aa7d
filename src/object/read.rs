//! Reading JSON into borrowed views, in one pass, without ever giving up on a wrong type.
//!
//! A derived `Deserialize` stops at the first value whose type is not the expected one. Here every
//! value is read through [`View::read`], which takes whatever comes: what fits is kept, what does
//! not is skipped and noted with its path, and the rest of the object is still read. The path is a
//! linked list on the stack ([`At`]), so that it costs nothing until something is wrong.
//!
//! As in Kubernetes' own reader, `null` is the same as an absent field, unknown fields are skipped,
//! names are case-sensitive, and of two fields with one name the last wins.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::pointer::Pointer;

/// A string of the input: borrowed where the JSON has no escapes.
pub type Str<'a> = Cow<'a, str>;

/// A value whose JSON type is not the one its field has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WrongType {
    pub(crate) path: Pointer,
    pub(crate) expected: &'static str,
    pub(crate) found: &'static str,
}

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
    Root(&'p str),
    Key(&'p str),
    Index(usize),
}

impl<'p> At<'p> {
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

    pub(crate) fn pointer(&self) -> Pointer {
        let parent = self.parent.map(At::pointer).unwrap_or_default();
        match self.step {
            Step::Root(prefix) => Pointer::raw(prefix),
            Step::Key(key) => parent.key(key),
            Step::Index(index) => parent.index(index),
        }
    }

    fn note(&self, expected: &'static str, found: &'static str) {
        let wrong = WrongType { path: self.pointer(), expected, found };
        self.wrong.borrow_mut().push(wrong);
    }
}

/// Something that can be read from any JSON value.
pub trait View<'de>: Sized {
    /// Reads the value. `None`: it was `null`, or of another type, which has been noted.
    fn read<D: Deserializer<'de>>(from: D, at: &At<'_>) -> Result<Option<Self>, D::Error>;
}

/// Hands [`View::read`] to serde.
pub(crate) struct Seed<'p, T>(&'p At<'p>, PhantomData<T>);

impl<'p, T> Seed<'p, T> {
    pub(crate) fn new(at: &'p At<'p>) -> Self {
        Seed(at, PhantomData)
    }
}

impl<'de, T: View<'de>> DeserializeSeed<'de> for Seed<'_, T> {
    type Value = Option<T>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        T::read(from, self.0)
    }
}

/// The name of a field: borrowed where it can be.
pub(crate) struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Str<'de>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Str<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }
            fn visit_borrowed_str<E>(self, v: &'de str) -> Result<Self::Value, E> {
                Ok(Cow::Borrowed(v))
            }
            fn visit_str<E>(self, v: &str) -> Result<Self::Value, E> {
                Ok(Cow::Owned(v.to_owned()))
            }
        }
        from.deserialize_str(KeyVisitor)
    }
}

/// The `visit_*` methods of the JSON types that a view does not take: note them and go on.
macro_rules! refuse {
    ($expected:literal: $($kind:ident),*) => {
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str($expected)
        }
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(None)
        }
        $($crate::object::read::refuse!(@ $kind $expected);)*
    };
    (@ bool $expected:literal) => {
        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok(self.0.refuse($expected, "boolean"))
        }
    };
    (@ number $expected:literal) => {
        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
            Ok(self.0.refuse($expected, "number"))
        }
        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
            Ok(self.0.refuse($expected, "number"))
        }
        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok(self.0.refuse($expected, "number"))
        }
    };
    (@ string $expected:literal) => {
        fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
            Ok(self.0.refuse($expected, "string"))
        }
    };
    (@ array $expected:literal) => {
        fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            while seq.next_element::<serde::de::IgnoredAny>()?.is_some() {}
            Ok(self.0.refuse($expected, "array"))
        }
    };
    (@ object $expected:literal) => {
        fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            while map.next_entry::<serde::de::IgnoredAny, serde::de::IgnoredAny>()?.is_some() {}
            Ok(self.0.refuse($expected, "object"))
        }
    };
}
pub(crate) use refuse;

impl At<'_> {
    pub(crate) fn refuse<T>(&self, expected: &'static str, found: &'static str) -> Option<T> {
        self.note(expected, found);
        None
    }
}

impl<'de> View<'de> for bool {
    fn read<D: Deserializer<'de>>(from: D, at: &At<'_>) -> Result<Option<Self>, D::Error> {
        struct BoolVisitor<'p>(&'p At<'p>);
        impl<'de> Visitor<'de> for BoolVisitor<'_> {
            type Value = Option<bool>;
            fn visit_bool<E>(self, v: bool) -> Result<Self::Value, E> {
                Ok(Some(v))
            }
            refuse!("boolean": number, string, array, object);
        }
        from.deserialize_any(BoolVisitor(at))
    }
}

impl<'de> View<'de> for i64 {
    fn read<D: Deserializer<'de>>(from: D, at: &At<'_>) -> Result<Option<Self>, D::Error> {
        struct IntVisitor<'p>(&'p At<'p>);
        impl<'de> Visitor<'de> for IntVisitor<'_> {
            type Value = Option<i64>;
            fn visit_i64<E>(self, v: i64) -> Result<Self::Value, E> {
                Ok(Some(v))
            }
            fn visit_u64<E>(self, v: u64) -> Result<Self::Value, E> {
                match i64::try_from(v) {
                    Ok(v) => Ok(Some(v)),
                    Err(_) => Ok(self.0.refuse("integer", "number")),
                }
            }
            fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
                Ok(self.0.refuse("integer", "number"))
            }
            refuse!("integer": bool, string, array, object);
        }
        from.deserialize_any(IntVisitor(at))
    }
}

/// A wrong scalar is noted, and its text kept: `windows-build: 20348` still says which build is meant.
impl<'de> View<'de> for Str<'de> {
    fn read<D: Deserializer<'de>>(from: D, at: &At<'_>) -> Result<Option<Self>, D::Error> {
        struct StrVisitor<'p>(&'p At<'p>);
        impl<'de> Visitor<'de> for StrVisitor<'_> {
            type Value = Option<Str<'de>>;
            fn visit_borrowed_str<E>(self, v: &'de str) -> Result<Self::Value, E> {
                Ok(Some(Cow::Borrowed(v)))
            }
            fn visit_str<E>(self, v: &str) -> Result<Self::Value, E> {
                Ok(Some(Cow::Owned(v.to_owned())))
            }
            fn visit_bool<E>(self, v: bool) -> Result<Self::Value, E> {
                self.0.note("string", "boolean");
                Ok(Some(Cow::Borrowed(if v { "true" } else { "false" })))
            }
            fn visit_i64<E>(self, v: i64) -> Result<Self::Value, E> {
                self.0.note("string", "number");
                Ok(Some(Cow::Owned(v.to_string())))
            }
            fn visit_u64<E>(self, v: u64) -> Result<Self::Value, E> {
                self.0.note("string", "number");
                Ok(Some(Cow::Owned(v.to_string())))
            }
            fn visit_f64<E>(self, v: f64) -> Result<Self::Value, E> {
                self.0.note("string", "number");
                Ok(Some(Cow::Owned(serde_json::Number::from_f64(v).map_or_else(String::new, |n| n.to_string()))))
            }
            refuse!("string": array, object);
        }
        from.deserialize_any(StrVisitor(at))
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

impl<'de> View<'de> for Text<'de> {
    fn read<D: Deserializer<'de>>(from: D, at: &At<'_>) -> Result<Option<Self>, D::Error> {
        struct TextVisitor<'p>(&'p At<'p>);
        impl<'de> Visitor<'de> for TextVisitor<'_> {
            type Value = Option<Text<'de>>;
            fn visit_borrowed_str<E>(self, v: &'de str) -> Result<Self::Value, E> {
                Ok(Some(Text(Cow::Borrowed(v))))
            }
            fn visit_str<E>(self, v: &str) -> Result<Self::Value, E> {
                Ok(Some(Text(Cow::Owned(v.to_owned()))))
            }
            fn visit_i64<E>(self, v: i64) -> Result<Self::Value, E> {
                Ok(Some(Text(Cow::Owned(v.to_string()))))
            }
            fn visit_u64<E>(self, v: u64) -> Result<Self::Value, E> {
                Ok(Some(Text(Cow::Owned(v.to_string()))))
            }
            fn visit_f64<E>(self, v: f64) -> Result<Self::Value, E> {
                let text = serde_json::Number::from_f64(v).map(|n| n.to_string());
                Ok(text.map(|t| Text(Cow::Owned(t))))
            }
            refuse!("string or number": bool, array, object);
        }
        from.deserialize_any(TextVisitor(at))
    }
}

/// A value of which only its presence matters: of any type, `null` excepted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Present;

impl<'de> View<'de> for Present {
    fn read<D: Deserializer<'de>>(from: D, _: &At<'_>) -> Result<Option<Self>, D::Error> {
        struct PresentVisitor;
        impl<'de> Visitor<'de> for PresentVisitor {
            type Value = Option<Present>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(None)
            }
            fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
                Ok(Some(Present))
            }
            fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
                Ok(Some(Present))
            }
            fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
                Ok(Some(Present))
            }
            fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
                Ok(Some(Present))
            }
            fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
                Ok(Some(Present))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Some(Present))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Some(Present))
            }
        }
        from.deserialize_any(PresentVisitor)
    }
}

/// An array. An element that is `null` or of a wrong type stands as its default, so that the
/// positions of the others stay true.
impl<'de, T: View<'de> + Default> View<'de> for Vec<T> {
    fn read<D: Deserializer<'de>>(from: D, at: &At<'_>) -> Result<Option<Self>, D::Error> {
        struct SeqVisitor<'p, T>(&'p At<'p>, PhantomData<T>);
        impl<'de, T: View<'de> + Default> Visitor<'de> for SeqVisitor<'_, T> {
            type Value = Option<Vec<T>>;
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element_seed(Seed::<T>::new(&self.0.index(items.len())))? {
                    items.push(item.unwrap_or_default());
                }
                Ok(Some(items))
            }
            refuse!("array": bool, number, string, object);
        }
        from.deserialize_any(SeqVisitor(at, PhantomData))
    }
}

/// A JSON object used as a map, in the order of the input; entries without a usable value are left out.
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
        self.0.iter().rfind(|(k, _)| k == key).map(|(_, v)| v)
    }

    /// All entries in the order of the input.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &T)> + ExactSizeIterator {
        self.0.iter().map(|(k, v)| (&**k, v))
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'de, T: View<'de>> View<'de> for Map<'de, T> {
    fn read<D: Deserializer<'de>>(from: D, at: &At<'_>) -> Result<Option<Self>, D::Error> {
        struct MapVisitor<'p, T>(&'p At<'p>, PhantomData<T>);
        impl<'de, T: View<'de>> Visitor<'de> for MapVisitor<'_, T> {
            type Value = Option<Map<'de, T>>;
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(key) = map.next_key_seed(Key)? {
                    if let Some(value) = map.next_value_seed(Seed::<T>::new(&self.0.key(&key)))? {
                        entries.push((key, value));
                    }
                }
                Ok(Some(Map(entries)))
            }
            refuse!("object": bool, number, string, array);
        }
        from.deserialize_any(MapVisitor(at, PhantomData))
    }
}

impl<'de, T: View<'de>> View<'de> for Box<T> {
    fn read<D: Deserializer<'de>>(from: D, at: &At<'_>) -> Result<Option<Self>, D::Error> {
        Ok(T::read(from, at)?.map(Box::new))
    }
}

/// Defines a struct with one optional field for each JSON field that some rule reads.
///
/// ```ignore
/// view! {
///     /// `PodOS`
///     pub struct PodOs<'a> { name: Str<'a> = "name" }
/// }
/// ```
/// makes `pub name: Option<Str<'a>>`.
macro_rules! view {
    ($($(#[$meta:meta])* $vis:vis struct $name:ident<$lt:lifetime> {
        $($(#[$field_meta:meta])* $field:ident : $type:ty = $json:literal),* $(,)?
    })*) => {$(
        $(#[$meta])*
        #[derive(Debug, Default)]
        $vis struct $name<$lt> {
            $($(#[$field_meta])* #[doc = concat!("`", $json, "`")] pub $field: Option<$type>,)*
            #[doc(hidden)]
            pub lifetime: std::marker::PhantomData<&$lt ()>,
        }

        impl<$lt> $crate::object::read::View<$lt> for $name<$lt> {
            fn read<D: serde::Deserializer<$lt>>(
                from: D,
                at: &$crate::object::read::At<'_>,
            ) -> Result<Option<Self>, D::Error> {
                struct ViewVisitor<'p>(&'p $crate::object::read::At<'p>);
                impl<'de> serde::de::Visitor<'de> for ViewVisitor<'_> {
                    type Value = Option<$name<'de>>;
                    fn visit_map<A: serde::de::MapAccess<'de>>(
                        self,
                        mut map: A,
                    ) -> Result<Self::Value, A::Error> {
                        let mut view = $name::default();
                        while let Some(key) = map.next_key_seed($crate::object::read::Key)? {
                            match &*key {
                                $($json => {
                                    view.$field = map.next_value_seed(
                                        $crate::object::read::Seed::new(&self.0.key($json)),
                                    )?;
                                })*
                                _ => {
                                    map.next_value::<serde::de::IgnoredAny>()?;
                                }
                            }
                        }
                        Ok(Some(view))
                    }
                    $crate::object::read::refuse!("object": bool, number, string, array);
                }
                from.deserialize_any(ViewVisitor(at))
            }
        }
    )*};
}
pub(crate) use view;
