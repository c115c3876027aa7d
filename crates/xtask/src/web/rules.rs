//! The index of rules, and one page a rule, from what `transom explain` shows.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use maud::{Markup, PreEscaped, html};
use serde_json::{Value, json};
use similar::{ChangeTag, TextDiff};
use transom::finding::Severity;
use transom::rules::{self, Rule};
use transom_policies::coverage::{Said, Unsaid, coverage};
use transom_yaml::Document;

use super::highlight::{self, Marks};
use super::layout::{Files, Page, Root, rule_file, severity, stage_bar, stage_name, stage_names};
use super::markdown;
use crate::docs::FAMILIES;
use crate::example::Example;

const ROOT: Root = Root("../");

/// The platforms of the settings by their words, their names, and their guides.
pub(super) const PLATFORMS: &[(&str, &str, Option<&str>)] = &[
    ("generic", "any cluster", None),
    ("aks", "AKS", Some("aks")),
    ("eks", "EKS", Some("eks")),
    ("gke", "GKE", Some("gke")),
    ("openshift", "OpenShift", Some("openshift")),
];

/// The severity that the example of a rule gets on a platform; `None` where it passes.
pub(super) fn severity_on(rule: &'static Rule, platform: &str) -> Option<Severity> {
    Severity::from_word(Example::of(rule)?.finding(Some(platform))?["severity"].as_str()?)
}

pub(super) fn pages() -> Files {
    let coverage: HashMap<_, _> = coverage().into_iter().map(|(rule, said)| (rule.id, said)).collect();
    let all = rules::all();
    let page = |(index, rule): (usize, &&'static Rule)| {
        let neighbours = [index.checked_sub(1).and_then(|before| all.get(before)), all.get(index + 1)];
        (format!("rules/{}", rule_file(rule)), rule_page(rule, neighbours, &coverage[rule.id]))
    };
    let mut files: Files = all.iter().enumerate().map(page).collect();
    files.insert("rules/index.html".to_owned(), index());
    files
}

/// The rules of a family, by the hundred of their ids.
fn family(digit: char) -> impl Iterator<Item = &'static Rule> {
    rules::all().iter().copied().filter(move |rule| rule.id.as_bytes().get(3) == Some(&(digit as u8)))
}

fn family_title(title: &str) -> &str {
    title.split(':').next().unwrap_or(title)
}

// The index

fn index() -> String {
    let count = rules::all().len();
    let main = html! {
        div.wide {
            header.head {
                h1 { "Rules" }
                p.lead {
                    (count) " rules, each for something that does not work on Windows nodes, or for what does not keep off \
                    them. Search by what you know: an id, a few words, or the error that you met."
                }
            }
            div.finder role="search" hidden {
                label for="query" { "Search, or paste an error" }
                input #query type="search" autocomplete="off" spellcheck="false" placeholder="no match for platform in manifest";
                div.filters {
                    label { span { "Severity" } (select("severity", ["error", "warning", "info"].into_iter())) }
                    label { span { "Shows at" } (select("stage", stage_names())) }
                    label { span { "Fix" } (select("fix", ["safe", "unsafe", "none"].into_iter())) }
                }
                p.tries {
                    "For instance "
                    @for example in EXAMPLES { button type="button" data-query=(example) { (example) } " " }
                }
            }
            p #count role="status" { (count) " rules" }
            section #causes aria-labelledby="causes-title" hidden {
                h2 #causes-title { "What causes this error" }
                ul.rules {}
            }
            @for (digit, title) in FAMILIES {
                section.family aria-labelledby={ "family-" (digit) } {
                    h2 id={ "family-" (digit) } { a.anchor href={ "#family-" (digit) } { (title) } }
                    ul.rules { @for rule in family(*digit) { (entry(rule)) } }
                }
            }
            script #errors type="application/json" { (PreEscaped(errors())) }
        }
    };
    let page = Page {
        title: "Rules",
        description: "Every rule of transom, with search by the text of an error.",
        root: ROOT,
        section: "Rules",
        scripts: &["search.js"],
        main,
    };
    page.html()
}

/// Searches that show what can be searched for.
const EXAMPLES: &[&str] = &["0xc0370101", "untolerated taint", "PodOSNotSupported", "gmsa"];

fn select(name: &str, words: impl Iterator<Item = &'static str>) -> Markup {
    html! {
        select name=(name) {
            option value="" { "any" }
            @for word in words { option value=(word) { (word) } }
        }
    }
}

