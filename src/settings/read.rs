//! Reading settings: every mistake with its path and what would be right, or none at all.

use std::fmt;

use super::{Cni, Platform, Settings, Switch};
use crate::did_you_mean::{did_you_mean, distance, no_such_rule};
use crate::finding::Action;
use crate::images::builds;
use crate::look_up::kind::KINDS;
use crate::object::read::{At, Wrong};
use crate::object_name;
use crate::parse::read_text;
use crate::platform::labels::{is_label_key, may_have};
use crate::platform::os::Os;
use crate::platform::taints::Taint;
use crate::pointer::Pointer;
use crate::rules;
use crate::text;
use crate::value::Value;

/// One thing that is wrong with a settings document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// JSON Pointer into the document.
    pub path: String,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.path {
            "" => f.write_str(&self.message),
            path => write!(f, "{path}: {}", self.message),
        }
    }
}

impl std::error::Error for Mistake {}

/// The settings that `json` says, or everything that is wrong with it.
pub fn read(json: &str) -> Result<Settings, Vec<Mistake>> {
    // Inputs may begin with a byte order mark, too.
    let json = json.strip_prefix('\u{feff}').unwrap_or(json);
    let mut value: Option<Value> = None;
    read_text(json, &mut value, &At::root("", &Wrong::default()))
        .map_err(|error| vec![Mistake { path: String::new(), message: format!("this is no JSON text: {error}") }])?;
    read_value(&value.unwrap_or_default())
}

/// The settings that a JSON value says, or everything that is wrong with it.
pub(crate) fn read_value(value: &Value) -> Result<Settings, Vec<Mistake>> {
    let mut reader = Reader { mistakes: Vec::new() };
    let settings = reader.settings(value);
    if reader.mistakes.is_empty() { Ok(settings) } else { Err(reader.mistakes) }
}

pub(super) const PLATFORMS: &[(&str, Platform)] = &[
    ("aks", Platform::Aks),
    ("eks", Platform::Eks),
    ("gke", Platform::Gke),
    ("openshift", Platform::OpenShift),
    ("generic", Platform::Generic),
];

pub(super) const CNIS: &[(&str, Cni)] = &[
    ("azure", Cni::Azure),
    ("azure-npm", Cni::AzureNpm),
    ("azure-cilium", Cni::AzureCilium),
    ("calico", Cni::Calico),
    ("antrea", Cni::Antrea),
    ("flannel-overlay", Cni::FlannelOverlay),
    ("flannel-host-gw", Cni::FlannelHostGw),
    ("vpc", Cni::Vpc),
    ("ovn", Cni::Ovn),
    ("none", Cni::None),
];

pub(super) const SWITCHES: &[(&str, Switch)] = &[
    ("deny", Switch::Action(Action::Deny)),
    ("warn", Switch::Action(Action::Warn)),
    ("info", Switch::Action(Action::Info)),
    ("off", Switch::Off),
];

pub(super) const MUTATE: &[(&str, bool)] = &[("safe", true), ("off", false)];

/// The feature gates that rules ask for.
const FEATURE_GATES: &[&str] =
    &["ContainerStopSignals", "GitRepoVolumeDriver", "PodLifecycleSleepAction", "TaintTolerationComparisonOperators"];

pub(super) const EFFECTS: &[(&str, &str)] =
    &[("NoSchedule", "NoSchedule"), ("PreferNoSchedule", "PreferNoSchedule"), ("NoExecute", "NoExecute")];

struct Reader {
    mistakes: Vec<Mistake>,
}

impl Reader {
    fn wrong(&mut self, path: &Pointer, message: String) {
        self.mistakes.push(Mistake { path: path.to_string(), message });
    }

    fn expected(&mut self, path: &Pointer, what: &str, found: &Value) {
        self.wrong(path, format!("expected {what}, found {}", kind(found)));
    }

