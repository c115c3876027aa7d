//! A Windows build is asked for in a form that the node label never has.
//!
//! The kubelet writes `node.kubernetes.io/windows-build` as `10.0.` and the build number, such as
//! `10.0.20348`: no revision, no bare number, no name of a release. Anything else matches no node,
//! and the pod stays Pending. `Gt` and `Lt` never match either, since the value is no integer.
//! Where another value or another term still lets the pod in, it is a warning.
//!
//! Write the three parts. A list of builds in one `In` says what `Gt` was meant to say.
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
//!     node.kubernetes.io/windows-build: 10.0.20348.2113 # from winver
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
//!     node.kubernetes.io/windows-build: 10.0.20348 # from winver
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   affinity:
//!     nodeAffinity:
//!       requiredDuringSchedulingIgnoredDuringExecution:
//!         nodeSelectorTerms:
//!           - matchExpressions:
//!               - {key: node.kubernetes.io/windows-build, operator: In, values: [10.0.20348, 10.0.26100]}
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::platform::labels::{WINDOWS_BUILD, is_label_value, windows_build, windows_build_meant};
use crate::platform::{Fit, Os, Statement};
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN117",
    name: "malformed-windows-build",
    summary: "A Windows build is asked for in a form that the node label never has",
    severity: Severity::Error,
    stage: Stage::Scheduler,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/reference/labels-annotations-taints/#nodekubernetesiowindows-build",
        "https://kubernetes.io/docs/concepts/windows/user-guide/#handling-multiple-windows-versions-in-the-same-cluster",
    ]),
    errors: docs(&["node(s) didn't match Pod's node affinity/selector"]),
    check: Check::Pod(check),
};

/// Whether a statement on the build can match no node and nobody can tell which build it means.
pub(crate) fn is_beyond_repair(statement: &Statement<'_>) -> bool {
    statement.key == WINDOWS_BUILD
        && match statement.operator {
            "" | "In" => statement.values.iter().any(|value| windows_build_meant(value).is_none()),
            operator => is_comparison(operator),
        }
}

fn is_comparison(operator: &str) -> bool {
    matches!(operator, "Gt" | "Lt")
}

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    for statement in pod.required_statements().filter(|statement| statement.key == WINDOWS_BUILD) {
        // A value beside a right one, or in one of several terms, leaves the pod a way.
        let has_way = |os| pod.label_fit(os) != Fit::No;
        let is_open = has_way(Os::Windows) || (!pod.is_windows() && has_way(Os::Linux));
        let severity = if is_open { Severity::Warning } else { Severity::Error };
        if is_comparison(statement.operator) {
            let operator = statement.operator;
            let message = format!(
                "{}: {operator} on {WINDOWS_BUILD} matches no node, since the label is no integer",
                statement.field()
            );
            report
                .finding(statement.path(pod), message)
                .severity(severity)
                .help("list the builds with `In`, such as 10.0.20348 and 10.0.26100");
        }
        if !matches!(statement.operator, "" | "In") {
            continue;
        }
        for (index, value) in statement.values.iter().enumerate().filter(|(_, value)| windows_build(value).is_none()) {
            let message = format!(
                "{}: {WINDOWS_BUILD} is given as `{value}`; no node has that, the label reads like 10.0.20348",
                statement.field()
            );
            let finding = report.finding(statement.value_path(pod, index), message).severity(severity);
            if !is_label_value(value) {
                finding.stage(Stage::ApiServer).severity(Severity::Error);
            }
            match windows_build_meant(value) {
                Some(build) => {
                    const TITLE: &str = "Write the build as the node label has it";
                    // In a pod for Linux the right spelling opens a way that is closed by mistake; where no
                    // node has the build it opens none.
                    let builds = pod.world.builds();
                    let is_there = builds.is_empty() || builds.contains(&build);
                    let fix = if pod.is_windows() && is_there { Fix::safe(TITLE) } else { Fix::unsafe_(TITLE) };
                    let right = format!("10.0.{build}");
                    finding.help(format!("write `{right}`"));
                    // A RuntimeClass that is wrong in the same way has to be corrected first.
                    if !statement.is_in_node_selector() || pod.may_select(WINDOWS_BUILD, &right) {
                        finding.fix(fix.set(statement.value_path(pod, index), right));
                    }
                }
                None => {
                    finding.help("write `10.0.` and the build number, without the revision");
                }
            }
        }
    }
}
