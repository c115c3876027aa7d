//! What a pod is meant for: the evidence, and the order in which it decides.

use std::borrow::Cow;

use super::labels::{OS, OS_BETA};
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
    let mut found = Vec::new();
    let mut see = |rank: Rank, path: Pointer, says: Os, because: Cow<'static, str>| {
        found.push(Evidence { path, says, because, rank });
    };
    let spec = pod.spec;

    if let Some(name) = spec.os.as_ref().and_then(|os| os.name.as_deref())
        && let Some(os) = Os::named(name)
    {
        see(Rank::OsName, pod.at("/os/name"), os, Cow::Owned(format!("os.name is {name}")));
    }
    if let Some(path) = pod.host_process_at() {
        see(Rank::HostProcess, path, Os::Windows, Cow::Borrowed("HostProcess containers exist on Windows only"));
    }
    if let Some((path, os, because)) = stated_by_labels(pod) {
        see(Rank::NodeLabels, path, os, because);
    }
    if let Some(label) = pod.metadata.and_then(|m| m.label(OS))
        && let Some(os) = Os::named(label)
    {
        let path = pod.metadata_at("/labels").key(OS);
        see(Rank::PodLabel, path, os, Cow::Borrowed("the kubelet holds this label against its node"));
    }
    let class = spec.runtime_class_name.as_deref();
    let handler = pod.runtime_class().and_then(|class| class.handler.as_deref());
    let runs = |os: Os| {
        let because = format!("RuntimeClass {} runs {} containers", class.unwrap_or_default(), os.title());
        (pod.at("/runtimeClassName"), os, Cow::Owned(because))
    };
    if let Some((path, os, because)) = class.and(handler).and_then(handler_os).map(runs) {
        see(Rank::RuntimeClass, path, os, because);
    }
    for (path, _) in windows_options(pod).filter(|(_, options)| options.ask()) {
        see(Rank::WindowsOptions, path, Os::Windows, Cow::Borrowed("windowsOptions have a meaning on Windows only"));
    }
    for (index, volume) in spec.volumes.as_deref().unwrap_or_default().iter().enumerate() {
        let path = volume.host_path.as_ref().and_then(|h| h.path.as_deref()).unwrap_or_default();
        if let Some((os, because)) = paths::host_path_os(path) {
            see(Rank::Paths, pod.at("/volumes").index(index).join("/hostPath/path"), os, Cow::Borrowed(because));
        }
    }
    for container in &pod.containers {
        for (index, mount) in container.mounts().iter().enumerate() {
            if paths::is_windows(mount.mount_path.as_deref().unwrap_or_default()) {
                let path = container.mount_at(index).key("mountPath");
                see(Rank::Paths, path, Os::Windows, Cow::Borrowed("a Windows path"));
            }
        }
        if paths::is_windows(container.view.working_dir.as_deref().unwrap_or_default()) {
            see(Rank::Paths, container.at("/workingDir"), Os::Windows, Cow::Borrowed("a Windows path"));
        }
    }
    let images = |strength: images::Strength| {
        let containers = pod.containers.iter().filter(move |container| container.image.strength == strength);
        containers.filter_map(|container| {
            Some((container.at("/image"), image_os(container)?, Cow::Owned(container.image.because.to_string())))
        })
    };
    for (path, os, because) in images(images::Strength::Strong) {
        see(Rank::Images, path, os, because);
    }
    if let Some((path, os, because)) = class.filter(|_| handler.is_none()).and_then(class_name_os).map(runs) {
        see(Rank::RuntimeClassName, path, os, because);
    }
    for (path, os, because) in images(images::Strength::Weak) {
        see(Rank::LikelyImages, path, os, because);
    }
    for container in &pod.containers {
        let resources = container.view.resources.as_ref();
        for (list, name) in [
            ("requests", resources.and_then(|r| r.requests.as_ref())),
            ("limits", resources.and_then(|r| r.limits.as_ref())),
        ] {
            for (resource, quantity) in name.into_iter().flat_map(|map| map.iter()) {
                if let Some(os) = resource_os(resource).filter(|_| !is_zero(quantity)) {
                    let because = format!("only {} nodes offer {resource}", os.title());
                    see(
                        Rank::VolumesAndResources,
                        container.at("/resources").key(list).key(resource),
                        os,
                        Cow::Owned(because),
                    );
                }
            }
        }
    }
    for (index, volume) in spec.volumes.as_deref().unwrap_or_default().iter().enumerate() {
        if let Some(source) = linux_volume(volume) {
            let path = pod.at("/volumes").index(index).key(source);
            see(Rank::VolumesAndResources, path, Os::Linux, Cow::Borrowed("a volume that only Linux nodes can mount"));
        }
    }
    for container in &pod.containers {
        for (at, command) in container.command_lines() {
            let program = command.first().map(|c| &**c).unwrap_or_default();
            if let Some(os) = process::started_os(command, container.args_of(at)) {
                see(
                    Rank::Commands,
                    container.at(at).index(0),
                    os,
                    Cow::Owned(format!("{program} is a program of {}", os.title())),
                );
            }
        }
    }
    // A container that is added to look into a pod does not say what the pod is for, unless nothing else does.
    // A HostProcess container speaks for all, since there can be no others beside it.
    let is_lasting = |evidence: &Evidence| {
        evidence.rank == Rank::HostProcess || !text::contains(evidence.path.as_str(), "/ephemeralContainers/")
    };
    if found.iter().any(is_lasting) {
        found.retain(is_lasting);
    }
    found
}

/// The system that node selectors and affinity state, and where.
fn stated_by_labels(pod: &Pod<'_>) -> Option<(Pointer, Os, Cow<'static, str>)> {
    for key in [OS, OS_BETA] {
        let value = pod.spec.node_selector.as_ref().and_then(|s| s.get(key));
        if let Some(os) = value.and_then(|v| Os::named(v)) {
            let path = pod.at("/nodeSelector").key(key);
            return Some((path, os, Cow::Owned(format!("nodeSelector asks for {} nodes", os.title()))));
        }
    }
    let can = |os| {
        let nodes = NodeModel { os, reading: Reading::StatedOs, builds: &[], settings: pod.world.settings };
        pod.selector.fit(&nodes) != Fit::No
    };
    let os = match (can(Os::Windows), can(Os::Linux)) {
        (true, false) => Os::Windows,
        (false, true) => Os::Linux,
        _ => return None,
    };
    let because = Cow::Owned(format!("only {} nodes can have the labels it asks for", os.title()));
    let own = |key: &str| pod.spec.node_selector.as_ref().is_some_and(|s| s.get(key).is_some());
    let path = if own(super::labels::WINDOWS_BUILD) {
        pod.at("/nodeSelector").key(super::labels::WINDOWS_BUILD)
    } else if pod.required_terms().is_some() {
        pod.at("/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution")
    } else if pod.spec.runtime_class_name.is_some() {
        pod.at("/runtimeClassName")
    } else {
        pod.at("")
    };
    Some((path, os, because))
}

/// The `windowsOptions` of the pod and of its containers, each with its place.
fn windows_options<'a>(pod: &'a Pod<'_>) -> impl Iterator<Item = (Pointer, &'a WindowsOptions<'a>)> {
    const AT: &str = "/securityContext/windowsOptions";
    let of_pod = pod.windows_options().map(|options| (pod.at(AT), options));
    let of_containers = pod.containers.iter().filter_map(|container| {
        let options = container.security_context()?.windows_options.as_ref()?;
        Some((container.at(AT), options))
    });
    of_pod.into_iter().chain(of_containers)
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
