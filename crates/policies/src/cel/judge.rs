//! What the claims say of an object, decided here as the engines decide it.

use serde_json::Value;
use transom::finding::Severity;
use transom::rules::Rule;
use transom::suppress::ANNOTATION;

use super::claims::{ANYWHERE, Claim, Over};
use super::condition::Scope;

/// The workloads whose pods CEL judges: API group, version, kind, resource, and the pointer to the pod or
/// its template.
pub const WORKLOADS: &[Workload] = &[
    workload("", "Pod", "pods", ""),
    workload("", "PodTemplate", "podtemplates", "/template"),
    workload("", "ReplicationController", "replicationcontrollers", "/spec/template"),
    workload("apps", "DaemonSet", "daemonsets", "/spec/template"),
    workload("apps", "Deployment", "deployments", "/spec/template"),
    workload("apps", "ReplicaSet", "replicasets", "/spec/template"),
    workload("apps", "StatefulSet", "statefulsets", "/spec/template"),
    workload("batch", "CronJob", "cronjobs", "/spec/jobTemplate/spec/template"),
    workload("batch", "Job", "jobs", "/spec/template"),
];

/// A kind of object that is a pod or has a template of pods.
#[derive(Debug, Clone, Copy)]
pub struct Workload {
    /// The API group, empty for the core group.
    pub group: &'static str,
    /// `kind`
    pub kind: &'static str,
    /// Its name in the path: the plural.
    pub resource: &'static str,
    /// Where the pod or its template stands.
    pub at: &'static str,
}

const fn workload(group: &'static str, kind: &'static str, resource: &'static str, at: &'static str) -> Workload {
    Workload { group, kind, resource, at }
}

impl Workload {
    /// The one that an object is of, by its kind and its group.
    pub fn of(object: &Value) -> Option<&'static Workload> {
        let group = object["apiVersion"].as_str()?.rsplit_once('/').map_or("", |(group, _)| group);
        WORKLOADS.iter().find(|workload| object["kind"] == workload.kind && group == workload.group)
    }

    /// The one that an object is of, and the pod or template in it.
    pub(super) fn scope_of(object: &Value) -> Option<(&'static Workload, Scope<'_>)> {
        let workload = Workload::of(object)?;
        let template = object.pointer(workload.at).unwrap_or(&Value::Null);
        let is_pod = workload.at.is_empty();
        Some((workload, Scope { spec: &template["spec"], metadata: &template["metadata"], is_pod }))
    }
}

/// What a claim says of an object.
#[derive(Debug, Clone)]
pub struct Found {
    /// The rule.
    pub rule: &'static Rule,
    /// How bad it is.
    pub severity: Severity,
    /// The pointers at one of which, or below, the core reports the same.
    pub at: Vec<String>,
    /// What it is, as the message of the policy has it.
    pub what: String,
}

/// All that the claims say of an object, in the order in which a policy would name it.
pub fn judge(claims: &[Claim], object: &Value) -> Vec<Found> {
    let Some((workload, scope)) = Workload::scope_of(object) else { return Vec::new() };
    let mut found = Vec::new();
    for claim in claims {
        if is_ignored(object, scope.metadata, claim.rule) || !scope.holds(&claim.guard, &Value::Null) {
            continue;
        }
        let mut see = |pointers: Vec<String>, what: String| {
            let at = pointers.into_iter().map(|pointer| format!("{}{pointer}", workload.at)).collect();
            found.push(Found { rule: claim.rule, severity: claim.severity, at, what });
        };
        for place in &claim.places {
            match place.over {
                Over::Spec | Over::Metadata => {
                    let top = if place.over == Over::Spec { "/spec" } else { "/metadata" };
                    if scope.holds(&place.when, &Value::Null) {
                        see(vec![format!("{top}{}", place.at)], place.what.clone());
                    }
                }
                Over::Containers => {
                    for (at, container) in scope.containers().filter(|(_, c)| scope.holds(&place.when, c)) {
                        let pointers = match &*place.at {
                            ANYWHERE => vec![format!("/spec{at}"), "/spec".to_owned()],
                            below => vec![format!("/spec{at}{below}")],
                        };
                        let name = container["name"].as_str().unwrap_or_default();
                        see(pointers, format!("container {name}: {}", place.what));
                    }
                }
                Over::Volumes => {
                    let volumes = scope.spec["volumes"].as_array().into_iter().flatten().enumerate();
                    for (index, volume) in volumes.filter(|(_, volume)| scope.holds(&place.when, volume)) {
                        let name = volume["name"].as_str().unwrap_or_default();
                        see(
                            vec![format!("/spec/volumes/{index}{}", place.at)],
                            format!("volume {name}: {}", place.what),
                        );
                    }
                }
            }
        }
    }
    found
}

/// Whether an annotation of the object or of its template hides findings of a rule. Policies cannot tell
/// the date, so one that has expired hides them, too.
pub(super) fn is_ignored(object: &Value, template: &Value, rule: &Rule) -> bool {
    let metadata = [&object["metadata"], template].into_iter();
    let mut keys = metadata.flat_map(|m| m["annotations"].as_object().into_iter().flatten().map(|(key, _)| key));
    keys.any(|key| {
        key.strip_prefix(ANNOTATION)
            .is_some_and(|name| name.eq_ignore_ascii_case(rule.name) || name.eq_ignore_ascii_case(rule.id))
    })
}
