//! A Windows node runs a version of Windows that Kubernetes or the platform does not support.
//!
//! Kubernetes lists Windows Server 2022 and 2025 since 1.36. Windows Server 2019 was on the list
//! before; it is reported on older clusters as well, because the next upgrade leaves it behind. The
//! semi-annual releases up to 20H2 and the annual release 23H2 get no more updates. AKS ended
//! Windows Server 2019 in March 2026 and the annual channel in May 2026, ends 2022 with Kubernetes
//! 1.37, and has 2025 from 1.32 on. EKS, GKE and OpenShift still offer 2019. On AKS, and for
//! semi-annual releases and Windows Server 2016 anywhere, this is an error.
//!
//! Such a node gets no fixes from one side or the other, and on Windows Server 2019 and older it
//! runs only containers built for its own release. Move its workloads to nodes of a newer version,
//! with images built for that: Windows Server 2025 runs images for 2022 as well.
//!
//! ## Bad
//! ```yaml
//! # settings: {platform: aks}
//! apiVersion: v1
//! kind: Node
//! metadata:
//!   name: akswin000000
//!   labels:
//!     kubernetes.io/os: windows
//!     node.kubernetes.io/windows-build: 10.0.17763
//! spec:
//!   taints:
//!     - {key: os, value: windows, effect: NoSchedule}
//! status:
//!   nodeInfo: {kubeletVersion: v1.33.5, operatingSystem: windows}
//! ```
//!
//! ## Good
//! ```yaml
//! # settings: {platform: aks}
//! apiVersion: v1
//! kind: Node
//! metadata:
//!   name: akswin000000
//!   labels:
//!     kubernetes.io/os: windows
//!     node.kubernetes.io/windows-build: 10.0.20348
//! status:
//!   nodeInfo: {kubeletVersion: v1.36.2, operatingSystem: windows}
//! ```
//! ```yaml
//! # settings: {platform: eks}
//! apiVersion: v1
//! kind: Node
//! metadata:
//!   name: ip-10-0-1-23.ec2.internal
//!   labels:
//!     kubernetes.io/os: windows
//! status:
//!   nodeInfo: {kernelVersion: 10.0.17763.6532, kubeletVersion: v1.36.2-eks-3abbec1, operatingSystem: windows}
//! ```

use crate::context::Node;
use crate::finding::{Report, Severity, Stage};
use crate::images::builds::{self, Life, SERVER_2019, SERVER_2022, SERVER_2025};
use crate::platform::Os;
use crate::platform::labels::WINDOWS_BUILD;
use crate::rules::{Check, Rule, Subject, docs};
use crate::settings::{self, Platform};

pub const RULE: Rule = Rule {
    id: "WIN908",
    name: "unsupported-node-version",
    summary: "A Windows node runs a version of Windows that Kubernetes or the platform does not support",
    severity: Severity::Warning,
    stage: Stage::Silent,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/windows/intro/#windows-os-version-support",
        "https://learn.microsoft.com/azure/aks/upgrade-windows-os",
        "https://github.com/Azure/azure-container-networking/pull/3870",
        "https://learn.microsoft.com/windows-server/get-started/windows-server-release-info",
    ]),
    errors: docs(&[
        "Windows2019NotSupportedWithOrchestratorVersion",
        "Cannot create Windows2019 node pools with the current Kubernetes version",
    ]),
    check: Check::Object(check),
};

fn check(subject: &Subject<'_>, report: &mut Report<'_>) {
    let Some(node) = Node::of(subject.object).filter(|node| node.os == Os::Windows) else { return };
    let info = node.view.status.as_ref().and_then(|status| status.node_info.as_ref());
    let (build, at) = match (node.build(), node.kernel()) {
        (Some(build), _) => (build, subject.path.join("/metadata/labels").key(WINDOWS_BUILD)),
        (None, Some(build)) => (build, subject.path.join("/status/nodeInfo/kernelVersion")),
        (None, None) => return,
    };
    let set = subject.world.settings.kubernetes_version;
    let version = set.or_else(|| settings::version(info?.kubelet_version.as_deref()?));
    let Some((severity, why)) = verdict(subject.world.settings.platform, build, version) else { return };
    let message = format!("this node runs {}: {why}", builds::name(build).unwrap_or_default());
    report.finding(at, message).severity(severity).help("move its workloads to nodes of Windows Server 2022 or 2025");
}

/// How bad it is to run a build on a platform with this version of Kubernetes, and why. As of 2026-11.
fn verdict(platform: Platform, build: u32, version: Option<(u32, u32)>) -> Option<(Severity, &'static str)> {
    // Where the version is not known it is the newest; of what ends only with the newest nothing is said.
    let is_at_least = |minor| version.is_none_or(|version| version >= (1, minor));
    let is_known_at_least = |minor| version.is_some_and(|version| version >= (1, minor));
    if platform == Platform::Aks {
        return match build {
            SERVER_2019 => Some((Severity::Error, "AKS does not support it since March 2026")),
            SERVER_2022 if is_known_at_least(37) => {
                Some((Severity::Error, "AKS does not support it from Kubernetes 1.37 on"))
            }
            SERVER_2025 if !is_at_least(32) => Some((Severity::Error, "AKS supports it only from Kubernetes 1.32 on")),
            _ => match builds::life(build) {
                Life::Old | Life::Ended => Some((Severity::Error, "AKS does not support it any more")),
                _ => None,
            },
        };
    }
    match builds::life(build) {
        // The last release of the annual channel: newer than what Kubernetes still lists.
        Life::Ended if build > SERVER_2022 => {
            Some((Severity::Warning, "Kubernetes does not list it, and it gets no more updates"))
        }
        Life::Ended => {
            Some((Severity::Error, "no version of Kubernetes in use supports it, and it gets no more updates"))
        }
        Life::Old => Some((Severity::Error, "no version of Kubernetes in use supports it")),
        Life::Ageing if platform == Platform::Generic => {
            Some((Severity::Warning, "Kubernetes does not list it any more since 1.36"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_on_which_platform() {
        let (error, warning) = (Some(Severity::Error), Some(Severity::Warning));
        for (platform, build, minor, expected) in [
            (Platform::Generic, 17763, Some(36), warning),
            (Platform::Generic, 17763, None, warning),
            (Platform::Generic, 17763, Some(35), warning),
            (Platform::Generic, 20348, Some(37), None),
            (Platform::Generic, 19042, Some(30), error),
            (Platform::Generic, 14393, None, error),
            (Platform::Generic, 25398, None, warning),
            (Platform::Generic, 22631, None, None),
            (Platform::Eks, 17763, Some(36), None),
            (Platform::Eks, 19042, None, error),
            (Platform::Aks, 17763, None, error),
            (Platform::Aks, 17763, Some(33), error),
            (Platform::Aks, 17763, Some(32), error),
            (Platform::Aks, 20348, Some(36), None),
            (Platform::Aks, 20348, Some(37), error),
            (Platform::Aks, 20348, None, None),
            (Platform::Aks, 26100, Some(31), error),
            (Platform::Aks, 26100, Some(32), None),
            (Platform::Aks, 25398, Some(36), error),
            (Platform::Aks, 22631, None, None),
        ] {
            let found = verdict(platform, build, minor.map(|minor| (1, minor))).map(|(severity, _)| severity);
            assert_eq!(found, expected, "{build} on {platform:?} with 1.{minor:?}");
        }
    }
}
