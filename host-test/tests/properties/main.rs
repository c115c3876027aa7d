//! What always holds of a Decision, on generated objects.
//!
//! `PODS=100000 SEED=7 cargo test -p host-test --test properties` runs longer or elsewhere; a failure
//! prints the `SEED` that makes its object again with `PODS=1`.

mod fixes;
mod surroundings;
mod workloads;

use std::collections::BTreeMap;
use std::env;

use host_test::generate::Case;
use serde_json::{Value, json};

/// transom's Decision about an object with what the case has around it.
fn judge(case: &Case, object: &Value) -> Value {
    let input = json!({"request": object, "context": case.context()});
    serde_json::from_str(&transom::evaluate(input.to_string().as_bytes())).expect("a Decision is JSON")
}

fn findings(decision: &Value) -> &[Value] {
    decision["findings"].as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Demands something of many cases; what does not hold is told once for each kind of failure.
fn for_all(check: impl Fn(&Case, &mut dyn FnMut(String, String))) {
    let number = |name: &str, default: u64| env::var(name).map_or(default, |text| text.parse().expect("a number"));
    let (first, pods) = (number("SEED", 1), number("PODS", 1_000));
    let mut failures = BTreeMap::<String, (u64, String)>::new();
    for seed in (0..pods).map(|i| first.wrapping_add(i)) {
        let case = Case::new(seed);
        check(&case, &mut |what, detail| {
            let told = format!("SEED={seed} PODS=1\n{}\nwith: {}\n{detail}", case.object, json!(case.context()));
            let failure = failures.entry(what).or_insert((0, told.clone()));
            failure.0 += 1;
            if told.len() < failure.1.len() {
                failure.1 = told;
            }
        });
    }
    let told: Vec<_> = failures.iter().map(|(what, (count, one))| format!("=== {count} × {what}\n{one}\n")).collect();
    assert!(told.is_empty(), "{} kinds of failure\n{}", told.len(), told.join("\n"));
}
