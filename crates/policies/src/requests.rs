//! Which requests a policy wants to see.
//!
//! What the API server would add to it is written out: Helm takes what is added for another's change, and
//! refuses to upgrade what it then finds otherwise than it was written.

use serde_json::{Value, json};
use transom::object::resources::{JUDGED, Resource};

use crate::cel::judge::WORKLOADS;

/// What creates objects or changes them.
pub const OPERATIONS: [&str; 2] = ["CREATE", "UPDATE"];

/// The namespaces that no policy looks at: what runs there keeps the cluster up.
pub const SYSTEM_NAMESPACES: [&str; 3] = ["kube-node-lease", "kube-public", "kube-system"];

/// The namespace that transom itself runs in, where nothing says otherwise.
pub const NAMESPACE: &str = "transom";

/// Selects all namespaces but those of the system and those named.
pub fn other_namespaces(more: &[&str]) -> Value {
    let names = [&SYSTEM_NAMESPACES, more].concat();
    json!({"matchExpressions": [{"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": names}]})
}

/// Whether objects of the resource are pods or have a template of them.
pub fn is_workload(resource: &Resource) -> bool {
    WORKLOADS.iter().any(|workload| (workload.group, workload.kind) == (resource.group, resource.kind))
}

/// Rules for all resources that are judged and wanted: those of one group that are alike go together.
pub fn rules(operations: &[&str], is_wanted: impl Fn(&Resource) -> bool) -> Vec<Value> {
    let wanted: Vec<&Resource> = JUDGED.iter().filter(|resource| is_wanted(resource)).collect();
    let rule = |resources: &[&Resource]| {
        let names = resources.iter().flat_map(|resource| {
            let below = resource.subresources.iter().map(|below| format!("{}/{below}", resource.name));
            std::iter::once(resource.name.to_owned()).chain(below)
        });
        json!({
            "apiGroups": [resources[0].group],
            "apiVersions": resources[0].versions,
            "resources": names.collect::<Vec<_>>(),
            "operations": operations,
            "scope": "*",
        })
    };
    wanted.chunk_by(|a, b| (a.group, a.versions) == (b.group, b.versions)).map(rule).collect()
}

/// Holds for all but the pods that show in the API what a kubelet runs by itself: to change one changes
/// nothing there.
pub fn is_no_mirror() -> Value {
    json!({
        "name": "no-mirror-pod",
        "expression": "!has(object.metadata.annotations) || !('kubernetes.io/config.mirror' in object.metadata.annotations)",
    })
}

/// The fields of `spec` that pods are made from, where there are templates of them.
pub(crate) fn templates() -> Vec<&'static str> {
    let mut fields: Vec<&str> = WORKLOADS.iter().filter_map(|workload| workload.at.split('/').nth(2)).collect();
    fields.sort_unstable_by(|a, b| b.cmp(a));
    fields.dedup();
    fields
}

/// Holds for all but updates that leave what is judged as it was: its `spec`, or the template in it.
/// Controllers count on such updates, also of what was there before anything judged it. It is in CEL as
/// webhooks have it since Kubernetes 1.28, without optional selection.
pub fn changes_pods() -> Value {
    let part = |field: &str| {
        let [new, old] = ["object", "oldObject"].map(|object| format!("{object}.spec.{field}"));
        format!("has({new}) && has({old}) ? {new} != {old} :\n ")
    };
    let parts: Vec<String> = templates().into_iter().map(part).collect();
    let expression = format!(
        "oldObject == null || (has(request.subResource) && request.subResource != '') ||\n\
         !has(object.spec) || !has(oldObject.spec) ||\n\
         ({}object.spec != oldObject.spec)",
        parts.concat()
    );
    json!({"name": "pods-are-changed", "expression": expression})
}

/// The same in JMESPath, as the ClusterPolicies of Kyverno take it.
pub fn changes_pods_in_jmespath() -> String {
    let [new, old] = ["object", "oldObject"].map(|object| {
        let parts = templates().into_iter().map(|field| format!("request.{object}.spec.{field}"));
        parts.chain([format!("request.{object}.spec")]).collect::<Vec<_>>().join(" || ")
    });
    format!(
        "request.operation != 'UPDATE' || (request.subResource || '') != '' || \
         !(request.object.spec) || ({new}) != ({old})"
    )
}

/// Rules for pods and what has a template of them, without subresources: what CEL judges.
pub fn workloads(operations: &[&str], is_wanted: impl Fn(&str) -> bool) -> Vec<Value> {
    let groups = WORKLOADS.chunk_by(|a, b| a.group == b.group);
    groups
        .filter_map(|group| {
            let wanted = group.iter().map(|workload| workload.resource).filter(|resource| is_wanted(resource));
            let resources: Vec<&str> = wanted.collect();
            (!resources.is_empty()).then(|| {
                json!({
                    "apiGroups": [group[0].group],
                    "apiVersions": ["v1"],
                    "operations": operations,
                    "resources": resources,
                    "scope": "Namespaced",
                })
            })
        })
        .collect()
}
