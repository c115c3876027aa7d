//! An image is for a Windows release that nodes no longer run.
//!
//! The semi-annual releases from 1709 to 20H2 have no supported host: the nodes that ran their
//! images are gone, and newer kernels refuse them. Windows Server 2016 and 2019 go the same way.
//! Kubernetes lists 2022 and 2025 alone since 1.36. AKS has no nodes of 2019 from 1.33 on, and
//! ended their support on older versions in March 2026. An ltsc2019 image does not run on anything
//! newer. Semi-annual releases and Nano Server 2016 are errors, and so is ltsc2019 on AKS from
//! Kubernetes 1.33 on.
//!
//! Build the image on `ltsc2022`, which Windows Server 2022 and 2025 both run, or take the tag of
//! that release.
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
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:1909
//! ```
//!
//! ## Fixed
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ```
//!
//! ## Good
//! A number in the tag of a private image may be anything:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: registry.example/shop:1909
//!     - name: cache
//!       image: registry.example/cache:2-nanoserver-ltsc2025
//! ```
//! Hyper-V isolation brings a kernel for the pod, and runs images of older releases:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   runtimeClassName: isolated
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/servercore:ltsc2019
//! ---
//! apiVersion: node.k8s.io/v1
//! kind: RuntimeClass
//! metadata:
//!   name: isolated
//! handler: runhcs-wcow-hypervisor
//! ```

use super::linux_image::for_nodes;
use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::images::builds::{self, Life, SERVER_2016, SERVER_2022};
use crate::images::{self, Family, Image, Os, Product, Published};
use crate::platform::runtime_class::is_hyper_v;
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};
use crate::settings::Platform;

pub const RULE: Rule = Rule {
    id: "WIN604",
    name: "retired-windows-build",
    summary: "An image is for a Windows release that nodes no longer run",
    severity: Severity::Warning,
    stage: Stage::ImagePull,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://learn.microsoft.com/virtualization/windowscontainers/deploy-containers/base-image-lifecycle",
        "https://learn.microsoft.com/azure/aks/upgrade-windows-os",
        "https://kubernetes.io/docs/concepts/windows/intro/",
    ]),
    errors: docs(&[
        "no match for platform in manifest",
        "The container operating system does not match the host operating system",
        "0xc0370101",
    ]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    // Hyper-V isolation runs the images of older releases too.
    if !pod.is_windows() || is_hyper_v(pod) {
        return;
    }
    for container in pod.containers.iter().filter(|c| !c.host_process) {
        let image = &container.image;
        if image.os != Os::Windows {
            continue;
        }
        let Some((severity, why)) = verdict(pod, image) else { continue };
        // WIN606 speaks about tags that name no release, WIN605 about those that do not exist.
        if super::floating_framework_tag::is_one(image) || matches!(image.published(), Published::No(_)) {
            continue;
        }
        let name = container.view.image.as_deref().unwrap_or_default();
        let path = container.at("/image");
        let message = format!("container {}: image {name} holds {}: {why}", container.name(), image.builds);
        let finding = report.finding(path.clone(), message).severity(severity);
        // Nodes of Windows Server 2019 alone have no image for a newer release to offer.
        // Nobody but Microsoft has rebuilt for all releases what is as old as those that ended.
        let has_ended = image.builds.newest().is_some_and(|build| builds::life(build) == Life::Ended);
        let is_rebuilt = image.product != Product::Other || !has_ended;
        let newer = for_nodes(pod, image)
            .filter(|other| is_rebuilt && images::read(other).builds.newest() > image.builds.newest());
        match newer {
            Some(other) => {
                let such_as = if image.product == Product::Other { "if there is one:" } else { "such as" };
                finding
                    .help(format!("use an image for a newer release, {such_as} `{other}`"))
                    .fix(Fix::unsafe_("Use the image for a newer release").set(path, other));
            }
            None => {
                finding.help("build the image on ltsc2022, which Windows Server 2022 and 2025 run");
            }
        }
    }
}

/// How bad the newest build of an image is, and why.
fn verdict(pod: &Pod<'_>, image: &Image<'_>) -> Option<(Severity, &'static str)> {
    let build = image.builds.newest()?;
    let settings = pod.world.settings;
    match builds::life(build) {
        // The last annual release: Windows Server 2025 runs its images.
        Life::Ended if build > SERVER_2022 => None,
        Life::Ended => Some((Severity::Error, "no supported node runs this release any more")),
        Life::Old if build == SERVER_2016 && image.family == Family::NanoServer => {
            Some((Severity::Error, "no supported node runs Nano Server 2016 any more"))
        }
        Life::Old => Some((
            Severity::Warning,
            "Kubernetes has no nodes of Windows Server 2016 any more, and no other node runs it",
        )),
        Life::Ageing if settings.platform == Platform::Aks && settings.kubernetes_at_least(33) => {
            Some((Severity::Error, "AKS has no nodes of Windows Server 2019 any more, and no other node runs it"))
        }
        // Where the pod's own nodes do not run it, WIN603 says so.
        Life::Ageing => Some((
            Severity::Warning,
            "only nodes of Windows Server 2019 run it, which Kubernetes no longer lists since 1.36",
        )),
        Life::Current | Life::Unknown => None,
    }
}
