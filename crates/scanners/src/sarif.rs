//! SARIF logs, as far as they are read here, and suppressions put into them as edits of their text.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use crate::objects::{Object, Objects};
use crate::peers::{self, Reason, Scanner};

/// Why a text is no SARIF log that can be marked.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Error(String);

#[derive(Deserialize)]
struct Log<'t> {
    version: Cow<'t, str>,
    #[serde(borrow)]
    runs: Vec<Run<'t>>,
}

#[derive(Deserialize)]
struct Run<'t> {
    tool: Tool,
    /// Null where the scan failed.
    #[serde(borrow, default)]
    results: Option<Vec<&'t RawValue>>,
}

#[derive(Deserialize)]
struct Tool {
    driver: Driver,
}

#[derive(Deserialize)]
struct Driver {
    name: String,
    #[serde(default)]
    rules: Vec<RuleReference>,
}

#[derive(Deserialize, Default)]
struct RuleReference {
    #[serde(default)]
    id: Option<String>,
    /// -1 where there is none.
    #[serde(default)]
    index: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Result_<'t> {
    #[serde(default)]
    rule_id: Option<String>,
    #[serde(default)]
    rule_index: Option<i64>,
    #[serde(default)]
    rule: RuleReference,
    #[serde(default)]
    message: Message,
    #[serde(default)]
    locations: Vec<Location>,
    #[serde(default, borrow)]
    suppressions: Option<&'t RawValue>,
}

