//! What objects are to one another: those that rules look up when they judge another one.
//!
//! Rules look up kinds of [`LOOKED_UP`] and no others. An object is sent with those that can matter
//! to it, so that a set of 10,000 objects is not sent 10,000 times:
//!
//! - the Namespace it is in;
//! - the RuntimeClasses it names;
//! - of Nodes that differ by nothing but their name, the ones it names and one other. A rule that
//!   asks whether there is some such node finds the same among them as among all;
//! - the workload that it autoscales.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::manifest::Object;

/// Group and kind of the objects that rules look up, and of those that point at a workload which
/// rules look up then.
const LOOKED_UP: &[(&str, &str)] =
    &[("", "Namespace"), ("", "Node"), ("node.k8s.io", "RuntimeClass"), (AUTOSCALING, AUTOSCALER)];
const AUTOSCALING: &str = "autoscaling.k8s.io";
const AUTOSCALER: &str = "VerticalPodAutoscaler";

/// The objects of a set that others may look up.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Context {
    namespaces: BTreeMap<String, String>,
    runtime_classes: BTreeMap<String, String>,
    /// What a node is without its name, and the nodes that are so, by name.
    nodes: BTreeMap<String, BTreeMap<String, String>>,
    /// The workloads that autoscalers point at, as soon as they were found.
    targets: BTreeMap<Target, Option<String>>,
}

/// Kind, namespace and name.
type Target = (String, String, String);

/// Whether a text can hold an object that others look up; asked before it is parsed.
pub(crate) fn may_be_in(text: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
    LOOKED_UP.iter().any(|(_, kind)| {
        text.match_indices(kind).any(|(at, _)| {
            let before = text[..at].chars().next_back().is_some_and(is_word);
            let after = text[at + kind.len()..].strip_prefix("List").unwrap_or(&text[at + kind.len()..]);
            !before && !after.chars().next().is_some_and(is_word)
        })
    })
}

impl Context {
    /// Takes an object in if it is one that others look up. Of two with one name the last counts.
    pub(crate) fn add(&mut self, object: &Value) {
        let Some(name) = object["metadata"]["name"].as_str().map(str::to_owned) else { return };
        match looked_up_kind(object) {
            Some("Namespace") => drop(self.namespaces.insert(name, without_clutter(object))),
            Some("RuntimeClass") => drop(self.runtime_classes.insert(name, without_clutter(object))),
            Some("Node") => {
                for alike in self.nodes.values_mut() {
                    alike.remove(&name);
                }
                let node = essence(object);
                let nameless = without_name(node.clone(), &name);
                self.nodes.entry(nameless.to_string()).or_default().insert(name, node.to_string());
            }
            Some(AUTOSCALER) => {
                if let Some(target) = target_of(object, namespace_of(object)) {
                    self.targets.entry(target).or_default();
                }
            }
            _ => {}
        }
    }

    pub(crate) fn has_no_targets(&self) -> bool {
        self.targets.is_empty()
    }

    /// Whether a text can hold a workload that an autoscaler points at.
    pub(crate) fn may_have_target_in(&self, text: &str) -> bool {
        self.targets.keys().any(|(kind, _, name)| text.contains(kind.as_str()) && text.contains(name.as_str()))
    }

    /// Takes an object in if an autoscaler points at it.
    pub(crate) fn add_target(&mut self, object: &Value) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let this = (text(&object["kind"]), namespace_of(object).to_owned(), text(&object["metadata"]["name"]));
        if let Some(target) = self.targets.get_mut(&this) {
            *target = Some(without_clutter(object));
        }
    }

    /// What can matter to `object`, as JSON texts.
    pub(crate) fn around<'c>(&'c self, object: &Object<'_>) -> Vec<&'c str> {
        let mut around = Vec::new();
        let own = object.object();
        let own_kind = looked_up_kind(own);
        let own_name = own["metadata"]["name"].as_str();
        let is_itself = |kind, name: &str| own_kind == Some(kind) && own_name == Some(name);
        let namespace = object.namespace();
        if !is_itself("Namespace", namespace) {
            around.extend(self.namespaces.get(namespace).map(String::as_str));
        }
        if own_kind == Some(AUTOSCALER) {
            let target = target_of(own, namespace).and_then(|target| self.targets.get(&target)?.as_deref());
            around.extend(target);
        }
        if self.runtime_classes.is_empty() && self.nodes.is_empty() {
            return around;
        }
        let mut named = BTreeSet::new();
        texts(own, &mut named);
        let classes = named.iter().filter(|name| !is_itself("RuntimeClass", name));
        around.extend(classes.filter_map(|name| self.runtime_classes.get(*name)).map(String::as_str));
        for alike in self.nodes.values() {
            let others = || alike.iter().filter(|(name, _)| !is_itself("Node", name));
            let stranger = others().find(|(name, _)| !named.contains(name.as_str()));
            let acquainted = named.iter().filter(|name| !is_itself("Node", name)).filter_map(|name| alike.get(*name));
            around.extend(stranger.map(|(_, node)| node).into_iter().chain(acquainted).map(String::as_str));
        }
        around
    }
}

