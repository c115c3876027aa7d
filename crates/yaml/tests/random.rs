//! Whatever the shape of the text and whatever the patch: the edited text, read again, is what
//! RFC 6902 says, judged by the `json-patch` crate.

use proptest::prelude::*;
use serde_json::{Value, json};
use transom_yaml::{Operation, parse};

/// A YAML node with the manner it is written in.
#[derive(Debug, Clone)]
enum Shape {
    Scalar(&'static str),
    /// A block scalar: header, lines.
    Literal(&'static str, &'static [&'static str]),
    Map {
        style: u8,
        entries: Vec<(&'static str, Shape, Around)>,
    },
    Seq {
        style: u8,
        items: Vec<(Shape, Around)>,
    },
}

/// What stands around an entry or item.
#[derive(Debug, Clone, Copy)]
struct Around {
    comment_above: bool,
    comment_beside: bool,
    comment_after_colon: bool,
    blank_above: bool,
}

const SCALARS: &[&str] = &[
    "",
    "~",
    "null",
    "1",
    "0777",
    "1.5",
    "true",
    "yes",
    "plain",
    "two words",
    "'single'",
    "\"double\"",
    "'it''s'",
    "\"esc\\n\\u00e9\"",
    "nginx:1.2",
    "\"- x\"",
    "{}",
    "[]",
    "-x",
    "é ü",
    "!!str 5",
    "\"a #b\"",
    "a#b",
    "http://x/y?z",
];
const KEYS: &[&str] = &["a", "b", "c", "name", "'quoted'", "\"dq\"", "kubernetes.io/os", "é", "1", "on", "x y"];
const LITERALS: &[(&str, &[&str])] = &[
    ("|", &["one", "two"]),
    ("|-", &["one", "", "  two"]),
    ("|+", &["one", "", ""]),
    (">", &["folded", "text"]),
    (">-", &["x: y", "# no comment"]),
    ("|2", &["  deep"]),
    ("| # note", &["commented"]),
];

fn around() -> impl Strategy<Value = Around> {
    (0u8..64).prop_map(|bits| Around {
        comment_above: bits & 7 == 1,
        comment_beside: bits & 7 == 2 || bits & 31 == 1,
        comment_after_colon: bits & 7 == 3,
        blank_above: bits & 7 == 4,
    })
}

fn shape() -> impl Strategy<Value = Shape> {
    let leaf = prop_oneof![
        6 => prop::sample::select(SCALARS).prop_map(Shape::Scalar),
        1 => prop::sample::select(LITERALS).prop_map(|(header, lines)| Shape::Literal(header, lines)),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let entry = (prop::sample::select(KEYS), inner.clone(), around());
        prop_oneof![
            (0u8..8, prop::collection::vec(entry, 0..4)).prop_map(|(style, mut entries)| {
                let mut seen = std::collections::BTreeSet::new();
                entries.retain(|(key, _, _)| seen.insert(*key));
                Shape::Map { style, entries }
            }),
            (0u8..8, prop::collection::vec((inner, around()), 0..4))
                .prop_map(|(style, items)| Shape::Seq { style, items }),
        ]
    })
}

/// Writes a node in block context, after an indicator and before a line end.
fn write(shape: &Shape, indent: usize, after_dash: bool, at_root: bool, around: Around, out: &mut String) {
    let pad = " ".repeat(indent);
    let beside = if around.comment_beside { "  # beside" } else { "" };
    let head = if around.comment_after_colon { " # after" } else { "" };
    match shape {
        Shape::Scalar(text) => {
            let space = if text.is_empty() || at_root { "" } else { " " };
            out.push_str(&format!("{space}{text}{beside}\n"));
        }
        Shape::Literal(header, lines) => {
            out.push_str(&format!("{}{header}\n", if at_root { "" } else { " " }));
            let inner = " ".repeat(indent.max(1));
            for line in *lines {
                let line = if line.is_empty() { String::new() } else { format!("{inner}{line}") };
                out.push_str(&format!("{line}\n"));
            }
        }
        Shape::Map { style, entries } if *style < 5 && !entries.is_empty() => {
            let compact = after_dash && head.is_empty() && !entries[0].2.comment_above;
            if !at_root && !compact {
                out.push_str(&format!("{head}\n"));
            }
            for (i, (key, value, around)) in entries.iter().enumerate() {
                if i > 0 || !compact {
                    decorate(*around, &pad, out);
                    out.push_str(&pad);
                } else {
                    out.push(' ');
                }
                out.push_str(&format!("{key}:"));
                let flush = matches!(value, Shape::Seq { style, .. } if style % 2 == 0);
                write(
                    value,
                    indent + if flush { 0 } else { 2 + usize::from(*style == 4) * 2 },
                    false,
                    false,
                    *around,
                    out,
                );
            }
        }
        Shape::Seq { style, items } if *style < 5 && !items.is_empty() => {
            let compact = after_dash && head.is_empty() && !items[0].1.comment_above;
            if !at_root && !compact {
                out.push_str(&format!("{head}\n"));
            }
            for (i, (item, around)) in items.iter().enumerate() {
                if i > 0 || !compact {
                    decorate(*around, &pad, out);
                    out.push_str(&pad);
                } else {
                    out.push(' ');
                }
                out.push('-');
                write(item, indent + 2, true, false, *around, out);
            }
        }
        _ => {
            let mut text = String::new();
            flow(shape, indent, &mut text);
            out.push_str(&format!("{}{text}{beside}\n", if at_root { "" } else { " " }));
        }
    }
}

fn decorate(around: Around, pad: &str, out: &mut String) {
    if around.blank_above {
        out.push('\n');
    }
    if around.comment_above {
        out.push_str(&format!("{pad}# above\n"));
    }
}

fn flow(shape: &Shape, indent: usize, out: &mut String) {
    let parts: Vec<(String, Around)> = match shape {
        Shape::Scalar(text) => {
            let text = if text.contains('?') { "url" } else { text };
            out.push_str(if text.is_empty() { "~" } else { text });
            return;
        }
        Shape::Literal(..) => {
            out.push_str("\"l\\n\"");
            return;
        }
        Shape::Map { entries, .. } => entries
            .iter()
            .map(|(key, value, around)| {
                let mut text = format!("{key}:");
                if !matches!(value, Shape::Scalar("")) {
                    text.push(' ');
                    flow(value, indent + 2, &mut text);
                }
                (text, *around)
            })
            .collect(),
        Shape::Seq { items, .. } => items
            .iter()
            .map(|(item, around)| {
                let mut text = String::new();
                flow(item, indent + 2, &mut text);
                (text, *around)
            })
            .collect(),
    };
    let (style, open, close) = match shape {
        Shape::Map { style, .. } => (*style, '{', '}'),
        Shape::Seq { style, .. } => (*style, '[', ']'),
        _ => return,
    };
    out.push(open);
    let count = parts.len();
    let lines = style % 4 == 3 || style == 2;
    let trailing_comma = style % 2 == 1;
    for (i, (part, around)) in parts.into_iter().enumerate() {
        if lines {
            out.push('\n');
            decorate(around, &" ".repeat(indent + 2), out);
            out.push_str(&" ".repeat(indent + 2));
        } else if i > 0 {
            out.push(' ');
        }
        out.push_str(&part);
        if i + 1 < count || trailing_comma {
            out.push(',');
        }
        if lines && around.comment_beside {
            out.push_str(" # beside");
        }
        if lines && i + 1 == count {
            out.push('\n');
            out.push_str(&" ".repeat(indent));
        }
    }
    out.push(close);
}

fn text() -> impl Strategy<Value = String> {
    (shape(), around(), 0u8..32).prop_map(|(shape, around, bits)| {
        let mut body = String::new();
        write(&shape, 0, false, true, around, &mut body);
        let mut text = String::new();
        if bits & 3 == 1 {
            text.push_str("# header\n---\n");
        }
        text.push_str(&body);
        if bits & 12 == 4 {
            text.push_str("# trailer\n");
        }
        if bits & 12 == 8 {
            text.push_str("---\nother: 1\n");
        }
        if bits & 12 == 12 {
            text.truncate(text.trim_end_matches('\n').len());
        }
        if bits & 16 == 16 {
            text = text.replace('\n', "\r\n");
        }
        if bits == 31 {
            text.insert(0, '\u{feff}');
        }
        text
    })
}

fn new_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        Just(json!(true)),
        Just(json!(7)),
        Just(json!(2.5)),
        Just(json!(2.0)),
        prop::sample::select(
            &[
                "",
                "text",
                "yes",
                "0777",
                "a: b",
                "# c",
                "two\nlines\n",
                "x\ny",
                " lead",
                "é",
                "-",
                "- a",
                "[x",
                "{",
                "a,b",
                "it's",
                "t\tb",
                "\n",
                "a\n\n",
                "~",
                "<<",
                "*a",
                "&a",
                "!t",
                "%",
                "@",
                "x ",
                "a #b",
                "1:20",
                "2020-01-01"
            ][..]
        )
        .prop_map(|s| json!(s)),
    ];
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            prop::collection::btree_map(prop::sample::select(&["a", "b", "n", "on", "k/z", "x: y"][..]), inner, 0..3)
                .prop_map(|map| Value::Object(map.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())),
        ]
    })
}

