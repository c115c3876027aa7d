//! The value of a node label for the operating system is neither `linux` nor `windows`.
//!
//! The kubelet writes the label as Go names its system: `linux` or `windows`, in lower case.
//! Selectors compare exactly, so `Windows` matches no node and the pod is Pending. Some tables in
//! vendors' documents print the value with a capital letter, which is where it often comes from. In
//! a `NotIn` or in a preference such a value does nothing at all, without a word: that is a
//! warning, as it is where another value still lets the pod in.
//!
//! Write `linux` or `windows`.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: Windows # from the portal
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
//!     kubernetes.io/os: windows # from the portal
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
//!               - {key: kubernetes.io/os, operator: In, values: [windows]}
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::images;
use crate::platform::labels::{OS, OS_BETA, is_label_value};
use crate::platform::{Fit, Os, Statement};
use crate::pod::Pod;
use crate::rules::placement::deprecated_os_label;
use crate::rules::{Check, Rule, docs};
use crate::text;

pub const RULE: Rule = Rule {
    id: "WIN104",
    name: "invalid-os-label-value",
    summary: "The value of a node label for the operating system is neither `linux` nor `windows`",
    severity: Severity::Error,
    stage: Stage::Scheduler,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-os",
        "https://github.com/kubernetes/component-helpers/blob/master/scheduling/corev1/nodeaffinity/nodeaffinity.go",
    ]),
    errors: docs(&["node(s) didn't match Pod's node affinity/selector"]),
    check: Check::Pod(check),
};

/// Whether a statement on the label of the system has a value of which nobody can tell what it means,
/// or no value where it needs one.
pub(crate) fn is_beyond_repair(statement: &Statement<'_>) -> bool {
    is_about_os(statement)
        && (statement.values.is_empty() || statement.values.iter().any(|value| Os::named(value).is_none()))
}

fn is_about_os(statement: &Statement<'_>) -> bool {
    matches!(statement.key, OS | OS_BETA) && matches!(statement.operator, "" | "In" | "NotIn")
}

fn is_right(value: &str) -> bool {
    value == "linux" || value == "windows"
}

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    for statement in pod.required_statements().chain(pod.preferred_statements()).filter(is_about_os) {
        let (field, key) = (statement.field(), statement.key);
        if statement.values.is_empty() {
            let message =
                format!("{field}: {} without a value for {key}, which the API server refuses", statement.operator);
            report.finding(statement.path(pod), message).help("list `linux` or `windows`").stage(Stage::ApiServer);
        }
        for (index, value) in statement.values.iter().enumerate().filter(|(_, value)| !is_right(value)) {
            judge(pod, &statement, index, value, report);
        }
    }
}

fn judge(pod: &Pod<'_>, statement: &Statement<'_>, index: usize, value: &str, report: &mut Report<'_>) {
    let (field, key) = (statement.field(), statement.key);
    if text::is_placeholder(value) {
        let message = format!("{field}: {key} is `{value}`, a placeholder: what it is filled in with decides");
        let finding = report.finding(statement.value_path(pod, index), message).severity(Severity::Info);
        finding.help("fill it in first, and check what comes out");
        return;
    }
    let is_refused = !statement.is_preferred() && !is_label_value(value);
    let is_dead = match statement.operator {
        "" => true,
        "In" => !statement.is_preferred() && !statement.values.iter().any(|v| is_right(v)),
        _ => false,
    };
    let why = match statement.operator {
        _ if is_refused => "the API server refuses it, as no label can have this value",
        "NotIn" => "no node has this value, so it keeps the pod off no node",
        _ => "every node has `linux` or `windows` there, in lower case",
    };
    let severity = if is_refused || is_dead { Severity::Error } else { Severity::Warning };
    let message = format!("{field}: {key} is given as `{value}`; {why}");
    let finding = report.finding(statement.value_path(pod, index), message).severity(severity);
    finding.help("write `linux` or `windows`");
    if is_refused {
        finding.stage(Stage::ApiServer);
    }
    let Some(os) = Os::named(value) else { return };
    // In lower case it would leave the pod no node.
    if statement.operator == "NotIn" && pod.meant_fit(os.other()) == Fit::No {
        finding.help("remove the value: corrected it would leave the pod no node");
        if statement.values.len() > 1 {
            finding.fix(Fix::unsafe_("Remove the value").remove(statement.value_path(pod, index)));
        }
        return;
    }
    finding.help(format!("write `{os}`"));
    // A RuntimeClass that is wrong in the same way has to be corrected first.
    if !statement.is_in_node_selector() || pod.may_select(statement.key, os.label()) {
        finding.fix(repaired(pod, statement, index, os));
    }
}

/// Whether a corrected list would let the pod in where one of its images does not run, beside where it does.
fn would_let_in_both(pod: &Pod<'_>, statement: &Statement<'_>, os: Os) -> bool {
    let other = match os {
        Os::Windows => images::Os::Linux,
        Os::Linux => images::Os::Windows,
    };
    statement.operator == "In"
        && statement.values.iter().any(|value| **value == *os.other().label())
        && pod.containers.iter().any(|container| container.image.os == other)
}

/// The fix that puts a value into lower case; safe where that is also what the rest of the pod says.
fn repaired(pod: &Pod<'_>, statement: &Statement<'_>, index: usize, os: Os) -> Fix {
    const TITLE: &str = "Write the operating system in lower case";
    let meant = if statement.operator == "NotIn" { os.other() } else { os };
    // `NotIn [Windows]` said nothing that counts: corrected it decides, for whom it is not sure already.
    let is_sure = statement.operator != "NotIn" || pod.is_surely_for(meant);
    let is_said = pod.is_for(meant) && is_sure && !would_let_in_both(pod, statement, os);
    let fix = if statement.is_preferred() || is_said { Fix::safe(TITLE) } else { Fix::unsafe_(TITLE) };
    match deprecated_os_label::renamed(pod, statement).filter(|_| statement.is_in_node_selector()) {
        Some(rename) => fix.and(rename),
        None => fix.set(statement.value_path(pod, index), os.label()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    /// How safe it is to correct `[Windows, linux]` in a pod with a path of Windows and this image.
    fn safety(image: &str) -> Value {
        let values = json!([{"matchExpressions": [
            {"key": "kubernetes.io/os", "operator": "In", "values": ["Windows", "linux"]}]}]);
        let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": {
            "affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": values}}},
            "containers": [{"name": "web", "image": image, "volumeMounts": [{"name": "conf", "mountPath": "C:\\conf"}]}],
            "volumes": [{"name": "conf", "emptyDir": {}}]}});
        let decision: Value = serde_json::from_str(&crate::evaluate(pod.to_string().as_bytes())).expect("a Decision");
        let mut findings = decision["findings"].as_array().expect("findings").iter();
        findings.find(|finding| finding["rule"] == "WIN104").expect("WIN104")["fix"]["safety"].clone()
    }

    #[test]
    fn no_list_is_corrected_unasked_that_would_let_in_both_systems_one_of_them_wrong() {
        assert_eq!(safety("nginx:1.27"), "unsafe");
        assert_eq!(safety("registry.example/web:3"), "safe");
    }
}
