//! The npm package, installed into an empty project from the tarball that is published.
//!
//! The whole corpus goes through every runtime of JavaScript, in every form that an input may take, and
//! comes out as the core answers natively; fixes are applied as crate `json-patch` applies them. What the
//! README shows is run as it stands there.

mod command;
mod project;
mod readme;

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use host_test::{Case, Engine, between, engine, npm_package, object_at, root};
use project::Project;
use serde::Deserialize;
use serde_json::{Value, json};
use transom::rules;

/// What `answers.mjs` says to one question.
#[derive(Deserialize)]
struct Answers {
    decisions: Vec<String>,
    review: String,
    fixed: Vec<Value>,
    untouched: bool,
}

/// Asks a program that reads questions and writes answers, a line each, about the whole corpus.
fn the_corpus_in(program: &mut Command) {
    let cases: Vec<Case> = Case::all().into_iter().map(|case| case.expect("a case")).collect();
    let inputs: Vec<Value> = cases.iter().map(Case::input).collect();
    let question = |input: &Value| json!({"input": input.to_string(), "at": object_at(input)}).to_string();
    let questions: Vec<String> = inputs.iter().map(question).collect();
    let text = fed(program, &questions.join("\n"));
    let answers: Vec<Answers> = text.lines().map(|line| serde_json::from_str(line).expect("answers")).collect();
    assert_eq!(answers.len(), cases.len());
    let mut failures = Vec::new();
    for ((case, input), answers) in cases.iter().zip(&inputs).zip(answers) {
        let text = input.to_string();
        let native = transom::evaluate(text.as_bytes());
        for decision in &answers.decisions {
            failures.extend(between(Engine::Npm, &case.name, &native, decision));
        }
        let review = transom::Transom::new().review(text.as_bytes());
        failures.extend(between(Engine::Npm, &case.name, &review, &answers.review));
        if answers.fixed != fixed(input, &native) || !answers.untouched {
            failures.push(format!("{}: fixes are applied otherwise, or to the object itself", case.name));
        }
    }
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n\n"));
}

/// What all safe fixes, and each fix alone, make of the object in an input.
fn fixed(input: &Value, decision: &str) -> Vec<Value> {
    let decision: Value = serde_json::from_str(decision).expect("JSON");
    let findings = decision["findings"].as_array().expect("findings");
    let patches = [&decision["patch"]].into_iter().chain(findings.iter().map(|finding| &finding["fix"]["patch"]));
    let patches = patches.filter(|patch| patch.as_array().is_some_and(|operations| !operations.is_empty()));
    let apply = |patch: &Value| {
        let mut object = input.pointer(&object_at(input)).cloned().expect("an object");
        let patch: json_patch::Patch = serde_json::from_value(patch.clone()).expect("a patch");
        json_patch::patch(&mut object, &patch).expect("it applies");
        object
    };
    patches.map(apply).collect()
}

/// The output of a program that is given this input.
fn fed(program: &mut Command, input: &str) -> String {
    let mut child = program.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
    let mut stdin = child.stdin.take().expect("stdin is piped");
    let output = std::thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(input.as_bytes()));
        child.wait_with_output().expect("it ends")
    });
    assert!(output.status.success(), "{program:?} failed");
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn the_corpus_in_node() {
    let Some(project) = Project::get() else { return };
    the_corpus_in(project.node("ask.mjs").arg("import"));
}

#[test]
fn the_corpus_in_node_as_common_js() {
    let Some(project) = Project::get() else { return };
    the_corpus_in(project.node("ask.mjs").arg("require"));
}

/// With no permission: not even to read files.
#[test]
fn the_corpus_in_deno() {
    let Some(project) = Project::get() else { return };
    let mut deno = project.tool("deno");
    deno.args(["run", "--quiet", "--no-prompt", "--no-remote", "--node-modules-dir=manual", "ask.mjs", "import"]);
    the_corpus_in(&mut deno);
}

#[test]
fn the_corpus_in_bun() {
    let Some(project) = Project::get() else { return };
    the_corpus_in(project.tool("bun").args(["run", "ask.mjs", "import"]));
}

#[test]
fn the_corpus_in_workerd() {
    let Some(project) = Project::get() else { return };
    project.bundles();
    the_corpus_in(project.node("workerd.mjs").arg(project.tools()).arg(project.folder()));
}

#[test]
fn the_corpus_in_chromium() {
    let Some(project) = Project::get() else { return };
    let Some(mut chromium) = project.chromium() else { return };
    the_corpus_in(&mut chromium);
}

