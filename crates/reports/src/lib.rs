//! What was found, in the formats that other tools read.
//!
//! A front end makes a [`FileReport`] of each file (or of what a cluster holds), a [`Format`] makes a
//! [`Piece`] of that, in whatever thread, and a [`Writer`] puts the pieces together in their order, so
//! that nothing but JUnit, which begins with its counts, is kept.

mod agent;
mod github;
mod gitlab;
mod json;
mod junit;
pub mod openreports;
mod sarif;
mod tally;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;
use transom::suppress::ANNOTATION;
use transom_manifests::{Action, Decision, Finding, Location, Safety};

pub use tally::{OfRule, Tally};

/// A format for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// All there is, as `schemas/check.schema.json` says.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// JUnit's XML: a test suite a file, a test case an object.
    Junit,
    /// Workflow commands of GitHub Actions, which become annotations.
    Github,
    /// GitLab's code quality report.
    Gitlab,
    /// A finding a line, with nothing that is drawn.
    Agent,
    /// Reports of the API `openreports.io/v1alpha1`, in a List.
    Openreports,
}

/// What a format needs to know beside the findings.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Findings of action info, too.
    pub with_info: bool,
    /// The action from which on a finding is a failure; none is, where there is none.
    pub fails: Option<Action>,
    /// Seconds since 1970.
    pub now: i64,
    /// Nothing beside the findings, in formats for reading.
    pub quiet: bool,
}

/// What there is to say about one file.
#[derive(Debug, Default, Serialize)]
pub struct FileReport {
    /// With forward slashes, as it was named.
    pub path: String,
    /// The same from the root of the repository, where that is known: what a CI shows its findings by.
    #[serde(skip)]
    pub in_repository: Option<String>,
    /// What was judged.
    #[serde(rename = "documents")]
    pub objects: Vec<ObjectReport>,
    /// What was not.
    pub errors: Vec<Trouble>,
    /// Whether fixes can be applied to it: it is neither rendered nor what a cluster holds.
    #[serde(skip)]
    pub is_editable: bool,
    /// Whether it is no file but an object of a cluster.
    #[serde(skip)]
    pub is_live: bool,
}

/// An object that was judged.
#[derive(Debug, Serialize)]
pub struct ObjectReport {
    /// Place of its document in the file, from 0.
    pub index: usize,
    /// JSON Pointer of the object in the document, for the items of a List.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub pointer: String,
    /// Line on which it begins.
    pub line: usize,
    /// `metadata.uid`, where it is in a cluster.
    #[serde(skip)]
    pub uid: Option<String>,
    /// Its findings have their places.
    pub decision: Decision,
    /// What is known of each finding of the Decision, in their order.
    #[serde(skip)]
    pub details: Vec<Detail>,
    /// The same of those that are suppressed.
    #[serde(skip)]
    pub suppressed: Vec<Detail>,
}

/// What is known of a finding beside what the Decision says.
#[derive(Debug, Clone, Default)]
pub struct Detail {
    /// What identifies it from one run to the next.
    pub fingerprint: String,
    /// Other places that have to do with it.
    pub related: Vec<(Location, String)>,
    /// Its fix, as replacements of the text.
    pub edits: Vec<(Location, String)>,
}

/// Something that was not judged.
#[derive(Debug, Serialize)]
pub struct Trouble {
    /// What kind of trouble.
    pub kind: TroubleKind,
    /// What is wrong.
    pub message: String,
    /// Whether nobody asked for it in particular: what is skipped is no error.
    #[serde(skip)]
    pub is_skipped: bool,
    /// Where, if it has a place.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub place: Option<Position>,
}

/// Where a document does not parse.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Position {
    /// Of the document, from 0.
    pub index: usize,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

/// Why something was not judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TroubleKind {
    /// The file cannot be read.
    Unreadable,
    /// A document does not parse.
    Syntax,
    /// A Helm template that was not rendered.
    Template,
    /// What a kustomization patches others with.
    Patch,
    /// No Kubernetes object.
    NoObject,
    /// The module failed at an object.
    Judge,
}

