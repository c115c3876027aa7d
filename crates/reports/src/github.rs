//! Workflow commands of GitHub Actions: `::error file=web.yaml,line=16,col=1,title=…::message`.
//!
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>

use std::fmt::Write as _;

use transom_manifests::Action;

use crate::{FileReport, Options, TroubleKind, fix_of, place, text};

pub(crate) fn commands(file: &FileReport, options: Options) -> String {
    let mut out = String::new();
    let path = property(file.in_repository());
    for trouble in file.errors.iter().filter(|trouble| trouble.kind != TroubleKind::NoObject) {
        let command = if trouble.is_error() { "error" } else { "notice" };
        let at = trouble.place.map(|place| format!(",line={},col={}", place.line, place.column)).unwrap_or_default();
        let _ = writeln!(out, "::{command} file={path}{at},title=transom::{}", data(&trouble.said()));
    }
    for object in &file.objects {
        for (finding, _) in object.shown(options) {
            let command = match finding.action {
                Action::Deny => "error",
                Action::Warn => "warning",
                Action::Info => "notice",
            };
            let at = place(finding);
            let mut message = format!("{} (in {})", text(finding), object.name());
            if let Some(fix) = fix_of(file, finding) {
                let _ = write!(message, "\nfix: {fix}");
            }
            // Columns count only where they are of one line.
            let columns = if at.line == at.end_line {
                format!(",col={},endColumn={}", at.column, at.end_column)
            } else {
                String::new()
            };
            let title = property(&format!("{} {}", finding.rule, finding.name));
            let _ = writeln!(
                out,
                "::{command} file={path},line={},endLine={}{columns},title={title}::{}",
                at.line,
                at.end_line,
                data(&message)
            );
        }
        for (finding, help) in object.unseen() {
            let at = place(finding);
            let title = property(&format!("{} {}", finding.rule, finding.name));
            let said = data(&format!("suppressed by a comment: {}; {help} (in {})", finding.message, object.name()));
            let _ =
                writeln!(out, "::notice file={path},line={},endLine={},title={title}::{said}", at.line, at.end_line);
        }
    }
    out
}

fn data(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(transom_manifests::printable).collect();
    lines.join("\n").replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