#[derive(Deserialize, Default)]
struct Message {
    #[serde(default)]
    text: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Location {
    #[serde(default)]
    physical_location: Physical,
    #[serde(default)]
    logical_locations: Vec<Logical>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Physical {
    #[serde(default)]
    artifact_location: Artifact,
    #[serde(default)]
    region: Region,
}

#[derive(Deserialize, Default)]
struct Artifact {
    #[serde(default)]
    uri: String,
}

#[derive(Deserialize, Default, Clone, Copy)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: Option<usize>,
    end_line: Option<usize>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Logical {
    #[serde(default)]
    name: String,
    #[serde(default)]
    fully_qualified_name: String,
}

/// What became of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// It was marked.
    Marked,
    /// It applies to Windows pods as to all others, or its rule is not in the table.
    Applies,
    /// Its rule is in the table, and it is not about pods that are all meant for Windows.
    NotWindows,
    /// Its rule is in the table, and of these Windows pods it holds, as they have HostProcess containers.
    Kept,
    /// Its rule is in the table, and no manifest or object was found that it is about.
    NotFound,
    /// It has a suppression already.
    Suppressed,
}

/// A log with its marks, and what was counted.
#[derive(Debug, Default)]
pub struct Marked {
    /// The log.
    pub text: String,
    /// How many results came to what.
    pub outcomes: BTreeMap<Outcome, usize>,
    /// How many were marked of which scanner's rule, and why.
    pub rules: BTreeMap<(&'static str, &'static str), (usize, &'static Reason)>,
    /// The drivers of runs that are of no scanner in the table.
    pub unknown: Vec<String>,
}

/// Marks the results of a log that do not apply to Windows pods.
///
/// # Errors
///
/// Where the text is no SARIF log of version 2.1.0.
pub fn mark(text: &str, objects: &Objects) -> std::result::Result<Marked, Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let log: Log<'_> = serde_json::from_str(text).map_err(|error| Error(format!("this is no SARIF log: {error}")))?;
    if !log.version.starts_with("2.1") {
        return Err(Error(format!("this is SARIF {}: only 2.1.0 is understood", log.version)));
    }
    let mut marked = Marked::default();
    let mut edits: Vec<(usize, usize, String)> = Vec::new();
    for run in &log.runs {
        let results = run.results.iter().flatten();
        let Some(scanner) = Scanner::named(&run.tool.driver.name) else {
            marked.unknown.push(run.tool.driver.name.clone());
            *marked.outcomes.entry(Outcome::Applies).or_default() += results.count();
            continue;
        };
        for raw in results {
            let result: Result_<'_> =
                serde_json::from_str(raw.get()).map_err(|error| Error(format!("a result cannot be read: {error}")))?;
            let (outcome, found) = judge(scanner, run, &result, objects);
            *marked.outcomes.entry(outcome).or_default() += 1;
            if let Some((row, about)) = found {
                let counted = marked.rules.entry((scanner.title(), row.rule)).or_insert((0, row.reason));
                counted.0 += 1;
                edits.push(edit(text, raw, result.suppressions, &suppression(row.reason, &about)));
            }
        }
    }
    let mut at = 0;
    for (start, end, new) in edits {
        marked.text.push_str(&text[at..start]);
        marked.text.push_str(&new);
        at = end;
    }
    marked.text.push_str(&text[at..]);
    Ok(marked)
}

/// What becomes of a result; where it is marked, its row and the objects that it is about.
fn judge(
    scanner: Scanner,
    run: &Run<'_>,
    result: &Result_<'_>,
    objects: &Objects,
) -> (Outcome, Option<(&'static peers::Row, String)>) {
    let of_index = |index: i64| run.tool.driver.rules.get(usize::try_from(index).ok()?)?.id.clone();
    let index = result.rule_index.or(result.rule.index);
    let rule = result.rule_id.clone().or_else(|| result.rule.id.clone()).or_else(|| index.and_then(of_index));
    let is_suppressed = result
        .suppressions
        .is_some_and(|raw| !matches!(raw.get().replace(char::is_whitespace, "").as_str(), "[]" | "null"));
    if is_suppressed {
        return (Outcome::Suppressed, None);
    }
    let Some(row) = rule.and_then(|rule| peers::find(scanner, &rule)) else { return (Outcome::Applies, None) };
    let mut about: Vec<&Object> = Vec::new();
    for location in &result.locations {
        let found = objects
            .in_file(&location.physical_location.artifact_location.uri)
            .map(|all| pick(scanner, all, result, location));
        match found {
            Some(found) if !found.is_empty() => about.extend(found),
            // Where one of its places is not known, it may be about anything.
            _ => return (Outcome::NotFound, None),
        }
    }
    if about.is_empty() {
        return (Outcome::NotFound, None);
    }
    let pods: Vec<_> = about.iter().filter_map(|object| object.pods).collect();
    if pods.len() < about.len() || !pods.iter().all(|pods| pods.windows) {
        return (Outcome::NotWindows, None);
    }
    if !pods.iter().all(|pods| row.when.holds(pods)) {
        return (Outcome::Kept, None);
    }
    let titles: Vec<&str> = about.iter().map(|object| object.title.as_str()).collect();
    (Outcome::Marked, Some((row, titles.join(", "))))
}

/// The objects of a file that a result is about: those that it names, those on its lines, or else all with
/// pods.
fn pick<'o>(scanner: Scanner, all: &'o [Object], result: &Result_<'_>, location: &Location) -> Vec<&'o Object> {
    let mut candidates: Vec<&Object> = all.iter().collect();
    let region = location.physical_location.region;
    // kube-linter says line 1 of everything; and whoever says but that, of a file with several objects, may
    // not know better.
    let is_known =
        scanner != Scanner::KubeLinter && (region.end_line.is_some() || region.start_line.is_some_and(|line| line > 1));
    if let Some(first) = region.start_line.filter(|_| is_known) {
        let last = region.end_line.unwrap_or(first);
        candidates.retain(|object| object.lines.0 <= last && first <= object.lines.1);
    }
    let mut names: Vec<&str> = vec![&result.message.text];
    for logical in &location.logical_locations {
        names.extend([&*logical.name, &*logical.fully_qualified_name]);
    }
    if candidates.len() > 1 {
        let named: Vec<&Object> =
            candidates.iter().copied().filter(|object| names.iter().any(|text| is_named(text, object))).collect();
        if !named.is_empty() {
            return named;
        }
    }
    let with_pods = |object: &&Object| object.pods.is_none_or(|pods| pods.windows) || is_workload(&object.kind);
    let workloads: Vec<&Object> = candidates.iter().copied().filter(with_pods).collect();
    if workloads.is_empty() { candidates } else { workloads }
}

/// Whether both the name and the kind of an object stand in a text as words.
fn is_named(text: &str, object: &Object) -> bool {
    let holds = |word: &str| {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        !word.is_empty()
            && text.match_indices(word).any(|(at, _)| {
                !text[..at].chars().next_back().is_some_and(is_word)
                    && !text[at + word.len()..].chars().next().is_some_and(is_word)
            })
    };
    holds(&object.name) && (holds(&object.kind) || holds(&object.kind.to_ascii_lowercase()))
}

fn is_workload(kind: &str) -> bool {
    matches!(
        kind,
        "Pod" | "Deployment" | "DaemonSet" | "StatefulSet" | "ReplicaSet" | "ReplicationController" | "Job" | "CronJob"
    )
}

fn suppression(reason: &Reason, about: &str) -> String {
    let instead = if reason.instead.is_empty() { String::new() } else { format!("; instead, {}", reason.instead) };
    let justification = format!("{about} is for Windows: {}{instead}", reason.fact);
    let properties = json!({"transom": {"reason": reason.id, "rule": reason.rule}});
    json!([{"kind": "external", "status": "accepted", "justification": justification, "properties": properties}])
        .to_string()
}

/// The edit that gives a result its suppressions: a part of the text, and what comes in its place.
fn edit(text: &str, result: &RawValue, old: Option<&RawValue>, new: &str) -> (usize, usize, String) {
    let offset = |part: &str| part.as_ptr() as usize - text.as_ptr() as usize;
    let start = offset(result.get());
    if let Some(old) = old {
        let at = offset(old.get());
        return (at, at + old.get().len(), new.to_owned());
    }
    let body = &result.get()[..result.get().len() - 1];
    let content = body.trim_end();
    // As the first field stands, so does the new one.
    let first = body[1..].len() - body[1..].trim_start().len();
    let between = &body[1..1 + first];
    let colon = if between.is_empty() { "\"suppressions\":" } else { "\"suppressions\": " };
    let at = start + content.len();
    (at, at, format!(",{between}{colon}{new}"))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use transom::Transom;
    use transom_manifests::{Context, Judge};

    use super::*;

    const MANIFESTS: &str = r#"apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      nodeSelector: {kubernetes.io/os: windows}
      containers: [{name: web, image: example.com/web}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec:
      nodeSelector: {kubernetes.io/os: linux}
      containers: [{name: api, image: example.com/api}]
---
apiVersion: v1
kind: Pod
metadata: {name: agent}
spec:
  nodeSelector: {kubernetes.io/os: windows}
  hostNetwork: true
  securityContext: {windowsOptions: {hostProcess: true}}
  containers: [{name: agent, image: example.com/agent}]
"#;

    fn objects() -> Objects {
        let judge = Judge::new(Transom::new(), "2026-11-21");
        Objects::read("shop/all.yaml", MANIFESTS, &judge, &Context::default())
    }

    /// What one result of a log becomes.
    fn outcome(driver: &str, rule: &str, text: &str, region: Value) -> Outcome {
        let result = json!({"ruleId": rule, "message": {"text": text}, "locations": [{"physicalLocation":
            {"artifactLocation": {"uri": "shop/all.yaml"}, "region": region}}]});
        let log = json!({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": driver}}, "results": [result]}]});
        let marked = mark(&log.to_string(), &objects()).expect("a log");
        let (outcome, count) = marked.outcomes.iter().next().expect("an outcome");
        assert_eq!(*count, 1);
        let is_marked = marked.text.contains("suppressions");
        assert_eq!(is_marked, *outcome == Outcome::Marked, "{}", marked.text);
        *outcome
    }

    #[test]
    fn marks_what_does_not_apply_to_windows() {
        let at = |first: usize, last: usize| json!({"startLine": first, "endLine": last});
        assert_eq!(outcome("Checkov", "CKV_K8S_22", "", at(1, 11)), Outcome::Marked);
        assert_eq!(outcome("Checkov", "CKV_K8S_22", "", at(12, 21)), Outcome::NotWindows);
        assert_eq!(outcome("Checkov", "CKV_K8S_22", "", at(23, 30)), Outcome::Marked);
        assert_eq!(outcome("Checkov", "CKV_K8S_8", "", at(1, 11)), Outcome::Applies);
        assert_eq!(outcome("Checkov", "CKV_K8S_23", "", at(1, 11)), Outcome::Applies, "runAsNonRoot holds");
        assert_eq!(outcome("Checkov", "CKV_K8S_19", "", at(23, 30)), Outcome::Kept, "HostProcess");
        assert_eq!(outcome("Checkov", "CKV_K8S_19", "", at(1, 11)), Outcome::Marked);
        assert_eq!(
            outcome("Trivy", "KSV014", "Container 'web' of Deployment 'web' should", at(10, 10)),
            Outcome::Marked
        );
        assert_eq!(outcome("Trivy", "AVD-KSV-0014", "of Deployment 'api'", at(21, 21)), Outcome::NotWindows);
        assert_eq!(outcome("Kubescape", "C-0017", "", json!({"startLine": 9})), Outcome::Marked);
        assert_eq!(outcome("Kubescape", "C-0017", "", json!({"startLine": 1})), Outcome::NotWindows, "not known which");
        assert_eq!(outcome("Kubescape", "C-0013", "", json!({"startLine": 9})), Outcome::Kept, "no runAsNonRoot");
        let kube_linter = |text: &str| outcome("kube-linter", "no-read-only-root-fs", text, json!({"startLine": 1}));
        assert_eq!(kube_linter("container \"web\"\nobject: shop/web apps/v1, Kind=Deployment"), Outcome::Marked);
        assert_eq!(kube_linter("container \"api\"\nobject: shop/api apps/v1, Kind=Deployment"), Outcome::NotWindows);
        assert_eq!(outcome("CodeQL", "x", "", at(1, 11)), Outcome::Applies);
    }

    #[test]
    fn everything_else_stays() {
        let result = |more: &str| {
            format!(
                r#"{{
          "ruleId": "CKV_K8S_22",  "level": "error",
          "locations": [{{"physicalLocation": {{"artifactLocation": {{"uri": "shop/all.yaml"}}, "region": {{"startLine": 1, "endLine": 9}}}}}}]{more}
        }}"#
            )
        };
        let log = |results: &[String]| {
            format!(
                "\u{feff}{{ \"version\" : \"2.1.0\",\r\n \"runs\":[{{\"results\": [{}], \"tool\":{{\"driver\":{{\"name\":\"checkov\"}}}}}}], \"other\": 1.00}}\n",
                results.join(", ")
            )
        };
        let before = log(&[
            result(""),
            result(", \"suppressions\": []"),
            result(", \"suppressions\": [{\"kind\": \"inSource\"}]"),
        ]);
        let marked = mark(&before, &objects()).expect("a log");
        let value: Value = serde_json::from_str(&marked.text).expect("JSON");
        let results = value["runs"][0]["results"].as_array().expect("results");
        for marked in &results[..2] {
            let suppression = &marked["suppressions"][0];
            assert_eq!(suppression["kind"], "external");
            let justification = suppression["justification"].as_str().expect("why");
            assert!(
                justification.starts_with("Deployment shop/web is for Windows: Windows containers cannot have"),
                "{justification}"
            );
            assert_eq!(suppression["properties"]["transom"]["rule"], "WIN201");
        }
        assert_eq!(results[2]["suppressions"], json!([{"kind": "inSource"}]));
        assert_eq!(marked.outcomes, BTreeMap::from([(Outcome::Marked, 2), (Outcome::Suppressed, 1)]));
        // Taken out again, it is what it was.
        let added = results[0]["suppressions"].to_string();
        let after =
            marked.text.replacen(&format!(",\n          \"suppressions\": {added}"), "", 1).replacen(&added, "[]", 1);
        assert_eq!(after, before.trim_start_matches('\u{feff}'));
    }

    #[test]
    fn refuses_what_is_no_sarif() {
        let error = |text: &str| mark(text, &objects()).expect_err("no SARIF").to_string();
        assert!(error("[]").starts_with("this is no SARIF log: "));
        assert!(error("{\"version\": \"1.0.0\", \"runs\": []}").contains("1.0.0"));
    }
}