    fn settings(&mut self, value: &Value) -> Settings {
        let mut settings = Settings::default();
        let root = Pointer::root();
        let known = &[
            "$schema",
            "platform",
            "kubernetes",
            "windows",
            "linux",
            "cni",
            "rules",
            "lookUp",
            "mutate",
            "exempt",
            "suppressions",
        ];
        self.fields(value, &root, known, &mut |reader, key, value, at| match key {
            "platform" => settings.platform = reader.one_of(value, at, PLATFORMS).unwrap_or_default(),
            "kubernetes" => reader.kubernetes(value, at, &mut settings),
            "windows" => reader.windows(value, at, &mut settings),
            "linux" => reader.fields(value, at, &["labels"], &mut |reader, _, value, at| {
                settings.linux_labels = reader.texts_by_name(value, at);
            }),
            "cni" => settings.cni = reader.one_of(value, at, CNIS),
            "rules" => reader.rules(value, at, &mut settings),
            "lookUp" => settings.look_up = Some(reader.look_up(value, at)),
            "mutate" => settings.mutate = reader.one_of(value, at, MUTATE).unwrap_or_default(),
            "exempt" => reader.fields(value, at, &["namespaces", "kinds"], &mut |reader, key, value, at| {
                let is_namespaces = key == "namespaces";
                let mut names = Vec::new();
                reader.elements(value, at, &mut |reader, value, at| {
                    let Some(name) = reader.text(value, at) else { return };
                    if is_namespaces {
                        reader.is_namespace(&name, at)
                    } else {
                        reader.is_kind(&name, at)
                    }
                    names.push(name);
                });
                *(if is_namespaces { &mut settings.exempt_namespaces } else { &mut settings.exempt_kinds }) = names;
            }),
            "suppressions" => reader.fields(value, at, &["annotations"], &mut |reader, _, value, at| {
                settings.ignore_annotations = reader.boolean(value, at) == Some(false);
            }),
            _ => {}
        });
        self.combinations(&settings);
        settings
    }

    fn is_namespace(&mut self, name: &str, at: &Pointer) {
        if !object_name::is_dns_label(name) {
            let message = format!("namespaces are compared exactly; no namespace can be called `{name}`");
            self.wrong(at, message);
        }
    }