/// One operation, before it is known what there is to operate on.
#[derive(Debug, Clone)]
struct Draft {
    kind: u8,
    steps: Vec<u8>,
    name: &'static str,
    value: Value,
}

fn draft() -> impl Strategy<Value = Draft> {
    let name = prop::sample::select(&["a", "b", "new", "on", "k/z", "x: y", "~t", "-", "0", "1"][..]);
    (0u8..16, prop::collection::vec(any::<u8>(), 1..5), name, new_value())
        .prop_map(|(kind, steps, name, value)| Draft { kind, steps, name, value })
}

/// Makes an operation of a draft that mostly applies to a value, or the two by which an entry gets another name.
fn operations(draft: &Draft, value: &Value) -> Vec<Operation> {
    let escape = |s: &str| s.replace('~', "~0").replace('/', "~1");
    let mut path = String::new();
    let mut at = value;
    let mut mapping = None;
    for step in &draft.steps {
        let (token, next) = match at {
            Value::Object(map) if !map.is_empty() => match map.iter().nth(*step as usize % map.len()) {
                Some((key, child)) => (escape(key), child),
                None => break,
            },
            Value::Array(items) if !items.is_empty() => {
                let i = *step as usize % items.len();
                (i.to_string(), &items[i])
            }
            _ => break,
        };
        mapping = at.is_object().then(|| path.clone());
        path.push('/');
        path.push_str(&token);
        at = next;
    }
    let value = draft.value.clone();
    let operation = match draft.kind {
        4 if mapping.is_some() => {
            let added = format!("{}/{}", mapping.unwrap_or_default(), escape(draft.name));
            return vec![Operation::Remove { path }, Operation::Add { path: added, value: at.clone() }];
        }
        0..5 => Operation::Remove { path },
        5..8 => Operation::Replace { path, value },
        8 => Operation::Test { path, value: at.clone() },
        9 => Operation::Add { path, value },
        _ => {
            let token = match at {
                Value::Array(items) if draft.kind & 1 == 0 => (draft.steps[0] as usize % (items.len() + 1)).to_string(),
                Value::Array(_) => "-".into(),
                _ => escape(draft.name),
            };
            Operation::Add { path: format!("{path}/{token}"), value }
        }
    };
    vec![operation]
}

