//! Suppressions put into SARIF logs, as edits of their text.

use std::collections::BTreeMap;

use serde_json::error::Category;
use serde_json::json;
use serde_json::value::RawValue;
use transom::object::resources::WORKLOADS;

use crate::log::{Bases, Found, Location, Log, Logical, Run, Suppressions};
use crate::names;
use crate::objects::{File, Object, Objects};
use crate::peers::{self, Reason, Scanner};
use crate::places::Place;

/// Why a text is no SARIF log that can be marked.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Error(String);

impl Error {
    fn no_sarif(error: &serde_json::Error) -> Error {
        let what = match error.classify() {
            Category::Data => {
                format!("it is not built as SARIF 2.1.0 is, at line {} column {}", error.line(), error.column())
            }
            _ => error.to_string(),
        };
        Error(format!("this is no SARIF log: {what}"))
    }
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
    /// Its rule is in the table, and it is not certain that it is about an object in the manifests, and which.
    NotFound,
    /// It has a suppression already.
    Suppressed,
    /// It is not built as SARIF says.
    Odd,
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
pub fn mark(text: &str, objects: &Objects) -> Result<Marked, Error> {
    let json = text.strip_prefix('\u{feff}').unwrap_or(text);
    let log: Log<'_> = serde_json::from_str(json).map_err(|error| Error::no_sarif(&error))?;
    let lacks = |what: &str| Error(format!("this is no SARIF log: it has no {what}"));
    let version = log.version.filter(|_| is_object(json)).ok_or_else(|| lacks("version"))?;
    if !version.starts_with("2.1") {
        return Err(Error(format!("this is SARIF {version}: only 2.1.0 is understood")));
    }
    let mut marked = Marked::default();
    let mut edits: Vec<(usize, usize, String)> = Vec::new();
    for run in &log.runs.ok_or_else(|| lacks("runs"))? {
        let results = run.results.iter().flatten();
        let Some(scanner) = Scanner::named(&run.tool.driver.name) else {
            marked.unknown.push(run.tool.driver.name.clone());
            *marked.outcomes.entry(Outcome::Applies).or_default() += results.count();
            continue;
        };
        for raw in results {
            let result = serde_json::from_str::<Found<'_>>(raw.get()).ok().filter(|_| is_object(raw.get()));
            let Some(result) = result else {
                *marked.outcomes.entry(Outcome::Odd).or_default() += 1;
                continue;
            };
            let (outcome, found) = judge(scanner, run, &result, objects);
            *marked.outcomes.entry(outcome).or_default() += 1;
            if let Some((row, about)) = found {
                let counted = marked.rules.entry((scanner.title(), row.rule)).or_insert((0, row.reason));
                counted.0 += 1;
                edits.push(edit(text, raw, result.suppressions.as_ref(), &suppression(row.reason, &about)));
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

/// Whether a JSON text is an object: a struct is read of an array, too.
fn is_object(json: &str) -> bool {
    json.trim_start().starts_with('{')
}

/// What becomes of a result; where it is marked, its row and the objects that it is about.
fn judge(
    scanner: Scanner,
    run: &Run<'_>,
    result: &Found<'_>,
    objects: &Objects,
) -> (Outcome, Option<(&'static peers::Row, String)>) {
    if result.suppressions.as_ref().is_some_and(Suppressions::holds) {
        return (Outcome::Suppressed, None);
    }
    let row = run.rule_of(result).and_then(|rule| peers::find(scanner, rule));
    let Some(row) = row else { return (Outcome::Applies, None) };
    let no_bases = Bases::new();
    let bases = run.original_uri_base_ids.0.as_ref().unwrap_or(&no_bases);
    let mut about: Vec<&Object> = Vec::new();
    for location in &result.locations {
        let place = Place::of(&location.physical_location.artifact_location, bases);
        let found = objects.at(&place, scanner).map(|file| pick(scanner, file, result, location));
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

/// The objects of a file that a result is about: those that it names and that are on its lines, or else all with
/// pods; none where names and lines contradict one another.
fn pick<'o>(scanner: Scanner, file: &'o File, result: &Found<'_>, location: &Location) -> Vec<&'o Object> {
    let mut candidates: Vec<&Object> = file.objects.iter().collect();
    let lines = location.physical_location.region.lines(scanner);
    if let Some((first, last)) = lines {
        candidates.retain(|object| object.lines.0 <= last && first <= object.lines.1);
    }
    if let Some(named) = named(&file.objects, &result.message.text, &location.logical_locations) {
        candidates.retain(|object| named.iter().any(|named| std::ptr::eq(*named, *object)));
        return candidates;
    }
    if lines.is_none() && !file.is_whole {
        return Vec::new();
    }
    let with_pods =
        |object: &&Object| object.pods.is_none_or(|pods| pods.windows) || WORKLOADS.contains(&&*object.kind);
    let workloads: Vec<&Object> = candidates.iter().copied().filter(with_pods).collect();
    if workloads.is_empty() { candidates } else { workloads }
}

/// The objects among all that a message and logical locations name; None where they name nothing.
fn named<'o>(all: &'o [Object], message: &str, locations: &[Logical]) -> Option<Vec<&'o Object>> {
    let is_kind = |word: &str| {
        let mut kinds = WORKLOADS.iter().copied().chain(all.iter().map(|object| &*object.kind));
        kinds.any(|kind| kind.eq_ignore_ascii_case(word))
    };
    let mut said = names::in_text(message, &is_kind);
    said.extend(names::in_locations(locations, &is_kind));
    if !said.is_empty() {
        return Some(all.iter().filter(|object| said.iter().all(|named| named.can_be(object))).collect());
    }
    let mut texts = vec![message];
    texts.extend(locations.iter().flat_map(|one| [&*one.name, &*one.fully_qualified_name]));
    let is_in = |object: &&Object| texts.iter().any(|text| names::is_in(text, object));
    Some(all.iter().filter(is_in).collect()).filter(|named: &Vec<_>| !named.is_empty())
}

/// The suppression, as JSON.
fn suppression(reason: &Reason, about: &str) -> String {
    let instead = if reason.instead.is_empty() { String::new() } else { format!("; instead, {}", reason.instead) };
    let justification = format!("{about} is for Windows: {}{instead}", reason.fact);
    let properties = json!({"transom": {"reason": reason.id, "rule": reason.rule}});
    json!({"kind": "external", "status": "accepted", "justification": justification, "properties": properties})
        .to_string()
}

/// The edit that gives a result one more suppression: a part of the text, and what comes in its place.
fn edit(text: &str, result: &RawValue, old: Option<&Suppressions<'_>>, new: &str) -> (usize, usize, String) {
    let offset = |part: &str| part.as_ptr() as usize - text.as_ptr() as usize;
    let start = offset(result.get());
    if let Some(old) = old {
        let at = offset(old.raw.get());
        let end = at + old.raw.get().len();
        return match old.all.len() {
            0 => (at, end, format!("[{new}]")),
            _ => {
                let content = old.raw.get()[..old.raw.get().len() - 1].trim_end();
                (at + content.len(), at + content.len(), format!(", {new}"))
            }
        };
    }
    let body = &result.get()[..result.get().len() - 1];
    let content = body.trim_end();
    // As the first field stands, so does the new one.
    let first = body[1..].len() - body[1..].trim_start().len();
    let between = &body[1..1 + first];
    let colon = if between.is_empty() { "\"suppressions\":" } else { "\"suppressions\": " };
    let at = start + content.len();
    (at, at, format!(",{between}{colon}[{new}]"))
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
        let value: Value = serde_json::from_str(marked.text.trim_start_matches('\u{feff}')).expect("JSON");
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
        assert_eq!(after, before);
    }

    /// The log of a Windows Deployment `shop/web` in `f2/windows/deployment.yaml`, with one result.
    fn of_web(driver: &str, run: &Value, result: &Value) -> Outcome {
        let judge = Judge::new(Transom::new(), "2026-11-21");
        let (web, _) = MANIFESTS.split_once("---").expect("the first object");
        let objects = Objects::read("f2/windows/deployment.yaml", web, &judge, &Context::default());
        let mut log = json!({"version": "2.1.0", "runs": [run]});
        log["runs"][0]["tool"] = json!({"driver": {"name": driver}});
        log["runs"][0]["results"] = json!([result]);
        let marked = mark(&log.to_string(), &objects).expect("a log");
        *marked.outcomes.keys().next().expect("an outcome")
    }

    #[test]
    fn results_of_other_files_stay() {
        let checkov = |uri: &str| {
            let location = json!({"physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": 1, "endLine": 11}}});
            of_web("Checkov", &json!({}), &json!({"ruleId": "CKV_K8S_22", "locations": [location]}))
        };
        for uri in ["deployment.yaml", "windows/deployment.yaml", "/ci/build/f2/windows/deployment.yaml"] {
            assert_eq!(checkov(uri), Outcome::Marked, "{uri}");
        }
        for uri in [
            "linux/deployment.yaml",
            "f2/linux/deployment.yaml",
            "/work/f2/linux/deployment.yaml",
            "totally/else/deployment.yaml",
        ] {
            assert_eq!(checkov(uri), Outcome::NotFound, "{uri}");
        }
        let trivy = |base: &str| {
            let artifact = json!({"uri": "deployment.yaml", "uriBaseId": "ROOTPATH"});
            let location = json!({"physicalLocation": {"artifactLocation": artifact, "region": {"startLine": 10}}});
            let run = json!({"originalUriBaseIds": {"ROOTPATH": {"uri": base}}});
            of_web("Trivy", &run, &json!({"ruleId": "KSV014", "locations": [location]}))
        };
        assert_eq!(trivy("file:///ci/f2/windows/"), Outcome::Marked);
        assert_eq!(trivy("file:///ci/f2/windows/deployment.yaml/"), Outcome::Marked);
        assert_eq!(trivy("file:///"), Outcome::Marked, "it says nothing");
        assert_eq!(trivy("file:///ci/f2/linux/"), Outcome::NotFound);
    }

    #[test]
    fn results_of_other_objects_stay() {
        let artifact =
            json!({"artifactLocation": {"uri": "deployment.yaml"}, "region": {"startLine": 1, "endLine": 1}});
        let trivy = |text: &str| {
            let location = json!({"physicalLocation": artifact});
            let result = json!({"ruleId": "KSV014", "message": {"text": text}, "locations": [location]});
            of_web("Trivy", &json!({}), &result)
        };
        assert_eq!(trivy("Container 'web' of Deployment 'web' should"), Outcome::Marked);
        assert_eq!(trivy("Container 'web' of Deployment 'api' should"), Outcome::NotFound);
        assert_eq!(trivy("Container 'web' of Pod 'web' should"), Outcome::NotFound);
        assert_eq!(trivy("container web of deployment web in shop namespace should"), Outcome::Marked);
        assert_eq!(trivy("container web of deployment web in default namespace should"), Outcome::NotFound);
        let kube_linter = |name: &str| {
            let logical = json!([{"fullyQualifiedName": name}]);
            let location = json!({"physicalLocation": artifact, "logicalLocations": logical});
            of_web("kube-linter", &json!({}), &json!({"ruleId": "no-read-only-root-fs", "locations": [location]}))
        };
        assert_eq!(kube_linter("shop/web apps/v1, Kind=Deployment"), Outcome::Marked);
        assert_eq!(kube_linter("shop/api apps/v1, Kind=Deployment"), Outcome::NotFound);
    }

    #[test]
    fn names_and_lines_that_contradict_one_another_mark_nothing() {
        let at = |first: usize, last: usize| json!({"startLine": first, "endLine": last});
        let of = |name: &str, region: Value| outcome("Trivy", "KSV014", &format!("of Deployment '{name}'"), region);
        assert_eq!(of("web", at(10, 10)), Outcome::Marked);
        assert_eq!(of("web", at(1, 1)), Outcome::Marked, "Trivy says line 1 where it knows none");
        assert_eq!(of("api", at(10, 10)), Outcome::NotFound);
        assert_eq!(of("web", at(21, 21)), Outcome::NotFound);
        assert_eq!(of("web", at(1, 30)), Outcome::Marked, "all of the file");
    }

    #[test]
    fn what_cannot_be_read_of_a_manifest_may_be_meant() {
        let judge = Judge::new(Transom::new(), "2026-11-21");
        let (web, _) = MANIFESTS.split_once("---").expect("the first object");
        let broken = format!("{web}---\nkind: [\n");
        let objects = Objects::read("shop/all.yaml", &broken, &judge, &Context::default());
        let outcomes = |region: Value| {
            let location =
                json!({"physicalLocation": {"artifactLocation": {"uri": "shop/all.yaml"}, "region": region}});
            let result = json!({"ruleId": "C-0017", "locations": [location]});
            let log =
                json!({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "kubescape"}}, "results": [result]}]});
            mark(&log.to_string(), &objects).expect("a log").outcomes
        };
        assert_eq!(outcomes(json!({"startLine": 9})), BTreeMap::from([(Outcome::Marked, 1)]));
        assert_eq!(outcomes(json!({"startLine": 1})), BTreeMap::from([(Outcome::NotFound, 1)]));
    }

    /// The log with a result of which these are the last fields, marked.
    fn marked(more: &str) -> (String, BTreeMap<Outcome, usize>) {
        let location = json!({"physicalLocation": {"artifactLocation": {"uri": "shop/all.yaml"},
            "region": {"startLine": 1, "endLine": 9}}});
        let result = format!("{{\"ruleId\":\"CKV_K8S_22\",\"locations\":[{location}],{more}}}");
        let run = format!("{{\"tool\":{{\"driver\":{{\"name\":\"Checkov\"}}}},\"results\":[{result}]}}");
        let marked = mark(&format!("{{\"version\":\"2.1.0\",\"runs\":[{run}]}}"), &objects()).expect("a log");
        (marked.text, marked.outcomes)
    }

    #[test]
    fn suppressions_stand_once() {
        for (before, count) in [
            ("null", 1),
            ("[ ]", 1),
            ("[{\"kind\": \"external\", \"status\": \"rejected\"} ]", 2),
            ("[{\"kind\": \"external\", \"status\": \"underReview\"}]", 2),
        ] {
            let (text, outcomes) = marked(&format!("\"suppressions\":{before}"));
            assert_eq!(outcomes, BTreeMap::from([(Outcome::Marked, 1)]), "{before}");
            assert_eq!(text.matches("\"suppressions\"").count(), 1, "{text}");
            let value: Value = serde_json::from_str(&text).expect("JSON");
            let all = value["runs"][0]["results"][0]["suppressions"].as_array().expect("suppressions");
            assert_eq!((all.len(), &all[count - 1]["status"]), (count, &json!("accepted")), "{before}");
            let again = mark(&text, &objects()).expect("a log");
            assert_eq!(again.outcomes, BTreeMap::from([(Outcome::Suppressed, 1)]), "{text}");
        }
    }

    #[test]
    fn odd_results_stay_and_the_others_are_marked() {
        let good = json!({"ruleId": "CKV_K8S_22", "locations": [{"physicalLocation":
            {"artifactLocation": {"uri": "shop/all.yaml"}, "region": {"startLine": 1, "endLine": 9}}}]});
        let with = |pointer: &str, value: Value| {
            let mut odd = good.clone();
            *odd.pointer_mut(pointer).expect("a field") = value;
            odd
        };
        let start = "/locations/0/physicalLocation/region/startLine";
        for odd in [
            Value::Null,
            json!(["CKV_K8S_22", 0, {}, {}, good["locations"]]),
            with("/locations", Value::Null),
            with(start, json!(-3)),
            with(start, json!("2")),
            with("/ruleId", json!(22)),
        ] {
            let driver = json!({"name": "Checkov", "rules": [null, {"id": 3}]});
            let run = json!({"tool": {"driver": driver}, "originalUriBaseIds": 3, "results": [odd, good]});
            let log = json!({"version": "2.1.0", "runs": [run]});
            let marked = mark(&log.to_string(), &objects()).expect("a log");
            assert_eq!(marked.outcomes, BTreeMap::from([(Outcome::Marked, 1), (Outcome::Odd, 1)]), "{odd}");
            let value: Value = serde_json::from_str(&marked.text).expect("JSON");
            assert_eq!(value["runs"][0]["results"][0], odd);
        }
    }

    #[test]
    fn refuses_what_is_no_sarif() {
        let error = |text: &str| mark(text, &objects()).expect_err("no SARIF").to_string();
        assert!(error("{\"version\": \"1.0.0\", \"runs\": []}").contains("1.0.0"));
        assert_eq!(error("{}"), "this is no SARIF log: it has no version");
        assert_eq!(error("{\"version\": \"2.1.0\"}"), "this is no SARIF log: it has no runs");
        for text in [
            "",
            "{",
            "[]",
            "[1, 2]",
            "[\"2.1.0\", []]",
            "3",
            "{\"version\": 2.1}",
            "{\"version\": \"2.1.0\", \"runs\": [3]}",
        ] {
            let error = error(text);
            assert!(error.starts_with("this is no SARIF log: "), "{error}");
            assert!(
                !["struct", "invalid type", "invalid length", "field"].iter().any(|word| error.contains(word)),
                "{error}"
            );
        }
    }
}
