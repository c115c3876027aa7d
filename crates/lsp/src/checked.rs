//! A document, judged: its findings, and what the editor shows of them.

use std::ops::Range;
use std::sync::Arc;

use lsp_types::{
    CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, Location, NumberOrString,
};
use transom_manifests::{
    Action, BaselineFile, Content, Decision, Finding, Judge, Object, View, below, holds_actions, rule_page,
};

use crate::diagnostic::{self, SOURCE};
use crate::document::Document;
use crate::position::Lines;
use crate::world::World;

/// What was found in one version of a document.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) version: i32,
    pub(crate) found: Vec<Found>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// A finding and where it is.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) finding: Finding,
    /// Bytes of the text.
    pub(crate) span: Range<usize>,
    /// The document of the stream, from 0.
    pub(crate) document: usize,
    /// JSON Pointer of the object there.
    pub(crate) at: String,
    /// Its place among the diagnostics.
    pub(crate) diagnostic: usize,
}

/// Judges a document, but for what the baseline knows; none where it is not worth going on with.
pub(crate) fn check(
    world: &World,
    document: &Document,
    judge: &Judge,
    context: &View<'_>,
    baseline: Option<&BaselineFile>,
    is_current: &dyn Fn() -> bool,
) -> Option<Checked> {
    let text: &Arc<str> = &document.text;
    let lines = Lines::new(text, world.encoding);
    let stream = transom_yaml::parse(text);
    let mut checked = Checked { version: document.version, found: Vec::new(), diagnostics: Vec::new() };
    // What is not rendered yet is not YAML yet; what is not Kubernetes' is somebody else's matter.
    let is_template = document.is_template(&stream);
    if text.contains("apiVersion") && !is_template {
        let errors = stream.errors.iter().map(|error| {
            let span = error.offset..next_character(text, error.offset);
            diagnostic::error(lines.range(span), error.message.clone())
        });
        checked.diagnostics.extend(errors);
    }
    if world.is_patch(document) {
        return Some(checked);
    }
    let path = document.path.as_deref();
    let mut accepted = baseline.zip(path).map(|(baseline, path)| baseline.of_one(path));
    for part in &stream.documents {
        if !is_current() {
            return None;
        }
        let Content::Objects(objects) = Content::of(part) else { continue };
        if is_template && holds_actions(part.value()) {
            continue;
        }
        let mut examined = judge.document(part, text, objects, context);
        if let Some(accepted) = &mut accepted {
            examined.mark_known(accepted, true);
        }
        for (object, decision) in examined.objects() {
            let Ok(decision) = decision else { continue };
            let span = |path: &str| examined.span(object, path);
            for finding in decision.findings.iter().filter(|finding| !finding.is_known) {
                let diagnostic = diagnostic(document, &lines, finding, decision, &span);
                let index = checked.diagnostics.len();
                checked.diagnostics.push(diagnostic);
                checked.found.push(of(finding, object, part.index(), span(&finding.path), index));
            }
        }
    }
    Some(checked)
}

fn of(finding: &Finding, object: &Object<'_>, document: usize, span: Range<usize>, diagnostic: usize) -> Found {
    Found { finding: finding.clone(), span, document, at: object.at.clone(), diagnostic }
}

fn next_character(text: &str, offset: usize) -> usize {
    text.get(offset..).and_then(|rest| rest.chars().next()).map_or(offset, |c| offset + c.len_utf8())
}

fn diagnostic(
    document: &Document,
    lines: &Lines<'_>,
    finding: &Finding,
    decision: &Decision,
    span: &dyn Fn(&str) -> Range<usize>,
) -> Diagnostic {
    let severity = match finding.action {
        Action::Deny => DiagnosticSeverity::ERROR,
        Action::Warn => DiagnosticSeverity::WARNING,
        Action::Info => DiagnosticSeverity::INFORMATION,
    };
    let help = if finding.help.is_empty() { String::new() } else { format!("\nhelp: {}", finding.help) };
    let own = span(&finding.path);
    let related: Vec<DiagnosticRelatedInformation> = evidence(decision, &finding.path)
        .into_iter()
        .map(|(path, because)| (span(&path), because))
        .filter(|(place, _)| *place != own)
        .map(|(place, because)| DiagnosticRelatedInformation {
            location: Location { uri: document.uri.clone(), range: lines.range(place) },
            message: because,
        })
        .collect();
    Diagnostic {
        range: lines.range(own),
        severity: Some(severity),
        code: Some(NumberOrString::String(finding.rule.clone())),
        code_description: rule_page(&finding.rule, &finding.name).parse().ok().map(|href| CodeDescription { href }),
        source: Some(SOURCE.to_owned()),
        message: format!("{}{help}", finding.message),
        related_information: Some(related).filter(|related| !related.is_empty()),
        ..Diagnostic::default()
    }
}

/// Why the pod that a finding is about is meant for what it is meant for: path and reason.
fn evidence(decision: &Decision, path: &str) -> Vec<(String, String)> {
    let targets = decision.targets();
    let is_in = |pod: &str| below(path, pod).is_some();
    let target = targets.iter().find(|target| target.path.as_deref().is_none_or(is_in));
    let Some(target) = target else { return Vec::new() };
    let speaks = target.evidence.iter().filter(|evidence| evidence.says == target.intent);
    speaks
        .map(|evidence| (evidence.path.clone(), format!("meant for {}: {}", title(&evidence.says), evidence.because)))
        .collect()
}

fn title(os: &str) -> &'static str {
    if os == "windows" { "Windows" } else { "Linux" }
}