/// Whether others look this object up.
pub(crate) fn is_looked_up(object: &Value) -> bool {
    looked_up_kind(object).is_some()
}

fn namespace_of(object: &Value) -> &str {
    object["metadata"]["namespace"].as_str().unwrap_or("default")
}

/// The workload that an autoscaler in `namespace` points at.
fn target_of(autoscaler: &Value, namespace: &str) -> Option<Target> {
    let target = &autoscaler["spec"]["targetRef"];
    Some((target["kind"].as_str()?.to_owned(), namespace.to_owned(), target["name"].as_str()?.to_owned()))
}

fn looked_up_kind(object: &Value) -> Option<&'static str> {
    let group = object["apiVersion"].as_str()?.rsplit_once('/').map_or("", |(group, _)| group);
    let kind = object["kind"].as_str()?;
    LOOKED_UP.iter().find(|looked_up| **looked_up == (group, kind)).map(|(_, kind)| *kind)
}

/// All strings in a value, and all numbers and booleans are none: names are strings.
fn texts<'v>(value: &'v Value, into: &mut BTreeSet<&'v str>) {
    match value {
        Value::String(text) => drop(into.insert(text)),
        Value::Array(items) => items.iter().for_each(|item| texts(item, into)),
        Value::Object(fields) => fields.values().for_each(|field| texts(field, into)),
        _ => {}
    }
}

/// An object without what the API server keeps for itself.
fn without_clutter(object: &Value) -> String {
    let mut object = object.clone();
    if let Some(metadata) = object["metadata"].as_object_mut() {
        metadata.remove("managedFields");
    }
    object.to_string()
}

/// What rules read of a Node: a node of a running cluster lists all its images, too.
fn essence(node: &Value) -> Value {
    let keep = |value: &Value, keys: &[&str]| -> Value {
        let there = keys.iter().filter_map(|key| Some(((*key).to_owned(), value.get(key)?.clone())));
        Value::Object(there.collect::<Map<_, _>>())
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
fn without_name(mut node: Value, name: &str) -> Value {
    node["metadata"]["name"] = Value::Null;
    if let Some(labels) = node["metadata"]["labels"].as_object_mut() {
        labels.values_mut().filter(|value| *value == name).for_each(|value| *value = Value::Null);
    }
    node
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn node(name: &str, pool: &str) -> Value {
        json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": {
            "kubernetes.io/hostname": name, "agentpool": pool}}, "status": {"images": [{"names": ["x"]}]}})
    }

    fn names(context: &Context, pod: &str) -> Vec<String> {
        let stream = transom_yaml::parse(pod);
        let crate::manifest::Content::Objects(objects) = crate::manifest::Content::of(&stream.documents[0]) else {
            panic!("an object");
        };
        let name = |json: &str| {
            serde_json::from_str::<Value>(json).expect("JSON")["metadata"]["name"].as_str().map(str::to_owned)
        };
        context.around(&objects[0]).into_iter().filter_map(name).collect()
    }

    #[test]
    fn sends_what_can_matter() {
        let mut context = Context::default();
        for index in 0..100 {
            context.add(&node(&format!("a{index:02}"), "a"));
            context.add(&node(&format!("b{index:02}"), "b"));
        }
        for name in ["shop", "default"] {
            context.add(&json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}));
        }
        context.add(&json!({"apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass", "metadata": {"name": "hyperv"}}));
        context.add(&json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "hyperv"}}));
        assert_eq!(names(&context, "{apiVersion: v1, kind: Pod}"), ["default", "a00", "b00"]);
        let pod =
            "{apiVersion: v1, kind: Pod, metadata: {namespace: shop}, spec: {nodeName: a00, runtimeClassName: hyperv}}";
        assert_eq!(names(&context, pod), ["shop", "hyperv", "a01", "a00", "b00"]);
        assert_eq!(names(&context, "{apiVersion: v1, kind: Namespace, metadata: {name: default}}"), ["a00", "b00"]);
        assert!(!context.around_is_large());
    }

    impl Context {
        fn around_is_large(&self) -> bool {
            self.nodes.values().flat_map(BTreeMap::values).any(|node| node.contains("images"))
        }
    }

    #[test]
    fn looks_before_it_parses() {
        for text in ["kind: Node", "{\"kind\":\"Namespace\"}", "kind: NodeList\n", "kind: 'RuntimeClass'"] {
            assert!(may_be_in(text), "{text}");
        }
        for text in ["kind: NodeMetrics", "myNode", "kind: Pod", "Node.js"] {
            assert!(!may_be_in(text), "{text}");
        }
    }
}
