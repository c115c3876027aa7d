//! A template as far as it matters here: which lines can take a mark, and which values a line takes.

use std::collections::{BTreeMap, BTreeSet};

/// In a key, one of the items of a list or of the values of a mapping: which one, the values say.
pub(crate) const EACH: &str = "*";

/// A template, line by line.
#[derive(Debug, Default)]
pub(crate) struct Template {
    /// One a line of the text; there is one behind a last line end, too.
    pub(crate) lines: Vec<Line>,
    /// The keys of values in each named template that it defines.
    pub(crate) defined: BTreeMap<String, BTreeSet<String>>,
}

/// What is known of a line.
#[derive(Debug, Default, Clone)]
pub(crate) struct Line {
    /// Keys of the values that its actions print: `image.tag`, in a `range` `jobs.*.name`.
    pub(crate) keys: BTreeSet<String>,
    /// Named templates that it includes.
    pub(crate) includes: BTreeSet<String>,
    /// The key that the innermost `with` or `range` around it is about.
    pub(crate) within: Option<String>,
    /// Whether something can stand at its end that is printed with it.
    pub(crate) takes_mark: bool,
    /// Whether there are actions on it.
    pub(crate) has_action: bool,
}

/// What `.` is.
#[derive(Debug, Clone, PartialEq)]
enum Dot {
    /// What the template gets: `.Values` are the values.
    Root,
    /// A key of the values; empty for the values as a whole.
    Values(String),
    Unknown,
}

impl Dot {
    /// One of the items or values in it.
    fn each(self) -> Dot {
        match self {
            Dot::Values(key) => Dot::Values(format!("{key}.{EACH}")),
            other => other,
        }
    }

    /// What is below it by these names.
    fn field(&self, names: &[&str]) -> Dot {
        match (self, names) {
            (_, []) => self.clone(),
            (Dot::Root, ["Values", rest @ ..]) => Dot::Values(rest.join(".")),
            (Dot::Values(key), names) if key.is_empty() => Dot::Values(names.join(".")),
            (Dot::Values(key), names) => Dot::Values(format!("{key}.{}", names.join("."))),
            _ => Dot::Unknown,
        }
    }

    fn key(self) -> Option<String> {
        match self {
            Dot::Values(key) if !key.is_empty() => Some(key),
            _ => None,
        }
    }
}

/// A block that `end` closes.
struct Block {
    dot: Dot,
    /// How many variables there were before it.
    variables: usize,
    /// Of a `define`: its name.
    defines: Option<String>,
}

#[derive(Default)]
struct Reader {
    template: Template,
    blocks: Vec<Block>,
    variables: Vec<(String, Dot)>,
}

impl Template {
    /// Reads a template. Whatever helm would refuse is taken as text.
    pub(crate) fn read(text: &str) -> Self {
        let mut reader = Reader::default();
        reader.lines_until(text.split('\n').count());
        let mut rest = 0;
        let mut line = 0;
        while let Some(begin) = text[rest..].find("{{").map(|at| at + rest) {
            let Some(end) = end_of(text, begin) else { break };
            line += count(&text[rest..begin]);
            reader.text_until(line);
            let last = line + count(&text[begin..end]);
            let body = text[begin + 2..end - 2].trim_start_matches('-').trim_end_matches('-').trim();
            reader.action(body, line, last);
            (line, rest) = (last, end);
        }
        reader.text_until(usize::MAX);
        reader.template
    }
}

impl Reader {
    fn lines_until(&mut self, count: usize) {
        self.template.lines = vec![Line { takes_mark: true, ..Line::default() }; count];
    }

    /// Notes for the lines up to this one what is around them. Later actions on the last one say it anew.
    fn text_until(&mut self, last: usize) {
        let within = self.dot().key();
        let is_defining = self.blocks.iter().any(|block| block.defines.is_some());
        let from = self.template.lines.iter().rposition(|line| line.has_action).unwrap_or_default();
        for (index, line) in self.template.lines.iter_mut().enumerate().skip(from) {
            if index > last {
                break;
            }
            if index > from || !line.has_action {
                line.within.clone_from(&within);
                line.takes_mark &= !is_defining;
            }
        }
    }

    fn dot(&self) -> Dot {
        self.blocks.last().map_or(Dot::Root, |block| block.dot.clone())
    }

