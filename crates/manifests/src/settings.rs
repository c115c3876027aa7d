//! `transom.yaml`: where it is found, and what is wrong with it, at its places.

use std::path::{Path, PathBuf};

use serde_json::Value;
use transom::{Mistake, Settings};
use transom_yaml::{Document, Span, SyntaxError};

/// What the file with the settings is called.
pub const SETTINGS_FILE: &str = "transom.yaml";

/// What somebody may call it who is used to that.
pub const MISNAMED: &str = "transom.yml";

/// The nearest settings for what is in `folder`: there, or in the nearest folder above that has any.
/// `read` gives the text of a file, where there is one.
pub fn nearest(folder: &Path, read: impl Fn(&Path) -> Option<String>) -> Option<PathBuf> {
    let is_there = |path: &PathBuf| read(path).is_some_and(|text| is_settings(path, &text));
    folder.ancestors().map(|folder| folder.join(SETTINGS_FILE)).find(is_there)
}

/// Whether a file looks like settings under a name by which nobody finds them.
#[must_use]
pub fn is_misnamed(path: &Path, text: &str) -> bool {
    let settings = path.with_file_name(SETTINGS_FILE);
    path.file_name().is_some_and(|name| name == MISNAMED) && is_settings(&settings, text)
}

/// Whether a file holds settings: a manifest may have the same name.
#[must_use]
pub fn is_settings(path: &Path, text: &str) -> bool {
    path.file_name().is_some_and(|name| name == SETTINGS_FILE)
        && !text.lines().any(|line| line.starts_with("apiVersion:"))
}

/// What a document of settings says more than once, at its places.
fn repeated(document: &Document) -> Vec<Wrong> {
    let wrong = |(name, span)| Wrong { span, message: format!("`{name}` is set twice: keep one") };
    document.repeated().into_iter().map(wrong).collect()
}

/// Settings as somebody wrote them, as text to point at and as a value.
#[derive(Debug)]
pub struct SettingsText {
    document: Option<Document>,
    value: Value,
}

/// Something that is wrong with a text of settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// Where.
    pub span: Span,
    /// What, and what would be right.
    pub message: String,
}

impl SettingsText {
    /// Reads a text, YAML or JSON; an empty one sets nothing.
    ///
    /// # Errors
    ///
    /// Where it is not one YAML document, or says something twice. What it says may still be wrong: see
    /// [`settings`](SettingsText::settings).
    pub fn read(text: &str) -> Result<Self, Vec<Wrong>> {
        let (read, wrong) = SettingsText::of(text);
        if wrong.is_empty() { Ok(read) } else { Err(wrong) }
    }

    /// Everything that is wrong with a text, at its place.
    #[must_use]
    pub fn everything_wrong(text: &str) -> Vec<Wrong> {
        let (read, mut wrong) = SettingsText::of(text);
        wrong.extend(read.settings().err().unwrap_or_default());
        wrong
    }

    /// The first document of a text, and what is wrong with its form.
    fn of(text: &str) -> (Self, Vec<Wrong>) {
        let mut stream = transom_yaml::parse(text);
        stream.documents.retain(|document| !document.is_empty());
        let syntax = |error: SyntaxError| Wrong {
            span: error.offset..error.offset,
            message: format!("this is not YAML: {}", error.message),
        };
        let mut wrong: Vec<Wrong> = stream.errors.into_iter().map(syntax).collect();
        let mut documents = stream.documents.into_iter();
        let document = documents.next();
        if let Some(second) = documents.next() {
            let message = "there is a second document: keep one".to_owned();
            wrong.push(Wrong { span: second.locate("").span, message });
        }
        wrong.extend(document.as_ref().map(repeated).unwrap_or_default());
        let value = document.as_ref().map(|document| document.value().clone()).filter(|value| !value.is_null());
        let value = value.unwrap_or_else(|| Value::Object(serde_json::Map::new()));
        (SettingsText { document, value }, wrong)
    }

    /// What it says; an empty object where it says nothing.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// Whether there is nothing but comments in it.
    #[must_use]
    pub fn says_nothing(&self) -> bool {
        self.document.as_ref().is_none_or(|document| document.value().is_null())
    }

    /// Where to point to for a JSON Pointer.
    #[must_use]
    pub fn span(&self, path: &str) -> Span {
        self.document.as_ref().map_or(0..0, |document| document.locate(path).span)
    }

    /// Where to point to for a mistake: a name that does not exist is wrong itself, not what stands behind it.
    fn span_of(&self, mistake: &Mistake) -> Span {
        let is_name = ["unknown field", "unknown feature gate", "there is no rule"];
        let is_name = is_name.iter().any(|start| mistake.message.starts_with(start));
        let name = self.document.as_ref().filter(|_| is_name).and_then(|document| document.key_span(&mistake.path));
        name.unwrap_or_else(|| self.span(&mistake.path))
    }

    /// The settings that it says.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with them, in the order of the text.
    pub fn settings(&self) -> Result<Settings, Vec<Wrong>> {
        transom::settings::read(&self.value.to_string()).map_err(|mistakes| self.placed(&mistakes))
    }

    /// Mistakes at their places, in the order of the text.
    #[must_use]
    pub fn placed(&self, mistakes: &[Mistake]) -> Vec<Wrong> {
        // They are few: a sort is five kilobytes of the page.
        let mut placed: Vec<Wrong> = Vec::new();
        for mistake in mistakes {
            let wrong = Wrong { span: self.span_of(mistake), message: mistake.message.clone() };
            let at = placed.partition_point(|other| other.span.start <= wrong.span.start);
            placed.insert(at, wrong);
        }
        placed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_name_is_marked_itself_and_a_wrong_value_behind_its_name() {
        let marked = |text: &'static str| -> Vec<&str> {
            SettingsText::everything_wrong(text).into_iter().map(|wrong| &text[wrong.span]).collect()
        };
        assert_eq!(marked("platfrom: x\n"), ["platfrom"]);
        assert_eq!(marked("rules: {WIN1O1: warn}\n"), ["WIN1O1"]);
        assert_eq!(marked("kubernetes: {featureGates: {ContainerStopSignal: true}}\n"), ["ContainerStopSignal"]);
        assert_eq!(marked("rules: {WIN101: wran}\nplatform: aksx\n"), ["wran", "aksx"]);
        assert_eq!(marked("platform: aks\nplatform: eks\n"), ["platform"]);
        assert_eq!(marked("platform: aks\n---\nplatform: eks\n"), ["platform"]);
        assert_eq!(marked("platfrom: x\nwin"), [""], "this is not YAML");
        assert!(marked("").is_empty() && marked("# nothing\n").is_empty());
    }
}
