//! What a person has to decide, or to look at: the core's findings as questions with answers.

use serde::Serialize;
use serde_json::Value;
use transom::rules;
use transom_manifests::{Finding, Fix, Location};
use transom_yaml::Operation;

/// A question to a person.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Decision {
    /// Whether anything was decided already.
    pub state: State,
    /// The text it is in.
    pub file: String,
    /// Its document in that text, from 0.
    pub document: usize,
    /// `Deployment shop/web`
    pub object: String,
    /// The container it is about, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    /// JSON Pointer into the object, as it was found.
    pub path: String,
    /// Where to look in the ported text; what holds it, where it was removed.
    pub location: Location,
    /// Of what was changed: where it stood in the text as it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original: Option<Location>,
    /// The rule it comes from, such as `WIN601`; none where it is porting itself that asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The rule's name, such as `linux-image`, or `port-…`.
    pub name: String,
    /// `error`, `warning` or `info`.
    pub severity: String,
    /// The question.
    pub what: String,
    /// Why it arises.
    pub why: String,
    /// What can be done, what was done or comes first in mind first.
    pub options: Vec<String>,
}

/// Whether anything was decided already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It waits for a person.
    Open,
    /// Porting has chosen the first of the options: a person looks whether it is right.
    Assumed,
}

/// What is asked where a rule has found something.
struct Question {
    /// The rule's name, and for `rejected-linux-field` the field.
    of: &'static str,
    field: &'static str,
    /// `{}` is the value it is about.
    what: &'static str,
    options: &'static [&'static str],
    /// Whether the options say all that the rule's help says.
    is_complete: bool,
}

/// The rule's help comes before the options.
const fn ask(of: &'static str, field: &'static str, what: &'static str, options: &'static [&'static str]) -> Question {
    Question { of, field, what, options, is_complete: false }
}

/// The options take the place of the rule's help.
const fn whole(
    of: &'static str,
    field: &'static str,
    what: &'static str,
    options: &'static [&'static str],
) -> Question {
    Question { of, field, what, options, is_complete: true }
}

pub(crate) const ON_LINUX: &str = "leave this workload on Linux nodes, as it was";
pub(crate) const HOST_PROCESS: &str = "make it a HostProcess pod: windowsOptions.hostProcess and hostNetwork true, runAsUserName `NT AUTHORITY\\SYSTEM`, and an image that is made for it";
const IN_ITS_IMAGE: &str = "do it in the image, when that is built for Windows";
const NO_NODE: &str = "do without the node: it is an ordinary pod now";

