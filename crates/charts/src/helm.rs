//! Charts, rendered by `helm template`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use transom_manifests::label;
use transom_yaml::{Document, LineIndex, Span};

use crate::program::{self, Error, Kind};
use crate::template::{EACH, Template as Source};
use crate::values::Values;
use crate::{From, Options, Origin, Rendered, chart, marks, parts};

/// How to get helm.
const INSTALL: &str = "https://helm.sh/docs/intro/install";

/// The template that objects come from.
#[derive(Debug)]
pub(crate) struct Template {
    /// Of each line of the objects the line of the template, from 1.
    lines: Vec<Option<usize>>,
    source: Source,
    values: Values,
}

/// A document, and of each of its lines the line of the template, from 1.
type Printed = (String, Vec<Option<usize>>);

/// A document as helm prints it.
struct Part {
    /// What stands in its header: `chart/templates/web.yaml`.
    source: String,
    text: String,
}

pub(crate) fn render(chart: &Path, options: &Options) -> Result<Vec<Rendered>, Error> {
    let description = chart::description(chart)?;
    let name = description["name"].as_str().unwrap_or("release").to_owned();
    let printed = template(chart, &name, options)?;
    let copy = tempfile::tempdir().map_err(Kind::Io)?;
    let mut marked_files = Vec::new();
    // Without marks there are fewer lines to point to, and everything else is the same.
    let marked = copy_marked(chart, chart, copy.path(), &mut marked_files).ok();
    let marked = marked.and_then(|()| with_marks(chart, copy.path(), &name, options, &marked_files));
    let mut marked = parts_of(&marked.unwrap_or_default());

    let mut files: Vec<(String, Vec<Printed>)> = Vec::new();
    for part in parts_of(&printed) {
        let path = below_chart(chart, &part.source);
        let file = marked_files.iter().position(|marked| *marked == path);
        let lines = file.and_then(|file| lines_of(&part, file, &mut marked));
        let lines = lines.unwrap_or_else(|| vec![None; part.text.lines().count()]);
        match files.iter_mut().find(|(source, _)| *source == part.source) {
            Some((_, parts)) => parts.push((part.text, lines)),
            None => files.push((part.source, vec![(part.text, lines)])),
        }
    }
    let named = named_templates(chart);
    Ok(files.into_iter().map(|(source, parts)| rendered(chart, options, &named, &source, parts)).collect())
}

