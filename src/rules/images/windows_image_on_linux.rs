//! A Linux pod uses an image that holds Windows only.
//!
//! On a Linux node the pull ends with "no match for platform in manifest", or the layers of the
//! image cannot be unpacked. The pod stays in ErrImagePull and ImagePullBackOff.
//!
//! Either the image is right and the pod belongs on Windows nodes, or the image has a sibling for
//! Linux. Of many products the tag without `nanoserver`, `windowsservercore` or `ltsc…` is the
//! Linux one, or holds both.
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
//!         kubernetes.io/os: linux
//!       containers:
//!         - name: web
//!           image: mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022
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
//!       image: mcr.microsoft.com/dotnet/samples:aspnetapp
//!     - name: proxy
//!       image: caddy:2
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::images::{self, Strength};
use crate::platform::Os;
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN602",
    name: "windows-image-on-linux",
    summary: "A Linux pod uses an image that holds Windows only",
    severity: Severity::Error,
    stage: Stage::ImagePull,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/windows/intro/",
        "https://learn.microsoft.com/virtualization/windowscontainers/manage-containers/container-base-images",
    ]),
    errors: docs(&[
        "no match for platform in manifest",
        "no matching manifest for linux/amd64",
        "ErrImagePull",
        "image operating system \"windows\" cannot be used on this platform",
    ]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    // Where the images speak for both systems, WIN118 says which container does not fit.
    if !pod.is_for(Os::Linux) || pod.has_mixed_images() {
        return;
    }
    for container in pod.containers.iter().filter(|c| c.image.os == images::Os::Windows) {
        let (severity, holds) = match container.image.strength {
            Strength::Strong => (Severity::Error, "holds Windows only"),
            Strength::Weak => (Severity::Warning, "most likely holds Windows only"),
        };
        let name = container.view.image.as_deref().unwrap_or_default();
        report
            .finding(
                container.at("/image"),
                format!(
                    "container {}: image {name} {holds} ({}), and this pod is meant for Linux",
                    container.name(),
                    container.image.because
                ),
            )
            .help("use an image for Linux, or pin the pod to Windows nodes")
            .severity(severity);
    }
}
