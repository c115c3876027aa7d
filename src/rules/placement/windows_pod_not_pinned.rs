//! A pod meant for Windows may be put on a Linux node.
//!
//! The scheduler looks at labels, taints and resources; it reads neither the image nor
//! `windowsOptions`. Without a selector for the operating system the pod goes wherever there is
//! room: on a Linux node its image cannot be pulled ("no match for platform in manifest"), or,
//! where the image exists for both systems, the Linux variant runs without a word. A toleration for
//! a Windows taint lets the pod onto Windows nodes but does not draw it there.
//!
//! A RuntimeClass may pin its pods, too. Where it is not known here, the finding is a warning.
//!
//! Pin the pod with `nodeSelector`. It is ANDed with everything else, and the admission webhooks of
//! EKS and GKE look only there.
//!
//! ## Bad
//! ```yaml
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
//!       containers:
//!         - name: web # the shop's front end
//!           image: mcr.microsoft.com/dotnet/samples:aspnetapp-nanoserver-ltsc2022
//! ```
//!
//! ## Fixed
//! ```yaml
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
//!       containers:
//!         - name: web # the shop's front end
//!           image: mcr.microsoft.com/dotnet/samples:aspnetapp-nanoserver-ltsc2022
//!       nodeSelector:
//!         kubernetes.io/os: windows
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
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ```
//!
//! Only Windows nodes have this label, so it pins as well:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   nodeSelector:
//!     node.kubernetes.io/windows-build: 10.0.20348
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::platform::labels::states_os;
use crate::platform::taints::{is_blanket, tolerates_conventional};
use crate::platform::{Fit, Os, Placement};
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN101",
    name: "windows-pod-not-pinned",
    summary: "A pod meant for Windows may be put on a Linux node",
    severity: Severity::Error,
    stage: Stage::Scheduler,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/windows/user-guide/",
        "https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/",
    ]),
    errors: docs(&["no match for platform in manifest", "exec format error"]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    let is_open = pod.fits_both() && pod.meant_fit(Os::Windows) != Fit::No;
    let is_led_away = !is_open && is_led_away(pod);
    // With os.name, with the name of a node or with a gap in its affinity other rules say it more exactly.
    if !pod.is_windows()
        || pod.os_name().is_some()
        || pod.node_name().is_some()
        || pod.os_of_named_nodes() == Some(Os::Linux)
        || !(is_open || is_led_away)
        || pod.placement.of(Os::Linux) == Placement::No
        || pod.admits_both_by_name().is_some()
        || pod.affinity_gap().is_some()
    {
        return;
    }
    let message = if pod.tolerations().any(|t| tolerates_conventional(t) && !is_blanket(t)) {
        "this pod is meant for Windows, but may be put on a Linux node: \
         its toleration lets it onto Windows nodes and does not draw it there"
    } else if pod.has_unknown_runtime_class() {
        "this pod is meant for Windows, but may be put on a Linux node: \
         nothing asks for Windows nodes, unless its RuntimeClass, which is not known here, does"
    } else {
        "this pod is meant for Windows, but may be put on a Linux node: nothing in it asks for Windows nodes"
    };
    let pin = pod.pin(Os::Windows);
    // Beside what leads it away a pin alone leaves it no node at all.
    let pin = if is_led_away { Fix::unsafe_("Pin the pod to Windows nodes").and(pin) } else { pin };
    let finding = report.finding(pod.at(""), message);
    finding.help("add `kubernetes.io/os: windows` to its nodeSelector").fix(pin);
    if pod.has_unknown_runtime_class() {
        // The class may bring a nodeSelector of its own.
        finding.severity(Severity::Warning);
    }
}

/// Whether it asks for nodes of an architecture, a pool or a role that only Linux has, and not for Linux.
fn is_led_away(pod: &Pod<'_>) -> bool {
    pod.asks_for_linux_nodes()
        && pod.label_fit(Os::Linux) != Fit::No
        && !pod.statements_against(Os::Windows).any(|statement| states_os(statement.key))
}