fn rendered(
    chart: &Path,
    options: &Options,
    named: &BTreeMap<String, BTreeSet<String>>,
    source: &str,
    parts: Vec<Printed>,
) -> Rendered {
    let path = chart.join(below_chart(chart, source));
    let (mut text, mut lines) = (String::new(), Vec::new());
    for (part, part_lines) in parts {
        text.push_str("---\n");
        text.push_str(&part);
        lines.push(None);
        lines.extend(part_lines);
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    let mut template = Source::read(&written);
    for line in &mut template.lines {
        let included: Vec<String> = line.includes.iter().flat_map(|name| named.get(name)).flatten().cloned().collect();
        line.keys.extend(included);
    }
    for (line, printed) in lines.iter_mut().zip(text.lines()).filter(|(line, _)| line.is_none()) {
        *line = alike(&written, printed);
    }
    let values = Values::of(chart, &subcharts(source), options);
    let from = From::Template(Box::new(Template { lines, source: template, values }));
    Rendered { path, source: written, text, from }
}

/// The place, in a line of the template, of what is in a line of the objects.
fn place(rendered: &Rendered, line: usize, found: usize, at: Span) -> Option<Span> {
    let printed = rendered.text.lines().nth(line - 1).unwrap_or_default();
    span_of(&rendered.source, found, printed, &rendered.text[at])
}

impl Template {
    pub(crate) fn origin(&self, rendered: &Rendered, document: &Document, pointer: &str) -> Origin {
        let location = document.locate(pointer);
        let (line, found) = self.line(rendered, &location.span);
        let span = found.and_then(|found| place(rendered, line, found, location.span));
        let key = self.key(&rendered.source, document, pointer, found, location.exact);
        let printed = document.value().pointer(pointer).filter(|_| location.exact);
        let advice = key.and_then(|key| self.values.advice(&key, printed));
        Origin { span, advice: advice.into_iter().collect() }
    }

    /// The line of something in the objects, and that of the template that it comes from.
    fn line(&self, rendered: &Rendered, at: &Span) -> (usize, Option<usize>) {
        let (line, _) = LineIndex::new(&rendered.text).line_column(at.start);
        (line, self.lines.get(line - 1).copied().flatten())
    }

    /// The place in the template of one in the objects.
    pub(crate) fn span(&self, rendered: &Rendered, at: Span) -> Option<Span> {
        let (line, found) = self.line(rendered, &at);
        place(rendered, line, found?, at)
    }

    /// The one key in the values that decides about a place, if there is one.
    fn key(
        &self,
        text: &str,
        document: &Document,
        pointer: &str,
        line: Option<usize>,
        exact: bool,
    ) -> Option<Vec<String>> {
        let names = parts(pointer);
        let line = if exact {
            let at = line?.checked_sub(1)?;
            let printed = document.value().pointer(pointer);
            if text.lines().nth(at).zip(printed).is_some_and(|(line, printed)| is_literal(line, printed)) {
                return None;
            }
            self.source.lines.get(at)?
        } else {
            // Not there: the line that would have printed it.
            let depth = (0..names.len()).find(|depth| {
                let above = crate::pointer(&names[..=*depth]);
                document.value().pointer(&above).is_none()
            })?;
            self.line_for(text, &names[depth])?
        };
        let mut keys: Vec<&str> = line.keys.iter().map(String::as_str).collect();
        if keys.is_empty() {
            keys.extend(line.within.as_deref().filter(|_| !exact));
        }
        let [key] = keys[..] else { return None };
        let mut key: Vec<String> = key.split('.').map(str::to_owned).collect();
        if !exact {
            while key.last().is_some_and(|name| name == EACH) {
                key.pop();
            }
            return Some(key);
        }
        // What is printed of a mapping: the part of it that the place is about.
        let mut parts = (0..names.len()).map(|from| [&key[..], &names[from..]].concat());
        Some(parts.find(|part| self.values.has(part)).unwrap_or(key))
    }

    /// The only line of the template that begins with this field, or else what it prints as a whole.
    fn line_for(&self, text: &str, field: &str) -> Option<&crate::template::Line> {
        let is_it = |line: &str| {
            let line = line.trim_start().trim_start_matches("- ");
            line.strip_prefix(field).is_some_and(|rest| rest.starts_with(':'))
        };
        let mut found = text.lines().enumerate().filter(|(_, line)| is_it(line)).map(|(at, _)| at);
        let (at, None) = (found.next()?, found.next()) else { return None };
        let line = self.source.lines.get(at)?;
        if !line.keys.is_empty() || line.within.is_some() {
            return Some(line);
        }
        // `nodeSelector:` and below it what is printed.
        self.source.lines.get(at + 1).filter(|line| !line.keys.is_empty())
    }
}

/// Whether a line of a template has a scalar as it was printed, outside of all actions.
fn is_literal(line: &str, printed: &Value) -> bool {
    let said = match printed {
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) => printed.to_string(),
        _ => return false,
    };
    let parts = line.split("{{").enumerate();
    let mut literal =
        parts.map(|(at, part)| if at == 0 { part } else { part.split_once("}}").map_or("", |(_, rest)| rest) });
    let is_whole = |part: &str, at: usize| {
        let is_inside = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric());
        !is_inside(part[..at].chars().next_back()) && !is_inside(part[at + said.len()..].chars().next())
    };
    !said.is_empty() && literal.any(|part| part.match_indices(&said).any(|(at, _)| is_whole(part, at)))
}

/// Where on a line of a template what was printed stands: the same text, or the same field, or all of it.
fn span_of(source: &str, line: usize, printed: &str, wanted: &str) -> Option<Span> {
    let whole = LineIndex::new(source).line(line)?;
    let text = &source[whole.clone()];
    let within = |part: &str| text.find(part).map(|at| whole.start + at..whole.start + at + part.len());
    // A field stands before the actions, or it is in one of them.
    let before_actions = text.split("{{").next().unwrap_or_default();
    let field = || printed.trim().trim_start_matches("- ").split_once(':').map(|(field, _)| field);
    let wanted = wanted.lines().next().unwrap_or_default().trim();
    let exactly = (!wanted.is_empty() && before_actions.contains(wanted)).then(|| within(wanted)).flatten();
    let trimmed = || {
        let content = text.trim();
        (!content.is_empty()).then(|| within(content)).flatten()
    };
    let named = || field().filter(|field| !field.is_empty() && before_actions.contains(field)).and_then(within);
    exactly.or_else(named).or_else(trimmed)
}

