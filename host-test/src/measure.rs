//! What the benches share: measuring in turns, tables, and what is judged.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// How long one measurement of one thing goes on, warm-up not counted.
const ENOUGH: Duration = Duration::from_millis(300);

/// Medians of things that are done in turns, so that whatever slows the machine slows them all.
pub fn in_turns<const N: usize>(mut things: [&mut dyn FnMut(); N]) -> [Duration; N] {
    let once: Vec<Duration> = things.iter_mut().map(|thing| time(thing, 3)).collect();
    // A batch is long enough for caches to be warm, and there are enough of them for a median.
    let batch: Vec<u32> =
        once.iter().map(|once| u32::try_from(5_000_000 / once.as_nanos().max(1)).unwrap_or(1).max(1)).collect();
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

/// Microseconds, as text.
#[must_use]
pub fn micros(time: Duration) -> String {
    format!("{:.1} us", time.as_secs_f64() * 1e6)
}

/// How many times `b` fits into `a`, as text.
#[must_use]
pub fn ratio(a: Duration, b: Duration) -> String {
    format!("{:.2}", a.as_secs_f64() / b.as_secs_f64())
}

/// Left column to the left, numbers to the right.
#[derive(Debug)]
pub struct Table(Vec<Vec<String>>);

impl Table {
    /// With the names of its columns.
    #[must_use]
    pub fn new(head: &[&str]) -> Self {
        Self(vec![head.iter().map(|cell| (*cell).to_owned()).collect()])
    }

    /// Adds a row.
    pub fn row(&mut self, cells: Vec<String>) {
        self.0.push(cells);
    }

    /// Prints it under a title.
    #[allow(clippy::print_stdout, reason = "a report on stdout is what the benches are for")]
    pub fn print(self, title: &str) {
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

/// An image of Windows.
pub const IIS: &str = "mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022";

/// A pod as the API server sends it: with its defaults, status fields and managed fields.
#[must_use]
pub fn pod(name: &str, image: &str, is_pinned: bool, containers: usize) -> Value {
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

/// The request to create an object.
#[must_use]
pub fn review(object: Value) -> Value {
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

/// A Deployment of IIS, with so many containers in its pods.
#[must_use]
pub fn deployment(containers: usize) -> Value {
    let mut template = pod("web", IIS, true, containers);
    let template = json!({"metadata": template["metadata"]["labels"].take(), "spec": template["spec"].take()});
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"replicas": 3, "selector": {"matchLabels": {"app": "web"}}, "template": template},
    })
}
