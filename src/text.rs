//! What the standard library also does, but with a search, a join and tables for every case there
//! is: some ten kilobytes of WebAssembly for the few short texts that are looked at here.

/// Whether `word` stands somewhere in `text`.
pub(crate) fn contains(text: &str, word: &str) -> bool {
    find(text, word).is_some()
}

/// Where `word` stands in `text` for the first time.
pub(crate) fn find(text: &str, word: &str) -> Option<usize> {
    text.as_bytes().windows(word.len().max(1)).position(|part| part == word.as_bytes())
}

/// The texts, with `between` between them.
pub(crate) fn join<T: AsRef<str>>(texts: impl IntoIterator<Item = T>, between: &str) -> String {
    let mut joined = String::new();
    for (index, text) in texts.into_iter().enumerate() {
        if index > 0 {
            joined.push_str(between);
        }
        joined.push_str(text.as_ref());
    }
    joined
}

/// Whether a text is to be filled in by a tool before Kubernetes sees it: `${OS}` and `$OS` by envsubst, Flux or
/// clusterctl, `$(OS)` by kustomize, `{{ os }}` by Jinja.
pub(crate) fn is_placeholder(text: &str) -> bool {
    let is_between = |begin: &str, end: char| {
        let inner = text.strip_prefix(begin).and_then(|rest| rest.strip_suffix(end));
        inner.is_some_and(|inner| !inner.is_empty() && !inner.contains([end, '$']))
    };
    let is_name = |name: &str| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    };
    is_between("${", '}')
        || is_between("$(", ')')
        || text.strip_prefix('$').is_some_and(is_name)
        || (text.starts_with("{{") && text.ends_with("}}"))
}

/// Whether a text is one that Go's `strconv.ParseBool` takes for true.
pub(crate) fn is_true(text: &str) -> bool {
    matches!(text, "1" | "t" | "T" | "true" | "True" | "TRUE")
}

/// The bytes in base64 (RFC 4648, with padding).
pub(crate) fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let bits = (0..3).fold(0, |bits, index| bits << 8 | u32::from(three.get(index).copied().unwrap_or_default()));
        for digit in 0..4 {
            let value = bits >> (18 - 6 * digit) & 63;
            text.push(if digit <= three.len() { char::from(DIGITS[value as usize]) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{base64, contains, is_placeholder, join};

    #[test]
    fn placeholders() {
        for text in ["${OS}", "${REPLICAS:-1}", "$PORT", "$(VAR)", "{{ os }}", "{{ .Values.os }}"] {
            assert!(is_placeholder(text), "{text}");
        }
        for text in ["", "$", "${}", "$()", "${A}-${B}", "$(A)$(B)", "a${OS}", "$os", "{{", "{ os }", "windows", "$1a"]
        {
            assert!(!is_placeholder(text), "{text}");
        }
    }

    #[test]
    fn base64_as_in_the_rfc() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
            ("\u{7ff}~?", "379+Pw=="),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn finds_and_joins() {
        assert!(contains("a-bc", "bc") && contains("bc", "bc") && !contains("b", "bc") && !contains("", "b"));
        assert_eq!(join(["a", "b", "c"], ", "), "a, b, c");
    }
}
