//! The documentation of every rule is its first test.
//!
//! `## Bad` must be flagged exactly once by the rule, `## Fixed` is what the rule's fix makes of it
//! byte for byte, and every block under `## Good` stays silent. A block may hold several documents:
//! the first is judged, the others are its context. A first line `# settings: {…}` gives settings.

use serde_json::{Value, json};
use transom::rules::{self, Rule};
use transom_yaml::Operation;

struct Block {
    section: String,
    yaml: String,
}

fn blocks(documentation: &str) -> Vec<Block> {
    let mut section = String::new();
    let mut blocks = Vec::new();
    let mut open: Option<String> = None;
    for line in documentation.lines() {
        match (&mut open, line) {
            (None, line) if line.starts_with("## ") => section = line[3..].trim().to_owned(),
            (None, "```yaml") => open = Some(String::new()),
            (Some(_), "```") => blocks.push(Block { section: section.clone(), yaml: open.take().unwrap_or_default() }),
            (Some(yaml), line) => {
                yaml.push_str(line);
                yaml.push('\n');
            }
            _ => {}
        }
    }
    blocks
}

/// The findings for a block, of all rules.
fn judge(yaml: &str) -> Vec<Value> {
    let stream = transom_yaml::parse(yaml);
    assert!(stream.errors.is_empty(), "{:?}\n{yaml}", stream.errors);
    let mut documents = stream.documents.iter().map(|d| d.value().clone());
    let mut input = json!({"request": documents.next().expect("a document"), "context": documents.collect::<Vec<_>>()});
    if let Some(settings) = yaml.lines().next().and_then(|line| line.strip_prefix("# settings: ")) {
        let settings = transom_yaml::parse(settings);
        input["settings"] = settings.documents[0].value().clone();
    }
    let decision: Value = serde_json::from_str(&transom::evaluate(input.to_string().as_bytes())).expect("a Decision");
    decision["findings"].as_array().expect("findings").clone()
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
    let blocks = blocks(&documentation);
    let in_section = |name: &str| blocks.iter().filter(|b| b.section == name).collect::<Vec<_>>();
    let (bad, fixed, good) = (in_section("Bad"), in_section("Fixed"), in_section("Good"));
    assert!(bad.len() == 1 && fixed.len() <= 1 && !good.is_empty(), "one Bad, at most one Fixed, some Good");

    let findings = judge(&bad[0].yaml);
    assert!(!findings.iter().any(|f| f["message"].as_str().unwrap_or_default().starts_with("wrong settings")), "{findings:#?}");
    let [finding] = of(rule, &findings)[..] else {
        panic!("Bad must be flagged exactly once by this rule: {findings:#?}");
    };
    conventions(finding);
    let fix = &finding["fix"];
    assert_eq!(fix.is_object(), fixed.len() == 1, "there is a Fixed block if and only if there is a fix");
    if let [fixed] = fixed[..] {
        let patch: Vec<Operation> = serde_json::from_value(fix["patch"].clone()).expect("a JSON Patch");
        let stream = transom_yaml::parse(&bad[0].yaml);
        let patched = stream.documents[0].patched(&bad[0].yaml, &patch).expect("the fix applies");
        assert_eq!(patched, fixed.yaml, "Fixed is what the fix makes of Bad; it made\n{patched}");
        let after = judge(&fixed.yaml);
        assert!(of(rule, &after).is_empty(), "Fixed stays silent: {after:#?}");
    }
    for block in good {
        let findings = judge(&block.yaml);
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
