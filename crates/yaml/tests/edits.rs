//! What edits look like, case by case.

use transom_yaml::{Operation, parse};

/// Applies a patch (JSON) to the first document of a text, and shows the whole text.
fn edited(text: &str, patch: &str) -> String {
    let patch: Vec<Operation> = serde_json::from_str(patch).expect("a patch");
    let stream = parse(text);
    assert!(stream.errors.is_empty(), "{:?}", stream.errors);
    stream.documents[0].patched(text, &patch).expect("an edit")
}

#[track_caller]
fn check(text: &str, patch: &str, want: &str) {
    let got = edited(text, patch);
    assert!(got == want, "\n--- got\n{got}\n--- want\n{want}");
}

fn error(text: &str, patch: &str) -> String {
    let patch: Vec<Operation> = serde_json::from_str(patch).expect("a patch");
    parse(text).documents[0].edits(text, &patch).expect_err("no edit").to_string()
}

const POD: &str = "\
# A pod.
apiVersion: v1
kind: Pod
spec:
  # Both are needed.
  hostNetwork: true  # for the agent
  containers:
  - name: web        # the front
    image: 'nginx:1.2'
    args: [\"-c\", a]
  # The side car.
  - name: log
    image: fluent

  # Last words.
";

#[test]
fn a_new_entry_comes_last_in_its_mapping() {
    let got = edited(POD, r#"[{"op":"add","path":"/spec/nodeSelector","value":{"kubernetes.io/os":"windows"}}]"#);
    assert_eq!(got, POD.replace("fluent\n", "fluent\n  nodeSelector:\n    kubernetes.io/os: windows\n"));
    let got = edited(POD, r#"[{"op":"add","path":"/spec/containers/0/tty","value":"on"}]"#);
    assert_eq!(got, POD.replace("a]\n", "a]\n    tty: \"on\"\n"));
}

#[test]
fn operations_build_on_one_another() {
    let got = edited(
        POD,
        r#"[{"op":"add","path":"/spec/nodeSelector","value":{}},
            {"op":"add","path":"/spec/nodeSelector/kubernetes.io~1os","value":"windows"},
            {"op":"test","path":"/spec/nodeSelector","value":{"kubernetes.io/os":"windows"}},
            {"op":"remove","path":"/spec/containers/0"},
            {"op":"replace","path":"/spec/containers/0/name","value":"yes"}]"#,
    );
    let want = POD
        .replace("  - name: web        # the front\n    image: 'nginx:1.2'\n    args: [\"-c\", a]\n", "")
        .replace("name: log", "name: \"yes\"")
        .replace("fluent\n", "fluent\n  nodeSelector:\n    kubernetes.io/os: windows\n");
    assert_eq!(got, want);
}

#[test]
fn removing_takes_the_line_and_its_comment() {
    let got = edited(POD, r#"[{"op":"remove","path":"/spec/hostNetwork"}]"#);
    assert_eq!(got, POD.replace("  hostNetwork: true  # for the agent\n", ""));
    check("a: 1\nb: 2\n", r#"[{"op":"remove","path":"/b"}]"#, "a: 1\n");
    check("a: 1\nb: 2", r#"[{"op":"remove","path":"/b"}]"#, "a: 1");
    check("a: 1\nb: 2", r#"[{"op":"remove","path":"/a"}]"#, "b: 2");
    check("a: 1 \n\n \nb: 2", r#"[{"op":"remove","path":"/b"}]"#, "a: 1 ");
    check("a: 1\n\nb: 2\n", r#"[{"op":"remove","path":"/b"}]"#, "a: 1\n\n");
    let both = r#"[{"op":"remove","path":"/c"},{"op":"remove","path":"/b"}]"#;
    check("a: 1\r\n\r\nb: 2\r\n\r\nc: 3", both, "a: 1");
    check("- a\n\n- b", r#"[{"op":"remove","path":"/1"}]"#, "- a");
    check("a:\n\n  b: 2", r#"[{"op":"remove","path":"/a/b"}]"#, "a: {}");
    check("a: |+\n  1\n\nb: 2", r#"[{"op":"remove","path":"/b"}]"#, "a: |+\n  1\n\n");
}

#[test]
fn comments_below_belong_to_what_they_are_indented_under() {
    let text = "spec:\n  a:\n    b: 1\n    # in a\n  # in spec\nx:\n- k: 1\n  # in the item\n- l: 2\n";
    let add = r#"[{"op":"add","path":"/spec/c","value":1},{"op":"add","path":"/x/1","value":"new"}]"#;
    check(text, add, &text.replace("# in a\n", "# in a\n  c: 1\n").replace("item\n", "item\n- new\n"));
    check(text, r#"[{"op":"add","path":"/spec/a/c","value":1}]"#, &text.replace("b: 1\n", "b: 1\n    c: 1\n"));
    let remove =
        r#"[{"op":"remove","path":"/x/0"},{"op":"add","path":"/spec/c","value":1},{"op":"remove","path":"/spec/a"}]"#;
    check(text, remove, "spec:\n  c: 1\n  # in spec\nx:\n- l: 2\n");
}

#[test]
fn the_first_key_on_a_dash_line() {
    check("- a: 1\n  b: 2\n", r#"[{"op":"remove","path":"/0/a"}]"#, "- b: 2\n");
    check("x:\n- a: 1 # one\n  # two\n  b: 2\n", r#"[{"op":"remove","path":"/x/0/a"}]"#, "x:\n-\n  # two\n  b: 2\n");
    check("- - 1\n  - 2\n", r#"[{"op":"remove","path":"/0/0"}]"#, "- - 2\n");
    check("- - 1\n  - 2\n", r#"[{"op":"add","path":"/0/0","value":0}]"#, "- - 0\n  - 1\n  - 2\n");
    check("- a: 1\n", r#"[{"op":"remove","path":"/0/a"}]"#, "- {}\n");
}

#[test]
fn removing_everything_leaves_an_empty_collection() {
    check("a:\n  b: 1 # c\nd: 2\n", r#"[{"op":"remove","path":"/a/b"}]"#, "a: {}\nd: 2\n");
    check("a: # c\n- b\nd: 2\n", r#"[{"op":"remove","path":"/a/0"}]"#, "a: [] # c\nd: 2\n");
    check("a: {b: 1}\n", r#"[{"op":"remove","path":"/a/b"}]"#, "a: {}\n");
    check("a: 1\n", r#"[{"op":"remove","path":"/a"}]"#, "{}\n");
}

#[test]
fn the_comment_behind_a_key_with_anchor_or_tag() {
    for head in ["&x ", "!!map ", "!!map &x ", ""] {
        let text = format!("a: {head}# why\n  b: # b\n    c: 1\nd: 2\n");
        check(&text, r#"[{"op":"remove","path":"/a/b"}]"#, "a: {} # why\nd: 2\n");
        check(&text, r#"[{"op":"replace","path":"/a","value":{"s":5}}]"#, "a: # why\n  s: 5\nd: 2\n");
        check(&text, r#"[{"op":"replace","path":"/a","value":[5]}]"#, "a: # why\n  - 5\nd: 2\n");
    }
    let patch = r#"[{"op":"replace","path":"/0","value":{"k":1}}]"#;
    check("- &x # why\n  b: 1\n", patch, "- # why\n  k: 1\n");
    check("- &x # why\n  b: 1\n- *x\n", patch, "- # why\n  k: 1\n- &x\n  b: 1\n");
    check("- !!map # tag\n  &x\n  b: 1\n", patch, "- # tag\n  k: 1\n");
    check("[&x # why\n  {b: 1}]\n", patch, "[ # why\n  {k: 1}]\n");
    check(
        "a: &x # why\n  b: 1\nc: *x\n",
        r#"[{"op":"remove","path":"/a/b"},{"op":"remove","path":"/c/b"}]"#,
        "a: &x {} # why\nc: *x\n",
    );
}

#[test]
fn a_mapping_under_a_key_that_had_none() {
    for null in ["", " ~", " null", " {}"] {
        check(
            &format!("spec:\n    nodeSelector:{null}  # later\n    x: {{}}\n"),
            r#"[{"op":"replace","path":"/spec/nodeSelector","value":{"os":"windows"}}]"#,
            "spec:\n    nodeSelector:  # later\n        os: windows\n    x: {}\n",
        );
    }
    check("a: {}\n", r#"[{"op":"add","path":"/a/b","value":"c"}]"#, "a: {b: c}\n");
    check("a: {}\n", r#"[{"op":"add","path":"/a/b","value":{"c":1}}]"#, "a:\n  b:\n    c: 1\n");
    check("a: []\n", r#"[{"op":"add","path":"/a/-","value":"c"}]"#, "a: [c]\n");
}

#[test]
fn lists_follow_the_document() {
    let add = r#"[{"op":"add","path":"/new","value":[{"key":"os","value":"windows"}]}]"#;
    check("a:\n- 1\n", add, "a:\n- 1\nnew:\n- key: os\n  value: windows\n");
    check("a:\n  - 1\n", add, "a:\n  - 1\nnew:\n  - key: os\n    value: windows\n");
    check("a:\n    - 1\nb:\n    c: 1\n", add, "a:\n    - 1\nb:\n    c: 1\nnew:\n    - key: os\n      value: windows\n");
}

#[test]
fn items_keep_the_comments_above_the_next() {
    let text = "args:\n  # one\n  - a # A\n  # two\n  - b\nnext: 1\n";
    check(
        text,
        r#"[{"op":"add","path":"/args/1","value":"x"}]"#,
        "args:\n  # one\n  - a # A\n  - x\n  # two\n  - b\nnext: 1\n",
    );
    check(
        text,
        r#"[{"op":"add","path":"/args/0","value":"x"}]"#,
        "args:\n  - x\n  # one\n  - a # A\n  # two\n  - b\nnext: 1\n",
    );
    check(
        text,
        r#"[{"op":"add","path":"/args/-","value":{"k":1,"l":2}}]"#,
        "args:\n  # one\n  - a # A\n  # two\n  - b\n  - k: 1\n    l: 2\nnext: 1\n",
    );
    check(text, r#"[{"op":"remove","path":"/args/0"}]"#, "args:\n  # one\n  # two\n  - b\nnext: 1\n");
    check(
        text,
        r#"[{"op":"replace","path":"/args/0","value":{"k":1}}]"#,
        "args:\n  # one\n  - k: 1 # A\n  # two\n  - b\nnext: 1\n",
    );
}

#[test]
fn scalars_keep_their_quotes_and_comments() {
    let put = |value: &str| format!(r#"[{{"op":"replace","path":"/a","value":{value}}}]"#);
    check("a: 'x'  # c\n", &put(r#""it's""#), "a: 'it''s'  # c\n");
    check("a: \"x\"  # c\n", &put(r#""y""#), "a: \"y\"  # c\n");
    check("a: \"x\"\n", &put("5"), "a: 5\n");
    check("a: x\n", &put(r#""5""#), "a: \"5\"\n");
    check("a: x\n", &put("null"), "a: null\n");
    check("a: |\n  x\n  y\nb: 1\n", &put(r#""z""#), "a: z\nb: 1\n");
    check("a: |  # c\n  x\n  y\nb: 1\n", &put(r#""z""#), "a: z  # c\nb: 1\n");
    check("a: x\nb: 1\n", &put(r#""1\n2\n""#), "a: |\n  1\n  2\nb: 1\n");
    check("a: x # c\n", &put(r#""1\n2\n""#), "a: \"1\\n2\\n\" # c\n");
    check("a:\n  x: 1\n  y: 2 # c\nb: 1\n", &put("false"), "a: false\nb: 1\n");
    check("a: !!str 5\n", &put("6"), "a: 6\n");
}

#[test]
fn flow_style_stays() {
    check("a: {b: 1}\n", r#"[{"op":"add","path":"/a/c","value":"x, y"}]"#, "a: {b: 1, c: \"x, y\"}\n");
    check("a: { b: 1 }\n", r#"[{"op":"add","path":"/a/c","value":2}]"#, "a: { b: 1, c: 2 }\n");
    check("a: {b: 1, c: 2, d: 3}\n", r#"[{"op":"remove","path":"/a/c"}]"#, "a: {b: 1, d: 3}\n");
    check("a: {b: 1, c: 2}\n", r#"[{"op":"remove","path":"/a/c"}]"#, "a: {b: 1}\n");
    check("a: [x, y]\n", r#"[{"op":"add","path":"/a/0","value":{"k":[1]}}]"#, "a: [{k: [1]}, x, y]\n");
    check("a: [x, y, ]\n", r#"[{"op":"add","path":"/a/-","value":"z"}]"#, "a: [x, y, z, ]\n");
    check("{\"a\":1}", r#"[{"op":"add","path":"/b","value":"x"}]"#, "{\"a\":1,\"b\":\"x\"}");
    check("{\"a\":\"y\"}", r#"[{"op":"add","path":"/b","value":{"c":"x"}}]"#, "{\"a\":\"y\",\"b\":{\"c\":\"x\"}}");
}

#[test]
fn comments_in_flow_style_go_with_their_entry() {
    let b = r#"[{"op":"remove","path":"/a/b"}]"#;
    let c = r#"[{"op":"remove","path":"/a/c"}]"#;
    check("a: {b: 1, # b\n  c: 2 # c\n}\n", c, "a: {b: 1 # b\n}\n");
    check("a: {b: 1, # b\n  c: 2, # c\n}\n", c, "a: {b: 1, # b\n}\n");
    check("a: {b: 1, # b\n  c: 2} # c\n", c, "a: {b: 1 # b\n  }\n");
    check("a: {b: 1,\n  c: 2} # c\n", c, "a: {b: 1}\n");
    check("a: {b: 1,\n  c: 2, # c\n}\n", c, "a: {b: 1,\n}\n");
    check("a: {b: 1, # b\n  c: 2, # c\n}\n", b, "a: {c: 2, # c\n}\n");
    check("a: {\n  b: 1 # b\n  , c: 2 # c\n}\n", c, "a: {\n  b: 1 # b\n}\n");
    check("a: {d: 1 # d\n  , b: 1 # b\n  , c: 2 # c\n}\n", b, "a: {d: 1 # d\n  , c: 2 # c\n}\n");
    // What is about more than one entry, or stands on a line of its own, stays.
    check("a: {b: 1, c: 2, # both\n  d: 3}\n", c, "a: {b: 1, # both\n  d: 3}\n");
    check("a: {b: 1, c: 2} # both\n", c, "a: {b: 1} # both\n");
    check("a: {b: 1, # b\n  # c\n  c: 2}\n", b, "a: {\n  # c\n  c: 2}\n");
    check("a: {b: 1,\n  # c\n  c: 2}\n", c, "a: {b: 1\n  # c\n  }\n");
    check("a: {\n  b: 1, # b\n  c: 2, d: 3, # rest\n}\n", b, "a: {\n  c: 2, d: 3, # rest\n}\n");
    check(
        "a: [{x: 1, # x\n   v: 2 # v\n  }, # 0\n  z] # a\n",
        r#"[{"op":"remove","path":"/a/0/v"},{"op":"add","path":"/a/0/w","value":3},{"op":"remove","path":"/a/1"}]"#,
        "a: [{x: 1, w: 3 # x\n  } # 0\n  ]\n",
    );
}

#[test]
fn json_stays_json() {
    let json = "{\n  \"kind\": \"Pod\",\n  \"spec\": {\n    \"a\": 1,\n    \"b\": [\n      1\n    ]\n  }\n}\n";
    let got = edited(
        json,
        r#"[{"op":"add","path":"/spec/nodeSelector","value":{"os":"windows"}},{"op":"remove","path":"/spec/b"}]"#,
    );
    assert_eq!(
        got,
        "{\n  \"kind\": \"Pod\",\n  \"spec\": {\n    \"a\": 1,\n    \"nodeSelector\": {\n      \"os\": \"windows\"\n    }\n  }\n}\n"
    );
    let add = r#"[{"op":"add","path":"/spec/nodeSelector","value":{"os":"windows"}}]"#;
    check(
        "{\n\t\"kind\": \"Pod\",\n\t\"spec\": {\n\t\t\"a\": 1\n\t}\n}\n",
        add,
        "{\n\t\"kind\": \"Pod\",\n\t\"spec\": {\n\t\t\"a\": 1,\n\t\t\"nodeSelector\": {\n\t\t\t\"os\": \"windows\"\n\t\t}\n\t}\n}\n",
    );
    check(
        "{\n    \"spec\": {\n        \"a\": 1\n    }\n}\n",
        add,
        "{\n    \"spec\": {\n        \"a\": 1,\n        \"nodeSelector\": {\n            \"os\": \"windows\"\n        }\n    }\n}\n",
    );
    check(r#"{"spec":{"a":[1,2]}}"#, add, r#"{"spec":{"a":[1,2],"nodeSelector":{"os":"windows"}}}"#);
    let got = edited(json, r#"[{"op":"remove","path":"/spec/b"}]"#);
    serde_json::from_str::<serde_json::Value>(&got).expect("still JSON");
    let got = edited(json, r#"[{"op":"add","path":"/spec/b/0","value":"x"}]"#);
    assert_eq!(got, json.replace("      1\n", "      \"x\",\n      1\n"));
}

#[test]
fn kyaml_stays_kyaml() {
    let kyaml = "---\n{\n  kind: \"Pod\",\n  spec: {\n    # The one.\n    containers: [{\n      name: \"web\", # front\n    }],\n  },\n}\n";
    let got = edited(
        kyaml,
        r#"[{"op":"add","path":"/spec/nodeSelector","value":{"kubernetes.io/os":"windows"}},
            {"op":"add","path":"/spec/containers/0/image","value":"nginx"}]"#,
    );
    assert_eq!(
        got,
        "---\n{\n  kind: \"Pod\",\n  spec: {\n    # The one.\n    containers: [{\n      name: \"web\", # front\n      image: \"nginx\",\n    }],\n    nodeSelector: {\n      kubernetes.io/os: \"windows\",\n    },\n  },\n}\n"
    );
    let got = edited(kyaml, r#"[{"op":"remove","path":"/kind"}]"#);
    assert_eq!(got, kyaml.replace("  kind: \"Pod\",\n", ""));
}

#[test]
fn line_ends_stay() {
    check(
        "a: 1\r\nb:\r\n- x\r\n",
        r#"[{"op":"add","path":"/b/-","value":{"k":1,"l":2}}]"#,
        "a: 1\r\nb:\r\n- x\r\n- k: 1\r\n  l: 2\r\n",
    );
    check("a: 1\r\nb: 2\r\nc: 3\r\n", r#"[{"op":"remove","path":"/b"}]"#, "a: 1\r\nc: 3\r\n");
    check("\u{feff}a: 1\nb: 2\n", r#"[{"op":"remove","path":"/a"}]"#, "\u{feff}b: 2\n");
    check("a: 1", r#"[{"op":"add","path":"/b","value":{"c":1}}]"#, "a: 1\nb:\n  c: 1");
    check("a: |\n  x", r#"[{"op":"add","path":"/b","value":1}]"#, "a: |-\n  x\nb: 1");
}

#[test]
fn carriage_returns_alone_end_lines_too() {
    let patch = r#"[{"op":"remove","path":"/spec/hostNetwork"},{"op":"add","path":"/spec/containers/0/tty","value":"on"},
        {"op":"add","path":"/spec/nodeSelector","value":{"a":"b"}}]"#;
    let text = POD.replace('\n', "\r");
    assert_eq!(edited(&text, patch), edited(POD, patch).replace('\n', "\r"));
    check(
        "a: 1\n# x\r# y\nb:\n  c: 2\r",
        r#"[{"op":"add","path":"/b/d","value":3}]"#,
        "a: 1\n# x\r# y\nb:\n  c: 2\n  d: 3\r",
    );
}

#[test]
fn tabs_and_byte_order_marks_stay() {
    let text = "a:\n  b: [x,\n\ty]\n  c: {d: 'e\n\tf',\n\tg: 1,\n\t}\n";
    check(
        text,
        r#"[{"op":"add","path":"/a/b/-","value":"z"},{"op":"add","path":"/a/c/h","value":2},{"op":"add","path":"/a/i","value":3}]"#,
        "a:\n  b: [x,\n\ty, z]\n  c: {d: 'e\n\tf',\n\tg: 1,\n\th: 2,\n\t}\n  i: 3\n",
    );
    let text = "a: 1\n---\n\u{feff}b: 2\nc:\n  d: 3\n";
    let patch = r#"[{"op":"remove","path":"/b"},{"op":"add","path":"/e","value":{"f":4}},{"op":"add","path":"/c/g","value":5}]"#;
    let patch: Vec<Operation> = serde_json::from_str(patch).expect("a patch");
    let got = parse(text).documents[1].patched(text, &patch).expect("an edit");
    assert_eq!(got, "a: 1\n---\n\u{feff}c:\n  d: 3\n  g: 5\ne:\n  f: 4\n");
}

#[test]
fn the_root() {
    check("# c\n", r#"[{"op":"add","path":"","value":{"a":1}}]"#, "# c\na: 1\n");
    check("a: 1\n", r#"[{"op":"replace","path":"","value":[1]}]"#, "- 1\n");
    check("--- {} # c\n", r#"[{"op":"add","path":"/a","value":{"b":1}}]"#, "--- {a: {b: 1}} # c\n");
    check("---\na: 1\n---\nb: 1\n", r#"[{"op":"replace","path":"","value":"x"}]"#, "---\nx\n---\nb: 1\n");
    assert_eq!(error("a: 1", r#"[{"op":"remove","path":""}]"#), "cannot edit ``: a whole document cannot be removed");
}

#[test]
fn edits_of_several_documents_join() {
    let text = "a: 1\n---\na: 2 # two\n---\n# none\n";
    let stream = parse(text);
    let patch: Vec<Operation> = serde_json::from_str(r#"[{"op":"add","path":"/b","value":true}]"#).expect("a patch");
    let edits: Vec<_> = stream.documents[..2].iter().flat_map(|d| d.edits(text, &patch).expect("an edit")).collect();
    assert_eq!(transom_yaml::apply(text, &edits), "a: 1\nb: true\n---\na: 2 # two\nb: true\n---\n# none\n");
}

#[test]
fn what_every_way_to_an_anchor_asks_for_is_made_there() {
    let text = "p: &c\n  a: 1\n  b: 2\nq: *c\nr: *c\n";
    check(
        text,
        r#"[{"op":"remove","path":"/p/a"},{"op":"remove","path":"/q/a"},{"op":"remove","path":"/r/a"}]"#,
        "p: &c\n  b: 2\nq: *c\nr: *c\n",
    );
    check(
        "p: &c [1, 2]\nq: *c\n",
        r#"[{"op":"remove","path":"/p/0"},{"op":"remove","path":"/q/0"}]"#,
        "p: &c [2]\nq: *c\n",
    );
    check(
        "p: &c\n  a: {k: 1}\nq:\n  <<: *c # c\n  b: 2\n",
        r#"[{"op":"remove","path":"/p/a/k"},{"op":"remove","path":"/q/a/k"}]"#,
        "p: &c\n  a: {}\nq:\n  <<: *c # c\n  b: 2\n",
    );
}

#[test]
fn one_value_in_the_place_of_all() {
    let patch = r#"[{"op":"replace","path":"/a/b","value":"w"},{"op":"replace","path":"/c/b","value":"w"}]"#;
    check("a:\n  b: &x 'x' # 1\nc: {b: *x, d: 1}\n", patch, "a:\n  b: &x 'w' # 1\nc: {b: *x, d: 1}\n");
    // Not all ways ask for it.
    check("a: {b: &x x}\nc: {b: *x, d: *x}\n", patch, "a: {b: w}\nc: {b: w, d: &x x}\n");
    let other = patch.replacen("\"w\"", "\"z\"", 1);
    check("a: {b: &x x}\nc: {b: *x}\n", &other, "a: {b: &x z}\nc: {b: w}\n");
}

#[test]
fn anchors_stay_where_lists_merge_them() {
    let patch = r#"[{"op":"remove","path":"/a/b"},{"op":"remove","path":"/d/b"}]"#;
    check("a: &a {b: 1, c: 2}\nd: {<<: [*a]}\n", patch, "a: &a {c: 2}\nd: {<<: [*a]}\n");
}

/// An anchor that cannot stay does not keep others from staying.
#[test]
fn anchors_stay_or_go_one_by_one() {
    let text = "a: &a\n  b: &b {c: 1}\n  d: {<<: *b, e: 2}\nf: *a\n";
    let patch = r#"[{"op":"remove","path":"/a/b"},{"op":"remove","path":"/a/d/c"},
        {"op":"remove","path":"/f/b"},{"op":"remove","path":"/f/d/c"}]"#;
    check(text, patch, "a: &a\n  d: {<<: {}, e: 2}\nf: *a\n");
    // Nothing is written anew that has nothing to do with it.
    let text = "a:\n  l:\n  - &c {m: c, b: &b {v: 1, u: 2}, i: p}\nd:\n  l:\n  - <<: *c\n  - <<: *c\n    m: e\n";
    let patch = r#"[{"op":"add","path":"/a/s","value":1},{"op":"add","path":"/d/s","value":2},
        {"op":"remove","path":"/d/l/0/b/v"},{"op":"remove","path":"/d/l/1/b/v"}]"#;
    check(
        text,
        patch,
        "a:\n  l:\n  - &c {m: c, b: &b {v: 1, u: 2}, i: p}\n  s: 1\nd:\n  l:\n  - <<: {b: {u: 2}, i: p, m: c}\n  - <<: {b: {u: 2}, i: p, m: c}\n    m: e\n  s: 2\n",
    );
}

#[test]
fn what_one_way_asks_for_leaves_the_others_alone() {
    let text = "p: &c\n  a: 1 # one\n  b: 2\nq: *c\nr: *c # r\n";
    check(
        text,
        r#"[{"op":"add","path":"/q/d","value":3}]"#,
        "p: &c\n  a: 1 # one\n  b: 2\nq:\n  a: 1\n  b: 2\n  d: 3\nr: *c # r\n",
    );
    check(
        text,
        r#"[{"op":"add","path":"/p/d","value":3}]"#,
        "p:\n  a: 1 # one\n  b: 2\n  d: 3\nq: &c\n  a: 1\n  b: 2\nr: *c # r\n",
    );
    check(
        "- nodeSelector: &ns {pool: a} # shared\n- nodeSelector: *ns # too\n",
        r#"[{"op":"add","path":"/0/nodeSelector/os","value":"linux"},
            {"op":"add","path":"/1/nodeSelector/os","value":"windows"}]"#,
        "- nodeSelector: &ns {pool: a, os: linux} # shared\n- nodeSelector: {os: windows, pool: a} # too\n",
    );
    // The alias itself is only a value.
    check(text, r#"[{"op":"replace","path":"/q","value":1}]"#, "p: &c\n  a: 1 # one\n  b: 2\nq: 1\nr: *c # r\n");
    check("p: &c 1\nq: *c\n", r#"[{"op":"replace","path":"/p","value":2}]"#, "p: 2\nq: &c 1\n");
    check(text, r#"[{"op":"remove","path":"/p"}]"#, "q: &c\n  a: 1\n  b: 2\nr: *c # r\n");
    check("a: &x b\n? *x\n: 1\n", r#"[{"op":"add","path":"/c","value":1}]"#, "a: &x b\n? *x\n: 1\nc: 1\n");
    assert_eq!(
        error("a: &x b\n? *x\n: 1\n", r#"[{"op":"remove","path":"/a"}]"#),
        "cannot edit `/a`: this would remove an anchor that is still used"
    );
}

#[test]
fn merge_keys() {
    let text = "p: &c\n  a: {k: 1}\nq:\n  <<: *c\n  b: 2\n";
    check(text, r#"[{"op":"remove","path":"/q/a"}]"#, "p: &c\n  a: {k: 1}\nq:\n  <<: {}\n  b: 2\n");
    check(
        text,
        r#"[{"op":"add","path":"/q/a/l","value":1}]"#,
        "p: &c\n  a: {k: 1}\nq:\n  <<:\n    a:\n      k: 1\n      l: 1\n  b: 2\n",
    );
    check(text, r#"[{"op":"replace","path":"/q/a","value":1}]"#, "p: &c\n  a: {k: 1}\nq:\n  <<: *c\n  b: 2\n  a: 1\n");
    check(text, r#"[{"op":"replace","path":"/q/b","value":1}]"#, "p: &c\n  a: {k: 1}\nq:\n  <<: *c\n  b: 1\n");
}

#[test]
fn explicit_keys_are_edited_around() {
    let text = "spec: # s\n  ? hostIPC\n  : true\n  # c\n  hostPID: true # p\n  ? hostNetwork\n  : true\n";
    check(
        text,
        r#"[{"op":"remove","path":"/spec/hostIPC"},{"op":"add","path":"/spec/os","value":{"name":"windows"}}]"#,
        "spec: # s\n  # c\n  hostPID: true # p\n  ? hostNetwork\n  : true\n  os:\n    name: windows\n",
    );
    check(
        text,
        r#"[{"op":"remove","path":"/spec/hostPID"}]"#,
        "spec: # s\n  ? hostIPC\n  : true\n  # c\n  ? hostNetwork\n  : true\n",
    );
}

#[test]
fn explicit_keys_in_braces() {
    let text = "k: {b: 1, ? d : {e: 2, f: 3}, ? g, ? h : 4, c: 5}\n";
    for (patch, want) in [
        (
            r#"[{"op":"remove","path":"/k/d/e"},{"op":"replace","path":"/k/g","value":6}]"#,
            "k: {b: 1, ? d : {f: 3}, ? g: 6, ? h : 4, c: 5}\n",
        ),
        (r#"[{"op":"remove","path":"/k/d"},{"op":"remove","path":"/k/h"}]"#, "k: {b: 1, ? g, c: 5}\n"),
        (
            r#"[{"op":"remove","path":"/k/c"},{"op":"remove","path":"/k/h"},{"op":"add","path":"/k/a","value":7}]"#,
            "k: {b: 1, ? d : {e: 2, f: 3}, ? g, a: 7}\n",
        ),
    ] {
        check(text, patch, want);
    }
}

#[test]
fn what_holds_comments_is_not_written_anew() {
    // The key is on the line below its `?`.
    let text = "spec:\n  ?\n    hostIPC\n  : true\n  # c\n  hostPID: true\n";
    let remove = r#"[{"op":"remove","path":"/spec/hostPID"}]"#;
    assert_eq!(
        error(text, remove),
        "cannot edit `/spec/hostPID`: this could only be written anew, which would lose its comments"
    );
    check(&text.replace("  # c\n", ""), remove, "spec:\n    hostIPC: true\n");
}

/// A part of a large document is read by itself: as many edits as there are parts are no more work than
/// reading the whole a few times.
#[test]
fn edits_of_one_place_each_are_linear() {
    let items: Vec<_> = (0..4_000).map(|i| format!("- name: n{i}\n  spec:\n    drop: [1]\n    x: 1\n")).collect();
    let yaml = format!("items:\n{}", items.concat());
    let items: Vec<_> = (0..4_000).map(|i| format!(r#"{{"name":"n{i}","spec":{{"drop":[1],"x":1}}}}"#)).collect();
    let with_anchors = format!("x: &x {{a: 1}}\n{yaml}y: *x\n");
    for text in [yaml, with_anchors, format!("{{\"items\":[{}]}}", items.join(","))] {
        let stream = parse(&text);
        let before = std::time::Instant::now();
        for i in 0..4_000 {
            let patch = [Operation::Remove { path: format!("/items/{i}/spec/drop") }];
            assert_eq!(stream.documents[0].edits(&text, &patch).expect("an edit").len(), 1);
        }
        assert!(before.elapsed().as_secs() < 20, "{:?}", before.elapsed());
    }
}

#[test]
fn odd_shapes() {
    check("? a\n: 1\n? b\n", r#"[{"op":"replace","path":"/a","value":2}]"#, "? a\n: 2\n? b\n");
    check("a: 1\na: 2\nb: 3\n", r#"[{"op":"remove","path":"/a"}]"#, "b: 3\n");
    check("a: [b: 1]\n", r#"[{"op":"add","path":"/a/0/c","value":2}]"#, "a: [{b: 1, c: 2}]\n");
    check("a: {b, c}\n", r#"[{"op":"replace","path":"/a/b","value":1}]"#, "a: {b: 1, c}\n");
    check("a: {b: , c: }\n", r#"[{"op":"replace","path":"/a/c","value":1}]"#, "a: {b: , c: 1 }\n");
    check("a:\n  {b: 1}\n", r#"[{"op":"add","path":"/a/c","value":1}]"#, "a:\n  {b: 1, c: 1}\n");
    // A comment under a block scalar must not fall into the one before it.
    check("a: |\n  x\nb: 1\n  # deep\nc: 2\n", r#"[{"op":"remove","path":"/b"}]"#, "a: |\n  x\nc: 2\n");
}

#[test]
fn failures_name_pointer_and_reason() {
    for (patch, want) in [
        (r#"[{"op":"remove","path":"/x"}]"#, "cannot edit `/x`: there is nothing at this path"),
        (r#"[{"op":"replace","path":"/l/1","value":1}]"#, "cannot edit `/l/1`: there is nothing at this path"),
        (r#"[{"op":"add","path":"/l/2","value":1}]"#, "cannot edit `/l/2`: the list has no such place"),
        (
            r#"[{"op":"add","path":"/a/b","value":1}]"#,
            "cannot edit `/a/b`: what should hold this is neither mapping nor list",
        ),
        (r#"[{"op":"test","path":"/a","value":2}]"#, "cannot edit `/a`: another value is here than the patch expects"),
        (r#"[{"op":"remove","path":"a"}]"#, "cannot edit `a`: this is not a JSON Pointer"),
    ] {
        assert_eq!(error("a: 1\nl: [1]\n", patch), want);
    }
    let moved: Result<Vec<Operation>, _> = serde_json::from_str(r#"[{"op":"move","from":"/a","path":"/b"}]"#);
    assert!(moved.is_err());
}

#[test]
fn many_operations_are_one_walk() {
    let mut text = String::from("items:\n");
    let mut patch = Vec::new();
    for i in 0..4_000 {
        text.push_str(&format!("- name: n{i}\n  drop: yes\n"));
        patch.push(Operation::Remove { path: format!("/items/{i}/drop") });
        patch.push(Operation::Add { path: format!("/items/{i}/os"), value: "windows".into() });
    }
    let stream = parse(&text);
    let got = stream.documents[0].patched(&text, &patch).expect("an edit");
    assert_eq!(got, text.replace("drop: yes", "os: windows"));
}

#[test]
fn a_long_line_is_no_trouble() {
    let items: Vec<String> =
        (0..4_000).map(|i| format!(r#"{{"name": "n{i}", "drop": [1, 2], "spec": {{"a": "x"}}}}"#)).collect();
    let text = format!("{{\"items\": [{}]}}", items.join(", "));
    let mut patch = Vec::new();
    for i in 0..4_000 {
        patch.push(Operation::Remove { path: format!("/items/{i}/drop") });
        patch.push(Operation::Add { path: format!("/items/{i}/spec/os"), value: "windows".into() });
    }
    let stream = parse(&text);
    let got = stream.documents[0].patched(&text, &patch).expect("an edit");
    assert_eq!(got, text.replace("\"drop\": [1, 2], ", "").replace("\"x\"}", "\"x\", \"os\": \"windows\"}"));
}

#[test]
fn many_entries_with_another_name() {
    let item = "- s:\n    old: 1 # keep\n    z: 2\n";
    let text = item.repeat(4_000);
    let renamed = |i: usize| {
        let removed = Operation::Remove { path: format!("/{i}/s/old") };
        [removed, Operation::Add { path: format!("/{i}/s/new"), value: 1.into() }]
    };
    let patch: Vec<Operation> = (0..4_000).flat_map(renamed).collect();
    let got = parse(&text).documents[0].patched(&text, &patch).expect("an edit");
    assert_eq!(got, text.replace("old", "new"));
}

/// A name alone changes: the comment, the place and the quotes stay.
#[test]
fn entries_with_another_name() {
    let patch = r#"[{"op":"add","path":"/s/new","value":"x"},{"op":"remove","path":"/s/old"}]"#;
    check("s:\n  # why\n  old: x # keep\n  z: 1\n", patch, "s:\n  # why\n  new: x # keep\n  z: 1\n");
    check("s: {'old': x, z: 1}\n", patch, "s: {'new': x, z: 1}\n");
    check("{\"s\": {\"old\": \"x\"}}\n", patch, "{\"s\": {\"new\": \"x\"}}\n");
    // Beside other changes, and the other way round.
    let more = r#"[{"op":"remove","path":"/s/old"},{"op":"add","path":"/s/new","value":"x"},{"op":"add","path":"/s/w","value":2}]"#;
    check("s:\n  old: x # keep\n", more, "s:\n  new: x # keep\n  w: 2\n");
    let both = r#"[{"op":"remove","path":"/s/old"},{"op":"add","path":"/s/new","value":"x"},{"op":"remove","path":"/t/old"},{"op":"add","path":"/t/new","value":"x"}]"#;
    check("s: &a {old: x}\nt: *a\n", both, "s: &a {new: x}\nt: *a\n");
    // With what it had at first, and not with what it had before it went.
    let changed = r#"[{"op":"replace","path":"/s/old/a","value":2},{"op":"remove","path":"/s/old"},{"op":"add","path":"/s/new","value":{"a":1}}]"#;
    check("s:\n  old: {a: 1}\n  z: 1\n", changed, "s:\n  z: 1\n  new:\n    a: 1\n");
    // Not where it has another value, or is there already, or stands in what others share.
    check("s:\n  old: y # gone\n", patch, "s:\n  new: x\n");
    check("s:\n  new: y\n  old: x\n", patch, "s:\n  new: x\n");
    check("a: &a\n  old: x\ns: *a\n", patch, "a: &a\n  old: x\ns:\n  new: x\n");
}

#[test]
fn an_anchor_beside_a_change_is_not_shared() {
    let text = "- a: &ns {disk: ssd}\n  gone: true\n- a: *ns\n- a: *ns\n";
    let patch = r#"[{"op": "remove", "path": "/0/gone"}, {"op": "add", "path": "/1/a/os", "value": "windows"}]"#;
    let patch: Vec<Operation> = serde_json::from_str(patch).expect("a patch");
    let document = &parse(text).documents[0];
    let edits = document.edits(text, &patch).expect("edits");
    let written_out = document.written_out(&patch, &edits);
    assert_eq!(written_out.iter().map(|span| span.start).collect::<Vec<_>>(), [text.find("*ns").expect("an alias")]);
    assert_eq!(document.shared(text, &patch, &edits), []);
}
