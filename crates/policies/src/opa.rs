//! For the Open Policy Agent, which loads the bundle itself.

use serde_json::{Value, json};

use crate::File;
use crate::kubernetes::validating_webhook;
use crate::requests::other_namespaces;

const VERSION: &str = env!("CARGO_PKG_VERSION");
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

pub(crate) fn files() -> Vec<File> {
    vec![File::yaml("opa/config.yaml", &[config()]), File::yaml("opa/webhook.yaml", &[webhook()])]
}

/// The configuration of OPA: where the bundle comes from.
fn config() -> Value {
    json!({
        "services": {"transom": {"url": format!("{REPOSITORY}/releases/download/v{VERSION}")}},
        "bundles": {
            "transom": {
                "service": "transom",
                "resource": "transom-bundle.tar.gz",
                // A release never changes.
                "polling": {"min_delay_seconds": 3600, "max_delay_seconds": 7200},
            },
        },
        "default_decision": "/system/main",
    })
}

/// The webhook that OPA answers at `/`, by `system.main`.
fn webhook() -> Value {
    let mut webhook = validating_webhook();
    for hook in webhook["webhooks"].as_array_mut().into_iter().flatten() {
        hook["clientConfig"] = json!({"service": {"namespace": "opa", "name": "opa", "path": "/", "port": 443}});
        hook["namespaceSelector"] = other_namespaces(&["opa"]);
    }
    webhook
}
