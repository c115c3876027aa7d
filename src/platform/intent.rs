//! What a pod is meant for: the evidence, and the order in which it decides.

use std::borrow::Cow;

use super::labels::{OS, OS_BETA, WINDOWS_BUILD};
use super::os::Os;
use super::resources::{is_zero, resource_os};
use super::runtime_class::{class_name_os, handler_os};
use super::selector::{Fit, NodeModel, Reading};
use crate::images;
use crate::object::pod::WindowsOptions;
use crate::paths;
use crate::pod::{Container, Pod};
use crate::pointer::Pointer;
use crate::process;
use crate::text;
use crate::volumes;

/// One observation that speaks for an operating system.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// Where it stands, in the object.
    pub path: Pointer,
    /// What it speaks for.
    pub says: Os,
    /// Why.
    pub because: Cow<'static, str>,
    /// How it ranks.
    pub rank: Rank,
}

/// The kinds of evidence, the most telling first. The first rank on which all evidence agrees decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// `os.name`
    OsName,
    /// A HostProcess container: they exist on Windows only.
    HostProcess,
    /// Labels that state the system leave no other choice.
    NodeLabels,
    /// The pod's own label, which the kubelet holds against its node.
    PodLabel,
    /// A RuntimeClass whose handler runs one system's containers.
    RuntimeClass,
    /// `windowsOptions` that ask for something: policies want to read `hostProcess: false` in every pod.
    WindowsOptions,
    /// Paths that exist on one system only.
    Paths,
    /// What the images are known to hold.
    Images,
    /// The name of a RuntimeClass of which nothing more is known.
    RuntimeClassName,
    /// What images most likely hold: by a word that also means other things, or like one of
    /// Microsoft's in a registry of another.
    LikelyImages,
    /// Volumes and resources that one system's nodes offer.
    VolumesAndResources,
    /// The programs that are started.
    Commands,
}

/// How much a conclusion can carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// Enough to warn by, not to change a manifest by.
    Moderate,
    /// Enough to fix by.
    Strong,
    /// There is no other reading.
    Decisive,
}

impl Rank {
    /// How much evidence of this rank can carry.
    pub const fn strength(self) -> Strength {
        match self {
            Rank::OsName | Rank::HostProcess | Rank::NodeLabels => Strength::Decisive,
            Rank::PodLabel | Rank::RuntimeClass | Rank::WindowsOptions | Rank::Paths | Rank::Images => Strength::Strong,
            Rank::RuntimeClassName | Rank::LikelyImages | Rank::VolumesAndResources | Rank::Commands => {
                Strength::Moderate
            }
        }
    }
}

/// What the evidence comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Intent {
    /// The system.
    pub os: Os,
    /// The rank that decided.
    pub rank: Rank,
}

/// The first rank on which there is evidence, all of it for one system.
pub(crate) fn decide(evidence: &[Evidence]) -> Option<Intent> {
    let mut evidence = evidence;
    while let Some(first) = evidence.first() {
        let end = evidence.iter().position(|e| e.rank != first.rank).unwrap_or(evidence.len());
        let (rank, rest) = evidence.split_at(end);
        if rank.iter().all(|e| e.says == first.says) {
            return Some(Intent { os: first.says, rank: first.rank });
        }
        evidence = rest;
    }
    None
}

/// All evidence in a pod, by rank and then in the order of the object.
pub(crate) fn evidence(pod: &Pod<'_>) -> Vec<Evidence> {
    let mut found = Found(Vec::new());
    os_name(pod, &mut found);
    host_process(pod, &mut found);
    node_labels(pod, &mut found);
    pod_label(pod, &mut found);
    runtime_class(pod, &mut found);
    windows_options(pod, &mut found);
    paths(pod, &mut found);
    images(pod, images::Strength::Strong, Rank::Images, &mut found);
    runtime_class_name(pod, &mut found);
    images(pod, images::Strength::Weak, Rank::LikelyImages, &mut found);
    resources(pod, &mut found);
    volumes(pod, &mut found);
    commands(pod, &mut found);
    lasting(found.0)
}

/// What has been found so far.
struct Found(Vec<Evidence>);

impl Found {
    fn add(&mut self, rank: Rank, path: Pointer, says: Os, because: impl Into<Cow<'static, str>>) {
        self.0.push(Evidence { path, says, because: because.into(), rank });
    }
}

