//! A Windows pod without `os.name` that the kubelet will refuse.
//!
//! Most fields that only Linux knows are ignored on Windows nodes; three are not. For `sysctls`, for
//! `resources` of the pod as a whole and for `supplementalGroupsPolicy: Strict` the kubelet refuses
//! the pod when it arrives on the node: it is Failed at once, and its controller makes another one,
//! again and again. Without `os.name` the API server has accepted it before. (`Strict` is refused
//! unless the container runtime says that it can do it, so it is a warning.)
//!
//! Remove the field and set `os.name: windows`, and the next such mistake is refused where you see
//! it. Requests and limits of a whole pod have to be shared out among its containers.
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
//!   securityContext:
//!     sysctls:
//!       - name: net.ipv4.ip_unprivileged_port_start
//!         value: "0"
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
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
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//!   os:
//!     name: windows
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   resources: {}
//!   securityContext:
//!     sysctls: []
//!     supplementalGroupsPolicy: Merge
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::os_name::{self, linux_fields};
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN216",
    name: "refused-by-kubelet",
    summary: "A Windows pod without os.name that the kubelet will refuse",
    severity: Severity::Error,
    stage: Stage::Kubelet,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/kubelet/lifecycle/predicate.go",
        "https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/kubelet/sysctl/allowlist.go",
    ]),
    errors: docs(&[
        "SysctlForbidden",
        "forbidden sysctl",
        "PodLevelResourcesNotSupported",
        "SupplementalGroupsPolicyNotSupported",
    ]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() || !os_name::is_unset(pod) {
        return;
    }
    let mut refused = linux_fields(pod).filter(|found| found.is_refused_by_kubelet(pod)).peekable();
    if refused.peek().is_none() {
        return;
    }
    let mut fix = os_name::for_windows(pod, "Set os.name to windows and remove the fields that only Linux knows");
    for found in refused {
        let unless = if found.is_groups_policy() { ", unless the container runtime supports it" } else { "" };
        let message = format!(
            "{}: the kubelet of a Windows node refuses the pod{unless}: on Windows {}",
            found.subject(),
            found.field.why
        );
        let finding = report.finding(found.path(pod), message);
        if found.is_groups_policy() {
            finding.severity(Severity::Warning);
        }
        if found.is_pod_resources() {
            finding.help("give each container its own share of the requests and limits, and remove it");
        } else {
            finding.help("remove it, and set os.name to windows");
        }
        // One change for all of them.
        if let Some(fix) = fix.take() {
            finding.fix(fix);
        }
    }
}
