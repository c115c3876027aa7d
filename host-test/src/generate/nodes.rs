//! Nodes: which labels nodes of each system carry, and every node that could matter to a pod.
//!
//! Written from what kubelets and platforms do (`windows-rules.md` §2.2 to 2.4), on purpose not
//! with transom's own tables.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::Rng;

/// The two systems a node can run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Os {
    /// `windows`
    Windows,
    /// `linux`
    Linux,
}

impl Os {
    /// Both.
    pub const BOTH: [Os; 2] = [Os::Windows, Os::Linux];

    /// As in the label `kubernetes.io/os`.
    pub fn name(self) -> &'static str {
        match self {
            Os::Windows => "windows",
            Os::Linux => "linux",
        }
    }
}

/// A node label that pods ask for.
pub(super) struct Label {
    pub(super) key: &'static str,
    /// What pods ask for, right or wrong.
    pub(super) asked: &'static [&'static str],
    /// Whether it is known what else nodes carry, such as numbers or the empty string.
    pub(super) known: bool,
    windows: Carried,
    linux: Carried,
}

/// The values that nodes of one system carry under a key.
struct Carried {
    values: &'static [&'static str],
    /// Some nodes do not carry the label.
    absent: bool,
    /// The values are anybody's choice.
    free: bool,
}

const fn always(values: &'static [&'static str]) -> Carried {
    Carried { values, absent: false, free: false }
}
const fn sometimes(values: &'static [&'static str]) -> Carried {
    Carried { values, absent: true, free: false }
}
const FREE: Carried = Carried { values: &[], absent: true, free: true };
const NEVER: Carried = sometimes(&[]);

/// Platforms add values to their labels, so each list has one that no pod asks for.
#[rustfmt::skip]
pub(super) const LABELS: &[Label] = &[
    Label { key: "kubernetes.io/os", asked: &["windows", "linux", "Windows", "win"], known: true, windows: always(&["windows"]), linux: always(&["linux"]) },
    Label { key: "beta.kubernetes.io/os", asked: &["windows", "linux", "Linux"], known: true, windows: always(&["windows"]), linux: always(&["linux"]) },
    Label { key: "kubernetes.io/arch", asked: &["amd64", "arm64", "s390x"], known: false, windows: always(&["amd64"]), linux: always(&["amd64", "arm64", "s390x", "ppc64le"]) },
    Label { key: "beta.kubernetes.io/arch", asked: &["amd64", "arm64"], known: false, windows: always(&["amd64"]), linux: always(&["amd64", "arm64", "s390x", "ppc64le"]) },
    Label { key: "node.kubernetes.io/windows-build", asked: &["10.0.17763", "10.0.20348", "10.0.26100", "10.0.20348.2113", "20348", "ltsc2022"], known: true,
            windows: always(&["10.0.17763", "10.0.20348", "10.0.25398", "10.0.26100"]), linux: NEVER },
    Label { key: "node-role.kubernetes.io/control-plane", asked: &[""], known: false, windows: NEVER, linux: sometimes(&["", "true"]) },
    Label { key: "node-role.kubernetes.io/master", asked: &[""], known: false, windows: NEVER, linux: sometimes(&["", "true"]) },
    Label { key: "kubernetes.azure.com/mode", asked: &["system", "user"], known: false, windows: sometimes(&["user", "later"]), linux: sometimes(&["system", "user", "gateway"]) },
    Label { key: "kubernetes.azure.com/os-sku", asked: &["Windows2019", "Windows2022", "Ubuntu", "AzureLinux", "CBLMariner"], known: false,
            windows: sometimes(&["Windows2019", "Windows2022", "Windows2025", "WindowsAnnual"]), linux: sometimes(&["Ubuntu", "AzureLinux", "CBLMariner", "Mariner"]) },
    Label { key: "eks.amazonaws.com/compute-type", asked: &["fargate", "auto", "hybrid", "ec2"], known: false, windows: sometimes(&["ec2", "later"]), linux: sometimes(&["ec2", "fargate", "auto", "hybrid", "later"]) },
    Label { key: "cloud.google.com/gke-os-distribution", asked: &["cos", "ubuntu", "windows_ltsc"], known: false, windows: sometimes(&["windows_ltsc", "windows_later"]), linux: sometimes(&["cos", "ubuntu", "later"]) },
    Label { key: "node.openshift.io/os_id", asked: &["Windows", "rhcos", "rhel"], known: false, windows: sometimes(&["Windows", "WindowsLater"]), linux: sometimes(&["rhcos", "rhel", "later"]) },
    Label { key: "agentpool", asked: &["winpool", "linpool"], known: true, windows: FREE, linux: FREE },
    Label { key: "example.com/rank", asked: &["0", "3", "007", "high"], known: true, windows: FREE, linux: FREE },
    Label { key: "topology.kubernetes.io/zone", asked: &["a", "b"], known: true, windows: FREE, linux: FREE },
];

