//! GitLab's code quality report: <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>

use serde::Serialize;
use transom_manifests::{Action, Key};

use crate::{FileReport, Options, line, place, text};

pub(crate) const BEGIN: &str = "[\n";

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: &'a str,
    severity: &'static str,
    location: Place<'a>,
}

#[derive(Serialize)]
struct Place<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
    end: usize,
}

pub(crate) fn issues(file: &FileReport, options: Options) -> String {
    let path = file.in_repository();
    let named = file.path.strip_prefix("./").unwrap_or(&file.path);
    let mut issues = Vec::new();
    for (index, trouble) in file.errors.iter().filter(|trouble| trouble.is_error()).enumerate() {
        let key = Key { object: String::new(), at: trouble.message.clone(), rule: "not-checked".into() };
        let begin = trouble.place.map_or(1, |place| place.line);
        issues.push(line(&Issue {
            description: trouble.said().into_owned(),
            check_name: "not-checked",
            fingerprint: &key.fingerprint(named, index),
            severity: "blocker",
            location: Place { path, lines: Lines { begin, end: begin } },
        }));
    }
    for (finding, detail) in file.objects.iter().flat_map(|object| object.shown(options)) {
        let at = place(finding);
        issues.push(line(&Issue {
            description: text(finding),
            check_name: &finding.name,
            fingerprint: &detail.fingerprint,
            severity: match finding.action {
                Action::Deny => "major",
                Action::Warn => "minor",
                Action::Info => "info",
            },
            location: Place { path, lines: Lines { begin: at.line, end: at.end_line } },
        }));
    }
    issues.join(",\n")
}
