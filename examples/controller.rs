//! What a controller does with transom, without the controller: it judges a Deployment as the API
//! server gave it, tells what is wrong, and makes the patch that mends it.
//!
//! ```sh
//! cargo run --example controller --features k8s-openapi,k8s-openapi/latest
//! ```
//!
//! In a controller written with kube-rs `inspect` stands in `reconcile`, the nodes come from a
//! reflector's store, and the patch goes to `Api::patch` as `kube::api::Patch::Json`.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Node;
use transom::Transom;
use transom::finding::Action;
use transom::platform::{Os, Placement};
use transom::typed::Surroundings;

/// What a controller does about a Deployment.
#[derive(Debug)]
struct Inspection {
    /// Becomes the `message` of a condition, or Events.
    complaints: Vec<String>,
    /// Whether its pods may land on nodes of a system that they are not meant for.
    strays: bool,
    /// The safe fixes, to be applied to the Deployment.
    patch: json_patch::Patch,
}

fn inspect(transom: &Transom, deployment: &Deployment, surroundings: &Surroundings) -> serde_json::Result<Inspection> {
    let decision = transom.evaluate_deployment(deployment, surroundings);
    let complaints = decision.findings.iter().filter(|finding| finding.action >= Action::Warn);
    let strays = decision.target.as_ref().is_some_and(|target| {
        target.intent.map(Os::other).is_some_and(|other| target.placement.of(other) == Placement::Yes)
    });
    Ok(Inspection {
        complaints: complaints
            .map(|finding| format!("{} ({}): {}: {}", finding.rule, finding.stage, finding.path, finding.message))
            .collect(),
        strays,
        patch: serde_json::from_value(serde_json::to_value(&decision.patch)?)?,
    })
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut transom = Transom::new();
    // Usually from a ConfigMap. Wrong settings are told with the place of every mistake.
    transom.configure(br#"{"platform": "aks"}"#).map_err(|mistakes| format!("{mistakes:?}"))?;

    let nodes: Vec<Node> = serde_json::from_value(serde_json::json!([
        {"metadata": {"name": "linux-1", "labels": {"kubernetes.io/os": "linux"}}},
        {"metadata": {"name": "windows-1", "labels": {
            "kubernetes.io/os": "windows", "node.kubernetes.io/windows-build": "10.0.20348"}}}
    ]))?;
    let mut surroundings = Surroundings::new().existing();
    for node in &nodes {
        surroundings.add(node);
    }

    let mut deployment: Deployment = serde_json::from_value(serde_json::json!({
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {
                    "securityContext": {"runAsUser": 1000},
                    "containers": [
                        {"name": "web", "image": "mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022"}
                    ]
                }
            }
        }
    }))?;
    let inspection = inspect(&transom, &deployment, &surroundings)?;
    say(&inspection)?;

    let mut object = serde_json::to_value(&deployment)?;
    json_patch::patch(&mut object, &inspection.patch)?;
    deployment = serde_json::from_value(object)?;
    let inspection = inspect(&transom, &deployment, &surroundings)?;
    say(&inspection)
}

fn say(inspection: &Inspection) -> Result<(), Box<dyn std::error::Error>> {
    use std::io::Write as _;
    let mut out = std::io::stdout();
    for complaint in &inspection.complaints {
        writeln!(out, "{complaint}")?;
    }
    writeln!(out, "strays: {}; patch: {}\n", inspection.strays, inspection.patch)?;
    Ok(())
}