fn entry(rule: &'static Rule) -> Markup {
    let fix = Example::of(rule).and_then(|example| example.fix()).unwrap_or("none");
    html! {
        li data-id=(rule.id) data-words=(words(rule)) data-severity=(rule.severity) data-stage=(stage_name(rule.stage)) data-fix=(fix) {
            a href=(rule_file(rule)) { span.id { (rule.id) } " " span.name { (rule.name) } }
            p.summary { (rule.summary) }
            p.facts {
                (severity(rule.severity))
                span.stage { (stage_name(rule.stage)) }
                @if fix != "none" { span.fix { (fix) " fix" } }
            }
        }
    }
}

/// The fields and other names in what the documentation of a rule says before its examples: what people search for
/// who know them from a manifest.
fn words(rule: &Rule) -> String {
    let introduction = rules::introduction(rule).to_lowercase();
    let words = introduction.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 3);
    // Who looks for a rule by its id looks for no other.
    let words = words.filter(|word| rules::find(word).is_none());
    words.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(" ")
}

/// What the search compares, as a block of data: no script of a page is in the page.
fn errors() -> String {
    let rules: Vec<Value> = rules::all()
        .iter()
        .map(|rule| json!({"id": rule.id, "name": rule.name, "severity": rule.severity, "errors": rule.errors}))
        .collect();
    json!(rules).to_string().replace('<', "\\u003c")
}

// The page of a rule

