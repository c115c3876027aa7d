//! A NetworkPolicy selects Windows pods, and nothing enforces it there.
//!
//! A NetworkPolicy is a wish that the network plug-in of each node has to grant. Few do on Windows:
//! Calico and Antrea. Cilium (and what is built on it, such as GKE Dataplane V2 and Azure CNI powered
//! by Cilium), the policy agent of the Amazon VPC CNI, flannel, win-bridge and win-overlay do not,
//! and Azure Network Policy Manager for Windows was retired on 2026-09-30. The API server accepts the
//! policy all the same, `kubectl describe` shows it, and the Windows pods stay open to everybody.
//!
//! Install a plug-in that enforces policies on Windows nodes (on AKS: Calico) and name it in the
//! setting `cni`, or protect the pods by other means: the cloud's security groups, authentication
//! between the services. Where neither `cni` nor `platform` says which plug-in there is, this is an
//! info. HostProcess pods have the network of their node, which no policy covers on any system;
//! transom does not count them. For OpenShift's hybrid networking (`ovn`) nobody promises
//! enforcement, so it counts as not enforced until you say otherwise. With Calico mind that it has
//! no IPv6, host endpoints, WireGuard, eBPF or application layer policy on Windows.
//!
//! ## Bad
//! ```yaml
//! # settings: {platform: eks}
//! apiVersion: networking.k8s.io/v1
//! kind: NetworkPolicy
//! metadata:
//!   name: payments
//! spec:
//!   podSelector:
//!     matchLabels: {app: payments}
//!   policyTypes: [Ingress]
//!   ingress:
//!     - from:
//!         - podSelector:
//!             matchLabels: {app: shop}
//! ---
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata:
//!   name: payments
//! spec:
//!   selector:
//!     matchLabels: {app: payments}
//!   template:
//!     metadata:
//!       labels: {app: payments}
//!     spec:
//!       nodeSelector:
//!         kubernetes.io/os: windows
//!       containers:
//!         - name: payments
//!           image: registry.example/payments:7-windowsservercore-ltsc2022
//! ```
//!
//! ## Good
//! ```yaml
//! # settings: {platform: eks, cni: calico}
//! apiVersion: networking.k8s.io/v1
//! kind: NetworkPolicy
//! metadata:
//!   name: payments
//! spec:
//!   podSelector:
//!     matchLabels: {app: payments}
//!   policyTypes: [Ingress]
//! ---
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: payments
//!   labels: {app: payments}
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: payments
//!       image: registry.example/payments:7-windowsservercore-ltsc2022
//! ```
//! A policy about Linux pods:
//! ```yaml
//! # settings: {cni: azure-cilium}
//! apiVersion: networking.k8s.io/v1
//! kind: NetworkPolicy
//! metadata:
//!   name: default-deny
//! spec:
//!   podSelector: {}
//!   policyTypes: [Ingress, Egress]
//! ---
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: shop
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: linux
//!   containers:
//!     - name: shop
//!       image: registry.example/shop:3-alpine
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::images::builds::SERVER_2022;
use crate::object::Body;
use crate::object::network::NetworkPolicySpec;
use crate::pod::Pod;
use crate::rules::{Check, Rule, Subject, docs};
use crate::settings::{Cni, Platform};
use crate::world::World;

pub const RULE: Rule = Rule {
    id: "WIN416",
    name: "network-policy-not-enforced",
    summary: "A NetworkPolicy selects Windows pods, and nothing enforces it there",
    severity: Severity::Warning,
    stage: Stage::Silent,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/services-networking/network-policies/#prerequisites",
        "https://learn.microsoft.com/en-us/azure/aks/use-network-policies",
        "https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html",
        "https://docs.tigera.io/calico/latest/getting-started/kubernetes/windows-calico/limitations",
        "https://antrea.io/docs/main/docs/windows/",
    ]),
    errors: docs(&[]),
    check: Check::Object(check),
};

fn check(subject: &Subject<'_>, report: &mut Report<'_>) {
    let Some((policy, pod)) = policy_of_windows_pods(subject) else { return };
    let (severity, is, why) = match enforcer(&subject.world) {
        Enforcer::Policies | Enforcer::AzureNpm => return,
        Enforcer::None(why) => (Severity::Warning, "is not", why),
        Enforcer::Doubtful => {
            (Severity::Warning, "may not be", "nobody promises that OVN-Kubernetes does so on Windows nodes")
        }
        Enforcer::Unknown => (Severity::Info, "may not be", "few network plug-ins do so on Windows nodes"),
    };
    let field = if policy.pod_selector.is_some() { "/spec/podSelector" } else { "/spec" };
    let help = match (severity, subject.world.settings.platform) {
        (Severity::Info, _) => "say in the setting `cni` which plug-in the Windows nodes have",
        (_, Platform::Aks) => "enforce policies with Calico and set `cni: calico`, or protect the pods by other means",
        _ => {
            "protect the pods by other means, or install a plug-in that enforces policies on Windows and name it in the setting `cni`"
        }
    };
    report
        .finding(
            subject.at(field),
            format!("podSelector: the policy {is} enforced for its Windows pods ({}): {why}", pod.object.title()),
        )
        .help(help)
        .severity(severity);
}

/// Who enforces NetworkPolicies on the Windows nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Enforcer {
    /// A plug-in that knows all of them.
    Policies,
    /// Azure Network Policy Manager, which lacks some features on Windows.
    AzureNpm,
    /// Nobody, and why.
    None(&'static str),
    /// Perhaps nobody.
    Doubtful,
    /// Nothing is known of the network.
    Unknown,
}

pub(super) fn enforcer(world: &World<'_>) -> Enforcer {
    let Some(cni) = world.settings.cni() else { return Enforcer::Unknown };
    let builds = world.builds();
    match cni {
        Cni::Calico | Cni::Antrea => Enforcer::Policies,
        Cni::AzureNpm if builds.is_empty() || builds.contains(&SERVER_2022) => Enforcer::AzureNpm,
        Cni::AzureNpm => {
            Enforcer::None("Azure Network Policy Manager knows Windows Server 2022 only, which no node here runs")
        }
        Cni::Azure => Enforcer::None("Azure Network Policy Manager for Windows was retired on 2026-09-30"),
        Cni::AzureCilium => Enforcer::None("Cilium runs on Linux nodes only"),
        Cni::Vpc => Enforcer::None("the policy agent of the VPC CNI runs on Linux nodes only"),
        Cni::FlannelOverlay | Cni::FlannelHostGw => Enforcer::None("flannel does not do so on Windows nodes"),
        Cni::Ovn => Enforcer::Doubtful,
        Cni::None => Enforcer::None("the Windows nodes have no network plug-in that does so"),
    }
}

/// The spec of a NetworkPolicy, and the first pod meant for Windows that it selects. HostProcess pods
/// do not count: no policy covers what has the network of its node.
pub(super) fn policy_of_windows_pods<'a>(subject: &Subject<'a>) -> Option<(&'a NetworkPolicySpec<'a>, &'a Pod<'a>)> {
    let Body::NetworkPolicy(policy) = &subject.object.body else { return None };
    let pod = subject.windows_pods().find(|pod| !pod.is_host_process())?;
    Some((policy.spec.as_ref()?, pod))
}
