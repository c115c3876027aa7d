//! Settings: one document for every host, and the presets of the platforms.

mod read;
#[cfg(feature = "docs")]
mod schema;

use crate::finding::Action;
use crate::json;
use crate::look_up::kind::Kind;
use crate::platform::os::Os;
use crate::platform::taints::Taint;
use crate::rules::Rule;

pub use read::{Mistake, read};
pub(crate) use read::{read_value, version};
#[cfg(feature = "docs")]
pub use schema::schema;

/// Who runs the cluster; a preset for taints, CNI and isolation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Platform {
    /// Azure Kubernetes Service
    Aks,
    /// Amazon Elastic Kubernetes Service
    Eks,
    /// Google Kubernetes Engine
    Gke,
    /// Red Hat OpenShift with the Windows Machine Config Operator
    OpenShift,
    /// Anything else: nothing is assumed.
    #[default]
    Generic,
}

/// The container network of the Windows nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the products'")]
#[non_exhaustive]
pub enum Cni {
    Azure,
    AzureNpm,
    AzureCilium,
    Calico,
    Antrea,
    FlannelOverlay,
    FlannelHostGw,
    Vpc,
    Ovn,
    None,
}

/// What a rule's findings become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switch {
    /// The rule does not run.
    Off,
    /// Its findings get this action, whatever their severity.
    Action(Action),
}

/// What is known of the Windows nodes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WindowsNodes {
    /// Whether the cluster has Windows nodes at all. Unset: it has, or may have.
    pub present: Option<bool>,
    /// Builds of the Windows nodes (20348, 26100, …). Empty: not known.
    pub builds: Vec<u32>,
    /// Taints that every Windows node carries. Unset: the platform's preset.
    pub taints: Option<Vec<Taint>>,
    /// Labels that only Windows nodes carry.
    pub labels: Vec<(String, String)>,
}

/// Everything a host can set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// `platform`
    pub platform: Platform,
    /// `kubernetes.version` as major and minor. Unset: the newest.
    pub kubernetes_version: Option<(u32, u32)>,
    /// `kubernetes.featureGates`
    pub feature_gates: Vec<(String, bool)>,
    /// `windows`
    pub windows: WindowsNodes,
    /// `linux.labels`: labels that only Linux nodes carry.
    pub linux_labels: Vec<(String, String)>,
    /// `cni`. Unset: the platform's preset.
    pub cni: Option<Cni>,
    /// `rules`, in the order of [`crate::rules::all`]. Those behind its end are not set.
    pub rules: Vec<Option<Switch>>,
    /// `lookUp`: the kinds that may be looked up. Unset: all.
    pub look_up: Option<Vec<&'static str>>,
    /// `mutate: safe`
    pub mutate: bool,
    /// `exempt.namespaces`
    pub exempt_namespaces: Vec<String>,
    /// `exempt.kinds`
    pub exempt_kinds: Vec<String>,
    /// `suppressions.annotations: off` makes annotations count for nothing.
    pub ignore_annotations: bool,
}

/// GKE's taint on every Windows node, and OpenShift's.
fn preset_taints(platform: Platform) -> Option<Vec<Taint>> {
    let taint = |key: &str, value: &str| Taint { key: key.into(), value: value.into(), effect: "NoSchedule".into() };
    match platform {
        Platform::Generic => None,
        Platform::Aks | Platform::Eks => Some(Vec::new()),
        Platform::Gke => Some(vec![taint("node.kubernetes.io/os", "windows")]),
        Platform::OpenShift => Some(vec![taint("os", "Windows")]),
    }
}

impl Settings {
    /// The taints of the Windows nodes: those set, else the platform's.
    pub fn taints(&self) -> Option<Vec<Taint>> {
        self.windows.taints.clone().or_else(|| preset_taints(self.platform))
    }

    /// The container network: the one set, else the platform's.
    pub fn cni(&self) -> Option<Cni> {
        self.cni.or(match self.platform {
            Platform::Aks => Some(Cni::Azure),
            Platform::Eks => Some(Cni::Vpc),
            Platform::OpenShift => Some(Cni::Ovn),
            Platform::Gke | Platform::Generic => None,
        })
    }

    /// Whether the cluster may have Windows nodes: rules about exposure to them speak only then.
    pub fn may_have_windows_nodes(&self) -> bool {
        self.windows.present != Some(false)
    }

    /// Whether the cluster runs Kubernetes 1.`minor` or newer; true where the version is not set.
    pub fn kubernetes_at_least(&self, minor: u32) -> bool {
        self.kubernetes_version.is_none_or(|version| version >= (1, minor))
    }

    /// Whether a feature gate is on; `default` where it is not set.
    pub fn feature_gate(&self, name: &str, default: bool) -> bool {
        self.feature_gates.iter().rfind(|(gate, _)| gate == name).map_or(default, |(_, on)| *on)
    }

    /// The labels that only nodes of `os` carry.
    pub fn labels(&self, os: Os) -> &[(String, String)] {
        match os {
            Os::Windows => &self.windows.labels,
            Os::Linux => &self.linux_labels,
        }
    }

    /// Whether objects of this kind may be looked up where the host can.
    pub fn looks_up(&self, kind: &Kind) -> bool {
        self.look_up.as_ref().is_none_or(|kinds| kinds.contains(&kind.kind))
    }

    /// What was set for a rule.
    pub(crate) fn switch(&self, rule: &Rule) -> Option<Switch> {
        if self.rules.is_empty() {
            return None;
        }
        self.switch_at(crate::rules::all().binary_search_by(|other| other.id.cmp(rule.id)).ok()?)
    }

    /// What was set for the rule at this position in [`crate::rules::all`].
    pub(crate) fn switch_at(&self, position: usize) -> Option<Switch> {
        self.rules.get(position).copied().flatten()
    }
}

/// What a platform is called in settings.
pub fn platform_name(platform: Platform) -> &'static str {
    read::PLATFORMS.iter().find(|(_, known)| *known == platform).map_or("", |(name, _)| name)
}

/// What a container network is called in settings.
pub fn cni_name(cni: Cni) -> &'static str {
    read::CNIS.iter().find(|(_, known)| *known == cni).map_or("", |(name, _)| name)
}

/// What became of settings, as hosts are told: `{"valid": …, "errors": [{"path", "message"}]}`.
pub fn verdict(configured: Result<(), Vec<Mistake>>) -> String {
    let mistakes = configured.err().unwrap_or_default();
    let mut text = String::new();
    let mut out = json::Object::new(&mut text);
    out.boolean("valid", mistakes.is_empty());
    out.array("errors", &mistakes, |mistake, out| {
        let mut object = json::Object::new(out);
        object.text("path", &mistake.path);
        object.text("message", &mistake.message);
        object.end();
    });
    out.end();
    text
}
