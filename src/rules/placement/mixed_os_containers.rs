//! The containers of one pod are made for different operating systems.
//!
//! All containers of a pod share one node and its kernel, init and ephemeral containers too. An image
//! for Windows and one for Linux can never run in the same pod: whichever node it is put on, one
//! of them cannot be pulled. It is often a sidecar that was added, by hand or by an injector, without a
//! thought of Windows.
//!
//! Take the container out, use an image of the pod's own system, or make two pods of it. A container that
//! `kubectl debug --target` adds to a Windows pod needs an image of the node's build, too, and sees no
//! processes of the one it targets: `targetContainerName` has no effect there.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   initContainers:
//!     - name: wait
//!       image: docker.io/library/busybox:1.36
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ```
//!
//! ## Good
//! An image that exists for both systems fits either:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   initContainers:
//!     - name: pause
//!       image: registry.k8s.io/pause:3.10
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::images::{self, Strength};
use crate::platform::Os;
use crate::platform::intent::Rank;
use crate::pod::{Container, Pod};
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN118",
    name: "mixed-os-containers",
    summary: "The containers of one pod are made for different operating systems",
    severity: Severity::Error,
    stage: Stage::ImagePull,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&["https://kubernetes.io/docs/concepts/windows/intro/"]),
    errors: docs(&["no match for platform in manifest", "ErrImagePull", "ImagePullBackOff"]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.has_mixed_images() {
        return;
    }
    match pod.intent.filter(|intent| intent.rank <= Rank::Images) {
        Some(intent) => {
            let wrong = intent.os.other();
            for container in pod.containers.iter().filter(|c| is_for(c, wrong)) {
                let message = format!(
                    "container {}: its image is for {}, in a pod for {}; all containers of a pod share one kernel",
                    container.name(),
                    wrong.title(),
                    intent.os.title()
                );
                report
                    .finding(container.at("/image"), message)
                    .severity(severity(container.image.strength))
                    .help(format!("use an image for {}, or move the container to a pod of its own", intent.os.title()));
            }
        }
        None => {
            let name = |os| pod.containers.iter().find(|c| is_for(c, os)).map_or("", Container::name);
            let message = format!(
                "container {} has an image for Windows and container {} one for Linux; all containers of a pod share one kernel",
                name(Os::Windows),
                name(Os::Linux)
            );
            let surest = |os| pod.containers.iter().filter(|c| is_for(c, os)).map(|c| c.image.strength).max();
            let strength = surest(Os::Windows).min(surest(Os::Linux)).unwrap_or(Strength::Weak);
            report
                .finding(pod.at(""), message)
                .severity(severity(strength))
                .help("use images of one system, or make two pods of it");
        }
    }
}

/// What an image most likely holds is a warning, here as where it stands alone.
fn severity(strength: Strength) -> Severity {
    match strength {
        Strength::Strong => Severity::Error,
        Strength::Weak => Severity::Warning,
    }
}

fn is_for(container: &Container<'_>, os: Os) -> bool {
    match container.image.os {
        images::Os::Windows => os == Os::Windows,
        images::Os::Linux => os == Os::Linux,
        images::Os::Multi | images::Os::Unknown => false,
    }
}
