//! What Nodes say of themselves.

use serde_json::{Map, Value};
use transom::images::builds;
use transom::platform::labels::{OS, WINDOWS_BUILD};

/// Whether a Node says that it runs Windows.
pub fn is_windows_node(node: &Value) -> bool {
    node["metadata"]["labels"][OS] == "windows" || node["status"]["nodeInfo"]["operatingSystem"] == "windows"
}

/// The Windows build that a Node reports, or is labelled with.
pub fn windows_build(node: &Value) -> Option<u32> {
    let said = [&node["status"]["nodeInfo"]["kernelVersion"], &node["metadata"]["labels"][WINDOWS_BUILD]];
    said.into_iter().filter_map(Value::as_str).find_map(builds::parse)
}

/// What rules read of a Node: a node of a running cluster lists all its images, too.
pub fn essence(node: &Value) -> Value {
    let keep = |value: &Value, keys: &[&str]| -> Value {
        let mut there = Map::new();
        there.extend(keys.iter().filter_map(|key| Some(((*key).to_owned(), value.get(key)?.clone()))));
        Value::Object(there)
    };
    let (spec, status, info) = (&node["spec"], &node["status"], &node["status"]["nodeInfo"]);
    let mut out = keep(node, &["apiVersion", "kind"]);
    out["metadata"] = keep(&node["metadata"], &["name", "labels"]);
    out["spec"] = keep(spec, &["taints", "unschedulable"]);
    out["status"] = keep(status, &["allocatable", "capacity"]);
    out["status"]["nodeInfo"] =
        keep(info, &["architecture", "kernelVersion", "kubeletVersion", "operatingSystem", "osImage"]);
    out
}

/// A node without its name, wherever it stands.
pub(crate) fn without_name(mut node: Value, name: &str) -> Value {
    node["metadata"]["name"] = Value::Null;
    if let Some(labels) = node["metadata"]["labels"].as_object_mut() {
        labels.values_mut().filter(|value| *value == name).for_each(|value| *value = Value::Null);
    }
    node
}