fn rule_page(rule: &'static Rule, neighbours: [Option<&&'static Rule>; 2], said: &Result<Said, Unsaid>) -> String {
    let documentation = rules::documentation(rule);
    let section = |name: &str| {
        let rest = documentation.split_once(&format!("\n## {name}\n"))?.1;
        Some(rest.split("\n## ").next().unwrap_or_default())
    };
    let intro = documentation.split("\n## ").next().unwrap_or_default();
    let (first, intro) = intro.split_once("\n\n").unwrap_or((intro, ""));
    let render = |text: &str| markdown::render(text, ROOT, &str::to_owned).html;
    let example = Example::of(rule);
    let fix = example.as_ref().and_then(Example::fix);
    let group = FAMILIES.iter().find(|(digit, _)| rule.id.as_bytes().get(3) == Some(&(*digit as u8)));
    let main = html! {
        article.rule-page {
            header.head {
                @if let Some((digit, title)) = group {
                    p.crumbs { a href="index.html" { "Rules" } " / " a href={ "index.html#family-" (digit) } { (family_title(title)) } }
                }
                h1 { span.id { (rule.id) } " " (rule.name) }
                div.lead { (render(first)) }
                div.facts {
                    (severity(rule.severity))
                    @match fix {
                        Some("safe") => span.badge.good { "safe fix" },
                        Some(_) => span.badge { "unsafe fix" },
                        None => span.badge { "no automatic fix" },
                    }
                    span.badge { "since " (rule.since) }
                    a.button.primary href=(ROOT.example(rule)) { "Open in the playground" }
                }
            }
            figure.where {
                (stage_bar(rule))
                figcaption { "Where you would have met it: " strong { (stage_name(rule.stage)) } ", " (rule.stage.explanation()) "." }
            }
            div.prose { (render(intro)) }
            @if let Some(example) = &example { (bad_and_fixed(example, section("Fixed"))) }
            @if let Some(good) = section("Good") {
                section.good { h2 #good { "Good" } (render(good)) }
            }
            @if !rule.errors.is_empty() {
                section.prose {
                    h2 #errors { "Errors it saves you from" }
                    ul.errors { @for error in rule.errors { li { code { (error) } } } }
                }
            }
            section.prose {
                h2 #platforms { "On each platform" }
                (platforms(rule))
            }
            section.prose {
                h2 #engines { "In policy engines" }
                (in_engines(rule, said))
            }
            section.prose {
                h2 #ignore { "Where it is meant to be so" }
                (render(&ignoring(rule)))
            }
            @if !rule.sources.is_empty() {
                section.prose {
                    h2 #sources { "Sources" }
                    ul.sources { @for source in rule.sources { li { a href=(source) { (source.trim_start_matches("https://")) } } } }
                }
            }
            nav.neighbours aria-label="Other rules" {
                @if let Some(rule) = neighbours[0] { a rel="prev" href=(rule_file(rule)) { span { "Before" } (rule.id) " " (rule.name) } }
                @if let Some(rule) = neighbours[1] { a.next rel="next" href=(rule_file(rule)) { span { "Next" } (rule.id) " " (rule.name) } }
            }
        }
    };
    let title = format!("{} {}", rule.id, rule.name);
    let page = Page { title: &title, description: rule.summary, root: ROOT, section: "Rules", scripts: &[], main };
    page.html()
}

/// What is wrong, with the finding at its place, and what the fix makes of it with what it changed.
fn bad_and_fixed(example: &Example, fixed: Option<&str>) -> Markup {
    let finding = example.finding(None).unwrap_or_default();
    let stream = transom_yaml::parse(&example.text);
    let wrong = stream.documents.first().and_then(|document| place(document, &finding));
    let fixed = fixed.and_then(|text| text.split("```yaml\n").nth(1)?.split("```").next());
    html! {
        section {
            h2 #bad { "Bad" }
            figure.example.bad {
                (highlight::block("yaml", &example.text, "Bad", &Marks { wrong: wrong.into_iter().collect(), ..Marks::default() }))
                (found(&finding))
            }
        }
        @if let Some(fixed) = fixed {
            section {
                h2 #fixed { "Fixed" }
                figure.example.fixed {
                    (highlight::block("yaml", fixed, "Fixed", &Marks { changed: changed(&example.text, fixed), ..Marks::default() }))
                    figcaption {
                        strong { (finding["fix"]["title"].as_str().unwrap_or_default()) }
                        @if finding["fix"]["safety"] == "safe" {
                            " – safe: applied by " code { "transom fix" } ", and at admission if the settings say " code { "mutate: safe" } "."
                        } @else {
                            " – unsafe: applied by " code { "transom fix" } " only when it is asked for by name, because it may change what worked."
                        }
                    }
                }
            }
        }
    }
}

/// Where a finding is in its document, and its severity.
pub(super) fn place(document: &Document, finding: &Value) -> Option<(Range<usize>, String)> {
    Some((document.locate(finding["path"].as_str()?).span, finding["severity"].as_str()?.to_owned()))
}

/// A finding as the command line and the playground show it.
pub(super) fn found(finding: &Value) -> Markup {
    let word = finding["severity"].as_str().unwrap_or_default();
    html! {
        figcaption.finding.(word) {
            p { strong { (word) } " " (sentence(finding["message"].as_str().unwrap_or_default())) }
            @if let Some(help) = finding["help"].as_str() { p.help { strong { "help" } " " (sentence(help)) } }
        }
    }
}

/// A message with what stands in backquotes as code.
pub(super) fn sentence(text: &str) -> Markup {
    html! { @for (index, part) in text.split('`').enumerate() { @if index % 2 == 1 { code { (part) } } @else { (part) } } }
}

/// The lines, from 0, that `after` has and `before` has not.
pub(super) fn changed(before: &str, after: &str) -> Vec<usize> {
    let diff = TextDiff::from_lines(before, after);
    diff.iter_all_changes()
        .filter(|change| change.tag() == ChangeTag::Insert)
        .filter_map(|change| change.new_index())
        .collect()
}

fn platforms(rule: &'static Rule) -> Markup {
    html! {
        p { "What the example above gets with each " code { "platform" } " in the settings:" }
        ul.platforms {
            @for (word, name, guide) in PLATFORMS {
                li {
                    span {
                        @match guide {
                            Some(guide) => a href=(ROOT.to(&format!("guides/{guide}.html"))) { (name) },
                            None => (name),
                        }
                    }
                    @match severity_on(rule, word) {
                        Some(found) => (severity(found)),
                        None => span.badge { "passes" },
                    }
                }
            }
        }
    }
}

fn in_engines(rule: &Rule, said: &Result<Said, Unsaid>) -> Markup {
    let all = html! { "Every engine that loads the module or asks transom-server knows this rule. " };
    let more = html! { " " a href=(ROOT.to("engines/index.html")) { "What each engine can do" } "." };
    match said {
        Ok(said) => html! {
            p {
                (all) "The policies in CEL, which need neither, "
                @match (said.refuses, said.warns) { (true, true) => "refuse or warn of", (true, false) => "refuse", _ => "warn of" }
                " a part of what it finds" @if said.fixes { ", and fix it" } ":" (more)
            }
            ul.compact { @for what in &said.sees { li { (what) } } }
            @if said.is_validated { p { "The API server's own validation refuses most of it before a policy sees it." } }
        },
        Err(why) => html! {
            p { (all) "The policies in CEL do not: " (reason(*why, rule)) "." (more) }
        },
    }
}

pub(super) fn reason(why: Unsaid, rule: &Rule) -> &'static str {
    match why {
        Unsaid::OtherObject if rule.id.starts_with("WIN0") => "it is about the input itself",
        Unsaid::OtherObject => "it is about objects that they are not asked about",
        Unsaid::Hint => "it is a hint, and admission shows none",
        Unsaid::TakesMore => "it takes more than the object, or more than CEL can read in it",
    }
}

fn ignoring(rule: &Rule) -> String {
    format!(
        "```yaml\nmetadata:\n  annotations:\n    transom.dev/ignore.{name}: \"until=2027-01-31 why it may stay\"\n```\n\n\
         In a file, the comment `# transom: ignore[{name}] until=2027-01-31 -- why it may stay` does the same; for all \
         objects, the setting `rules: {{{name}: off}}`.\n",
        name = rule.name
    )
}
