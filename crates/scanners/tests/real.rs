//! Logs as the scanners print them, of `real/shop`: Checkov 3.3.30 and kube-linter, run there by
//! `checkov --directory shop --framework kubernetes --output sarif` and `kube-linter lint shop --format sarif`.
//! The texts about rules and the snippets, which are not read, are taken out.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;
use transom::Transom;
use transom_manifests::{Context, Judge};
use transom_scanners::{Objects, mark};

/// The rules of the results that are marked, with the object, and of those that are not, with their line.
fn marks(log: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/real");
    let read = |file: &str| fs::read_to_string(folder.join(file)).expect("a file");
    let judge = Judge::new(Transom::new(), "2026-11-21");
    let objects = Objects::read("deploy/shop/shop.yaml", &read("shop/shop.yaml"), &judge, &Context::default());
    let marked = mark(&read(log), &objects).expect("a log");
    let value: Value = serde_json::from_str(&marked.text).expect("JSON");
    let (mut yes, mut no) = (BTreeSet::new(), BTreeSet::new());
    for result in value["runs"][0]["results"].as_array().expect("results") {
        let rule = result["ruleId"].as_str().expect("an id");
        match result["suppressions"][0]["justification"].as_str() {
            Some(why) => yes.insert(format!("{rule} {}", why.split(" is for Windows: ").next().unwrap_or_default())),
            None => no.insert(rule.to_owned()),
        };
    }
    (yes, no)
}

fn all(rules: &[&str], objects: &[&str]) -> BTreeSet<String> {
    rules.iter().flat_map(|rule| objects.iter().map(move |object| format!("{rule} {object}"))).collect()
}

const WINDOWS: &[&str] = &["DaemonSet shop/agent", "Deployment shop/web"];

#[test]
fn checkov() {
    let (yes, no) = marks("checkov.sarif");
    let meant_for_linux = ["CKV_K8S_20", "CKV_K8S_22", "CKV_K8S_28", "CKV_K8S_31", "CKV_K8S_37", "CKV_K8S_40"];
    assert_eq!(yes, all(&meant_for_linux, WINDOWS));
    // Of the Linux Deployment all of them stay, of the agent its host network, and what holds for Windows.
    for rule in meant_for_linux.iter().chain(&["CKV_K8S_19", "CKV_K8S_23", "CKV_K8S_13", "CKV_K8S_8"]) {
        assert!(no.contains(*rule), "{rule} is not among {no:?}");
    }
}

#[test]
fn kube_linter() {
    let (yes, no) = marks("kube-linter.sarif");
    assert_eq!(yes, all(&["no-read-only-root-fs"], WINDOWS));
    for rule in ["no-read-only-root-fs", "host-network", "run-as-non-root", "unset-memory-requirements"] {
        assert!(no.contains(rule), "{rule} is not among {no:?}");
    }
}
