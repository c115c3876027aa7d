//! Objects to try a policy with.

use serde_json::{Value, json};

fn deployment(name: &str, spec: Value) -> Value {
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": spec},
        },
    })
}

fn containers(more: Value) -> Value {
    let mut container = json!({
        "name": "web",
        "image": "mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022",
        "resources": {"limits": {"memory": "1Gi"}},
        "securityContext": {"windowsOptions": {"runAsUserName": "ContainerUser"}},
    });
    if let (Some(context), Value::Object(more)) = (container["securityContext"].as_object_mut(), more) {
        context.extend(more);
    }
    json!([container])
}

/// Pinned, and nothing in it that Windows does not know.
pub fn allowed() -> Value {
    deployment(
        "pinned",
        json!({
            "os": {"name": "windows"},
            "nodeSelector": {"kubernetes.io/os": "windows"},
            "tolerations": [{"key": "os", "value": "windows", "effect": "NoSchedule"}],
            "containers": containers(json!({})),
        }),
    )
}

/// Windows images, and nothing that keeps it off Linux nodes.
pub fn refused() -> Value {
    deployment("not-pinned", json!({"containers": containers(json!({}))}))
}

/// Pinned, with a port that Windows does not have: no fix mends that.
pub fn unfixable() -> Value {
    let mut object = allowed();
    object["metadata"]["name"] = "unfixable".into();
    object["spec"]["template"]["spec"]["containers"][0]["ports"] = json!([{"containerPort": 9899, "protocol": "SCTP"}]);
    object
}

/// Pinned, with a field that is ignored on Windows.
pub fn warned() -> Value {
    deployment(
        "ignored-field",
        json!({
            "nodeSelector": {"kubernetes.io/os": "windows"},
            "tolerations": [{"key": "os", "value": "windows", "effect": "NoSchedule"}],
            "containers": containers(json!({"runAsUser": 1000})),
        }),
    )
}

/// The update of a PodTemplate: of one that no fix mends to one that differs by what is given.
fn update(change: impl Fn(&mut Value)) -> Value {
    let template = unfixable()["spec"]["template"].take();
    let old = json!({
        "apiVersion": "v1",
        "kind": "PodTemplate",
        "metadata": {"name": "unfixable", "namespace": "default"},
        "template": template,
    });
    let mut new = old.clone();
    change(&mut new);
    json!({
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {
            "uid": "00000000-0000-0000-0000-000000000001",
            "operation": "UPDATE",
            "kind": {"group": "", "version": "v1", "kind": "PodTemplate"},
            "resource": {"group": "", "version": "v1", "resource": "podtemplates"},
            "name": "unfixable",
            "namespace": "default",
            "userInfo": {"username": "somebody"},
            "object": new,
            "oldObject": old,
        },
    })
}

/// A bad template that gets a label beside it: its pods are as they were.
pub fn left_alone() -> Value {
    update(|object| object["metadata"]["labels"] = json!({"seen": "yes"}))
}

/// A bad template that is changed.
pub fn made_worse() -> Value {
    update(|object| object["template"]["spec"]["hostNetwork"] = true.into())
}
