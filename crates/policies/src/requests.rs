//! Which requests a policy wants to see.
//!
//! What the API server would add to it is written out: Helm takes what is added for another's change, and
//! refuses to upgrade what it then finds otherwise than it was written.

use serde_json::{Value, json};
use transom::object::resources::{JUDGED, Resource};

use crate::cel::judge::WORKLOADS;
use crate::cel::text::list_of;

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

/// Where objects have their templates of pods: one field, or one below `spec`.
pub(crate) fn templates() -> Vec<Vec<&'static str>> {
    let fields = |at: &'static str| {
        let mut fields: Vec<&str> = at.split('/').skip(1).collect();
        fields.truncate(if fields.first() == Some(&"spec") { 2 } else { 1 });
        fields
    };
    let mut all: Vec<Vec<&str>> =
        WORKLOADS.iter().filter(|workload| !workload.at.is_empty()).map(|workload| fields(workload.at)).collect();
    // What most kinds have is asked for first.
    all.sort_unstable_by(|a, b| (b.len(), b).cmp(&(a.len(), a)));
    all.dedup();
    all
}

/// The fields of an object without a template that say nothing of what it is for.
pub(crate) const NOT_JUDGED: [&str; 2] = ["metadata", "status"];

/// Holds for all but updates that leave what is judged as it was: the template of pods, or, in what has
/// none, everything but [`NOT_JUDGED`]. Controllers count on such updates, also of what was there before
/// anything judged it. It is in CEL as webhooks have it since Kubernetes 1.28, without optional selection.
pub fn changes_pods() -> Value {
    let part = |fields: Vec<&str>| {
        let is_there = |object: &str| {
            let steps = (1..=fields.len()).map(|length| format!("has({object}.{})", fields[..length].join(".")));
            steps.collect::<Vec<_>>().join(" && ")
        };
        let at = fields.join(".");
        format!("{} && {} ?\n object.{at} != oldObject.{at} :\n", is_there("object"), is_there("oldObject"))
    };
    let parts: Vec<String> = templates().into_iter().map(part).collect();
    let is_judged = format!("!(k in {})", list_of(&NOT_JUDGED));
    let expression = format!(
        "oldObject == null || (has(request.subResource) && request.subResource != '') ||\n\
         ({}object.exists(k, {is_judged} && (!(k in oldObject) || object[k] != oldObject[k])) ||\n\
         oldObject.exists(k, {is_judged} && !(k in object)))",
        parts.concat()
    );
    json!({"name": "pods-are-changed", "expression": expression})
}

/// The same in JMESPath, as the ClusterPolicies of Kyverno take it: of pods and what has a template of them.
pub fn changes_pods_in_jmespath() -> String {
    let [new, old] = ["object", "oldObject"].map(|object| {
        let parts = templates().into_iter().map(|fields| format!("request.{object}.{}", fields.join(".")));
        parts.chain([format!("request.{object}.spec")]).collect::<Vec<_>>().join(" || ")
    });
    format!("request.operation != 'UPDATE' || (request.subResource || '') != '' || ({new}) != ({old})")
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
