//! Clusters, nodes and pods in manifests.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use transom::Transom;
use transom::platform::Os;
use transom::platform::taints::is_condition;
use transom_context::{is_windows_node, windows_build};

use super::{Findings, Taint, build, is_effect, note, note_version};

/// Whether a text may hold anything that [`look`] reads; asked before it is parsed.
pub(super) fn may_be_in(text: &str) -> bool {
    let words = ["eksctl.io/", ".openshift.io/", "Node"];
    transom_context::may_hold_workload(text) || words.iter().any(|word| text.contains(word))
}

/// What an object says of the cluster that it is for.
pub(super) fn look(object: &Value, label: &str, findings: &mut Findings) {
    let api_version = object["apiVersion"].as_str().unwrap_or_default();
    match (api_version, object["kind"].as_str().unwrap_or_default()) {
        (_, kind) if kind.ends_with("List") => {
            object["items"].as_array().into_iter().flatten().for_each(|item| look(item, label, findings));
        }
        ("v1", "Node") => node(object, label, findings),
        (version, "ClusterConfig") if version.starts_with("eksctl.io/") => eksctl(object, label, findings),
        (version, _) => {
            if version.split_once('/').is_some_and(|(group, _)| group.ends_with(".openshift.io")) {
                note(&mut findings.platforms, "openshift", label);
            }
            pods(object, label, findings);
        }
    }
}

/// Labels by whose keys a platform tells its nodes apart.
const LABELS: &[(&str, &str)] = &[
    ("kubernetes.azure.com/", "aks"),
    ("eks.amazonaws.com/", "eks"),
    ("cloud.google.com/gke-", "gke"),
    ("node.openshift.io/", "openshift"),
];

fn platforms(labels: &Value, from: &str, findings: &mut Findings) {
    for key in labels.as_object().into_iter().flat_map(|labels| labels.keys()) {
        if let Some((_, platform)) = LABELS.iter().find(|(start, _)| key.starts_with(start)) {
            note(&mut findings.platforms, *platform, from);
        }
    }
}

fn node(node: &Value, label: &str, findings: &mut Findings) {
    let from = format!("{label}: Node {}", node["metadata"]["name"].as_str().unwrap_or_default());
    platforms(&node["metadata"]["labels"], &from, findings);
    note_version(node["status"]["nodeInfo"]["kubeletVersion"].as_str().unwrap_or_default(), &from, findings);
    if !is_windows_node(node) {
        return;
    }
    findings.pools.insert(from.clone());
    match windows_build(node) {
        Some(build) => note(&mut findings.builds, build, &from),
        None => drop(findings.open_builds.insert(from.clone())),
    }
    let lasting = taints(&node["spec"]["taints"]).filter(|(key, ..)| !is_condition(key));
    lasting.for_each(|taint| note(&mut findings.taints, taint, &from));
}

fn taints(list: &Value) -> impl Iterator<Item = Taint> {
    let taints = list.as_array().into_iter().flatten().map(|taint| {
        let field = |name: &str| taint[name].as_str().unwrap_or_default().to_owned();
        (field("key"), field("value"), field("effect"))
    });
    taints.filter(|(key, _, effect)| !key.is_empty() && is_effect(effect))
}

/// A cluster as eksctl makes it.
fn eksctl(cluster: &Value, label: &str, findings: &mut Findings) {
    let metadata = &cluster["metadata"];
    let from = format!("{label}: ClusterConfig {}", metadata["name"].as_str().unwrap_or_default());
    note(&mut findings.platforms, "eks", &from);
    note_version(metadata["version"].as_str().unwrap_or_default(), &from, findings);
    for groups in ["nodeGroups", "managedNodeGroups"] {
        for group in cluster[groups].as_array().into_iter().flatten() {
            let from = format!("{from}: {}", group["name"].as_str().unwrap_or_default());
            let image = group["amiFamily"].as_str().unwrap_or_default();
            let is_windows = image.starts_with("Windows");
            if is_windows {
                build(Some(image), &from, findings);
                taints(&group["taints"]).for_each(|taint| note(&mut findings.taints, taint, &from));
            }
            for (key, value) in group["labels"].as_object().into_iter().flatten() {
                let of = if is_windows { &mut findings.windows_labels } else { &mut findings.linux_labels };
                value.as_str().into_iter().for_each(|value| note(of, (key.clone(), value.to_owned()), &from));
            }
        }
    }
}

/// What the pods in an object ask of their nodes, where they say which system they are for.
fn pods(value: &Value, label: &str, findings: &mut Findings) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| pods(item, label, findings)),
        Value::Object(fields) => {
            if fields.get("containers").is_some_and(Value::is_array) {
                pod(value, label, findings);
            } else {
                fields.values().for_each(|value| pods(value, label, findings));
            }
        }
        _ => {}
    }
}

fn pod(spec: &Value, label: &str, findings: &mut Findings) {
    let selector = &spec["nodeSelector"];
    platforms(selector, label, findings);
    let system = spec["os"]["name"].as_str().or(selector["kubernetes.io/os"].as_str());
    let is_windows = match system {
        Some("windows") => true,
        Some("linux") => false,
        // Whatever it is for, its labels are no sign of Windows where its images are Linux'.
        _ if selector.is_object() && is_for_linux(spec) => false,
        _ => return,
    };
    for (key, value) in selector.as_object().into_iter().flatten() {
        if let Some(value) = value.as_str() {
            let of = if is_windows { &mut findings.asked_labels } else { &mut findings.linux_labels };
            note(of, (key.clone(), value.to_owned()), label);
        }
    }
    let mut tolerated = BTreeSet::new();
    for toleration in spec["tolerations"].as_array().into_iter().flatten().filter(|_| is_windows) {
        let field = |name: &str| toleration[name].as_str().unwrap_or_default().to_owned();
        let (key, effect) = (field("key"), field("effect"));
        let is_about_system = key.eq_ignore_ascii_case("os")
            || key.to_ascii_lowercase().contains("windows")
            || field("value").eq_ignore_ascii_case("windows");
        if is_about_system && is_effect(&effect) {
            tolerated.insert((key, field("value"), effect));
        }
    }
    let (taints, pods) = &mut findings.tolerated;
    *pods += usize::from(!tolerated.is_empty());
    for taint in tolerated {
        *taints.entry(taint.clone()).or_default() += 1;
        note(&mut findings.taints, taint, label);
    }
}

/// Whether a pod that does not say so is meant for Linux.
fn is_for_linux(spec: &Value) -> bool {
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "pod"}, "spec": spec});
    let decision = Transom::new().decide(pod.to_string().as_bytes());
    decision.target.is_some_and(|target| target.intent == Some(Os::Linux))
}
