//! An image stands on a larger base than it needs, or a large one is asked for at every start.
//!
//! Server Core and everything above it are gigabytes of Windows that a node has to pull and unpack
//! before a container starts; Nano Server is a few hundred megabytes. Modern .NET runs on Nano
//! Server. Server Core is for what needs it: the .NET Framework, IIS, Win32 libraries, installers
//! and Windows PowerShell. Each container runs the services of its Windows by itself, so that a pod
//! with three containers pays for them three times.
//!
//! With `imagePullPolicy: Always` the node asks the registry at each start, and when the tag has
//! been pushed anew, as Microsoft does each month, it pulls all that has changed before the
//! container runs.
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
//!       image: mcr.microsoft.com/dotnet/aspnet:9.0-windowsservercore-ltsc2022
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
//!       image: mcr.microsoft.com/dotnet/aspnet:9.0-nanoserver-ltsc2022
//!       imagePullPolicy: Always
//!     - name: report
//!       image: mcr.microsoft.com/dotnet/framework/runtime:4.8.1-windowsservercore-ltsc2022
//!       imagePullPolicy: IfNotPresent
//! ```
//! What stands behind a digest never changes:
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
//!       imagePullPolicy: Always
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::images::{Family, Product};
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN609",
    name: "oversized-base-image",
    summary: "An image stands on a larger base than it needs, or a large one is asked for at every start",
    severity: Severity::Info,
    stage: Stage::ImagePull,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://learn.microsoft.com/virtualization/windowscontainers/manage-containers/container-base-images",
        "https://kubernetes.io/docs/concepts/containers/images/#image-pull-policy",
    ]),
    errors: docs(&[]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    for container in pod.containers.iter().filter(|c| c.image.family.is_large()) {
        let image = &container.image;
        let name = container.view.image.as_deref().unwrap_or_default();
        if image.product == Product::DotNet && image.family == Family::ServerCore {
            report
                .finding(
                    container.at("/image"),
                    format!(
                        "container {}: image {name} stands on Server Core, gigabytes that .NET does not need",
                        container.name()
                    ),
                )
                .help("use the image on Nano Server, unless the application needs more of Windows than that has");
        }
        if container.view.image_pull_policy.as_deref() == Some("Always") && image.reference.digest.is_none() {
            report
                .finding(
                    container.at("/imagePullPolicy"),
                    format!(
                        "container {}: imagePullPolicy Always: the gigabytes of {name} may have to be pulled at any start",
                        container.name()
                    ),
                )
                .help("set `imagePullPolicy: IfNotPresent`, and give each version of the image a tag of its own");
        }
    }
}
