//! A memory limit is too low for a Windows container to start.
//!
//! Each Windows container runs system processes of its own beside the program, before the first line
//! of that is executed. Nano Server has few of them, Server Core many, and .NET Framework or IIS come on
//! top. Nothing is killed when the limit is reached: allocations fail, and the container does not start,
//! or its program ends with an error that does not speak of memory.
//!
//! Give at least 100Mi to a container on Nano Server, 300Mi on Server Core, 512Mi with .NET Framework
//! or IIS. These are rules of thumb. Several Server Core containers in one pod need that much each.
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
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022
//!       resources:
//!         limits: {memory: 256Mi}
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022
//!       resources:
//!         limits: {memory: 512Mi}
//!     - name: log
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//!       resources:
//!         limits: {memory: 100Mi}
//! ```
//! HostProcess containers run on the node itself:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: agent
//! spec:
//!   hostNetwork: true
//!   securityContext:
//!     windowsOptions:
//!       hostProcess: true
//!       runAsUserName: NT AUTHORITY\SYSTEM
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: agent
//!       image: registry.example/agent:1-nanoserver-ltsc2022
//!       resources:
//!         limits: {memory: 64Mi}
//! ```

use super::memory_in_millibytes::is_in_millibytes;
use crate::finding::{Report, Severity, Stage};
use crate::images::Family;
use crate::object::pod::ResourceList;
use crate::pod::Pod;
use crate::quantity::Quantity;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN805",
    name: "memory-limit-too-low",
    summary: "A memory limit is too low for a Windows container to start",
    severity: Severity::Warning,
    stage: Stage::Process,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/configuration/windows-resource-management/",
        "https://learn.microsoft.com/virtualization/windowscontainers/deploy-containers/system-requirements",
    ]),
    errors: docs(&[
        "hcs::System::Start: The paging file is too small for this operation to complete",
        "System.OutOfMemoryException",
        "Not enough memory resources are available to process this command",
    ]),
    check: Check::Pod(check),
};

/// What a container on this base needs to start, in mebibytes: a rule of thumb, read nowhere.
fn least(family: Family) -> Option<(u32, &'static str)> {
    match family {
        Family::NanoServer => Some((100, "Nano Server")),
        Family::ServerCore => Some((300, "Windows Server Core")),
        Family::Server | Family::Windows => Some((300, "Windows Server")),
        Family::DotNetFramework => Some((512, ".NET Framework")),
        Family::Iis => Some((512, "IIS")),
        Family::HostProcessBase | Family::Unknown => None,
    }
}

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    for container in pod.containers.iter().filter(|c| !c.host_process) {
        let Some((needed, base)) = least(container.image.family) else { continue };
        let Some((limit, most)) = container.limit("memory") else { continue };
        if most >= Quantity::mebi(needed) || is_in_millibytes(limit) {
            continue;
        }
        let message = format!(
            "container {}: memory limit {limit} is too low for an image with {base}: its system processes alone may not start",
            container.name()
        );
        let path = container.resource_at(ResourceList::Limits, "memory");
        report.finding(path, message).help(format!("raise the limit to {needed}Mi or more"));
    }
}
