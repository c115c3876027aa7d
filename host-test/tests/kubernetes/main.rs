//! transom against Kubernetes itself, on generated pods.
//!
//! The judge is the code that kube-apiserver and kube-scheduler run, built into a small program
//! (`host-test/engines/kube`). For every generated object this demands:
//!
//! - Kubernetes refuses it exactly where transom reports an error of stage `api-server`;
//! - `placement` of a system is `no` exactly where no node of that system can match (or a resource
//!   keeps the pod off), after the RuntimeClass plug-in where the pod's class is known;
//! - WIN906 speaks exactly where that plug-in refuses the pod, WIN212 where the evaluator of the Pod
//!   Security Standards would not if `os.name` were set ([`pod_security`]);
//! - the merged safe patch applies, keeps accepted what was accepted, makes accepted what was refused
//!   only for reasons with a safe fix, and is needed only once.
//!
//! `PODS=200000 SEED=7 cargo test -p host-test --test kubernetes` runs longer or elsewhere: pods are
//! made from SEED, SEED + 1 and so on, so what is to be other pods begins PODS further on. A
//! disagreement prints the `SEED` that makes this one pod again with `PODS=1`, and a pod from which
//! everything is removed that does not matter. `REASONS=1` lists why Kubernetes refused what it did.

mod compare;
mod judge;
mod pod_security;
mod port;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::mpsc;
use std::{env, thread};

use compare::{Compared, Disagreement};
use host_test::generate::{self, Case};
use judge::{Judge, say};
use serde_json::{Value, json};

/// How many disagreements of one kind are worth reading at once.
const SHOWN: usize = 10;

#[test]
fn kubernetes_and_transom_agree() {
    run("", number("PODS", 20_000));
}

/// The alpha gate ContainerStopSignals: off, the API server drops the field; on, it judges it.
#[test]
fn they_agree_with_stop_signals_switched_on() {
    run("ContainerStopSignals=true", number("PODS", 20_000) / 10);
}

/// `kubectl debug`: ephemeral containers come through a subresource, never with a new pod.
#[test]
fn they_agree_on_ephemeral_containers() {
    let Some(program) = judge::program() else { return };
    let mut judge = Judge::start(program, "");
    let (first, pods) = (number("SEED", 1), number("PODS", 20_000) / 10);
    let (mut rejected, mut accepted) = (0, 0);
    let mut disagreements = BTreeMap::new();
    for seed in (0..pods).map(|i| first.wrapping_add(i)) {
        let mut old = Case::new(seed).object;
        // A pod that exists has been through creation, where stop signals are dropped.
        for list in ["/spec/containers", "/spec/initContainers"] {
            for container in old.pointer_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
                container.as_object_mut().map(|fields| fields.remove("lifecycle"));
            }
        }
        if old["kind"] != "Pod" || judge.ask(&json!({"pod": old})).rejected() {
            continue;
        }
        let mut pod = old.clone();
        pod["spec"]["ephemeralContainers"] = json!([generate::ephemeral_container(seed)]);
        let answer = judge.ask(&json!({"pod": pod, "old": old, "subresource": "ephemeralcontainers"}));
        let decision = compare::evaluate(&json!({"request": {
            "uid": "1", "operation": "UPDATE", "subResource": "ephemeralcontainers",
            "kind": {"group": "", "version": "v1", "kind": "Pod"},
            "resource": {"group": "", "version": "v1", "resource": "pods"},
            "namespace": "shop", "name": "web", "object": pod, "oldObject": old,
        }}));
        let refusals = compare::refusals(&decision);
        if answer.rejected() == refusals.is_empty() {
            let kubernetes = answer.refusals();
            disagreements
                .entry((answer.reasons(), refusals.len()))
                .or_insert_with(|| format!("SEED={seed}\n{pod}\nKubernetes: {kubernetes:?}\ntransom: {refusals:?}\n"));
        }
        *if answer.rejected() { &mut rejected } else { &mut accepted } += 1;
    }
    say(&format!("SEED={first}: {rejected} ephemeral containers refused, {accepted} accepted"));
    let texts: Vec<String> = disagreements.into_values().take(SHOWN).collect();
    assert!(texts.is_empty(), "{}", texts.join("\n"));
    assert!(pods < 100 || (rejected > 0 && accepted > 0), "too one-sided");
}

