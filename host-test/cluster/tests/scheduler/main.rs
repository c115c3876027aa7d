//! transom's placement against the real kube-scheduler.
//!
//! A control plane gets nodes of both systems, with builds, labels and taints, and transom gets them
//! as context. Every pod is then created as it is, and once more for each system with a request for
//! something that only nodes of this system have. So placement on each system is decided by itself:
//!
//! | placement | the scheduler |
//! |---|---|
//! | `yes` | binds the pod to a node of this system |
//! | `guarded` | leaves it pending, because of a taint |
//! | `no` | leaves it pending |
//! | `maybe` | never comes out where all nodes are known |
//!
//! The pod as it is goes to a node of a system with `yes`, or stays pending where there is none. What
//! transom says `no` to without knowing any node stays pending, too. All that happens twice: once with
//! some nodes that take everybody, once with a taint on every node.
//!
//! The pods are generated ones (`PODS=1000 SEED=7` makes others), the cases of `tests/corpus`, and
//! those in the manifests of the folder that `MANIFESTS` names.

mod subject;

use std::collections::BTreeMap;
use std::env;
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};
use std::thread;

use cluster::engine::say;
use cluster::{Answer, Cluster, documents};
use host_test::generate::nodes::{Os, os_of};
use serde_json::{Value, json};
use subject::Subject;

const NODES: &str = include_str!("nodes.yaml");

/// How many pods are made.
const PODS: u64 = 600;

/// How many are in the scheduler's hands at once.
const AT_ONCE: usize = 4;

fn main() -> ExitCode {
    cluster::tests(start, &[("the scheduler does what placement says", placement)])
}

fn start() -> Option<Cluster> {
    let mut cluster = Cluster::start(Path::new(env!("CARGO_BIN_EXE_cluster")))?;
    for mut node in documents(NODES) {
        node["status"]["capacity"] = subject::resources(os_of(&node));
        cluster.add_node(&node);
    }
    cluster.start_scheduler();
    Some(cluster)
}

/// What the scheduler did with a pod.
#[derive(Debug)]
enum Outcome {
    Bound(Os),
    Pending(String),
}

/// What was seen.
#[derive(Default)]
struct Seen {
    pods: usize,
    refused: usize,
    /// By system and placement, and without context.
    placements: BTreeMap<String, usize>,
    failures: Vec<String>,
}

fn placement(cluster: &Cluster) {
    let number = |name: &str, default| env::var(name).map_or(default, |text| text.parse().expect("a number"));
    let mut subjects = subject::generated(number("SEED", 1), number("PODS", PODS));
    subjects.extend(subject::cases());
    if let Some(folder) = env::var_os("MANIFESTS") {
        subjects.extend(subject::manifests(Path::new(&folder)));
    }
    let mut nodes = documents(NODES);
    let open = schedule_all(cluster, "open", &subjects, &nodes);
    for node in &mut nodes {
        let (key, os) = match os_of(node) {
            Os::Windows => ("os", "windows"),
            Os::Linux => ("cattle.io/os", "linux"),
        };
        let mut taints = node["spec"]["taints"].as_array().cloned().unwrap_or_default();
        taints.retain(|taint| taint["key"] != key);
        taints.push(json!({"key": key, "value": os, "effect": "NoSchedule"}));
        node["spec"]["taints"] = json!(taints);
        let patch = json!({"spec": {"taints": taints}});
        cluster.client().merge(node, "", &patch).and_then(Answer::ok).expect("a node is tainted");
    }
    let tainted = schedule_all(cluster, "tainted", &subjects, &nodes);
    if env::var_os("PODS").is_none() {
        for os in Os::BOTH {
            for word in ["yes", "guarded", "no", "no, whatever the nodes"] {
                let key = format!("{} {word}", os.name());
                let count: usize = [&open, &tainted].iter().filter_map(|seen| seen.get(&key)).sum();
                assert!(count >= 10, "too one-sided: {key} for {count} pods");
            }
        }
    }
}

