//! The documentation of every rule is its first test.
//!
//! `## Bad` must be flagged exactly once by the rule, `## Fixed` is what the rule's fix makes of it
//! byte for byte, and every document under `## Good` stays silent. A block may hold several documents:
//! the first is judged, of `## Good` each in turn, and the others are its context. A first line `# settings: {…}` gives settings.

mod blocks;

use blocks::Block;
use serde_json::Value;
use transom::object::resources::{JUDGED, Resource};
use transom::rules::{self, Rule};
use transom_yaml::Operation;

fn judge(block: &Block) -> Vec<Value> {
    blocks::findings(&blocks::judge(&block.input())).to_vec()
}

fn of<'f>(rule: &Rule, findings: &'f [Value]) -> Vec<&'f Value> {
    findings.iter().filter(|f| f["rule"] == rule.id).collect()
}

#[test]
fn every_rule_is_documented_and_its_examples_hold() {
    let mut failures = Vec::new();
    for rule in rules::all() {
        if let Err(failure) = std::panic::catch_unwind(|| check(rule)) {
            let text = failure.downcast_ref::<String>().cloned();
            failures.push(format!("{} {}: {}", rule.id, rule.name, text.unwrap_or_default()));
        }
    }
    assert!(failures.is_empty(), "{} rules:\n{}", failures.len(), failures.join("\n\n"));
}

fn check(rule: &'static Rule) {
    let documentation = rules::documentation(rule);
    let title = documentation.lines().next().unwrap_or_default();
    assert!(title.ends_with('.') && title.len() > 20, "the first line is one sentence: {title:?}");
    let blocks = blocks::of(rule);
    let in_section = |name: &str| blocks.iter().filter(|b| b.section == name).collect::<Vec<_>>();
    let (bad, fixed, good) = (in_section("Bad"), in_section("Fixed"), in_section("Good"));
    assert!(bad.len() == 1 && fixed.len() <= 1 && !good.is_empty(), "one Bad, at most one Fixed, some Good");

    let findings = judge(bad[0]);
    assert!(
        !findings.iter().any(|f| f["message"].as_str().unwrap_or_default().starts_with("wrong settings")),
        "{findings:#?}"
    );
    let [finding] = of(rule, &findings)[..] else {
        panic!("Bad must be flagged exactly once by this rule: {findings:#?}");
    };
    conventions(finding);
    let object = &bad[0].input()["request"];
    let group =
        object["apiVersion"].as_str().and_then(|version| version.rsplit_once('/')).map_or("", |(group, _)| group);
    let is_judged = |resource: &Resource| resource.group == group && object["kind"] == resource.kind;
    assert!(
        JUDGED.iter().any(is_judged),
        "webhooks do not send {}: add its resource to `JUDGED` in src/object/resources.rs",
        object["kind"]
    );
    let fix = &finding["fix"];
    assert_eq!(fix.is_object(), fixed.len() == 1, "there is a Fixed block if and only if there is a fix");
    if let [fixed] = fixed[..] {
        let patch: Vec<Operation> = serde_json::from_value(fix["patch"].clone()).expect("a JSON Patch");
        let stream = transom_yaml::parse(&bad[0].yaml);
        let patched = stream.documents[0].patched(&bad[0].yaml, &patch).expect("the fix applies");
        assert_eq!(patched, fixed.yaml, "Fixed is what the fix makes of Bad; it made\n{patched}");
        let after = judge(fixed);
        assert!(of(rule, &after).is_empty(), "Fixed stays silent: {after:#?}");
    }
    for (block, input) in good.into_iter().flat_map(|block| block.inputs().into_iter().map(move |input| (block, input)))
    {
        let findings = blocks::findings(&blocks::judge(&input)).to_vec();
        assert!(of(rule, &findings).is_empty(), "Good stays silent: {findings:#?}\n{}", block.yaml);
    }
}

/// How messages read.
fn conventions(finding: &Value) {
    let message = finding["message"].as_str().expect("a message");
    assert!(!message.ends_with('.'), "no full stop after a message: {message}");
    if let Some(help) = finding.get("help") {
        let help = help.as_str().expect("help is text");
        assert!(help.starts_with(|c: char| c.is_lowercase()) && !help.ends_with('.'), "help is an imperative: {help}");
    }
    if let Some(title) = finding["fix"]["title"].as_str() {
        assert!(title.starts_with(|c: char| c.is_uppercase()) && !title.ends_with('.'), "{title}");
    }
}
