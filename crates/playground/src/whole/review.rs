//! What an API server would be told of an object on the desk.

use serde_json::{Value, json};
use transom_manifests::Object;

use crate::desk::Desk;

impl Desk {
    pub(crate) fn review(&self, name: &str, document: usize, pointer: &str) -> String {
        let input = self.object(name, document, pointer).map(|(_, object)| {
            let context = self.context.around(object.object(), object.namespace()).join(",");
            let review =
                if object.value()["kind"] == "AdmissionReview" { object.value().clone() } else { request(&object) };
            format!(r#"{{"now":"{}","request":{review},"context":[{context}]}}"#, self.today)
        });
        self.transom.review(input.unwrap_or_default().as_bytes())
    }
}

/// The request to create an object, as an API server would send it.
fn request(object: &Object<'_>) -> Value {
    let value = object.object();
    let api_version = value["apiVersion"].as_str().unwrap_or_default();
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    json!({
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {
            "uid": "00000000-0000-0000-0000-000000000000",
            "operation": "CREATE",
            "namespace": object.namespace(),
            "kind": {"group": group, "version": version, "kind": value["kind"]},
            "object": value,
        },
    })
}
