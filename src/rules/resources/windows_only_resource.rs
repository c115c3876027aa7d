//! A Linux pod asks for a resource that only Windows nodes offer.
//!
//! The DirectX device plugins run on Windows nodes, and so does what hands out
//! `vpc.amazonaws.com/PrivateIPv4Address` on EKS. No Linux node ever offers these resources: the
//! scheduler reports "Insufficient …", and the pod stays Pending.
//!
//! Remove the resource; a Linux pod asks for its GPU by the name of the vendor's plugin, and gets its
//! address without asking. If the pod is one for Windows after all, correct what says that it is for
//! Linux.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: render
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: linux
//!   containers:
//!     - name: render
//!       image: docker.io/library/python:3.13-slim
//!       resources:
//!         limits:
//!           memory: 4Gi
//!           microsoft.com/directx: 1
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
//!     kubernetes.io/os: linux
//!   containers:
//!     - name: render
//!       image: docker.io/library/python:3.13-slim
//!       resources:
//!         limits:
//!           memory: 4Gi
//!           nvidia.com/gpu: 1
//! ```

use super::linux_only_resource::offered_only_by;
use crate::finding::{Report, Severity, Stage};
use crate::platform::Os;
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN802",
    name: "windows-only-resource",
    summary: "A Linux pod asks for a resource that only Windows nodes offer",
    severity: Severity::Error,
    stage: Stage::Scheduler,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://learn.microsoft.com/azure/aks/use-windows-gpu",
        "https://github.com/TensorWorks/DirectX-Device-Plugins",
        "https://github.com/aws/amazon-vpc-resource-controller-k8s",
    ]),
    errors: docs(&["Insufficient microsoft.com/directx", "Insufficient vpc.amazonaws.com/PrivateIPv4Address"]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_for(Os::Linux) {
        return;
    }
    for container in &pod.containers {
        for (list, resource) in offered_only_by(Os::Windows, container) {
            let message = format!(
                "container {}: only Windows nodes offer {resource}, so no Linux node can take this pod",
                container.name()
            );
            report.finding(container.resource_at(list, resource), message).help("remove it");
        }
    }
}
