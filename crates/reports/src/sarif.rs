//! SARIF 2.1.0: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/>
//!
//! Results come first and the rules after them: these are known only when all was judged, and the
//! order of members is nobody's business.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::json;
use transom::finding::Severity;
use transom::rules::{self, Rule};
use transom_manifests::{Action, Finding, Location, rule_page};

use crate::{Detail, FileReport, ObjectReport, Options, Trouble, line, place, text};

pub(crate) const BEGIN: &str = concat!(
    "{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\",",
    "\"runs\":[{\"columnKind\":\"unicodeCodePoints\",",
    "\"newlineSequences\":[\"\\r\\n\",\"\\n\",\"\\r\"],\"results\":[\n"
);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome<'a> {
    rule_id: &'a str,
    level: &'static str,
    message: Message,
    locations: [Place<'a>; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Place<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<Fix<'a>>,
    partial_fingerprints: Fingerprints<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressions: Vec<Suppression<'a>>,
    properties: Properties<'a>,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Place<'a> {
    physical_location: Physical,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logical_locations: Vec<Logical>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Words<'a>>,
}

#[derive(Serialize)]
struct Words<'a> {
    text: &'a str,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

#[derive(Debug, Clone, Serialize)]
struct Artifact {
    uri: String,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Logical {
    fully_qualified_name: String,
    kind: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fix<'a> {
    description: Words<'a>,
    artifact_changes: [Change<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Change<'a> {
    artifact_location: Artifact,
    replacements: Vec<Replacement<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement<'a> {
    deleted_region: Region,
    inserted_content: Words<'a>,
}

#[derive(Serialize)]
struct Fingerprints<'a> {
    #[serde(rename = "transomFinding/v1")]
    finding: &'a str,
}

#[derive(Serialize)]
struct Suppression<'a> {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    justification: Option<&'a str>,
}

#[derive(Serialize)]
struct Properties<'a> {
    stage: &'a str,
    path: &'a str,
}

/// Why something was not judged.
#[derive(Debug, Serialize)]
pub(crate) struct Notification {
    level: &'static str,
    message: Said,
    locations: [NotificationPlace; 1],
}

