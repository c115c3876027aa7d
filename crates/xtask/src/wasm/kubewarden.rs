//! `transom.kubewarden.wasm`, a policy of Kubewarden with its metadata, and the file that
//! introduces it on Artifact Hub.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use transom::look_up;
use transom::object::resources::JUDGED;
use transom_policies::kubewarden::{context, image, rules};

use super::module::{self, HIDDEN, Module};
use super::{Budget, File};

const MODULE: Module = Module {
    package: "transom-kubewarden",
    features: &[],
    exports: &["memory", "__guest_call"],
    bake: HIDDEN,
    file: "transom.kubewarden.wasm",
    budget: Budget { bytes: 680 * 1024, gzip: 272 * 1024 },
};

/// Where Kubewarden looks for the metadata.
const SECTION: &str = "io.kubewarden.metadata";

/// The first that lets policies look objects up.
const MINIMUM_KUBEWARDEN: &str = "1.7.0";

const VERSION: &str = env!("CARGO_PKG_VERSION");
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");
const LICENSE: &str = env!("CARGO_PKG_LICENSE");

/// When this version was made; the build itself reads no clock.
const CREATED: (&str, &str) = ("0.1.0", "2026-11-21T00:00:00Z");

const TITLE: &str = "transom";
const DISPLAY_NAME: &str = "transom: Windows compatibility";
const DESCRIPTION: &str =
    "Refuses or mends workloads that will not work on Windows nodes, and those that would land there by mistake";
const KEYWORDS: [&str; 5] = ["windows", "compatibility", "pod", "scheduling", "mutation"];

pub(super) fn make() -> anyhow::Result<Vec<File>> {
    let mut module = module::make(&MODULE)?;
    let metadata = metadata();
    let section = metadata.to_string();
    for bytes in [Some(&mut module.bytes), module.before.as_mut()].into_iter().flatten() {
        module::add_section(bytes, SECTION, section.as_bytes());
    }
    let introduction = File {
        name: "artifacthub-pkg.yml",
        bytes: introduction(&metadata).into_bytes(),
        before: None,
        budget: Budget { bytes: 8 * 1024, gzip: 4 * 1024 },
    };
    Ok(vec![module, introduction])
}

/// What Kubewarden wants to know of a policy before it runs.
fn metadata() -> Value {
    let resources: BTreeSet<&str> = JUDGED.iter().map(|resource| resource.kind).collect();
    json!({
        "protocolVersion": "v1",
        "rules": rules(),
        "mutating": true,
        "backgroundAudit": true,
        "executionMode": "kubewarden-wapc",
        "policyType": "kubernetes",
        "contextAwareResources": context(),
        "hostCapabilities": ["kubernetes/get_resource", "kubernetes/list_resources_all"],
        "minimumKubewardenVersion": MINIMUM_KUBEWARDEN,
        "annotations": {
            "io.artifacthub.displayName": DISPLAY_NAME,
            "io.artifacthub.keywords": KEYWORDS.join(", "),
            "io.artifacthub.resources": Vec::from_iter(resources).join(", "),
            "io.kubewarden.policy.category": "Resource validation",
            "io.kubewarden.policy.description": DESCRIPTION,
            "io.kubewarden.policy.license": LICENSE,
            "io.kubewarden.policy.ociUrl": image(),
            "io.kubewarden.policy.severity": "medium",
            "io.kubewarden.policy.source": REPOSITORY,
            "io.kubewarden.policy.title": TITLE,
            "io.kubewarden.policy.url": REPOSITORY,
            "io.kubewarden.policy.usage": USAGE,
            "io.kubewarden.policy.version": VERSION,
        },
    })
}

/// How to use it, in Markdown.
const USAGE: &str = include_str!("../../../kubewarden/README.md");

