//! Memory is given in thousandths of a byte.
//!
//! The suffix `m` means a thousandth, for memory as it does for CPUs: `800m` of memory is eight
//! tenths of one byte, where 800 megabytes were meant. As a request it reserves nothing, and the
//! pod is put on nodes that have no room for it. As a limit Windows rounds it down to whole
//! megabytes, which leaves none, and a limit of none is no limit at all. The API server only warns.
//! Amounts of 1Mi or more, as autoscalers write them, are an info.
//!
//! Write `800Mi`, or `800M`.
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
//!       image: mcr.microsoft.com/windows/servercore:ltsc2022
//!       resources:
//!         limits:
//!           cpu: 500m
//!           memory: 800m # enough for the cache
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
//!       image: mcr.microsoft.com/windows/servercore:ltsc2022
//!       resources:
//!         limits:
//!           cpu: 500m
//!           memory: 800Mi # enough for the cache
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
//!       image: mcr.microsoft.com/windows/servercore:ltsc2022
//!       resources:
//!         requests: {cpu: 500m, memory: 800Mi}
//!         limits: {cpu: 1500m, memory: 800M}
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::object::pod::ResourceList;
use crate::pod::Pod;
use crate::pointer::Pointer;
use crate::quantity::Quantity;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN806",
    name: "memory-in-millibytes",
    summary: "Memory is given in thousandths of a byte",
    severity: Severity::Error,
    stage: Stage::Silent,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#meaning-of-memory",
        "https://github.com/microsoft/hcsshim/tree/main/internal/oci",
    ]),
    errors: docs(&["fractional byte value \"800m\" is invalid, must be an integer"]),
    check: Check::Pod(check),
};

/// Whether this is an amount of memory in thousandths of a byte.
pub(crate) fn is_in_millibytes(quantity: &str) -> bool {
    quantity.ends_with('m')
}

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    for list in ResourceList::ALL {
        let whole = pod.spec.resources.as_ref().and_then(|r| r.list(list)).and_then(|map| map.get("memory"));
        if let Some(quantity) = whole {
            judge(report, quantity, "", list, |_| false, || pod.at("/resources").key(list.field()).key("memory"));
        }
    }
    for container in &pod.containers {
        for list in ResourceList::ALL {
            if let Some((quantity, _)) = container.quantity(list, "memory") {
                let limit = container.limit("memory").filter(|_| list == ResourceList::Requests);
                let is_accepted = |meant| !pod.shares("memory") && limit.is_none_or(|(_, limit)| meant <= limit);
                judge(report, quantity, container.name(), list, is_accepted, || container.resource_at(list, "memory"));
            }
        }
    }
}

fn judge(
    report: &mut Report<'_>,
    quantity: &str,
    container: &str,
    list: ResourceList,
    is_accepted: impl Fn(Quantity) -> bool,
    at: impl FnOnce() -> Pointer,
) {
    let Some(number) = quantity.strip_suffix('m') else { return };
    let Some(amount) = Quantity::read(quantity).filter(|amount| *amount > Quantity::ZERO) else { return };
    let (of, colon) = if container.is_empty() { ("", "") } else { ("container ", ": ") };
    let field = list.field().trim_end_matches('s');
    let path = at();
    if amount >= Quantity::mebi(1) {
        // Autoscalers write such amounts, and Kubernetes takes them for what they are.
        let message = format!("{of}{container}{colon}memory {field} {quantity} is in thousandths of a byte");
        report.finding(path, message).help("write it in `Mi`").severity(Severity::Info);
        return;
    }
    let why = match list {
        ResourceList::Requests => "as a request it reserves nothing",
        ResourceList::Limits => "Windows rounds that down to no limit at all",
    };
    let message = format!("{of}{container}{colon}memory {field} {quantity} is in thousandths of a byte: {why}");
    let meant = format!("{number}Mi");
    let finding = report.finding(path.clone(), message);
    // Nobody means more than a tebibyte.
    if amount > Quantity::milli(1 << 20) {
        finding.help("write it in `Mi`");
        return;
    }
    finding.help(format!("write `{meant}`"));
    if Quantity::read(&meant).is_some_and(is_accepted) {
        finding.fix(Fix::unsafe_("Give the memory in mebibytes").set(path, meant));
    }
}