#[test]
fn bundles_in_node() {
    let Some(project) = Project::get() else { return };
    let sizes = project.bundles();
    for name in ["everything", "core", "evaluate", "explain"] {
        let said = engine::run(&mut project.node(&format!("bundles/esbuild-{name}.cjs.cjs"))).expect("it runs");
        assert_eq!(said.trim(), "WIN101 windows-pod-not-pinned", "{name}");
    }
    for (name, size) in sizes.as_object().expect("sizes") {
        engine::say(&format!("{name:<24} {:>7} bytes {:>7} gzipped", size["bytes"], size["gzip"]));
        let documentation = name == "workerd" || name.contains("everything") || name.contains("explain");
        let module = name != "workerd" && !name.contains("explain");
        assert_eq!(size["documentation"], documentation, "{name}");
        assert_eq!(size["module"], module, "{name}");
    }
}

/// What bundlers made, `load` in its forms under a strict policy, and the README's page.
#[test]
fn pages_in_chromium() {
    let Some(project) = Project::get() else { return };
    let Some(mut chromium) = project.chromium() else { return };
    project.bundles();
    let mut expected = Vec::new();
    let mut page = |path: String, text: &str| {
        chromium.arg(path);
        expected.push(text.to_owned());
    };
    for name in ["everything", "core", "evaluate", "explain"] {
        for format in ["esm", "iife"] {
            let file = format!("bundles/esbuild-{name}.{format}.html");
            let kind = if format == "esm" { "module" } else { "text/javascript" };
            let html =
                format!("<!doctype html><body><script type=\"{kind}\" src=\"esbuild-{name}.{format}.js\"></script>");
            fs::write(project.folder().join(&file), html).expect("a page");
            page(format!("/{file}"), "WIN101 windows-pod-not-pinned");
        }
        page(format!("/bundles/vite-{name}/index.html"), "WIN101 windows-pod-not-pinned");
    }
    page(
        "/load.html".into(),
        "Decision | Decision | Decision | Decision | the module cannot be fetched: /missing.wasm answers 404 | SettingsError",
    );
    let example = readme::blocks().into_iter().find(|block| block.language == "html").expect("a page");
    fs::write(project.folder().join("example.html"), example.code).expect("a page");
    page("/example.html".into(), "meant for windows");
    let said = engine::run(&mut chromium).expect("it ends well");
    let said: Vec<String> = said.lines().map(|line| serde_json::from_str(line).expect("a text")).collect();
    assert_eq!(said, expected);
}

