//! A case of the corpus: a YAML file that says itself what must come out.
//!
//! ```yaml
//! # Why this case exists.
//! #! settings: {platform: eks}
//! #! now: 2026-11-21
//! #! allowed: false
//! #! target: windows (windows yes, linux guarded)
//! #! finding: WIN101 error deny /spec/template/spec safe
//! #! suppressed: WIN107 /spec/template/spec
//! apiVersion: apps/v1
//! kind: Deployment
//! ```
//!
//! `settings` and `now` go in; the other lines come out: one `finding` line for
//! each finding in order (rule, severity, action, path, and `safe` or `unsafe`
//! where it has a fix), one `target` line for each pod. No `finding` line means
//! no finding. `allowed` and `target` may be left out where they do not matter.
//! The first document is judged, the further ones are its context.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Map, Value, json};

use crate::root;

/// One file of `tests/corpus`.
#[derive(Clone, Debug)]
pub struct Case {
    /// The file.
    pub path: PathBuf,
    /// The path below `tests/corpus` without the extension, with `/` on every system.
    pub name: String,
    /// The first document: the object to judge, or an AdmissionReview with it.
    pub object: Value,
    /// The further documents.
    pub context: Vec<Value>,
    /// The settings, where the header has any.
    pub settings: Option<Value>,
    /// The date at which suppressions are judged, where the header has one.
    pub now: Option<String>,
    /// The lines that say what must come out, without `#! `.
    pub expected: Vec<String>,
    text: String,
}

impl Case {
    /// Every `tests/corpus/**/*.yaml` in the order of their names, with what is
    /// wrong with those that are no cases.
    #[must_use]
    pub fn all() -> Vec<Result<Self, String>> {
        let folder = root().join("tests/corpus");
        let mut files = Vec::new();
        collect(&folder, &mut files);
        files.sort();
        files.into_iter().map(|file| Self::read(&folder, file)).collect()
    }

    fn read(folder: &Path, path: PathBuf) -> Result<Self, String> {
        let relative = path.strip_prefix(folder).unwrap_or(&path).with_extension("");
        let name: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
        let name = name.join("/");
        let text = fs::read_to_string(&path).map_err(|error| format!("{name}: {error}"))?;
        Self::parse(name, path, text)
    }

    /// Reads the text of a case.
    ///
    /// # Errors
    ///
    /// What is wrong with the header or the YAML, with the name in front.
    pub fn parse(name: String, path: PathBuf, text: String) -> Result<Self, String> {
        let wrong = |what: String| format!("{name}: {what}");
        let mut settings = None;
        let mut now = None;
        let mut expected = Vec::new();
        for line in header(&text) {
            let Some(line) = line.strip_prefix("#! ") else {
                continue;
            };
            match line.split_once(": ") {
                Some(("settings", yaml)) => {
                    let document = documents(yaml).map_err(&wrong)?.into_iter().next();
                    settings = Some(document.unwrap_or_default());
                }
                Some(("now", date)) => now = Some(date.trim().to_owned()),
                Some(("allowed" | "target" | "finding" | "suppressed", _)) => {
                    expected.push(line.trim_end().to_owned());
                }
                _ => return Err(wrong(format!("unknown header line `#! {line}`"))),
            }
        }
        let mut documents = documents(&text).map_err(&wrong)?.into_iter();
        let object = documents.next().ok_or_else(|| wrong("there is no document".into()))?;
        Ok(Self { context: documents.collect(), name, path, object, settings, now, expected, text })
    }

    /// What goes into `evaluate`: the bare first document where there is
    /// nothing else, otherwise the envelope.
    #[must_use]
    pub fn input(&self) -> Value {
        let mut envelope = Map::new();
        if let Some(settings) = &self.settings {
            envelope.insert("settings".into(), settings.clone());
        }
        if let Some(now) = &self.now {
            envelope.insert("now".into(), json!(now));
        }
        if !self.context.is_empty() {
            envelope.insert("context".into(), json!(self.context));
        }
        if envelope.is_empty() {
            return self.object.clone();
        }
        envelope.insert("request".into(), self.object.clone());
        Value::Object(envelope)
    }

    /// Of what came out, the lines that the header has something to say about.
    #[must_use]
    pub fn relevant(&self, actual: &[String]) -> Vec<String> {
        let key = |line: &str| line.split_once(':').map(|(key, _)| key.to_owned());
        let said: Vec<_> = self.expected.iter().map(|line| key(line)).collect();
        let is_optional = |line: &str| line.starts_with("allowed:") || line.starts_with("target:");
        actual.iter().filter(|line| !is_optional(line) || said.contains(&key(line))).cloned().collect()
    }

    /// The file with its expectations replaced by what came out, and nothing else changed.
    #[must_use]
    pub fn blessed(&self, actual: &[String]) -> String {
        let header = header(&self.text);
        let is_expectation = |line: &str| {
            ["allowed", "target", "finding", "suppressed"].iter().any(|key| line.starts_with(&format!("#! {key}: ")))
        };
        // In the place of the old ones, or else after the last line that goes in.
        let place = header
            .iter()
            .position(|line| is_expectation(line))
            .or_else(|| header.iter().rposition(|line| line.starts_with("#!")).map(|at| at + 1))
            .unwrap_or(0);
        let mut blessed = String::new();
        let mut put = |line: &str| {
            blessed.push_str(line);
            blessed.push('\n');
        };
        for (at, line) in header.iter().enumerate() {
            if at == place {
                actual.iter().for_each(|line| put(&format!("#! {line}")));
            }
            if !is_expectation(line) {
                put(line);
            }
        }
        if place == header.len() {
            actual.iter().for_each(|line| put(&format!("#! {line}")));
        }
        let body = self.text.lines().skip(header.len());
        body.for_each(&mut put);
        blessed
    }
}

