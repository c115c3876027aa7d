//! For the Open Policy Agent, which loads the bundle itself.

use serde_json::{Value, json};

use crate::File;
use crate::kubernetes::{mutating_webhook, validating_webhook};
use crate::requests::other_namespaces;

const VERSION: &str = env!("CARGO_PKG_VERSION");
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

pub(crate) fn files() -> Vec<File> {
    let webhooks = [asking(validating_webhook(), VALIDATE), asking(mutating_webhook(), MAIN)];
    vec![File::yaml("opa/config.yaml", &[config()]), File::yaml("opa/webhook.yaml", &webhooks)]
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

/// Where OPA answers by `system.main`, which fixes where settings say `mutate: safe`.
pub const MAIN: &str = "/";

/// Where OPA answers by `system.validate`, which fixes nothing. OPA's API of version 0 takes a body for the
/// input that it is, and answers with the document alone.
pub const VALIDATE: &str = "/v0/data/system/validate";

/// Webhooks that OPA answers.
fn asking(mut webhooks: Value, path: &str) -> Value {
    for hook in webhooks["webhooks"].as_array_mut().into_iter().flatten() {
        hook["clientConfig"] = json!({"service": {"namespace": "opa", "name": "opa", "path": path, "port": 443}});
        hook["namespaceSelector"] = other_namespaces(&["opa"]);
    }
    webhooks
}
