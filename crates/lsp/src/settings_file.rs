//! `transom.yaml`: which one holds for a document, what is wrong with it, and help while it is written.

use std::path::Path;
use std::sync::Arc;

use lsp_types::{
    CompletionItem, CompletionItemKind, CompletionTextEdit, Diagnostic, DiagnosticSeverity, Documentation, Hover,
    MarkupContent, MarkupKind, Position, TextEdit,
};
use serde_json::{Value, json};
use transom::settings::{self, schema};
use transom::{Mistake, Transom, rules};
use transom_manifests::Judge;

use crate::checked::SOURCE;
use crate::hover;
use crate::position::Lines;
use crate::world::{Document, World, uri_of};

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
    let mut transom = Transom::new();
    let (mut value, mut broken) = (json!({}), None);
    if let Some(found) = find(world, document) {
        let read = json(&found.text).filter(|json| transom.configure(json.to_string().as_bytes()).is_ok());
        match read {
            Some(json) => value = json,
            None => broken = Some(found),
        }
    }
    Around { judge: Judge::new(transom, (world.options.today)()), value, broken }
}

fn find(world: &World, document: &Document) -> Option<Document> {
    if let Some(path) = &world.options.settings {
        return read(world, path);
    }
    let text = |path: &Path| Some(read(world, path)?.text.to_string());
    read(world, &transom_manifests::nearest(document.path.as_deref()?.parent()?, text)?)
}

/// A file as it is in the editor, or else on disk.
fn read(world: &World, path: &Path) -> Option<Document> {
    if let Some(open) = world.open(path) {
        return Some(Document::clone(open));
    }
    let text = Arc::from(std::fs::read_to_string(path).ok()?);
    Some(Document { uri: uri_of(path)?, path: Some(path.to_owned()), version: 0, text })
}

fn json(text: &str) -> Option<Value> {
    let mut stream = transom_yaml::parse(text);
    if !stream.errors.is_empty() {
        return None;
    }
    let value = stream.documents.pop().map(transom_yaml::Document::into_value).unwrap_or_default();
    Some(if value.is_null() { json!({}) } else { value })
}

pub(crate) fn diagnostics(world: &World, document: &Document) -> Vec<Diagnostic> {
    let lines = Lines::new(&document.text, world.encoding);
    let stream = transom_yaml::parse(&document.text);
    let at = |span, message: String| Diagnostic {
        range: lines.range(span),
        severity: Some(DiagnosticSeverity::ERROR),
        source: Some(SOURCE.to_owned()),
        message,
        ..Diagnostic::default()
    };
    let mut diagnostics: Vec<Diagnostic> =
        stream.errors.iter().map(|error| at(error.offset..error.offset, error.message.clone())).collect();
    let Some(first) = stream.documents.first() else { return diagnostics };
    if let Some(second) = stream.documents.get(1) {
        diagnostics.push(at(second.span(), "settings are one document: keep one".to_owned()));
    }
    let value = first.value();
    let mistakes: Vec<Mistake> =
        if value.is_null() { Vec::new() } else { settings::read(&value.to_string()).err().unwrap_or_default() };
    diagnostics.extend(mistakes.into_iter().map(|mistake| {
        // A field that should not be there is its key; a wrong value is the value.
        at(first.locate(&mistake.path).span, mistake.message)
    }));
    diagnostics
}

/// The keys that lead to a line, by indentation: it is read while it is written, and may not parse.
struct Way {
    /// The keys around the place, the outer ones first; an item of a list is `-`.
    keys: Vec<String>,
    /// The key before a colon on the line itself, where the place is behind it.
    key: Option<String>,
}

fn way(text: &str, offset: usize) -> Way {
    let start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
    let end = text[offset..].find('\n').map_or(text.len(), |at| offset + at);
    let (line, before) = (&text[start..end], &text[start..offset]);
    let body = line.trim_start();
    let mut indent = line.len() - body.len();
    if line.trim().is_empty() {
        indent = before.len();
    }
    let mut keys = Vec::new();
    let is_item = body.starts_with("- ") || body.trim_end() == "-";
    if is_item {
        keys.push("-".to_owned());
    }
    for line in text[..start].lines().rev() {
        let body = line.trim_start();
        if body.is_empty() || body.starts_with('#') {
            continue;
        }
        let own = line.len() - body.len();
        // A list may begin in the column of its key.
        let name = |entry: &str| Some(entry.split_once(':')?.0.trim().trim_matches(['"', '\'']).to_owned());
        if let Some(item) = body.strip_prefix("- ") {
            if own < indent {
                let column = line.len() - item.trim_start().len();
                keys.extend(name(item).filter(|_| column < indent));
                keys.push("-".to_owned());
                indent = own;
            }
        } else if (own < indent || (own == indent && keys.last().is_some_and(|key| key == "-")))
            && let Some(name) = name(body)
        {
            keys.push(name);
            indent = own;
        }
    }
    keys.reverse();
    let key =
        before.split_once(':').map(|(key, _)| key.trim().trim_start_matches("- ").trim_matches(['"', '\'']).to_owned());
    Way { keys, key }
}

