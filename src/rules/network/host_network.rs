//! A Windows pod asks for the network of its node and does not get it.
//!
//! Windows containers always have a network compartment of their own, except HostProcess
//! containers. `hostNetwork: true` on any other Windows pod is accepted and changes nothing that was
//! wanted: nobody listens on the node's ports. What it does change is unwelcome: cluster names no
//! longer resolve under `dnsPolicy: ClusterFirst`, the pod gets the hosts file of its node and at
//! first its address in `status.podIP`, every port blocks that port of the node for the scheduler,
//! and on EKS the admission webhook skips the pod, which then never gets an address.
//!
//! Remove the field and publish the port with a Service, or, if the pod manages its node, make it a
//! HostProcess pod.
//!
//! ## Bad
//! ```yaml
//! apiVersion: apps/v1
//! kind: DaemonSet
//! metadata:
//!   name: metrics
//! spec:
//!   selector:
//!     matchLabels: {app: metrics}
//!   template:
//!     metadata:
//!       labels: {app: metrics}
//!     spec:
//!       nodeSelector:
//!         kubernetes.io/os: windows
//!       hostNetwork: true
//!       dnsPolicy: ClusterFirstWithHostNet
//!       containers:
//!         - name: metrics
//!           image: registry.example/metrics:2.1-nanoserver-ltsc2022
//!           ports:
//!             - containerPort: 9182
//!               hostPort: 9182
//! ```
//!
//! ## Fixed
//! ```yaml
//! apiVersion: apps/v1
//! kind: DaemonSet
//! metadata:
//!   name: metrics
//! spec:
//!   selector:
//!     matchLabels: {app: metrics}
//!   template:
//!     metadata:
//!       labels: {app: metrics}
//!     spec:
//!       nodeSelector:
//!         kubernetes.io/os: windows
//!       dnsPolicy: ClusterFirst
//!       containers:
//!         - name: metrics
//!           image: registry.example/metrics:2.1-nanoserver-ltsc2022
//!           ports:
//!             - containerPort: 9182
//! ```
//!
//! ## Good
//! HostProcess pods must have the network of their node:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: metrics
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   hostNetwork: true
//!   securityContext:
//!     windowsOptions:
//!       hostProcess: true
//!       runAsUserName: NT AUTHORITY\SYSTEM
//!   containers:
//!     - name: metrics
//!       image: ghcr.io/prometheus-community/windows-exporter:0.30.0
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::pod::Pod;
use crate::rules::images::host_process_image;
use crate::rules::{Check, Rule, docs};
use crate::settings::Platform;

pub const RULE: Rule = Rule {
    id: "WIN401",
    name: "host-network",
    summary: "A Windows pod asks for the network of its node and does not get it",
    severity: Severity::Error,
    stage: Stage::Silent,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/services-networking/windows-networking/",
        "https://github.com/kubernetes/enhancements/tree/master/keps/sig-windows/3503-host-network-support-for-windows-pods",
        "https://github.com/aws/amazon-vpc-resource-controller-k8s/blob/master/webhooks/core/pod_webhook.go",
    ]),
    errors: docs(&["pod does not have label vpc.amazonaws.com/PrivateIPv4Address"]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() || pod.spec.host_network != Some(true) || pod.is_host_process() {
        return;
    }
    // host-access-without-host-process and host-process-image say more.
    if pod.wants_the_host() || host_process_image::concerns(pod) {
        return;
    }
    let (why, stage) = match pod.world.settings.platform {
        Platform::Eks => ("and EKS gives a pod that asks for it no address", Stage::Runtime),
        _ => ("so nothing listens on the node's ports", Stage::Silent),
    };
    report
        .finding(
            pod.at("/hostNetwork"),
            format!("hostNetwork: only HostProcess pods share the network of a Windows node, {why}"),
        )
        .help("remove `hostNetwork` and publish the ports with a Service, or make it a HostProcess pod")
        .stage(stage)
        .fix(without_host_network(pod));
}

/// Takes the pod off the host network as far as it was on it: the field itself, the host ports that
/// the API server fills in with it, and the DNS policy that has a meaning only with it.
pub(super) fn without_host_network(pod: &Pod<'_>) -> Fix {
    let mut fix = Fix::unsafe_("Give the pod a network of its own").remove(pod.at("/hostNetwork"));
    if pod.spec.dns_policy.as_deref() == Some("ClusterFirstWithHostNet") {
        fix = fix.set(pod.at("/dnsPolicy"), "ClusterFirst");
    }
    for container in &pod.containers {
        for (index, port) in container.view.ports.as_deref().unwrap_or_default().iter().enumerate() {
            if port.host_port.is_some() && port.host_port == port.container_port {
                fix = fix.remove(container.at("/ports").index(index).key("hostPort"));
            }
        }
    }
    fix
}
