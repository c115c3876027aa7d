//! Dates, as suppressions end on them and hosts pass them.

/// `YYYY-MM-DD`, a day that the calendar has; dates of this form sort as text.
pub fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let number = |range: std::ops::Range<usize>| text.get(range).and_then(|t| t.parse::<u32>().ok()).unwrap_or(0);
    let is_formed = bytes.len() == 10
        && bytes.iter().enumerate().all(|(at, b)| if at == 4 || at == 7 { *b == b'-' } else { b.is_ascii_digit() });
    let (year, month, day) = (number(0..4), number(5..7), number(8..10));
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    is_formed && (1..=days).contains(&day)
}

/// The day of a date or a date and time; `None` where it is neither.
pub(crate) fn day(now: &str) -> Option<&str> {
    now.get(..10).filter(|day| is_date(day))
}
