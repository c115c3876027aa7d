//! The claims against the core: what they say of an object, the core says too, at the same place and at
//! least as severely.

#[path = "../../../tests/blocks/mod.rs"]
mod blocks;

use host_test::Case;
use host_test::generate;
use serde_json::{Value, json};
use transom::finding::Severity;
use transom_policies::cel::claims::{Claim, all_claims};
use transom_policies::cel::fixes::{all_fixes, patch};
use transom_policies::cel::judge::judge;

/// The objects that somebody thought of, and generated ones.
fn objects() -> impl Iterator<Item = (String, Value)> {
    let cases = Case::all().into_iter().flatten().map(|case| (case.name, case.object));
    let examples = transom::rules::all().iter().flat_map(|rule| {
        let blocks = blocks::of(rule).into_iter().enumerate();
        blocks.map(|(index, block)| (format!("{} {index}", rule.name), block.input()["request"].take()))
    });
    let rare = RARE.iter().map(|(claim, spec)| {
        let spec: Value = serde_json::from_str(spec).expect("JSON");
        ((*claim).to_owned(), json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": spec}))
    });
    let generated = (0..4_000).map(|seed| (format!("seed {seed}"), generate::Case::new(seed).object));
    cases.chain(examples).chain(rare).chain(generated).map(|(name, object)| (name, as_admitted(object)))
}

/// What neither cases nor generated pods have.
const RARE: &[(&str, &str)] = &[(
    "WIN501",
    r#"{"os": {"name": "windows"}, "containers": [{"name": "web"}], "volumes": [{"name": "v", "emptyDir": {"medium": "HugePages-2Mi"}}]}"#,
)];

/// An object as the API server shows it to policies: without `null`.
fn as_admitted(object: Value) -> Value {
    match object {
        Value::Object(map) => map
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key, as_admitted(value)))
            .collect(),
        Value::Array(list) => list.into_iter().map(as_admitted).collect(),
        scalar => scalar,
    }
}

fn severity(finding: &Value) -> Severity {
    finding["severity"].as_str().and_then(Severity::from_word).expect("a severity")
}

#[test]
fn what_claims_say_the_core_says() {
    let claims = all_claims();
    let mut wrong = Vec::new();
    let mut said = vec![0_usize; claims.len()];
    for (name, object) in objects() {
        let found = judge(&claims, &object);
        if found.is_empty() {
            continue;
        }
        let decision = blocks::judge(&object);
        // What has a field of a wrong type never comes as far as a policy.
        if blocks::findings(&decision).iter().any(|finding| finding["rule"] == "WIN001") {
            continue;
        }
        for found in found {
            let is_it = |finding: &&Value| {
                let path = finding["path"].as_str().unwrap_or_default();
                let is_there =
                    |at: &String| path == *at || path.strip_prefix(at.as_str()).is_some_and(|r| r.starts_with('/'));
                finding["rule"] == found.rule.id && severity(finding) >= found.severity && found.at.iter().any(is_there)
            };
            if !blocks::findings(&decision).iter().any(|finding| is_it(&finding)) {
                wrong.push(format!(
                    "{name}: {} {} {:?}\n{object}\n{:?}",
                    found.rule.id,
                    found.what,
                    found.at,
                    host_test::expectations(&decision)
                ));
            }
            let is_claim = |claim: &Claim| claim.rule.id == found.rule.id && claim.severity == found.severity;
            said[claims.iter().position(is_claim).expect("its claim")] += 1;
        }
    }
    assert!(
        wrong.is_empty(),
        "{} that the core does not say, such as\n{}",
        wrong.len(),
        wrong[..wrong.len().min(8)].join("\n\n")
    );
    let untried = claims.iter().zip(said).filter(|(_, said)| *said == 0);
    let untried: Vec<_> = untried.map(|(claim, _)| format!("{} {}", claim.rule.id, claim.severity)).collect();
    assert!(untried.is_empty(), "never tried: {untried:?}");
}

#[test]
fn what_fixes_make_of_a_pod_the_core_makes_of_it() {
    let fixes = all_fixes();
    let mut wrong = Vec::new();
    let mut made = 0;
    for (name, object) in objects() {
        let patch = patch(&fixes, &object);
        // A policy that changes Pods sees none that live already.
        if patch.is_empty() || object["metadata"]["uid"].is_string() {
            continue;
        }
        let decision = blocks::judge(&object);
        if blocks::findings(&decision).iter().any(|finding| finding["rule"] == "WIN001") {
            continue;
        }
        // Of the core's fixes those that do the same: to the label of the system alone.
        let is_safe = |finding: &&Value| finding["fix"]["safety"] == "safe";
        let safe = blocks::findings(&decision).iter().filter(is_safe).map(|finding| &finding["fix"]["patch"]);
        let ours = patched(&object, &patch.iter().cloned().collect());
        if !safe.clone().any(|patch| patched(&object, patch) == ours) {
            wrong.push(format!(
                "{name}: {patch:?}\n{object}\n{}",
                safe.map(Value::to_string).collect::<Vec<_>>().join("\n")
            ));
        }
        made += 1;
    }
    assert!(wrong.is_empty(), "{} of {made}, such as\n{}", wrong.len(), wrong[..wrong.len().min(4)].join("\n\n"));
    assert!(made > 100, "only {made} were tried");
}

fn patched(object: &Value, patch: &Value) -> Value {
    let mut object = object.clone();
    let patch: json_patch::Patch = serde_json::from_value(patch.clone()).expect("a JSON Patch");
    json_patch::patch(&mut object, &patch).expect("it applies");
    object
}
