//! Two worlds, before and after an upgrade, and what is found in one and not in the other.
//!
//! An [`Upgrade`] makes of settings those of both worlds ([`Upgrade::settings`]) and of a Node what it is
//! afterwards ([`Upgrade::node`]); [`compare`] holds the Decisions about one object against each other.

mod step;

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Value, json};
use transom::images::builds;
use transom_manifests::{Action, Decision, Finding};

pub use step::Step;

/// What is upgraded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Upgrade {
    /// Builds of Windows nodes: 17763 to 26100.
    pub builds: Vec<Step<u32>>,
    /// The version of Kubernetes: 1.30 to 1.36.
    pub kubernetes: Option<Step<(u32, u32)>>,
}

/// Settings of the two worlds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worlds {
    /// As it is.
    pub before: Value,
    /// As it will be.
    pub after: Value,
}

impl Upgrade {
    /// The settings before and after. Where `own` says which builds there are, or else `nodes` do (the builds of
    /// Windows nodes that are shown), the upgraded ones must be among them; where neither does, they are taken for all
    /// there are.
    ///
    /// # Errors
    ///
    /// With a text, where the upgrade is none of what there is, or says two things of one build.
    pub fn settings(&self, own: &Value, nodes: Option<&BTreeSet<u32>>) -> Result<Worlds, String> {
        for (index, step) in self.builds.iter().enumerate() {
            if self.builds[..index].iter().any(|other| other.from == step.from) {
                return Err(format!("{} is upgraded twice: keep one", named(step.from)));
            }
        }
        let mut worlds = Worlds { before: own.clone(), after: own.clone() };
        let own_builds: Vec<u32> = numbers(&own["windows"]["builds"]);
        if own_builds.is_empty()
            && let Some(there) = nodes.filter(|there| !there.is_empty())
            && let Some(step) = self.builds.iter().find(|step| !there.contains(&step.from))
        {
            return Err(no_nodes(step.from, "the Nodes are of", there.iter().copied()));
        }
        if !self.builds.is_empty() && (!own_builds.is_empty() || nodes.is_none()) {
            let before =
                if own_builds.is_empty() { self.builds.iter().map(|step| step.from).collect() } else { own_builds };
            if let Some(step) = self.builds.iter().find(|step| !before.contains(&step.from)) {
                return Err(no_nodes(step.from, "the settings say that there are", before.iter().copied()));
            }
            let mut after = Vec::new();
            for build in before.iter().map(|build| self.build(*build)) {
                if !after.contains(&build) {
                    after.push(build);
                }
            }
            set(&mut worlds.before, "windows", "builds", json!(before));
            set(&mut worlds.after, "windows", "builds", json!(after));
        }
        if let Some(step) = &self.kubernetes {
            let text = |(major, minor): (u32, u32)| format!("{major}.{minor}");
            set(&mut worlds.before, "kubernetes", "version", text(step.from).into());
            set(&mut worlds.after, "kubernetes", "version", text(step.to).into());
        }
        Ok(worlds)
    }

    fn build(&self, build: u32) -> u32 {
        self.builds.iter().find(|step| step.from == build).map_or(build, |step| step.to)
    }

    /// A Node after the upgrade; the same where it is not concerned.
    #[must_use]
    pub fn node(&self, node: &Value) -> Value {
        let mut after = node.clone();
        if let Some(Step { to: (major, minor), .. }) = self.kubernetes
            && let Some(version) = after.pointer_mut("/status/nodeInfo/kubeletVersion")
        {
            *version = format!("v{major}.{minor}.0").into();
        }
        let Some(step) = self.builds.iter().find(|step| build_of(node) == Some(step.from)) else { return after };
        if let Some(labels) = after.pointer_mut("/metadata/labels").and_then(Value::as_object_mut) {
            for (key, value) in labels.iter_mut() {
                match key.as_str() {
                    WINDOWS_BUILD => *value = format!("10.0.{}", step.to).into(),
                    // AKS: `Windows2019`
                    "kubernetes.azure.com/os-sku" => {
                        if let Some(year) = year_of(step.to) {
                            *value = format!("Windows{year}").into();
                        }
                    }
                    _ => {}
                }
            }
        }
        if let Some(info) = after.pointer_mut("/status/nodeInfo").and_then(Value::as_object_mut) {
            info.insert("kernelVersion".into(), format!("10.0.{}.1", step.to).into());
            if let Some(name) = builds::name(step.to) {
                info.insert("osImage".into(), format!("{name} Datacenter").into());
            }
        }
        after
    }

    /// `Windows nodes from ltsc2019 to ltsc2025, Kubernetes from 1.30 to 1.36`
    #[must_use]
    pub fn title(&self) -> String {
        let builds =
            self.builds.iter().map(|step| format!("Windows nodes from {} to {}", named(step.from), named(step.to)));
        let kubernetes = self
            .kubernetes
            .as_ref()
            .map(|Step { from, to }| format!("Kubernetes from {}.{} to {}.{}", from.0, from.1, to.0, to.1));
        builds.chain(kubernetes).collect::<Vec<_>>().join(", ")
    }
}

const WINDOWS_BUILD: &str = "node.kubernetes.io/windows-build";

fn numbers(value: &Value) -> Vec<u32> {
    let items = value.as_array().into_iter().flatten();
    items.filter_map(|item| item.as_u64().and_then(|number| u32::try_from(number).ok())).collect()
}

