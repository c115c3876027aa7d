//! Blocks of code in HTML: YAML coloured by what its parser reads, and other languages by their comments.

use std::ops::Range;

use maud::{Markup, html};
use serde_json::Value;
use transom_yaml::Document;

/// What is to be seen in a block beside its colours.
#[derive(Default)]
pub(super) struct Marks {
    /// What is wrong, with its severity: it is underlined, and its lines are marked.
    pub(super) wrong: Vec<(Range<usize>, String)>,
    /// Lines, from 0, that are marked as changed.
    pub(super) changed: Vec<usize>,
}

/// A block of code that can be reached, and so scrolled, with the keyboard.
pub(super) fn block(language: &str, text: &str, label: &str, marks: &Marks) -> Markup {
    let tokens = match language {
        "yaml" => yaml(text),
        "console" => console(text),
        _ => comments(text),
    };
    let mut start = 0;
    let lines = text.trim_end_matches('\n').split('\n').map(|line| {
        let span = start..start + line.len();
        start = span.end + 1;
        span
    });
    let lines: Vec<_> = lines.collect();
    html! {
        pre.code tabindex="0" role="group" aria-label=(label) data-language=(language) {
            code {
                @for (number, span) in lines.iter().enumerate() {
                    @let wrong = marks.wrong.iter().find(|(wrong, _)| wrong.start < span.end && span.start < wrong.end);
                    @let severity = wrong.map(|(_, severity)| severity);
                    span.line.new[marks.changed.contains(&number)] data-wrong=[severity] { (line(text, span, &tokens, &marks.wrong)) "\n" }
                }
            }
        }
    }
}

type Token = (Range<usize>, &'static str);

/// A line cut where a token or what is wrong begins or ends.
fn line(text: &str, span: &Range<usize>, tokens: &[Token], wrong: &[(Range<usize>, String)]) -> Markup {
    let within = |at: &usize| span.contains(at);
    let mut cuts: Vec<usize> = tokens.iter().flat_map(|(token, _)| [token.start, token.end]).filter(within).collect();
    cuts.extend(wrong.iter().flat_map(|(wrong, _)| [wrong.start, wrong.end]).filter(within));
    cuts.extend([span.start, span.end]);
    cuts.sort_unstable();
    cuts.dedup();
    html! {
        @for pair in cuts.windows(2) {
            @let part = &text[pair[0]..pair[1]];
            @let token = tokens.iter().find(|(token, _)| token.contains(&pair[0]));
            @let coloured = html! { @match token { Some((_, class)) => { span class=(class) { (part) } }, None => (part) } };
            @if wrong.iter().any(|(wrong, _)| wrong.contains(&pair[0])) && !part.trim().is_empty() {
                mark { (coloured) }
            } @else { (coloured) }
        }
    }
}

fn yaml(text: &str) -> Vec<Token> {
    let stream = transom_yaml::parse(text);
    let mut tokens = Vec::new();
    for document in &stream.documents {
        tokens.extend(document.comments().iter().map(|comment| (comment.span.clone(), "c")));
        collect(document, document.value(), "", &mut tokens);
    }
    tokens
}

fn collect(document: &Document, value: &Value, at: &str, tokens: &mut Vec<Token>) {
    let mut child = |key: &str, value: &Value, is_entry: bool| {
        let pointer = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
        if let (true, Some(span)) = (is_entry, document.key_span(&pointer)) {
            tokens.push((span, "k"));
        }
        collect(document, value, &pointer, tokens);
    };
    match value {
        Value::Object(entries) => entries.iter().for_each(|(key, value)| child(key, value, true)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, value)| child(&index.to_string(), value, false));
        }
        scalar => {
            let class = if scalar.is_string() { "s" } else { "n" };
            tokens.extend(document.value_span(at).filter(|span| !span.is_empty()).map(|span| (span, class)));
        }
    }
}

/// The prompts, what stands after `#`, and the words, in which no line is to be broken.
fn console(text: &str) -> Vec<Token> {
    let mut tokens = comments(text);
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if line.starts_with("$ ") {
            tokens.push((start..start + 2, "m"));
            let words = line.split_inclusive(' ').skip(1).scan(start + 2, |at, word| {
                let from = *at;
                *at += word.len();
                Some((from..from + word.trim_end().len(), "word"))
            });
            let words: Vec<_> = words.filter(|(word, _)| text[word.clone()].contains('-')).collect();
            tokens.extend(words);
        }
        start += line.len();
    }
    tokens
}

fn comments(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let at = if line.starts_with('#') { Some(0) } else { line.find("  # ").map(|at| at + 2) };
        tokens.extend(at.map(|at| (start + at..start + line.trim_end().len(), "c")));
        start += line.len();
    }
    tokens
}