/// Floats without a fraction are read as integers.
fn normal(value: Value) -> Value {
    match value {
        Value::Number(n) if n.is_f64() => match n.as_f64() {
            Some(f) if f.fract() == 0.0 => json!(f as i64),
            _ => Value::Number(n),
        },
        Value::Array(items) => items.into_iter().map(normal).collect(),
        Value::Object(map) => map.into_iter().map(|(k, v)| (k, normal(v))).collect(),
        other => other,
    }
}

fn check(text: &str, drafts: &[Draft]) -> Result<(), TestCaseError> {
    let stream = parse(text);
    prop_assert!(stream.errors.is_empty(), "{text}\n{:?}", stream.errors);
    let Some(document) = stream.documents.first() else { return Ok(()) };
    let mut wanted = document.value().clone();
    let mut patch = Vec::new();
    let mut applies = true;
    'drafts: for draft in drafts {
        for operation in operations(draft, &wanted) {
            let judged: json_patch::Patch = serde_json::from_value(json!([operation])).expect("RFC 6902");
            let whole = matches!(&operation, Operation::Remove { path } if path.is_empty());
            patch.push(operation);
            applies = !whole && json_patch::patch(&mut wanted, &judged).is_ok();
            if !applies {
                break 'drafts;
            }
        }
    }
    let shown = || format!("--- text\n{text}--- patch {}\n", json!(patch));
    match document.patched(text, &patch) {
        Ok(edited) => {
            prop_assert!(applies, "should have failed\n{}--- edited\n{edited}", shown());
            let again = parse(&edited);
            prop_assert!(again.errors.is_empty(), "{}--- edited\n{edited}{:?}", shown(), again.errors);
            prop_assert_eq!(again.documents.len(), stream.documents.len(), "{}--- edited\n{}", shown(), edited);
            prop_assert_eq!(again.documents[0].value(), &normal(wanted), "{}--- edited\n{}", shown(), edited);
            for (after, before) in again.documents.iter().zip(&stream.documents).skip(1) {
                prop_assert_eq!(after.value(), before.value());
            }
        }
        // Odd keys and kept line ends with comments around them.
        Err(error) if error.reason.contains("comments") => {
            prop_assert!(text.contains(['?', '|', '>']), "{error}\n{}", shown())
        }
        Err(error) => prop_assert!(!applies, "{error}\n{}", shown()),
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_operation(text in text(), draft in draft()) {
        check(&text, &[draft])?;
    }

    #[test]
    fn many_operations(text in text(), drafts in prop::collection::vec(draft(), 1..7)) {
        check(&text, &drafts)?;
    }

    #[test]
    fn written_values_are_read_back(value in new_value(), indent in 1usize..5, indent_sequences: bool) {
        let style = transom_yaml::YamlStyle { indent, indent_sequences };
        let text = transom_yaml::to_yaml(&value, &style);
        let stream = parse(&text);
        prop_assert!(stream.errors.is_empty(), "{text}{:?}", stream.errors);
        prop_assert_eq!(stream.documents[0].value(), &normal(value), "{}", text);
    }

    /// Any text at all: no panic, spans within the text and on characters, and no wrong edit.
    #[test]
    fn any_text_is_survived(
        parts in prop::collection::vec(prop::sample::select(FRAGMENTS), 0..24),
        drafts in prop::collection::vec(draft(), 1..3),
    ) {
        survive(&parts.concat(), &drafts)?;
    }

    /// The same with anchors, aliases and merge keys where they mean something.
    #[test]
    fn shared_nodes_are_survived(
        parts in prop::collection::vec(prop::sample::select(SHARING), 1..8),
        drafts in prop::collection::vec(draft(), 1..4),
    ) {
        survive(&parts.concat(), &drafts)?;
    }
}

