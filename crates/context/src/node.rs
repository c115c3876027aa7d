//! What Nodes say of themselves.

use std::sync::OnceLock;

use rustc_hash::FxHashSet;
use serde_json::{Map, Value};
use transom::images::builds;
use transom::platform::labels::{OS, WINDOWS_BUILD};
use transom::quantity::Quantity;

/// Whether a Node says that it runs Windows.
pub fn is_windows_node(node: &Value) -> bool {
    node["metadata"]["labels"][OS] == "windows" || node["status"]["nodeInfo"]["operatingSystem"] == "windows"
}

/// The Windows build that a Node reports, or is labelled with.
pub fn windows_build(node: &Value) -> Option<u32> {
    let said = [&node["status"]["nodeInfo"]["kernelVersion"], &node["metadata"]["labels"][WINDOWS_BUILD]];
    said.into_iter().filter_map(Value::as_str).find_map(builds::parse)
}

/// What rules read of a Node when they judge another object: a node of a running cluster lists all its images, too.
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
    out["status"]["allocatable"] = keep(&status["allocatable"], &["cpu", "memory"]);
    out["status"]["nodeInfo"] =
        keep(info, &["architecture", "kernelVersion", "kubeletVersion", "operatingSystem", "osImage"]);
    out
}

/// A node without its name, wherever it stands, and without its room.
pub(crate) fn without_name(mut node: Value, name: &str) -> Value {
    node["metadata"]["name"] = Value::Null;
    node["status"]["allocatable"] = Value::Null;
    if let Some(labels) = node["metadata"]["labels"].as_object_mut() {
        labels.values_mut().filter(|value| *value == name).for_each(|value| *value = Value::Null);
    }
    node
}

/// How much of a Node is there for pods. A Node that does not say it may have any amount.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Room {
    cpu: Quantity,
    memory: Quantity,
}

impl Room {
    pub(crate) fn of(node: &Value) -> Self {
        let allocatable = &node["status"]["allocatable"];
        let of = |resource| {
            let amount = match &allocatable[resource] {
                Value::String(text) => Quantity::read(text),
                Value::Number(number) => Quantity::read(&number.to_string()),
                _ => None,
            };
            amount.unwrap_or(Quantity::MAX)
        };
        Room { cpu: of("cpu"), memory: of("memory") }
    }

    /// Whether whatever fits into the other one fits into this.
    fn holds(self, other: Self) -> bool {
        self.cpu >= other.cpu && self.memory >= other.memory
    }
}

/// Nodes that differ by nothing but their name and their room.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Alike {
    /// By their names.
    nodes: Vec<Member>,
    /// The places of the roomiest of them all, once somebody has asked.
    roomiest: OnceLock<Vec<usize>>,
}

#[derive(Debug, Clone, PartialEq)]
struct Member {
    name: String,
    room: Room,
    json: String,
}

impl Alike {
    pub(crate) fn insert(&mut self, name: String, room: Room, json: String) {
        let place = self.nodes.partition_point(|node| node.name < name);
        self.nodes.insert(place, Member { name, room, json });
        self.roomiest.take();
    }

    pub(crate) fn remove(&mut self, name: &str) {
        if let Ok(place) = self.nodes.binary_search_by(|node| (*node.name).cmp(name)) {
            self.nodes.remove(place);
            self.roomiest.take();
        }
    }

    /// The Nodes, as JSON.
    pub(crate) fn values(&self) -> impl Iterator<Item = &str> {
        self.nodes.iter().map(|node| node.json.as_str())
    }

    /// Those that matter to who names some and is `own`, or none of them: of the others the roomiest, and the named
    /// ones.
    pub(crate) fn around<'c>(&'c self, own: Option<&str>, named: &FxHashSet<&str>) -> Vec<&'c str> {
        let is_stranger = |node: &Member| own != Some(&node.name) && !named.contains(node.name.as_str());
        let of_all = self.roomiest.get_or_init(|| self.roomiest_of(&|_| true));
        let of_strangers;
        let roomiest = if of_all.iter().all(|place| is_stranger(&self.nodes[*place])) {
            of_all
        } else {
            of_strangers = self.roomiest_of(&is_stranger);
            &of_strangers
        };
        let mut around: Vec<&str> = roomiest.iter().map(|place| self.nodes[*place].json.as_str()).collect();
        let acquainted = self.nodes.iter().filter(|node| own != Some(&node.name) && named.contains(node.name.as_str()));
        around.extend(acquainted.map(|node| node.json.as_str()));
        around
    }

    /// A few of these Nodes: whatever fits into one of them all fits into one of the few.
    fn roomiest_of(&self, are_these: &dyn Fn(&Member) -> bool) -> Vec<usize> {
        let mut few: Vec<usize> = Vec::new();
        for (place, node) in self.nodes.iter().enumerate().filter(|(_, node)| are_these(node)) {
            if !few.iter().any(|other| self.nodes[*other].room.holds(node.room)) {
                few.retain(|other| !node.room.holds(self.nodes[*other].room));
                few.push(place);
            }
        }
        few
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn of_nodes_alike_the_roomiest_say_all() {
        let mut alike = Alike::default();
        let rooms =
            [("a", json!("2"), "8Gi"), ("b", json!(4), "8Gi"), ("c", json!("2000m"), "16Gi"), ("d", json!(4), "8Gi")];
        for (name, cpu, memory) in rooms {
            let node = json!({"status": {"allocatable": {"cpu": cpu, "memory": memory}}});
            alike.insert(name.into(), Room::of(&node), name.into());
        }
        let around = |alike: &Alike, own, named: &[&str]| alike.around(own, &named.iter().copied().collect()).join("");
        assert_eq!(around(&alike, None, &[]), "bc");
        assert_eq!(around(&alike, None, &["a"]), "bca");
        assert_eq!(around(&alike, None, &["b"]), "cdb");
        assert_eq!(around(&alike, Some("c"), &["c"]), "b");
        alike.insert("e".into(), Room::of(&json!({})), "e".into());
        assert_eq!(around(&alike, None, &[]), "e", "it may have any amount");
        alike.remove("e");
        assert_eq!(around(&alike, None, &[]), "bc");
    }
}
