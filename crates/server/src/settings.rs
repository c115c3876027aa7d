//! The settings file, and what the server makes of it.

use std::path::Path;

use serde_json::{Value, json};
use transom_yaml::LineIndex;

/// A settings file, as text to point at and as a value.
pub struct Settings {
    label: String,
    text: String,
    document: Option<transom_yaml::Document>,
    value: Value,
}

/// A mistake in settings: a JSON Pointer, and what is wrong there.
pub type Mistake = (String, String);

impl Settings {
    /// No file: nothing is known of the cluster.
    pub fn none() -> Self {
        Settings { label: String::new(), text: String::new(), document: None, value: json!({}) }
    }

    /// Those that a module was made with, JSON.
    ///
    /// # Errors
    ///
    /// Where they are none.
    pub fn of_module(text: &str) -> Result<Self, String> {
        let label = "the settings in the module".to_owned();
        let value = serde_json::from_str(text).map_err(|error| format!("{label}: {error}"))?;
        Ok(Settings { label, text: text.to_owned(), document: None, value })
    }

    /// Whether there is nothing but comments in the file.
    pub fn says_nothing(&self) -> bool {
        self.document.as_ref().is_none_or(|document| document.value().is_null())
    }

    /// Whether there is no file.
    pub fn is_none(&self) -> bool {
        self.label.is_empty()
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    ///
    /// Every mistake of its syntax with its place, one a line.
    pub fn parse(path: &Path, text: String) -> Result<Self, String> {
        let label = path.display().to_string();
        let mut stream = transom_yaml::parse(&text);
        if !stream.errors.is_empty() {
            let errors = stream.errors.iter();
            let errors = errors.map(|error| format!("{label}:{}:{}: {}", error.line, error.column, error.message));
            return Err(errors.collect::<Vec<_>>().join("\n"));
        }
        if stream.documents.len() > 1 {
            return Err(format!("{label} holds {} documents: keep one", stream.documents.len()));
        }
        let document = stream.documents.pop();
        let repeated = document.as_ref().map(transom_yaml::Document::repeated).unwrap_or_default();
        if !repeated.is_empty() {
            let lines = LineIndex::new(&text);
            let errors = repeated.into_iter().map(|(name, span)| {
                let (line, column) = lines.line_column(span.start);
                format!("{label}:{line}:{column}: `{name}` is set twice: keep one")
            });
            return Err(errors.collect::<Vec<_>>().join("\n"));
        }
        let value = document.as_ref().map(|document| document.value().clone());
        let value = value.filter(|value| !value.is_null()).unwrap_or_else(|| json!({}));
        Ok(Settings { label, text, document, value })
    }

    /// The text that the file had.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether whoever asks for fixes gets them: the file does not say otherwise.
    pub fn leaves_fixes(&self) -> bool {
        leaves_fixes(&self.value)
    }

    /// The settings for `/mutate`, as JSON: who calls it wants fixes, unless the file says otherwise.
    pub fn for_mutating(&self, exempt: &[String]) -> String {
        let mut value = self.value.clone();
        exempting(&mut value, exempt);
        if let Value::Object(fields) = &mut value
            && fields.get("mutate").is_none_or(Value::is_null)
        {
            fields.insert("mutate".into(), "safe".into());
        }
        value.to_string()
    }

    /// The settings for everything else, as JSON: what is not changed here is judged as it is.
    pub fn for_judging(&self, exempt: &[String]) -> String {
        let mut value = self.value.clone();
        exempting(&mut value, exempt);
        if let Value::Object(fields) = &mut value {
            fields.insert("mutate".into(), "off".into());
        }
        value.to_string()
    }

    /// Every mistake with its place in the file, one a line.
    pub fn describe(&self, mistakes: &[Mistake]) -> String {
        let lines = LineIndex::new(&self.text);
        let describe = |(path, message): &Mistake| match &self.document {
            Some(document) => {
                let (line, column) = lines.line_column(document.locate(path).span.start);
                format!("{}:{line}:{column}: {message}", self.label)
            }
            None => format!("{path}: {message}"),
        };
        mistakes.iter().map(describe).collect::<Vec<_>>().join("\n")
    }
}

/// Whether settings do not say `mutate: off`.
pub fn leaves_fixes(settings: &Value) -> bool {
    // Without quotes, `off` is a boolean in YAML.
    settings["mutate"] != "off" && settings["mutate"] != false
}

/// Exempts further namespaces. A value of a wrong type stays, to be refused.
pub fn exempting(settings: &mut Value, namespaces: &[String]) {
    if namespaces.is_empty() {
        return;
    }
    let Value::Object(fields) = settings else { return };
    let Value::Object(exempt) = present(fields.entry("exempt").or_insert(Value::Null), json!({})) else { return };
    if let Value::Array(exempt) = present(exempt.entry("namespaces").or_insert(Value::Null), json!([])) {
        exempt.extend(namespaces.iter().map(|namespace| Value::from(namespace.as_str())));
    }
}

/// A value, where null says as much as another one.
fn present(value: &mut Value, instead: Value) -> &mut Value {
    if value.is_null() {
        *value = instead;
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(text: &str) -> Settings {
        Settings::parse(Path::new("transom.yaml"), text.to_owned()).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn what_is_set_twice_is_a_mistake() {
        let twice = Settings::parse(Path::new("transom.yaml"), "platform: aks\nplatform: eks\n".to_owned());
        assert_eq!(twice.err().as_deref(), Some("transom.yaml:2:1: `platform` is set twice: keep one"));
    }

    #[test]
    fn fixes_are_made_where_they_are_asked_for() {
        let value = |text: String| serde_json::from_str::<Value>(&text).expect("JSON");
        let silent = settings("platform: aks");
        assert_eq!(value(silent.for_mutating(&[])), json!({"platform": "aks", "mutate": "safe"}));
        assert_eq!(value(silent.for_judging(&[])), json!({"platform": "aks", "mutate": "off"}));
        let off = settings("mutate: 'off'");
        assert_eq!(value(off.for_mutating(&[])), json!({"mutate": "off"}));
        assert_eq!(value(settings("mutate:").for_mutating(&[])), json!({"mutate": "safe"}));
        assert_eq!(value(settings("# nothing\n").for_judging(&[])), json!({"mutate": "off"}));
    }

    #[test]
    fn namespaces_are_exempted_beside_the_files_own() {
        let exempt = ["kube-system".to_owned()];
        assert!(Settings::none().for_judging(&exempt).contains(r#""exempt":{"namespaces":["kube-system"]}"#));
        let own = settings("exempt: {namespaces: [a]}");
        assert!(own.for_judging(&exempt).contains(r#"["a","kube-system"]"#));
        assert!(settings("exempt: 1").for_judging(&exempt).contains(r#""exempt":1"#));
        for nothing in ["exempt:", "exempt: {namespaces: }", "exempt: {kinds: [Job]}"] {
            let settings = settings(nothing).for_judging(&exempt);
            assert!(settings.contains(r#""namespaces":["kube-system"]"#), "{nothing}: {settings}");
        }
    }

    #[test]
    fn mistakes_have_a_place() {
        let two = "platform: aks\nrules:\n  WIN999: off\n";
        let mistakes = [("/rules/WIN999".to_owned(), "no such rule".to_owned())];
        assert_eq!(settings(two).describe(&mistakes), "transom.yaml:3:11: no such rule");
        let broken = Settings::parse(Path::new("transom.yaml"), "a: [1".into()).err().expect("an error");
        assert!(broken.starts_with("transom.yaml:1:"), "{broken}");
        let twice = "platform: aks\nrules:\n  WIN101: warn\n  WIN101: off\nplatform: eks\n";
        let twice = Settings::parse(Path::new("t"), twice.into()).err().expect("an error");
        assert_eq!(twice, "t:4:3: `WIN101` is set twice: keep one\nt:5:1: `platform` is set twice: keep one");
        let error = Settings::parse(Path::new("t"), "a: 1\n---\nb: 1\n".into()).err().expect("an error");
        assert_eq!(error, "t holds 2 documents: keep one");
    }
}
