//! `transom check`: judges every object and points at what is wrong.

use std::ops::ControlFlow;

use transom_manifests::{Content, Decision, Judge, Object};
use transom_yaml::Document;

use crate::Exit;
use crate::args::{Check, FailOn, Format};
use crate::input::{Source, Unreadable};
use crate::judge;
use crate::parallel;
use crate::render::frame::{self, Frame, Level, Page};
use crate::render::json::ErrorKind;
use crate::render::{Place, Tally, json, text};
use crate::set::Set;
use crate::template;
use crate::terminal::Terminal;

/// What one file has to say. It is put together in one thread and printed by another.
#[derive(Default)]
struct Report {
    /// Errors of reading: for stderr.
    errors: String,
    /// Notes that nobody has to act on: for stderr, unless quiet.
    notes: String,
    findings: String,
    json: json::File,
    tally: Tally,
    root: usize,
    named: bool,
}

pub(crate) fn run(args: &Check, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    let judge = judge::of(&args.judging)?;
    let set = Set::open(&args.judging.paths, &args.judging.context);
    let is_json = args.format == Format::Json;
    let checker = Checker { judge: &judge, set: &set, args, with_info: args.info || args.fail_on == FailOn::Info };

    let mut reports = Reports { terminal, is_json, quiet: args.quiet, tally: Tally::default(), any: false };
    if is_json {
        reports.terminal.out_raw(&json::begin())?;
    }
    for error in &set.unreadable {
        reports.print(&Report::unreadable(error))?;
    }
    let mut failure = None;
    let mut roots = vec![Root::default(); args.judging.paths.len()];
    parallel::for_each(
        set.sources.len(),
        |index| checker.check(index),
        |mut report| {
            if let Some(root) = roots.get_mut(report.root) {
                root.count(&mut report);
            }
            match reports.print(&report) {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    failure = Some(error);
                    ControlFlow::Break(())
                }
            }
        },
    );
    let tally = &reports.tally;
    let unread = tally.unreadable > 0 || roots.iter().any(Root::is_unread);
    let failed = match args.fail_on {
        FailOn::Error => tally.errors,
        FailOn::Warning => tally.errors + tally.warnings,
        FailOn::Info => tally.errors + tally.warnings + tally.info,
        FailOn::Never => 0,
    };
    let exit = match (unread, failed) {
        (true, _) => Exit::Unreadable,
        (false, 0) => Exit::Clean,
        (false, _) => Exit::Findings,
    };
    match failure {
        // The reader has seen enough; what is known so far decides.
        Some(error) if error.kind() == std::io::ErrorKind::BrokenPipe => return Ok(exit),
        Some(error) => return Err(error.into()),
        None => {}
    }
    if is_json {
        reports.terminal.out_raw(&json::end(&reports.tally))?;
    } else if !args.quiet {
        for folder in &set.barren {
            let message = format!("{folder}: no *.yaml, *.yml or *.json in this folder");
            reports.terminal.err(&frame::title(Level::Note, &message))?;
        }
        reports.terminal.err(&text::summary(&reports.tally, checker.with_info))?;
    }
    reports.terminal.flush()?;
    Ok(exit)
}

/// Prints the reports and adds them up.
struct Reports<'t> {
    terminal: &'t mut Terminal,
    is_json: bool,
    quiet: bool,
    tally: Tally,
    any: bool,
}

impl Reports<'_> {
    fn print(&mut self, report: &Report) -> std::io::Result<()> {
        self.tally.add(&report.tally);
        if self.is_json {
            self.terminal.out_raw(&json::file(&report.json, !self.any))?;
            self.any = true;
            return Ok(());
        }
        self.terminal.err(&report.errors)?;
        if !self.quiet {
            self.terminal.err(&report.notes)?;
        }
        self.terminal.out(&report.findings)
    }
}

/// What was found below one of the paths given. A folder in which there is nothing but templates
/// was not checked at all, and whoever gave it must not think that it was.
#[derive(Debug, Clone, Default)]
struct Root {
    objects: usize,
    templates: usize,
}

impl Root {
    fn count(&mut self, report: &mut Report) {
        self.objects += report.tally.objects;
        if !report.named {
            self.templates += report.tally.templates.values().sum::<usize>();
        }
    }

    fn is_unread(&self) -> bool {
        self.templates > 0 && self.objects == 0
    }
}

struct Checker<'a> {
    judge: &'a Judge,
    set: &'a Set,
    args: &'a Check,
    with_info: bool,
}

