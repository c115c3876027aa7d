//! JSON Pointers in their written form: `transom::pointer` makes them, and takes them apart.

/// The rest of a pointer below another one; empty where it is the same.
#[must_use]
pub fn below<'p>(pointer: &'p str, top: &str) -> Option<&'p str> {
    pointer.strip_prefix(top).filter(|rest| rest.is_empty() || rest.starts_with('/'))
}