/// `artifacthub-pkg.yml`, as `kwctl scaffold artifacthub` makes it of the metadata.
fn introduction(metadata: &Value) -> String {
    let image = format!("{}:v{VERSION}", image());
    let resources = metadata["annotations"]["io.artifacthub.resources"].as_str().unwrap_or_default();
    let keywords: String = KEYWORDS.iter().map(|keyword| format!("- {keyword}\n")).collect();
    let mut context = String::new();
    for kind in &look_up::KINDS {
        context.push_str(&format!("    - apiVersion: {}\n      kind: {}\n", kind.api_version, kind.kind));
    }
    let mut rules = String::new();
    for rule in metadata["rules"].as_array().into_iter().flatten() {
        for (field, mark) in [("apiGroups", '-'), ("apiVersions", ' '), ("resources", ' '), ("operations", ' ')] {
            rules.push_str(&format!("    {mark} {field}:\n"));
            for text in rule[field].as_array().into_iter().flatten() {
                // The core group is the empty text.
                let text = text.as_str().filter(|text| !text.is_empty()).unwrap_or("''");
                rules.push_str(&format!("      - {text}\n"));
            }
        }
    }
    let (_, created) = CREATED;
    format!(
        "\
# The package of this policy on Artifact Hub.
version: {VERSION}
name: {TITLE}
displayName: '{DISPLAY_NAME}'
createdAt: '{created}'
description: {DESCRIPTION}
license: {LICENSE}
homeURL: {REPOSITORY}
containersImages:
- name: policy
  image: {image}
keywords:
{keywords}links:
- name: policy
  url: {REPOSITORY}/releases/download/v{VERSION}/{file}
- name: source
  url: {REPOSITORY}
install: |
  Get the policy with [kwctl](https://docs.kubewarden.io/howtos/install-kwctl):
  ```console
  kwctl pull {image}
  ```
  and have a manifest for it made, to be changed as you like:
  ```console
  kwctl scaffold manifest --type ClusterAdmissionPolicy --allow-context-aware registry://{image}
  ```
provider:
  name: transom
recommendations:
- url: https://artifacthub.io/packages/helm/kubewarden/kubewarden-controller
annotations:
  kubewarden/mutation: 'true'
  kubewarden/resources: {resources}
  kubewarden/contextAwareResources: |
{context}  kubewarden/rules: |
{rules}",
        file = MODULE.file,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn yaml(text: &str) -> Value {
        let stream = transom_yaml::parse(text);
        assert!(stream.errors.is_empty(), "{:?}\n{text}", stream.errors);
        stream.documents[0].value().clone()
    }

    #[test]
    fn the_introduction_says_what_the_metadata_says() {
        let metadata = metadata();
        let introduction = yaml(&introduction(&metadata));
        let annotation = |name: &str| yaml(introduction["annotations"][name].as_str().expect("a text"));
        assert_eq!(annotation("kubewarden/rules"), metadata["rules"]);
        assert_eq!(annotation("kubewarden/contextAwareResources"), metadata["contextAwareResources"]);
        assert_eq!(annotation("kubewarden/mutation"), metadata["mutating"]);
        let annotations = &metadata["annotations"];
        for (field, annotation) in [
            ("version", "io.kubewarden.policy.version"),
            ("name", "io.kubewarden.policy.title"),
            ("displayName", "io.artifacthub.displayName"),
            ("description", "io.kubewarden.policy.description"),
            ("license", "io.kubewarden.policy.license"),
            ("homeURL", "io.kubewarden.policy.url"),
        ] {
            assert_eq!(introduction[field], annotations[annotation], "{field}");
        }
    }

    /// Kubewarden refuses rules that mix `*` with names, and rules with nothing in them.
    #[test]
    fn rules_name_what_they_are_about() {
        for rule in rules() {
            for field in ["apiGroups", "apiVersions", "resources", "operations"] {
                let texts = rule[field].as_array().expect("an array");
                assert!(!texts.is_empty() && texts.iter().all(|text| text != "*"), "{rule}");
            }
        }
        let all = rules();
        assert_eq!(all[0]["resources"][2], "pods");
        assert_eq!(all[0]["resources"][3], "pods/ephemeralcontainers");
        assert_eq!(all.iter().filter(|rule| rule["apiGroups"][0] == "apps").count(), 1);
    }

    #[test]
    fn every_version_says_when_it_was_made() {
        assert_eq!(CREATED.0, VERSION, "a new version: say when it is made");
    }
}
