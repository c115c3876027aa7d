//! What evaluating costs, as ratios measured in one run on one machine: `cargo x bench`.
//!
//! Absolute times say more about the machine than about transom, so every table
//! has the yardstick beside it, measured in turns with what it is compared with.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a report on stdout is what this program is for")]

use std::{
    fs,
    hint::black_box,
    process::ExitCode,
    time::{Duration, Instant},
};

use host_test::{module, skip_module};
use serde_json::{Value, json};
use transom_host::{Host, Session};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// How long one measurement of one thing goes on, warm-up not counted.
const ENOUGH: Duration = Duration::from_millis(300);

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

/// Medians of things that are done in turns, so that whatever slows the machine slows them all.
fn in_turns<const N: usize>(mut things: [&mut dyn FnMut(); N]) -> [Duration; N] {
    let once: Vec<Duration> = things.iter_mut().map(|thing| time(thing, 3)).collect();
    // A batch is long enough for the clock, and there are enough of them for a median.
    let batch: Vec<u32> =
        once.iter().map(|once| u32::try_from(200_000 / once.as_nanos().max(1)).unwrap_or(1).max(1)).collect();
    let mut samples: [Vec<Duration>; N] = std::array::from_fn(|_| Vec::new());
    let since = Instant::now();
    let enough = ENOUGH * u32::try_from(N).unwrap_or(1);
    while samples[0].len() < 15 || since.elapsed() < enough {
        for ((thing, samples), batch) in things.iter_mut().zip(&mut samples).zip(&batch) {
            samples.push(time(thing, *batch));
        }
    }
    samples.map(|mut samples| {
        samples.sort();
        samples[samples.len() / 2]
    })
}

fn time(thing: &mut dyn FnMut(), batch: u32) -> Duration {
    let since = Instant::now();
    for _ in 0..batch {
        thing();
    }
    since.elapsed() / batch
}

fn micros(time: Duration) -> String {
    format!("{:.1} us", time.as_secs_f64() * 1e6)
}

fn ratio(a: Duration, b: Duration) -> String {
    format!("{:.2}", a.as_secs_f64() / b.as_secs_f64())
}

/// Left column to the left, numbers to the right.
struct Table(Vec<Vec<String>>);

impl Table {
    fn new(head: &[&str]) -> Self {
        Self(vec![head.iter().map(|cell| (*cell).to_owned()).collect()])
    }

    fn row(&mut self, cells: Vec<String>) {
        self.0.push(cells);
    }

    fn print(self, title: &str) {
        println!("{title}");
        let width = |column: usize| {
            let cells = self.0.iter().filter_map(|row| row.get(column));
            cells.map(String::len).max().unwrap_or(0)
        };
        for row in &self.0 {
            let mut line = String::new();
            for (column, cell) in row.iter().enumerate() {
                let width = width(column);
                match column {
                    0 => line += &format!("  {cell:<width$}"),
                    _ => line += &format!("  {cell:>width$}"),
                }
            }
            println!("{line}");
        }
        println!();
    }
}

const IIS: &str = "mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022";

const SETTINGS: &str = r#"{"platform":"aks","windows":{"builds":[20348,26100],"taints":[{"key":"os","value":"windows","effect":"NoSchedule"}]},"rules":{"WIN101":"warn"},"exempt":{"namespaces":["kube-system"]}}"#;