/// The part of the schema that a way leads to.
fn step<'s>(schema: &'s Value, keys: &[String]) -> Option<&'s Value> {
    keys.iter().try_fold(schema, |node, key| match key.as_str() {
        "-" => node.get("items"),
        key => node["properties"].get(key).or_else(|| node.get("additionalProperties").filter(|more| more.is_object())),
    })
}

pub(crate) fn hover(world: &World, document: &Document, position: Position) -> Option<Hover> {
    let lines = Lines::new(&document.text, world.encoding);
    let offset = lines.offset(position);
    let span = hover::word(&document.text, offset);
    let word = &document.text[span.clone()];
    if let Some(rule) = rules::find(word) {
        return Some(hover::hover(hover::about(rule), &lines, span));
    }
    let mut way = way(&document.text, span.start);
    way.keys.push(word.to_owned());
    let schema = schema();
    let node = step(&schema, &way.keys)?;
    let mut text = format!("**{word}**");
    if let Some(description) = node["description"].as_str() {
        text.push_str(&format!(": {description}"));
    }
    let words = values(node);
    if !words.is_empty() {
        text.push_str(&format!(
            "\n\nOne of {}",
            words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
        ));
    }
    Some(hover::hover(text, &lines, span))
}

pub(crate) fn completion(world: &World, document: &Document, position: Position) -> Vec<CompletionItem> {
    let text = &*document.text;
    let lines = Lines::new(text, world.encoding);
    let offset = lines.offset(position);
    let typed = hover::word(text, offset).start..offset;
    let mut way = way(text, offset);
    let schema = schema();
    let item = |label: &str, insert: String, kind, description: Option<&Value>| CompletionItem {
        label: label.to_owned(),
        kind: Some(kind),
        documentation: description.and_then(Value::as_str).map(|value| {
            Documentation::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value: value.to_owned() })
        }),
        text_edit: Some(CompletionTextEdit::Edit(TextEdit { range: lines.range(typed.clone()), new_text: insert })),
        ..CompletionItem::default()
    };
    let is_value = way.key.is_some();
    way.keys.extend(way.key.take());
    let Some(node) = step(&schema, &way.keys) else { return Vec::new() };
    if is_value || way.keys.last().is_some_and(|key| key == "-") {
        let words = values(node);
        if !words.is_empty() || is_value {
            return words.iter().map(|word| item(word, word.clone(), CompletionItemKind::VALUE, None)).collect();
        }
    }
    let properties = node["properties"].as_object().into_iter().flatten();
    let items = properties.map(|(name, property)| match rules::find(name) {
        Some(rule) => {
            let item = hover::item(name, rule, &lines, typed.clone());
            let new_text = format!("{name}: ");
            CompletionItem {
                text_edit: Some(CompletionTextEdit::Edit(TextEdit { range: lines.range(typed.clone()), new_text })),
                // By name first: that is what everybody reads.
                sort_text: Some(format!("{}{name}", u8::from(name.starts_with("WIN")))),
                ..item
            }
        }
        None => {
            let is_mapping = property["type"] == "object" || property["type"] == "array";
            let insert = if is_mapping { format!("{name}:") } else { format!("{name}: ") };
            item(name, insert, CompletionItemKind::PROPERTY, property.get("description"))
        }
    });
    items.collect()
}

/// The values that a part of the schema names, as they are written: `off` in quotes, for YAML reads it
/// as false.
fn values(node: &Value) -> Vec<String> {
    if node["type"] == "boolean" {
        return vec!["true".to_owned(), "false".to_owned()];
    }
    let words = node["enum"].as_array().into_iter().flatten().filter_map(Value::as_str);
    words.map(|word| if word == "off" { "\"off\"".to_owned() } else { word.to_owned() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> (Vec<String>, Option<String>) {
        let offset = text.find('|').expect("the cursor");
        let way = way(&text.replace('|', ""), offset);
        (way.keys, way.key)
    }

    #[test]
    fn the_way_is_read_by_indentation() {
        let way = |keys: &[&str], key: Option<&str>| {
            (keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>(), key.map(str::to_owned))
        };
        assert_eq!(keys("pl|"), way(&[], None));
        assert_eq!(keys("platform: a|"), way(&[], Some("platform")));
        assert_eq!(keys("windows:\n  bu|"), way(&["windows"], None));
        assert_eq!(
            keys("windows:\n  builds: [1]\n  taints:\n  - key: a\n    eff|"),
            way(&["windows", "taints", "-"], None)
        );
        assert_eq!(keys("a:\n- b: 1\n- c:\n    d|"), way(&["a", "-", "c"], None));
        assert_eq!(keys("a: 1\nrules:\n  # c\n\n  linux-image: |"), way(&["rules"], Some("linux-image")));
        assert_eq!(keys("lookUp:\n  - No|"), way(&["lookUp", "-"], None));
        assert_eq!(keys("lookUp:\n- |"), way(&["lookUp", "-"], None));
    }
}
