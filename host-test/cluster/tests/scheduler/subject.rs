//! The pods that are scheduled.

use std::fs;
use std::path::Path;

use host_test::generate::nodes::Os;
use host_test::{Case, generate};
use serde_json::{Map, Value, json};

/// A pod and what it needs.
pub(crate) struct Subject {
    /// Where it is from.
    pub(crate) name: String,
    /// A Pod.
    pub(crate) pod: Value,
    /// The RuntimeClass that it names.
    pub(crate) class: Option<Value>,
}

/// Pods by seed.
pub(crate) fn generated(first: u64, count: u64) -> Vec<Subject> {
    let cases = (0..count).map(|i| generate::Case::new(first.wrapping_add(i)));
    let subject = |case: generate::Case| {
        let (name, class) = (format!("SEED={} PODS=1", case.seed), case.runtime_class.clone());
        Some(Subject { name, pod: pod(&case.object)?, class })
    };
    cases.filter_map(subject).collect()
}

/// The pods of `tests/corpus`.
pub(crate) fn cases() -> Vec<Subject> {
    let subjects = Case::all().into_iter().filter_map(|case| {
        let case = case.expect("a case");
        let pod = pod(&case.object)?;
        let class = &pod["spec"]["runtimeClassName"];
        let is_it = |object: &&Value| object["kind"] == "RuntimeClass" && object["metadata"]["name"] == *class;
        let class = case.context.iter().find(is_it).cloned();
        Some(Subject { name: case.name, pod, class })
    });
    subjects.collect()
}

/// The pods of all manifests below a folder that can be read.
pub(crate) fn manifests(folder: &Path) -> Vec<Subject> {
    let mut subjects = Vec::new();
    for path in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("a file").path()) {
        if path.is_dir() {
            subjects.extend(manifests(&path));
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            let stream = transom_yaml::parse(&fs::read_to_string(&path).expect("text"));
            let pods = stream.documents.iter().filter_map(|document| pod(document.value()));
            subjects.extend(pods.map(|pod| Subject { name: path.display().to_string(), pod, class: None }));
        }
    }
    subjects
}

/// The Pod that an object is or makes, where the scheduler alone decides about it.
fn pod(object: &Value) -> Option<Value> {
    const TEMPLATES: &[&str] = &["/template", "/spec/template", "/spec/jobTemplate/spec/template"];
    let template = match object["kind"].as_str()? {
        "Pod" => object,
        _ => TEMPLATES.iter().find_map(|at| object.pointer(at))?,
    };
    let mut pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"labels": template["metadata"]["labels"]},
        "spec": template["spec"]});
    let spec = pod["spec"].as_object_mut()?;
    if spec.get("serviceAccountName").is_none() {
        spec.remove("serviceAccount");
    }
    let is_set = |field: &str| spec.get(field).is_some_and(|value| !value.is_null());
    let decided_elsewhere = ["nodeName", "schedulerName", "schedulingGates", "resourceClaims"];
    let waits_for_others = object.to_string().contains("\"podAffinity\"");
    if decided_elsewhere.into_iter().any(is_set) || waits_for_others {
        return None;
    }
    serve_claims(spec, object);
    Some(pod)
}

/// Nothing here serves a volume claim, and the scheduler would wait for that.
fn serve_claims(spec: &mut Map<String, Value>, object: &Value) {
    let claims = object["spec"]["volumeClaimTemplates"].as_array().into_iter().flatten();
    let of_set: Vec<Value> = claims.map(|claim| json!({"name": claim["metadata"]["name"], "emptyDir": {}})).collect();
    if !of_set.is_empty() {
        let volumes = spec.entry("volumes").or_insert_with(|| json!([]));
        if let Some(volumes) = volumes.as_array_mut() {
            volumes.extend(of_set);
        }
    }
    for volume in spec.get_mut("volumes").and_then(Value::as_array_mut).into_iter().flatten() {
        let is_claim = ["persistentVolumeClaim", "ephemeral"].iter().any(|kind| volume.get(kind).is_some());
        if is_claim {
            *volume = json!({"name": volume["name"], "emptyDir": {}});
        }
    }
}

/// What transom says of the placement of a pod, given `context`.
pub(crate) fn placement(pod: &Value, context: &[Value]) -> impl Fn(Os) -> String + use<> {
    let input = json!({"request": pod, "context": context}).to_string();
    let decision: Value = serde_json::from_str(&transom::evaluate(input.as_bytes())).expect("a Decision");
    let placement = decision["target"]["placement"].clone();
    move |os| placement[os.name()].as_str().unwrap_or("?").to_owned()
}

/// The same pod, for nodes of one system alone.
pub(crate) fn only_for(pod: &Value, os: Os) -> Value {
    let mut pod = pod.clone();
    let container = &mut pod["spec"]["containers"][0];
    // Whatever the container has set to null becomes an object.
    for at in [vec!["resources"], vec!["resources", "limits"], vec!["resources", "requests"]] {
        let place = at.iter().fold(&mut *container, |place, name| &mut place[*name]);
        if place.is_null() {
            *place = json!({});
        }
        if at.len() > 1 {
            place[own(os)] = json!("1");
        }
    }
    pod
}

/// What nodes of one system have beside processors and memory. Of what only one system can have,
/// every node of it has plenty.
pub(crate) fn resources(os: Os) -> Value {
    let mut resources = json!({own(os): "1000"});
    let names: &[&str] = match os {
        Os::Windows => {
            &["microsoft.com/directx", "directx.microsoft.com/display", "vpc.amazonaws.com/PrivateIPv4Address"]
        }
        Os::Linux => &["nvidia.com/gpu", "amd.com/gpu", "gpu.intel.com/i915", "rdma/hca"],
    };
    for name in names.iter().chain(&["example.com/widget"]) {
        resources[name] = json!("1000");
    }
    if os == Os::Linux {
        resources["hugepages-2Mi"] = json!("100Gi");
        resources["hugepages-1Gi"] = json!("100Gi");
    }
    resources
}

/// A resource that nodes of one system have.
fn own(os: Os) -> &'static str {
    match os {
        Os::Windows => "example.com/windows-node",
        Os::Linux => "example.com/linux-node",
    }
}
