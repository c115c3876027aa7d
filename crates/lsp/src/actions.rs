//! Code actions: the fix of a finding, all safe fixes, a comment that accepts a finding, and the whole document
//! made one for Windows.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::path::Path;

use lsp_types::{CodeAction, CodeActionKind, CodeActionParams, CodeActionTriggerKind, TextEdit, WorkspaceEdit};
use serde_json::Value;
use transom_manifests::suppressions::{comment_about, is_comment};
use transom_manifests::{Content, Examined, Finding, Judge, Object, Safety, View, Wanted, fix_wanted};
use transom_port::{Edit, Porter, State, Target, Text};
use transom_yaml::Stream;

use crate::checked::{Checked, Found};
use crate::document::Document;
use crate::position::Lines;
use crate::world::World;

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
    /// Whether somebody still waits for the answer.
    pub(crate) is_wanted: &'a dyn Fn() -> bool,
}

/// A text, read once.
struct Reading<'s> {
    text: &'s str,
    lines: &'s Lines<'s>,
    parts: BTreeMap<usize, Part<'s>>,
}

/// A document of the text; what takes a while is done once, when somebody asks.
struct Part<'s> {
    document: &'s transom_yaml::Document,
    /// Its objects, by their places in it.
    objects: OnceCell<BTreeMap<String, Object<'s>>>,
    examined: OnceCell<Examined<'s>>,
}

impl<'s> Reading<'s> {
    fn of(stream: &'s Stream, text: &'s str, lines: &'s Lines<'s>) -> Self {
        let part = |document| Part { document, objects: OnceCell::new(), examined: OnceCell::new() };
        let parts = stream.documents.iter().map(|document| (document.index(), part(document)));
        Reading { text, lines, parts: parts.collect() }
    }

    fn edits(&self, edits: impl IntoIterator<Item = transom_yaml::TextEdit>) -> Vec<TextEdit> {
        let edit = |edit: transom_yaml::TextEdit| TextEdit { range: self.lines.range(edit.range), new_text: edit.text };
        edits.into_iter().map(edit).collect()
    }
}

impl<'s> Part<'s> {
    fn objects(&self) -> &BTreeMap<String, Object<'s>> {
        let objects =
            || Content::objects(self.document).into_iter().map(|object| (object.at.clone(), object)).collect();
        self.objects.get_or_init(objects)
    }

    fn examined(&self, text: &str, holding: &Holding<'_>) -> &Examined<'s> {
        let examine = || holding.judge.document(self.document, text, Content::objects(self.document), holding.context);
        self.examined.get_or_init(examine)
    }
}

/// The actions for a range of a document; some of them where nobody waits for them any more.
pub(crate) fn of(
    world: &World,
    document: &Document,
    checked: &Checked,
    holding: &Holding<'_>,
    params: &CodeActionParams,
) -> Vec<CodeAction> {
    let is_asked_for = |kind: &CodeActionKind| {
        let only = params.context.only.as_deref();
        only.is_none_or(|only| only.iter().any(|wanted| is_kind_of(kind.as_str(), wanted.as_str())))
    };
    let text = &*document.text;
    let lines = Lines::new(text, world.encoding);
    let asked = lines.span(params.range);
    // Editors ask at every step of the cursor whether there is anything: then only for what is right there.
    let is_by_hand =
        params.context.only.is_some() || params.context.trigger_kind != Some(CodeActionTriggerKind::AUTOMATIC);
    if !is_by_hand && !checked.found.iter().any(|found| touches(&found.span, &asked)) {
        return Vec::new();
    }
    let stream = transom_yaml::parse(text);
    let reading = Reading::of(&stream, text, &lines);
    let mut actions = Vec::new();
    if is_asked_for(&CodeActionKind::QUICKFIX) {
        actions = quick_fixes(document, checked, holding, &reading, &asked);
    }
    let is_safe = |found: &Found| found.finding.fix.as_ref().is_some_and(|fix| fix.safety == Safety::Safe);
    // What `fix` and `port` pass over.
    let is_part = || world.is_patch(document) || document.is_template(&stream);
    if is_by_hand
        && is_asked_for(&FIX_ALL)
        && checked.found.iter().any(is_safe)
        && !is_part()
        && let Some(edits) = everything(text, holding, &lines)
    {
        actions.push(CodeAction {
            title: "Apply all safe fixes of transom".to_owned(),
            kind: Some(FIX_ALL),
            edit: Some(workspace_edit(document, edits)),
            ..CodeAction::default()
        });
    }
    if is_by_hand && is_asked_for(&PORT) && !is_part() {
        actions.extend(port(world, document, holding, &reading));
    }
    actions
}

/// The fixes of the findings in a range, and the comments that accept them.
fn quick_fixes(
    document: &Document,
    checked: &Checked,
    holding: &Holding<'_>,
    reading: &Reading<'_>,
    asked: &Range<usize>,
) -> Vec<CodeAction> {
    let here = checked.found.iter().filter(|found| touches(&found.span, asked));
    let are_few = here.clone().nth(MOST_ACCEPTED).is_none();
    let (mut actions, mut suppressions) = (Vec::new(), Vec::new());
    for found in here {
        if !(holding.is_wanted)() {
            return actions;
        }
        let Some(part) = reading.parts.get(&found.document) else { continue };
        let action = |title: String, edits: Vec<TextEdit>| CodeAction {
            title,
            kind: Some(CodeActionKind::QUICKFIX),
            diagnostics: checked.diagnostics.get(found.diagnostic).map(|diagnostic| vec![diagnostic.clone()]),
            edit: Some(workspace_edit(document, edits)),
            ..CodeAction::default()
        };
        if let Some((title, is_safe, edits)) = repair(reading, part, found, holding) {
            actions.push(CodeAction { is_preferred: Some(is_safe), ..action(title, edits) });
        }
        if are_few && let Some(edit) = accept(reading, part, found, holding) {
            let title = format!("Accept {} here, by a comment", found.finding.name);
            suppressions.push(action(title, reading.edits([edit])));
        }
    }
    actions.sort_by_key(|action| action.is_preferred != Some(true));
    actions.extend(suppressions);
    actions
}