/// A pod as the API server sends it: with its defaults, status fields and managed fields.
fn pod(name: &str, image: &str, is_pinned: bool, containers: usize) -> Value {
    let container = |nth: usize| {
        json!({
            "name": format!("{name}-{nth}"),
            "image": image,
            "imagePullPolicy": "IfNotPresent",
            "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}],
            "env": [
                {"name": "ASPNETCORE_URLS", "value": "http://+:8080"},
                {"name": "POD_NAME", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}}},
                {"name": "CONNECTION", "valueFrom": {"secretKeyRef": {"name": "db", "key": "connection"}}},
            ],
            "resources": {"requests": {"cpu": "500m", "memory": "1Gi"}, "limits": {"cpu": "1", "memory": "2Gi"}},
            "readinessProbe": {
                "httpGet": {"path": "/healthz", "port": 8080, "scheme": "HTTP"},
                "initialDelaySeconds": 30, "timeoutSeconds": 5, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3,
            },
            "volumeMounts": [
                {"name": "config", "mountPath": "C:/app/config", "readOnly": true},
                {"name": "kube-api-access-x7k2p", "readOnly": true, "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"},
            ],
            "terminationMessagePath": "/dev/termination-log",
            "terminationMessagePolicy": "File",
        })
    };
    let fields = |prefix: &str| -> Value {
        json!({
            "manager": prefix, "operation": "Update", "apiVersion": "v1", "time": "2026-11-20T10:00:00Z", "fieldsType": "FieldsV1",
            "fieldsV1": {"f:metadata": {"f:labels": {".": {}, "f:app": {}, "f:version": {}}},
                "f:spec": {"f:containers": {"k:{\"name\":\"web\"}": {".": {}, "f:env": {}, "f:image": {}, "f:imagePullPolicy": {},
                    "f:name": {}, "f:ports": {}, "f:readinessProbe": {}, "f:resources": {}, "f:volumeMounts": {}}},
                    "f:dnsPolicy": {}, "f:enableServiceLinks": {}, "f:nodeSelector": {}, "f:restartPolicy": {}, "f:volumes": {}}},
        })
    };
    let mut spec = json!({
        "containers": (0..containers).map(container).collect::<Vec<_>>(),
        "volumes": [
            {"name": "config", "configMap": {"name": "web-config", "defaultMode": 420}},
            {"name": "kube-api-access-x7k2p", "projected": {"defaultMode": 420, "sources": [
                {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
                {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
                {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}]}},
            ]}},
        ],
        "restartPolicy": "Always", "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst",
        "serviceAccountName": "web", "serviceAccount": "web", "securityContext": {}, "schedulerName": "default-scheduler",
        "tolerations": [
            {"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300},
            {"key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300},
        ],
        "priority": 0, "enableServiceLinks": true, "preemptionPolicy": "PreemptLowerPriority",
    });
    if is_pinned {
        spec["os"] = json!({"name": "windows"});
        spec["nodeSelector"] = json!({"kubernetes.io/os": "windows"});
    }
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "name": name, "namespace": "shop", "uid": "9b1c2d3e-0000-4000-8000-000000000000", "creationTimestamp": "2026-11-20T10:00:00Z",
            "labels": {"app": name, "version": "v1", "pod-template-hash": "6d4cf56db6"},
            "annotations": {"prometheus.io/scrape": "true", "prometheus.io/port": "8080"},
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-6d4cf56db6", "uid": "1", "controller": true, "blockOwnerDeletion": true}],
            "managedFields": [fields("kube-controller-manager"), fields("kubelet")],
        },
        "spec": spec,
        "status": {"phase": "Pending", "qosClass": "Burstable"},
    })
}

fn review(object: Value) -> Value {
    json!({
        "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {
            "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
            "kind": {"group": "", "version": "v1", "kind": "Pod"}, "resource": {"group": "", "version": "v1", "resource": "pods"},
            "requestKind": {"group": "", "version": "v1", "kind": "Pod"}, "requestResource": {"group": "", "version": "v1", "resource": "pods"},
            "name": "web", "namespace": "shop", "operation": "CREATE",
            "userInfo": {"username": "system:serviceaccount:kube-system:replicaset-controller", "groups": ["system:serviceaccounts", "system:authenticated"]},
            "object": object, "oldObject": null, "dryRun": false,
            "options": {"kind": "CreateOptions", "apiVersion": "meta.k8s.io/v1"},
        },
    })
}

fn deployment(containers: usize) -> Value {
    let mut template = pod("web", IIS, true, containers);
    let template = json!({"metadata": template["metadata"]["labels"].take(), "spec": template["spec"].take()});
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"replicas": 3, "selector": {"matchLabels": {"app": "web"}}, "template": template},
    })
}

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
