//! `cargo x survey FOLDER`: what the rules make of real manifests.
//!
//! One column for each folder in FOLDER: documents, intents, findings by rule and severity, how
//! many fixes converge, and whatever looks suspicious. The rows are sorted, so that two surveys
//! show as a diff what a change did.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::{Value, json};
use transom::Transom;

/// Row, column, count.
#[derive(Default)]
struct Table {
    columns: BTreeSet<String>,
    rows: BTreeMap<(u8, String), BTreeMap<String, usize>>,
}

impl Table {
    fn count(&mut self, section: u8, row: impl Into<String>, column: &str) {
        self.columns.insert(column.to_owned());
        *self.rows.entry((section, row.into())).or_default().entry(column.to_owned()).or_default() += 1;
    }

    fn print(&self) {
        let width = self.rows.keys().map(|(_, row)| row.chars().count()).max().unwrap_or_default();
        print!("{:width$}", "");
        for column in &self.columns {
            print!(" {column:>9}");
        }
        println!();
        let mut last = None;
        for ((section, row), counts) in &self.rows {
            if last.is_some_and(|last| last != section) {
                println!();
            }
            last = Some(section);
            print!("{row:width$}");
            for column in &self.columns {
                print!(" {:>9}", counts.get(column).copied().unwrap_or_default());
            }
            println!();
        }
    }
}

/// The sections of the table, in the order they are printed.
mod section {
    pub(super) const INPUT: u8 = 0;
    pub(super) const INTENT: u8 = 1;
    pub(super) const PLACEMENT: u8 = 2;
    pub(super) const SEVERITY: u8 = 3;
    pub(super) const RULE: u8 = 4;
    pub(super) const FIX: u8 = 5;
}

struct Survey {
    table: Table,
    notes: Vec<String>,
    unknown_images: BTreeSet<String>,
    verbose: bool,
}

pub(crate) fn run(folder: &Path, verbose: bool) -> anyhow::Result<()> {
    let mut files = Vec::new();
    manifests(folder, &mut files).with_context(|| folder.display().to_string())?;
    files.sort();
    let mut survey = Survey { table: Table::default(), notes: Vec::new(), unknown_images: BTreeSet::new(), verbose };
    for file in &files {
        let name = file.strip_prefix(folder).unwrap_or(file);
        let column = match name.parent().and_then(|p| p.iter().next()) {
            Some(folder) => folder.to_string_lossy().into_owned(),
            None => "all".to_owned(),
        };
        survey.table.count(section::INPUT, "files", &column);
        match std::fs::read_to_string(file) {
            Ok(text) => survey.file(&name.to_string_lossy(), &column, &text),
            Err(error) => survey.notes.push(format!("{}: {error}", name.display())),
        }
    }
    survey.table.print();
    if !survey.unknown_images.is_empty() {
        println!("\nimages whose system is not known ({}):", survey.unknown_images.len());
        survey.unknown_images.iter().for_each(|image| println!("  {image}"));
    }
    if !survey.notes.is_empty() {
        println!("\nworth a look ({}):", survey.notes.len());
        survey.notes.iter().for_each(|note| println!("  {note}"));
    }
    Ok(())
}

fn manifests(folder: &Path, into: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            manifests(&path, into)?;
        } else if path.extension().is_some_and(|e| e == "yaml" || e == "yml" || e == "json") {
            into.push(path);
        }
    }
    Ok(())
}

impl Survey {
    fn file(&mut self, file: &str, column: &str, text: &str) {
        let stream = transom_yaml::parse(text);
        for error in &stream.errors {
            self.table.count(section::INPUT, "documents that do not parse", column);
            self.notes.push(format!("{file}:{}:{}: {}", error.line, error.column, error.message));
        }
        let mut objects = Vec::new();
        for document in stream.documents.iter().filter(|d| !d.is_empty()) {
            match document.value().get("items").and_then(Value::as_array) {
                Some(items) if document.value()["kind"] == "List" => objects.extend(items.iter().cloned()),
                _ => objects.push(document.value().clone()),
            }
        }
        for (index, object) in objects.iter().enumerate() {
            self.table.count(section::INPUT, "objects", column);
            let context: Vec<&Value> =
                objects.iter().enumerate().filter(|(i, _)| *i != index).map(|(_, o)| o).collect();
            self.object(file, column, object, &context);
        }
    }

    fn object(&mut self, file: &str, column: &str, object: &Value, context: &[&Value]) {
        let decision = judge(object, context);
        let name = format!("{file}: {}/{}", text(&object["kind"]), text(&object["metadata"]["name"]));
        let targets = decision["targets"]
            .as_array()
            .cloned()
            .unwrap_or_else(|| decision.get("target").cloned().into_iter().collect());
        for target in &targets {
            let intent = text(&target["intent"]);
            self.table.count(section::INPUT, "pods", column);
            self.table.count(section::INTENT, format!("intent {intent}"), column);
            for os in ["windows", "linux"] {
                let placement = text(&target["placement"][os]);
                self.table.count(section::PLACEMENT, format!("placement {os} {placement}"), column);
            }
            if self.verbose {
                self.notes.push(format!("intent {intent}: {name}"));
            }
        }
        self.images(object);
        for finding in decision["findings"].as_array().into_iter().flatten() {
            let (rule, severity) = (text(&finding["rule"]), text(&finding["severity"]));
            self.table.count(section::SEVERITY, format!("findings {severity}"), column);
            self.table.count(section::RULE, format!("{rule} {} {severity}", text(&finding["name"])), column);
            if rule == "WIN001" || (self.verbose && severity == "error") {
                self.notes.push(format!("{rule} {name}: {}: {}", text(&finding["path"]), text(&finding["message"])));
            }
        }
        self.convergence(&name, column, object, context, &decision);
    }

    /// Applies all safe fixes: nothing fixable and nothing new may be left, and no more changes.
    fn convergence(&mut self, name: &str, column: &str, object: &Value, context: &[&Value], decision: &Value) {
        if decision["patch"].as_array().is_none_or(Vec::is_empty) {
            return;
        }
        self.table.count(section::FIX, "objects with safe fixes", column);
        match host_test::converge(&envelope(object, context), evaluate) {
            Ok(_) => self.table.count(section::FIX, "objects whose safe fixes converge", column),
            Err(error) => {
                self.table.count(section::FIX, "objects whose safe fixes do NOT converge", column);
                self.notes.push(format!("{name}: {error}"));
            }
        }
    }

    fn images(&mut self, value: &Value) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    match value {
                        Value::String(image) if name == "image" => {
                            if transom::images::read(image).os == transom::images::Os::Unknown {
                                self.unknown_images.insert(image.clone());
                            }
                        }
                        value => self.images(value),
                    }
                }
            }
            Value::Array(elements) => elements.iter().for_each(|element| self.images(element)),
            _ => {}
        }
    }
}

fn judge(object: &Value, context: &[&Value]) -> Value {
    serde_json::from_str(&evaluate(&envelope(object, context))).unwrap_or_default()
}

fn envelope(object: &Value, context: &[&Value]) -> Value {
    json!({"request": object, "context": context})
}

fn evaluate(input: &Value) -> String {
    Transom::new().evaluate(input.to_string().as_bytes())
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
