//! What evaluating costs, as ratios measured in one run on one machine: `cargo x bench`.
//!
//! Absolute times say more about the machine than about transom, so every table
//! has the yardstick beside it, measured in turns with what it is compared with.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a report on stdout is what this program is for")]

use std::{fs, hint::black_box, process::ExitCode, time::Duration};

use host_test::measure::{IIS, Table, deployment, in_turns, micros, pod, ratio, review};
use host_test::{module, skip_module};
use serde_json::{Value, json};
use transom_host::{Host, Session};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    if cfg!(debug_assertions) {
        eprintln!("bench: this build is not optimised; run `cargo run --release --package host-test --bin bench`");
        return ExitCode::from(2);
    }
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let skip = Host::builder().memory_limit(1 << 30).from_file(skip_module()?)?;
    let transom = Host::builder().memory_limit(1 << 30).timeout(Duration::from_secs(60)).from_file(module())?;
    let size = fs::metadata(module())?.len();
    println!("transom.wasm {} KB; times are medians\n", size / 1000);

    let inputs = [
        ("null", Value::Null),
        ("pod, linux", review(pod("web", "nginx:1.27", false, 1))),
        ("pod, windows, sound", review(pod("web", IIS, true, 1))),
        ("pod, windows, 2 findings", review(pod("web", IIS, false, 1))),
        ("deployment, 10 containers", deployment(10)),
        ("deployment, 100 containers", deployment(100)),
    ];
    against_skipping(&transom, &skip, &inputs)?;
    fresh_or_kept(&transom, &inputs)?;
    growth(&transom, &skip, "containers", deployment)?;
    growth(&transom, &skip, "context objects", with_context)?;
    growth(&transom, &skip, "volumes", volumes)?;
    memory(&transom)?;
    Ok(())
}

fn against_skipping(transom: &Host, skip: &Host, inputs: &[(&str, Value)]) -> Result<()> {
    let mut table = Table::new(&["input", "bytes", "skip wasm", "evaluate wasm", "wasm/skip", "native", "wasm/native"]);
    for (name, input) in inputs {
        let input = input.to_string();
        let (mut transom, mut skip) = (transom.session()?, skip.session()?);
        let [skipped, wasm, native] =
            in_turns([&mut || evaluate(&mut skip, &input), &mut || evaluate(&mut transom, &input), &mut || {
                drop(black_box(transom::evaluate(black_box(input.as_bytes()))))
            }]);
        table.row(vec![
            (*name).into(),
            input.len().to_string(),
            micros(skipped),
            micros(wasm),
            ratio(wasm, skipped),
            micros(native),
            ratio(wasm, native),
        ]);
    }
    table.print("Evaluating, kept instance (budget: 2.5 x skipping, 1.6 x native)");
    Ok(())
}

fn fresh_or_kept(transom: &Host, inputs: &[(&str, Value)]) -> Result<()> {
    let mut table = Table::new(&["input", "kept", "fresh", "more", "kept, settings", "fresh, settings", "more"]);
    let configured = Host::builder().settings(SETTINGS).from_file(module())?;
    for (name, input) in inputs {
        let input = input.to_string();
        let (mut session, mut with_settings) = (transom.session()?, configured.session()?);
        let [kept, fresh, kept_set, fresh_set] = in_turns([
            &mut || evaluate(&mut session, &input),
            &mut || drop(black_box(transom.evaluate(&input))),
            &mut || evaluate(&mut with_settings, &input),
            &mut || drop(black_box(configured.evaluate(&input))),
        ]);
        table.row(vec![
            (*name).into(),
            micros(kept),
            micros(fresh),
            micros(fresh.saturating_sub(kept)),
            micros(kept_set),
            micros(fresh_set),
            micros(fresh_set.saturating_sub(kept_set)),
        ]);
    }
    table.print("A fresh instance for each request (budget: 15 us more)");
    Ok(())
}

