//! Code actions: the fix of a finding, all safe fixes, a comment that accepts a finding, and the whole document
//! made one for Windows.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

use lsp_types::{CodeAction, CodeActionKind, CodeActionParams, CodeActionTriggerKind, TextEdit, WorkspaceEdit};
use serde_json::Value;
use transom_manifests::{Content, Judge, Safety, View, fix};
use transom_port::{Edit, Porter, State, Target, Text};
use transom_yaml::Stream;

use crate::checked::{Checked, Found};
use crate::position::Lines;
use crate::world::{Document, World};

/// What "fix all on save" of editors asks for; ours alone with the name behind it.
const FIX_ALL: CodeActionKind = CodeActionKind::new("source.fixAll.transom");

/// Workloads for Linux made such for Windows.
const PORT: CodeActionKind = CodeActionKind::new("refactor.rewrite.transom.port");

/// Whoever selects more findings than this gets no comments offered: each is tried on the text first.
const MOST_ACCEPTED: usize = 32;

/// The kinds that there are.
pub(crate) fn kinds() -> Vec<CodeActionKind> {
    vec![CodeActionKind::QUICKFIX, CodeActionKind::SOURCE_FIX_ALL, FIX_ALL, CodeActionKind::REFACTOR_REWRITE, PORT]
}

/// What holds for a document.
pub(crate) struct Holding<'a> {
    pub(crate) judge: &'a Judge,
    pub(crate) context: &'a View<'a>,
    /// The settings, as JSON.
    pub(crate) settings: &'a Value,
    /// The objects around it.
    pub(crate) surroundings: &'a dyn Fn() -> Vec<Value>,
}

pub(crate) fn of(
    world: &World,
    document: &Document,
    checked: &Checked,
    holding: &Holding<'_>,
    params: &CodeActionParams,
) -> Vec<CodeAction> {
    let Holding { judge, context, .. } = *holding;
    let is_wanted = |kind: &CodeActionKind| {
        let only = params.context.only.as_deref();
        only.is_none_or(|only| only.iter().any(|wanted| is_kind_of(kind.as_str(), wanted.as_str())))
    };
    let text = &*document.text;
    let lines = Lines::new(text, world.encoding);
    let stream = transom_yaml::parse(text);
    let mut actions = Vec::new();
    let asked = lines.span(params.range);
    let here = checked.found.iter().filter(|found| touches(&found.span, &asked));
    if is_wanted(&CodeActionKind::QUICKFIX) {
        let mut suppressions = Vec::new();
        let are_few = here.clone().nth(MOST_ACCEPTED).is_none();
        for found in here {
            let action = |title: String, edits: Vec<TextEdit>| CodeAction {
                title,
                kind: Some(CodeActionKind::QUICKFIX),
                diagnostics: checked.diagnostics.get(found.diagnostic).map(|diagnostic| vec![diagnostic.clone()]),
                edit: Some(workspace_edit(document, edits)),
                ..CodeAction::default()
            };
            if let Some((title, is_safe, edits)) = repair(&stream, text, found, holding, &lines) {
                actions.push(CodeAction { is_preferred: Some(is_safe), ..action(title, edits) });
            }
            if are_few && let Some(edit) = accept(&stream, text, found, judge, context) {
                let title = format!("Accept {} here, by a comment", found.finding.name);
                let edit = TextEdit { range: lines.range(edit.0), new_text: edit.1 };
                suppressions.push(action(title, vec![edit]));
            }
        }
        actions.sort_by_key(|action| action.is_preferred != Some(true));
        actions.extend(suppressions);
    }
    // Editors ask at every step of the cursor whether there is anything: not for this.
    let is_asked =
        params.context.only.is_some() || params.context.trigger_kind != Some(CodeActionTriggerKind::AUTOMATIC);
    let is_safe = |found: &Found| found.finding.fix.as_ref().is_some_and(|fix| fix.safety == Safety::Safe);
    if is_asked
        && is_wanted(&FIX_ALL)
        && checked.found.iter().any(is_safe)
        && let Some(edits) = everything(text, judge, context, &lines)
    {
        actions.push(CodeAction {
            title: "Apply all safe fixes of transom".to_owned(),
            kind: Some(FIX_ALL),
            edit: Some(workspace_edit(document, edits)),
            ..CodeAction::default()
        });
    }
    if is_asked && is_wanted(&PORT) {
        actions.extend(port(world, document, holding, &lines));
    }
    actions
}

/// The document for Windows, where something in it is not.
fn port(world: &World, document: &Document, holding: &Holding<'_>, lines: &Lines<'_>) -> Option<CodeAction> {
    let text = &*document.text;
    let stream = transom_yaml::parse(text);
    let is_other = |document: &transom_yaml::Document| {
        let Content::Objects(objects) = Content::of(document) else { return false };
        let examined = holding.judge.document(document, text, objects, holding.context);
        let mut decisions = examined.objects().filter_map(|(_, decision)| decision.as_ref().ok());
        decisions.any(|decision| decision.targets().iter().any(|target| target.intent != "windows"))
    };
    if !stream.documents.iter().any(is_other) {
        return None;
    }
    let today = (world.options.today)();
    let porter = Porter::new(holding.settings, &Target::default(), &today).ok()?;
    let name = document.path.as_deref().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
    let ported = porter.port(&[Text { name: &name, text }], &(holding.surroundings)());
    let [file] = &ported.files[..] else { return None };
    file.text.as_ref()?;
    let edit = |edit: &Edit| TextEdit { range: lines.range(edit.start..edit.end), new_text: edit.text.clone() };
    let open = ported.decisions.iter().filter(|decision| decision.state == State::Open).count();
    let left = match open {
        0 => String::new(),
        1 => format!(" (1 decision is yours: see transom port {name})"),
        open => format!(" ({open} decisions are yours: see transom port {name})"),
    };
    Some(CodeAction {
        title: format!("Port to Windows{left}"),
        kind: Some(PORT),
        edit: Some(workspace_edit(document, file.edits.iter().map(edit).collect())),
        ..CodeAction::default()
    })
}

