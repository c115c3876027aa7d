//! What a rule says about itself, at its finding and at its name in a comment or an annotation.

use std::ops::Range;

use lsp_types::{
    CompletionItem, CompletionItemKind, CompletionTextEdit, Documentation, Hover, HoverContents, MarkupContent,
    MarkupKind, Position, TextEdit,
};
use transom::finding::Stage;
use transom::rules::{self, Rule};
use transom::suppress::ANNOTATION;
use transom_manifests::rule_page;
use transom_manifests::settings_help::word;
use transom_manifests::suppressions::is_in_brackets;

use crate::checked::Checked;
use crate::document::Document;
use crate::position::Lines;
use crate::world::World;

pub(crate) fn at(world: &World, document: &Document, checked: &Checked, position: Position) -> Option<Hover> {
    let lines = Lines::new(&document.text, world.encoding);
    let offset = lines.offset(position);
    if let Some((rule, span)) = named(&document.text, offset) {
        return Some(hover(about(rule), &lines, span));
    }
    let here: Vec<_> =
        checked.found.iter().filter(|found| (found.span.start..=found.span.end).contains(&offset)).collect();
    let span = here.iter().map(|found| found.span.clone()).min_by_key(Range::len)?;
    let texts = here.iter().map(|found| {
        let finding = &found.finding;
        let help = if finding.help.is_empty() { String::new() } else { format!("\n\n_{}_", finding.help) };
        let message = format!("**{}**: {}{help}", finding.severity, finding.message);
        match rules::find(&finding.rule) {
            Some(rule) => format!("{message}\n\nShows at: {}\n\n{}", stage(&finding.stage), about(rule)),
            None => message,
        }
    });
    Some(hover(texts.collect::<Vec<_>>().join("\n\n---\n\n"), &lines, span))
}

/// Where one would have met a finding, in words.
fn stage(word: &str) -> String {
    Stage::from_word(word).map_or_else(|| word.to_owned(), Stage::described)
}

pub(crate) fn hover(text: String, lines: &Lines<'_>, span: Range<usize>) -> Hover {
    let contents = HoverContents::Markup(markdown(text));
    Hover { contents, range: Some(lines.range(span)) }
}

fn markdown(value: String) -> MarkupContent {
    MarkupContent { kind: MarkupKind::Markdown, value }
}

/// The page of a rule, as far as it is prose, and where the rest is.
pub(crate) fn about(rule: &Rule) -> String {
    let documentation = rules::documentation(rule);
    let page = rule_page(rule.id, rule.name);
    format!("### [{} {}]({page})\n\n{}", rule.id, rule.name, documentation.trim().replace("\n## ", "\n#### "))
}

/// The rule whose name or id stands at an offset, in a comment or an annotation of ours.
fn named(text: &str, offset: usize) -> Option<(&'static Rule, Range<usize>)> {
    let span = word(text, offset);
    let line = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
    let before = &text[line..span.start];
    let is_ours = is_in_brackets(before) || before.ends_with(ANNOTATION);
    let rule = rules::find(&text[span.clone()]).filter(|_| is_ours)?;
    Some((rule, span))
}

/// The names of rules in `# transom: ignore[`.
pub(crate) fn complete_suppression(world: &World, document: &Document, position: Position) -> Vec<CompletionItem> {
    let text = &*document.text;
    let lines = Lines::new(text, world.encoding);
    let offset = lines.offset(position);
    let line = text[..offset].rfind('\n').map_or(0, |at| at + 1);
    let before = &text[line..offset];
    if !is_in_brackets(before) && !before.contains(ANNOTATION) {
        return Vec::new();
    }
    let span = word(text, offset);
    rules::all().iter().map(|rule| item(rule.name, rule, &lines, span.clone())).collect()
}

/// A rule as a proposal to put in the place of a span.
pub(crate) fn item(label: &str, rule: &Rule, lines: &Lines<'_>, span: Range<usize>) -> CompletionItem {
    CompletionItem {
        label: label.to_owned(),
        kind: Some(CompletionItemKind::CONSTANT),
        detail: Some(format!("{} · {}", rule.id, rule.severity)),
        documentation: Some(Documentation::MarkupContent(markdown(format!("{}.", rule.summary)))),
        text_edit: Some(CompletionTextEdit::Edit(TextEdit { range: lines.range(span), new_text: label.to_owned() })),
        ..CompletionItem::default()
    }
}
