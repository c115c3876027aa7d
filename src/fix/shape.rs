//! What stands at the places that fixes want to change.

use std::collections::BTreeMap;

use crate::object::read::{At, Broken, Elements, Fields, Slot, Str, Wrong};
use crate::parse::{Spans, read_again};
use crate::pointer::{Pointer, escaped, steps};

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

/// A place in [`Shapes`].
pub(crate) type Place = usize;

/// The shapes of a set of places and of all places on the way to them: a tree, whose root is the
/// object. Places are told apart by their numbers, so that no pointer is made or compared again.
#[derive(Debug)]
pub(crate) struct Shapes<'p> {
    places: Vec<Known<'p>>,
    /// By the place above, and the last step as it stands in the pointer.
    below: BTreeMap<(Place, &'p str), Place>,
}

#[derive(Debug)]
struct Known<'p> {
    pointer: &'p str,
    above: Option<Place>,
    /// Whether any place below matters.
    has_below: bool,
    shape: Shape,
}

impl<'p> Shapes<'p> {
    /// Nothing but the object itself.
    pub(crate) fn new() -> Self {
        let root = Known { pointer: "", above: None, has_below: false, shape: Shape::Missing };
        Shapes { places: vec![root], below: BTreeMap::new() }
    }

    /// The place at `path`, from now on one that matters.
    pub(crate) fn place(&mut self, path: &'p Pointer) -> Place {
        let mut place = ROOT;
        let mut end = 0;
        for step in steps(path.as_str()) {
            end += 1 + step.len();
            let above = place;
            place = *self.below.entry((above, step)).or_insert(self.places.len());
            if place == self.places.len() {
                self.places[above].has_below = true;
                let pointer = &path.as_str()[..end];
                self.places.push(Known { pointer, above: Some(above), has_below: false, shape: Shape::Missing });
            }
        }
        place
    }

    /// Looks what stands at all places of the object at `object_at` in `text`, in one pass.
    pub(crate) fn look_up(&mut self, text: &str, spans: &Spans, object_at: &str) {
        let mut root = Looking { outside: object_at, place: ROOT, shapes: self };
        read_again(text, spans, &mut root, &At::root("", &Wrong::default()));
    }

    /// Forgets what stands at a place and below it: of a field that is there twice the last counts.
    fn forget(&mut self, place: Place) {
        for other in place..self.len() {
            if other == place || self.all_above(other).any(|above| above == place) {
                self.places[other].shape = Shape::Missing;
            }
        }
    }

    /// How many places there are.
    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    pub(crate) fn shape(&self, place: Place) -> Shape {
        self.places[place].shape
    }

    /// The object or array that a place is in; the root is in none.
    pub(crate) fn above(&self, place: Place) -> Option<Place> {
        self.places[place].above
    }

    /// The places that a place is in, from near to far.
    pub(crate) fn all_above(&self, place: Place) -> impl Iterator<Item = Place> {
        std::iter::successors(self.above(place), |place| self.above(*place))
    }

    /// The pointer from the root to a place.
    pub(crate) fn pointer(&self, place: Place) -> &'p str {
        self.places[place].pointer
    }
}

/// The object.
const ROOT: Place = 0;

/// A place that is looked at.
struct Looking<'s, 'p> {
    /// What is still to go from here to the object, before anything is looked at.
    outside: &'s str,
    place: Place,
    shapes: &'s mut Shapes<'p>,
}

impl<'p> Looking<'_, 'p> {
    fn is(&mut self, shape: Shape) {
        if self.outside.is_empty() {
            self.shapes.places[self.place].shape = shape;
        }
    }

    /// The place below, if it is on the way to one that matters.
    fn below(&mut self, step: &str) -> Option<Looking<'_, 'p>> {
        let (place, outside) = if self.outside.is_empty() {
            if !self.shapes.places[self.place].has_below {
                return None;
            }
            (*self.shapes.below.get(&(self.place, step))?, "")
        } else {
            let outside = self.outside.strip_prefix('/')?.strip_prefix(step)?;
            (ROOT, Some(outside).filter(|rest| rest.is_empty() || rest.starts_with('/'))?)
        };
        if self.shapes.shape(place) != Shape::Missing {
            self.shapes.forget(place);
        }
        Some(Looking { outside, place, shapes: self.shapes })
    }
}

impl<'de> Slot<'de> for Looking<'_, '_> {
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
    fn decimal(&mut self, _: Str<'de>, _: &At<'_>) {
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
            match self.below(&escaped(&name)) {
                Some(mut place) => fields.read(&mut place, at)?,
                None => fields.skip()?,
            }
            len += 1;
        }
        self.is(Shape::Object(len));
        Ok(())
    }
}
