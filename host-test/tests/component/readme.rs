//! The examples of `crates/component/README.md`, run as they stand there.

use std::fs;
use std::process::Command;

use host_test::{engine, root};

use crate::node;

/// The first block of the README in a language.
fn block(language: &str) -> String {
    let readme = fs::read_to_string(root().join("crates/component/README.md")).expect("the README");
    let start = format!("```{language}\n");
    let block = readme.split_once(&start).and_then(|(_, rest)| rest.split_once("\n```")).map(|(block, _)| block);
    format!("{}\n", block.expect("an example"))
}

mod example {
    include!("readme_example.rs");

    pub(super) fn run() -> Vec<String> {
        denials(crate::POD).expect("an answer")
    }
}

/// Cargo compiles the block as `readme_example.rs`, which names the files where they are here.
#[test]
fn rust() {
    let ours = include_str!("readme_example.rs").replace("../crates/component/wit", "transom.wit");
    let ours = ours.replace("host_test::component()", "\"transom.component.wasm\"");
    assert_eq!(ours, block("rust"));
    let denials = example::run();
    assert_eq!(denials.len(), 1, "{denials:?}");
    assert!(denials[0].starts_with("WIN101 at /spec: "), "{denials:?}");
}

#[test]
fn javascript() {
    let Some(script) = node::script("readme") else { return };
    let program = script.folder().join("readme.mjs");
    fs::write(&program, block("js").replace("./transom/transom.js", "./transom.js")).expect("a file");
    let told = engine::run(Command::new("node").arg(&program)).expect("it ends well");
    let lines: Vec<&str> = told.lines().collect();
    assert!(lines[0].starts_with("WIN101 at /spec: "), "{told}");
    let patch = r#"[{"op":"add","path":"/spec/nodeSelector","value":{"kubernetes.io/os":"windows"}}]"#;
    assert_eq!(lines.last(), Some(&patch), "{told}");
}