/// The comment lines that the file begins with.
fn header(text: &str) -> Vec<&str> {
    text.lines().take_while(|line| line.starts_with('#')).collect()
}

fn documents(yaml: &str) -> Result<Vec<Value>, String> {
    let stream = transom_yaml::parse(yaml);
    if let Some(error) = stream.errors.first() {
        return Err(error.to_string());
    }
    let values = stream.documents.iter().map(|document| document.value().clone());
    Ok(values.filter(|value| !value.is_null()).collect())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            files.push(path);
        }
    }
}

/// The header lines that a Decision stands for, without `#! `.
#[must_use]
pub fn expectations(decision: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let path = |value: &Value| match value["path"].as_str() {
        Some("") => "/".to_owned(),
        _ => text(&value["path"]),
    };
    let list = |name: &str| decision[name].as_array().cloned().unwrap_or_default();
    let mut lines = vec![format!("allowed: {}", decision["allowed"])];
    let one = |target: &Value| {
        let placement = &target["placement"];
        format!(
            "{} (windows {}, linux {})",
            text(&target["intent"]),
            text(&placement["windows"]),
            text(&placement["linux"])
        )
    };
    match decision["targets"].as_array() {
        Some(targets) => lines.extend(targets.iter().map(|t| format!("target: {} {}", path(t), one(t)))),
        None if decision["target"].is_object() => lines.push(format!("target: {}", one(&decision["target"]))),
        None => {}
    }
    for finding in list("findings") {
        let mut line = format!(
            "finding: {} {} {} {}",
            text(&finding["rule"]),
            text(&finding["severity"]),
            text(&finding["action"]),
            path(&finding)
        );
        if let Some(safety) = finding["fix"]["safety"].as_str() {
            line.push(' ');
            line.push_str(safety);
        }
        lines.push(line);
    }
    for finding in list("suppressed") {
        lines.push(format!("suppressed: {} {}", text(&finding["rule"]), path(&finding)));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(text: &str) -> Case {
        Case::parse("c".into(), "c.yaml".into(), text.into()).expect("a case")
    }

    const CASE: &str = "# Why.\n#! settings: {platform: eks}\n#! finding: OLD\n# More.\n#! allowed: true\nkind: Pod # x\n---\nkind: Node\n";

    #[test]
    fn a_header_is_read() {
        let case = case(CASE);
        assert_eq!(case.expected, ["finding: OLD", "allowed: true"]);
        assert_eq!(
            case.input(),
            json!({"settings": {"platform": "eks"}, "context": [{"kind": "Node"}], "request": {"kind": "Pod"}})
        );
        assert_eq!(self::case("kind: Pod\n").input(), json!({"kind": "Pod"}));
    }

    #[test]
    fn blessing_rewrites_expectations_and_nothing_else() {
        let lines = ["allowed: false".to_owned(), "finding: NEW".to_owned()];
        let blessed = case(CASE).blessed(&lines);
        assert_eq!(
            blessed,
            "# Why.\n#! settings: {platform: eks}\n#! allowed: false\n#! finding: NEW\n# More.\nkind: Pod # x\n---\nkind: Node\n"
        );
        assert_eq!(case(&blessed).blessed(&lines), blessed);
        assert_eq!(
            case("# Why.\n#! now: 2026-01-01\nkind: Pod\n").blessed(&lines),
            "# Why.\n#! now: 2026-01-01\n#! allowed: false\n#! finding: NEW\nkind: Pod\n"
        );
        assert_eq!(case("kind: Pod\n").blessed(&lines), "#! allowed: false\n#! finding: NEW\nkind: Pod\n");
    }

    #[test]
    fn a_mistake_in_a_header_is_named() {
        let error = Case::parse("c".into(), "c.yaml".into(), "#! findings: x\nkind: Pod\n".into());
        assert_eq!(error.expect_err("unknown"), "c: unknown header line `#! findings: x`");
    }

    #[test]
    fn a_decision_as_lines() {
        let decision = json!({
            "allowed": false,
            "target": {"intent": "windows", "placement": {"windows": "yes", "linux": "guarded"}},
            "findings": [
                {"rule": "WIN101", "severity": "error", "action": "deny", "path": "/spec", "fix": {"safety": "safe"}},
                {"rule": "WIN001", "severity": "error", "action": "warn", "path": ""},
            ],
            "suppressed": [{"rule": "WIN107", "path": "/spec"}],
        });
        assert_eq!(
            expectations(&decision),
            [
                "allowed: false",
                "target: windows (windows yes, linux guarded)",
                "finding: WIN101 error deny /spec safe",
                "finding: WIN001 error warn /",
                "suppressed: WIN107 /spec",
            ]
        );
    }
}
