//! Two answers that should be the same bytes.

/// Bytes shown on either side of the first difference.
const AROUND: usize = 120;

/// Where two answers part, or `None` where they are the same, byte for byte.
#[must_use]
pub fn difference(native: &str, other: &str) -> Option<String> {
    if native == other {
        return None;
    }
    let at = native.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    let around = |text: &str| {
        let part = text.as_bytes().get(at.saturating_sub(AROUND)..(at + AROUND).min(text.len()));
        String::from_utf8_lossy(part.unwrap_or_default()).into_owned()
    };
    Some(format!("they part at byte {at}\nnative …{}…\nother  …{}…", around(native), around(other)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_is_shown() {
        assert_eq!(difference("same", "same"), None);
        let text = difference(&format!("{}ä1{}", "x".repeat(200), "y".repeat(200)), &format!("{}ä2", "x".repeat(200)));
        let text = text.expect("a difference");
        assert!(text.starts_with("they part at byte 202\n"), "{text}");
        assert!(text.contains("ä1y") && text.contains("ä2…"), "{text}");
        assert!(difference("", "x").is_some());
    }
}
