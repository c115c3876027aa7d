//! JSON Pointer (RFC 6901), read and written.

use std::borrow::Cow;

/// The unescaped parts of a pointer; nothing when it neither is empty nor begins with `/`, or
/// has a `~` that is no escape.
pub(crate) fn tokens(pointer: &str) -> Option<Vec<Cow<'_, str>>> {
    if pointer.is_empty() {
        return Some(Vec::new());
    }
    pointer.strip_prefix('/')?.split('/').map(unescape).collect()
}

/// A part as it is written in a pointer.
pub(crate) fn escape(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}

/// The index a part names in a list. RFC 6901 allows no sign and no leading zero.
pub(crate) fn index(token: &str) -> Option<usize> {
    let plain = token == "0" || (!token.starts_with('0') && token.bytes().all(|b| b.is_ascii_digit()));
    if plain { token.parse().ok() } else { None }
}

/// A part as it is meant; nothing where it has a `~` that is no escape.
pub(crate) fn unescape(token: &str) -> Option<Cow<'_, str>> {
    if !token.contains('~') {
        return Some(token.into());
    }
    let mut out = String::with_capacity(token.len());
    let mut chars = token.chars();
    while let Some(c) = chars.next() {
        out.push(match c {
            '~' => match chars.next()? {
                '0' => '~',
                '1' => '/',
                _ => return None,
            },
            c => c,
        });
    }
    Some(out.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_pointers() {
        assert_eq!(tokens(""), Some(vec![]));
        assert_eq!(tokens("/a~1b/~0/"), Some(vec!["a/b".into(), "~".into(), "".into()]));
        assert_eq!(tokens("a"), None);
        assert_eq!(tokens("/~2"), None);
        assert_eq!(index("0"), Some(0));
        assert_eq!(index("12"), Some(12));
        for bad in ["", "00", "01", "-", "+1", "a", "99999999999999999999999"] {
            assert_eq!(index(bad), None, "{bad}");
        }
    }
}