fn set(settings: &mut Value, section: &str, field: &str, value: Value) {
    if !settings.is_object() {
        *settings = json!({});
    }
    if !settings[section].is_object() {
        settings[section] = json!({});
    }
    settings[section][field] = value;
}

/// The build of a Windows Node, by its label or by what the kubelet reports.
fn build_of(node: &Value) -> Option<u32> {
    let label = node["metadata"]["labels"][WINDOWS_BUILD].as_str().and_then(builds::parse);
    let info = &node["status"]["nodeInfo"];
    let kernel =
        || info["kernelVersion"].as_str().filter(|_| info["operatingSystem"] == "windows").and_then(builds::parse);
    label.or_else(kernel)
}

/// `2025` of the build of Windows Server 2025
fn year_of(build: u32) -> Option<&'static str> {
    builds::name(build)?.rsplit(' ').next()
}

fn no_nodes(build: u32, who: &str, known: impl Iterator<Item = u32>) -> String {
    let known: Vec<String> = known.map(named).collect();
    format!("there are no nodes of {} to upgrade: {who} {}", named(build), known.join(", "))
}

/// `ltsc2025`, or `10.0.29000` where it has no such name.
fn named(build: u32) -> String {
    builds::tag(build).map_or_else(|| format!("10.0.{build}"), str::to_owned)
}

/// A finding that is not the same in both worlds.
#[derive(Debug, Clone, Serialize)]
pub struct Change {
    /// What becomes of it.
    pub change: Becomes,
    /// What it was, where it was another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Action>,
    /// The finding: afterwards, or of one that goes, before.
    pub finding: Finding,
}

/// What becomes of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Becomes {
    /// It is found afterwards only.
    Appears,
    /// It is found before and after, but counts for more or for less.
    Changes,
    /// It is found before only.
    Goes,
}

/// What is found about one object in one world and not in the other: first what appears, last what goes. A
/// finding is the same where rule and path are, whatever its message says about builds and versions.
#[must_use]
pub fn compare(before: &Decision, after: &Decision) -> Vec<Change> {
    let mut left: Vec<&Finding> = before.findings.iter().collect();
    let mut changes = Vec::new();
    for finding in &after.findings {
        let same = left.iter().position(|other| other.rule == finding.rule && other.path == finding.path);
        match same.map(|at| left.remove(at)) {
            None => changes.push(Change { change: Becomes::Appears, before: None, finding: finding.clone() }),
            Some(other) if other.action != finding.action => {
                changes.push(Change { change: Becomes::Changes, before: Some(other.action), finding: finding.clone() });
            }
            Some(_) => {}
        }
    }
    changes.extend(left.into_iter().map(|finding| Change {
        change: Becomes::Goes,
        before: None,
        finding: finding.clone(),
    }));
    changes.sort_by_key(|change| change.change);
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upgrade() -> Upgrade {
        Upgrade { builds: vec![Step { from: 17763, to: 26100 }], kubernetes: Some(Step { from: (1, 30), to: (1, 36) }) }
    }

    #[test]
    fn makes_the_settings_of_two_worlds() {
        let worlds = upgrade()
            .settings(&json!({"platform": "aks", "windows": {"builds": [17763, 20348]}}), Some(&BTreeSet::new()));
        assert_eq!(
            worlds.expect("worlds"),
            Worlds {
                before: json!({"platform": "aks", "windows": {"builds": [17763, 20348]}, "kubernetes": {"version": "1.30"}}),
                after: json!({"platform": "aks", "windows": {"builds": [26100, 20348]}, "kubernetes": {"version": "1.36"}}),
            }
        );
        let worlds = upgrade().settings(&Value::Null, None).expect("worlds");
        assert_eq!(worlds.after, json!({"windows": {"builds": [26100]}, "kubernetes": {"version": "1.36"}}));
        let worlds = upgrade().settings(&json!({}), Some(&BTreeSet::new())).expect("worlds");
        assert_eq!(worlds.after, json!({"kubernetes": {"version": "1.36"}}), "the Nodes say it");
        let error = upgrade().settings(&json!({"windows": {"builds": [20348]}}), None).expect_err("none of them");
        assert_eq!(error, "there are no nodes of ltsc2019 to upgrade: the settings say that there are ltsc2022");
        assert_eq!(upgrade().title(), "Windows nodes from ltsc2019 to ltsc2025, Kubernetes from 1.30 to 1.36");
    }

    #[test]
    fn upgrades_nodes() {
        let node = |build: &str, sku: &str, image: &str, kernel: &str, kubelet: &str| {
            json!({"kind": "Node", "metadata": {"name": "w", "labels": {WINDOWS_BUILD: build, "pool": "a",
                "kubernetes.azure.com/os-sku": sku}}, "status": {"nodeInfo": {"operatingSystem": "windows",
                "kernelVersion": kernel, "osImage": image, "kubeletVersion": kubelet}}})
        };
        let old = node("10.0.17763", "Windows2019", "Windows Server 2019 Datacenter", "10.0.17763.4377", "v1.30.4");
        let new = node("10.0.26100", "Windows2025", "Windows Server 2025 Datacenter", "10.0.26100.1", "v1.36.0");
        assert_eq!(upgrade().node(&old), new);
        let other = node("10.0.20348", "Windows2022", "Windows Server 2022 Datacenter", "10.0.20348.1", "v1.30.4");
        let same = node("10.0.20348", "Windows2022", "Windows Server 2022 Datacenter", "10.0.20348.1", "v1.36.0");
        assert_eq!(upgrade().node(&other), same);
    }
}