const FRAGMENTS: &[&str] = &[
    "a",
    ":",
    ": ",
    "- ",
    "\n",
    "  ",
    "#",
    " #c\n",
    "{",
    "}",
    "[",
    "]",
    ",",
    "&x ",
    "*x",
    "!!str ",
    "|\n",
    ">",
    "'",
    "\"",
    "---\n",
    "...\n",
    "?",
    "? ",
    "%YAML 1.1\n",
    "\t",
    "é",
    "<<: ",
    "\r\n",
    "\u{feff}",
    "\\",
    "1",
    "\na: ",
    "\n- ",
    "\n  - ",
];

const SHARING: &[&str] = &[
    "a: &x\n  k: 1\n  l: [1, 2]\n",
    "b: *x\n",
    "c:\n  <<: *x\n  m: 1\n",
    "d: &x {k: 2}\n",
    "e: [*x, &y 3, *x]\n",
    "name: *y\n",
    "f: &y\n- *x\n- 1\n",
    "g: {<<: [*x, {n: 1}], k: 3}\n",
    "h:\n  k: 1\n  <<: *x\n",
    "i: &z\n",
    "j: *z\n",
];

fn survive(text: &str, drafts: &[Draft]) -> Result<(), TestCaseError> {
    let stream = parse(text);
    for error in &stream.errors {
        prop_assert!(error.offset <= text.len());
    }
    for document in &stream.documents {
        prop_assert!(text.get(document.span()).is_some());
        let mut paths = vec![String::new()];
        while let Some(path) = paths.pop() {
            prop_assert!(text.get(document.locate(&path).span).is_some());
            if let Some(span) = document.value_span(&path) {
                prop_assert!(text.get(span).is_some());
            }
            match document.value().pointer(&path) {
                Some(Value::Object(map)) => {
                    paths.extend(map.keys().map(|k| format!("{path}/{}", k.replace('~', "~0").replace('/', "~1"))));
                }
                Some(Value::Array(items)) => paths.extend((0..items.len()).map(|i| format!("{path}/{i}"))),
                _ => {}
            }
        }
        let patch: Vec<Operation> = drafts.iter().flat_map(|draft| operations(draft, document.value())).collect();
        let Ok(edited) = document.patched(text, &patch) else { continue };
        let again = parse(&edited);
        let place = stream.documents.iter().position(|d| d.index() == document.index()).unwrap_or(0);
        let mut wanted = document.value().clone();
        let judged: json_patch::Patch = serde_json::from_value(normal(json!(patch))).expect("RFC 6902");
        prop_assert!(json_patch::patch(&mut wanted, &judged).is_ok());
        if stream.errors.is_empty() {
            prop_assert_eq!(again.documents[place].value(), &normal(wanted), "{}\n{:?}\n{}", text, patch, edited);
        }
    }
    Ok(())
}

fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(600)
}