/// The only line of a template that is the same as a printed one, or else begins with the same field.
fn alike(source: &str, printed: &str) -> Option<usize> {
    let printed = printed.trim();
    if printed.is_empty() || printed.starts_with('#') {
        return None;
    }
    let only = |wanted: &dyn Fn(&str) -> bool| {
        let mut found = source.lines().enumerate().filter(|(_, line)| wanted(line.trim()));
        found.next().filter(|_| found.next().is_none()).map(|(at, _)| at + 1)
    };
    let field = printed.split_once(':').map(|(field, _)| format!("{field}:"));
    only(&|line| line == printed).or_else(|| only(&|line| field.as_ref().is_some_and(|field| line.starts_with(field))))
}

/// The lines of a printed document, by the same one with marks.
fn lines_of(part: &Part, file: usize, marked: &mut Vec<Part>) -> Option<Vec<Option<usize>>> {
    let printed: Vec<&str> = part.text.lines().map(str::trim_end).collect();
    let candidates: Vec<(usize, Vec<String>, Vec<Option<usize>>)> = marked
        .iter()
        .enumerate()
        .filter(|(_, other)| other.source == part.source)
        .map(|(at, other)| {
            let (clean, mut lines) = marks::unmark(&other.text, file);
            let mut clean: Vec<String> = clean.lines().map(|line| line.trim_end().to_owned()).collect();
            // Blank lines at the ends, which helm takes away, are none where there is a mark on them.
            while clean.len() > printed.len()
                && clean.get(1).is_some_and(String::is_empty)
                && printed.get(1) != Some(&"")
            {
                clean.remove(1);
                lines.remove(1);
            }
            while clean.len() > printed.len() && clean.last().is_some_and(String::is_empty) {
                clean.pop();
                lines.pop();
            }
            (at, clean, lines)
        })
        .collect();
    let same = candidates.iter().position(|(_, clean, _)| *clean == printed);
    // A checksum of another template, or a random name, is not the same twice.
    let found = same.or_else(|| candidates.iter().position(|(_, clean, _)| clean.len() == printed.len()))?;
    let (at, _, lines) = candidates.into_iter().nth(found)?;
    marked.remove(at);
    Some(lines)
}

/// What helm prints: documents, each behind `---` and a header.
fn parts_of(text: &str) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut lines = text.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        let mut header = || lines.peek().and_then(|next| next.strip_prefix("# Source: "));
        if line.trim_end() == "---"
            && let Some(source) = header()
        {
            parts.push(Part { source: source.trim().to_owned(), text: String::new() });
        } else if let Some(part) = parts.last_mut() {
            part.text.push_str(line);
        }
    }
    parts
}

/// `templates/web.yaml` of `chart/templates/web.yaml`. Subcharts go by their alias there, and here by the
/// folder that they are in.
fn below_chart(chart: &Path, source: &str) -> PathBuf {
    let mut path = PathBuf::new();
    let mut folders = source.split('/').skip(1).peekable();
    while let Some(folder) = folders.next() {
        let parent = chart.join(&path);
        path.push(folder);
        if folder == "charts"
            && let Some(alias) = folders.next_if(|_| crate::is_chart(&parent))
        {
            path.push(chart::folder_of(&parent, alias).unwrap_or_else(|| alias.into()));
        }
    }
    path
}

/// The names of the subcharts that a template is in, the outermost first.
fn subcharts(source: &str) -> Vec<String> {
    let folders: Vec<&str> = source.split('/').collect();
    let templates = folders.iter().position(|folder| *folder == "templates").unwrap_or(folders.len());
    folders[..templates].windows(2).filter(|pair| pair[0] == "charts").map(|pair| pair[1].to_owned()).collect()
}

fn template(chart: &Path, name: &str, options: &Options) -> Result<String, Kind> {
    let mut command = Command::new(&options.tools.helm);
    command.args(["template", name]).arg(chart);
    for values in &options.values {
        command.arg("--values").arg(values);
    }
    if let Some(version) = &options.kubernetes {
        command.args(["--kube-version", version]);
    }
    match program::run(&mut command) {
        Ok(Some(text)) => Ok(text),
        Ok(None) => {
            let command = program::shown(&command);
            Err(Kind::Missing { tool: "helm", what: "chart", how: INSTALL, command })
        }
        Err(Kind::Failed { command, mut message }) if message.contains("missing in charts/") => {
            message.push_str(&format!(" (`helm dependency build {}` fetches them)", label(chart)));
            Err(Kind::Failed { command, message })
        }
        Err(error) => Err(error),
    }
}