    fn action(&mut self, body: &str, first: usize, last: usize) {
        let is_defining = self.blocks.iter().any(|block| block.defines.is_some());
        let within = self.dot().key();
        for index in first..=last {
            let line = &mut self.template.lines[index];
            line.has_action = true;
            line.within.clone_from(&within);
            line.takes_mark &= index == last && !is_defining;
        }
        if body.starts_with("/*") {
            return;
        }
        let (word, rest) = body.split_once(char::is_whitespace).unwrap_or((body, ""));
        match word {
            "if" => self.open(self.dot(), None, rest),
            "with" => {
                let dot = self.value_of(rest);
                self.open(dot, None, rest);
            }
            "range" => {
                let dot = self.value_of(rest).each();
                self.open(dot, None, rest);
            }
            "define" | "block" => {
                let name = rest.trim_start_matches('"').split('"').next().unwrap_or_default().to_owned();
                self.blocks.push(Block { dot: Dot::Root, variables: self.variables.len(), defines: Some(name) });
                self.template.lines[last].takes_mark = false;
            }
            "else" => {
                let outer = self.blocks.len().checked_sub(2).map_or(Dot::Root, |at| self.blocks[at].dot.clone());
                let dot = match rest.trim().split_once(char::is_whitespace) {
                    Some(("with", value)) => self.value_of(value),
                    _ => outer,
                };
                if let Some(block) = self.blocks.last_mut().filter(|block| block.defines.is_none()) {
                    block.dot = dot;
                }
            }
            "end" => {
                if let Some(block) = self.blocks.pop() {
                    self.variables.truncate(block.variables);
                    if block.defines.is_some() {
                        // Before it there is the text of the define on this line, behind it there is not.
                        self.template.lines[last].takes_mark = true;
                    }
                }
            }
            _ => {
                if let Some((name, value)) = assignment(body) {
                    let dot = self.value_of(value);
                    self.variables.push((name.to_owned(), dot));
                    return;
                }
                self.print(body, first, last);
            }
        }
    }

    fn open(&mut self, dot: Dot, defines: Option<String>, head: &str) {
        let variables = self.variables.len();
        if let Some((names, _)) = head.split_once(":=") {
            // Of `$key, $value := …` the last is what `.` is.
            if let Some(name) = names.split(',').next_back() {
                self.variables.push((name.trim().to_owned(), dot.clone()));
            }
        }
        self.blocks.push(Block { dot, variables, defines });
    }

    /// What a pipeline is about, where that is one value.
    fn value_of(&self, pipeline: &str) -> Dot {
        let pipeline = pipeline.split_once(":=").map_or(pipeline, |(_, value)| value);
        let (keys, _) = self.references(pipeline);
        match keys.len() {
            1 => keys.into_iter().next().map_or(Dot::Unknown, Dot::Values),
            _ if pipeline.trim() == "." || pipeline.trim() == "$" => self.dot(),
            _ => Dot::Unknown,
        }
    }

    fn print(&mut self, body: &str, first: usize, last: usize) {
        let (keys, includes) = self.references(body);
        if let Some(name) = self.blocks.iter().rev().find_map(|block| block.defines.clone()) {
            self.template.defined.entry(name).or_default().extend(keys.iter().cloned());
        }
        for line in &mut self.template.lines[first..=last] {
            line.keys.extend(keys.iter().cloned());
            line.includes.extend(includes.iter().cloned());
        }
    }

    /// The keys of values that stand in a pipeline, and the named templates that it includes.
    fn references(&self, pipeline: &str) -> (BTreeSet<String>, BTreeSet<String>) {
        let (mut keys, mut includes) = (BTreeSet::new(), BTreeSet::new());
        let mut last_word = "";
        let mut rest = pipeline;
        while let Some(letter) = rest.chars().next() {
            if letter == '"' || letter == '`' {
                let text = &rest[1..];
                let end = string_end(text, letter);
                if matches!(last_word, "include" | "template") {
                    includes.insert(text[..end].to_owned());
                }
                rest = text.get(end + 1..).unwrap_or_default();
                last_word = "";
                continue;
            }
            let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '$');
            let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            if length == 0 {
                rest = &rest[letter.len_utf8()..];
                continue;
            }
            let word = &rest[..length];
            rest = &rest[length..];
            last_word = word;
            keys.extend(self.resolve(word));
        }
        (keys, includes)
    }

    /// The key that `.a.b`, `$.Values.a` or `$x.a` is; none for anything else.
    fn resolve(&self, word: &str) -> Option<String> {
        let (base, path) = match word.strip_prefix('$') {
            Some(rest) => {
                let (name, path) = rest.split_once('.').unwrap_or((rest, ""));
                let found = || self.variables.iter().rev().find(|(known, _)| known.strip_prefix('$') == Some(name));
                (if name.is_empty() { Dot::Root } else { found().map_or(Dot::Unknown, |(_, dot)| dot.clone()) }, path)
            }
            None => (self.dot(), word.strip_prefix('.')?),
        };
        let names: Vec<&str> = path.split('.').filter(|name| !name.is_empty()).collect();
        base.field(&names).key()
    }
}

