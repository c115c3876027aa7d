//! Nothing in the reference of an image tells whether it holds Windows.
//!
//! A Windows pod needs images for Windows, for the build of its nodes. What a tag such as `1.4` or a
//! digest stands for only the registry knows: one image for Linux, one for Windows, or an index with
//! both. If it is not for Windows, the pull ends in "no match for platform in manifest".
//!
//! This is no fault, only something nobody has looked at. Look at it once (`docker manifest inspect`
//! lists the platforms), or name the release in the tag, `1.4-ltsc2022`, so that it can be read.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: shop
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: shop
//!       image: registry.example/team/shop:1.4
//! ```
//!
//! ## Good
//! A tag that names a release, an image that is known to hold Windows beside Linux, and a digest of
//! a repository that holds nothing else:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: shop
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   initContainers:
//!     - name: wait
//!       image: registry.k8s.io/e2e-test-images/agnhost:2.53
//!   containers:
//!     - name: shop
//!       image: registry.example/team/shop:1.4-ltsc2022
//!     - name: web
//!       image: mcr.microsoft.com/windows/servercore/iis@sha256:0c8bd5a9b8f1b3b4a6a27f4f4c2b2c0f8f5b0b0d1d5d3c5b9e3a0e6f7a8b9c0d
//! ```
//! A pod that is not known to be for Windows is none of this rule's business:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: shop
//! spec:
//!   containers:
//!     - name: shop
//!       image: registry.example/team/shop:1.4
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::images::Os;
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN608",
    name: "unknown-image-os",
    summary: "Nothing in the reference of an image tells whether it holds Windows",
    severity: Severity::Info,
    stage: Stage::ImagePull,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/windows/intro/",
        "https://kubernetes.io/docs/concepts/windows/user-guide/#handling-multiple-windows-versions-in-the-same-cluster",
    ]),
    errors: docs(&["no match for platform in manifest", "no matching manifest for windows/amd64"]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    for container in pod.containers.iter().filter(|c| c.image.os == Os::Unknown) {
        let Some(name) = container.view.image.as_deref().filter(|name| !name.trim().is_empty()) else { continue };
        report
            .finding(
                container.at("/image"),
                format!(
                    "container {}: whether image {name} holds Windows is not known: {}",
                    container.name(),
                    container.image.because
                ),
            )
            .help("see that it is built for Windows, and name the release in its tag, as in `1.0-ltsc2022`");
    }
}
