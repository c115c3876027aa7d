//! The examples of `embed/`, each built and run as its README says, over the whole corpus.

mod browser;
mod example;
mod modules;

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;
use std::{fs, iter};

use example::{Example, Run};
use host_test::{Case, difference, engine, module, opa_module, root};
use modules::Odd;
use serde_json::{Value, json};
use transom::Transom;

/// Lines of JSON, and some of none: every case, between inputs that make the memory grow.
fn documents() -> Vec<String> {
    let pod = |note: &str| {
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "annotations": {"note": note}},
            "spec": {"containers": [{"name": "web", "image": "mcr.microsoft.com/windows/nanoserver:ltsc2022"}]}})
    };
    let large = [pod(&"x".repeat(3_000_000)), json!(1), pod(&"ä€😀\u{7f}".repeat(200_000)), json!({})];
    let cases = Case::all().into_iter().map(|case| case.expect("a case").input());
    let json = large.into_iter().chain(cases).map(|document| document.to_string());
    let other = ["", " ", "nul", r#"{"kind":"#, "[", "\u{0}", "ä"].map(str::to_owned);
    json.chain(other).chain(iter::once(pod("the last").to_string())).collect()
}

/// Everything that an example must do.
fn check(run: &Run<'_>) {
    corpus(run);
    settings(run);
    errors(run);
}

/// With these, other things speak against the documents.
const SETTINGS: &str = r#"{"platform": "eks", "rules": {"WIN101": "off", "linux-host-path": "warn"}, "mutate": "off"}"#;

/// The documents, what is decided about them without settings, and what with [`SETTINGS`].
struct Native {
    documents: Vec<String>,
    plain: Vec<String>,
    configured: Vec<String>,
}

fn native() -> &'static Native {
    static NATIVE: OnceLock<Native> = OnceLock::new();
    NATIVE.get_or_init(|| {
        let documents = documents();
        let mut transom = Transom::new();
        let decide = |transom: &Transom| {
            documents.iter().map(|document| transom.evaluate(document.as_bytes())).collect::<Vec<_>>()
        };
        let plain = decide(&transom);
        transom.configure(SETTINGS.as_bytes()).expect("the settings are right");
        let configured = decide(&transom);
        assert_ne!(plain, configured);
        Native { documents, plain, configured }
    })
}

fn corpus(run: &Run<'_>) {
    let native = native();
    same(&native.plain, &run(module(), None, &native.documents).answers());
}

/// Settings hold for what brings none of its own.
fn settings(run: &Run<'_>) {
    let native = native();
    same(&native.configured, &run(module(), Some(SETTINGS), &native.documents).answers());

    let wrong = r#"{"platform": "nowhere", "kubernetes": {"version": 2}}"#;
    let mistakes = Transom::new().configure(wrong.as_bytes()).expect_err("the settings are wrong");
    let refused = run(module(), Some(wrong), &native.documents).error();
    assert_eq!(mistakes.len(), 2);
    for mistake in mistakes {
        assert!(refused.contains(&mistake.message), "{refused:?} does not say {:?}", mistake.message);
    }
}

fn same(expected: &[String], answers: &[String]) {
    let short = |document: &str| document.chars().take(200).collect::<String>();
    let mut failures = Vec::new();
    for ((document, expected), answer) in native().documents.iter().zip(expected).zip(answers) {
        let different = difference(expected, answer);
        failures.extend(different.map(|text| format!("{}: {text}", short(document))));
    }
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n\n"));
    assert_eq!(answers.len(), expected.len());
}

/// Modules that are none, and such as break the ABI: a message and status 1, after the answers so far.
fn errors(run: &Run<'_>) {
    let line = |text: &str| vec!["before".to_owned(), text.to_owned()];
    let says = |module: &Path, lines: &[String], words: &str, answers: &[&str]| {
        let output = run(module, None, lines);
        assert_eq!(output.lines, answers, "{output:?}");
        let error = output.error();
        assert!(error.to_lowercase().contains(words), "{error:?} does not say {words:?}");
    };
    let odd = Odd::new();
    says(&root().join("dist/there-is-none.wasm"), &line(""), "", &[]);
    says(&root().join("Cargo.toml"), &line(""), "", &[]);
    says(opa_module(), &line(""), "", &[]);
    says(&odd.other_abi, &line(""), "abi", &[]);
    says(&odd.full, &line(&"x".repeat(100_000)), "memory", &["before"]);
    says(&odd.module, &line("!"), "unreachable", &["before"]);
    for outside in [">", "]"] {
        says(&odd.module, &line(outside), "", &["before"]);
    }
}

#[test]
fn go() {
    let Some(example) = Example::build("Go", "go", &[("go", "version")], &[]) else { return };
    check(&|module, settings, lines| example.run(module, settings, lines));
}

#[test]
fn java() {
    let tools = [("javac", "--version"), ("mvn", "--version")];
    let Some(example) = Example::build("Java", "java", &tools, &[]) else { return };
    check(&|module, settings, lines| example.run(module, settings, lines));
}

#[test]
fn python() {
    let Some(example) = Example::build("Python", "python", &[("python3", "--version")], &[]) else { return };
    check(&|module, settings, lines| example.run(module, settings, lines));
}

#[test]
fn node() {
    let Some(example) = Example::build("Node", "javascript", &[("node", "--version")], &[]) else { return };
    check(&|module, settings, lines| example.run(module, settings, lines));
}

#[test]
fn c() {
    let tools = [("cc", "--version"), ("cmake", "--version"), ("python3", "--version")];
    if !tools.iter().all(|(tool, argument)| engine::is_there(tool, argument, "the example in C")) {
        return;
    }
    let wasmtime = example::wasmtime_c();
    let environment = [("WASMTIME", wasmtime.as_path())];
    let Some(example) = Example::build("C", "c", &[], &environment) else { return };
    check(&|module, settings, lines| example.run(module, settings, lines));
}

#[test]
fn rust() {
    check(&|module, settings, lines| {
        example::run(&mut Command::new(env!("CARGO_BIN_EXE_judge")), module, settings, lines)
    });
}

#[test]
fn rust_with_the_host() {
    let judge = env!("CARGO_BIN_EXE_judge-host");
    check(&|module, settings, lines| example::run(&mut Command::new(judge), module, settings, lines));
}

#[test]
fn a_page_in_a_browser() {
    let native = native();
    let Some(answers) = browser::judge(&native.documents) else { return };
    same(&native.plain, &answers);
}

/// What the README shows has answers, one of each kind.
#[test]
fn the_documents_of_the_readme() {
    let documents = fs::read_to_string(root().join("host-test/embed/documents.jsonl")).expect("documents");
    let decide = |line: &str| serde_json::from_str::<Value>(&transom::evaluate(line.as_bytes())).expect("JSON");
    let allowed: Vec<_> = documents.lines().map(|line| decide(line)["allowed"].clone()).collect();
    assert_eq!(allowed, [json!(false), json!(true)]);
}

/// Who copies an example can read it at once.
#[test]
fn examples_are_short() {
    let files = example::files(&root().join("host-test/embed"));
    let code = |path: &Path| {
        let extension = path.extension().and_then(|extension| extension.to_str());
        matches!(extension, Some("go" | "java" | "py" | "mjs" | "html" | "rs" | "c" | "h"))
    };
    let code: Vec<_> = files.iter().filter(|(path, _)| code(path)).collect();
    assert!(code.len() >= 13, "{code:?}");
    for (path, bytes) in code {
        let lines = bytes.iter().filter(|byte| **byte == b'\n').count();
        assert!(lines <= 60, "{} has {lines} lines", path.display());
    }
}