/// Templates that do not take marks, in one chart, before it is rendered without any.
const MOST_UNMARKED: usize = 8;

/// What the copy of a chart prints. A template that helm cannot read with marks goes without.
fn with_marks(chart: &Path, copy: &Path, name: &str, options: &Options, files: &[PathBuf]) -> Option<String> {
    for _ in 0..=MOST_UNMARKED {
        let message = match template(copy, name, options) {
            Ok(text) => return Some(text),
            Err(Kind::Failed { message, .. }) => message,
            Err(_) => return None,
        };
        let is_named = |file: &&PathBuf| message.contains(&format!("/{}:", label(file)));
        // The name of a chart's own template may be the end of a subchart's.
        let file = files.iter().filter(is_named).max_by_key(|file| file.as_os_str().len())?;
        fs::copy(chart.join(file), copy.join(file)).ok()?;
    }
    None
}

/// Copies a chart, with marks in its templates.
fn copy_marked(chart: &Path, from: &Path, to: &Path, marked: &mut Vec<PathBuf>) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, copy) = (entry.path(), to.join(entry.file_name()));
        if fs::metadata(&path)?.is_dir() {
            if entry.file_name() != ".git" {
                copy_marked(chart, &path, &copy, marked)?;
            }
            continue;
        }
        let below = path.strip_prefix(chart).unwrap_or(&path).to_owned();
        let is_template =
            below.parent().is_some_and(|folder| folder.components().any(|part| part.as_os_str() == "templates"))
                && !entry.file_name().to_string_lossy().starts_with('_');
        match fs::read_to_string(&path) {
            Ok(text) if is_template => {
                fs::write(&copy, marks::mark(&text, marked.len()))?;
                marked.push(below);
            }
            _ => {
                fs::copy(&path, &copy)?;
            }
        }
    }
    Ok(())
}

/// The keys in the values of all named templates of a chart.
fn named_templates(chart: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let mut all = BTreeMap::new();
    let files = fs::read_dir(chart.join("templates")).into_iter().flatten().flatten();
    for file in files.map(|entry| entry.path()) {
        if let Ok(text) = fs::read_to_string(&file) {
            all.extend(Source::read(&text).defined);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_output_of_helm_apart() {
        let parts =
            parts_of("---\n# Source: a/templates/x.yaml\nk: 1\n---\n# Source: a/charts/b/templates/y.yaml\nk: 2\n");
        let shown: Vec<_> = parts.iter().map(|part| (&*part.source, &*part.text)).collect();
        assert_eq!(
            shown,
            [
                ("a/templates/x.yaml", "# Source: a/templates/x.yaml\nk: 1\n"),
                ("a/charts/b/templates/y.yaml", "# Source: a/charts/b/templates/y.yaml\nk: 2\n"),
            ]
        );
        assert_eq!(subcharts("a/charts/b/charts/c/templates/charts/y.yaml"), ["b", "c"]);
        let below = below_chart(Path::new("no-such-chart"), "a/charts/b/templates/y.yaml");
        assert_eq!(below, Path::new("charts/b/templates/y.yaml"));
    }

    #[test]
    fn points_at_what_was_printed() {
        let source = "spec:\n  hostNetwork: {{ .Values.host }}\n  {{- toYaml . }}\n";
        let at = |line, printed: &str, wanted: &str| span_of(source, line, printed, wanted).map(|span| &source[span]);
        assert_eq!(at(2, "  hostNetwork: true", "hostNetwork: true"), Some("hostNetwork"));
        assert_eq!(at(2, "  hostNetwork: true", "true"), Some("hostNetwork"));
        assert_eq!(at(3, "  a: 1", "1"), Some("{{- toYaml . }}"));
        assert!(is_literal("a: {image: {{ .Values.sh }}, command: [/bin/sh]}", &"/bin/sh".into()));
        assert!(!is_literal("a: {image: {{ .Values.sh }}}", &"sh".into()) && !is_literal("ab: {{ .x }}", &"a".into()));
        assert_eq!(alike(source, "    hostNetwork: true"), Some(2));
        assert_eq!(alike(source, "    other: true"), None);
    }
}