impl Trouble {
    /// Whether something was left unchecked that was meant to be checked.
    fn is_error(&self) -> bool {
        !self.is_skipped
    }

    /// What is wrong, for whoever does not see what kind of trouble it is.
    fn said(&self) -> Cow<'_, str> {
        match self.kind {
            TroubleKind::Syntax => format!("this is not YAML: {}", self.message).into(),
            _ => self.message.as_str().into(),
        }
    }
}

impl FileReport {
    /// What a CI knows it by.
    fn in_repository(&self) -> &str {
        let path = self.in_repository.as_deref().unwrap_or(&self.path);
        path.strip_prefix("./").unwrap_or(path)
    }
}

impl ObjectReport {
    /// `Deployment shop/web`
    fn name(&self) -> String {
        self.decision.object.as_ref().map_or_else(|| "object".to_owned(), transom_manifests::Reference::short)
    }

    /// The errors that comments hide, which admission does not see, and what to do about each.
    fn unseen(&self) -> impl Iterator<Item = (&Finding, String)> {
        self.decision.suppressed.iter().filter_map(|finding| Some((finding, unseen(finding)?)))
    }

    /// The findings to show, each with its details.
    fn shown(&self, options: Options) -> impl Iterator<Item = (&Finding, &Detail)> {
        let all = self.decision.findings.iter().zip(&self.details);
        all.filter(move |(finding, _)| finding.is_shown(options.with_info))
    }
}

/// Where it is; the first character of the file where that is not known.
fn place(finding: &Finding) -> Location {
    finding.location.unwrap_or(Location { line: 1, column: 1, end_line: 1, end_column: 1 })
}

/// What is wrong and what to do, in one sentence or two.
fn text(finding: &Finding) -> String {
    match &*finding.help {
        "" => finding.message.clone(),
        help => format!("{}; {help}", finding.message),
    }
}

/// Whether there is a fix, and which command applies it.
fn fix_of(file: &FileReport, finding: &Finding) -> Option<String> {
    let fix = finding.fix.as_ref()?;
    Some(match fix.safety {
        _ if !file.is_editable => fix.title.clone(),
        Safety::Safe => format!("{} (--fix)", fix.title),
        Safety::Unsafe => format!("{} (--fix --unsafe-rule {})", fix.title, finding.name),
    })
}

/// What to do about a comment that hides what admission would deny.
#[must_use]
pub fn unseen(finding: &Finding) -> Option<String> {
    if !finding.is_hidden_from_admission() {
        return None;
    }
    let until = finding.until.as_ref().map(|date| format!("until={date} ")).unwrap_or_default();
    let value = format!("{until}{}", finding.reason.as_deref().unwrap_or_default());
    let name = &finding.name;
    Some(format!(
        "admission does not see comments and denies this: the annotation `{ANNOTATION}{name}: \"{}\"` speaks there, too",
        value.trim()
    ))
}

/// A number of something, in words.
fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// What a format says about one file.
#[derive(Debug)]
pub struct Piece(Form);

#[derive(Debug)]
enum Form {
    Text { text: String, rules: BTreeSet<String>, troubles: Vec<sarif::Notification> },
    Suite(Box<quick_junit::TestSuite>),
}

impl Format {
    /// What to say about one file.
    #[must_use]
    pub fn piece(self, file: &FileReport, options: Options) -> Piece {
        let text = match self {
            Format::Junit => return Piece(Form::Suite(Box::new(junit::suite(file, options)))),
            Format::Json => json::file(file),
            Format::Sarif => sarif::results(file, options),
            Format::Github => github::commands(file, options),
            Format::Gitlab => gitlab::issues(file, options),
            Format::Agent => agent::lines(file, options),
            Format::Openreports => openreports::items(file, options),
        };
        let mut rules = BTreeSet::new();
        let mut troubles = Vec::new();
        if self == Format::Sarif {
            rules.extend(file.objects.iter().flat_map(|object| {
                let shown = object.shown(options).map(|(finding, _)| finding);
                shown.chain(&object.decision.suppressed).map(|finding| finding.rule.clone())
            }));
            troubles = sarif::notifications(file);
        }
        Piece(Form::Text { text, rules, troubles })
    }

