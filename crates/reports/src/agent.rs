//! For programs that read text, and pay for each word: a finding a line, nothing drawn.
//!
//! `web.yaml:16:1: error WIN101 windows-pod-not-pinned: message; help [fix: Pin it (--fix)]`

use std::fmt::Write as _;

use transom_manifests::Action;

use crate::{FileReport, Options, Tally, fix_of, place, text};

pub(crate) fn lines(file: &FileReport, options: Options) -> String {
    let mut out = String::new();
    for trouble in &file.errors {
        let (line, column) = trouble.place.map_or((1, 1), |place| (place.line, place.column));
        let _ = writeln!(out, "{}:{line}:{column}: not checked: {}", file.path, one_line(&trouble.message));
    }
    for object in &file.objects {
        for (finding, _) in object.shown(options) {
            let level = match finding.action {
                Action::Deny => "error",
                Action::Warn => "warning",
                Action::Info => "info",
            };
            let at = place(finding);
            let said = one_line(&text(finding));
            let fix = fix_of(finding).map(|fix| format!(" [fix: {fix}]")).unwrap_or_default();
            let (path, rule, name, of) = (&file.path, &finding.rule, &finding.name, object.name());
            let _ = writeln!(out, "{path}:{}:{}: {level} {rule} {name}: {of}: {said}{fix}", at.line, at.column);
        }
    }
    out
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(crate) fn end(tally: &Tally) -> String {
    let Tally { errors, warnings, suppressed, fixable, objects, files, .. } = tally;
    let mut text = format!("{errors} errors, {warnings} warnings in {objects} objects in {files} files");
    let more = [(*fixable, "fixable with --fix"), (*suppressed, "suppressed"), (tally.baseline, "in the baseline")];
    for (count, what) in more.into_iter().filter(|(count, _)| *count > 0) {
        let _ = write!(text, ", {count} {what}");
    }
    if tally.unreadable > 0 {
        let _ = write!(text, ", {} not checked", tally.unreadable);
    }
    text.push('\n');
    text
}
