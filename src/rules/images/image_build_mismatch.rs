//! No Windows node that the pod may be put on runs the build of its image.
//!
//! A Windows container shares the kernel of its node, and up to Windows Server 2022 the kernel
//! takes images of its own build only; Windows Server 2025 also takes those of 2022, and nothing
//! newer than the node ever runs. Otherwise the pull ends with "no match for platform in manifest",
//! or the container with 0xc0370101, "the container operating system does not match the host
//! operating system". All containers of a pod share one node, so they need builds that one node
//! runs together.
//!
//! Use the image for the nodes' build, or pin the pod to nodes of the image's build. transom knows
//! the nodes' builds from what the pod asks for (nodeSelector and affinity, those of its namespace and its
//! RuntimeClass as well), from the setting `windows.builds`, or from Nodes it is shown. HostProcess containers are not
//! bound to a build when they run; but of an index of several builds the node pulls its own, so that a base image
//! such as `nanoserver` of a newer build fails there, too: that is a warning. Hyper-V isolation runs images older than the node
//! as well, and none that is newer.
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
//!     node.kubernetes.io/windows-build: 10.0.20348
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/servercore:ltsc2025
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
//!     node.kubernetes.io/windows-build: 10.0.20348
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/servercore:ltsc2022
//! ```
//!
//! ## Good
//! Windows Server 2025 runs the images of 2022:
//! ```yaml
//! # settings: {windows: {builds: [26100]}}
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
//!     - name: cache
//!       image: registry.example/cache:2-nanoserver-ltsc2025
//! ```
//! A HostProcess image runs on every build:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: agent
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!     node.kubernetes.io/windows-build: 10.0.26100
//!   hostNetwork: true
//!   securityContext:
//!     windowsOptions:
//!       hostProcess: true
//!       runAsUserName: NT AUTHORITY\SYSTEM
//!   containers:
//!     - name: agent
//!       image: registry.example/agent:1.0-nanoserver-1809
//! ```

use super::floating_framework_tag;
use super::linux_image::for_nodes;
use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::images::builds::SERVER_2022;
use crate::images::{Builds, Family, Manifest, Os, Product, Published};
use crate::platform::runtime_class;
use crate::pod::{Container, Pod};
use crate::rules::{Check, Rule, docs};
use crate::text;