/// Fields of Linux whose removal loses something, by the end of their path, come with the rule that
/// removes them.
#[rustfmt::skip]
static QUESTIONS: &[Question] = &[
    whole("linux-image", "", "Which Windows image does the work of {}?", &["name another image that is published for Windows", "build the application on a Windows base image, and name that image", ON_LINUX]),
    ask("unsupported-stop-signal", "", "How does the application learn that it has to end? Windows has no {}", &["by what SIGTERM becomes there, CTRL_SHUTDOWN_EVENT, as it is now", "by a preStop hook"]),
    whole("unknown-image-os", "", "Is there an image for Windows behind {}?", &["look in its registry for an entry with `os: windows`, as `docker manifest inspect` shows it, and name the release in the tag", "build the application on a Windows base image, and name that image", ON_LINUX]),
    ask("mixed-os-containers", "", "Which Windows image does the work of {}?", &["build it on a Windows base image", "leave the whole workload on Linux nodes, as it was"]),
    ask("legacy-image-repository", "", "Where is {} published today?", &[]),
    ask("image-build-mismatch", "", "Is this the image for the nodes' Windows release?", &[]),
    whole("privileged-container", "", "Does this container have to work on its node?", &[NO_NODE, HOST_PROCESS, ON_LINUX]),
    whole("rejected-linux-field", "hostPID", "Does this pod have to see the processes of its node?", &[NO_NODE, HOST_PROCESS, ON_LINUX]),
    whole("rejected-linux-field", "hostIPC", "Does this pod have to share memory with processes of its node?", &["do without it", ON_LINUX]),
    whole("rejected-linux-field", "shareProcessNamespace", "Do the containers of this pod have to see each other's processes?", &["do without it", "put both processes into one container", ON_LINUX]),
    whole("rejected-linux-field", "runAsUser", "Which user runs this on Windows? The number {} means nothing there", &["`ContainerUser`, and `ContainerAdministrator` for 0, as runAsUserName says now", "another user that the image makes, as runAsUserName", "a group Managed Service Account, where it logs in to a domain"]),
    whole("rejected-linux-field", "runAsGroup", "Who may read and write the files? The group {} means nothing on Windows", &["give ContainerUser access in the image, with `icacls`", "run as ContainerAdministrator"]),
    whole("rejected-linux-field", "supplementalGroups", "Who may read and write the files? The groups {} mean nothing on Windows", &["give ContainerUser access in the image, with `icacls`", "run as ContainerAdministrator"]),
    whole("rejected-linux-field", "fsGroup", "Who may read and write the volumes? The group {} means nothing on Windows", &["rely on the volume's own access control list: new volumes let everybody in", "run as ContainerAdministrator", "set the list with `icacls` in an init container that runs as ContainerAdministrator"]),
    whole("rejected-linux-field", "sysctls", "Does the application depend on {}?", &["do without it", "set what corresponds to it on the Windows nodes, by PowerShell or the registry", ON_LINUX]),
    whole("rejected-linux-field", "capabilities", "Does the application need what {} allowed it?", &["do without it: Windows has no capabilities", "run as ContainerAdministrator", HOST_PROCESS]),
    whole("rejected-linux-field", "readOnlyRootFilesystem", "May the container write to its files? On Windows it always can", &["accept it: what it writes is gone with the container", "run as ContainerUser, who may write to little"]),
    whole("rejected-linux-field", "resources", "How much of {} does each container get?", &["give each container its own share of the requests and limits"]),
    whole("host-network", "", "How is it reached without the network of its node?", &["publish its ports with a Service", HOST_PROCESS, ON_LINUX]),
    whole("host-access-without-host-process", "", "Does this pod have to work on its node?", &[NO_NODE, HOST_PROCESS, ON_LINUX]),
    ask("host-port", "", "Does it have to have the port {} of its node?", &["keep it: another pod with this port then needs another node"]),
    ask("linux-host-path", "", "What takes the place of {} on a Windows node?", &[HOST_PROCESS, ON_LINUX]),
    ask("runtime-socket", "", "Does it have to talk to the container runtime of its node?", &["mount the pipe of containerd, which Windows nodes run: `\\\\.\\pipe\\containerd-containerd`, with a client that speaks to it", "do without it", ON_LINUX]),
    whole("unsupported-volume", "", "Where do the files of this volume come from on Windows?", &["use a type of volume that Windows nodes mount: SMB, Azure Files, Azure Disk, EBS, Persistent Disk", ON_LINUX]),
    whole("linux-csi-driver", "", "Which storage takes the place of {}?", &["use a CSI driver that has a node plug-in for Windows: SMB, Azure Files, Azure Disk, EBS, FSx for Windows, Persistent Disk", ON_LINUX]),
    ask("memory-empty-dir", "", "Does this volume have to be in memory?", &["let its contents lie on the disk of the node", "hold its contents in the process: Windows has no volume in memory"]),
    whole("mount-propagation", "", "Does this container have to share mounts with its node?", &["do without it: Windows hands on no mounts", ON_LINUX]),
    ask("linux-file-system", "", "Is NTFS right for this volume?", &["move the data: what a volume with a file system of Linux holds already cannot be read on Windows"]),
    ask("linux-command", "", "What does {} become on Windows?", &[IN_ITS_IMAGE, "start the program itself, without a shell"]),
    ask("shell-built-in", "", "What does {} become on Windows?", &[IN_ITS_IMAGE]),
    ask("linux-path", "", "What is at {} on Windows?", &["leave it out"]),
    ask("path-overridden", "", "Where are the programs on Windows?", &["remove the variable: the image's own PATH then holds", "write the folders of the Windows image, with `;` between them"]),
    ask("no-memory-limit", "", "How much memory may this container take?", &["measure it on Windows: a process there takes more than on Linux, and nothing kills it in time without a limit"]),
    ask("memory-limit-too-low", "", "How much memory does it need on Windows?", &["measure it on Windows, beginning with that"]),
    ask("linux-only-resource", "", "What does it do without this device?", &["use what a device plugin of the Windows nodes offers, such as `microsoft.com/directx`", ON_LINUX]),
    whole("linux-only-nodes-selected", "", "Which Windows node pool is this for? {} was the label of Linux nodes", &["any: ask for nothing beside Windows", "ask for the label of a Windows pool"]),
    ask("linux-sidecar-injection", "", "What does the pod do without its sidecar? The mesh has none for Windows", &[ON_LINUX]),
    ask("linux-runtime-class", "", "What was the RuntimeClass {} for?", &[ON_LINUX]),
    whole("network-policy-not-enforced", "", "What protects these pods on Windows nodes?", &["a network plug-in that enforces policies there, such as Calico: install it and name it in the setting `cni`", "other means: the cloud's security groups, or authentication between the services", "leave the pods on Linux nodes, as they were"]),
    ask("partial-service-name", "", "Which Service is meant by {}?", &[]),
    ask("unsupported-architecture", "", "Is there an image for amd64? Windows nodes have no other architecture", &[ON_LINUX]),
    whole("node-name-bypasses-scheduler", "", "Is {} a Windows node?", &["remove nodeName and let the scheduler choose, by labels where it matters", "name a Windows node"]),
    ask("missing-windows-toleration", "", "Which taints do your Windows nodes carry?", &["none: nothing is to be done"]),
];

