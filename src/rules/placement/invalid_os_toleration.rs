//! The API server refuses a toleration about the operating system as it is written.
//!
//! `operator: Exists` takes no value. The operator and the effect are words with a fixed spelling:
//! `Exists` and `Equal`, `NoSchedule`, `PreferNoSchedule` and `NoExecute`. `Lt` and `Gt` compare integers,
//! and only behind a feature gate that is off by default.
//!
//! Write `key: os`, `operator: Equal`, `value: windows`, or leave the value out and write
//! `operator: Exists`.
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
//!   tolerations:
//!     - key: os
//!       operator: Exists
//!       value: windows
//!       effect: NoSchedule # only new pods
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
//!   tolerations:
//!     - key: os
//!       operator: Exists
//!       effect: NoSchedule # only new pods
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
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   tolerations:
//!     - {key: os, operator: Equal, value: windows, effect: NoSchedule}
//!     - {key: node.kubernetes.io/os, operator: Exists}
//!     - {key: os, value: Windows}
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::object::pod::Toleration;
use crate::platform::taints::{effect_named, is_about_os};
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN121",
    name: "invalid-os-toleration",
    summary: "The API server refuses a toleration about the operating system as it is written",
    severity: Severity::Error,
    stage: Stage::ApiServer,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/",
        "https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/core/validation/validation.go",
    ]),
    errors: docs(&[
        "value must be empty when `operator` is 'Exists'",
        "spec.tolerations[0].operator: Unsupported value",
        "spec.tolerations[0].effect: Unsupported value",
    ]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    let taints = pod.world.taints.unwrap_or_default();
    for (index, toleration) in pod.spec.tolerations.as_deref().unwrap_or_default().iter().enumerate() {
        // Without a key it is about every taint.
        let has_key = toleration.key.as_deref().is_some_and(|key| !key.is_empty());
        if !has_key || is_about_os(toleration, taints) {
            judge(pod, index, toleration, report);
        }
    }
}

fn judge(pod: &Pod<'_>, index: usize, toleration: &Toleration<'_>, report: &mut Report<'_>) {
    let at = pod.at("/tolerations").index(index);
    let operator = toleration.operator.as_deref().unwrap_or_default();
    let compares = pod.world.settings.feature_gate("TaintTolerationComparisonOperators", false);
    let meant = ["Exists", "Equal"].into_iter().find(|known| known.eq_ignore_ascii_case(operator));
    match meant {
        Some(meant) if meant != operator => {
            report
                .finding(
                    at.key("operator"),
                    format!("toleration: the operator is `{operator}`, which the API server does not know"),
                )
                .help(format!("write `{meant}`"))
                .fix(Fix::safe("Write the operator in its own letter case").set(at.key("operator"), meant));
        }
        None if matches!(operator, "Lt" | "Gt") && compares => {}
        None if matches!(operator, "Lt" | "Gt") => {
            report
                .finding(at.key("operator"), format!("toleration: {operator} compares integers, and the API server takes it only behind a feature gate"))
                .help("use `Equal` or `Exists`");
        }
        None if !operator.is_empty() => {
            report
                .finding(
                    at.key("operator"),
                    format!("toleration: the operator is `{operator}`, which the API server does not know"),
                )
                .help("use `Equal` or `Exists`");
        }
        _ => {}
    }
    if meant == Some("Exists") && toleration.value.as_deref().is_some_and(|value| !value.is_empty()) {
        report
            .finding(at.key("value"), "toleration: Exists takes no value, and the API server refuses one")
            .help("leave the value out, or use `operator: Equal`")
            .fix(Fix::safe("Drop the value").remove(at.key("value")));
    }
    let effect = toleration.effect.as_deref().unwrap_or_default();
    if effect.is_empty() || effect_named(effect) == Some(effect) {
        return;
    }
    let message = format!("toleration: the effect is `{effect}`, which the API server does not know");
    let finding = report.finding(at.key("effect"), message);
    match effect_named(effect) {
        Some(meant) => {
            let fix = Fix::safe("Write the effect in its own letter case").set(at.key("effect"), meant);
            finding.help(format!("write `{meant}`")).fix(fix);
        }
        None => {
            finding.help("write `NoSchedule`, `PreferNoSchedule` or `NoExecute`, or leave it out");
        }
    }
}
