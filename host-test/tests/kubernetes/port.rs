//! What porting makes of pods: Kubernetes accepts it, porting it again changes nothing, and every error
//! that is left stands in the list of decisions.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{fs, iter};

use host_test::generate::Case;
use serde_json::{Value, json};
use transom_port::{Ported, Porter, State, Target, Text};

use crate::judge::{self, Judge, say};
use crate::{SHOWN, number};

const TODAY: &str = "2026-11-21";

fn porter() -> Porter {
    let target = Target { build: Some(20348), platform: Some("aks".into()) };
    Porter::new(&json!({}), &target, TODAY).expect("settings without mistakes")
}

/// The text after porting, and all that is wrong with the port but for Kubernetes' opinion.
fn port(porter: &Porter, text: &str, context: &[Value]) -> (Ported, String, Vec<String>) {
    let ported = porter.port(&[Text { name: "it", text }], context);
    let after = ported.files[0].text.clone().unwrap_or_else(|| text.to_owned());
    let mut wrong = Vec::new();
    let again = porter.port(&[Text { name: "it", text: &after }], context);
    if let Some(other) = &again.files[0].text {
        wrong.push(format!("ported again it changes:\n{after}\n---\n{other}"));
    }
    let mut edited = String::new();
    let mut from = 0;
    for edit in &ported.files[0].edits {
        edited.push_str(&text[from..edit.start]);
        edited.push_str(&edit.text);
        from = edit.end;
    }
    edited.push_str(&text[from..]);
    if edited != after {
        wrong.push(format!("the edits lead to\n{edited}\nand not to\n{after}"));
    }
    (ported, after, wrong)
}

/// The errors that the core finds in an object, and that no decision is about.
fn unaccounted(object: &Value, ported: &Ported, context: &[Value]) -> Vec<String> {
    let settings = json!({"platform": "aks", "windows": {"builds": [20348]}});
    let input = json!({"request": object, "settings": settings, "context": context, "now": TODAY});
    let decision: Value = serde_json::from_str(&transom::evaluate(input.to_string().as_bytes())).expect("a Decision");
    let open: BTreeSet<(&str, &str)> = ported
        .decisions
        .iter()
        .filter(|decision| decision.state == State::Open)
        .filter_map(|decision| Some((decision.rule.as_deref()?, &*decision.path)))
        .collect();
    let errors = decision["findings"].as_array().into_iter().flatten().filter(|finding| finding["severity"] == "error");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let missing = errors.map(|finding| (text(&finding["rule"]), text(&finding["path"])));
    missing
        .filter(|(rule, path)| !open.contains(&(rule, path)))
        .map(|(rule, path)| format!("{rule} at {path}"))
        .collect()
}

#[test]
fn ported_pods_are_accepted() {
    let Some(program) = judge::program() else { return };
    let mut judge = Judge::start(program, "");
    let porter = porter();
    let (first, pods) = (number("SEED", 1), number("PODS", 20_000) / 100);
    let (mut accepted, mut mended, mut open) = (0, 0, 0);
    let mut failures = BTreeMap::<String, String>::new();
    for case in (0..pods).map(|i| Case::new(first.wrapping_add(i))) {
        let mut ask = |object: &Value| judge.ask(&json!({"workload": object}));
        let before = ask(&case.object);
        let text = transom_yaml::to_yaml(&case.object, &transom_yaml::YamlStyle::default());
        let (ported, after, mut wrong) = port(&porter, &text, &case.context());
        let object =
            transom_yaml::parse(&after).documents.pop().map(|document| document.into_value()).unwrap_or_default();
        wrong.extend(unaccounted(&object, &ported, &case.context()));
        let answer = ask(&object);
        open += ported.decisions.iter().filter(|decision| decision.state == State::Open).count();
        if answer.rejected() {
            // What was refused for a reason of its own may be so still; then it is said.
            let is_said = ported.decisions.iter().any(|decision| decision.severity == "error");
            if !before.rejected() || !is_said {
                wrong.push(format!("{:?}", answer.reasons()));
            }
        } else {
            accepted += 1;
            mended += usize::from(before.rejected());
        }
        for why in wrong {
            let seed = case.seed;
            failures
                .entry(why.lines().next().unwrap_or_default().to_owned())
                .or_insert_with(|| format!("SEED={seed}\n{text}\n{why}\n{after}"));
        }
    }
    say(&format!(
        "SEED={first}: {accepted} of {pods} pods are accepted after porting, {mended} of them only then; {open} decisions"
    ));
    let count = failures.len();
    let texts: Vec<String> = failures.into_values().take(SHOWN).collect();
    assert!(texts.is_empty(), "{count} kinds of failures\n{}", texts.join("\n"));
    assert!(pods < 100 || (mended > 0 && accepted > 100), "too one-sided: {accepted} accepted, {mended} mended");
}

/// Manifests that people have written: the examples, the cases, and the collection beside the
/// repository, where it is.
#[test]
fn ported_manifests_are_accepted() {
    let Some(program) = judge::program() else { return };
    let mut judge = Judge::start(program, "");
    let porter = porter();
    let root = host_test::root();
    let folders = ["examples", "tests/corpus", "../shared/corpus/linux"].map(|folder| root.join(folder));
    let (mut files, mut objects) = (0, 0);
    let mut failures = Vec::new();
    for path in folders.iter().flat_map(|folder| manifests(folder)) {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let originals = transom_yaml::parse(&text).documents;
        if originals.is_empty() {
            continue;
        }
        let (ported, after, wrong) = port(&porter, &text, &[]);
        failures.extend(wrong.into_iter().map(|why| format!("{}: {why}", path.display())));
        files += 1;
        for (before, document) in originals.iter().zip(transom_yaml::parse(&after).documents) {
            let object = document.into_value();
            let mut ask = |object: &Value| judge.ask(&json!({"workload": object}));
            if before.value() == &object || ask(before.value()).rejected() {
                continue;
            }
            objects += 1;
            let answer = ask(&object);
            if answer.rejected() {
                failures.push(format!("{}: {:?}\n{object}", path.display(), answer.refusals()));
            }
        }
        let _ = ported;
    }
    say(&format!("{files} files, in which {objects} workloads were ported"));
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures[..failures.len().min(SHOWN)].join("\n"));
    assert!(objects > 20, "too few manifests: {objects}");
}

fn manifests(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let below = |path: PathBuf| if path.is_dir() { manifests(&path) } else { iter::once(path).collect() };
    let all = paths.into_iter().flat_map(below);
    all.filter(|path| path.extension().is_some_and(|extension| extension == "yaml")).collect()
}
