//! The pods that every engine is asked about.

use serde_json::{Value, json};

use crate::documents;

/// The spec of a pod that transom denies (WIN101), and mends.
pub const UNPINNED: &str = "{containers: [{name: web, image: 'mcr.microsoft.com/windows/nanoserver:ltsc2022'}]}";

/// Pinned, tolerating, and with nothing to be said about.
pub const GOOD: &str = "{os: {name: windows}, nodeSelector: {kubernetes.io/os: windows},
    tolerations: [{key: os, value: windows, effect: NoSchedule}],
    containers: [{name: web, image: 'mcr.microsoft.com/windows/nanoserver:ltsc2022',
    resources: {requests: {cpu: 500m, memory: 256Mi}, limits: {cpu: '1', memory: 256Mi}}}]}";

/// A Pod of a spec in YAML, in the namespace `default`.
///
/// # Panics
///
/// Where it is no YAML.
#[must_use]
pub fn pod(name: &str, spec: &str) -> Value {
    let metadata = json!({"name": name, "namespace": "default"});
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": documents(spec)[0]})
}

/// The same object in another namespace.
#[must_use]
pub fn in_namespace(namespace: &str, object: &Value) -> Value {
    let mut object = object.clone();
    object["metadata"]["namespace"] = json!(namespace);
    object
}