    /// Kinds are those of whatever a cluster has. What is another spelling of a workload's is a mistake, and so is
    /// a name in small letters, which is that of a resource, or one with its group.
    fn is_kind(&mut self, kind: &str, at: &Pointer) {
        if WORKLOADS.contains(&kind) {
            return;
        }
        let bare = kind.split('.').next().unwrap_or(kind).to_ascii_lowercase();
        let one = bare.strip_suffix('s').unwrap_or(&bare);
        // Custom resources are called `JobTemplate` and `DaemonJob`: no more than one slip, and none in a short name.
        let is_near = |workload: &&&str| {
            let slips = usize::from(workload.len() > 6);
            workload.len().abs_diff(one.len()) <= slips && distance(one, &workload.to_ascii_lowercase()) <= slips
        };
        let why = match WORKLOADS.iter().find(is_near) {
            Some(workload) => format!(" (did you mean `{workload}`?)"),
            None if !kind.starts_with(|c: char| c.is_ascii_uppercase()) => ": kinds begin with a capital letter".into(),
            None if !kind.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') => {
                ": kinds have letters and digits alone".into()
            }
            None => return,
        };
        self.wrong(at, format!("there is no kind `{kind}`{why}"));
    }

    fn look_up(&mut self, value: &Value, at: &Pointer) -> Vec<&'static str> {
        let known = KINDS.each_ref().map(|kind| kind.kind);
        let mut kinds = Vec::new();
        self.elements(value, at, &mut |reader, value, at| {
            kinds.extend(reader.position(value, at, &known).map(|index| known[index]));
        });
        kinds
    }

    fn kubernetes(&mut self, value: &Value, at: &Pointer, settings: &mut Settings) {
        self.fields(value, at, &["version", "featureGates"], &mut |reader, key, value, at| match (key, value) {
            ("version", Value::Text(text)) => match version(text) {
                Some(version) => settings.kubernetes_version = Some(version),
                None => reader.wrong(at, format!("`{text}` is no Kubernetes version; write it as \"1.36\"")),
            },
            ("version", Value::Integer(_) | Value::Decimal(_)) => {
                let mut number = String::new();
                value.write(&mut number);
                reader.wrong(at, format!("put the version in quotes: without them {number} may have lost a zero"));
            }
            ("version", other) => reader.expected(at, "a version such as \"1.36\"", other),
            (_, gates) => reader.entries(gates, at, &mut |reader, name, value, at| {
                // Of the many gates of Kubernetes these are asked for: what is nearly one of them is meant to be it.
                let hint = did_you_mean(name, &mut FEATURE_GATES.iter().copied());
                if !hint.is_empty() && !FEATURE_GATES.contains(&name) {
                    return reader.wrong(at, format!("unknown feature gate `{name}`{hint}"));
                }
                if *value == Value::Null {
                    return;
                }
                settings.feature_gates.extend(reader.boolean(value, at).map(|on| (name.to_owned(), on)));
            }),
        });
    }

    fn windows(&mut self, value: &Value, at: &Pointer, settings: &mut Settings) {
        let windows = &mut settings.windows;
        let known = &["present", "builds", "taints", "labels"];
        self.fields(value, at, known, &mut |reader, key, value, at| match key {
            "present" => windows.present = reader.boolean(value, at),
            "builds" => {
                reader.elements(value, at, &mut |reader, value, at| windows.builds.extend(reader.build(value, at)));
            }
            "taints" => {
                let mut taints = Vec::new();
                reader.elements(value, at, &mut |reader, value, at| taints.extend(reader.taint(value, at)));
                windows.taints = Some(taints);
            }
            _ => windows.labels = reader.texts_by_name(value, at),
        });
    }

    fn build(&mut self, value: &Value, at: &Pointer) -> Option<u32> {
        let number = match value {
            Value::Integer(number) => u32::try_from(*number).ok(),
            _ => None,
        };
        let number = number.filter(|n| (10_000..100_000).contains(n));
        if number.is_none() {
            let found = match value {
                Value::Integer(number) => format!("`{number}`"),
                Value::Decimal(number) => format!("`{number}`"),
                Value::Text(text) if text.parse::<u32>().is_ok() => format!("`{text}` in quotes, which is a text"),
                Value::Text(text) => format!("`{text}`"),
                other => kind(other).to_owned(),
            };
            self.wrong(
                at,
                format!("expected a build number such as 20348 (Server 2022) or 26100 (Server 2025), found {found}"),
            );
        }
        let is_known = |number: &u32| builds::all().chain(builds::CLIENTS).any(|build| build == *number);
        let is_to_come = |number: &u32| builds::all().all(|build| build < *number);
        if let Some(unknown) = number.filter(|number| !is_known(number) && !is_to_come(number)) {
            let known: Vec<String> = builds::all().map(|build| build.to_string()).collect();
            let hint = did_you_mean(&unknown.to_string(), &mut known.iter().map(String::as_str));
            self.wrong(at, format!("no Windows Server and no Windows 11 has the build {unknown}{hint}"));
        }
        number
    }

    fn taint(&mut self, value: &Value, at: &Pointer) -> Option<Taint> {
        let mut taint = Taint { key: String::new(), value: String::new(), effect: String::new() };
        let before = self.mistakes.len();
        self.fields(value, at, &["key", "value", "effect"], &mut |reader, field, value, at| match field {
            "key" => taint.key = reader.text(value, at).unwrap_or_default(),
            "value" => taint.value = reader.text(value, at).unwrap_or_default(),
            _ => taint.effect = reader.one_of(value, at, EFFECTS).unwrap_or_default().to_owned(),
        });
        if self.mistakes.len() > before {
            return None;
        }
        for (field, text) in [("key", &taint.key), ("effect", &taint.effect)] {
            if text.is_empty() {
                self.wrong(at, format!("this taint has no `{field}`"));
            }
        }
        if !taint.key.is_empty() && !is_label_key(&taint.key) {
            self.wrong(&at.key("key"), format!("no taint can have the key `{}`", taint.key));
        }
        (self.mistakes.len() == before).then_some(taint)
    }

    fn rules(&mut self, value: &Value, at: &Pointer, settings: &mut Settings) {
        self.entries(value, at, &mut |reader, name, value, at| {
            let switch = if *value == Value::Null { None } else { reader.one_of(value, at, SWITCHES) };
            let Some(index) = rules::position(name) else {
                return reader.wrong(at, no_such_rule(name, reader.mistakes.len()));
            };
            let Some(switch) = switch else { return };
            match settings.switch_at(index) {
                Some(other) if other != switch => {
                    let name = rules::all()[index].name;
                    reader.wrong(at, format!("{name} is set twice, by id and by name, to different things"));
                }
                Some(_) => {}
                None => {
                    if settings.rules.len() <= index {
                        settings.rules.resize(index + 1, None);
                    }
                    settings.rules[index] = Some(switch);
                }
            }
        });
    }

    /// What each alone would be right, but not together.
    fn combinations(&mut self, settings: &Settings) {
        let windows = &settings.windows;
        let at = Pointer::root().key("windows");
        if windows.present == Some(false) {
            let described = [
                ("builds", !windows.builds.is_empty()),
                ("taints", windows.taints.as_ref().is_some_and(|t| !t.is_empty())),
                ("labels", !windows.labels.is_empty()),
            ];
            for (field, _) in described.into_iter().filter(|(_, there)| *there) {
                self.wrong(
                    &at.key(field),
                    format!("`windows.present` is false, so there are no nodes that could have {field}"),
                );
            }
        }
        for (os, labels) in [(Os::Windows, &windows.labels), (Os::Linux, &settings.linux_labels)] {
            for (key, value) in labels.iter().filter(|(key, value)| !may_have(os, key, value)) {
                let at = Pointer::root().key(os.label()).key("labels").key(key);
                self.wrong(&at, format!("no {} node has `{key}: {value}`", os.title()));
            }
        }
        for (key, value) in &windows.labels {
            if settings.linux_labels.iter().any(|(k, v)| k == key && v == value) {
                self.wrong(
                    &at.key("labels").key(key),
                    format!("`{key}: {value}` cannot mean Windows and Linux nodes alike"),
                );
            }
        }
        let home = match settings.cni {
            Some(Cni::Azure | Cni::AzureNpm | Cni::AzureCilium) => Some(Platform::Aks),
            Some(Cni::Vpc) => Some(Platform::Eks),
            Some(Cni::Ovn) => Some(Platform::OpenShift),
            _ => None,
        };
        if let Some(home) = home
            && settings.platform != Platform::Generic
            && settings.platform != home
        {
            let (platform, home) = (super::platform_name(settings.platform), super::platform_name(home));
            let message = format!("`platform: {platform}` does not have this CNI, only {home} has");
            self.wrong(&Pointer::root().key("cni"), message);
        }
    }

    /// Hands on the fields of an object that are known, once the others are noted.
    fn fields(&mut self, value: &Value, at: &Pointer, known: &[&'static str], take: &mut Take<'_>) {
        let mut unknown = Vec::new();
        self.entries(value, at, &mut |_, key, _, at| {
            if !known.contains(&key) {
                let hint = did_you_mean(key, &mut known.iter().copied());
                unknown.push((at.clone(), format!("unknown field `{key}`{hint}")));
            }
        });
        for (at, message) in unknown {
            self.wrong(&at, message);
        }
        if let Value::Object(_) = value {
            self.entries(value, at, &mut |reader, key, value, at| {
                if known.contains(&key) && *value != Value::Null {
                    take(reader, key, value, at);
                }
            });
        }
    }

    /// Hands on the entries of an object. One that is `null` counts as absent, but its name is checked all the same.
    fn entries(&mut self, value: &Value, at: &Pointer, take: &mut Take<'_>) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    take(self, name, value, &at.key(name));
                }
            }
            Value::Null => {}
            other => self.expected(at, "an object", other),
        }
    }

    fn elements(&mut self, value: &Value, at: &Pointer, take: &mut dyn FnMut(&mut Self, &Value, &Pointer)) {
        match value {
            Value::Array(values) => {
                for (index, value) in values.iter().enumerate() {
                    take(self, value, &at.index(index));
                }
            }
            other => self.expected(at, "an array", other),
        }
    }

    fn texts_by_name(&mut self, value: &Value, at: &Pointer) -> Vec<(String, String)> {
        let mut texts = Vec::new();
        self.entries(value, at, &mut |reader, name, value, at| {
            if *value != Value::Null {
                texts.extend(reader.text(value, at).map(|text| (name.to_owned(), text)));
            }
        });
        texts
    }

    fn text(&mut self, value: &Value, at: &Pointer) -> Option<String> {
        match value {
            Value::Text(text) => Some(text.clone()),
            other => {
                self.expected(at, "a string", other);
                None
            }
        }
    }

    fn boolean(&mut self, value: &Value, at: &Pointer) -> Option<bool> {
        match value {
            Value::Boolean(value) => Some(*value),
            other => {
                self.expected(at, "true or false", other);
                None
            }
        }
    }

    /// What one of a few words stands for.
    fn one_of<T: Copy>(&mut self, value: &Value, at: &Pointer, words: &[(&'static str, T)]) -> Option<T> {
        let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        self.position(value, at, &names).map(|index| words[index].1)
    }

    /// Which of a few words it is. YAML reads an unquoted `off` as false, so false is that word too.
    fn position(&mut self, value: &Value, at: &Pointer, words: &[&str]) -> Option<usize> {
        let word = match value {
            Value::Boolean(false) => "off",
            Value::Text(word) => word,
            other => {
                self.expected(at, &list(words), other);
                return None;
            }
        };
        let found = words.iter().position(|w| *w == word);
        if found.is_none() {
            let hint = did_you_mean(word, &mut words.iter().copied());
            self.wrong(at, format!("expected {}, found `{word}`{hint}", list(words)));
        }
        found
    }
}

/// The kinds of workloads, as far as Kubernetes itself has them.
const WORKLOADS: &[&str] = &[
    "CronJob",
    "DaemonSet",
    "Deployment",
    "Job",
    "Pod",
    "PodTemplate",
    "ReplicaSet",
    "ReplicationController",
    "StatefulSet",
];

/// Takes a field: its name, its value and where it stands.
type Take<'t> = dyn FnMut(&mut Reader, &str, &Value, &Pointer) + 't;

fn list(words: &[&str]) -> String {
    match words.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} or {last}", text::join(rest, ", ")),
        None => String::new(),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Boolean(_) => "a boolean",
        Value::Integer(_) | Value::Decimal(_) => "a number",
        Value::Text(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// `1.36`, `v1.36.2` or `1.36.2-gke.100` as major and minor.
pub(crate) fn version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.strip_prefix('v').unwrap_or(text).split('.');
    let (major, minor) = (parts.next()?, parts.next()?);
    let minor = minor.strip_suffix('+').unwrap_or(minor);
    // A number may begin with a plus, for Rust.
    let number = minor.parse().ok().filter(|number| !minor.starts_with('+') && *number < 100)?;
    (major == "1").then_some((1, number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistakes(json: &str) -> Vec<String> {
        read(json).err().unwrap_or_default().iter().map(Mistake::to_string).collect()
    }

    #[test]
    fn reads_the_whole_document() {
        let settings = read(
            r#"{"platform": "gke", "kubernetes": {"version": "v1.33.4-gke.1", "featureGates": {"ContainerStopSignals": true}},
                "windows": {"present": true, "builds": [20348, 26100], "taints": [{"key": "os", "value": "windows", "effect": "NoSchedule"}],
                "labels": {"agentpool": "winpool"}}, "linux": {"labels": {"agentpool": "sys"}}, "cni": "calico",
                "rules": {"WIN101": false, "wrong-type": "warn"}, "lookUp": ["Node"], "mutate": "safe",
                "exempt": {"namespaces": ["kube-system"], "kinds": ["Job"]}, "suppressions": {"annotations": false}}"#,
        );
        let settings = settings.expect("right settings");
        assert_eq!(settings.kubernetes_version, Some((1, 33)));
        assert_eq!(settings.windows.builds, [20348, 26100]);
        assert_eq!(settings.rules, [Some(Switch::Action(Action::Warn)), None, None, None, Some(Switch::Off)]);
        assert!(settings.mutate && settings.ignore_annotations);
        assert_eq!(settings.exempt_kinds, ["Job"]);
        assert_eq!(settings.look_up, Some(vec!["Node"]));
        assert_eq!(read("null"), Ok(Settings::default()));
        assert_eq!(read("\u{feff}{}"), Ok(Settings::default()));
    }

    #[test]
    fn a_mistake_of_the_whole_has_no_path() {
        assert_eq!(mistakes("1"), ["expected an object, found a number"]);
    }

    #[test]
    fn names_every_mistake() {
        let found = mistakes(
            r#"{"platfrom": "aks", "platform": "azure", "kubernetes": {"version": 1.3}, "windows": {"builds": ["ltsc2022", "20348"], "taints": [{"key": "os", "effect": "NoSchedul"}]},
                "rules": {"WIN999": "off", "wrong-typ": "deny", "WIN101": "error"}, "exempt": {"namespaces": "kube-system"}, "mutate": true, "lookUp": ["Secret"]}"#,
        );
        let expected = [
            "/exempt/namespaces: expected an array, found a string",
            "/kubernetes/version: put the version in quotes: without them 1.3 may have lost a zero",
            "/lookUp/0: expected Namespace, Node or RuntimeClass, found `Secret`",
            "/mutate: expected safe or off, found a boolean",
            "/platform: expected aks, eks, gke, openshift or generic, found `azure`",
            "/platfrom: unknown field `platfrom` (did you mean `platform`?)",
            "/rules/WIN101: expected deny, warn, info or off, found `error`",
            "/rules/wrong-typ: there is no rule `wrong-typ` (did you mean `wrong-type`?)",
            "/windows/builds/0: expected a build number such as 20348 (Server 2022) or 26100 (Server 2025), found `ltsc2022`",
            "/windows/builds/1: expected a build number such as 20348 (Server 2022) or 26100 (Server 2025), found `20348` in quotes, which is a text",
            "/windows/taints/0/effect: expected NoSchedule, PreferNoSchedule or NoExecute, found `NoSchedul` (did you mean `NoSchedule`?)",
        ];
        for line in expected {
            assert!(found.iter().any(|f| f == line), "{line}\nis not in {found:#?}");
        }
        assert_eq!(found.len(), expected.len() + 1, "{found:#?}");
    }

    #[test]
    fn combinations_that_cannot_be() {
        let found =
            mistakes(r#"{"platform": "eks", "cni": "azure", "windows": {"present": false, "builds": [20348]}}"#);
        assert_eq!(
            found,
            [
                "/windows/builds: `windows.present` is false, so there are no nodes that could have builds",
                "/cni: `platform: eks` does not have this CNI, only aks has",
            ]
        );
        let found = mistakes(
            r#"{"windows": {"labels": {"kubernetes.io/os": "linux", "node.kubernetes.io/windows-build": "20348", "agentpool": "win"}},
                "linux": {"labels": {"agentpool": "sys", "kubernetes.azure.com/os-sku": "Windows2022"}}}"#,
        );
        assert_eq!(
            found,
            [
                "/windows/labels/kubernetes.io~1os: no Windows node has `kubernetes.io/os: linux`",
                "/windows/labels/node.kubernetes.io~1windows-build: no Windows node has `node.kubernetes.io/windows-build: 20348`",
                "/linux/labels/kubernetes.azure.com~1os-sku: no Linux node has `kubernetes.azure.com/os-sku: Windows2022`",
            ]
        );
    }

    #[test]
    fn names_are_checked_where_the_value_is_null() {
        let found = mistakes(
            r#"{"platfrom": null, "kubernetes": {"vesion": null, "featureGates": {"ContainerStopSignal": null}},
                "windows": {"taints": [{"key": "os", "vale": null, "effect": "NoSchedule"}]}, "rules": {"nonsense": null}}"#,
        );
        assert_eq!(
            found,
            [
                "/platfrom: unknown field `platfrom` (did you mean `platform`?)",
                "/kubernetes/vesion: unknown field `vesion` (did you mean `version`?)",
                "/kubernetes/featureGates/ContainerStopSignal: unknown feature gate `ContainerStopSignal` (did you mean `ContainerStopSignals`?)",
                "/rules/nonsense: there is no rule `nonsense`",
                "/windows/taints/0/vale: unknown field `vale` (did you mean `value`?)",
            ]
        );
        let known = r#"{"platform": null, "kubernetes": {"version": null, "featureGates": {"ContainerStopSignals": null}},
            "windows": {"taints": null, "labels": {"agentpool": null}}, "rules": {"WIN101": null}, "exempt": null}"#;
        assert_eq!(read(known), Ok(Settings::default()));
    }

    /// Custom resources may be called anything.
    #[test]
    fn kinds_that_are_none() {
        let found = mistakes(
            r#"{"exempt": {"kinds": ["Pod", "pod", "Deployments", "virtualmachines", "Rollout", "DeploymentS", "Deploymnt",
                "Deployment.apps", "deployments.apps", "Rollout.argoproj.io", "",
                "JobTemplate", "DaemonJob", "CloneSet", "Node", "JobSet", "VMTemplate", "Pool"]}}"#,
        );
        assert_eq!(
            found,
            [
                "/exempt/kinds/1: there is no kind `pod` (did you mean `Pod`?)",
                "/exempt/kinds/2: there is no kind `Deployments` (did you mean `Deployment`?)",
                "/exempt/kinds/3: there is no kind `virtualmachines`: kinds begin with a capital letter",
                "/exempt/kinds/5: there is no kind `DeploymentS` (did you mean `Deployment`?)",
                "/exempt/kinds/6: there is no kind `Deploymnt` (did you mean `Deployment`?)",
                "/exempt/kinds/7: there is no kind `Deployment.apps` (did you mean `Deployment`?)",
                "/exempt/kinds/8: there is no kind `deployments.apps` (did you mean `Deployment`?)",
                "/exempt/kinds/9: there is no kind `Rollout.argoproj.io`: kinds have letters and digits alone",
                "/exempt/kinds/10: there is no kind ``: kinds begin with a capital letter",
            ]
        );
    }

    #[test]
    fn names_that_none_can_have() {
        let found = mistakes(
            r#"{"exempt": {"namespaces": ["kube-system", "kube-*", "Kube-System", "a b", 1, "", "-a", "9"]},
                "windows": {"taints": [{"key": "os=windows", "effect": "NoSchedule"}, {"key": "example.com/os", "effect": "NoExecute"}]}}"#,
        );
        let of_namespace = |index: usize, name: &str| {
            format!("/exempt/namespaces/{index}: namespaces are compared exactly; no namespace can be called `{name}`")
        };
        assert_eq!(
            found,
            [
                of_namespace(1, "kube-*"),
                of_namespace(2, "Kube-System"),
                of_namespace(3, "a b"),
                "/exempt/namespaces/4: expected a string, found a number".to_owned(),
                of_namespace(5, ""),
                of_namespace(6, "-a"),
                "/windows/taints/0/key: no taint can have the key `os=windows`".to_owned(),
            ]
        );
    }

    #[test]
    fn versions() {
        let read = [
            ("1.36", Some(36)),
            ("v1.36", Some(36)),
            ("1.36+", Some(36)),
            ("1.33.5-gke.100", Some(33)),
            ("v1.36+.2", Some(36)),
            ("+1.36", None),
            ("1.+36", None),
            ("1.36++", None),
            ("1.+", None),
            ("1.", None),
            ("1", None),
            ("2.1", None),
            ("01.36", None),
        ];
        for (text, minor) in read {
            assert_eq!(version(text), minor.map(|minor| (1, minor)), "{text}");
        }
    }

    /// Builds and gates of later versions are taken.
    #[test]
    fn what_is_nearly_known() {
        let found = mistakes(
            r#"{"kubernetes": {"featureGates": {"ContainerStopSignal": true, "PodLifecycleSleepAction": true, "SidecarContainers": true}},
                "windows": {"builds": [20384, 12345, 17763, 22631, 29000]}}"#,
        );
        assert_eq!(
            found,
            [
                "/kubernetes/featureGates/ContainerStopSignal: unknown feature gate `ContainerStopSignal` (did you mean `ContainerStopSignals`?)",
                "/windows/builds/0: no Windows Server and no Windows 11 has the build 20384 (did you mean `20348`?)",
                "/windows/builds/1: no Windows Server and no Windows 11 has the build 12345",
            ]
        );
    }
}
