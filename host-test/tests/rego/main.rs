//! Rego with which transom is compared says the same as transom: otherwise the comparison is worth nothing.

mod engines;

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use engines::{Compiled, ENTRYPOINT, RULES, Regorus, settings};
use host_test::{Case, engine, opa, root};
use serde_json::{Value, json};
use transom::Transom;

/// Rule and path of each finding.
type Verdict = BTreeSet<(String, String)>;

/// Cases in which the Rego knows less than transom, none of them about the five rules.
const BEYOND: [&str; 9] = [
    // An object that is being deleted.
    "input/being-deleted",
    // A custom resource with its templates in an array.
    "input/custom-resource-with-groups",
    // A List.
    "input/list",
    // A template outside of `spec`.
    "input/template-before-the-kind",
    // A path of Windows beside an image for Linux.
    "placement/contradicting-evidence",
    // An image of Linux beside one of Windows.
    "placement/mixed-images",
    // A List with Nodes beside it.
    "placement/nodes-by-name-in-context",
    // Requests that are about the ephemeral containers only.
    "security/debugged-with-linux",
    "security/ephemeral-container",
];

/// Every object that the Rego has to be right about: all cases, and the examples on the rules' pages. By settings of
/// their own other rules are on.
fn objects() -> Vec<(String, Value)> {
    let cases = Case::all().into_iter().map(|case| case.expect("a case"));
    let has_own_settings = |case: &Case| case.object.get("request").and(case.object.get("settings")).is_some();
    let mut objects: Vec<_> =
        cases.filter(|case| !has_own_settings(case)).map(|case| (case.name, case.object)).collect();
    let pages = fs::read_dir(root().join("docs/rules")).expect("the pages").flatten();
    for page in pages.filter(|page| RULES.iter().any(|rule| page.file_name().to_string_lossy().starts_with(rule))) {
        let text = fs::read_to_string(page.path()).expect("a page");
        for (nth, block) in text.split("```yaml\n").skip(1).enumerate() {
            let yaml = block.split("```").next().unwrap_or_default();
            let stream = transom_yaml::parse(yaml);
            let name = format!("{} {nth}", page.file_name().to_string_lossy());
            objects.extend(stream.documents.iter().map(|document| (name.clone(), document.value().clone())));
        }
    }
    objects.extend(engines::inputs().map(|(name, object)| (name.to_owned(), object)));
    objects
}

fn native(transom: &Transom, object: &Value) -> Verdict {
    let decision: Value = serde_json::from_str(&transom.evaluate(object.to_string().as_bytes())).expect("JSON");
    verdict(&decision["findings"])
}

fn verdict(findings: &Value) -> Verdict {
    let text = |finding: &Value, field: &str| finding[field].as_str().unwrap_or_default().to_owned();
    let findings = findings.as_array().into_iter().flatten();
    findings.map(|finding| (text(finding, "rule"), text(finding, "path"))).collect()
}

/// What opa's interpreter says about each input; `None` without opa.
fn interpreted(inputs: &[Value]) -> Option<Vec<Value>> {
    let program = opa::program()?;
    let file = root().join("build").join(format!("rego-inputs.{}.json", std::process::id()));
    fs::create_dir_all(root().join("build"))
        .and_then(|()| fs::write(&file, json!({"inputs": inputs}).to_string()))
        .ok()?;
    let query = format!("[answer | some one in data.inputs; answer := {ENTRYPOINT} with input as one]");
    let mut opa = Command::new(program);
    opa.args(["eval", "--format=raw", "--data"]).arg(engines::source()).arg("--data").arg(&file).arg(query);
    let answers = engine::run(&mut opa).unwrap_or_else(|error| panic!("{error}"));
    let _ = fs::remove_file(file);
    Some(serde_json::from_str(&answers).expect("JSON"))
}

fn parsed(json: &str) -> Value {
    serde_json::from_str(json).expect("JSON")
}

#[test]
fn five_rules_in_rego_say_the_same() {
    let mut transom = Transom::new();
    transom.configure(settings().as_bytes()).expect("the settings are right");
    let objects = objects();
    let inputs: Vec<_> = objects.iter().map(|(_, object)| object.clone()).collect();
    let interpreted = interpreted(&inputs);
    let (mut regorus, mut compiled) = (Regorus::new(), Compiled::new());
    let mut seen = BTreeSet::new();
    let mut failures = Vec::new();
    for (nth, (name, object)) in objects.iter().enumerate() {
        let native = native(&transom, object);
        seen.extend(native.iter().map(|(rule, _)| rule.clone()));
        let input = object.to_string();
        let mut says = vec![
            ("regorus' interpreter", verdict(&parsed(&regorus.interpret(&input)))),
            ("regorus' machine", verdict(&parsed(&regorus.run(&input)))),
        ];
        if let (Some(interpreted), Some(compiled)) = (&interpreted, &mut compiled) {
            says.push(("opa", verdict(&interpreted[nth])));
            says.push(("opa build", verdict(&parsed(&compiled.evaluate(&input))[0]["result"])));
        }
        let is_beyond = BEYOND.contains(&name.as_str());
        for (engine, verdict) in says {
            if (verdict == native) == is_beyond {
                failures.push(format!("{name} in {engine}: {verdict:?}, and natively {native:?}"));
            }
        }
    }
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
    assert_eq!(seen, RULES.map(str::to_owned).into());
}
