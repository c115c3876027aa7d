//! `transom.yaml`: which one holds for a document, what is wrong with it, and help while it is written.

use std::path::Path;

use lsp_types::{
    CompletionItem, CompletionItemKind, CompletionTextEdit, Diagnostic, Documentation, Hover, MarkupContent,
    MarkupKind, Position, TextEdit,
};
use serde_json::{Value, json};
use transom::settings::schema;
use transom::{Transom, rules};
use transom_manifests::settings_help::{self, Field, Suggestion, word};
use transom_manifests::{Judge, SettingsText, Wrong};

use crate::document::Document;
use crate::position::Lines;
use crate::world::World;
use crate::{diagnostic, hover};

/// Whether a document is settings and no manifest.
pub(crate) fn is_settings(world: &World, document: &Document) -> bool {
    let is_it = |path: &Path| {
        world.options.settings.as_deref() == Some(path) || transom_manifests::is_settings(path, &document.text)
    };
    document.path.as_deref().is_some_and(is_it)
}

/// The settings around a document.
#[derive(Debug)]
pub(crate) struct Around {
    pub(crate) judge: Judge,
    /// The settings as JSON.
    pub(crate) value: Value,
    /// The settings as they were found, where something is wrong with them and they do not hold.
    pub(crate) broken: Option<Document>,
}

/// The settings that hold for a document: those the server was started with, or of the nearest file.
pub(crate) fn around(world: &World, document: &Document) -> Around {
    let over = &world.options.over;
    let mut transom = Transom::new();
    let mut configure =
        |settings: Value| transom.configure(settings.to_string().as_bytes()).is_ok().then_some(settings);
    let found = find(world, document);
    let read = found.as_ref().and_then(|found| SettingsText::read(&found.text).ok());
    let (value, broken) = match read.and_then(|text| configure(over.0(text.value()))) {
        Some(value) => (value, None),
        None => (configure(over.0(&json!({}))).unwrap_or_default(), found),
    };
    Around { judge: Judge::new(transom, (world.options.today)()), value, broken }
}

fn find(world: &World, document: &Document) -> Option<Document> {
    if let Some(path) = &world.options.settings {
        return world.read(path);
    }
    let text = |path: &Path| Some(world.read(path)?.text.to_string());
    world.read(&transom_manifests::nearest(document.path.as_deref()?.parent()?, text)?)
}

pub(crate) fn diagnostics(world: &World, document: &Document) -> Vec<Diagnostic> {
    let lines = Lines::new(&document.text, world.encoding);
    let diagnostic = |wrong: Wrong| diagnostic::error(lines.range(wrong.span), wrong.message);
    SettingsText::everything_wrong(&document.text).into_iter().map(diagnostic).collect()
}

pub(crate) fn hover(world: &World, document: &Document, position: Position) -> Option<Hover> {
    let lines = Lines::new(&document.text, world.encoding);
    let offset = lines.offset(position);
    let span = word(&document.text, offset);
    if let Some(rule) = rules::find(&document.text[span.clone()]) {
        return Some(hover::hover(hover::about(rule), &lines, span));
    }
    let Field { name, about, values, .. } = settings_help::field(&schema(), &document.text, offset)?;
    let mut text = format!("**{name}**");
    if let Some(about) = about {
        text.push_str(&format!(": {about}"));
    }
    if !values.is_empty() {
        let words: Vec<_> = values.iter().map(|word| format!("`{word}`")).collect();
        text.push_str(&format!("\n\nOne of {}", words.join(", ")));
    }
    Some(hover::hover(text, &lines, span))
}

pub(crate) fn completion(world: &World, document: &Document, position: Position) -> Vec<CompletionItem> {
    let lines = Lines::new(&document.text, world.encoding);
    let (typed, suggestions) = settings_help::suggestions(&schema(), &document.text, lines.offset(position));
    let item = |Suggestion { label, insert, about, is_field, quoted }: Suggestion| {
        // Editors offer what begins as the text does whose place it takes.
        let filter_text = quoted.map(|quote| format!("{quote}{label}"));
        let edit = TextEdit { range: lines.range(typed.clone()), new_text: insert };
        let rule = rules::find(&label).filter(|_| is_field);
        let item = match rule {
            Some(rule) => CompletionItem {
                // By name first: that is what everybody reads.
                sort_text: Some(format!("{}{label}", u8::from(label.starts_with("WIN")))),
                ..hover::item(&label, rule, &lines, typed.clone())
            },
            None => CompletionItem {
                label,
                kind: Some(if is_field { CompletionItemKind::PROPERTY } else { CompletionItemKind::VALUE }),
                documentation: about
                    .map(|value| Documentation::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value })),
                ..CompletionItem::default()
            },
        };
        CompletionItem { text_edit: Some(CompletionTextEdit::Edit(edit)), filter_text, ..item }
    };
    suggestions.into_iter().map(item).collect()
}