/// `$x := value` or `$x = value`
fn assignment(body: &str) -> Option<(&str, &str)> {
    let (name, value) = body.split_once('=')?;
    let name = name.trim_end_matches(':').trim();
    let is_name = name.starts_with('$') && name[1..].chars().all(|c| c.is_alphanumeric() || c == '_');
    is_name.then_some((name, value))
}

/// Where the action that begins at `begin` ends, behind its `}}`.
fn end_of(text: &str, begin: usize) -> Option<usize> {
    let inside = &text[begin + 2..];
    if inside.trim_start_matches('-').trim_start().starts_with("/*") {
        let comment = inside.find("*/")?;
        return inside[comment..].find("}}").map(|at| begin + 2 + comment + at + 2);
    }
    let mut at = 0;
    while let Some(letter) = inside[at..].chars().next() {
        match letter {
            '"' | '`' => at += 1 + string_end(&inside[at + 1..], letter) + 1,
            '}' if inside[at..].starts_with("}}") => return Some(begin + 2 + at + 2),
            _ => at += letter.len_utf8(),
        }
        if at > inside.len() {
            return None;
        }
    }
    None
}

/// How long a string is, up to its closing quote or the end.
fn string_end(text: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, letter) in text.char_indices() {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' if quote == '"' => is_escaped = true,
            _ if letter == quote => return at,
            _ => {}
        }
    }
    text.len()
}

fn count(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The keys of each line, and what is around it: `a.b c | with`.
    fn keys(text: &str) -> Vec<String> {
        let shown = |line: &Line| {
            let keys: Vec<&str> = line.keys.iter().map(String::as_str).collect();
            format!("{}|{}", keys.join(" "), line.within.as_deref().unwrap_or_default())
        };
        Template::read(text).lines.iter().map(shown).collect()
    }

    #[test]
    fn knows_the_values_of_a_line() {
        assert_eq!(keys("a: {{ .Values.a.b }}"), ["a.b|"]);
        assert_eq!(keys("i: \"{{ .Values.i.r }}:{{ .Values.i.t | default .Chart.AppVersion }}\""), ["i.r i.t|"]);
        assert_eq!(
            keys("{{- with .Values.a }}\nx: {{ . }}\ny: {{ .b }} {{ $.Values.c }}\nz\n{{- end }}\n{{ .Values.d }}"),
            ["|", "a|a", "a.b c|a", "|a", "|a", "d|"]
        );
        assert_eq!(
            keys("{{ $x := .Values.a }}\n{{ range $k, $v := $x.b }}\n{{ $v.c }} {{ $k }}\n{{ end }}"),
            ["|", "|", "a.b.*.c|a.b.*", "|a.b.*"]
        );
        assert_eq!(
            keys("{{ if .Values.on }}\n{{ .Values.a }}\n{{ else }}\n{{ .Values.b }}{{ end }}"),
            ["|", "a|", "|", "b|"]
        );
        assert_eq!(keys("{{ \"}} .Values.no\" }}{{ `{{ .Values.no }}` }}{{/* .Values.no */}}"), ["|"]);
        assert_eq!(keys("{{ with .Values.a }}\n{{ else }}\n{{ .Values.b }}\n{{ end }}"), ["|", "|a", "b|", "|"]);
    }

    #[test]
    fn knows_the_values_of_named_templates() {
        let template = Template::read("{{ define \"x\" }}\n{{ .Values.a }}\n{{ end }}\nb: {{ include \"x\" . }}\n");
        assert_eq!(template.defined["x"], BTreeSet::from(["a".to_owned()]));
        assert_eq!(template.lines[3].includes, BTreeSet::from(["x".to_owned()]));
        assert!(!template.lines[1].takes_mark && template.lines[3].takes_mark);
    }
}