/// The fields whose removal changes nothing that anybody could rely on are not asked about: Windows has
/// other defences than seccomp, AppArmor and SELinux, and the diff shows them.
pub(crate) fn is_loss(finding: &Finding) -> bool {
    const LOSSES: &[&str] = &[
        "rejected-linux-field",
        "privileged-container",
        "linux-only-nodes-selected",
        "unsupported-stop-signal",
        "memory-empty-dir",
        "mount-propagation",
    ];
    LOSSES.contains(&&*finding.name) && question(finding).is_some()
}

fn question(finding: &Finding) -> Option<&'static Question> {
    let field = finding.path.rsplit('/').next().unwrap_or_default();
    QUESTIONS
        .iter()
        .find(|question| question.of == finding.name && (question.field.is_empty() || question.field == field))
}

/// A decision without its place.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) state: State,
    pub(crate) path: String,
    pub(crate) rule: Option<String>,
    pub(crate) name: String,
    pub(crate) severity: String,
    pub(crate) what: String,
    pub(crate) why: String,
    pub(crate) options: Vec<String>,
}

/// The decision that a finding asks for; none where there is nothing to decide.
pub(crate) fn of(state: State, finding: &Finding, value: &Value) -> Option<Asked> {
    let is_hint = finding.severity == "info" && (question(finding).is_none() || finding.name == "linux-path");
    if is_hint || (state == State::Assumed && is_idle(finding, value)) {
        return None;
    }
    let question = question(finding);
    let summary = || rules::find(&finding.rule).map_or(finding.name.as_str(), |rule| rule.summary).to_owned();
    let what = question.map_or_else(summary, |question| question.what.replace("{}", &subject(&finding.path, value)));
    let mut options: Vec<String> = Vec::new();
    match state {
        State::Assumed if is_loss(finding) => {}
        State::Assumed => options.extend(finding.fix.as_ref().map(chosen)),
        State::Open if question.is_some_and(|question| question.is_complete) => {}
        State::Open if finding.help.is_empty() => options.extend(finding.fix.as_ref().map(|fix| lower(&fix.title))),
        State::Open => options.push(finding.help.clone()),
    }
    for option in question.into_iter().flat_map(|question| question.options) {
        let is_said = |said: &String| quoted(said).is_some() && quoted(said) == quoted(option);
        if !options.iter().any(is_said) {
            options.push((*option).to_owned());
        }
    }
    Some(Asked {
        state,
        path: finding.path.clone(),
        rule: Some(finding.rule.clone()),
        name: finding.name.clone(),
        severity: finding.severity.to_string(),
        what,
        why: finding.message.clone(),
        options,
    })
}

/// Whether a field that was removed asked for nothing: capabilities that were only dropped, flags that
/// were false.
fn is_idle(finding: &Finding, value: &Value) -> bool {
    if finding.name != "rejected-linux-field" {
        return false;
    }
    let is_empty = |value: &Value| value.as_array().is_none_or(Vec::is_empty);
    match value {
        Value::Bool(asked) => !asked,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) if finding.path.ends_with("/capabilities") => {
            is_empty(&fields.get("add").cloned().unwrap_or_default())
        }
        _ => false,
    }
}

/// What a question is about: the value, and with a label of nodes what it is the value of.
fn subject(path: &str, value: &Value) -> String {
    match (path.rsplit_once("/nodeSelector/"), value) {
        (Some((_, label)), Value::String(value)) => {
            let label = label.replace("~1", "/").replace("~0", "~");
            format!("{label}={value}").trim_end_matches('=').to_owned()
        }
        _ => short(value),
    }
}

/// A value as part of a sentence.
fn short(value: &Value) -> String {
    let words = |items: &[Value]| {
        let words: Vec<String> =
            items.iter().map(|item| item["name"].as_str().map_or_else(|| short(item), str::to_owned)).collect();
        words.join(", ")
    };
    match value {
        Value::String(text) => text.lines().next().unwrap_or_default().to_owned(),
        Value::Array(items) => words(items),
        Value::Object(fields) => match fields.get("add").and_then(Value::as_array) {
            Some(added) => words(added),
            None => "this".to_owned(),
        },
        Value::Null => "this".to_owned(),
        other => other.to_string(),
    }
}

/// What a fix has done: its title, and the value where it wrote one.
fn chosen(fix: &Fix) -> String {
    let written = fix.patch.iter().find_map(|operation| match operation {
        Operation::Add { value: Value::String(text), .. } | Operation::Replace { value: Value::String(text), .. } => {
            Some(text)
        }
        _ => None,
    });
    let written = written.map(|text| format!(": `{text}`")).unwrap_or_default();
    format!("{}{written}, as it is now", lower(&fix.title))
}

/// What an option names first, word for word.
fn quoted(option: &str) -> Option<&str> {
    option.split('`').nth(1)
}

fn lower(title: &str) -> String {
    let mut letters = title.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_is_about_a_rule() {
        for question in QUESTIONS {
            assert!(rules::find(question.of).is_some_and(|rule| rule.name == question.of), "{}", question.of);
            assert!(!question.what.ends_with('.'), "{}", question.what);
        }
    }
}
