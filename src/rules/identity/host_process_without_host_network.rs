//! A HostProcess pod without `hostNetwork: true`.
//!
//! HostProcess containers always use the network of their node, and the API server insists that the
//! pod says so. It refuses the pod otherwise.
//!
//! `hostNetwork: true` does not change where the containers run, but the API server refuses some
//! fields beside it: a port of the host that differs from the container's, `hostnameOverride`,
//! `hostUsers: false` and sysctls that begin with `net.`. The fix removes the last two, and is not
//! offered beside the first two. Under `dnsPolicy: ClusterFirst` the pod then has the DNS of the
//! node; `ClusterFirstWithHostNet` gives it that of the cluster. An API server that runs with
//! `--allow-privileged=false` refuses every HostProcess pod, whatever it says; that is seen only
//! there.
//!
//! ## Bad
//! ```yaml
//! apiVersion: apps/v1
//! kind: DaemonSet
//! metadata:
//!   name: agent
//! spec:
//!   selector:
//!     matchLabels: {app: agent}
//!   template:
//!     metadata:
//!       labels: {app: agent}
//!     spec:
//!       os: {name: windows}
//!       nodeSelector:
//!         kubernetes.io/os: windows
//!       securityContext:
//!         windowsOptions:
//!           hostProcess: true
//!           runAsUserName: NT AUTHORITY\SYSTEM
//!       containers:
//!         - name: agent
//!           image: registry.example/agent:1.0
//! ```
//!
//! ## Fixed
//! ```yaml
//! apiVersion: apps/v1
//! kind: DaemonSet
//! metadata:
//!   name: agent
//! spec:
//!   selector:
//!     matchLabels: {app: agent}
//!   template:
//!     metadata:
//!       labels: {app: agent}
//!     spec:
//!       os: {name: windows}
//!       nodeSelector:
//!         kubernetes.io/os: windows
//!       securityContext:
//!         windowsOptions:
//!           hostProcess: true
//!           runAsUserName: NT AUTHORITY\SYSTEM
//!       containers:
//!         - name: agent
//!           image: registry.example/agent:1.0
//!       hostNetwork: true
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   os: {name: windows}
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   securityContext:
//!     windowsOptions:
//!       hostProcess: false
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::order;
use crate::os_name;
use crate::platform::Os;
use crate::pod::{ContainerList, Pod};
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN302",
    name: "host-process-without-host-network",
    summary: "A HostProcess pod without hostNetwork",
    severity: Severity::Error,
    stage: Stage::ApiServer,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/tasks/configure-pod-container/create-hostprocess-pod/",
        "https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/core/validation/validation.go",
    ]),
    errors: docs(&[
        "hostNetwork must be true if pod contains any hostProcess containers",
        "hostProcess containers are disallowed by cluster policy",
    ]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if pod.spec.host_network == Some(true) || !pod.is_host_process() {
        return;
    }
    let path = if pod.spec.host_network.is_some() { pod.at("/hostNetwork") } else { pod.at("") };
    let finding = report.finding(path, "hostNetwork is not true, as it has to be in a pod with HostProcess containers");
    finding.help("set `hostNetwork: true`");
    if let Some(fix) = fix(pod) {
        finding.fix(fix);
    }
}

/// There is none where the API server would refuse `hostNetwork: true` beside something else.
pub(crate) fn fix(pod: &Pod<'_>) -> Option<Fix> {
    if !pod.is_windows() || pod.spec.hostname_override.is_some() || has_port_conflict(pod) {
        return None;
    }
    let mut fix = Fix::safe("Use the network of the node").set(pod.at("/hostNetwork"), true);
    let has_users = pod.spec.host_users == Some(false);
    let has_sysctls = has_network_sysctl(pod);
    if has_users || has_sysctls {
        // Both go where the pod becomes, or is, one that says it is for Windows.
        if pod.os_name() != Some(Os::Windows) && os_name::for_windows(pod, "").is_none() {
            return None;
        }
        if has_users {
            fix = fix.remove(pod.at("/hostUsers"));
        }
        if has_sysctls {
            fix = fix.remove(pod.at("/securityContext/sysctls"));
        }
    }
    Some(fix)
}

/// Whether a sysctl belongs to the network namespace, which the pod would share with its node.
fn has_network_sysctl(pod: &Pod<'_>) -> bool {
    let sysctls = pod.security_context().and_then(|context| context.sysctls.as_deref()).unwrap_or_default();
    sysctls
        .iter()
        .filter_map(|sysctl| sysctl.name.as_deref())
        .any(|name| name.starts_with("net.") || name.starts_with("net/"))
}

/// Whether a port is published under another number, or two ports of the pod are the same one.
fn has_port_conflict(pod: &Pod<'_>) -> bool {
    let mut taken = Vec::new();
    for container in pod.containers.iter().filter(|container| container.list == ContainerList::Main) {
        for port in container.view.ports.as_deref().unwrap_or_default() {
            if port.host_port.is_some_and(|host_port| host_port != 0 && Some(host_port) != port.container_port) {
                return true;
            }
            let protocol = port.protocol.as_deref().unwrap_or("TCP");
            taken.push(format!("{protocol}/{}", port.container_port.unwrap_or_default()));
        }
    }
    let taken: Vec<&str> = taken.iter().map(String::as_str).collect();
    order::sorted(&taken).windows(2).any(|pair| pair[0] == pair[1])
}
