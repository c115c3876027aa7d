//! The JSON Schema of settings, made of the same words that reading them knows.

use serde_json::{Map, Value, json};

use super::read::{CNIS, EFFECTS, MUTATE, PLATFORMS, SWITCHES};
use crate::look_up::kind::KINDS;
use crate::rules;

/// A name, behind that of a domain or not.
const TAINT_KEY: &str = "^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$";

/// The JSON Schema (2020-12) of a settings document. Every rule may be named by id or by name.
pub fn schema() -> Value {
    let words = |words: Vec<&str>| json!({"enum": words});
    let switch = {
        // YAML reads an unquoted `off` as false.
        let mut choices: Vec<Value> = SWITCHES.iter().map(|(word, _)| Value::from(*word)).collect();
        choices.push(false.into());
        choices
    };
    let mut by_name = Map::new();
    for rule in rules::all() {
        let described = json!({"description": rule.summary, "enum": switch});
        by_name.insert(rule.id.into(), described.clone());
        by_name.insert(rule.name.into(), described);
    }
    let labels = json!({"type": "object", "additionalProperties": {"type": "string"}});
    let names = |pattern: &str| json!({"type": "array", "items": {"type": "string", "pattern": pattern}});
    let (namespaces, kinds) = (names("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"), names("^[A-Z][-A-Za-z0-9]*$"));
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://transom.dev/schemas/settings.schema.json",
        "title": "transom settings",
        "description": "One document for every host: transom.yaml, a ConfigMap, policy parameters or data.transom.settings",
        "type": ["object", "null"],
        "additionalProperties": false,
        "properties": {
            "$schema": {"type": "string"},
            "platform": {
                "description": "Who runs the cluster: presets the taints of Windows nodes and the CNI",
                "enum": PLATFORMS.iter().map(|(word, _)| *word).collect::<Vec<_>>()
            },
            "kubernetes": {
                "type": "object",
                "additionalProperties": false,
                "properties": {
                    "version": {
                        "description": "Such as \"1.36\"; unset means the newest",
                        "type": "string",
                        "pattern": "^v?1\\.[0-9]+\\+?(\\..*)?$"
                    },
                    "featureGates": {
                        "description": "Gates of the API server that are not as its version has them",
                        "type": "object",
                        "examples": [{"ContainerStopSignals": true, "PodLifecycleSleepAction": true}],
                        "additionalProperties": {"type": "boolean"}
                    }
                }
            },
            "windows": {
                "type": "object",
                "additionalProperties": false,
                "properties": {
                    "present": {"description": "false: no Windows nodes, and no warnings about pods that could land on them", "type": "boolean"},
                    "builds": {
                        "description": "Builds of the Windows nodes, such as 20348 (Server 2022) or 26100 (Server 2025)",
                        "type": "array",
                        "items": {"type": "integer", "minimum": 10000, "maximum": 99999}
                    },
                    "taints": {
                        "description": "Taints that every Windows node carries; unset means the platform's preset, [] none",
                        "type": "array",
                        "items": {
                            "type": "object",
                            "additionalProperties": false,
                            "required": ["key", "effect"],
                            "properties": {
                                "key": {"type": "string", "pattern": TAINT_KEY},
                                "value": {"type": "string"},
                                "effect": words(EFFECTS.iter().map(|(word, _)| *word).collect())
                            }
                        }
                    },
                    "labels": labels
                }
            },
            "linux": {"type": "object", "additionalProperties": false, "properties": {"labels": labels}},
            "cni": {
                "description": "The container network of the Windows nodes",
                "enum": CNIS.iter().map(|(word, _)| *word).collect::<Vec<_>>()
            },
            "rules": {
                "description": "What the findings of a rule become, by its id or its name",
                "type": "object",
                "additionalProperties": false,
                "properties": by_name
            },
            "lookUp": {
                "description": "The kinds that may be looked up by hosts that can (Kubewarden); unset means all, [] none",
                "type": "array",
                "items": {"enum": KINDS.each_ref().map(|kind| kind.kind)}
            },
            "mutate": {
                "description": "safe: admission applies the safe fixes",
                "enum": MUTATE.iter().map(|(word, _)| Value::from(*word)).chain([Value::from(false)]).collect::<Vec<_>>()
            },
            "exempt": {
                "type": "object",
                "additionalProperties": false,
                "properties": {"namespaces": namespaces, "kinds": kinds}
            },
            "suppressions": {
                "type": "object",
                "additionalProperties": false,
                "properties": {"annotations": {"description": "false: annotations hide nothing", "type": "boolean"}}
            }
        }
    })
}
