//! Values, spans, errors and comments.

use serde_json::{Value, json};
use transom_yaml::{Document, Operation, Subject, parse};

fn one(text: &str) -> Document {
    let mut stream = parse(text);
    assert!(stream.errors.is_empty(), "{text}: {:?}", stream.errors);
    assert_eq!(stream.documents.len(), 1, "{text}");
    stream.documents.remove(0)
}

fn error(text: &str) -> String {
    let stream = parse(text);
    assert!(stream.documents.is_empty(), "{:?}", stream.documents);
    stream.errors[0].to_string()
}

#[track_caller]
fn value(text: &str, want: Value) {
    assert_eq!(one(text).value(), &want, "{text}");
}

#[test]
fn values_are_those_of_kubectl() {
    value(
        "a: yes\nb: 'yes'\nc: 0777\nd:\ne: 1.0\nf: 1_000\n",
        json!({"a":true,"b":"yes","c":511,"d":null,"e":1,"f":1000}),
    );
    value("on: 1\n5: 2\n1.5: 3\n", json!({"true":1,"5":2,"1.5":3}));
    value("a: |\n  x\n  y\n\nb: >-\n  x\n  y\n\n", json!({"a":"x\ny\n","b":"x y"}));
    value("a: |\n  x", json!({"a":"x"}));
    value("a: 1\na: 2\n", json!({"a":2}));
    value("{\"a\": [1, {\"b\": null}]}", json!({"a":[1,{"b":null}]}));
    value("a: !!str 5\nb: !!int '5'\nc: !!binary aGk=\nd: !local x\n", json!({"a":"5","b":5,"c":"hi","d":"x"}));
    value("%YAML 1.1\n---\na: 1\n...\n", json!({"a":1}));
    value("\u{feff}a: é\r\nb: 1\t# tab\tcomment\r\n", json!({"a":"é","b":1}));
}

/// As go-yaml v2 does it: in the order of the text, so that a key before `<<` gives way.
#[test]
fn merge_keys_and_aliases() {
    value("x: &a {p: 1, q: 2}\nz: {<<: *a, q: 3}\n", json!({"x":{"p":1,"q":2},"z":{"p":1,"q":3}}));
    value("x: &a {p: 1, q: 2}\nz: {q: 3, <<: *a}\n", json!({"x":{"p":1,"q":2},"z":{"p":1,"q":2}}));
    value(
        "x: &a {p: 1}\nw: &b {p: 2, r: 1}\nz:\n  <<: [*a, *b]\n",
        json!({"x":{"p":1},"w":{"p":2,"r":1},"z":{"p":1,"r":1}}),
    );
    value("z: {\"<<\": {a: 1}}\n", json!({"z":{"<<":{"a":1}}}));
    assert_eq!(error("z: {<<: 5}\n"), "1:9: the merge key `<<` needs a mapping or a list of mappings");
    assert_eq!(error("a: &x {b: *x}\n"), "1:11: the anchor that `*x` stands for contains it");
    assert!(error("a: *nope\n").starts_with("1:4: "));
}

#[test]
fn placeholders_are_errors_with_a_name() {
    for (text, want) in [
        ("a: {{x}}\n", "1:4: `{{x}}` is a placeholder that has to be filled in first"),
        ("a:\n- é{{n}}\n- {{ x.y }}/b:{{z}}\n", "3:3: `{{ x.y }}` is a placeholder that has to be filled in first"),
        ("{{x}}: 1\n", "1:1: `{{x}}` is a placeholder that has to be filled in first"),
        ("a: {{x: 1}: 2}\n", "1:5: a mapping key has to be a scalar"),
    ] {
        assert_eq!(error(text), want);
    }
}

