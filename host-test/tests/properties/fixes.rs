//! What a fix, alone, owes: it changes only what its rule is about, mends its finding, and brings
//! nothing new.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::{findings, for_all, judge, text};

/// What a rule's fix may change beside what its finding points at, below the pod or its template; `*`
/// is any position in a list.
#[rustfmt::skip]
const ELSEWHERE: &[(&str, &[&str])] = &[
];

#[test]
fn a_fix_changes_only_what_its_rule_is_about() {
    for_all(|case, fail| {
        for (finding, patch) in fixes(&judge(case, &case.object)) {
            let rule = text(&finding["rule"]);
            let Some((_, changes)) = apply(&case.object, patch) else {
                fail(format!("{rule}: an operation does not apply, or changes nothing"), patch.to_string());
                continue;
            };
            let place = |path: &str| generalized(path.strip_prefix(case.template_at()).unwrap_or(path));
            let own = place(text(&finding["path"]));
            let others = ELSEWHERE.iter().filter(|(of, _)| *of == rule).flat_map(|(_, places)| places.iter().copied());
            // Below the whole pod or a whole container is anywhere.
            let is_broad = ["", "/spec", "/spec/containers/*"].contains(&own.as_str());
            let allowed: Vec<&str> = others.chain((!is_broad).then_some(own.as_str())).collect();
            for change in changes.iter().map(|change| place(change)) {
                if !allowed.iter().any(|allowed| is_at_or_below(&change, allowed)) {
                    fail(format!("{rule} {own} changes {change}"), patch.to_string());
                }
            }
        }
    });
}

#[test]
fn a_fix_alone_mends_its_finding_and_brings_nothing_new() {
    for_all(|case, fail| {
        let before = judge(case, &case.object);
        let counted = count(&before);
        for (finding, patch) in fixes(&before) {
            let rule = text(&finding["rule"]);
            let Some((fixed, changes)) = apply(&case.object, patch) else { continue };
            let after = judge(case, &fixed);
            let left = count(&after);
            let place = (rule.to_owned(), generalized(text(&finding["path"])));
            if left.get(&place).copied().unwrap_or(0) >= counted[&place] {
                fail(format!("{rule} is still there"), format!("{patch}\n{finding}"));
            }
            for (place, times) in &left {
                if *times > counted.get(place).copied().unwrap_or(0) {
                    fail(
                        format!("{rule} ({}) brings {}", text(&finding["fix"]["safety"]), place.0),
                        format!("{patch}\n{place:?}"),
                    );
                }
            }
            for (place, times) in &counted {
                if *times > left.get(place).copied().unwrap_or(0)
                    && place.0 != rule
                    && !changes.iter().any(|c| {
                        let c = generalized(c);
                        is_at_or_below(&c, &place.1) || is_at_or_below(&place.1, &c)
                    })
                {
                    fail(format!("Z {rule} vanishes {}", place.0), format!("{patch}\n{place:?}"));
                }
            }
        }
    });
}

#[test]
fn only_safe_fixes_are_applied_without_asking() {
    for_all(|case, fail| {
        let decision = judge(case, &case.object);
        let changes = |patch: &Value| apply(&case.object, patch).map(|(_, changes)| changes).unwrap_or_default();
        let safe: BTreeSet<String> = fixes(&decision)
            .filter(|(finding, _)| finding["fix"]["safety"] == "safe")
            .flat_map(|(_, patch)| changes(patch))
            .collect();
        for change in changes(&decision["patch"]).difference(&safe) {
            fail(format!("the patch changes {}", generalized(change)), decision["patch"].to_string());
        }
    });
}

/// The findings that have a fix, with its operations.
fn fixes(decision: &Value) -> impl Iterator<Item = (&Value, &Value)> {
    findings(decision).iter().map(|f| (f, &f["fix"]["patch"])).filter(|(_, patch)| patch.is_array())
}

/// Applies one operation after the other. Gives the object then, and every place whose value they
/// changed; `None` where one does not apply or changes nothing.
fn apply(object: &Value, patch: &Value) -> Option<(Value, BTreeSet<String>)> {
    let mut object = object.clone();
    let mut changes = BTreeSet::new();
    for operation in patch.as_array()? {
        let before = object.clone();
        let one: json_patch::Patch = serde_json::from_value(json!([operation])).ok()?;
        json_patch::patch(&mut object, &one).ok()?;
        if object == before {
            return None;
        }
        let path = text(&operation["path"]);
        // What stands behind an inserted element has only moved.
        let is_insertion = path.ends_with("/-");
        let old = before.pointer(path).filter(|_| !is_insertion);
        let (old, new) = (leaves(path, old), leaves(path, operation.get("value")));
        let differs = |(place, value): &(&String, &Value)| old.get(*place) != new.get(*place) && !value.is_null();
        changes.extend(old.iter().chain(&new).filter(differs).map(|(place, _)| place.clone()));
    }
    Some((object, changes))
}

/// Every innermost value at or below `path`, with its place.
fn leaves(path: &str, value: Option<&Value>) -> BTreeMap<String, Value> {
    fn walk(path: String, value: &Value, leaves: &mut BTreeMap<String, Value>) {
        match value {
            Value::Object(fields) if !fields.is_empty() => {
                for (name, value) in fields {
                    walk(format!("{path}/{}", name.replace('~', "~0").replace('/', "~1")), value, leaves);
                }
            }
            Value::Array(items) if !items.is_empty() => {
                items.iter().enumerate().for_each(|(i, value)| walk(format!("{path}/{i}"), value, leaves));
            }
            other => _ = leaves.insert(path, other.clone()),
        }
    }
    let mut leaves = BTreeMap::new();
    if let Some(value) = value {
        walk(path.to_owned(), value, &mut leaves);
    }
    leaves
}

/// How often each rule speaks about each place.
fn count(decision: &Value) -> BTreeMap<(String, String), usize> {
    let mut count = BTreeMap::new();
    for finding in findings(decision) {
        let place = (text(&finding["rule"]).to_owned(), generalized(text(&finding["path"])));
        *count.entry(place).or_default() += 1;
    }
    count
}

/// The path without positions in lists, and with all containers in one.
fn generalized(path: &str) -> String {
    let general = |part: &str| match part {
        "initContainers" => "containers".to_owned(),
        _ if part == "-" || part.parse::<u32>().is_ok() => "*".to_owned(),
        _ => part.to_owned(),
    };
    path.split('/').map(general).collect::<Vec<_>>().join("/")
}

fn is_at_or_below(path: &str, above: &str) -> bool {
    path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