/// A container that is added to look into a pod does not say what the pod is for, unless nothing else does.
/// A HostProcess container speaks for all, since there can be no others beside it.
fn lasting(mut found: Vec<Evidence>) -> Vec<Evidence> {
    let is_lasting = |evidence: &Evidence| {
        evidence.rank == Rank::HostProcess || !text::contains(evidence.path.as_str(), "/ephemeralContainers/")
    };
    if found.iter().any(is_lasting) {
        found.retain(is_lasting);
    }
    found
}

fn os_name(pod: &Pod<'_>, found: &mut Found) {
    let name = pod.spec.os.as_ref().and_then(|os| os.name.as_deref()).unwrap_or_default();
    if let Some(os) = Os::named(name) {
        found.add(Rank::OsName, pod.at("/os/name"), os, format!("os.name is {name}"));
    }
}

fn host_process(pod: &Pod<'_>, found: &mut Found) {
    if let Some(path) = pod.host_process_at() {
        found.add(Rank::HostProcess, path, Os::Windows, "HostProcess containers exist on Windows only");
    }
}

fn node_labels(pod: &Pod<'_>, found: &mut Found) {
    for key in [OS, OS_BETA] {
        let value = pod.spec.node_selector.as_ref().and_then(|s| s.get(key));
        if let Some(os) = value.and_then(|v| Os::named(v)) {
            let because = format!("nodeSelector asks for {} nodes", os.title());
            return found.add(Rank::NodeLabels, pod.at("/nodeSelector").key(key), os, because);
        }
    }
    let can = |os| {
        let nodes = NodeModel { os, reading: Reading::StatedOs, builds: &[], settings: pod.world.settings };
        pod.selector.fit(&nodes) != Fit::No
    };
    let os = match (can(Os::Windows), can(Os::Linux)) {
        (true, false) => Os::Windows,
        (false, true) => Os::Linux,
        _ => return,
    };
    let because = format!("only {} nodes can have the labels it asks for", os.title());
    found.add(Rank::NodeLabels, labels_at(pod), os, because);
}

/// Where most likely stands what labels of nodes together say.
fn labels_at(pod: &Pod<'_>) -> Pointer {
    if pod.spec.node_selector.as_ref().is_some_and(|s| s.get(WINDOWS_BUILD).is_some()) {
        pod.at("/nodeSelector").key(WINDOWS_BUILD)
    } else if pod.required_terms().is_some() {
        pod.at("/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution")
    } else if pod.spec.runtime_class_name.is_some() {
        pod.at("/runtimeClassName")
    } else {
        pod.at("")
    }
}

fn pod_label(pod: &Pod<'_>, found: &mut Found) {
    if let Some(os) = pod.metadata.and_then(|metadata| metadata.label(OS)).and_then(Os::named) {
        let path = pod.metadata_at("/labels").key(OS);
        found.add(Rank::PodLabel, path, os, "the kubelet holds this label against its node");
    }
}

fn runtime_class(pod: &Pod<'_>, found: &mut Found) {
    if let Some(name) = pod.spec.runtime_class_name.as_deref()
        && let Some(os) = handler(pod).and_then(handler_os)
    {
        add_class(pod, name, os, Rank::RuntimeClass, found);
    }
}

/// The handler of the RuntimeClass it names, where that is known.
fn handler<'a>(pod: &Pod<'a>) -> Option<&'a str> {
    pod.runtime_class().and_then(|class| class.handler.as_deref())
}

fn add_class(pod: &Pod<'_>, name: &str, os: Os, rank: Rank, found: &mut Found) {
    let because = format!("RuntimeClass {name} runs {} containers", os.title());
    found.add(rank, pod.at("/runtimeClassName"), os, because);
}

fn windows_options(pod: &Pod<'_>, found: &mut Found) {
    const AT: &str = "/securityContext/windowsOptions";
    const BECAUSE: &str = "windowsOptions have a meaning on Windows only";
    if pod.windows_options().is_some_and(WindowsOptions::ask) {
        found.add(Rank::WindowsOptions, pod.at(AT), Os::Windows, BECAUSE);
    }
    for container in &pod.containers {
        let options = container.security_context().and_then(|context| context.windows_options.as_ref());
        if options.is_some_and(WindowsOptions::ask) {
            found.add(Rank::WindowsOptions, container.at(AT), Os::Windows, BECAUSE);
        }
    }
}