#[test]
fn what_callers_do_wrong() {
    let Some(project) = Project::get() else { return };
    let output = project.node("--test").arg("wrong.mjs").output().expect("node starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// Searching by errors is written twice: in the core, and for the documentation in the package.
#[test]
fn explanations_are_those_of_the_core() {
    let Some(project) = Project::get() else { return };
    let mut subjects: Vec<String> =
        ["", "error", "Liveness probe returned 500", " win101 ", "HOST-PORT", "ÄÖ"].map(String::from).into();
    for rule in rules::all() {
        subjects.extend([rule.id.to_owned(), rule.name.to_owned(), rule.summary.to_owned()]);
        for error in rule.errors {
            let words: Vec<&str> = error.split(' ').collect();
            subjects.push((*error).to_owned());
            subjects.push(format!("Warning  FailedScheduling  3m (x4)  \"{}\"\n", error.to_uppercase()));
            subjects.push(words[words.len() / 3..].join("\n"));
            subjects.push(
                words
                    .iter()
                    .enumerate()
                    .filter(|(at, _)| at % 4 != 3)
                    .map(|(_, word)| *word)
                    .collect::<Vec<_>>()
                    .join(" "),
            );
        }
    }
    let said = fed(&mut project.node("explain.mjs"), &json!(subjects).to_string());
    let said: Value = serde_json::from_str(&said).expect("JSON");
    for (subject, found) in subjects.iter().zip(said["found"].as_array().expect("one for each")) {
        let native: Vec<&str> = match rules::find(subject.trim()) {
            Some(rule) => vec![rule.id],
            None => rules::search::by_error(subject).iter().map(|hit| hit.rule.id).collect(),
        };
        assert_eq!(*found, json!(native), "{subject:?}");
    }
    for (rule, said) in rules::all().iter().zip(said["rules"].as_array().expect("rules")) {
        assert_eq!(said["documentation"], rules::documentation(rule));
        assert_eq!(said["remedy"], rules::remedy(rule));
        assert_eq!((&said["errors"], &said["sources"]), (&json!(rule.errors), &json!(rule.sources)));
        assert_eq!((&said["severity"], &said["stage"]), (&json!(rule.severity.as_str()), &json!(rule.stage.as_str())));
        assert_eq!((&said["summary"], &said["since"]), (&json!(rule.summary), &json!(rule.since)));
    }
}

/// Under each way that TypeScript finds the types of a package.
#[test]
fn types() {
    let Some(project) = Project::get() else { return };
    for (file, module, resolution) in
        [("types.ts", "esnext", "bundler"), ("types.mts", "node20", "node16"), ("types.cts", "node20", "node16")]
    {
        fs::copy(root().join("host-test/engines/npm/types.ts"), project.folder().join(file)).expect("a file");
        project.compile(file, &["--noEmit", "--module", module, "--moduleResolution", resolution]);
    }
}

/// Where neither a browser nor Node is declared, the types stand alone.
#[test]
fn types_without_dom() {
    let Some(project) = Project::get() else { return };
    let code = "
        import { evaluate, type Decision } from 'transom';
        import { load } from 'transom/load';
        const decision: Decision = evaluate({ kind: 'Pod' });
        load('transom.wasm').then((judge) => judge.review({}));
        // @ts-expect-error: a number is no address
        load(1);
        export { decision };
    ";
    for file in ["alone.mts", "alone.cts"] {
        fs::write(project.folder().join(file), code).expect("a file");
        let bare = ["--lib", "es2022", "--noEmit", "--module", "node20", "--moduleResolution", "node16"];
        project.compile(file, &bare);
    }
}

/// Another build of the same sources gives the same bytes.
#[test]
fn two_builds_are_equal() {
    let Some(_) = Project::get() else { return };
    let first = fs::read(npm_package()).expect("the package");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root()).args(["run", "--quiet", "--package", "xtask", "--", "wasm", "npm"]);
    engine::run(cargo.env_remove("RUSTFLAGS")).expect("it is built");
    assert!(first == fs::read(npm_package()).expect("the package"));
}

#[test]
fn the_readme() {
    let Some(project) = Project::get() else { return };
    let blocks = readme::blocks();
    let mut run = 0;
    for (index, block) in blocks.iter().enumerate() {
        let name = format!("example-{index}");
        let said = match block.language.as_str() {
            "js" if block.code.contains(".listen(") => webhook(project, &name, &block.code),
            "js" => project
                .run(&format!("{name}.{}", if block.code.contains("require(") { "cjs" } else { "mjs" }), &block.code),
            "ts" => {
                fs::write(project.folder().join(format!("{name}.mts")), &block.code).expect("a file");
                project.compile(&format!("{name}.mts"), &["--module", "node20", "--moduleResolution", "node16"]);
                engine::run(&mut project.node(&format!("{name}.mjs"))).expect("it runs")
            }
            // Pages are for Chromium; commands and outputs are none.
            "console" | "html" | "text" => continue,
            other => panic!("what is `{other}`?"),
        };
        if let Some(output) = blocks.get(index + 1).filter(|next| next.language == "text") {
            assert_eq!(said, output.code, "{}", block.code);
        }
        run += 1;
    }
    assert!(run >= 8, "{run} examples");
}

/// Starts the example and sends it an AdmissionReview over TLS; nothing else is to be said about what it prints.
fn webhook(project: &Project, name: &str, code: &str) -> String {
    if !engine::is_there("openssl", "version", "the README's webhook") {
        return String::new();
    }
    let tls = project.folder().join("tls");
    fs::create_dir_all(&tls).expect("a folder");
    let mut openssl = Command::new("openssl");
    openssl.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=transom"]);
    openssl.args(["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "tls.key", "-out", "tls.crt"]);
    engine::run(openssl.current_dir(&tls)).expect("a certificate");
    fs::write(project.folder().join(format!("{name}.mjs")), code).expect("a file");
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": {"containers": [
        {"name": "web", "image": "mcr.microsoft.com/windows/nanoserver:ltsc2022"}]}});
    let review = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {
        "uid": "1", "operation": "CREATE", "object": pod}});
    let said = fed(project.node("webhook.mjs").arg(format!("{name}.mjs")), &review.to_string());
    let settings = br#"{"platform": "aks", "mutate": "safe"}"#;
    let mut native = transom::Transom::new();
    native.configure(settings).expect("settings");
    let native = native.review(review.to_string().as_bytes());
    assert!(native.contains("\"patch\""), "{native}");
    assert_eq!(between(Engine::Npm, "the README's webhook", &native, said.trim_end()), None);
    said
}

/// A file that is there.
fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