/// Schedules every pod in a cluster of these nodes, and counts what transom said about each system.
fn schedule_all(cluster: &Cluster, round: &str, subjects: &[Subject], nodes: &[Value]) -> BTreeMap<String, usize> {
    let (left, seen) = (Mutex::new(subjects.iter().enumerate()), Mutex::new(Seen::default()));
    let next = || left.lock().unwrap_or_else(PoisonError::into_inner).next();
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((number, subject)) = next() {
                    judge(cluster, &format!("{round}-{number}"), subject, nodes, &seen);
                }
            });
        }
    });
    let Seen { pods, refused, placements, failures } = seen.into_inner().unwrap_or_else(PoisonError::into_inner);
    say(&format!("{round}: {pods} pods, {refused} more that the API server refuses; {placements:?}"));
    let shown = failures[..failures.len().min(10)].join("\n");
    assert!(failures.is_empty(), "{} of {pods} pods\n{shown}", failures.len());
    assert!(pods >= 200 || env::var_os("PODS").is_some(), "only {pods} pods");
    placements
}

fn judge(cluster: &Cluster, id: &str, subject: &Subject, nodes: &[Value], seen: &Mutex<Seen>) {
    let mut pod = subject.pod.clone();
    pod["metadata"]["name"] = json!(format!("pod-{id}"));
    let mut context = nodes.to_vec();
    if let Some(mut class) = subject.class.clone() {
        // The API server remembers classes for a while, so that each has a name of its own.
        let own = format!("class-{id}");
        class["metadata"]["name"] = json!(own);
        pod["spec"]["runtimeClassName"] = json!(own);
        if cluster.client().create(&class).expect("an answer").status >= 300 {
            return;
        }
        context.push(class);
    }
    let Some(outcome) = schedule(cluster, &pod) else {
        seen.lock().unwrap_or_else(PoisonError::into_inner).refused += 1;
        return;
    };
    let known = subject::placement(&pod, &context);
    let unknown = subject::placement(&pod, &context[nodes.len()..]);
    let mut failures = Vec::new();
    let mut words = Vec::new();
    match &outcome {
        Outcome::Bound(os) if known(*os) == "yes" => {}
        Outcome::Pending(_) if Os::BOTH.iter().all(|os| known(*os) != "yes") => {}
        _ => failures.push(format!("as it is: {outcome:?}")),
    }
    for os in Os::BOTH {
        let outcome = schedule(cluster, &subject::only_for(&pod, os)).expect("accepted as it was before");
        let holds = match (&outcome, &*known(os)) {
            (Outcome::Bound(node), "yes") => *node == os && unknown(os) != "no",
            (Outcome::Pending(_), "no") => true,
            (Outcome::Pending(why), "guarded") => why.contains("untolerated taint"),
            _ => false,
        };
        if !holds {
            failures.push(format!("for {}: {outcome:?}", os.name()));
        }
        words.push(format!("{} {}", os.name(), known(os)));
        if unknown(os) == "no" {
            words.push(format!("{} no, whatever the nodes", os.name()));
        }
    }
    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    seen.pods += 1;
    if !failures.is_empty() {
        let name = &subject.name;
        seen.failures.push(format!("{name}: placement {words:?}\n{}\n{pod}\n", failures.join("\n")));
    }
    for word in words {
        *seen.placements.entry(word).or_default() += 1;
    }
}

/// What the scheduler does with a pod, which is gone afterwards; `None` where the API server refuses it.
fn schedule(cluster: &Cluster, pod: &Value) -> Option<Outcome> {
    let client = cluster.client();
    if client.create(pod).expect("an answer").status >= 300 {
        return None;
    }
    let path = client.path(pod).expect("a path");
    let outcome = cluster.wait("the scheduler's verdict", || {
        let pod = client.get(&path)?;
        if let Some(node) = pod["spec"]["nodeName"].as_str() {
            let os = if node.starts_with("win") { Os::Windows } else { Os::Linux };
            return Ok(Outcome::Bound(os));
        }
        let conditions = pod["status"]["conditions"].as_array().into_iter().flatten();
        let why = conditions.filter(|c| c["reason"] == "Unschedulable").find_map(|c| c["message"].as_str());
        match why {
            // Another pod has it, or keeps this one off, that is about to be deleted.
            Some(why) if ["free ports", "anti-affinity rules"].iter().any(|rule| why.contains(rule)) => {
                Err(why.to_owned())
            }
            Some(why) => Ok(Outcome::Pending(why.to_owned())),
            None => Err(pod["status"].to_string()),
        }
    });
    client.delete(pod).and_then(Answer::ok).expect("deleted");
    Some(outcome)
}
