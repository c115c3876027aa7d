//! Reports of the API groups `openreports.io` and, before it had that name, `wgpolicyk8s.io`.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use transom::object::is_cluster_scoped;
use transom::object::resources::WORKLOADS;
use transom_manifests::{Action, Decision, Key, Reference};

use crate::{FileReport, Options, line};

/// The API version of OpenReports, and the kind of a report on what is in a namespace.
pub const OPEN: (&str, &str) = ("openreports.io/v1alpha1", "Report");
/// The same of the Policy Working Group's API.
pub const POLICY: (&str, &str) = ("wgpolicyk8s.io/v1alpha2", "PolicyReport");

pub(crate) const BEGIN: &str = "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[\n";
pub(crate) const END: &str = "\n]}\n";

/// A report on an object, and, where it is in a cluster (`uid`), one that goes when the object goes.
///
/// `now` is in seconds since 1970.
#[must_use]
pub fn report(
    (api_version, kind): (&str, &str),
    object: &Reference,
    uid: Option<&str>,
    decision: &Decision,
    with_info: bool,
    now: i64,
) -> Value {
    let count = |action: Action| decision.findings.iter().filter(|finding| finding.action == action).count();
    let results = decision.findings.iter().filter(|finding| finding.is_shown(with_info));
    let results = results.map(|finding| {
        let (result, severity) = match finding.action {
            Action::Deny => ("fail", "high"),
            Action::Warn => ("warn", "medium"),
            Action::Info => ("skip", "info"),
        };
        json!({
            "source": "transom", "policy": "transom", "rule": finding.rule, "category": "Windows",
            "severity": severity, "result": result, "scored": result == "fail", "message": finding.message,
            "timestamp": {"seconds": now, "nanos": 0},
            "properties": {"name": finding.name, "path": finding.path, "stage": finding.stage, "help": finding.help},
        })
    });
    let mut owner = json!({"apiVersion": object.api_version, "kind": object.kind, "name": object.name});
    let mut metadata = json!({"labels": {"app.kubernetes.io/managed-by": "transom"}});
    match uid {
        Some(uid) => {
            owner["uid"] = uid.into();
            metadata["name"] = format!("transom-{uid}").into();
            metadata["ownerReferences"] = json!([owner]);
        }
        None => metadata["name"] = name(object, "", 0).into(),
    }
    let mut scope = owner;
    // What is in no namespace has its report there.
    let is_of_cluster = is_cluster_scoped(&object.kind);
    let kind = if is_of_cluster { format!("Cluster{kind}") } else { kind.to_owned() };
    if let (false, Some(namespace)) = (is_of_cluster, &object.namespace) {
        metadata["namespace"] = namespace.as_str().into();
        scope["namespace"] = namespace.as_str().into();
    }
    // Settings may leave it alone: a workload that was judged has a target.
    let is_exempt = decision.targets().is_empty() && WORKLOADS.contains(&&*object.kind);
    let is_passed = !is_exempt && count(Action::Deny) + count(Action::Warn) == 0;
    let skipped = usize::from(is_exempt) + if with_info { count(Action::Info) } else { 0 };
    json!({
        "apiVersion": api_version, "kind": kind, "metadata": metadata, "scope": scope,
        "summary": {"pass": usize::from(is_passed), "fail": count(Action::Deny), "warn": count(Action::Warn),
            "error": 0, "skip": skipped},
        "results": results.collect::<Vec<_>>(),
    })
}

/// What the report on an object is called that stands in a file for the `occurrence`th time, from 0.
fn name(object: &Reference, file: &str, occurrence: usize) -> String {
    let key = Key { object: object.to_string(), at: String::new(), rule: String::new() };
    format!("transom-{}", key.fingerprint(file, occurrence))
}

pub(crate) fn items(file: &FileReport, options: Options) -> String {
    let mut met: BTreeMap<String, usize> = BTreeMap::new();
    let reports = file.objects.iter().filter_map(|object| {
        let reference = object.decision.object.as_ref()?;
        let mut report =
            report(OPEN, reference, object.uid.as_deref(), &object.decision, options.with_info, options.now);
        // Files may have the same object, a cluster has it once.
        if !file.is_live {
            let times = met.entry(reference.to_string()).or_default();
            report["metadata"]["name"] = name(reference, file.in_repository(), *times).into();
            *times += 1;
        }
        Some(line(&report))
    });
    reports.collect::<Vec<_>>().join(",\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_settings_leave_alone_is_skipped() {
        let summary = |kind: &str, target: Value| {
            let reference = json!({"apiVersion": "v1", "kind": kind, "namespace": "shop", "name": "web"});
            let mut decision = json!({"apiVersion": "transom.dev/v1", "kind": "Decision", "allowed": true,
                "object": reference, "findings": [], "suppressed": [], "patch": [],
                "module": {"name": "transom", "version": "0.1.0"}});
            if !target.is_null() {
                decision["target"] = target;
            }
            let decision = Decision::read(&decision.to_string()).expect("a Decision");
            let object = decision.object.as_ref().expect("an object");
            report(OPEN, object, None, &decision, false, 0)["summary"].clone()
        };
        let judged = json!({"intent": "linux", "placement": {"windows": "no", "linux": "yes"}, "evidence": []});
        let counts = |pass: usize, skip: usize| json!({"pass": pass, "fail": 0, "warn": 0, "error": 0, "skip": skip});
        assert_eq!(summary("Pod", judged), counts(1, 0));
        assert_eq!(summary("Pod", Value::Null), counts(0, 1));
        assert_eq!(summary("Service", Value::Null), counts(1, 0), "it has no pods");
    }
}
