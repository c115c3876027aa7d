//! A rule that does not look around finds beside other objects nothing that it does not find in the object
//! alone: see [`transom::rules::Rule::looks_around`].

use serde_json::{Value, json};

use crate::{findings, for_all, judge, text};

#[test]
fn what_is_found_beside_others_is_found_alone() {
    for_all(|case, fail| {
        let alone = transom::evaluate(case.object.to_string().as_bytes());
        let alone: Value = serde_json::from_str(&alone).expect("a Decision is JSON");
        let beside = judge(case, &case.object);
        let intent = |decision: &Value| decision["target"]["intent"].clone();
        if intent(&alone) == "unknown" || intent(&alone) != intent(&beside) {
            return;
        }
        let place = |finding: &Value| (text(&finding["rule"]).to_owned(), text(&finding["path"]).to_owned());
        let alone: Vec<_> = findings(&alone).iter().map(place).collect();
        for (rule, path) in findings(&beside).iter().map(place).filter(|place| !alone.contains(place)) {
            if transom::rules::find(&rule).is_some_and(|rule| !rule.looks_around) {
                fail(rule, json!(path).to_string());
            }
        }
    });
}
