//! What stands at the places that fixes want to change.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::object::read::Key;
use crate::pointer::Pointer;

/// What stands at one place of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Shape {
    #[default]
    Missing,
    Null,
    Scalar,
    /// With so many fields.
    Object(usize),
    /// With so many elements.
    Array(usize),
}

/// The shapes of all places on the way to a set of pointers.
#[derive(Debug, Default)]
pub(crate) struct Shapes {
    root: Place,
}

#[derive(Debug, Default)]
struct Place {
    shape: Shape,
    below: BTreeMap<String, Place>,
}

impl Shapes {
    /// Looks at `paths` of the object at `object_at` in `text`, in one pass.
    pub(crate) fn look_up<'p>(text: &str, object_at: &str, paths: impl Iterator<Item = &'p Pointer>) -> Self {
        let mut root = Place::default();
        for path in paths {
            let mut place = &mut root;
            for step in Pointer::raw(object_at).join(path.as_str()).segments() {
                place = place.below.entry(step).or_default();
            }
        }
        // The text has been read before, so it is JSON; anything deeper than the reader goes is
        // nothing that a fix touches, and stays `Missing`.
        let _ = Look(&mut root).deserialize(&mut serde_json::Deserializer::from_str(text));
        for step in Pointer::raw(object_at).segments() {
            root = root.below.remove(&step).unwrap_or_default();
        }
        Shapes { root }
    }

    pub(crate) fn get(&self, path: &Pointer) -> Shape {
        let mut place = &self.root;
        for step in path.segments() {
            match place.below.get(&step) {
                Some(below) => place = below,
                None => return Shape::Missing,
            }
        }
        place.shape
    }
}

struct Look<'p>(&'p mut Place);

impl<'de> DeserializeSeed<'de> for Look<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl Look<'_> {
    fn scalar<E>(self) -> Result<(), E> {
        self.0.shape = Shape::Scalar;
        Ok(())
    }
}

impl<'de> Visitor<'de> for Look<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        self.0.shape = Shape::Null;
        Ok(())
    }
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        self.scalar()
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        self.scalar()
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        self.scalar()
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        self.scalar()
    }
    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        self.scalar()
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let mut len = 0;
        loop {
            // Elements are looked up by their written position; most arrays have none of interest.
            let wanted = if self.0.below.is_empty() { None } else { self.0.below.get_mut(&len.to_string()) };
            let more = match wanted {
                Some(place) => seq.next_element_seed(Look(place))?.is_some(),
                None => seq.next_element::<IgnoredAny>()?.is_some(),
            };
            if !more {
                self.0.shape = Shape::Array(len);
                return Ok(());
            }
            len += 1;
        }
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut len = 0;
        while let Some(key) = map.next_key_seed(Key)? {
            match self.0.below.get_mut(&*key) {
                Some(place) => map.next_value_seed(Look(place))?,
                None => drop(map.next_value::<IgnoredAny>()?),
            }
            len += 1;
        }
        self.0.shape = Shape::Object(len);
        Ok(())
    }
}