#[derive(Debug, Serialize)]
struct Said {
    text: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct NotificationPlace {
    physical_location: Physical,
}

pub(crate) fn results(file: &FileReport, options: Options) -> String {
    let mut results = Vec::new();
    for object in &file.objects {
        for (finding, detail) in object.shown(options) {
            results.push(line(&outcome(file, object, finding, detail)));
        }
        for (finding, detail) in object.decision.suppressed.iter().zip(&object.suppressed) {
            results.push(line(&outcome(file, object, finding, detail)));
        }
    }
    results.join(",\n")
}

fn outcome<'a>(file: &FileReport, object: &ObjectReport, finding: &'a Finding, detail: &'a Detail) -> Outcome<'a> {
    let artifact = || Artifact { uri: uri(file.in_repository()) };
    let physical = |at: Location| Physical { artifact_location: artifact(), region: Some(region(at)) };
    let name = object.decision.object.as_ref().map(ToString::to_string);
    let logical = name.map(|name| Logical { fully_qualified_name: name, kind: "resource" });
    let related = detail.related.iter().map(|(at, message)| Place {
        physical_location: physical(*at),
        logical_locations: Vec::new(),
        message: Some(Words { text: message }),
    });
    let replacements = detail
        .edits
        .iter()
        .map(|(at, text)| Replacement { deleted_region: region(*at), inserted_content: Words { text } });
    let replacements: Vec<_> = replacements.collect();
    let fix = finding.fix.as_ref().filter(|_| !replacements.is_empty()).map(|fix| Fix {
        description: Words { text: &fix.title },
        artifact_changes: [Change { artifact_location: artifact(), replacements }],
    });
    let suppression = finding.reason.as_deref().map(|reason| match finding.by.as_deref() {
        Some(_) => Suppression { kind: "inSource", justification: Some(reason).filter(|reason| !reason.is_empty()) },
        None => Suppression { kind: "external", justification: Some(reason) },
    });
    Outcome {
        rule_id: &finding.rule,
        level: match finding.action {
            Action::Deny => "error",
            Action::Warn => "warning",
            Action::Info => "note",
        },
        message: Message { text: text(finding) },
        locations: [Place {
            physical_location: physical(place(finding)),
            logical_locations: logical.into_iter().collect(),
            message: None,
        }],
        related_locations: related.collect(),
        fixes: fix.into_iter().collect(),
        partial_fingerprints: Fingerprints { finding: &detail.fingerprint },
        suppressions: suppression.into_iter().collect(),
        properties: Properties { stage: &finding.stage, path: &finding.path },
    }
}

pub(crate) fn notifications(file: &FileReport) -> Vec<Notification> {
    let notification = |trouble: &Trouble| {
        let region = trouble.place.map(|at| {
            let (line, column) = (at.line, at.column);
            region(Location { line, column, end_line: line, end_column: column })
        });
        Notification {
            level: if trouble.is_error() { "error" } else { "note" },
            message: Said { text: trouble.said().into_owned() },
            locations: [NotificationPlace {
                physical_location: Physical { artifact_location: Artifact { uri: uri(file.in_repository()) }, region },
            }],
        }
    };
    file.errors.iter().map(notification).collect()
}

/// The rules of these ids, and the rest of the run.
pub(crate) fn end(ids: &BTreeSet<String>, troubles: &[Notification]) -> String {
    let rules: Vec<_> = ids.iter().filter_map(|id| rules::find(id)).map(rule).collect();
    let driver = json!({
        "name": "transom", "informationUri": env!("CARGO_PKG_REPOSITORY"),
        "version": env!("CARGO_PKG_VERSION"), "semanticVersion": env!("CARGO_PKG_VERSION"), "rules": rules,
    });
    let is_complete = troubles.iter().all(|trouble| trouble.level != "error");
    let invocation = json!({"executionSuccessful": is_complete, "toolExecutionNotifications": troubles});
    format!("\n],\"tool\":{},\"invocations\":[{invocation}]}}]}}\n", json!({"driver": driver}))
}

fn rule(rule: &Rule) -> serde_json::Value {
    let documentation = rules::documentation(rule);
    let level = match rule.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    };
    json!({
        "id": rule.id, "name": rule.name, "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": format!("{}. {}", rule.summary, rules::remedy(rule))},
        "help": {"text": documentation, "markdown": documentation}, "helpUri": rule_page(rule.id, rule.name),
        "defaultConfiguration": {"level": level},
        "properties": {"tags": ["kubernetes", "windows"], "stage": rule.stage, "precision": "high"},
    })
}

fn region(at: Location) -> Region {
    Region { start_line: at.line, start_column: at.column, end_line: at.end_line, end_column: at.end_column }
}

/// A path with forward slashes as a URI: a relative reference (RFC 3986), or an absolute one (RFC 8089) for a path
/// that begins at the root or, on Windows, with a drive or a share.
fn uri(path: &str) -> String {
    let has_drive = matches!(path.as_bytes(), [b'A'..=b'Z' | b'a'..=b'z', b':', b'/', ..]);
    let (mut uri, path) = match path {
        _ if has_drive => (format!("file:///{}", &path[..2]), &path[2..]),
        path if path.starts_with("//") => ("file:".to_owned(), path),
        path if path.starts_with('/') => ("file://".to_owned(), path),
        path => (String::new(), path),
    };
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_uris() {
        for (path, expected) in [
            ("deploy/web.yaml", "deploy/web.yaml"),
            ("deploy/a b#1.yaml", "deploy/a%20b%231.yaml"),
            ("../web.yaml", "../web.yaml"),
            ("a:b.yaml", "a%3Ab.yaml"),
            ("/work/web.yaml", "file:///work/web.yaml"),
            ("C:/work/web.yaml", "file:///C:/work/web.yaml"),
            ("//server/share/web.yaml", "file://server/share/web.yaml"),
        ] {
            assert_eq!(uri(path), expected);
        }
    }
}