/// As libyaml and go-yaml do it.
#[test]
fn tabs_are_blanks_within_quotes_and_brackets() {
    value("args:\n  - \"a\n\t b\n\n\tc\\\n\td\"\n", json!({"args":["a b\ncd"]}));
    value("k:\n  a: ['x\n\ty']\nz: 1\n", json!({"k":{"a":["x y"]},"z":1}));
    value("k:\n  - {m: é,\n\t\ti: \"x\n\ty\",\n \t# c\n\t}\n", json!({"k":[{"m":"é","i":"x y"}]}));
    let text = "k:\n  - [a,\n\tb, {c: 1}]\nl: '\n\tx'\nm: |\n  \tx\n  y\n";
    value(text, json!({"k":[["a","b",{"c":1}]],"l":" x","m":"\tx\ny\n"}));
    assert_eq!(one(text).value_span("/k/0/1").map(|span| &text[span]), Some("b"));
    assert_eq!(one(text).value_span("/l").map(|span| &text[span]), Some("'\n\tx'"));
    for text in [
        "---\n\ta:\n\t- 1\n",
        "k:\n\ta: 1\n",
        "k:\n  a: [x\n\ty]\n",
        "k:\n  a:\n\t[x]\n",
        "k:\n  a: ['\n\tx']\nl:\n\tm: 1\n",
    ] {
        assert!(error(text).contains("tab"), "{text:?}: {}", error(text));
    }
    assert!(error("a:\n  - b\n  \t- c\n").starts_with("3:3: "), "where the tab is");
    let stream = parse("a:\n\tb: 1\n---\na:\n  b: ['\n\tx']\n");
    assert_eq!((stream.errors.len(), stream.documents[0].value()), (1, &json!({"a":{"b":[" x"]}})));
}

/// Files of Windows that were joined.
#[test]
fn dashes_are_values_between_brackets() {
    value("k: [tee, -]\n", json!({"k":["tee","-"]}));
    value("k: [-,-, -f, a -, 'b -, c', \"d -]\", x: -]\n", json!({"k":["-","-","-f","a -","b -, c","d -]",{"x":"-"}]}));
    value("{a: -, b: [ -], c: 'é -, '} # -, -]\n", json!({"a":"-","b":["-"],"c":"é -, "}));
    value("a: [-]\nb: x -, y\nc: |\n  -, -]\nd: ' -,'\n", json!({"a":["-"],"b":"x -, y","c":"-, -]\n","d":" -,"}));
    let text = "é: [x, -, y]\n";
    let document = one(text);
    assert_eq!(&text[document.locate("/é/1").span], "-");
    assert_eq!(&text[document.locate("/é/2").span], "y");
    // go-yaml does not read the first two either; in the last one nothing is left to stand in for the dash.
    for text in ["k: [- ]\n", "k: [a, -\n]\n", "k: [-, \u{e000}]\n"] {
        assert!(!parse(text).errors.is_empty(), "{text}");
    }
}

#[test]
fn byte_order_marks_behind_markers() {
    let text = "\u{feff}a: 1\r\n--- # two\r\n\u{feff}a: é\r\nb: \"\u{feff}\"\r\n---\r\n\u{feff}# c\r\na: 3\r\n";
    let stream = parse(text);
    assert_eq!(stream.errors, []);
    let values: Vec<_> = stream.documents.iter().map(Document::value).collect();
    assert_eq!(values, [&json!({"a":1}), &json!({"a":"é","b":"\u{feff}"}), &json!({"a":3})]);
    assert_eq!(stream.documents[1].key_span("/a").map(|span| &text[span]), Some("a"));
    assert_eq!(stream.documents[1].value_span("/b").map(|span| &text[span]), Some("\"\u{feff}\""));
    let comments = stream.documents.iter().flat_map(Document::comments);
    assert_eq!(comments.map(|c| (&*c.text, c.own_line)).collect::<Vec<_>>(), [("two", false), ("c", true)]);
    assert!(error("a: 1\n\u{feff}b: 2\n").contains("BOM"));
    // Within a value it stays.
    value("k: 'a\n\u{feff}b'\n", json!({"k": "a \u{feff}b"}));
}