/// `source.fixAll.transom` is a `source.fixAll`, which is a `source`.
fn is_kind_of(kind: &str, wanted: &str) -> bool {
    kind.strip_prefix(wanted).is_some_and(|rest| wanted.is_empty() || rest.is_empty() || rest.starts_with('.'))
}

fn touches(span: &Range<usize>, asked: &Range<usize>) -> bool {
    span.start <= asked.end && asked.start <= span.end
}

fn workspace_edit(document: &Document, edits: Vec<TextEdit>) -> WorkspaceEdit {
    WorkspaceEdit { changes: Some(HashMap::from([(document.uri.clone(), edits)])), ..WorkspaceEdit::default() }
}

/// Title, safety and edits of a finding's fix.
fn repair(
    stream: &Stream,
    text: &str,
    found: &Found,
    holding: &Holding<'_>,
    lines: &Lines<'_>,
) -> Option<(String, bool, Vec<TextEdit>)> {
    let fix = found.finding.fix.as_ref()?;
    let document = stream.documents.iter().find(|document| document.index() == found.document)?;
    let Content::Objects(objects) = Content::of(document) else { return None };
    let edits = if fix.patch.is_empty() {
        // A comment: only who judges knows where it is.
        let examined = holding.judge.document(document, text, objects, holding.context);
        let (object, _) = examined.objects().find(|(object, _)| object.at == found.at)?;
        examined.text_fix(text, object, &found.finding)?.edits
    } else {
        let object = objects.into_iter().find(|object| object.at == found.at)?;
        document.edits(text, &object.lifted(&fix.patch)).ok()?
    };
    let is_safe = fix.safety == Safety::Safe;
    let title = if is_safe { fix.title.clone() } else { format!("{} (unsafe: look at what it changes)", fix.title) };
    let edits = edits.into_iter().map(|edit| TextEdit { range: lines.range(edit.range), new_text: edit.text });
    Some((title, is_safe, edits.collect()))
}

/// A comment that hides a finding: behind its line, or above it where that has a comment already or
/// no room for one. Whether it does is seen by judging the text with it.
fn accept(
    stream: &Stream,
    text: &str,
    found: &Found,
    judge: &Judge,
    context: &View<'_>,
) -> Option<(Range<usize>, String)> {
    let before = stream.documents.iter().find(|document| document.index() == found.document)?;
    if text.trim_start_matches('\u{feff}').trim_start().starts_with('{') || found.finding.path.starts_with("/comments/")
    {
        return None;
    }
    let lines = Lines::new(text, crate::position::Encoding::Utf8);
    let line = lines.line(lines.line_of(found.span.start));
    let words = &text[line.clone()];
    let indent = words.len() - words.trim_start().len();
    let comment = format!("# transom: ignore[{}] -- TODO: say why", found.finding.name);
    let end = line.start + words.trim_end().len();
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let behind = (end..end, format!(" {comment}"));
    let above = (line.start..line.start, format!("{}{comment}{newline}", &words[..indent]));
    let has_comment = before.comments().iter().any(|other| line.contains(&other.span.start));
    let choices = [Some(behind).filter(|_| !has_comment), Some(above)];
    choices.into_iter().flatten().find(|(range, insert)| {
        let mut after = text.to_owned();
        after.replace_range(range.clone(), insert);
        hides(&after, found, before.value(), judge, context)
    })
}

/// Whether the finding is suppressed in a text that says the same otherwise.
fn hides(after: &str, found: &Found, value: &serde_json::Value, judge: &Judge, context: &View<'_>) -> bool {
    let stream = transom_yaml::parse(after);
    let Some(document) = stream.documents.iter().find(|document| document.index() == found.document) else {
        return false;
    };
    if document.value() != value {
        return false;
    }
    let Content::Objects(objects) = Content::of(document) else { return false };
    let examined = judge.document(document, after, objects, context);
    let is_it = |finding: &transom_manifests::Finding| {
        finding.rule == found.finding.rule
            && finding.path == found.finding.path
            && finding.message == found.finding.message
    };
    examined.objects().any(|(object, decision)| {
        object.at == found.at && decision.as_ref().is_ok_and(|decision| decision.suppressed.iter().any(is_it))
    })
}

/// The edits of all safe fixes, whole lines.
fn everything(text: &str, judge: &Judge, context: &View<'_>, lines: &Lines<'_>) -> Option<Vec<TextEdit>> {
    let after = fix(judge, context, text, &|_| false).text?;
    let diff = similar::TextDiff::from_lines(text, &*after);
    let (old, new): (Vec<&str>, Vec<&str>) = (diff.old_slices().to_vec(), diff.new_slices().to_vec());
    let start = |index: usize| old[..index].iter().map(|line| line.len()).sum::<usize>();
    let changes = diff.ops().iter().filter(|op| op.tag() != similar::DiffTag::Equal);
    let edits = changes.map(|op| TextEdit {
        range: lines.range(start(op.old_range().start)..start(op.old_range().end)),
        new_text: new[op.new_range()].concat(),
    });
    Some(edits.collect())
}
