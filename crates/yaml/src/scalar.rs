//! What a scalar means: kubectl's reading, which is that of `sigs.k8s.io/yaml` over go-yaml v2.
//!
//! go-yaml v2 follows YAML 1.1 where Kubernetes manifests have come to rely on it: `yes`, `on`
//! and `y` are booleans, `0777` is octal, `_` may separate digits. The result is then written as
//! JSON by Go, so a float without a fraction (`1.0`, `1e3`) arrives as an integer, and infinity
//! has no form at all. Dates stay the text they are.

use serde_json::{Number, Value};

/// The tag of a node as far as scalars care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tag {
    None,
    Str,
    Int,
    Float,
    Bool,
    Null,
    Binary,
    Timestamp,
    Merge,
    /// `!`, `!local`, or a `!!` tag that says nothing about scalars: the text as it stands.
    Other,
}

/// A scalar before it becomes JSON. Keys need to know more than JSON can say.
#[derive(Debug, Clone, PartialEq)]
enum Resolved {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Float(f64),
    Timestamp,
    Merge,
    Str,
}

/// The value of a scalar, or why there is none.
pub(crate) fn value(text: &str, plain: bool, tag: Tag) -> Result<Value, String> {
    Ok(match resolved(text, plain, tag)? {
        Resolved::Null => Value::Null,
        Resolved::Bool(b) => Value::Bool(b),
        Resolved::Int(i) => Value::from(i),
        Resolved::Uint(u) => Value::from(u),
        Resolved::Float(f) => {
            number(f).map(Value::Number).ok_or_else(|| format!("`{text}` is not a number that JSON can hold"))?
        }
        Resolved::Str if tag == Tag::Binary => Value::String(binary(text)?),
        Resolved::Str | Resolved::Timestamp | Resolved::Merge => Value::String(text.to_owned()),
    })
}

/// The name a mapping key has in JSON, or why it can have none.
pub(crate) fn key(text: &str, plain: bool, tag: Tag) -> Result<String, String> {
    Ok(match resolved(text, plain, tag)? {
        Resolved::Null => return Err("null cannot be a mapping key".into()),
        Resolved::Bool(b) => b.to_string(),
        Resolved::Int(i) => i.to_string(),
        Resolved::Uint(u) => return Err(format!("the number {u} is too large for a mapping key")),
        Resolved::Float(f) => float_key(f),
        Resolved::Str if tag == Tag::Binary => binary(text)?,
        Resolved::Str | Resolved::Timestamp | Resolved::Merge => text.to_owned(),
    })
}

/// Whether a plain scalar is the merge key.
pub(crate) fn is_merge(text: &str, plain: bool, tag: Tag) -> bool {
    text == "<<" && ((plain && tag == Tag::None) || tag == Tag::Merge)
}

/// Whether kubectl's writer would put quotes around a string because written plain it is, or in
/// other YAML 1.1 readers might be, something else.
pub(crate) fn reads_as_other_type(text: &str) -> bool {
    resolve(text, Tag::None) != Resolved::Str || is_base_60(text)
}

/// A float as Go's JSON writer leaves it: an integer when it has no fraction.
pub(crate) fn number(f: f64) -> Option<Number> {
    if f.fract() == 0.0 && !(f == 0.0 && f.is_sign_negative()) {
        if (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&f) {
            return Some(Number::from(f as i64));
        }
        if (0.0..18_446_744_073_709_551_616.0).contains(&f) {
            return Some(Number::from(f as u64));
        }
    }
    Number::from_f64(f)
}