#[test]
fn laughs_are_limited() {
    let mut text = String::from("a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
    for i in 1..12 {
        let refs = vec![format!("*a{}", i - 1); 9].join(", ");
        text.push_str(&format!("a{i}: &a{i} [{refs}]\n"));
    }
    let stream = parse(&format!("{text}---\nfine: 1\n"));
    assert!(stream.errors[0].message.contains("aliases expand"), "{}", stream.errors[0]);
    assert_eq!(stream.documents[0].value(), &json!({"fine":1}));
    // Depth by aliases is depth too.
    let mut text = String::from("a0: &a0 [x]\n");
    for i in 1..40 {
        text.push_str(&format!("a{i}: &a{i} {}*a{}{}\n", "[".repeat(20), i - 1, "]".repeat(20)));
    }
    assert!(error(&text).contains("deep"));
}

#[test]
fn deep_nesting_is_an_error() {
    for text in ["[".repeat(100_000), "- ".repeat(100_000), "{a: ".repeat(100_000), "? ".repeat(100_000)] {
        assert_eq!(parse(&text).errors.len(), 1);
    }
    let deep = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
    assert!(parse(&deep(200)).errors.is_empty());
    assert_eq!(parse(&deep(300)).errors.len(), 1);
}

#[test]
fn a_broken_document_does_not_hide_the_others() {
    let text = "a: 1\n---\nb: [1\n---\nc: 3\n---\n\té: 'x\n---\nd: 4\n";
    let stream = parse(text);
    let read: Vec<_> = stream.documents.iter().map(|d| (d.index(), d.value().clone())).collect();
    assert_eq!(read, [(0, json!({"a":1})), (2, json!({"c":3})), (4, json!({"d":4}))]);
    let errors: Vec<_> = stream.errors.iter().map(|e| (e.document, e.line)).collect();
    assert_eq!(errors, [(1, 3), (3, 8)]);
    for document in &stream.documents {
        let key = document.value().as_object().and_then(|m| m.keys().next()).expect("a key").clone();
        assert_eq!(&text[document.key_span(&format!("/{key}")).expect("a span")], key);
        assert!(text[document.span()].contains(&key));
    }
}

#[test]
fn errors_count_characters() {
    assert_eq!(error("é: ~\n\"é\": {é: é}}\n").split(' ').next(), Some("2:12:"));
    let stream = parse("\u{feff}é: }\n");
    assert_eq!((stream.errors[0].line, stream.errors[0].column, stream.errors[0].offset), (1, 4, 7));
    assert_eq!(error("a: 1\n~: 2\n"), "2:1: null cannot be a mapping key");
    assert_eq!(error("a: .inf\n"), "1:4: `.inf` is not a number that JSON can hold");
    assert_eq!(error("[a]: 1\n"), "1:1: a mapping key has to be a scalar");
}

#[test]
fn spans_are_bytes_of_the_text() {
    let text = "\u{feff}# é\r\nspec: # c\r\n  - &x 'é': !!str 1  # c\r\n    l: |+ # h\r\n      t\r\n\r\n  -\r\n  - {a: , \"b\":[1, 2]}\r\nlast: plain\r\n  more # c\r\nr: *x\r\n";
    let text = &text.replace("&x 'é'", "'é'").replace("!!str 1", "&x !!str 1");
    let document = one(text);
    let at = |pointer: &str| &text[document.value_span(pointer).unwrap_or_else(|| panic!("{pointer}"))];
    assert_eq!(at("/spec/0/é"), "1");
    assert_eq!(at("/spec/0/l"), "|+ # h\r\n      t\r\n");
    assert_eq!(at("/spec/0"), "'é': &x !!str 1  # c\r\n    l: |+ # h\r\n      t\r\n");
    assert_eq!(at("/spec/1"), "");
    assert_eq!(at("/spec/2"), "{a: , \"b\":[1, 2]}");
    assert_eq!(at("/spec/2/a"), "");
    assert_eq!(at("/spec/2/b/1"), "2");
    assert!(at("/spec").starts_with("- 'é'") && at("/spec").ends_with("2]}"));
    assert_eq!(at("/last"), "plain\r\n  more");
    assert_eq!(at("/r"), "1", "where the anchor is");
    assert!(at("").starts_with("spec") && at("").ends_with("*x"));
    assert_eq!(document.value_span("/nope"), None);
    assert_eq!(document.value_span("spec"), None);
    let key = |pointer: &str| document.key_span(pointer).map(|span| &text[span]);
    assert_eq!(key("/spec/0/é"), Some("'é'"));
    assert_eq!(key("/spec/2"), Some("{a: , \"b\":[1, 2]}"));
    assert_eq!(key(""), None);
}

#[test]
fn locations_are_what_a_reader_looks_for() {
    let text =
        "spec:\n  containers:\n  - name: web\n    args: [x]\n    script: |\n      run\n  - - deep\n  empty:\nr: {}\n";
    let document = one(text);
    let at = |pointer: &str| {
        let location = document.locate(pointer);
        (&text[location.span], location.exact)
    };
    assert_eq!(at("/spec/containers/0/name"), ("web", true));
    assert_eq!(at("/spec/containers/0"), ("name", true));
    assert_eq!(at("/spec/containers/1"), ("deep", true));
    assert_eq!(at("/spec/containers"), ("containers", true));
    assert_eq!(at("/spec/containers/0/args"), ("args", true));
    assert_eq!(at("/spec/containers/0/args/0"), ("x", true));
    assert_eq!(at("/spec/containers/0/script"), ("script", true));
    assert_eq!(at("/spec/empty"), ("empty", true));
    assert_eq!(at("/r"), ("r", true));
    assert_eq!(at(""), ("spec", true));
    assert_eq!(at("/spec/securityContext/windowsOptions"), ("spec", false));
    assert_eq!(at("/spec/containers/7/name"), ("containers", false));
    assert_eq!(at("/x"), ("spec", false));
    assert_eq!(at("/spec/containers/0/name/x"), ("web", false));
    assert_eq!(at("/spec/~9"), ("spec", false));
}

#[test]
fn comments_go_to_their_documents() {
    let text = "# head\n---\na: 1 # one\n#two #\n---\n# none\n---\nb: '# no'\n...\n# next\n---\nc: |\n  # text\n";
    let stream = parse(text);
    let comments: Vec<Vec<(&str, bool)>> =
        stream.documents.iter().map(|d| d.comments().iter().map(|c| (c.text.as_str(), c.own_line)).collect()).collect();
    assert_eq!(
        comments,
        [vec![("head", true), ("one", false), ("two #", true)], vec![("none", true)], vec![], vec![("next", true)]]
    );
    assert_eq!(&text[stream.documents[0].comments()[1].span.clone()], "# one");
    let empty: Vec<bool> = stream.documents.iter().map(Document::is_empty).collect();
    assert_eq!(empty, [false, true, false, false]);
    assert!(one("# alone\n").is_empty());
    assert_eq!(one("# alone\n").comments().len(), 1);
    assert!(parse("").documents.is_empty());
    assert!(parse(" \n").documents.is_empty());
    assert!(!one("~").is_empty());
}

#[test]
#[expect(clippy::print_stdout, reason = "says why it is skipped")]
fn every_pointer_of_the_corpus_has_a_span() {
    let corpus = std::path::Path::new("../../../shared/corpus");
    if !corpus.exists() {
        println!("skipped: no corpus at {}", corpus.display());
        return;
    }
    let mut files = 0;
    for folder in ["linux", "windows"] {
        for file in std::fs::read_dir(corpus.join(folder)).expect("a folder") {
            let path = file.expect("a file").path();
            let text = std::fs::read_to_string(&path).expect("text");
            let stream = parse(&text);
            assert!(stream.errors.is_empty(), "{}: {:?}", path.display(), stream.errors);
            for document in &stream.documents {
                let mut todo = vec![(String::new(), document.value())];
                while let Some((pointer, value)) = todo.pop() {
                    let span =
                        document.value_span(&pointer).unwrap_or_else(|| panic!("{pointer} in {}", path.display()));
                    assert!(document.locate(&pointer).exact, "{pointer}");
                    // What stands there, read alone, is the value again.
                    if value.is_object()
                        && pointer.matches('/').count() < 4
                        && !text[span.clone()].contains(['*', '\t'])
                    {
                        let column = text[..span.start].rfind('\n').map_or(0, |at| span.start - at - 1);
                        let alone = format!("{}{}\n", " ".repeat(column), &text[span]);
                        assert_eq!(one(&alone).value(), value, "{pointer} in {}", path.display());
                    }
                    match value {
                        Value::Object(map) => todo.extend(
                            map.iter()
                                .map(|(k, v)| (format!("{pointer}/{}", k.replace('~', "~0").replace('/', "~1")), v)),
                        ),
                        Value::Array(items) => {
                            todo.extend(items.iter().enumerate().map(|(i, v)| (format!("{pointer}/{i}"), v)));
                        }
                        _ => {}
                    }
                }
            }
            files += 1;
        }
    }
    assert!(files > 200, "{files} files");
}

#[test]
fn comments_are_about_what_follows_or_what_begins_on_their_line() {
    let text = "# 0\n---\na: 1 # 1\n# 2\nb/c:\n  # 3\n  - x: 1 # 4\n    w: {p: 1, q: 2} # 5\n  # 6\n# 7\nd: &d\n  z: 1\ne: *d # 8\n# 9\n";
    let document = one(text);
    let subject = |index: usize| document.subject(text, &document.comments()[index]);
    let following = |pointer: &str| Subject { below: Some(pointer.to_owned()), at: Vec::new() };
    let line = |pointers: &[&str]| Subject { at: pointers.iter().map(|p| (*p).to_owned()).collect(), below: None };
    assert_eq!(subject(0), following(""));
    assert_eq!(subject(1), line(&["", "/a"]));
    assert_eq!(subject(2), following("/b~1c"));
    assert_eq!(subject(3), following("/b~1c/0"));
    assert_eq!(subject(4), line(&["/b~1c/0", "/b~1c/0/x"]));
    assert_eq!(subject(5), line(&["/b~1c/0/w", "/b~1c/0/w/p", "/b~1c/0/w/q"]));
    assert_eq!(subject(6), following("/d"));
    assert_eq!(subject(7), following("/d"));
    assert_eq!(subject(8), line(&["/e"]));
    assert_eq!(subject(9), Subject { below: None, at: Vec::new() });
}

/// A mapping in braces that has no key of its own is shown where its first entry begins.
#[test]
fn comments_are_about_what_is_shown_on_their_line() {
    let text = "{\n  # 0\n  a: [{ # 1\n      x: 1, # 2\n      v: 2, # 3\n    }, [\n      # 4\n      z, # 5\n    ]],\n  b: # 6\n    c, # 7\n  d:\n    # 8\n    {e: 1}, # 9\n}\n";
    let document = one(text);
    let owned = |pointers: &[&str]| pointers.iter().map(|p| (*p).to_owned()).collect::<Vec<_>>();
    let line = |pointers: &[&str]| Subject { at: owned(pointers), below: None };
    let open = |pointers: &[&str], below: &str| Subject { at: owned(pointers), below: Some(below.to_owned()) };
    let following = |below: &str, at: &[&str]| Subject { below: Some(below.to_owned()), at: owned(at) };
    let subjects: Vec<_> = document.comments().iter().map(|comment| document.subject(text, comment)).collect();
    let expected = [
        following("/a", &[""]),
        open(&["", "/a", "/a/0"], "/a/0"),
        line(&["/a/0", "/a/0/x"]),
        line(&["/a/0/v"]),
        following("/a/1/0", &["/a/1"]),
        line(&["/a/1", "/a/1/0"]),
        open(&["/b"], "/b"),
        line(&["/b"]),
        following("/d/e", &[]),
        line(&["/d/e"]),
    ];
    assert_eq!(subjects, expected);
    let text = "a: &x # 0\n  b: 1\nc:\n  - # 1\n    d: 1\n  - e: # 2\n      - 1\n  - f: | # 3\n      g\n";
    let document = one(text);
    let subjects: Vec<_> = document.comments().iter().map(|comment| document.subject(text, comment)).collect();
    let expected = [
        open(&["", "/a"], "/a"),
        open(&["/c/0"], "/c/0"),
        open(&["/c/1", "/c/1/e"], "/c/1/e"),
        line(&["/c/2", "/c/2/f"]),
    ];
    assert_eq!(subjects, expected);
    let block = one("-\n  # 0\n  a: 1\n");
    assert_eq!(block.subject("-\n  # 0\n  a: 1\n", &block.comments()[0]), following("/0/a", &["", "/0"]));
}

#[test]
fn a_comment_behind_the_marker_is_about_the_document() {
    let text = "--- # 0\na: 1\n--- # 1\nb: 1\n";
    let whole = Subject { below: Some(String::new()), at: Vec::new() };
    for document in parse(text).documents {
        let about: Vec<_> = document.comments().iter().map(|comment| document.subject(text, comment)).collect();
        assert_eq!(about, std::slice::from_ref(&whole));
    }
}

#[test]
fn a_comment_about_an_entry_that_another_overrides_is_about_nothing() {
    let text = "# 0\na: {x: 1} # 1\n# 2\nb:\n  y: 1 # 3\nb: 2 # 4\na: 3\n";
    let document = one(text);
    let subjects: Vec<_> = document.comments().iter().map(|comment| document.subject(text, comment)).collect();
    let line = |pointers: &[&str]| Subject { at: pointers.iter().map(|p| (*p).to_owned()).collect(), below: None };
    let whole = Subject { below: Some(String::new()), at: Vec::new() };
    assert_eq!(subjects, [whole, line(&[""]), Subject { below: None, at: Vec::new() }, line(&[]), line(&["/b"])]);
}

#[test]
fn quoted_scalars_may_stand_too_far_left() {
    let text = "spec:\n  config: '{\n    \"a\": 1\n}'\n  text: |\n    b: 'x\n    y\n  c: \"d\n\n  e\"\n  f: 1 # f\n";
    let document = one(text);
    let spec = &document.value()["spec"];
    assert_eq!(spec, &json!({"config": "{ \"a\": 1 }", "text": "b: 'x\ny\n", "c": "d\ne", "f": 1}));
    assert_eq!(&text[document.value_span("/spec/config").expect("a span")], "'{\n    \"a\": 1\n}'");
    assert_eq!(&text[document.value_span("/spec/c").expect("a span")], "\"d\n\n  e\"");
    assert_eq!(&text[document.key_span("/spec/f").expect("a span")], "f");
    assert_eq!(&text[document.comments()[0].span.clone()], "# f");

    // Beside a document that does not parse, whatever it looks like.
    let stream = parse("a: 'b\nc'\n---\nd: [\n  e: 'f\ng'\n---\nh: 'i\nj'\n");
    assert_eq!(stream.errors.iter().map(|error| error.document).collect::<Vec<_>>(), [1]);
    let values: Vec<_> = stream.documents.iter().map(|document| document.value().clone()).collect();
    assert_eq!(values, [json!({"a": "b c"}), json!({"h": "i j"})]);
}

#[test]
fn objects_one_behind_the_other() {
    let values = |text: &str| {
        let stream = parse(text);
        let values: Vec<String> = stream.documents.iter().map(|document| document.value().to_string()).collect();
        (values.join(" "), stream.errors.len())
    };
    assert_eq!(
        values("{\"a\": 1}\n{\"a\": \"}{\\\"\"}{\"b\": {}}\n"),
        (r#"{"a":1} {"a":"}{\""} {"b":{}}"#.to_owned(), 0)
    );
    assert_eq!(values("\u{feff}{\"a\": 1} {\"b\": 2}"), (r#"{"a":1} {"b":2}"#.to_owned(), 0));
    // What is broken hides nothing else.
    assert_eq!(values("{\"a\": 1}\n{\"b\": ]}\n{\"c\": 3}\n"), (r#"{"a":1} {"c":3}"#.to_owned(), 1));
    // Nothing of this where there are markers, or anything but objects.
    assert_eq!(values("{a: 1}\n---\n{b: ]}\n"), (r#"{"a":1}"#.to_owned(), 1));
    assert_eq!(values("{a: 1} b\n"), (String::new(), 1));
}

#[test]
fn places_in_objects_one_behind_the_other() {
    let text = "{\"a\": 1}\n{\"b\": {\"c\": 2}} {\"d\": 3}";
    let stream = parse(text);
    let at = |index: usize, pointer: &str| &text[stream.documents[index].value_span(pointer).expect("it is there")];
    assert_eq!([at(0, "/a"), at(1, "/b"), at(1, "/b/c"), at(2, "/d")], ["1", "{\"c\": 2}", "2", "3"]);
    let patch = [Operation::Replace { path: "/b/c".into(), value: 7.into() }];
    let edited = stream.documents[1].patched(text, &patch).expect("an edit");
    assert_eq!(edited, "{\"a\": 1}\n{\"b\": {\"c\": 7}} {\"d\": 3}");
}