/// A fix is also offered one by one, and an unsafe one never otherwise.
#[test]
fn each_fix_alone_keeps_accepted_what_was_accepted() {
    let Some(program) = judge::program() else { return };
    let mut judge = Judge::start(program, "");
    let (first, pods) = (number("SEED", 1), number("PODS", 20_000) / 10);
    let (mut safe, mut not_safe) = (0, 0);
    let mut refused = BTreeMap::<String, String>::new();
    for case in (0..pods).map(|i| Case::new(first.wrapping_add(i))) {
        let mut ask = |object: &Value| {
            judge.ask(&json!({"workload": object, "runtimeClass": case.runtime_class, "namespace": case.namespace}))
        };
        let before = ask(&case.object);
        if before.rejected() {
            continue;
        }
        let decision = compare::evaluate(&compare::request(&case.object, &case.context(), ""));
        for finding in decision["findings"].as_array().into_iter().flatten().filter(|f| f["fix"].is_object()) {
            let (fix, rule) = (&finding["fix"], compare::text(&finding["rule"]));
            let seed = case.seed;
            let mut fail = |why: String| {
                let told = format!("SEED={seed}\n{}\nwith {}: {why}", case.object, fix["patch"]);
                refused.entry(format!("{rule}: {why}")).or_insert(told);
            };
            match compare::apply(&case.object, &fix["patch"]) {
                Err(error) => fail(error),
                Ok(fixed) => {
                    let after = ask(&fixed);
                    if after.rejected() {
                        fail(format!("{:?}", after.reasons()));
                    } else if before.is_admitted() && !after.is_admitted() {
                        fail(format!("{:?}", after.not_admitted()));
                    }
                }
            }
            *if fix["safety"] == "safe" { &mut safe } else { &mut not_safe } += 1;
        }
    }
    say(&format!("SEED={first}: {safe} safe fixes and {not_safe} others, each alone"));
    let texts: Vec<String> = refused.into_values().take(3 * SHOWN).collect();
    assert!(texts.is_empty(), "{}", texts.join("\n\n"));
}

fn run(gates: &str, pods: u64) {
    let Some(program) = judge::program() else { return };
    let first = number("SEED", 1);
    let (disagreements, tally) = compare_many(program, gates, first, pods.max(1));
    say(&format!("SEED={first} PODS={pods} {gates}: {tally}"));
    if env::var_os("REASONS").is_some() {
        tally.reasons.iter().for_each(|(reason, count)| say(&format!("{count:7} {reason}")));
    }
    if !disagreements.is_empty() {
        panic!("{}", report(program, gates, disagreements));
    }
    // A generator whose pods are all alike would prove nothing.
    if pods >= 1_000 {
        assert!(tally.rejected * 5 > pods && tally.rejected * 5 < pods * 4, "too one-sided: {tally}");
        assert!(tally.repaired > 0, "no patch ever made a refused pod acceptable: {tally}");
    }
}

/// What was seen, and how often.
#[derive(Default)]
struct Tally {
    rejected: u64,
    patched: u64,
    repaired: u64,
    nowhere: u64,
    /// Kubernetes' reasons to refuse, and how often.
    reasons: BTreeMap<String, u64>,
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Tally { rejected, patched, repaired, nowhere, reasons } = self;
        write!(
            f,
            "{rejected} refused for {} reasons, {nowhere} match no node, {patched} patched, {repaired} repaired by a patch",
            reasons.len()
        )
    }
}

/// For each kind of disagreement the case that shows it with the least beside it, and how many there were.
type Disagreements = BTreeMap<String, (Disagreement, Case, u64)>;

