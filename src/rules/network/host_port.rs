//! A Windows pod asks for a port of its node.
//!
//! Whether `hostPort` works depends on the network plug-in of the Windows nodes. With an overlay
//! network (flannel's VXLAN backend, win-overlay) nothing is mapped. Azure CNI, the VPC CNI of EKS
//! and win-bridge do map it, but the node itself cannot reach its own port. The scheduler counts
//! the port as taken in any case, so that only one such pod fits on a node.
//!
//! Publish the port with a Service instead. With the setting `cni` transom knows which case it is: an error on an
//! overlay network, an info where the port is mapped.
//!
//! ## Bad
//! ```yaml
//! # settings: {cni: flannel-overlay}
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: registry.example/web:3-windowsservercore-ltsc2022
//!       ports:
//!         - containerPort: 80
//!           hostPort: 8080 # for the load balancer
//! ```
//!
//! ## Fixed
//! ```yaml
//! # settings: {cni: flannel-overlay}
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: registry.example/web:3-windowsservercore-ltsc2022
//!       ports:
//!         - containerPort: 80
//! ```
//!
//! ## Good
//! ```yaml
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
//!       image: registry.example/web:3-windowsservercore-ltsc2022
//!       ports:
//!         - containerPort: 80
//! ```
//! Under `hostNetwork` the API server fills in host ports by itself, and HostProcess containers
//! listen on the node anyway:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: agent
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   hostNetwork: true
//!   securityContext:
//!     windowsOptions:
//!       hostProcess: true
//!       runAsUserName: NT AUTHORITY\SYSTEM
//!   containers:
//!     - name: agent
//!       image: registry.example/agent:1.0
//!       ports:
//!         - containerPort: 9100
//!           hostPort: 9100
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};
use crate::settings::Cni;

pub const RULE: Rule = Rule {
    id: "WIN402",
    name: "host-port",
    summary: "A Windows pod asks for a port of its node",
    severity: Severity::Warning,
    stage: Stage::Silent,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://github.com/kubernetes/kubernetes/issues/90116",
        "https://github.com/containernetworking/plugins/pull/475",
        "https://github.com/Azure/AKS/issues/3620",
    ]),
    errors: docs(&["node(s) didn't have free ports for the requested pod ports"]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() || pod.spec.host_network == Some(true) {
        return;
    }
    let (severity, why) = match pod.world.settings.cni() {
        Some(Cni::FlannelOverlay) => (Severity::Error, "flannel's overlay network does not map ports of Windows nodes"),
        Some(Cni::Azure | Cni::AzureNpm | Cni::AzureCilium | Cni::Vpc | Cni::FlannelHostGw) => (
            Severity::Info,
            "the network plug-in maps it, but the node cannot reach its own port, and only one such pod fits on a node",
        ),
        _ => (
            Severity::Warning,
            "not every network plug-in maps ports of Windows nodes, and only one such pod fits on a node",
        ),
    };
    for container in pod.containers.iter().filter(|c| !c.host_process) {
        for (index, port) in container.view.ports.as_deref().unwrap_or_default().iter().enumerate() {
            let Some(number) = port.host_port.filter(|port| *port > 0) else { continue };
            let path = container.at("/ports").index(index).key("hostPort");
            report
                .finding(path.clone(), format!("container {}: hostPort {number}: {why}", container.name()))
                .help("remove `hostPort` and publish the port with a Service")
                .severity(severity)
                .fix(Fix::unsafe_("Remove the host port").remove(path));
        }
    }
}