/// Taints for nodes, and so the tolerations worth writing.
pub(super) const TAINTS: &[(&str, &str, &str)] = &[
    ("os", "windows", "NoSchedule"),
    ("os", "Windows", "NoSchedule"),
    ("node.kubernetes.io/os", "windows", "NoSchedule"),
    ("kubernetes.io/os", "windows", "NoExecute"),
    ("cattle.io/os", "linux", "NoSchedule"),
    ("os", "windows", "PreferNoSchedule"),
    ("example.com/dedicated", "batch", "NoExecute"),
];

/// A small cluster with nodes of both systems, whose labels have to do with what the pod asks.
pub(super) fn cluster(rng: &mut Rng, spec: &Value) -> Vec<Value> {
    let asked = Asked::everything(spec);
    let mut names = BTreeSet::new();
    (0..2 + rng.below(5))
        .map(|i| {
            let os = match i {
                0 => Os::Windows,
                1 => Os::Linux,
                _ => Os::BOTH[rng.below(2)],
            };
            let labels = asked
                .labels
                .iter()
                .filter_map(|(key, values)| {
                    let value = rng.pick(&domain(key, os, values)).clone()?;
                    Some((key.clone(), value))
                })
                .collect();
            let name = if rng.percent(50) { rng.pick(NODE_NAMES).to_string() } else { format!("node-{i}") };
            let name = if names.insert(name.clone()) { name } else { format!("{name}-{i}") };
            let mut node = node(&name, os, &labels);
            if rng.percent(if os == Os::Windows { 60 } else { 20 }) {
                let (key, value, effect) = rng.pick(TAINTS);
                node["spec"] = json!({"taints": [{"key": key, "value": value, "effect": effect}]});
            }
            node
        })
        .collect()
}

/// Names that pods ask for in `matchFields`.
pub(super) const NODE_NAMES: &[&str] = &["win-1", "lin-1"];

/// Every node that could make a difference to the pod: for each term of its required affinity, all
/// combinations of the values it mentions, a value it does not mention, and no label at all.
pub(super) fn universe(spec: &Value) -> Vec<Value> {
    let mut nodes = Vec::new();
    for asked in Asked::terms(spec) {
        for os in Os::BOTH {
            let mut assignments = vec![BTreeMap::new()];
            for (key, values) in &asked.labels {
                let domain = domain(key, os, values);
                assignments = assignments
                    .iter()
                    .flat_map(|assignment| {
                        domain.iter().map(|value| {
                            let mut assignment = assignment.clone();
                            if let Some(value) = value {
                                assignment.insert(key.clone(), value.clone());
                            }
                            assignment
                        })
                    })
                    .collect();
            }
            let names = asked.names.iter().map(String::as_str).chain(["elsewhere"]);
            nodes.extend(names.flat_map(|name| assignments.iter().map(move |labels| node(name, os, labels))));
        }
    }
    nodes
}

/// The system of a node made here.
pub fn os_of(node: &Value) -> Os {
    match node["metadata"]["labels"]["kubernetes.io/os"].as_str() {
        Some("windows") => Os::Windows,
        _ => Os::Linux,
    }
}

