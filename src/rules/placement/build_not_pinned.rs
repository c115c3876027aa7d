//! An image runs on only some of the cluster's Windows builds, and nothing says which node to take.
//!
//! A Windows container shares the kernel of its node, and an image is made for one build of it. The
//! cluster has nodes of several builds, by your settings or by the nodes that were passed along;
//! the pod's images run on some of them and not on the others. Which the pod gets is chance, and on the
//! wrong one the image is not pulled or the container is not created.
//!
//! Ask for the build with the label `node.kubernetes.io/windows-build`, or for a node pool of one
//! build. Newer hosts run some older images (Windows Server 2025 those of 2022), so pinning gives up
//! nodes that would do: that is yours to decide.
//!
//! ## Bad
//! ```yaml
//! # settings: {windows: {builds: [17763, 20348]}}
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
//! ## Fixed
//! ```yaml
//! # settings: {windows: {builds: [17763, 20348]}}
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!     node.kubernetes.io/windows-build: 10.0.20348
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ```
//!
//! ## Good
//! Windows Server 2025 runs images of 2022:
//! ```yaml
//! # settings: {windows: {builds: [20348, 26100]}}
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

use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::platform::labels::{WINDOWS_BUILD, names_a_pool};
use crate::platform::runtime_class;
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN119",
    name: "build-not-pinned",
    summary: "An image runs on only some of the cluster's Windows builds, and nothing says which node to take",
    severity: Severity::Warning,
    stage: Stage::ImagePull,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/windows/user-guide/#handling-multiple-windows-versions-in-the-same-cluster",
        "https://learn.microsoft.com/virtualization/windowscontainers/deploy-containers/version-compatibility",
    ]),
    errors: docs(&[
        "no match for platform in manifest",
        "The container operating system does not match the host operating system",
        "0xc0370101",
    ]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    // A pool has nodes of one build, and Hyper-V brings a kernel of its own.
    if !pod.is_windows()
        || pod.is_host_process()
        || pod.node_name().is_some()
        || pod.selector.named_nodes().is_some()
        || pod.selector.keys().any(names_a_pool)
        || runtime_class::is_hyper_v(pod)
    {
        return;
    }
    let builds = pod.builds_in_reach();
    let runs = |build: u32| pod.containers.iter().all(|c| c.image.builds.runs_on(build) != Some(false));
    // Where none runs them, the images are wrong, not the placement.
    let Some(newest) = builds.iter().copied().filter(|build| runs(*build)).max() else { return };
    let mut names = String::new();
    for build in builds.iter().filter(|build| !runs(**build)) {
        let comma = if names.is_empty() { "" } else { ", " };
        names.push_str(&format!("{comma}10.0.{build}"));
    }
    if names.is_empty() {
        return;
    }
    // The images' own build, where the cluster has it; else the newest that runs them.
    let own = pod.containers.iter().find_map(|c| c.image.builds.newest());
    let build = own.filter(|build| builds.contains(build) && runs(*build)).unwrap_or(newest);
    let path = pod.at("/nodeSelector").key(WINDOWS_BUILD);
    let message = format!(
        "this pod may be put on Windows nodes of build {names}, which do not run its images: nothing asks for the right one"
    );
    report
        .finding(pod.at(""), message)
        .help(format!("add `{WINDOWS_BUILD}: 10.0.{build}` to its nodeSelector"))
        .fix(Fix::unsafe_("Pin the pod to one Windows build").set(path, format!("10.0.{build}")));
}
