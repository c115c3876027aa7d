//! Formats, read by what is not ours: SARIF by its JSON Schema, JUnit's XML by a library for it.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::Folder;
use host_test::engine;
use serde_json::Value;

/// The reader in `host-test/engines/reports`, with the schema of SARIF that its library brings.
fn reader() -> Option<PathBuf> {
    if !engine::is_there("go", "version", "whether others can read SARIF and JUnit's XML") {
        return None;
    }
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../host-test/engines/reports");
    let parts = ["main.go", "go.mod", "go.sum"].map(|file| fs::read(source.join(file)).expect("it is there"));
    let folder = engine::engine(&format!("reports-{}", engine::digest(parts.iter().map(Vec::as_slice))), |folder| {
        let go = |arguments: &[&str]| {
            let mut go = Command::new("go");
            engine::run(go.args(arguments).current_dir(&source).env("CGO_ENABLED", "0"))
        };
        go(&["build", "-trimpath", "-o", folder.join("reports").to_str().expect("text"), "."])?;
        let library = go(&["list", "-m", "-f", "{{.Dir}}", "github.com/owenrumney/go-sarif/v3"])?;
        let code = fs::read_to_string(Path::new(library.trim()).join("pkg/report/v210/sarif/schema.go"))?;
        let schema = code.split('`').nth(1).ok_or_else(|| std::io::Error::other("no schema in schema.go"))?;
        fs::write(folder.join("sarif.schema.json"), schema)
    });
    Some(folder)
}

/// All cases of the corpus, and a file that cannot be read, in every format.
fn reports() -> Folder {
    let folder = Folder::new("formats");
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus");
    for family in fs::read_dir(corpus).expect("the corpus").map(|entry| entry.expect("an entry").path()) {
        for file in fs::read_dir(&family).expect("a family").map(|entry| entry.expect("an entry").path()) {
            let name = file.file_name().expect("a name").to_string_lossy().into_owned();
            folder.write(&format!("cäses and more/{name}"), fs::read(&file).expect("a case"));
        }
    }
    folder.write("cäses and more/broken.yaml", "apiVersion: v1\nkind: [\n");
    let args = "check . --info --output sarif=x.sarif --output junit=x.xml --output gitlab=gl.out --output json=js.out";
    let run = folder.transom(&args.split(' ').collect::<Vec<_>>(), b"");
    assert_eq!(run.exit, 3, "{}", run.stderr);
    folder
}

#[test]
fn others_read_what_is_written() {
    let folder = reports();
    let text = |name: &str| String::from_utf8(folder.read(name)).expect("text");
    let json: Value = serde_json::from_str(&text("js.out")).expect("JSON");
    let count = |what: &str| json["summary"][what].as_u64().expect("a number");
    let findings = count("errors") + count("warnings") + count("info");
    assert!(findings > 100, "{findings}");

    let issues: Vec<Value> = serde_json::from_str(&text("gl.out")).expect("JSON");
    assert_eq!(issues.len() as u64, findings + count("unreadable"));
    let prints: BTreeSet<&str> = issues.iter().filter_map(|issue| issue["fingerprint"].as_str()).collect();
    assert_eq!(prints.len(), issues.len(), "GitLab shows one of those with the same fingerprint");
    for issue in &issues {
        // https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
        assert!(issue["description"].is_string() && issue["check_name"].is_string(), "{issue}");
        assert!(["info", "minor", "major", "critical", "blocker"].contains(&issue["severity"].as_str().unwrap_or("")));
        let place = &issue["location"];
        assert!(place["lines"]["begin"].as_u64() > Some(0), "{issue}");
        assert!(folder.0.join(place["path"].as_str().expect("a path")).is_file(), "{issue}");
    }

    let Some(reader) = reader() else { return };
    let read = |args: &[&str]| {
        let mut command = Command::new(reader.join("reports"));
        engine::run(command.args(args).current_dir(&folder.0)).unwrap_or_else(|error| panic!("{error}"))
    };
    let (schema, sarif) = (reader.join("sarif.schema.json"), folder.0.join("x.sarif"));
    let results = read(&["sarif", schema.to_str().expect("text"), sarif.to_str().expect("text")]);
    assert_eq!(results.lines().count() as u64, findings + count("suppressed"), "{results}");
    let with_fix = results.lines().filter(|line| line.ends_with(" 1")).count() as u64;
    assert!(with_fix >= count("fixable") && results.contains("c%C3%A4ses%20and%20more/"), "{with_fix}: {results}");

    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas/check.schema.json");
    let (schema, json) = (schema.canonicalize().expect("the schema"), folder.0.join("js.out"));
    read(&["json", schema.to_str().expect("text"), json.to_str().expect("text")]);

    let tests = read(&["junit", "x.xml"]);
    let status = |status: &str| tests.lines().filter(|line| line.ends_with(status)).count() as u64;
    assert_eq!(tests.lines().count() as u64, count("objects") + 1, "{tests}");
    assert_eq!(status(" error"), 1, "{tests}");
    assert!(status(" failed") > 10 && status(" passed") > 10, "{tests}");
}

#[test]
fn fingerprints_and_baselines_outlive_new_lines() {
    let folder = Folder::new("fingerprints");
    let prints = |text: &str| {
        folder.write("web.yaml", text);
        let run = folder.transom(&["check", "web.yaml", "--output", "sarif"], b"");
        let report: Value = serde_json::from_str(&run.stdout).expect("JSON");
        let results = report["runs"][0]["results"].as_array().expect("results").clone();
        results.iter().map(|result| result["partialFingerprints"].clone()).collect::<Vec<_>>()
    };
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  os: {name: windows}\n  hostNetwork: true\n  containers: [{name: web, image: iis}]\n";
    let before = prints(pod);
    assert!(!before.is_empty());
    assert_eq!(before, prints(&format!("# a line\n\n# another\n{pod}")));
}