/// A node as its kubelet registers it, with `labels` on top.
fn node(name: &str, os: Os, labels: &BTreeMap<String, String>) -> Value {
    let mut all = Map::new();
    all.insert("kubernetes.io/os".into(), os.name().into());
    all.insert("kubernetes.io/arch".into(), "amd64".into());
    if os == Os::Windows {
        all.insert("node.kubernetes.io/windows-build".into(), "10.0.20348".into());
    }
    all.extend(labels.iter().map(|(k, v)| (k.clone(), Value::from(v.as_str()))));
    // The kubelet writes both names of each pair, always alike.
    for (name, alias) in ALIASES {
        all.insert((*alias).into(), all[*name].clone());
    }
    json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": all}})
}

const ALIASES: &[(&str, &str)] =
    &[("kubernetes.io/os", "beta.kubernetes.io/os"), ("kubernetes.io/arch", "beta.kubernetes.io/arch")];

/// The labels and node names that some requirements mention.
#[derive(Default)]
struct Asked {
    labels: BTreeMap<String, BTreeSet<String>>,
    names: BTreeSet<String>,
}

impl Asked {
    /// What has to hold together: the node selector with each term.
    fn terms(spec: &Value) -> Vec<Asked> {
        let terms = required_terms(spec);
        let terms: Vec<&Value> = if terms.is_empty() { vec![&Value::Null] } else { terms.iter().collect() };
        terms
            .into_iter()
            .map(|term| {
                let mut asked = Asked::default();
                asked.node_selector(spec);
                asked.term(term);
                asked
            })
            .collect()
    }

    fn everything(spec: &Value) -> Asked {
        let mut asked = Asked::default();
        asked.node_selector(spec);
        required_terms(spec).iter().for_each(|term| asked.term(term));
        asked
    }

    fn node_selector(&mut self, spec: &Value) {
        for (key, value) in spec["nodeSelector"].as_object().into_iter().flatten() {
            // The API server reads null as the empty string.
            self.label(key).insert(value.as_str().unwrap_or_default().into());
        }
    }

    fn term(&mut self, term: &Value) {
        for requirement in array(&term["matchExpressions"]) {
            let values = strings(&requirement["values"]);
            let numbers = values.iter().filter_map(|v| v.parse::<i64>().ok());
            // `Gt` and `Lt` are decided next to the number, which can be spelled in many ways. No
            // label begins with a minus sign.
            let near: Vec<String> = numbers
                .flat_map(|n| [n.checked_sub(1), n.checked_add(1)])
                .flatten()
                .filter(|n| *n >= 0)
                .flat_map(|n| [n.to_string(), format!("00{n}")])
                .collect();
            if let Some(key) = requirement["key"].as_str() {
                self.label(key).extend(values.into_iter().chain(near));
            }
        }
        for field in array(&term["matchFields"]) {
            self.names.extend(strings(&field["values"]));
        }
    }

    fn label(&mut self, key: &str) -> &mut BTreeSet<String> {
        let name = ALIASES.iter().find(|(_, alias)| *alias == key).map_or(key, |(name, _)| name);
        self.labels.entry(name.to_owned()).or_default()
    }
}

/// What nodes of a system may carry under a key, as far as requirements that mention `mentioned`
/// can tell values apart. `None`: no such label.
fn domain(key: &str, os: Os, mentioned: &BTreeSet<String>) -> Vec<Option<String>> {
    let label = LABELS.iter().find(|label| label.key == key);
    let carried = label.map_or(&FREE, |label| match os {
        Os::Windows => &label.windows,
        Os::Linux => &label.linux,
    });
    let known = carried.values.iter().filter(|v| mentioned.contains(**v));
    let other = carried.values.iter().find(|v| !mentioned.contains(**v));
    let mut domain: Vec<_> = known.chain(other).map(|v| Some((*v).to_owned())).collect();
    if carried.free {
        domain.extend(mentioned.iter().cloned().map(Some));
        domain.push(Some("elsewhere".into()));
    }
    if carried.absent {
        domain.push(None);
    }
    domain
}

fn required_terms(spec: &Value) -> &[Value] {
    array(&spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"])
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn strings(values: &Value) -> Vec<String> {
    array(values).iter().filter_map(Value::as_str).map(str::to_owned).collect()
}