pub const RULE: Rule = Rule {
    id: "WIN603",
    name: "image-build-mismatch",
    summary: "No Windows node that the pod may be put on runs the build of its image",
    severity: Severity::Error,
    stage: Stage::ImagePull,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://learn.microsoft.com/virtualization/windowscontainers/deploy-containers/version-compatibility",
        "https://github.com/microsoft/hcsshim/blob/main/osversion/platform_compat_windows.go",
        "https://kubernetes.io/docs/concepts/windows/user-guide/#handling-multiple-windows-versions-in-the-same-cluster",
    ]),
    errors: docs(&[
        "no match for platform in manifest",
        "ErrImagePull",
        "The container operating system does not match the host operating system",
        "hcsshim::CreateComputeSystem",
        "0xc0370101",
        "no matching manifest for windows(10.0.20348)/amd64",
        "no matching manifest for windows/amd64",
        "a Windows version 10.0.26100-based image is incompatible with a 10.0.20348 host",
    ]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    let is_bound = |c: &Container<'_>| !c.image.builds.is_empty() || c.image.is_windows_arm64();
    if !pod.is_windows() || !pod.containers.iter().any(is_bound) {
        return;
    }
    // Hyper-V brings the kernel of each image, as long as it is no newer than the node's.
    let is_isolated = runtime_class::is_hyper_v(pod);
    let hosts = pod.builds_in_reach();
    // The releases that run all containers so far.
    let mut together = Hosts::ALL;
    for container in &pod.containers {
        let image = &container.image;
        let name = container.view.image.as_deref().unwrap_or_default();
        let path = container.at("/image");
        let who = container.name();
        if image.is_windows_arm64() {
            report
                .finding(
                    path,
                    format!(
                        "container {who}: image {name} is for 64-bit Arm, and Kubernetes has no such Windows nodes"
                    ),
                )
                .help("use the image for amd64");
            continue;
        }
        // WIN606 speaks about these, unless all nodes are older than what it is about.
        let floats = floating_framework_tag::is_one(image) && floating_framework_tag::concerns(hosts);
        // And WIN605 about tags that do not exist.
        let is_missing = || matches!(image.published(), Published::No(_));
        if image.builds.is_empty() || image.host_process || floats || is_missing() {
            continue;
        }
        let runs = |host: &u32| match is_isolated {
            true => image.builds.iter().any(|build| build <= *host),
            false => image.builds.runs_on(*host) == Some(true),
        };
        if !hosts.is_empty() && !hosts.iter().any(runs) {
            let is_index = image.product == Product::WindowsBase
                && matches!(image.family, Family::NanoServer | Family::ServerCore)
                && image.manifest() == Manifest::Index;
            if container.host_process && !is_index {
                continue;
            }
            let finding = report.finding(
                path.clone(),
                format!(
                    "container {who}: image {name} holds {}, which Windows nodes of build {} do not run{}",
                    image.builds,
                    list(hosts),
                    if is_isolated { ", isolated by Hyper-V or not" } else { "" }
                ),
            );
            if container.host_process {
                finding.severity(Severity::Warning);
            }
            finding.help("use the image for the build of the nodes, or pin the pod to nodes of the image's build");
            if let Some(other) = for_nodes(pod, image) {
                finding
                    .help(format!("use the image for the build of the nodes, such as `{other}`"))
                    .fix(Fix::unsafe_("Use the image for the nodes").set(path, other));
            }
            continue;
        }
        if container.host_process || is_isolated {
            continue;
        }
        if image.os == Os::Multi && hosts.is_empty() && image.builds.newest() < Some(SERVER_2022) {
            report
                .finding(path, format!("container {who}: the Windows part of image {name} holds {}, which Windows Server 2022 and later do not run", image.builds))
                .help("use a newer version, whose Windows part is for the build of the nodes");
            continue;
        }
        let own = Hosts::of(image.builds);
        if own.is_none() || !together.and(own).is_none() {
            together = if own.is_none() { together } else { together.and(own) };
            continue;
        }
        let against = |other: &&Container<'_>| {
            !other.host_process
                && Hosts::of(other.image.builds).and(own).is_none()
                && !Hosts::of(other.image.builds).is_none()
        };
        let other = pod.containers.iter().find(against).map_or("", Container::name);
        report
            .finding(
                path,
                format!(
                    "container {who}: image {name} holds {}, and no Windows node runs it beside container {other}",
                    image.builds
                ),
            )
            .help("use images of one Windows build in a pod");
    }
}

/// A set of Windows Server releases, as hosts.
#[derive(Clone, Copy)]
struct Hosts(u16);

impl Hosts {
    const RELEASES: [u32; 11] = [14393, 16299, 17134, 17763, 18362, 18363, 19041, 19042, 20348, 25398, 26100];
    const ALL: Hosts = Hosts(u16::MAX);

    /// Those that run an image of these builds.
    fn of(image: Builds) -> Hosts {
        let runs = Self::RELEASES.iter().enumerate().filter(|(_, host)| image.runs_on(**host) == Some(true));
        Hosts(runs.fold(0, |set, (index, _)| set | 1 << index))
    }

    fn and(self, other: Hosts) -> Hosts {
        Hosts(self.0 & other.0)
    }

    fn is_none(self) -> bool {
        self.0 == 0
    }
}

fn list(hosts: &[u32]) -> String {
    text::join(hosts.iter().map(|build| format!("10.0.{build}")), ", ")
}
