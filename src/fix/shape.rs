//! What stands at the places that fixes want to change.

use super::Index;
use crate::object::read::{At, Broken, Elements, Fields, Slot, Str, Wrong};
use crate::parse::read_text;
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

/// The shapes of a set of places and of all places on the way to them.
#[derive(Debug, Default)]
pub(crate) struct Shapes {
    places: Index,
    shapes: Vec<Shape>,
}

impl Shapes {
    /// Looks at `paths` of the object at `object_at` in `text`, in one pass.
    pub(crate) fn look_up<'p>(text: &str, object_at: &str, paths: impl Iterator<Item = &'p Pointer>) -> Self {
        let mut shapes = Shapes::default();
        for path in paths {
            let mut above = Some(path.clone());
            while let Some(path) = above {
                above = path.parent();
                let next = shapes.shapes.len();
                if *shapes.places.entry(path).or_insert(next) < next {
                    break;
                }
                shapes.shapes.push(Shape::Missing);
            }
        }
        let mut place = Place { at: Pointer::root(), outside: object_at, shapes: &mut shapes };
        // The text has been read before, so it is JSON; anything deeper than the reader goes is
        // nothing that a fix touches, and stays `Missing`.
        let _ = read_text(text, &mut place, &At::root("", &Wrong::default()));
        shapes
    }

    pub(crate) fn get(&self, path: &Pointer) -> Shape {
        self.places.get(path).map_or(Shape::Missing, |index| self.shapes[*index])
    }
}

/// A place that is looked at.
struct Place<'s> {
    /// Its pointer in the object.
    at: Pointer,
    /// What is still to go from here to the object, before anything is looked at.
    outside: &'s str,
    shapes: &'s mut Shapes,
}

impl Place<'_> {
    fn is(&mut self, shape: Shape) {
        if self.outside.is_empty()
            && let Some(index) = self.shapes.places.get(&self.at)
        {
            self.shapes.shapes[*index] = shape;
        }
    }

    /// The place below, if it is on the way to one that matters.
    fn below(&mut self, name: &str) -> Option<Place<'_>> {
        if !self.outside.is_empty() {
            let outside = self.outside.strip_prefix('/')?.strip_prefix(name)?;
            let is_step = outside.is_empty() || outside.starts_with('/');
            return is_step.then(|| Place { at: Pointer::root(), outside, shapes: self.shapes });
        }
        let at = self.at.key(name);
        if !self.shapes.places.contains_key(&at) {
            return None;
        }
        Some(Place { at, outside: "", shapes: self.shapes })
    }
}

impl<'de> Slot<'de> for Place<'_> {
    fn expected(&self) -> &'static str {
        "value"
    }
    fn null(&mut self) {
        self.is(Shape::Null);
    }
    fn boolean(&mut self, _: bool, _: &At<'_>) {
        self.is(Shape::Scalar);
    }
    fn integer(&mut self, _: i64, _: &At<'_>) {
        self.is(Shape::Scalar);
    }
    fn float(&mut self, _: f64, _: &At<'_>) {
        self.is(Shape::Scalar);
    }
    fn string(&mut self, _: Str<'de>, _: &At<'_>) {
        self.is(Shape::Scalar);
    }
    fn array(&mut self, elements: &mut dyn Elements<'de>, at: &At<'_>) -> Result<(), Broken> {
        let mut len = 0;
        loop {
            let more = match self.below(&len.to_string()) {
                Some(mut place) => elements.read(&mut place, at)?,
                None => elements.skip()?,
            };
            if !more {
                self.is(Shape::Array(len));
                return Ok(());
            }
            len += 1;
        }
    }
    fn object(&mut self, fields: &mut dyn Fields<'de>, at: &At<'_>) -> Result<(), Broken> {
        let mut len = 0;
        while let Some(name) = fields.next()? {
            match self.below(&name) {
                Some(mut place) => fields.read(&mut place, at)?,
                None => fields.skip()?,
            }
            len += 1;
        }
        self.is(Shape::Object(len));
        Ok(())
    }
}
