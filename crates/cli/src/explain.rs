//! `transom explain` and `transom rules`: what the rules say about themselves.

use std::fmt::Write as _;

use anstyle::Style;
use serde::Serialize;
use transom::finding::{Severity, Stage};
use transom::rules::search::{self, Hit};
use transom::rules::{self, Rule};

use crate::Exit;
use crate::args::{Explain, Format, Rules};
use crate::markdown;
use crate::render::style::{self, BOLD, DIM};
use crate::rule_name;
use crate::terminal::{self, Terminal};

/// Columns that are comfortable to read, and what is assumed where there is no terminal.
const WIDTH: usize = 90;

pub(crate) fn explain(args: &Explain, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    let named: Option<Vec<&Rule>> = args.subject.iter().map(|name| rules::find(name.trim())).collect();
    let subject = args.subject.join(" ");
    let text = match named {
        Some(rules) => rules.into_iter().map(about_rule).collect::<Vec<_>>().join("\n"),
        None => about_text(&subject)?,
    };
    terminal.out(&text)?;
    terminal.flush()?;
    Ok(Exit::Clean)
}

/// The rules that know a text as that of an error, or as a field.
fn about_text(text: &str) -> anyhow::Result<String> {
    let hits = search::by_error(text);
    if hits.iter().any(Hit::is_exact) {
        return Ok(about_error(&hits));
    }
    match (&*hits, &*search::by_field(text)) {
        ([], []) => {
            let nothing = format!(
                "no rule is called `{text}`, and none knows it as a field or as the text of an error: `transom rules` lists all"
            );
            Err(rule_name::unknown(text, nothing))
        }
        (hits, []) => Ok(about_error(hits)),
        (_, rules) => Ok(about_field(text.trim(), rules)),
    }
}

fn about_rule(rule: &Rule) -> String {
    let width = terminal::width().unwrap_or(WIDTH).clamp(40, WIDTH);
    let color = color(rule.severity);
    let mut text = format!("{color}{}[{}]{color:#}{BOLD}: {}{BOLD:#}\n", rule.severity, rule.id, rule.name);
    let _ = writeln!(text, "{DIM}shows at: {}{DIM:#}", rule.stage.described());
    let _ = writeln!(text, "{DIM}since: {}{DIM:#}\n", rule.since);
    text.push_str(&markdown::render(&rules::documentation(rule), width));
    list_of(&mut text, "Errors it saves you from", rule.errors);
    list_of(&mut text, "Sources", rule.sources);
    text
}

/// The rules that have to do with an error, and what each says to do.
fn about_error(hits: &[Hit]) -> String {
    let width = terminal::width().unwrap_or(WIDTH).clamp(40, WIDTH);
    let mut text = match hits {
        [_] => "This rule finds what causes it:\n".to_owned(),
        _ => format!("{} rules find what causes it:\n", hits.len()),
    };
    for Hit { rule, error, .. } in hits {
        let color = color(rule.severity);
        let _ = write!(text, "\n{color}{}[{}]{color:#}{BOLD}: {}{BOLD:#}\n", rule.severity, rule.id, rule.name);
        let _ = writeln!(text, "{DIM}knows it as: {error}{DIM:#}");
        let _ = writeln!(text, "{DIM}shows at: {}{DIM:#}\n", rule.stage.described());
        text.push_str(&markdown::render(&format!("{}.\n\n{}", rule.summary, rules::remedy(rule)), width));
    }
    let _ = write!(
        text,
        "\nWhich of them it is: {BOLD}transom check FILE --info{BOLD:#}. More on one: {BOLD}transom explain {}{BOLD:#}.\n",
        hits.first().map_or("RULE", |hit| hit.rule.id)
    );
    text
}

/// The rules that have to do with a field.
fn about_field(field: &str, rules: &[&Rule]) -> String {
    let mut text = match rules {
        [_] => format!("This rule is about {BOLD}{field}{BOLD:#}:\n\n"),
        _ => format!("{} rules are about {BOLD}{field}{BOLD:#}:\n\n", rules.len()),
    };
    for rule in rules {
        let color = color(rule.severity);
        let _ = writeln!(text, "{color}{}[{}]{color:#}{BOLD}: {}{BOLD:#}", rule.severity, rule.id, rule.name);
        let _ = writeln!(text, "  {}", rule.summary);
    }
    let first = rules.first().map_or("RULE", |rule| rule.id);
    let _ = write!(text, "\nMore on one: {BOLD}transom explain {first}{BOLD:#}.\n");
    text
}

fn list_of(text: &mut String, heading: &str, lines: &[&str]) {
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{BOLD}{heading}{BOLD:#}");
    for line in lines {
        let _ = writeln!(text, "  {line}");
    }
}

fn color(severity: Severity) -> Style {
    match severity {
        Severity::Error => style::ERROR,
        Severity::Warning => style::WARNING,
        Severity::Info => style::INFO,
    }
}

/// A rule in JSON.
#[derive(Serialize)]
struct Listed {
    id: &'static str,
    name: &'static str,
    severity: Severity,
    stage: Stage,
    since: &'static str,
    summary: &'static str,
    sources: &'static [&'static str],
    errors: &'static [&'static str],
}

pub(crate) fn list(args: &Rules, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    let rules = rules::all();
    if args.output == Format::Json {
        let listed = rules.iter().map(|rule| Listed {
            id: rule.id,
            name: rule.name,
            severity: rule.severity,
            stage: rule.stage,
            since: rule.since,
            summary: rule.summary,
            sources: rule.sources,
            errors: rule.errors,
        });
        let lines: Vec<String> = listed.map(|rule| serde_json::to_string(&rule)).collect::<Result<_, _>>()?;
        terminal.out_raw(&format!("[\n{}\n]\n", lines.join(",\n")))?;
    } else {
        let longest = |of: fn(&Rule) -> &'static str| rules.iter().map(|rule| of(rule).len()).max().unwrap_or_default();
        let name_width = longest(|rule| rule.name);
        let stage_width = longest(|rule| rule.stage.as_str());
        let mut text = String::new();
        for rule in rules {
            let (color, severity, stage) = (color(rule.severity), rule.severity.as_str(), rule.stage.as_str());
            let _ = writeln!(
                text,
                "{BOLD}{}{BOLD:#}  {:name_width$}  {color}{severity:7}{color:#}  {DIM}{stage:stage_width$}{DIM:#}  {}",
                rule.id, rule.name, rule.summary
            );
        }
        terminal.out(&text)?;
    }
    terminal.flush()?;
    Ok(Exit::Clean)
}
