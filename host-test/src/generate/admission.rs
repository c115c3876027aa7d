//! What admission looks up for a pod: its RuntimeClass, and the Pod Security Standard of its namespace.

use serde_json::{Map, Value, json};

use super::nodes::LABELS;
use super::{EFFECTS, OPERATORS, Rng, put, remove, tolerated};

const HANDLERS: &[&str] = &["runhcs-wcow-process", "runhcs-wcow-hypervisor", "runc", "kata-qemu", "custom"];

/// The labels of a Namespace, right and wrong.
const LEVELS: &[&str] = &["restricted", "restricted", "restricted", "baseline", "privileged", "Restricted"];
const VERSIONS: &[&str] = &["latest", "v1.36", "v1.35", "v1.25", "v1.24", "v1.8", "v1.0", "v1.99", "1.25", "v1.024"];

/// A RuntimeClass for the pod, which is made to name it; labels of both sometimes contradict each other.
pub(super) fn runtime_class(rng: &mut Rng, spec: &mut Value) -> Value {
    let name = spec.get("runtimeClassName").and_then(Value::as_str).unwrap_or("special").to_owned();
    let mut class = json!({
        "apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass",
        "metadata": {"name": name}, "handler": rng.pick(HANDLERS),
    });
    if rng.percent(80) {
        let mut selector = Map::new();
        for (key, value) in spec.get("nodeSelector").and_then(Value::as_object).into_iter().flatten() {
            let asked = LABELS.iter().find(|label| label.key == key).map_or(&[][..], |label| label.asked);
            if rng.percent(40) && !value.is_null() {
                let other = rng.percent(40) && !asked.is_empty();
                selector.insert(key.clone(), if other { (*rng.pick(asked)).into() } else { value.clone() });
            }
        }
        let label = rng.pick(&LABELS[..5]);
        // Both names of the architecture: see `placement`.
        let is_second_arch = label.key.ends_with("/arch") && spec.to_string().contains("kubernetes.io/arch");
        if rng.percent(60) && !is_second_arch {
            selector.entry(label.key).or_insert_with(|| (*rng.pick(label.asked)).into());
        }
        put(&mut class, "/scheduling/nodeSelector", selector.into());
    }
    if rng.percent(40) {
        put(&mut class, "/scheduling/tolerations", json!([tolerated(rng)]));
    }
    if rng.percent(20) {
        put(&mut class, "/overhead/podFixed", json!({"memory": "100Mi"}));
    } else {
        remove(spec, "", "overhead");
    }
    spec["runtimeClassName"] = name.into();
    // Merging drops what another toleration covers, whether or not it could be read.
    if class.get("scheduling").is_some()
        && let Some(Value::Array(tolerations)) = spec.get_mut("tolerations")
    {
        let is_one_of = |value: &Value, table: &[&str]| table.contains(&value.to_string().as_str());
        tolerations.retain(|t| {
            let has_value = t["value"].as_str().is_some_and(|value| !value.is_empty());
            is_one_of(&t["operator"], OPERATORS)
                && is_one_of(&t["effect"], EFFECTS)
                && !(t["operator"] == "Exists" && has_value)
        });
    }
    class
}

/// The namespace of the pod, and now and then a pod that means to meet its standard.
pub(super) fn namespace(rng: &mut Rng, spec: &mut Value) -> Value {
    let mut labels = Map::new();
    if rng.percent(90) {
        labels.insert("pod-security.kubernetes.io/enforce".into(), (*rng.pick(LEVELS)).into());
    }
    if rng.percent(40) {
        labels.insert("pod-security.kubernetes.io/enforce-version".into(), (*rng.pick(VERSIONS)).into());
    }
    if rng.percent(20) {
        labels.insert("pod-security.kubernetes.io/warn".into(), "restricted".into());
    }
    if rng.percent(60) {
        put(spec, "/securityContext/runAsNonRoot", true.into());
    }
    if rng.percent(30) {
        put(spec, "/securityContext/seccompProfile", json!({"type": "RuntimeDefault"}));
        for list in ["containers", "initContainers"] {
            for container in spec.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
                put(container, "/securityContext/allowPrivilegeEscalation", false.into());
                put(container, "/securityContext/capabilities", json!({"drop": ["ALL"]}));
            }
        }
    }
    json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": labels}})
}
