//! The pods in an object, and what they name.

use memchr::memmem;
use rustc_hash::FxHashSet;
use serde_json::Value;
use transom::platform::labels::OS;

use crate::text::texts;

/// The pods in an object: JSON Pointer and value of what has a `metadata` and a `spec` of a pod, which
/// is a template or the Pod itself.
pub fn pods(object: &Value) -> Vec<(String, &Value)> {
    let pointer = |steps: &[Step<'_>]| -> String {
        let token = |step: &Step<'_>| match step {
            Step::Field(name) => format!("/{}", name.replace('~', "~0").replace('/', "~1")),
            Step::Index(index) => format!("/{index}"),
        };
        steps.iter().map(token).collect()
    };
    let mut found = Vec::new();
    visit_pods(object, 0, &mut Vec::new(), &mut |steps, pod| found.push((pointer(steps), pod)));
    found
}

/// The same without the pointers.
pub fn templates(object: &Value) -> Vec<&Value> {
    let mut found = Vec::new();
    visit_pods(object, 0, &mut Vec::new(), &mut |_, pod| found.push(pod));
    found
}

/// Fields from an object down to what holds its pods; the elements of a list are no deeper than the list.
const DEEPEST_POD: usize = 5;

/// Where what a `template` holds is taken to be at the most: it may be one of a Job, in which there is another.
const DEEPEST_TEMPLATE: usize = 3;

enum Step<'v> {
    Field(&'v str),
    Index(usize),
}

fn visit_pods<'v>(
    value: &'v Value,
    depth: usize,
    steps: &mut Vec<Step<'v>>,
    visit: &mut dyn FnMut(&[Step<'v>], &'v Value),
) {
    if value["spec"]["containers"].is_array() {
        return visit(steps, value);
    }
    if depth == DEEPEST_POD {
        return;
    }
    for (name, field) in value.as_object().into_iter().flatten() {
        let below = if name == "template" { (depth + 1).min(DEEPEST_TEMPLATE) } else { depth + 1 };
        steps.push(Step::Field(name));
        visit_pods(field, below, steps, visit);
        steps.pop();
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        steps.push(Step::Index(index));
        visit_pods(item, depth + usize::from(item.is_array()), steps, visit);
        steps.pop();
    }
}

/// What a workload says of the system it is for, at a glance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Says {
    /// A word of Windows stands in it.
    Windows,
    Nothing,
    /// All its pods ask for Linux.
    Linux,
}

impl Says {
    /// What stands, in whatever letter case, in nearly all that is made for Windows.
    const WORDS: &[&str] =
        &["win", "hostprocess", "nanoserver", "servercore", "ltsc", "c:", "powershell", ".exe", "framework"];

    pub(crate) fn of(object: &Value, json: &str) -> Self {
        let is_linux = |pod: &&Value| {
            let spec = &pod["spec"];
            [&spec["nodeSelector"][OS], &spec["os"]["name"]].into_iter().any(|os| os == "linux")
        };
        if templates(object).iter().all(is_linux) {
            return Says::Linux;
        }
        let json = json.to_ascii_lowercase();
        let is_there = |word: &&str| memmem::find(json.as_bytes(), word.as_bytes()).is_some();
        if Self::WORDS.iter().any(is_there) { Says::Windows } else { Says::Nothing }
    }
}

/// The labels of the pods of a workload.
pub(crate) fn labels(object: &Value) -> Vec<(&str, &str)> {
    let labels = templates(object).into_iter().filter_map(|template| template["metadata"]["labels"].as_object());
    let mut all = Vec::new();
    for label in labels.flatten().map(|(key, value)| (key.as_str(), value.as_str().unwrap_or_default())) {
        if !all.contains(&label) {
            all.push(label);
        }
    }
    all
}

/// The names of the claims that a pod uses.
pub(crate) fn claims_in(pod: &Value) -> impl Iterator<Item = &str> {
    let volumes = pod["spec"]["volumes"].as_array().into_iter().flatten();
    volumes.filter_map(|volume| volume["persistentVolumeClaim"]["claimName"].as_str())
}

/// What says of a workload which nodes its pods are for, and whose they are: the names of its RuntimeClasses,
/// Nodes, ServiceAccounts and owners.
pub(crate) fn behind_workload(object: &Value) -> FxHashSet<&str> {
    let mut names = FxHashSet::default();
    let owners = object["metadata"]["ownerReferences"].as_array().into_iter().flatten();
    names.extend(owners.filter_map(|owner| owner["name"].as_str()));
    for pod in templates(object) {
        let spec = &pod["spec"];
        let named = |name: &str| spec[name].as_str().filter(|name| !name.is_empty());
        names.extend(named("runtimeClassName"));
        names.extend(named("nodeName"));
        names.insert(named("serviceAccountName").unwrap_or("default"));
        for labels in [&spec["nodeSelector"], &spec["affinity"]["nodeAffinity"]] {
            texts(labels, &mut |text| {
                names.insert(text);
            });
        }
    }
    names
}