fn growth(transom: &Host, skip: &Host, what: &str, make: fn(usize) -> Value) -> Result<()> {
    let mut table = Table::new(&[what, "bytes", "evaluate wasm", "each", "ns/byte", "wasm/skip", "native each"]);
    for count in [1, 10, 100, 1_000, 10_000] {
        let input = make(count).to_string();
        let (mut transom, mut skip) = (transom.session()?, skip.session()?);
        let [skipped, wasm, native] =
            in_turns([&mut || evaluate(&mut skip, &input), &mut || evaluate(&mut transom, &input), &mut || {
                drop(black_box(transom::evaluate(black_box(input.as_bytes()))))
            }]);
        let count = u32::try_from(count)?;
        table.row(vec![
            count.to_string(),
            input.len().to_string(),
            micros(wasm),
            micros(wasm / count),
            format!("{:.2}", wasm.as_secs_f64() * 1e9 / input.len() as f64),
            ratio(wasm, skipped),
            micros(native / count),
        ]);
    }
    table.print(&format!("Growth with {what} (linear: `each` and `ns/byte` stay as they are)"));
    Ok(())
}

fn memory(transom: &Host) -> Result<()> {
    let mut table = Table::new(&["input", "bytes", "memory", "memory/input"]);
    for (name, input) in [
        ("1 container", deployment(1)),
        ("100 containers", deployment(100)),
        ("10,000 containers", deployment(10_000)),
        ("1,000 context objects", with_context(1_000)),
        ("10,000 context objects", with_context(10_000)),
        ("10,000 volumes", volumes(10_000)),
        ("one long annotation", annotated(4 << 20)),
    ] {
        let input = input.to_string();
        let mut session = transom.session()?;
        let before = session.memory_size();
        session.evaluate(&input)?;
        let used = session.memory_size() - before;
        table.row(vec![
            name.into(),
            input.len().to_string(),
            format!("{} KiB", used >> 10),
            format!("{:.1}", used as f64 / input.len() as f64),
        ]);
    }
    table.print("Memory that one evaluation adds, the input included (budget: 4 x; grows by pages of 64 KiB)");
    Ok(())
}

fn evaluate(session: &mut Session, input: &str) {
    drop(black_box(session.evaluate(black_box(input))));
}

const SETTINGS: &str = r#"{"platform":"aks","windows":{"builds":[20348,26100],"taints":[{"key":"os","value":"windows","effect":"NoSchedule"}]},"rules":{"WIN101":"warn"},"exempt":{"namespaces":["kube-system"]}}"#;

/// One pod to judge, and nodes, services, claims and other workloads around it.
fn with_context(objects: usize) -> Value {
    let object = |nth: usize| match nth % 5 {
        0 => json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": format!("node-{nth}"),
            "labels": {"kubernetes.io/os": "windows", "kubernetes.io/arch": "amd64", "node.kubernetes.io/windows-build": "10.0.20348", "agentpool": "win"}},
            "spec": {"taints": [{"key": "os", "value": "windows", "effect": "NoSchedule"}]},
            "status": {"allocatable": {"cpu": "8", "memory": "32Gi", "pods": "110"}, "nodeInfo": {"osImage": "Windows Server 2022 Datacenter", "kernelVersion": "10.0.20348.2700"}}}),
        1 => {
            json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": format!("svc-{nth}"), "namespace": "shop"},
            "spec": {"selector": {"app": format!("app-{nth}")}, "ports": [{"port": 80, "targetPort": 8080}]}})
        }
        2 => {
            json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": format!("pvc-{nth}"), "namespace": "shop"},
            "spec": {"storageClassName": "managed-csi", "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "10Gi"}}}})
        }
        3 => {
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": format!("cm-{nth}"), "namespace": "shop"},
            "data": {"appsettings.json": "{\"Logging\":{\"LogLevel\":{\"Default\":\"Information\"}}}"}})
        }
        _ => {
            let mut other = deployment(1);
            other["metadata"]["name"] = json!(format!("app-{nth}"));
            other
        }
    };
    json!({"request": pod("web", IIS, true, 1), "context": (0..objects).map(object).collect::<Vec<_>>()})
}

fn volumes(count: usize) -> Value {
    let mut pod = pod("web", IIS, true, 1);
    pod["spec"]["volumes"] = (0..count)
        .map(|nth| json!({"name": format!("v{nth}"), "secret": {"secretName": format!("s{nth}"), "defaultMode": 420}}))
        .collect();
    pod["spec"]["containers"][0]["volumeMounts"] =
        (0..count).map(|nth| json!({"name": format!("v{nth}"), "mountPath": format!("C:/secrets/{nth}")})).collect();
    pod
}

fn annotated(bytes: usize) -> Value {
    let mut pod = pod("web", IIS, true, 1);
    pod["metadata"]["annotations"]["example.com/long"] = json!("x".repeat(bytes));
    pod
}
