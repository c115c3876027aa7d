//! A node is chosen by a label that has been deprecated since Kubernetes 1.14.
//!
//! The kubelet still writes `beta.kubernetes.io/os` and `beta.kubernetes.io/arch`, so this works on
//! the nodes there are. Node templates of autoscalers and provisioners need not carry them, and
//! then a pool that is scaled to zero is never scaled up for this pod.
//!
//! Use `kubernetes.io/os` and `kubernetes.io/arch`; the values are the same.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   nodeSelector:
//!     beta.kubernetes.io/os: windows
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
//! ```
//!
//! ## Good
//! Beside the stable name the old one does no harm:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!     beta.kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::platform::labels::{ARCH, ARCH_BETA, OS, OS_BETA};
use crate::platform::{Os, Statement};
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN105",
    name: "deprecated-os-label",
    summary: "A node is chosen by a label that has been deprecated since Kubernetes 1.14",
    severity: Severity::Warning,
    stage: Stage::Scheduler,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&["https://kubernetes.io/docs/reference/labels-annotations-taints/"]),
    errors: docs(&[
        "spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use \"kubernetes.io/os\" instead",
    ]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    for statement in pod.required_statements() {
        let Some(stable) = successor(pod, &statement) else { continue };
        let (field, key) = (statement.field(), statement.key);
        let finding = report.finding(statement.path(pod), format!("{field}: the label {key} is deprecated"));
        finding.help(format!("use `{stable}`"));
        if let Some(fix) = renamed(pod, &statement) {
            finding.fix(fix);
        }
    }
}

/// The stable name of a statement's deprecated label, where the pod does not use it as well.
fn successor(pod: &Pod<'_>, statement: &Statement<'_>) -> Option<&'static str> {
    let stable = match statement.key {
        OS_BETA => OS,
        ARCH_BETA => ARCH,
        _ => return None,
    };
    (!pod.required_statements().any(|s| s.key == stable)).then_some(stable)
}

/// The fix that gives a statement its label's stable name, and the operating system in lower case. `None`
/// where there is nothing to rename, or where its value would be as wrong under the other name: other rules
/// speak of it where it stands.
pub(crate) fn renamed(pod: &Pod<'_>, statement: &Statement<'_>) -> Option<Fix> {
    let stable = successor(pod, statement)?;
    let fix = Fix::safe("Use the label's stable name");
    if !statement.is_in_node_selector() {
        // All under one name, or none: they are judged together.
        let mut others = pod.required_statements().filter(|s| s.key == statement.key && s.is_in_node_selector());
        let all = others.all(|other| renamed(pod, &other).is_some());
        return all.then(|| fix.set(statement.path(pod).key("key"), stable));
    }
    // A RuntimeClass or the namespace may demand the same labels, and conflicts go by their names.
    let mut of_namespace = pod.world.context.namespace_node_selector(pod.namespace());
    let class = pod.class_node_selector();
    if pod.selector.required_value(stable).is_some()
        || of_namespace.any(|(key, _)| key == statement.key)
        || class.is_some_and(|class| class.get(statement.key).is_some())
    {
        return None;
    }
    let mut value = &**statement.values.first()?;
    if stable == OS {
        let os = Os::named(value)?;
        let own = pod.os_meant();
        if own.is_some_and(|own| own != os) || (pod.is_host_process() && os == Os::Linux) {
            return None;
        }
        value = os.label();
    } else if pod.is_windows() && value != "amd64" {
        return None;
    }
    Some(fix.set(pod.at("/nodeSelector").key(stable), value).remove(statement.path(pod)))
}
