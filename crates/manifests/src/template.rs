//! Helm templates that were not rendered: recognised, so that nobody is told about YAML errors in
//! what is not YAML yet.

use serde_json::Value;
use transom_yaml::Stream;

/// Whether a text is a Helm template: it does not parse because of `{{ … }}`, or it is in a chart, where templates
/// are, and has such in its values.
#[must_use]
pub fn is_template(text: &str, stream: &Stream, is_in_chart: bool) -> bool {
    let has_values = || stream.documents.iter().any(|document| holds_actions(document.value()));
    // In a chart, what has actions and is not YAML is not YAML because of them.
    let is_broken = !stream.errors.is_empty() && text.contains("{{") && text.contains("}}");
    (is_broken && (is_in_chart || has_actions(text))) || (is_in_chart && has_values())
}

/// Whether some string in a value has an action in it.
#[must_use]
pub fn holds_actions(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains("{{"),
        Value::Array(items) => items.iter().any(holds_actions),
        Value::Object(fields) => fields.iter().any(|(key, value)| key.contains("{{") || holds_actions(value)),
        _ => false,
    }
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
    let word = action.trim().split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
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

    #[test]
    fn in_a_chart_less_is_enough() {
        for (text, alone, in_chart) in [
            ("a: {{ .Values.a }}\n", true, true),
            ("a: {{name}}\n", false, true),
            ("a: \"{{ .Values.a }}\"\n", false, true),
            ("a: [\n", false, false),
            ("a: 1 # {{ .Values.a }}\n", false, false),
        ] {
            let stream = transom_yaml::parse(text);
            assert_eq!(
                [false, true].map(|is_in_chart| is_template(text, &stream, is_in_chart)),
                [alone, in_chart],
                "{text}"
            );
        }
    }
}