fn paths(pod: &Pod<'_>, found: &mut Found) {
    for (index, volume) in pod.spec.volumes.as_deref().unwrap_or_default().iter().enumerate() {
        let path = volume.host_path.as_ref().and_then(|h| h.path.as_deref()).unwrap_or_default();
        if let Some((os, because)) = paths::host_path_os(path) {
            found.add(Rank::Paths, pod.at("/volumes").index(index).join("/hostPath/path"), os, because);
        }
    }
    for container in &pod.containers {
        for (index, mount) in container.mounts().iter().enumerate() {
            if paths::is_windows(mount.mount_path.as_deref().unwrap_or_default()) {
                found.add(Rank::Paths, container.mount_at(index).key("mountPath"), Os::Windows, "a Windows path");
            }
        }
        if paths::is_windows(container.view.working_dir.as_deref().unwrap_or_default()) {
            found.add(Rank::Paths, container.at("/workingDir"), Os::Windows, "a Windows path");
        }
    }
}

/// What images tell, of those by which they tell it with this strength.
fn images(pod: &Pod<'_>, strength: images::Strength, rank: Rank, found: &mut Found) {
    for container in pod.containers.iter().filter(|container| container.image.strength == strength) {
        if let Some(os) = image_os(container) {
            found.add(rank, container.at("/image"), os, container.image.because.to_string());
        }
    }
}

fn runtime_class_name(pod: &Pod<'_>, found: &mut Found) {
    if let Some(name) = pod.spec.runtime_class_name.as_deref().filter(|_| handler(pod).is_none())
        && let Some(os) = class_name_os(name)
    {
        add_class(pod, name, os, Rank::RuntimeClassName, found);
    }
}

fn resources(pod: &Pod<'_>, found: &mut Found) {
    for container in &pod.containers {
        let resources = container.view.resources.as_ref();
        for (list, map) in [
            ("requests", resources.and_then(|r| r.requests.as_ref())),
            ("limits", resources.and_then(|r| r.limits.as_ref())),
        ] {
            for (resource, quantity) in map.into_iter().flat_map(|map| map.iter()) {
                if let Some(os) = resource_os(resource).filter(|_| !is_zero(quantity)) {
                    let path = container.at("/resources").key(list).key(resource);
                    let because = format!("only {} nodes offer {resource}", os.title());
                    found.add(Rank::VolumesAndResources, path, os, because);
                }
            }
        }
    }
}

fn volumes(pod: &Pod<'_>, found: &mut Found) {
    for (index, volume) in pod.spec.volumes.as_deref().unwrap_or_default().iter().enumerate() {
        if let Some(source) = linux_volume(volume) {
            let path = pod.at("/volumes").index(index).key(source);
            found.add(Rank::VolumesAndResources, path, Os::Linux, "a volume that only Linux nodes can mount");
        }
    }
}

fn commands(pod: &Pod<'_>, found: &mut Found) {
    for container in &pod.containers {
        for (at, command) in container.command_lines() {
            let program = command.first().map(|c| &**c).unwrap_or_default();
            if let Some(os) = process::started_os(command, container.args_of(at)) {
                let because = format!("{program} is a program of {}", os.title());
                found.add(Rank::Commands, container.at(at).index(0), os, because);
            }
        }
    }
}

fn image_os(container: &Container<'_>) -> Option<Os> {
    match container.image.os {
        images::Os::Windows => Some(Os::Windows),
        images::Os::Linux => Some(Os::Linux),
        images::Os::Multi | images::Os::Unknown => None,
    }
}

/// The field of a volume source that speaks for Linux: no Windows node can mount it. `gitRepo`, which
/// none mounts any more, was for both.
fn linux_volume(volume: &crate::object::pod::Volume<'_>) -> Option<&'static str> {
    if let Some((field, _)) = volumes::unmountable(volume).filter(|(field, _)| *field != volumes::GIT_REPO) {
        return Some(field);
    }
    let driver = volume.csi.as_ref()?.driver.as_deref()?;
    volumes::is_linux_csi_driver(driver).then_some("csi")
}
