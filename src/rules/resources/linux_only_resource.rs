//! A Windows pod asks for a resource that only Linux nodes offer.
//!
//! Extended resources are advertised by device plugins, and those of NVIDIA, AMD and Intel GPUs, of
//! RDMA and of KubeVirt exist for Linux alone; Windows has no huge pages at all. No Windows node ever
//! offers such a resource, so the scheduler reports "Insufficient …" and the pod stays Pending. Where
//! `nodeName` keeps the scheduler out, the container runs without the extended resource, and nothing says
//! so; huge pages the kubelet refuses.
//!
//! GPUs are shared on Windows through DirectX: ask for `microsoft.com/directx` on AKS, elsewhere
//! for the `directx.microsoft.com/display` of the community's device plugin. It works in images on
//! `windows/server` or the older full `windows`, not on Server Core or Nano Server. Everything else
//! has to go.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: render
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: render
//!       image: mcr.microsoft.com/windows/server:ltsc2022
//!       resources:
//!         limits:
//!           memory: 4Gi
//!           nvidia.com/gpu: 1
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: render
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: render
//!       image: mcr.microsoft.com/windows/server:ltsc2022
//!       resources:
//!         limits:
//!           memory: 4Gi
//!           microsoft.com/directx: 1
//! ```
//! None of it is asked for here, which any node can give:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: render
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: render
//!       image: mcr.microsoft.com/windows/server:ltsc2022
//!       resources:
//!         limits:
//!           nvidia.com/gpu: "0"
//!           vpc.amazonaws.com/PrivateIPv4Address: "1"
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::object::pod::ResourceList;
use crate::order;
use crate::platform::Os;
use crate::platform::resources::{is_zero, resource_os};
use crate::pod::{Container, Pod};
use crate::rules::{Check, Rule, docs};
use crate::settings::Platform;

pub const RULE: Rule = Rule {
    id: "WIN801",
    name: "linux-only-resource",
    summary: "A Windows pod asks for a resource that only Linux nodes offer",
    severity: Severity::Error,
    stage: Stage::Scheduler,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/tasks/manage-hugepages/scheduling-hugepages/",
        "https://learn.microsoft.com/azure/aks/use-windows-gpu",
        "https://learn.microsoft.com/virtualization/windowscontainers/deploy-containers/gpu-acceleration",
    ]),
    errors: docs(&["Insufficient nvidia.com/gpu", "Insufficient hugepages-2Mi"]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    for container in &pod.containers {
        for (list, resource) in offered_only_by(Os::Linux, container) {
            let help = if is_gpu(resource) && pod.world.settings.platform == Platform::Aks {
                "ask for `microsoft.com/directx` instead, in an image on `windows/server`"
            } else if is_gpu(resource) {
                "ask for `directx.microsoft.com/display` instead, in an image on `windows/server`"
            } else {
                "remove it"
            };
            let at = container.resource_at(list, resource);
            let only = format!("container {}: only Linux nodes offer {resource}", container.name());
            // With nodeName no scheduler looks, and the kubelet passes over extended resources that it does not know.
            if pod.node_name().is_some() && resource.starts_with("hugepages-") {
                let message = format!("{only}, so the kubelet of the node that nodeName names refuses the pod");
                report.finding(at, message).help(help).stage(Stage::Kubelet);
            } else if pod.node_name().is_some() {
                let message = format!("{only}, so the container runs without it where nodeName says");
                report.finding(at, message).help(help).stage(Stage::Silent);
            } else {
                report.finding(at, format!("{only}, so no Windows node can take this pod")).help(help);
            }
        }
    }
}

/// The resources that a container asks for and only nodes of `os` offer, each once: in its limits,
/// else in its requests.
pub(crate) fn offered_only_by<'a>(os: Os, container: &Container<'a>) -> Vec<(ResourceList, &'a str)> {
    let mut found: Vec<(ResourceList, &str)> = Vec::new();
    for list in [ResourceList::Limits, ResourceList::Requests] {
        let asked = container.resources(list).filter(|(name, n)| resource_os(name) == Some(os) && !is_zero(n));
        found.extend(asked.map(|(name, _)| (list, name)));
    }
    if found.len() > 1 {
        let firsts = order::first_equal(&found.iter().map(|(_, name)| *name).collect::<Vec<_>>());
        let mut index = 0..;
        found.retain(|_| index.next().is_some_and(|index| firsts[index] == index));
    }
    found
}

fn is_gpu(resource: &str) -> bool {
    ["nvidia.com/", "amd.com/", "gpu.intel.com/"].iter().any(|vendor| resource.starts_with(vendor))
}
