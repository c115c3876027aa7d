//! A Windows pod uses an image that holds Linux only.
//!
//! An image is built for one operating system, or is an index of several. Where the node's system
//! is not among them the pull ends with "no match for platform in manifest"; an image that is no
//! index is pulled, and fails while it is unpacked. The name alone does not show it: since .NET 8
//! the tags `8.0`, `9.0` and `latest` of Microsoft's own .NET images are Linux, and the Windows
//! images have tags of their own.
//!
//! Use the Windows tag where there is one. transom goes by the build files of the images it knows
//! and by the words in the tag; what neither tells is not judged.
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
//!       image: mcr.microsoft.com/dotnet/aspnet:8.0 # the shop
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
//!       image: mcr.microsoft.com/dotnet/aspnet:8.0-nanoserver-ltsc2022 # the shop
//! ```
//!
//! ## Good
//! The plain tags of some images are an index of both systems, and a private image may be anything:
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
//!       image: registry.k8s.io/e2e-test-images/agnhost:2.45
//!   containers:
//!     - name: web
//!       image: registry.example/team/nginx:1.27
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::images::builds::{SERVER_2019, SERVER_2022, SERVER_2025, runs_on};
use crate::images::{Image, Os, Strength};
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN601",
    name: "linux-image",
    summary: "A Windows pod uses an image that holds Linux only",
    severity: Severity::Error,
    stage: Stage::ImagePull,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/windows/intro/",
        "https://github.com/dotnet/dotnet-docker/blob/main/documentation/supported-tags.md",
        "https://github.com/dotnet/dotnet-docker/issues/4492",
    ]),
    errors: docs(&[
        "no match for platform in manifest",
        "ErrImagePull",
        "failed to extract layer: hcsshim::ProcessBaseLayer: The system cannot find the path specified",
        "no matching manifest for windows/amd64",
        "image operating system \"linux\" cannot be used on this platform",
    ]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    // Where the images speak for both systems, WIN118 says which container does not fit.
    if !pod.is_windows() || pod.has_mixed_images() {
        return;
    }
    for container in pod.containers.iter().filter(|c| c.image.os == Os::Linux) {
        let image = &container.image;
        let (severity, holds) = match image.strength {
            Strength::Strong => (Severity::Error, "holds Linux only"),
            Strength::Weak => (Severity::Warning, "most likely holds Linux only"),
        };
        let name = container.view.image.as_deref().unwrap_or_default();
        let path = container.at("/image");
        let message = format!(
            "container {}: image {name} {holds} ({}), and this pod is meant for Windows",
            container.name(),
            image.because
        );
        let finding = report.finding(path.clone(), message).severity(severity);
        if let Some(windows) = for_nodes(pod, image) {
            finding
                .help(format!("use an image for Windows, such as `{windows}`"))
                .fix(Fix::unsafe_("Use the Windows image").set(path, windows));
        } else {
            finding.help("use an image for Windows, or pin the pod to Linux nodes");
        }
    }
}

/// The image to put in the place of one that the pod's nodes do not run: for the build that most of
/// them run, and of those the newest; where the nodes are not known, of those Kubernetes lists.
pub(super) fn for_nodes(pod: &Pod<'_>, image: &Image<'_>) -> Option<String> {
    let named = pod.builds_in_reach();
    let hosts = if named.is_empty() { &[SERVER_2022, SERVER_2025][..] } else { named };
    let (mut best, mut most) = (None, 0);
    for build in [SERVER_2025, SERVER_2022, SERVER_2019] {
        let runs = hosts.iter().filter(|host| runs_on(build, **host)).count();
        if runs > most
            && let Some(other) = image.for_build(build)
        {
            (best, most) = (Some(other), runs);
        }
    }
    best
}