    /// What comes before the first piece, between two, and whether a line of its own is between.
    fn frame(self) -> (&'static str, &'static str) {
        match self {
            Format::Json => (json::BEGIN, ",\n"),
            Format::Sarif => (sarif::BEGIN, ",\n"),
            Format::Gitlab => (gitlab::BEGIN, ",\n"),
            Format::Openreports => (openreports::BEGIN, ",\n"),
            Format::Junit | Format::Github | Format::Agent => ("", ""),
        }
    }
}

/// Whether a text is a report in one of the formats that are JSON: JSON, SARIF, OpenReports and GitLab's as they are
/// written here, which are known by how they begin, or SARIF of others.
#[must_use]
pub fn is_report(text: &str) -> bool {
    let is_list = |items: &str| items.starts_with("{\"apiVersion\":\"openreports.io/") || items.starts_with("\n]");
    let is_issues = |issues: &str| issues.starts_with("{\"description\":") || issues.starts_with("\n]");
    text.starts_with(json::BEGIN)
        || text.strip_prefix(gitlab::BEGIN).is_some_and(is_issues)
        || text.starts_with(sarif::BEGIN)
        || text.strip_prefix(openreports::BEGIN).is_some_and(is_list)
        || serde_json::from_str(text).is_ok_and(|value: Value| value["runs"].is_array())
}

/// Puts pieces together.
pub struct Writer<W> {
    format: Format,
    to: W,
    any: bool,
    rules: BTreeSet<String>,
    troubles: Vec<sarif::Notification>,
    suites: Vec<quick_junit::TestSuite>,
}

impl<W: Write> Writer<W> {
    /// Begins a report.
    ///
    /// # Errors
    ///
    /// Where nothing can be written.
    pub fn begin(format: Format, mut to: W) -> io::Result<Self> {
        to.write_all(format.frame().0.as_bytes())?;
        Ok(Writer { format, to, any: false, rules: BTreeSet::new(), troubles: Vec::new(), suites: Vec::new() })
    }

    /// Adds what there is to say about one file.
    ///
    /// # Errors
    ///
    /// Where it cannot be written.
    pub fn add(&mut self, piece: Piece) -> io::Result<()> {
        match piece.0 {
            Form::Suite(suite) => self.suites.push(*suite),
            Form::Text { text, rules, troubles } => {
                self.rules.extend(rules);
                self.troubles.extend(troubles);
                if !text.is_empty() {
                    if self.any {
                        self.to.write_all(self.format.frame().1.as_bytes())?;
                    }
                    self.any = true;
                    self.to.write_all(text.as_bytes())?;
                }
            }
        }
        Ok(())
    }

    /// Ends the report, and gives back what it was written to. `quiet`: a format for reading has no summary.
    ///
    /// # Errors
    ///
    /// Where it cannot be written.
    pub fn end(mut self, tally: &Tally, quiet: bool) -> io::Result<W> {
        let end = match self.format {
            Format::Json => json::end(tally),
            Format::Sarif => sarif::end(&self.rules, &self.troubles),
            Format::Gitlab => "\n]\n".to_owned(),
            Format::Openreports => openreports::END.to_owned(),
            Format::Junit => junit::report(self.suites)?,
            Format::Agent if !quiet => agent::end(tally),
            Format::Agent | Format::Github => String::new(),
        };
        self.to.write_all(end.as_bytes())?;
        self.to.flush()?;
        Ok(self.to)
    }
}

impl<W> std::fmt::Debug for Writer<W> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Writer").field("format", &self.format).finish_non_exhaustive()
    }
}

/// JSON in one line.
fn line(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
