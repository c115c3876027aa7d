//! For programs that read text, and pay for each word: a finding a line, nothing drawn.
//!
//! `web.yaml:16:1: error WIN101 windows-pod-not-pinned: message; help [fix: Pin it (--fix)]`

use std::fmt::Write as _;

use transom_manifests::Action;

use crate::{FileReport, Options, Tally, Trouble, TroubleKind, counted, fix_of, place, text};

pub(crate) fn lines(file: &FileReport, options: Options) -> String {
    let mut out = String::new();
    let path = transom_manifests::printable(&file.path);
    // Templates that are skipped are counted at the end.
    let is_said = |trouble: &&Trouble| trouble.is_error() || trouble.kind != TroubleKind::Template;
    for trouble in file.errors.iter().filter(is_said) {
        let (line, column) = trouble.place.map_or((1, 1), |place| (place.line, place.column));
        let _ = writeln!(out, "{path}:{line}:{column}: not checked: {}", one_line(&trouble.said()));
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
            let fix = fix_of(file, finding).map(|fix| format!(" [fix: {fix}]")).unwrap_or_default();
            let (rule, name, of) = (&finding.rule, &finding.name, object.name());
            let _ = writeln!(out, "{path}:{}:{}: {level} {rule} {name}: {of}: {said}{fix}", at.line, at.column);
        }
        for (finding, help) in object.unseen().filter(|_| !options.quiet) {
            let at = place(finding);
            let (rule, name, of) = (&finding.rule, &finding.name, object.name());
            let said = one_line(&format!("suppressed by a comment: {}; {help}", finding.message));
            let _ = writeln!(out, "{path}:{}:{}: note {rule} {name}: {of}: {said}", at.line, at.column);
        }
    }
    out
}

fn one_line(text: &str) -> String {
    transom_manifests::printable(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(crate) fn end(tally: &Tally) -> String {
    let Tally { errors, warnings, suppressed, fixable, objects, files, .. } = tally;
    let (errors, warnings) = (counted(*errors, "error"), counted(*warnings, "warning"));
    let (objects, files) = (counted(*objects, "object"), counted(*files, "file"));
    let mut text = format!("{errors}, {warnings} in {objects} in {files}");
    let more = [(*fixable, "fixable with --fix"), (*suppressed, "suppressed"), (tally.baseline, "in the baseline")];
    for (count, what) in more.into_iter().filter(|(count, _)| *count > 0) {
        let _ = write!(text, ", {count} {what}");
    }
    if tally.unreadable > 0 {
        let _ = write!(text, ", {} not checked", tally.unreadable);
    }
    let templates = tally.templates.values().sum();
    if templates > 0 {
        let _ = write!(
            text,
            ", {} skipped: check their charts, which are rendered then",
            counted(templates, "Helm template")
        );
    }
    text.push('\n');
    text
}
