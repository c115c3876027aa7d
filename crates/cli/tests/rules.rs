//! `explain` and `rules` know every rule.

mod common;

use common::Folder;
use transom::rules;

#[test]
fn every_rule_is_explained_and_listed() {
    let folder = Folder::new("rules");
    let text = folder.transom(&["rules"], b"");
    assert_eq!((text.exit, text.stderr.as_str()), (0, ""));
    assert_eq!(text.stdout.lines().count(), rules::all().len());
    let json = folder.transom(&["rules", "--output", "json"], b"");
    let listed: Vec<serde_json::Value> = serde_json::from_str(&json.stdout).expect("JSON");
    for (rule, listed) in rules::all().iter().zip(&listed) {
        assert_eq!((listed["id"].as_str(), listed["name"].as_str()), (Some(rule.id), Some(rule.name)));
        assert!(listed["summary"].as_str().is_some_and(|summary| text.stdout.contains(summary)), "{}", rule.id);
        let by_id = folder.transom(&["explain", &rule.id.to_lowercase()], b"");
        let by_name = folder.transom(&["explain", &rule.name.to_uppercase()], b"");
        assert_eq!((by_id.exit, &by_id.stdout), (0, &by_name.stdout));
        assert!(
            by_id.stdout.starts_with(&format!("{}[{}]: {}\n", rule.severity, rule.id, rule.name)),
            "{}",
            by_id.stdout
        );
        for text in rule.sources.iter().chain(rule.errors) {
            assert!(by_id.stdout.contains(text), "{}: {text}", rule.id);
        }
        let too_long = |line: &&str| line.chars().count() > 90 && !line.starts_with("  ");
        assert_eq!(by_id.stdout.lines().find(too_long), None);
    }
}
