//! An image is named by a repository of Docker Hub that Microsoft left years ago.
//!
//! Microsoft moved its images from Docker Hub to its own registry, `mcr.microsoft.com`. Nothing has
//! been pushed to `microsoft/iis`, `microsoft/windowsservercore` and their kind since: what is left
//! there holds Windows releases that no node runs any more and lacks years of security updates, and
//! what is gone cannot be pulled.
//!
//! Name the repository on `mcr.microsoft.com`, with a tag of today: the old tags were not all taken
//! along.
//!
//! ## Bad
//! ```yaml
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata:
//!   name: web
//! spec:
//!   selector:
//!     matchLabels: {app: web}
//!   template:
//!     metadata:
//!       labels: {app: web}
//!     spec:
//!       nodeSelector:
//!         kubernetes.io/os: windows
//!       containers:
//!         - name: web
//!           image: microsoft/iis
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
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022
//! ```
//! The same name on another registry, and what else Microsoft has on Docker Hub, is not meant:
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
//!       image: registry.example/microsoft/iis:2-windowsservercore-ltsc2022
//!     - name: vote
//!       image: microsoft/azure-vote-front:v1
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN607",
    name: "legacy-image-repository",
    summary: "An image is named by a repository that Microsoft left years ago",
    severity: Severity::Warning,
    stage: Stage::ImagePull,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://learn.microsoft.com/virtualization/windowscontainers/manage-containers/container-base-images",
        "https://github.com/microsoft/dotnet-framework-docker/blob/main/README.md",
        "https://github.com/microsoft/iis-docker/blob/main/README.md",
    ]),
    errors: docs(&[
        "pull access denied for microsoft/iis, repository does not exist or may require 'docker login'",
        "manifest for microsoft/windowsservercore:latest not found",
    ]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    for container in &pod.containers {
        let Some(moved) = container.image.replacement() else { continue };
        let name = container.view.image.as_deref().unwrap_or_default();
        report
            .finding(
                container.at("/image"),
                format!(
                    "container {}: image {name} is no longer kept on Docker Hub: Microsoft's images have moved to its own registry",
                    container.name()
                ),
            )
            .help(format!("use `{moved}`, with a tag for the Windows release of the nodes"));
    }
}
