//! A pod that is not made for Windows may be put on a Windows node.
//!
//! Nothing in the pod asks for Linux nodes. Only a taint on the Windows nodes keeps it off, and AKS
//! and EKS set none: where it is known that there is none, this is an error. On a Windows node its image cannot be pulled ("no match for platform in
//! manifest"), or the pod hangs in ContainerCreating. Jobs of Helm hooks, certificate generators and
//! DaemonSets are the usual victims, months after they were installed, on the day somebody adds
//! the first Windows node.
//!
//! Pin it with `nodeSelector`. Where nothing tells which system the images are for, transom assumes
//! Linux, says so, and leaves the change to you. Where a name speaks of Windows it assumes nothing.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   containers:
//!     - name: web
//!       image: docker.io/library/nginx:1.27-alpine # the front door
//! ```
//!
//! ## Fixed
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   containers:
//!     - name: web
//!       image: docker.io/library/nginx:1.27-alpine # the front door
//!   nodeSelector:
//!     kubernetes.io/os: linux
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: linux
//!   containers:
//!     - name: web
//!       image: docker.io/library/nginx:1.27-alpine
//! ```
//!
//! No Windows node runs on ARM:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   nodeSelector:
//!     kubernetes.io/arch: arm64
//!   containers:
//!     - name: web
//!       image: docker.io/library/nginx:1.27-alpine
//! ```
//! ```yaml
//! # settings: {windows: {present: false}}
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   containers:
//!     - name: web
//!       image: docker.io/library/nginx:1.27-alpine
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::paths;
use crate::platform::{Os, Placement};
use crate::pod::Pod;
use crate::rules::placement::linux_pod_tolerates_windows;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN107",
    name: "linux-pod-not-pinned",
    summary: "A pod that is not made for Windows may be put on a Windows node",
    severity: Severity::Warning,
    stage: Stage::Scheduler,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/windows/user-guide/#ensuring-os-specific-workloads-land-on-the-appropriate-container-host",
        "https://github.com/Azure/AKS/issues/1905",
        "https://github.com/kubernetes/ingress-nginx/issues/6302",
    ]),
    errors: docs(&[
        "no match for platform in manifest",
        "no matching manifest for windows/amd64",
        "failed to extract layer: hcsshim::ProcessBaseLayer: The system cannot find the path specified",
        "ImagePullBackOff",
    ]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    let is_open = pod.placement.windows == Placement::Yes && !pod.has_unknown_runtime_class();
    // A gap in its affinity says where the pod is open, not that no taint keeps it off.
    if !pod.is_exposed_to_windows()
        || (pod.affinity_gap().is_some() && !is_open)
        || pod.has_mixed_images()
        || linux_pod_tolerates_windows::way_in(pod).is_some()
    {
        return;
    }
    let (what, severity) = match pod.placement.windows {
        _ if is_open => ("the Windows nodes carry no taint that would keep it off", Severity::Error),
        Placement::Guarded => ("only a taint on the Windows nodes can keep it off", Severity::Warning),
        _ => ("nothing in it asks for Linux nodes", Severity::Warning),
    };
    let sign = if pod.is_for(Os::Linux) { None } else { sign_of_windows(pod) };
    // A Windows node may be the very place for it.
    let severity = if sign.is_some() { Severity::Warning } else { severity };
    let message = match &sign {
        _ if pod.is_for(Os::Linux) => {
            format!("this pod is meant for Linux, but it may be put on a Windows node: {what}")
        }
        Some(sign) => format!(
            "nothing but {sign} tells that this pod is made for Windows, and it may be put on a node of either system"
        ),
        None => {
            format!("nothing here tells that this pod is made for Windows, but it may be put on a Windows node: {what}")
        }
    };
    let finding = report.finding(pod.at(""), message).severity(severity);
    match sign {
        Some(_) => {
            finding.help("add `kubernetes.io/os` to its nodeSelector: `windows` if it is made for it, else `linux`")
        }
        None => finding.help("add `kubernetes.io/os: linux` to its nodeSelector").fix(pod.pin(Os::Linux)),
    };
}

/// What speaks of Windows in the path of a program, or in a name. That decides nothing, but nobody who has chosen it is
/// to be offered Linux.
fn sign_of_windows(pod: &Pod<'_>) -> Option<String> {
    let mut programs = pod.containers.iter().flat_map(|container| {
        let programs = container.command_lines().filter_map(|(_, command)| command.first());
        programs.filter(|program| paths::is_windows(program))
    });
    if let Some(program) = programs.next() {
        return Some(format!("the program {program}"));
    }
    let of_containers =
        pod.containers.iter().flat_map(|container| [container.view.image.as_deref(), container.view.name.as_deref()]);
    let mut names = of_containers.chain([pod.object.metadata.name.as_deref()]).flatten();
    let name = names.find(|name| {
        let mut words = name.split(|letter: char| !letter.is_ascii_alphanumeric());
        name.as_bytes().windows(7).any(|part| part.eq_ignore_ascii_case(b"windows"))
            || words.any(|word| word.eq_ignore_ascii_case("win"))
    })?;
    Some(format!("the name {name}"))
}
