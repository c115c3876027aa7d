//! The settings file, and what the server makes of it.

use std::path::Path;

use serde_json::{Value, json};
use transom::Mistake;
use transom_manifests::{SettingsText, Wrong};
use transom_yaml::LineIndex;

/// Settings, as text to point at and as a value.
pub struct Settings {
    label: String,
    text: String,
    /// What a file says; nothing where they are from no file.
    file: Option<SettingsText>,
    value: Value,
}

impl Settings {
    /// No file: nothing is known of the cluster.
    pub fn none() -> Self {
        Settings { label: String::new(), text: String::new(), file: None, value: json!({}) }
    }

    /// Those that a module was made with, JSON.
    ///
    /// # Errors
    ///
    /// Where they are none.
    pub fn of_module(text: &str) -> Result<Self, String> {
        let label = "the settings in the module".to_owned();
        let value = serde_json::from_str(text).map_err(|error| format!("{label}: {error}"))?;
        Ok(Settings { label, text: text.to_owned(), file: None, value })
    }

    /// Whether there is nothing but comments in the file.
    pub fn says_nothing(&self) -> bool {
        self.file.as_ref().is_none_or(SettingsText::says_nothing)
    }

    /// Whether there is no file.
    pub fn is_none(&self) -> bool {
        self.label.is_empty()
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    ///
    /// Every mistake of its form with its place, one a line.
    pub fn parse(path: &Path, text: String) -> Result<Self, String> {
        let label = path.display().to_string();
        let file = SettingsText::read(&text).map_err(|wrong| placed(&label, &text, &wrong))?;
        let value = file.value().clone();
        Ok(Settings { label, text, file: Some(file), value })
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
        match &self.file {
            Some(file) => placed(&self.label, &self.text, &file.placed(mistakes)),
            None => mistakes.iter().map(Mistake::to_string).collect::<Vec<_>>().join("\n"),
        }
    }
}

/// What is wrong with the text of a file, with its places, one a line.
fn placed(label: &str, text: &str, wrong: &[Wrong]) -> String {
    let lines = LineIndex::new(text);
    let told = wrong.iter().map(|wrong| {
        let (line, column) = lines.line_column(wrong.span.start);
        format!("{label}:{line}:{column}: {}", wrong.message)
    });
    told.collect::<Vec<_>>().join("\n")
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
        let mistake = |message: &str| [Mistake { path: "/rules/WIN999".into(), message: message.into() }];
        assert_eq!(settings(two).describe(&mistake("not that")), "transom.yaml:3:11: not that");
        assert_eq!(settings(two).describe(&mistake("there is no rule")), "transom.yaml:3:3: there is no rule");
        assert_eq!(Settings::none().describe(&mistake("not that")), "/rules/WIN999: not that");
        let broken = Settings::parse(Path::new("transom.yaml"), "a: [1".into()).err().expect("an error");
        assert!(broken.starts_with("transom.yaml:1:"), "{broken}");
        let twice = "platform: aks\nrules:\n  WIN101: warn\n  WIN101: off\nplatform: eks\n";
        let twice = Settings::parse(Path::new("t"), twice.into()).err().expect("an error");
        assert_eq!(twice, "t:4:3: `WIN101` is set twice: keep one\nt:5:1: `platform` is set twice: keep one");
        let error = Settings::parse(Path::new("t"), "a: 1\n---\nb: 1\n".into()).err().expect("an error");
        assert_eq!(error, "t:3:1: there is a second document: keep one");
        assert!(settings("---\n# nothing\n---\nplatform: aks\n").for_judging(&[]).contains("aks"));
    }
}