/// transom works in one thread, Kubernetes in its own process.
fn compare_many(program: &Path, gates: &str, first: u64, pods: u64) -> (Disagreements, Tally) {
    let mut judge = Judge::start(program, gates);
    let mut requests = judge.take_requests();
    // Unbounded, yet never long: the pipe to the judge holds the sender back.
    let (sender, receiver) = mpsc::channel::<Compared>();
    thread::scope(move |scope| {
        scope.spawn(move || {
            for seed in (0..pods).map(|i| first.wrapping_add(i)) {
                let compared = Compared::new(Case::new(seed), gates);
                let lines = compared.requests();
                // First, so that somebody reads the answers while these are written.
                if sender.send(compared).is_err() {
                    return;
                }
                lines.iter().for_each(|request| requests.send(request));
            }
        });

        // Moved in: a panic here has to end the judge, or the sender would wait for it for ever.
        let mut judge = judge;
        let (mut disagreements, mut tally) = (Disagreements::new(), Tally::default());
        for compared in receiver {
            let answers = compared.requests().iter().map(|_| judge.answer()).collect::<Vec<_>>();
            assert!(
                answers[0].strict.is_empty(),
                "SEED={}: the generator writes fields that do not exist: {:?}",
                compared.case.seed,
                answers[0].strict
            );
            tally.rejected += u64::from(answers[0].rejected());
            tally.nowhere += u64::from(!answers[0].labels.contains(&true));
            let patched = answers.last().filter(|_| compared.is_patched());
            tally.patched += u64::from(patched.is_some());
            tally.repaired += u64::from(patched.is_some_and(|patched| answers[0].rejected() && !patched.rejected()));
            for reason in answers[0].reasons() {
                *tally.reasons.entry(reason).or_default() += 1;
            }
            for disagreement in compared.disagreements(&answers) {
                let entry = disagreements
                    .entry(disagreement.signature())
                    .or_insert_with(|| (disagreement.clone(), compared.case.clone(), 0));
                entry.2 += 1;
                if disagreement.breadth() < entry.0.breadth() {
                    (entry.0, entry.1) = (disagreement, compared.case.clone());
                }
            }
        }
        (disagreements, tally)
    })
}

fn report(program: &Path, gates: &str, disagreements: Disagreements) -> String {
    let mut judge = Judge::start(program, gates);
    let mut ask = |case: &Case| {
        let compared = Compared::new(case.clone(), gates);
        let answers = compared.requests().iter().map(|request| judge.ask(request)).collect::<Vec<_>>();
        let found = compared.disagreements(&answers);
        (compared, answers, found)
    };

    // What shows with little beside it explains much of the rest.
    let mut kinds: Vec<_> = disagreements.into_values().collect();
    kinds.sort_by_key(|(disagreement, _, count)| (disagreement.breadth(), std::cmp::Reverse(*count)));
    let mut totals = BTreeMap::<String, u64>::new();
    for (disagreement, _, count) in &kinds {
        *totals.entry(format!("{:?}", disagreement.kind)).or_default() += count;
    }
    let mut text = format!("disagreements: {totals:?}\n");
    let mut shown = BTreeSet::new();
    let (mut tried, mut told) = (BTreeMap::<String, usize>::new(), BTreeMap::<String, usize>::new());
    for (disagreement, case, count) in kinds {
        let kind = format!("{:?}", disagreement.kind);
        let tried = tried.entry(kind.clone()).or_default();
        let told = told.entry(kind).or_default();
        if *told == SHOWN || *tried == 6 * SHOWN {
            continue;
        }
        *tried += 1;
        let small = compare::shrink(&case, &disagreement, |case| ask(case).2);
        let (compared, answers, found) = ask(&small);
        let Some(same) = found.iter().find(|found| found.kind == disagreement.kind) else { continue };
        if !shown.insert(same.signature()) {
            continue;
        }
        *told += 1;
        text += &format!(
            "\n=== {count} × {}\nSEED={} PODS=1, everything removed that does not matter:\n{}\n",
            same.signature(),
            case.seed,
            small.object
        );
        for node in small.nodes.iter().flatten() {
            text += &format!("node: {}\n", node["metadata"]);
        }
        text += &format!(
            "Kubernetes: {:?}\ntransom: {:?}, placement {}\n",
            answers[0].refusals(),
            compare::refusals(&compared.decision),
            compared.decision["target"]["placement"]
        );
        for object in small.runtime_class.iter().chain(&small.namespace) {
            text += &format!("with: {object}\n");
        }
        if let Some(patched) = answers.last().filter(|_| compared.is_patched()) {
            text += &format!(
                "patch: {}\nKubernetes, of the patched object: {:?}\n",
                compared.decision["patch"],
                patched.refusals()
            );
        }
        text += &format!("{}\n", same.detail);
    }
    text
}

fn number(variable: &str, default: u64) -> u64 {
    let Ok(text) = env::var(variable) else { return default };
    text.parse().unwrap_or_else(|_| panic!("{variable}={text} is no number"))
}

/// The part of the settings that says what the judge was told.
fn settings(gates: &str) -> Value {
    let gates: BTreeMap<&str, bool> =
        gates.split(',').filter_map(|gate| gate.split_once('=')).map(|(name, on)| (name, on == "true")).collect();
    json!({"kubernetes": {"version": "1.36", "featureGates": gates}})
}
