//! A .NET Framework tag without a Windows release holds images for old nodes only.
//!
//! `4.8`, `latest` and no tag at all stand for Windows Server 2016 and 2019, and will stay so: for
//! 2022 and later Microsoft floats 4.8.1. The older versions stop at 2019 or 2016. On newer nodes
//! the pull ends with "no match for platform in manifest". `3.5` goes as far as 2022, but has not
//! been updated since October 2025, and is an info. An image of a mirror is a warning.
//!
//! Name the release: `4.8.1-windowsservercore-ltsc2022`. .NET Framework 4.8.1 runs what was built
//! for 4.8.
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
//!       image: mcr.microsoft.com/dotnet/framework/aspnet:4.8
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
//!       image: mcr.microsoft.com/dotnet/framework/aspnet:4.8.1-windowsservercore-ltsc2022
//! ```
//!
//! ## Good
//! `4.8.1` floats over 2022 and 2025:
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
//!       image: mcr.microsoft.com/dotnet/framework/aspnet:4.8.1
//! ```
//! ```yaml
//! # settings: {windows: {builds: [17763]}}
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/dotnet/framework/aspnet:4.8
//! ```
//! The pod's own pool has only nodes of 2019:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: shop
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!     pool: old
//!   containers:
//!     - name: shop
//!       image: mcr.microsoft.com/dotnet/framework/aspnet:4.8
//! ---
//! apiVersion: v1
//! kind: Node
//! metadata:
//!   name: old-1
//!   labels: {kubernetes.io/os: windows, node.kubernetes.io/windows-build: 10.0.17763, pool: old}
//! ---
//! apiVersion: v1
//! kind: Node
//! metadata:
//!   name: new-1
//!   labels: {kubernetes.io/os: windows, node.kubernetes.io/windows-build: 10.0.20348, pool: new}
//! ```

use super::linux_image::for_nodes;
use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::images::builds::{SERVER_2022, SERVER_2025};
use crate::images::{Image, Strength};
use crate::platform::runtime_class::is_hyper_v;
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN606",
    name: "floating-framework-tag",
    summary: "A .NET Framework tag without a Windows release holds images for old nodes only",
    severity: Severity::Error,
    stage: Stage::ImagePull,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://github.com/microsoft/dotnet-framework-docker/issues/1265",
        "https://github.com/microsoft/dotnet-framework-docker/blob/main/README.aspnet.md",
    ]),
    errors: docs(&["no match for platform in manifest", "no matching manifest for windows(10.0.20348)/amd64"]),
    check: Check::Pod(check),
};

/// Whether an image has such a tag.
pub(super) fn is_one(image: &Image<'_>) -> bool {
    let is_current = image.builds.contains(SERVER_2022) && image.builds.contains(SERVER_2025);
    !image.builds.is_empty() && !is_current && image.floating_framework().is_some()
}

/// Whether this rule speaks about such tags on nodes of these builds: not where all are older than
/// Windows Server 2022.
pub(super) fn concerns(nodes: &[u32]) -> bool {
    nodes.is_empty() || nodes.iter().any(|node| *node >= SERVER_2022)
}

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    for container in pod.containers.iter().filter(|c| is_one(&c.image)) {
        let image = &container.image;
        let frozen = image.floating_framework().and_then(|tag| tag.frozen);
        let named = pod.builds_in_reach();
        if !concerns(named) {
            continue;
        }
        let nodes = if named.is_empty() { &[SERVER_2022, SERVER_2025][..] } else { named };
        // Hyper-V isolation runs the images of older releases too.
        let runs = is_hyper_v(pod) || nodes.iter().all(|node| image.builds.runs_on(*node) == Some(true));
        // What a mirror has under this name is its owner's choice.
        let severity = if image.strength == Strength::Strong { Severity::Error } else { Severity::Warning };
        let name = container.view.image.as_deref().unwrap_or_default();
        let path = container.at("/image");
        let start = format!("container {}: image {name} holds {} only", container.name(), image.builds);
        let finding = match frozen {
            _ if !runs => {
                let message = format!("{start}, which Windows Server 2022 and later do not run");
                report.finding(path.clone(), message).severity(severity)
            }
            Some(day) => {
                let message = format!("{start}, and has not been updated since {day}");
                report.finding(path.clone(), message).severity(Severity::Info).stage(Stage::Silent)
            }
            None => continue,
        };
        match for_nodes(pod, image) {
            Some(other) => {
                finding
                    .help(format!("name the Windows release: `{other}`"))
                    .fix(Fix::unsafe_("Name the Windows release").set(path, other));
            }
            None => {
                finding.help("name the Windows release in the tag");
            }
        }
    }
}
