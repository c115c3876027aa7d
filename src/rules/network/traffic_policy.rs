//! A Service's traffic policy may come to something else on Windows nodes.
//!
//! `externalTrafficPolicy: Local` keeps the client's address and avoids the second hop. On Windows
//! nodes that takes Direct Server Return in the host's network service (HNS); where HNS does not
//! have it, kube-proxy takes the policy for `Cluster` and says nothing. On AKS keeping the client's
//! address is not supported for Windows nodes. `internalTrafficPolicy: Local` is heeded on Windows
//! since Kubernetes 1.27, `trafficDistribution` not at all: kube-proxy on Windows reads no hints
//! about zones and nodes. The other way round, `Cluster` costs ports of the node for every Service:
//! with around 500 of them a Windows node of AKS runs out of ports.
//!
//! Try the policy on the Windows nodes that you have, and take the client's address from a header
//! (`X-Forwarded-For`) or from the PROXY protocol where it matters. Good to know: a Windows node
//! cannot reach its own NodePort; the annotation `preserve-destination: "true"` works only with
//! Direct Server Return and confines node ports and load balancer addresses to the pods of the same
//! node; `loadBalancerSourceRanges` is left to the cloud's firewall, Windows nodes do not enforce it;
//! and pods cannot reach a HostProcess pod of their own node through a ClusterIP.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Service
//! metadata:
//!   name: web
//! spec:
//!   type: LoadBalancer
//!   externalTrafficPolicy: Local
//!   selector: {app: web}
//!   ports:
//!     - port: 80
//! ---
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
//!           image: mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: v1
//! kind: Service
//! metadata:
//!   name: web
//! spec:
//!   type: LoadBalancer
//!   externalTrafficPolicy: Cluster
//!   internalTrafficPolicy: Local
//!   selector: {app: web}
//!   ports:
//!     - port: 80
//! ---
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//!   labels: {app: web}
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022
//! ```
//! The pods of another namespace are not meant:
//! ```yaml
//! apiVersion: v1
//! kind: Service
//! metadata:
//!   name: web
//!   namespace: linux-shop
//! spec:
//!   type: LoadBalancer
//!   externalTrafficPolicy: Local
//!   selector: {app: web}
//!   ports:
//!     - port: 80
//! ---
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//!   namespace: shop
//!   labels: {app: web}
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::object::Body;
use crate::object::network::ServiceSpec;
use crate::rules::{Check, Rule, Subject, docs};
use crate::settings::Platform;

pub const RULE: Rule = Rule {
    id: "WIN412",
    name: "traffic-policy",
    summary: "A Service's traffic policy may come to something else on Windows nodes",
    severity: Severity::Warning,
    stage: Stage::Silent,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/services-networking/windows-networking/#load-balancing-and-services",
        "https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/proxy/winkernel/proxier.go",
        "https://github.com/kubernetes/kubernetes/issues/114419",
        "https://learn.microsoft.com/en-us/azure/aks/windows-faq",
        "https://github.com/kubernetes/kubernetes/issues/126795",
    ]),
    errors: docs(&[]),
    check: Check::Object(check),
};

/// Around so many Services a Windows node of AKS runs out of ports.
const MANY: usize = 500;

fn check(subject: &Subject<'_>, report: &mut Report<'_>) {
    let Some(service) = subject.balanced_windows_service() else { return };
    let settings = subject.world.settings;
    let is_aks = settings.platform == Platform::Aks;
    if service.external_traffic_policy.as_deref() == Some("Local") {
        let message = if is_aks {
            "externalTrafficPolicy Local: on AKS keeping the client's address is not supported for Windows nodes"
        } else {
            "externalTrafficPolicy Local: Windows nodes whose network has no Direct Server Return \
             take it for Cluster, and the client's address is lost"
        };
        report
            .finding(subject.at("/spec/externalTrafficPolicy"), message)
            .help("check that the Windows nodes keep the client's address, or pass it on in a header");
    } else if is_aks && is_crowding(service) && are_many(subject) {
        let field = if service.external_traffic_policy.is_some() { "/spec/externalTrafficPolicy" } else { "/spec" };
        report
            .finding(
                subject.at(field),
                "externalTrafficPolicy Cluster: every such Service takes ports of each Windows node of AKS, \
                 which runs out of them at about 500 Services",
            )
            .help("set `externalTrafficPolicy: Local`")
            .severity(Severity::Info);
    }
    if service.internal_traffic_policy.as_deref() == Some("Local") && !settings.kubernetes_at_least(27) {
        report
            .finding(
                subject.at("/spec/internalTrafficPolicy"),
                "internalTrafficPolicy Local: Windows nodes ignore it before Kubernetes 1.27",
            )
            .help("do not rely on it for Windows pods before the cluster runs 1.27")
            .severity(Severity::Info);
    }
    if let Some(wish) = service.traffic_distribution.as_deref().filter(|wish| !wish.is_empty()) {
        report
            .finding(
                subject.at("/spec/trafficDistribution"),
                format!("trafficDistribution {wish}: Windows nodes ignore it and spread connections over all pods"),
            )
            .help("do not rely on it for what comes from Windows nodes")
            .severity(Severity::Info);
    }
}

/// Whether it takes traffic from outside on every node and passes it on with the node's address.
fn is_crowding(service: &ServiceSpec<'_>) -> bool {
    matches!(service.kind.as_deref(), Some("LoadBalancer" | "NodePort"))
        && service.external_traffic_policy.as_deref() != Some("Local")
}

fn are_many(subject: &Subject<'_>) -> bool {
    let mut crowding = subject.world.context.objects().filter(|object| match &object.body {
        Body::Service(service) => service.spec.as_ref().is_some_and(is_crowding),
        _ => false,
    });
    crowding.nth(MANY - 1).is_some()
}