/// The document for Windows, where something in it is not.
fn port(world: &World, document: &Document, holding: &Holding<'_>, reading: &Reading<'_>) -> Option<CodeAction> {
    let (text, lines) = (reading.text, reading.lines);
    let is_other = |part: &Part<'_>| {
        let mut decisions = part.examined(text, holding).objects().filter_map(|(_, decision)| decision.as_ref().ok());
        decisions.any(|decision| decision.targets().iter().any(|target| target.intent != "windows"))
    };
    if !reading.parts.values().take_while(|_| (holding.is_wanted)()).any(is_other) {
        return None;
    }
    let today = (world.options.today)();
    let porter = Porter::new(holding.settings, &Target::default(), &today).ok()?;
    let name = document.path.as_deref().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
    let ported = porter.port_while(&[Text { name: &name, text }], &(holding.surroundings)(), holding.is_wanted)?;
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
    reading: &Reading<'_>,
    part: &Part<'_>,
    found: &Found,
    holding: &Holding<'_>,
) -> Option<(String, bool, Vec<TextEdit>)> {
    let fix = found.finding.fix.as_ref()?;
    let object = part.objects().get(&found.at)?;
    let edits = if fix.patch.is_empty() {
        // A comment: only who judges knows where it is.
        part.examined(reading.text, holding).text_fix(reading.text, object, &found.finding)?.edits
    } else {
        part.document.edits(reading.text, &object.lifted(&fix.patch)).ok()?
    };
    let is_safe = fix.safety == Safety::Safe;
    let title = if is_safe { fix.title.clone() } else { format!("{} (unsafe: look at what it changes)", fix.title) };
    Some((title, is_safe, reading.edits(edits)))
}

/// A comment that hides a finding: behind its line, or above it where that has a comment already or
/// no room for one. Whether it does is seen by judging the object with it.
fn accept(
    reading: &Reading<'_>,
    part: &Part<'_>,
    found: &Found,
    holding: &Holding<'_>,
) -> Option<transom_yaml::TextEdit> {
    let Reading { text, lines, .. } = *reading;
    if text.trim_start_matches('\u{feff}').trim_start().starts_with('{') || is_comment(&found.finding.path) {
        return None;
    }
    let line = lines.line(lines.line_of(found.span.start));
    let words = &text[line.clone()];
    let indent = words.len() - words.trim_start().len();
    let comment = format!("# {} -- TODO: say why", comment_about(&found.finding.name));
    let end = line.start + words.trim_end().len();
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let edit = |at: usize, text: String| transom_yaml::TextEdit { range: at..at, text };
    let behind = edit(end, format!(" {comment}"));
    let above = edit(line.start, format!("{}{comment}{newline}", &words[..indent]));
    let has_comment = part.document.comments().iter().any(|other| line.contains(&other.span.start));
    let choices = [Some(behind).filter(|_| !has_comment), Some(above)];
    choices.into_iter().flatten().find(|edit| hides(edit, text, part.document, found, holding))
}

/// Whether the finding is suppressed in a document with a comment put in that says the same otherwise.
fn hides(
    comment: &transom_yaml::TextEdit,
    text: &str,
    before: &transom_yaml::Document,
    found: &Found,
    holding: &Holding<'_>,
) -> bool {
    let outer = before.outer_span();
    let at = comment.range.start;
    // What is put in before a `---` is the document's above.
    if at > outer.end || at < before.span().start && before.index() > 0 {
        return false;
    }
    let mut after = text[outer.clone()].to_owned();
    after.insert_str(at.saturating_sub(outer.start), &comment.text);
    let stream = transom_yaml::parse(&after);
    let [document] = &stream.documents[..] else { return false };
    if document.value() != before.value() {
        return false;
    }
    let object = Content::objects(document).into_iter().filter(|object| object.at == found.at).collect();
    let examined = holding.judge.document(document, &after, object, holding.context);
    let is_it = |finding: &Finding| {
        finding.rule == found.finding.rule
            && finding.path == found.finding.path
            && finding.message == found.finding.message
    };
    let mut decisions = examined.objects().filter_map(|(_, decision)| decision.as_ref().ok());
    decisions.any(|decision| decision.suppressed.iter().any(is_it))
}

/// The edits of all safe fixes, whole lines; none where nobody waits for them.
fn everything(text: &str, holding: &Holding<'_>, lines: &Lines<'_>) -> Option<Vec<TextEdit>> {
    let wanted = Wanted { object: &|_, _| true, unsafe_fix: &|_| false, known: None, answer: holding.is_wanted };
    let after = fix_wanted(holding.judge, holding.context, text, wanted)?.text?;
    let edit = |edit: Edit| TextEdit { range: lines.range(edit.start..edit.end), new_text: edit.text };
    Some(transom_port::edits(text, &after).into_iter().map(edit).collect())
}