/// A value with its floats in the form the reader gives them, for comparing.
pub(crate) fn normalize(value: &mut Value) {
    match value {
        Value::Number(n) if n.is_f64() => {
            if let Some(n) = n.as_f64().and_then(number) {
                *value = Value::Number(n);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(normalize),
        Value::Object(map) => map.values_mut().for_each(normalize),
        _ => {}
    }
}

fn resolved(text: &str, plain: bool, tag: Tag) -> Result<Resolved, String> {
    let wanted = match (tag, plain) {
        (Tag::None, true) => return Ok(resolve(text, Tag::None)),
        (Tag::None, false) | (Tag::Str | Tag::Binary | Tag::Other | Tag::Merge, _) => {
            return Ok(Resolved::Str);
        }
        (Tag::Int, _) => "!!int",
        (Tag::Float, _) => "!!float",
        (Tag::Bool, _) => "!!bool",
        (Tag::Null, _) => "!!null",
        (Tag::Timestamp, _) => "!!timestamp",
    };
    match (tag, resolve(text, tag)) {
        (Tag::Int, r @ (Resolved::Int(_) | Resolved::Uint(_))) => Ok(r),
        (Tag::Float, r @ Resolved::Float(_)) => Ok(r),
        (Tag::Float, Resolved::Int(i)) => Ok(Resolved::Float(i as f64)),
        (Tag::Bool, r @ Resolved::Bool(_)) => Ok(r),
        (Tag::Null, r @ Resolved::Null) => Ok(r),
        (Tag::Timestamp, r @ Resolved::Timestamp) => Ok(r),
        _ => Err(format!("cannot read `{text}` as {wanted}")),
    }
}

/// go-yaml v2's `resolve`, for an untagged plain scalar or one with a `!!` tag.
fn resolve(text: &str, tag: Tag) -> Resolved {
    let Some(first) = text.bytes().next() else {
        return Resolved::Null;
    };
    match first {
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' | b'<' => word(text),
        b'.' => match text {
            ".nan" | ".NaN" | ".NAN" => Resolved::Float(f64::NAN),
            ".inf" | ".Inf" | ".INF" => Resolved::Float(f64::INFINITY),
            _ => float(text).map_or(Resolved::Str, Resolved::Float),
        },
        b'+' | b'-' | b'0'..=b'9' => match text {
            "+.inf" | "+.Inf" | "+.INF" => Resolved::Float(f64::INFINITY),
            "-.inf" | "-.Inf" | "-.INF" => Resolved::Float(f64::NEG_INFINITY),
            _ if matches!(tag, Tag::None | Tag::Timestamp) && is_timestamp(text) => Resolved::Timestamp,
            _ => numeric(text),
        },
        _ => Resolved::Str,
    }
}

fn word(text: &str) -> Resolved {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Resolved::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Resolved::Bool(false),
        "~" | "null" | "Null" | "NULL" => Resolved::Null,
        "<<" => Resolved::Merge,
        _ => Resolved::Str,
    }
}

fn numeric(text: &str) -> Resolved {
    let bare: std::borrow::Cow<'_, str> = if text.contains('_') { text.replace('_', "").into() } else { text.into() };
    let (negative, digits) = match bare.as_bytes().first() {
        Some(b'-') => (true, &bare[1..]),
        Some(b'+') => (false, &bare[1..]),
        _ => (false, &*bare),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    // The sign is gone: what `from_str_radix` would still accept as one is no number.
    let magnitude = if digits.starts_with(['+', '-']) { None } else { u64::from_str_radix(digits, radix).ok() };
    match magnitude.map(|magnitude| (magnitude, i64::try_from(magnitude))) {
        Some((magnitude, _)) if negative => {
            if let Ok(i) = i64::try_from(-i128::from(magnitude)) {
                return Resolved::Int(i);
            }
        }
        Some((_, Ok(i))) => return Resolved::Int(i),
        // Go's unsigned parser takes no sign at all.
        Some((magnitude, Err(_))) if !bare.starts_with('+') => return Resolved::Uint(magnitude),
        _ => {}
    }
    float(&bare).map_or(Resolved::Str, Resolved::Float)
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, and finite.
fn float(text: &str) -> Option<f64> {
    let digits = |s: &str| s.bytes().take_while(u8::is_ascii_digit).count();
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let whole = digits(unsigned);
    let mut rest = &unsigned[whole..];
    if let Some(fraction) = rest.strip_prefix('.') {
        let n = digits(fraction);
        if whole == 0 && n == 0 {
            return None;
        }
        rest = &fraction[n..];
    } else if whole == 0 {
        return None;
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if exponent.is_empty() || digits(exponent) != exponent.len() {
            return None;
        }
    } else if !rest.is_empty() {
        return None;
    }
    nearest(text).filter(|f| f.is_finite())
}

/// The nearest number to a decimal one.
#[cfg(not(all(feature = "js", target_arch = "wasm32")))]
fn nearest(decimal: &str) -> Option<f64> {
    decimal.parse().ok()
}

#[cfg(all(feature = "js", target_arch = "wasm32"))]
fn nearest(decimal: &str) -> Option<f64> {
    Some(js_sys::parse_float(decimal))
}

/// Go's `time.Parse` over the four layouts go-yaml knows, as far as their shape goes.
fn is_timestamp(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() < 8 || !bytes[..4].iter().all(u8::is_ascii_digit) || bytes[4] != b'-' {
        return false;
    }
    let mut rest = &text[5..];
    let mut take = |low: u32, high: u32, end: &[u8]| -> Option<u8> {
        let n = rest.bytes().take(2).take_while(u8::is_ascii_digit).count();
        let number: u32 = rest.get(..n)?.parse().ok()?;
        let after = rest.as_bytes().get(n).copied().unwrap_or(0);
        if number < low || number > high || !end.contains(&after) {
            return None;
        }
        rest = rest.get(n + usize::from(after != 0)..)?;
        Some(after)
    };
    if take(1, 12, b"-").is_none() {
        return false;
    }
    let Some(separator) = take(1, 31, b"Tt \0") else { return false };
    if separator == 0 {
        return true;
    }
    if take(0, 23, b":").is_none() || take(0, 59, b":").is_none() {
        return false;
    }
    let Some(mut after) = take(0, 59, b".,Zz+- \0") else { return false };
    if after == b'.' || after == b',' {
        let n = rest.bytes().take_while(u8::is_ascii_digit).count();
        if n == 0 {
            return false;
        }
        after = rest.as_bytes().get(n).copied().unwrap_or(0);
        rest = rest.get(n + 1..).unwrap_or("");
    }
    match (separator, after) {
        (b' ', 0) => true,
        (b'T' | b't', b'Z') => rest.is_empty(),
        (b'T' | b't', b'+' | b'-') => {
            rest.len() == 5
                && rest.bytes().enumerate().all(|(i, b)| if i == 2 { b == b':' } else { b.is_ascii_digit() })
        }
        _ => false,
    }
}

/// `1:20`: a number in base 60 to YAML 1.1, text to go-yaml, which quotes it when it writes.
fn is_base_60(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let mut parts = text.split(':');
    let first = parts.next().unwrap_or("");
    if !first.starts_with(|c: char| c.is_ascii_digit()) || !first.bytes().all(|b| b.is_ascii_digit() || b == b'_') {
        return false;
    }
    let rest: Vec<&str> = parts.collect();
    !rest.is_empty()
        && rest.iter().enumerate().all(|(i, part)| {
            let (digits, fraction) = match part.split_once('.') {
                Some((digits, fraction)) if i + 1 == rest.len() => (digits, fraction),
                Some(_) => return false,
                None => (*part, ""),
            };
            digits.parse::<u8>().is_ok_and(|n| n < 60)
                && digits.len() <= 2
                && fraction.bytes().all(|b| b.is_ascii_digit() || b == b'_')
        })
}

/// Go's `strconv.FormatFloat(f, 'g', -1, 32)`, as `sigs.k8s.io/yaml` writes float keys.
fn float_key(f: f64) -> String {
    let f = f as f32;
    if f.is_nan() {
        return ".nan".into();
    }
    if f.is_infinite() {
        return if f > 0.0 { ".inf".into() } else { "-.inf".into() };
    }
    let mut buffer = zmij::Buffer::new();
    let text = buffer.format_finite(f);
    let (sign, text) = text.strip_prefix('-').map_or(("", text), |text| ("-", text));
    let (mantissa, power) = text.split_once('e').unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    let digits = all.trim_start_matches('0');
    // The power of ten of the first digit.
    let power = power.parse().unwrap_or(0) + whole.len() as i32 - (all.len() - digits.len()) as i32 - 1;
    let digits = digits.trim_end_matches('0');
    let places = power.unsigned_abs() as usize;
    match power {
        _ if digits.is_empty() => format!("{sign}0"),
        0..6 if digits.len() <= places + 1 => format!("{sign}{digits:0<width$}", width = places + 1),
        0..6 => format!("{sign}{}.{}", &digits[..=places], &digits[places + 1..]),
        -4..0 => format!("{sign}0.{:0<width$}{digits}", "", width = places - 1),
        _ => {
            let (first, rest) = digits.split_at(1);
            let point = if rest.is_empty() { "" } else { "." };
            format!("{sign}{first}{point}{rest}e{}{places:02}", if power < 0 { '-' } else { '+' })
        }
    }
}

/// `!!binary`: standard base64, line breaks allowed, bytes that are no UTF-8 replaced one by one.
fn binary(text: &str) -> Result<String, String> {
    let bad = || "!!binary value contains invalid base64 data".to_owned();
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let mut group = [0u8; 4];
    let (mut filled, mut padding, mut done) = (0, 0, false);
    for c in text.bytes().filter(|c| !matches!(c, b'\n' | b'\r')) {
        if done {
            return Err(bad());
        }
        group[filled] = match c {
            b'=' if filled >= 2 => {
                padding += 1;
                0
            }
            _ if padding > 0 => return Err(bad()),
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return Err(bad()),
        };
        filled += 1;
        if filled == 4 {
            let [a, b, c, d] = group;
            let three = [a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d];
            bytes.extend_from_slice(&three[..3 - padding]);
            filled = 0;
            done = padding > 0;
        }
    }
    if filled != 0 {
        return Err(bad());
    }
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        out.extend(chunk.invalid().iter().map(|_| '\u{fffd}'));
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn plain(text: &str) -> Value {
        value(text, true, Tag::None).expect(text)
    }

    /// The digits and the power are as those of Rust's library, but for a last digit that has two right values; the
    /// form is Go's.
    #[test]
    fn float_keys() {
        let some = (0..=u32::MAX).step_by(104_729).map(f32::from_bits).filter(|f| f.is_finite());
        let edges = [0.0, 1.0, 10.0, 0.5, 12.5, 999_999.0, 1e5, 1e6, 1.5e6, 1e-4, 1.5e-4, 1e-5, 1e-7, f32::MAX];
        for f in edges.into_iter().chain(some) {
            let scientific = format!("{f:e}");
            let (mantissa, power) = scientific.split_once('e').expect("a power");
            let power: i32 = power.parse().expect("a power");
            let sign = if power < 0 { '-' } else { '+' };
            let large = format!("{mantissa}e{sign}{:02}", power.abs());
            let want = if (-4..6).contains(&power) { f.to_string() } else { large };
            let key = float_key(f.into());
            assert!(key == want || (key.len() == want.len() && key.parse() == Ok(f)), "{f:e}: {key}, and not {want}");
        }
    }

    /// Each line was read by `sigs.k8s.io/yaml` 1.6 as well, with this result.
    #[test]
    fn plain_scalars_are_what_kubectl_reads() {
        for (text, want) in [
            ("y", json!(true)),
            ("N", json!(false)),
            ("on", json!(true)),
            ("Off", json!(false)),
            ("yEs", json!("yEs")),
            ("~", json!(null)),
            ("", json!(null)),
            ("Null", json!(null)),
            ("nULL", json!("nULL")),
            ("0777", json!(511)),
            ("-0777", json!(-511)),
            ("0o777", json!(511)),
            ("08", json!(8)),
            ("0o9", json!("0o9")),
            ("0x1F", json!(31)),
            ("0x_1F", json!(31)),
            ("0b11", json!(3)),
            ("-0b11", json!(-3)),
            ("0b2", json!("0b2")),
            ("0x", json!("0x")),
            ("0o", json!("0o")),
            ("1_000", json!(1000)),
            ("_1", json!("_1")),
            ("1__0.5_", json!(10.5)),
            ("+5", json!(5)),
            ("+.5", json!(0.5)),
            (".5", json!(0.5)),
            ("5.", json!(5)),
            ("1e3", json!(1000)),
            ("1.0", json!(1)),
            ("1.5", json!(1.5)),
            ("1e22", json!(1e22)),
            ("12345678901234567890", json!(12345678901234567890u64)),
            ("123456789012345678901", json!(123456789012345680000f64)),
            ("1.e5", json!(100000)),
            ("e5", json!("e5")),
            ("1e", json!("1e")),
            ("1:20", json!("1:20")),
            ("1,000", json!("1,000")),
            ("1e400", json!("1e400")),
            ("2020-01-01", json!("2020-01-01")),
            ("=", json!("=")),
            ("00", json!(0)),
            ("0_7", json!(7)),
            ("-0", json!(0)),
            ("-.5", json!(-0.5)),
            ("--1", json!("--1")),
            ("-9223372036854775808", json!(i64::MIN)),
            ("-", json!("-")),
            ("+", json!("+")),
            (".", json!(".")),
        ] {
            assert_eq!(plain(text), want, "{text}");
        }
        assert!(value(".inf", true, Tag::None).is_err());
        assert!(value(".nan", true, Tag::None).is_err());
    }

    #[test]
    fn tags_decide() {
        let read = |text, plain, tag| value(text, plain, tag).ok();
        assert_eq!(read("5", true, Tag::Str), Some(json!("5")));
        assert_eq!(read("0x10", false, Tag::Int), Some(json!(16)));
        assert_eq!(read("yes", false, Tag::Bool), Some(json!(true)));
        assert_eq!(read("5", true, Tag::Float), Some(json!(5)));
        assert_eq!(read("", false, Tag::Null), Some(json!(null)));
        assert_eq!(read("aGk=", true, Tag::Binary), Some(json!("hi")));
        assert_eq!(read("gIA=", true, Tag::Binary), Some(json!("\u{fffd}\u{fffd}")));
        assert_eq!(read("aG", true, Tag::Binary), None);
        assert_eq!(read("5", true, Tag::Other), Some(json!("5")));
        assert_eq!(read("5.0", true, Tag::Int), None);
        assert_eq!(read("abc", true, Tag::Float), None);
        assert_eq!(read("5", false, Tag::None), Some(json!("5")));
    }

    #[test]
    fn keys_become_names() {
        let read = |text| key(text, true, Tag::None).ok();
        assert_eq!(read("y").as_deref(), Some("true"));
        assert_eq!(read("0777").as_deref(), Some("511"));
        assert_eq!(read("1.5").as_deref(), Some("1.5"));
        assert_eq!(read("1e3").as_deref(), Some("1000"));
        assert_eq!(read("1e40").as_deref(), Some(".inf"));
        assert_eq!(read("~"), None);
        assert_eq!(read("12345678901234567890"), None);
        assert_eq!(key("y", false, Tag::None).as_deref(), Ok("y"));
    }

    #[test]
    fn quotes_where_kubectl_quotes() {
        for text in ["yes", "1", "1.5", "null", "~", "", "2020-01-01", "2020-1-1T1:2:3Z", "1:20", "<<", "0o7", ".inf"] {
            assert!(reads_as_other_type(text), "{text}");
        }
        for text in ["windows", "1.2.3", "nginx:1.2", "2020-13-01", "1:99", "10m", "v1", "-x", "10.0.0.1"] {
            assert!(!reads_as_other_type(text), "{text}");
        }
    }
}
