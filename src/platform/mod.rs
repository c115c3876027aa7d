//! Which operating system a pod is meant for, and on which it can land.
//!
//! These are two questions. *Intent* is answered by evidence and may stay unknown
//! ([`intent`]). *Placement* is set logic on labels, taints and resources, and is always decided
//! ([`placement`], of [`selector`], [`taints`] and [`resources`]). Nearly every serious finding is a mismatch of the two.

mod builds_in_reach;
pub mod intent;
pub mod labels;
pub mod os;
mod pin;
pub mod placement;
pub mod resources;
pub mod runtime_class;
pub mod selector;
pub mod stated;
pub mod taints;

pub use intent::{Evidence, Strength};
pub use os::Os;
pub use placement::{Placement, Placements};
pub use selector::{Fit, NodeModel, Reading, Selector};
pub use stated::{Gap, Statement};
pub use taints::{Taint, Taints};

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    /// Intent and placement of a Pod with this spec: `unknown guarded yes`.
    fn target(spec: Value, settings: Value, context: Value) -> String {
        let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": spec});
        let input = json!({"request": pod, "settings": settings, "context": context}).to_string();
        let decision: Value = serde_json::from_str(&crate::evaluate(input.as_bytes())).expect("a Decision");
        let target = &decision["target"];
        let words = [&target["intent"], &target["placement"]["windows"], &target["placement"]["linux"]];
        words.map(|word| word.as_str().unwrap_or("?")).join(" ")
    }

    fn node(name: &str, labels: Value, taints: Value) -> Value {
        json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels}, "spec": {"taints": taints}})
    }

    #[test]
    fn taints_guard() {
        let no_context = || json!([]);
        let toleration = json!({"tolerations": [{"key": "os", "value": "windows", "effect": "NoSchedule"}]});
        assert_eq!(target(json!({}), json!({}), no_context()), "unknown guarded yes");
        assert_eq!(target(toleration.clone(), json!({}), no_context()), "unknown yes yes");
        for platform in ["aks", "eks"] {
            assert_eq!(target(json!({}), json!({"platform": platform}), no_context()), "unknown yes yes");
        }
        for platform in ["gke", "openshift"] {
            assert_eq!(target(toleration.clone(), json!({"platform": platform}), no_context()), "unknown guarded yes");
        }
        assert_eq!(target(json!({}), json!({"windows": {"taints": []}}), no_context()), "unknown yes yes");
        let custom = json!({"nodeSelector": {"pool": "a"}});
        assert_eq!(target(custom, json!({"platform": "aks"}), no_context()), "unknown maybe maybe");
    }

    #[test]
    fn nodes_in_the_context_are_all_there_are() {
        let nodes = json!([
            node(
                "w",
                json!({"kubernetes.io/os": "windows", "pool": "a"}),
                json!([{"key": "team", "value": "x", "effect": "NoSchedule"}])
            ),
            node("l", json!({"kubernetes.io/os": "linux"}), json!([])),
        ]);
        let placed = |spec: Value| target(spec, json!({}), nodes.clone());
        assert_eq!(placed(json!({})), "unknown guarded yes");
        assert_eq!(placed(json!({"tolerations": [{"key": "team", "operator": "Exists"}]})), "unknown yes yes");
        assert_eq!(placed(json!({"nodeSelector": {"pool": "a"}})), "unknown guarded no");
        assert_eq!(placed(json!({"nodeSelector": {"pool": "b"}})), "unknown no no");
        assert_eq!(placed(json!({"nodeName": "w"})), "unknown yes no");
        assert_eq!(placed(json!({"nodeName": "l"})), "unknown no yes");
        assert_eq!(placed(json!({"nodeName": "w", "nodeSelector": {"pool": "b"}})), "unknown no no");
        assert_eq!(placed(json!({"nodeName": "elsewhere"})), "unknown yes yes");
        let linux_only = json!([node("l", json!({"kubernetes.io/os": "linux"}), json!([]))]);
        assert_eq!(
            target(json!({}), json!({}), linux_only),
            "unknown guarded yes",
            "of Windows nodes nothing is known"
        );
    }

    #[test]
    fn classes_and_namespaces_add_their_labels() {
        let class = json!({"apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass", "metadata": {"name": "c"}, "handler": "x",
            "scheduling": {"nodeSelector": {"kubernetes.io/os": "windows"}, "tolerations": [{"key": "os", "operator": "Exists"}]}});
        let with_class = json!({"runtimeClassName": "c"});
        assert_eq!(target(with_class.clone(), json!({}), json!([class])), "windows yes no");
        assert_eq!(target(with_class, json!({}), json!([])), "unknown guarded yes");
        for annotation in ["openshift.io/node-selector", "scheduler.alpha.kubernetes.io/node-selector"] {
            let namespace = json!({"apiVersion": "v1", "kind": "Namespace",
                "metadata": {"name": "default", "annotations": {annotation: "kubernetes.io/os=linux, pool = a"}}});
            assert_eq!(target(json!({}), json!({}), json!([namespace])), "linux no maybe");
            let own = json!({"nodeSelector": {"kubernetes.io/os": "windows", "pool": "a"}});
            assert_eq!(target(own, json!({"platform": "aks"}), json!([namespace])), "windows maybe no");
        }
    }

    #[test]
    fn intent_heeds_what_is_meant() {
        let intent = |spec: Value| target(spec, json!({}), json!([]));
        assert_eq!(intent(json!({"nodeSelector": {"kubernetes.io/os": "Windows"}})), "windows no no");
        assert_eq!(intent(json!({"os": {"name": "Windows"}})), "windows guarded yes");
        assert_eq!(intent(json!({"nodeSelector": {"node.kubernetes.io/windows-build": "ltsc2022"}})), "windows no no");
        assert_eq!(intent(json!({"nodeSelector": {"kubernetes.io/arch": "arm64"}})), "unknown no yes");
        assert_eq!(
            intent(json!({"nodeSelector": {"kubernetes.azure.com/os-sku": "Windows2022"}})),
            "unknown guarded no"
        );
    }
}
