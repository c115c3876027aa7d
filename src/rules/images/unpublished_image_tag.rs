//! An image tag does not exist in its registry.
//!
//! Microsoft's Windows base images have no `latest`, and not every product comes for every release:
//! there is no full `windows` image for Windows Server 2025, and none is listed for 2022 (a
//! warning): use `windows/server`; there is no `windows/server` before 2022, no .NET 10 for 2019,
//! no .NET Framework 4.8.1 before 2022. The pull ends with "manifest unknown" or "not found".
//!
//! Name a release that is published. `ltsc2022` runs on Windows Server 2022 and 2025.
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
//!       image: mcr.microsoft.com/windows/servercore:latest
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
//!       image: mcr.microsoft.com/windows/servercore:ltsc2022
//! ```
//!
//! ## Good
//! A digest says what to pull, and a mirror may have tags of its own:
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
//!       image: mcr.microsoft.com/windows/servercore@sha256:0c8bd5a9b8f1b3b4a6a27f4f4c2b2c0f8f5b0b0d1d5d3c5b9e3a0e6f7a8b9c0d
//!     - name: tool
//!       image: registry.example/windows/servercore:latest
//! ```

use super::linux_image::for_nodes;
use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::images::builds::runs_on;
use crate::images::{self, Image, Published};
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN605",
    name: "unpublished-image-tag",
    summary: "An image tag does not exist in its registry",
    severity: Severity::Error,
    stage: Stage::ImagePull,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://learn.microsoft.com/virtualization/windowscontainers/manage-containers/container-base-images",
        "https://github.com/dotnet/dotnet-docker/blob/main/documentation/supported-tags.md",
        "https://github.com/microsoft/dotnet-framework-docker",
    ]),
    errors: docs(&[
        "manifest unknown",
        "manifest for mcr.microsoft.com/windows/servercore:latest not found",
        "ErrImagePull",
        "failed to resolve reference \"mcr.microsoft.com/windows/servercore:latest\": not found",
    ]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    for container in &pod.containers {
        let image = &container.image;
        let (severity, is, gap) = match image.published() {
            Published::No(gap) => (Severity::Error, "does not exist", gap),
            Published::Doubtful(gap) => (Severity::Warning, "is listed nowhere", gap),
            Published::Unknown => continue,
        };
        let path = container.at("/image");
        let name = container.view.image.as_deref().unwrap_or_default();
        let instead = match gap.instead {
            Some(repository) => {
                let moved = format!("{}/{repository}:{}", image.reference.registry, image.reference.tag_or_latest());
                let other = if is_run(pod, image) { None } else { for_nodes(pod, &images::read(&moved)) };
                other.or(Some(moved))
            }
            None => own_release(pod, image).or_else(|| for_nodes(pod, image)),
        };
        let message = format!("container {}: image {name} {is}: {}", container.name(), gap.reason);
        let finding = report.finding(path.clone(), message).severity(severity);
        match instead {
            Some(instead) => {
                finding.help(format!("use `{instead}`")).fix(Fix::unsafe_("Use a tag that exists").set(path, instead));
            }
            None => {
                finding.help("use a tag that exists");
            }
        }
    }
}

/// The tag under which the same release is published, where the pod's nodes may run it.
fn own_release(pod: &Pod<'_>, image: &Image<'_>) -> Option<String> {
    if is_run(pod, image) { image.for_build(image.builds.newest()?) } else { None }
}

/// Whether a node that the pod may be put on runs the build of an image, as far as both are known.
fn is_run(pod: &Pod<'_>, image: &Image<'_>) -> bool {
    let nodes = pod.builds_in_reach();
    let runs = |build: u32| nodes.is_empty() || nodes.iter().any(|node| runs_on(build, *node));
    image.builds.newest().is_none_or(runs)
}
