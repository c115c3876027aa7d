//! For Kubewarden, which loads the module itself.

use serde_json::{Value, json};
use transom::look_up;

use crate::File;
use crate::requests::{self, NAMESPACE, OPERATIONS, other_namespaces};

const VERSION: &str = env!("CARGO_PKG_VERSION");
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

pub(crate) fn files() -> Vec<File> {
    vec![File::yaml("kubewarden/cluster-admission-policy.yaml", &[cluster_admission_policy()])]
}

/// Where the policy is published as an OCI artifact, without its tag.
pub fn image() -> String {
    format!("ghcr.io/{}/policy", REPOSITORY.trim_start_matches("https://github.com/"))
}

/// The requests that the policy judges.
pub fn rules() -> Vec<Value> {
    let mut rules = requests::rules(&OPERATIONS, |_| true);
    // Its metadata knows none.
    rules.iter_mut().filter_map(Value::as_object_mut).for_each(|rule| drop(rule.remove("scope")));
    rules
}

/// What it may look up in the cluster.
pub fn context() -> Vec<Value> {
    look_up::KINDS.iter().map(|kind| json!({"apiVersion": kind.api_version, "kind": kind.kind})).collect()
}

fn cluster_admission_policy() -> Value {
    json!({
        "apiVersion": "policies.kubewarden.io/v1",
        "kind": "ClusterAdmissionPolicy",
        "metadata": {"name": "transom"},
        "spec": {
            "module": format!("registry://{}:v{VERSION}", image()),
            "mode": "protect",
            "mutating": true,
            "backgroundAudit": true,
            "contextAwareResources": context(),
            "matchConditions": [requests::changes_pods()],
            "namespaceSelector": other_namespaces(&[NAMESPACE, "kubewarden"]),
            "rules": rules(),
            "settings": {"mutate": "off"},
        },
    })
}
