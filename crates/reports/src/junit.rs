//! JUnit's XML: a test suite a file, a test case an object, a failure where findings make the check fail.

use std::fmt::Write as _;
use std::io;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use transom_manifests::Finding;

use crate::{FileReport, ObjectReport, Options, TroubleKind, fix_of, place, text};

pub(crate) fn suite(file: &FileReport, options: Options) -> TestSuite {
    let mut suite = TestSuite::new(xml(&file.path));
    for trouble in file.errors.iter().filter(|trouble| trouble.kind != TroubleKind::NoObject) {
        let mut status = match trouble.is_error() {
            true => TestCaseStatus::non_success(NonSuccessKind::Error),
            false => TestCaseStatus::skipped(),
        };
        status.set_message(xml(&trouble.said()));
        let mut case = TestCase::new("can be checked", status);
        case.set_classname(xml(&file.path));
        suite.add_test_case(case);
    }
    for object in &file.objects {
        suite.add_test_case(case(file, object, options));
    }
    suite
}

fn case(file: &FileReport, object: &ObjectReport, options: Options) -> TestCase {
    let fails = |finding: &&Finding| options.fails.is_some_and(|fails| finding.action >= fails);
    let shown: Vec<&Finding> = object.shown(options).map(|(finding, _)| finding).collect();
    let failed: Vec<&Finding> = shown.iter().copied().filter(fails).collect();
    let passed: Vec<&Finding> = shown.iter().copied().filter(|finding| !fails(finding)).collect();
    let status = match failed.first() {
        None => TestCaseStatus::success(),
        Some(first) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_type(first.name.as_str()).set_message(xml(&first.message));
            status.set_description(xml(&lines(file, &failed)));
            status
        }
    };
    let mut case = TestCase::new(xml(&format!("{} (line {})", object.name(), object.line)), status);
    case.set_classname(xml(&file.path));
    if !passed.is_empty() {
        case.set_system_out(xml(&lines(file, &passed)));
    }
    case
}

/// Text without the two characters that XML has no place for and quick-junit lets through: of the control characters
/// it takes care itself. <https://www.w3.org/TR/xml/#charsets>
fn xml(text: &str) -> String {
    text.replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

fn lines(file: &FileReport, findings: &[&Finding]) -> String {
    let mut out = String::new();
    for finding in findings {
        let at = place(finding);
        let _ = write!(out, "{}:{}:{}: {} {}", file.path, at.line, at.column, finding.rule, text(finding));
        let fix = fix_of(file, finding).map(|fix| format!(" [fix: {fix}]")).unwrap_or_default();
        out.push_str(&fix);
        out.push('\n');
    }
    out
}

pub(crate) fn report(suites: Vec<TestSuite>) -> io::Result<String> {
    let mut report = Report::new("transom");
    report.add_test_suites(suites.into_iter().filter(|suite| suite.tests > 0));
    report.to_string().map_err(io::Error::other)
}
