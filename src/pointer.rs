//! JSON Pointers (RFC 6901): where a finding is, and where a patch operation applies.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

/// A JSON Pointer under construction: `Pointer::root().key("spec").index(0)` is `/spec/0`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pointer(String);

impl Pointer {
    /// The whole object.
    pub fn root() -> Self {
        Pointer(String::new())
    }

    /// A pointer that is already in its written form, such as `/spec/template/spec`.
    pub fn raw(pointer: &str) -> Self {
        Pointer(pointer.to_owned())
    }

    /// The field `key` of the object here; `~` and `/` in it are escaped.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        let step = escaped(key);
        let mut pointer = String::with_capacity(self.0.len() + 1 + step.len());
        pointer.push_str(&self.0);
        pointer.push('/');
        pointer.push_str(&step);
        Pointer(pointer)
    }

    /// The element `index` of the array here.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        let mut pointer = self.0.clone();
        let _ = write!(pointer, "/{index}");
        Pointer(pointer)
    }

    /// What `relative`, itself a written pointer (`/a/b` or empty), names below here.
    #[must_use]
    pub fn join(&self, relative: &str) -> Self {
        let mut pointer = self.0.clone();
        pointer.push_str(relative);
        Pointer(pointer)
    }

    /// The object or array that holds this value; the root has none.
    pub fn parent(&self) -> Option<Self> {
        self.0.rfind('/').map(|at| Pointer(self.0[..at].to_owned()))
    }

    /// Whether this is `place` or something in it.
    pub fn is_below(&self, place: &Pointer) -> bool {
        self.0.strip_prefix(&place.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// The written form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The steps from the root, unescaped.
    pub fn segments(&self) -> impl Iterator<Item = String> {
        steps(&self.0).map(unescaped)
    }
}

/// The steps of a written pointer, as they are written.
pub(crate) fn steps(pointer: &str) -> impl Iterator<Item = &str> {
    pointer.split('/').skip(1)
}

/// A step as it is written: `/` is `~1`, `~` is `~0`.
pub(crate) fn escaped(step: &str) -> Cow<'_, str> {
    if !step.bytes().any(|byte| matches!(byte, b'~' | b'/')) {
        return Cow::Borrowed(step);
    }
    let mut text = String::with_capacity(step.len() + 4);
    for c in step.chars() {
        match c {
            '~' => text.push_str("~0"),
            '/' => text.push_str("~1"),
            c => text.push(c),
        }
    }
    Cow::Owned(text)
}

/// A step as it is: `~1` is `/`, `~0` is `~`.
pub(crate) fn unescaped(step: &str) -> String {
    let mut parts = step.split('~');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (mark, rest) = part.split_at_checked(1).unwrap_or(("", part));
        match mark {
            "1" => text.push('/'),
            "0" => text.push('~'),
            other => text.extend(["~", other]),
        }
        text.push_str(rest);
    }
    text
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Pointer> for String {
    fn from(pointer: Pointer) -> Self {
        pointer.0
    }
}

#[cfg(test)]
mod tests {
    use super::Pointer;

    #[test]
    fn escapes_and_splits() {
        let pointer = Pointer::root().key("nodeSelector").key("kubernetes.io/os").index(2);
        assert_eq!(pointer.as_str(), "/nodeSelector/kubernetes.io~1os/2");
        assert_eq!(pointer.segments().collect::<Vec<_>>(), ["nodeSelector", "kubernetes.io/os", "2"]);
        assert_eq!(pointer.parent(), Some(Pointer::raw("/nodeSelector/kubernetes.io~1os")));
        assert_eq!(Pointer::root().parent(), None);
    }
}
