//! Helm templates that were not rendered: recognised, so that nobody is told about YAML errors in
//! what is not YAML yet.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::input::{self, Source};
use crate::set::File;

/// The chart to render where a file is a template (`CHART` where it is in none): it does not parse
/// because of `{{ … }}`, or it is a template of a chart and has such in its values.
pub(crate) fn of(source: &Source, file: &File) -> Option<String> {
    if source.rendered.is_some() || !file.text.contains("{{") {
        return None;
    }
    let chart = source.path.as_deref().and_then(chart_of);
    let has_values = || chart.is_some() && file.stream.documents.iter().any(|document| is_in(document.value()));
    // In a chart, what has actions and is not YAML is not YAML because of them.
    let is_broken = !file.stream.errors.is_empty() && file.text.contains("}}");
    let is_template = (is_broken && (chart.is_some() || has_actions(&file.text))) || has_values();
    is_template.then(|| chart.map_or_else(|| "CHART".to_owned(), |chart| input::label(&chart)))
}

/// The chart of which this file is a template: the folder with a `Chart.yaml` whose `templates/`
/// it is in.
fn chart_of(file: &Path) -> Option<PathBuf> {
    let templates =
        file.ancestors().skip(1).filter(|folder| folder.file_name().is_some_and(|name| name == "templates"));
    templates.filter_map(Path::parent).find(|chart| chart.join("Chart.yaml").is_file()).map(Path::to_owned)
}

/// Whether an action of Helm stands in this text where YAML has no place for it: at the start of a line or where
/// a value begins. Inside quotes and block scalars other tools use `{{`, too.
fn has_actions(text: &str) -> bool {
    text.lines().any(|line| {
        line.match_indices("{{").any(|(at, _)| {
            let before = line[..at].trim();
            let is_apart = before.is_empty() || before.ends_with([':', '-', '[', ',', '{']);
            !before.contains('#') && is_apart && is_action(&line[at + 2..])
        })
    })
}

/// Whether what follows `{{` is for Helm: placeholders such as `{{name}}` are filled in by others.
fn is_action(text: &str) -> bool {
    let end = text.find("}}");
    let action = &text[..end.unwrap_or(text.len())];
    let word = action.trim().split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    // A comment or a call may go on in the next line.
    end.is_none()
        || action.starts_with(['-', '/'])
        || action.ends_with('-')
        || OBJECTS.iter().any(|object| action.contains(object))
        || WORDS.contains(&word)
}

/// What Helm gives its templates.
const OBJECTS: [&str; 6] = [".Values", ".Release", ".Chart", ".Capabilities", ".Files", ".Template"];

/// What actions of Go's templates begin with.
const WORDS: [&str; 11] =
    ["if", "else", "end", "range", "with", "define", "template", "block", "include", "toYaml", "tpl"];

/// Whether some string in a value has an action in it.
pub(crate) fn is_in(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains("{{"),
        Value::Array(items) => items.iter().any(is_in),
        Value::Object(fields) => fields.iter().any(|(key, value)| key.contains("{{") || is_in(value)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_templates_from_text_that_has_braces() {
        for template in [
            "{{- if .Values.on }}\na: 1\n{{- end }}",
            "a: {{ .Values.a }}",
            "- {{ .Values.a }}",
            "  - name: {{ include \"x\" . }}",
            "a: [{{ .Values.a }}]",
            "a: {b: 1, c: {{ $x -}}}",
            "a: {{ dict\n",
        ] {
            assert!(has_actions(template), "{template}");
        }
        for other in [
            "a: \"{{ $labels.pod }}\"",
            "a: {b: {c: 1}}",
            "a: [",
            "# {{ .Values.x }}",
            "text: see {{ .Values.x }}",
            "a: {{name}}",
            "a: {{ endpoint }}/b",
        ] {
            assert!(!has_actions(other), "{other}");
        }
    }
}