impl Checker<'_> {
    fn check(&self, index: usize) -> Report {
        let source = &self.set.sources[index];
        let file = match self.set.take(index) {
            Ok(file) => file,
            Err(error) => return Report { root: source.root, named: source.named, ..Report::unreadable(&error) },
        };
        let mut report = Report { root: source.root, named: source.named, ..Report::default() };
        report.json.path.clone_from(&source.label);
        let page = Page::new(&source.label, &file.text);
        let template = template::of(source, &file);
        match &template {
            Some(chart) => report.template(source, chart),
            None if source.may_be_skipped(&file.text) => report.tally.skipped += file.stream.errors.len(),
            None => file.stream.errors.iter().for_each(|error| report.syntax(&page, error)),
        }
        let mut is_empty = file.stream.errors.is_empty();
        for document in &file.stream.documents {
            match Content::of(document) {
                Content::Empty => continue,
                _ if template.is_some() && template::is_in(document.value()) => {}
                Content::Objects(objects) => self.objects(&page, document, objects, &mut report),
                Content::Other(why) => report.other(source, why),
            }
            is_empty = false;
        }
        if is_empty && source.named {
            report.note(&format!("{}: there is nothing in it", source.label));
        }
        report.tally.files = usize::from(report.tally.objects > 0);
        report
    }

    fn objects(&self, page: &Page<'_>, document: &Document, objects: Vec<Object<'_>>, report: &mut Report) {
        let examined = self.judge.document(document, page.text(), objects, self.set.context.seen_from(page.label()));
        for (object, decision) in examined.objects() {
            let place = Place { page, examined: &examined, object };
            match decision {
                Ok(decision) => self.decision(&place, decision, report),
                Err(error) => report.unjudged(&place, &error.to_string()),
            }
        }
    }

    fn decision(&self, place: &Place<'_>, decision: &Decision, report: &mut Report) {
        report.tally.count(decision);
        if self.args.format == Format::Json {
            report.json.documents.push(json::Document {
                index: place.examined.document().index(),
                pointer: place.object.at.clone(),
                line: place.page.location(&place.span("")).line,
                decision: json::located(decision, place),
            });
            return;
        }
        report.findings.push_str(&text::findings(place, decision, self.with_info));
        if self.args.show_suppressed {
            report.findings.push_str(&text::suppressed(place, decision));
        }
    }
}

impl Report {
    fn unreadable(error: &Unreadable) -> Self {
        let mut report = Report { errors: frame::of_unreadable(error), ..Report::default() };
        report.tally.unreadable = 1;
        report.json.path.clone_from(&error.label);
        report.json.errors.push(json::Error {
            kind: ErrorKind::Unreadable,
            message: error.reason.clone(),
            place: None,
        });
        report
    }

    fn unjudged(&mut self, place: &Place<'_>, error: &str) {
        self.tally.unreadable += 1;
        let message = format!("this object could not be judged: {error}");
        let frame = Frame::new(Level::Error, message.as_str()).at(place.page, place.span(""), None);
        self.errors.push_str(&frame.render());
        self.json.errors.push(json::Error { kind: ErrorKind::Judge, message, place: None });
    }

    fn note(&mut self, message: &str) {
        self.notes.push_str(&frame::title(Level::Note, message));
    }

    fn syntax(&mut self, page: &Page<'_>, error: &transom_yaml::SyntaxError) {
        self.tally.unreadable += 1;
        self.errors.push_str(&frame::of_syntax(page, error).render());
        self.errors.push('\n');
        let place = json::Position { index: error.document, line: error.line, column: error.column };
        let message = error.message.clone();
        self.json.errors.push(json::Error { kind: ErrorKind::Syntax, message, place: Some(place) });
    }

    /// A template in a folder is skipped; one that was named should have been checked.
    fn template(&mut self, source: &Source, chart: &str) {
        let message = "this looks like a Helm template that was not rendered";
        self.json.errors.push(json::Error { kind: ErrorKind::Template, message: message.into(), place: None });
        if source.named {
            self.tally.unreadable += 1;
            let frame = Frame::new(Level::Error, format!("{}: {message}", source.label))
                .note("help", text::render_first(chart));
            self.errors.push_str(&frame.render());
        } else {
            *self.tally.templates.entry(chart.to_owned()).or_default() += 1;
        }
    }

    fn other(&mut self, source: &Source, why: &str) {
        self.tally.skipped += 1;
        if source.named {
            self.note(&format!("{}: skipped a document that is no Kubernetes object: {why}", source.label));
            self.json.errors.push(json::Error { kind: ErrorKind::NoObject, message: why.into(), place: None });
        }
    }
}
