//! What is not ported: what serves Linux nodes, what runs on the control plane, what runs nothing.

use serde::Serialize;
use serde_json::Value;
use transom::images;
use transom::rules::cluster::linux_agent_on_windows::is_agent;
use transom_context as context;
use transom_manifests::Location;

/// An object that stays as it is.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Untouched {
    /// The text it is in.
    pub file: String,
    /// `Deployment shop/web`
    pub object: String,
    /// Where it begins.
    pub location: Location,
    /// What kind of reason.
    pub reason: Reason,
    /// The reason, in words.
    pub why: String,
}

/// Why an object stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// It holds no pods, and nothing in it is for one system.
    RunsNothing,
    /// A definition of custom resources.
    Definition,
    /// A custom resource: what its controller makes of it is not known.
    CustomResource,
    /// It describes Linux nodes, or what they offer.
    Nodes,
    /// It serves Linux nodes: a network, a log collector, a device plug-in.
    Agent,
    /// It runs on the control plane, which is Linux.
    ControlPlane,
    /// It is part of the cluster itself.
    System,
    /// It is for Windows, and nothing in it has to change.
    Windows,
    /// It could not be edited.
    Failed,
}

/// Why an object is not to be ported, where it is not. `runs_pods` says whether the core reads pods in it.
pub(crate) fn reason(object: &Value, runs_pods: bool) -> Option<(Reason, String)> {
    let kind = object["kind"].as_str().unwrap_or_default();
    let group =
        object["apiVersion"].as_str().and_then(|version| version.rsplit_once('/')).map_or("", |(group, _)| group);
    let pods = context::pods(object);
    if !runs_pods {
        let is_built_in = !group.contains('.') || group.ends_with(".k8s.io");
        let (reason, why) = match (group, kind) {
            ("apiextensions.k8s.io", _) => (Reason::Definition, "it defines a kind and runs nothing".to_owned()),
            ("", "Node") | ("node.k8s.io", "RuntimeClass") | ("storage.k8s.io", "StorageClass" | "CSIDriver") => {
                (Reason::Nodes, "it is for the nodes there are: Windows nodes have their own".to_owned())
            }
            _ if is_built_in => (Reason::RunsNothing, "it runs nothing".to_owned()),
            _ if pods.is_empty() => {
                (Reason::CustomResource, format!("a {kind} of {group}: what its controller runs is not written here"))
            }
            _ => {
                let why = format!("a {kind} of {group} with a pod template that only its controller knows how to read");
                (Reason::CustomResource, why)
            }
        };
        return Some((reason, why));
    }
    let is_windows = |pod: &Value| pod["spec"]["os"]["name"] == "windows";
    for (_, pod) in &pods {
        for role in ["control-plane", "master"].map(|role| format!("node-role.kubernetes.io/{role}")) {
            if !is_windows(pod) && pod["spec"]["nodeSelector"].get(&role).is_some() {
                return Some((Reason::ControlPlane, format!("it asks for nodes with {role}, which are Linux nodes")));
            }
        }
        let containers = ["containers", "initContainers"].iter().flat_map(|list| pod["spec"][*list].as_array());
        let images = containers.flatten().filter_map(|container| container["image"].as_str());
        if let Some(image) = images.into_iter().find(|image| is_agent(&images::read(image))) {
            let why = format!("{image} serves Linux nodes, and there is no such image for Windows");
            return Some((Reason::Agent, why));
        }
    }
    let namespace = object["metadata"]["namespace"].as_str().unwrap_or_default();
    if namespace == "kube-system" && !pods.iter().any(|(_, pod)| is_windows(pod)) {
        return Some((Reason::System, "it is in kube-system: what serves the cluster stays on Linux nodes".to_owned()));
    }
    None
}
