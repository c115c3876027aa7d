//! `transom check`: judges every object and points at what is wrong.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use anyhow::bail;
use transom_charts::Rendered;
use transom_manifests::{Accepted, Action, Content, Context, Decision, Finding, Judge, Object, View, holds_actions};
use transom_reports::{
    Detail, FileReport, Format, ObjectReport, Options, Piece, Position, Tally, Trouble, TroubleKind,
};
use transom_yaml::Document;

use crate::Exit;
use crate::args::{Check, FailOn, Reporting};
use crate::baseline::NamedBaseline;
use crate::fix;
use crate::judge::{self, Judges, Rules};
use crate::output::{self, Opened, Outputs, Wanted};
use crate::parallel;
use crate::progress::Progress;
use crate::render::frame::{self, Frame, Level, Page};
use crate::render::{Place, text};
use crate::set::{File, Set};
use crate::settings;
use crate::source::{self, Source, Unreadable};
use crate::template;
use crate::terminal::Terminal;
#[cfg(feature = "watch")]
use crate::watch;

/// What one file has to say. It is put together in one thread and printed by another.
#[derive(Default)]
pub(crate) struct Report {
    /// Errors of reading: for stderr.
    errors: String,
    /// Notes that nobody has to act on: for stderr, unless quiet.
    notes: String,
    findings: String,
    file: FileReport,
    pieces: Vec<Piece>,
    tally: Tally,
    root: usize,
    named: bool,
}

pub(crate) fn run(args: &Check, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    if !args.watch {
        return once(args, terminal);
    }
    #[cfg(feature = "watch")]
    return watch::run(args, once, terminal);
    #[cfg(not(feature = "watch"))]
    Err(crate::lacking("`--watch`"))
}

/// Fixes, where that is asked for, and checks.
fn once(args: &Check, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    let known = NamedBaseline::find(args.baseline.as_deref(), args.judging.setting.isolated)?;
    let order = fix::Order::of_check(args, known.as_ref())?;
    if args.diff {
        if !args.reporting.output.is_empty() {
            bail!("--diff prints changes and no report: leave --output out");
        }
        return Ok(fix::run(&order, terminal)?.exit);
    }
    // What is wrong with anything that was asked for is said before a file is written.
    let is_stdin = args.judging.paths.iter().any(|path| path.as_os_str() == "-");
    let has_stdout = args.fix.is_none() || !is_stdin;
    let mut read = args.judging.named();
    read.extend(known.iter().map(|known| known.path.clone()));
    let outputs = outputs(&args.reporting, &read, args.judging.setting.isolated, has_stdout)?;
    if args.fix.is_none() {
        return check(args, known.as_ref(), outputs, None, terminal);
    }
    let fixed = fix::run(&order, terminal)?;
    if fixed.is_refused || (is_stdin && fixed.stdin.is_none()) {
        return Ok(fixed.exit);
    }
    let left = check(args, known.as_ref(), outputs, fixed.stdin.as_deref(), terminal)?;
    Ok(left.max(if fixed.exit == Exit::Unreadable { fixed.exit } else { Exit::Clean }))
}

/// Opens what reports are written to, none of which is among what is `read`. `has_stdout`: nothing else is printed
/// there.
fn outputs(reporting: &Reporting, read: &[PathBuf], is_isolated: bool, has_stdout: bool) -> anyhow::Result<Opened> {
    // The counts are text, whatever else the environment would like.
    let chosen = output::chosen(&reporting.output, is_isolated || reporting.statistics || !has_stdout);
    if reporting.statistics && chosen.iter().all(|output| output.format.is_some()) {
        bail!("--statistics are text: leave --output out, or add --output text");
    }
    Opened::open(&chosen, read, has_stdout)
}

/// `stdin` is what there is to check in its place.
fn check(
    args: &Check,
    known: Option<&NamedBaseline>,
    outputs: Opened,
    stdin: Option<&str>,
    terminal: &mut Terminal,
) -> anyhow::Result<Exit> {
    let mut set = Set::open_without(&args.judging, &outputs.files);
    if let Some(text) = stdin {
        set.put_stdin(text);
    }
    let judges = Judges::open(&args.judging, &set.sources)?;
    let rules = Rules::of(&args.judging)?;
    let repository = if args.judging.setting.isolated { None } else { output::repository() };
    let mut reports = Reports::to(outputs.begin()?, &args.reporting, repository, terminal);
    let checker = reports.checker();
    let shares = known.map(|known| known.shares(&set, &judges, args.reporting.with_info()));
    let accepted = |index: usize| shares.as_ref().and_then(|shares| shares.files.get(index).cloned());

    let mut progress = Progress::new(set.sources.len());
    for error in &set.unreadable {
        reports.print(checker.unreadable(error))?;
    }
    for (source, folder) in &set.patches {
        reports.print(checker.patch(source, folder))?;
    }
    let mut failure = None;
    let mut roots = vec![Root::default(); args.judging.paths.len()];
    parallel::for_each(
        set.sources.len(),
        |index| checker.check(&set.sources[index], set.take(index), judges.of(index), &set.context, accepted(index)),
        |mut report| {
            if let Some(root) = roots.get_mut(report.root) {
                root.count(&mut report);
            }
            progress.advance();
            match progress.aside(|| reports.print(report)) {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    failure = Some(error);
                    ControlFlow::Break(())
                }
            }
        },
    );
    progress.end();
    if let Some(error) = failure {
        return Err(error.into());
    }
    for (path, _) in args.judging.paths.iter().zip(&roots).filter(|(_, root)| root.is_unread()) {
        let reason = "there is nothing in it but Helm templates that were not rendered".to_owned();
        reports.print(checker.unreadable(&Unreadable { label: source::label(path), reason }))?;
    }
    let tally = &reports.tally;
    let exit = if tally.unreadable > 0 { Exit::Unreadable } else { args.reporting.fail_on.exit(tally) };
    let that = if args.judging.walking.no_ignore { "" } else { " that is neither hidden nor ignored by git" };
    let barren = |folder: &String| {
        frame::title(Level::Note, &format!("{folder}: no *.yaml, *.yml or *.json in this folder{that}"))
    };
    let misnamed = judges.misnamed.iter().map(|path| frame::title(Level::Note, &settings::misnamed(path)));
    let patched = set.patched.iter().map(|folder| frame::of_patched(folder, "judged"));
    let is_lacking = |source: &&Source| source.rendered.as_ref().is_some_and(|rendered| rendered.lacks_comments());
    let lacking = set.sources.iter().filter(is_lacking).map(|source| {
        let why = "kustomize takes comments away, so those about rules do not count: use annotations";
        frame::title(Level::Note, &format!("{}: {why}", source.label))
    });
    let notes: String = misnamed.chain(set.barren.iter().map(barren)).chain(patched).chain(lacking).collect();
    let paths = &args.judging.paths;
    let stale = known.zip(shares.as_ref());
    let met = tally.baseline + tally.baseline_unseen;
    let stale = stale.map(|(known, shares)| (known.stale(shares, &set, paths, &rules, met), known));
    let stale = stale.filter(|(count, _)| *count > 0).map(|(count, known)| text::stale(count, &known.path));
    reports.end(&notes, &stale.unwrap_or_default())?;
    Ok(exit)
}

/// Prints the reports and adds them up.
pub(crate) struct Reports<'t> {
    reporting: &'t Reporting,
    terminal: &'t mut Terminal,
    outputs: Outputs,
    repository: Option<PathBuf>,
    pub(crate) tally: Tally,
}

impl<'t> Reports<'t> {
    /// Begins what was asked for.
    #[cfg(feature = "kube")]
    pub(crate) fn open(
        reporting: &'t Reporting,
        judging: &crate::args::Judging,
        terminal: &'t mut Terminal,
    ) -> anyhow::Result<Self> {
        let outputs = outputs(reporting, &judging.named(), judging.setting.isolated, true)?;
        Ok(Self::to(outputs.begin()?, reporting, None, terminal))
    }

    fn to(outputs: Outputs, reporting: &'t Reporting, repository: Option<PathBuf>, terminal: &'t mut Terminal) -> Self {
        Reports { reporting, terminal, outputs, repository, tally: Tally::default() }
    }

    /// Who makes reports that hold what is wanted here.
    pub(crate) fn checker(&self) -> Checker {
        let Reporting { show_suppressed, statistics, fail_on, .. } = *self.reporting;
        let options = Options { with_info: self.reporting.with_info(), fails: fail_on.action(), now: judge::now() };
        let text = self.outputs.wants_text() && !statistics;
        let wanted = Wanted { text, formats: self.outputs.formats(), options };
        Checker { show_suppressed, wanted, repository: self.repository.clone() }
    }

    /// Ends the reports with a summary, which has `before` before it and `after` after it.
    pub(crate) fn end(mut self, before: &str, after: &str) -> anyhow::Result<()> {
        if self.reporting.statistics {
            self.outputs.text(self.terminal, &text::statistics(&self.tally))?;
        }
        let is_for_people = self.is_for_people();
        // Formats that have no place for it.
        let is_silent = |format: &Format| matches!(format, Format::Junit | Format::Gitlab | Format::Openreports);
        let is_unsaid = !is_for_people && self.outputs.formats().iter().all(is_silent);
        self.outputs.end(&self.tally)?;
        if is_for_people && !self.reporting.quiet {
            self.terminal.err(before)?;
            self.terminal.err(&text::summary(&self.tally, self.reporting.with_info()))?;
            self.terminal.err(after)?;
        }
        if let Some(hidden) = text::hidden_from_admission(&self.tally).filter(|_| is_unsaid && !self.reporting.quiet) {
            self.terminal.err(&format!("{hidden}\n"))?;
        }
        self.terminal.flush()?;
        Ok(())
    }

    fn is_for_people(&self) -> bool {
        self.outputs.is_for_people() || self.outputs.formats().is_empty()
    }

    pub(crate) fn print(&mut self, report: Report) -> std::io::Result<()> {
        self.tally.add(&report.tally);
        if self.is_for_people() {
            self.terminal.err(&report.errors)?;
            if !self.reporting.quiet {
                self.terminal.err(&report.notes)?;
            }
        }
        self.outputs.text(self.terminal, &report.findings)?;
        self.outputs.pieces(report.pieces)
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

/// How files are checked: what is wanted of each.
pub(crate) struct Checker {
    show_suppressed: bool,
    wanted: Wanted,
    /// From where on a CI names files.
    repository: Option<PathBuf>,
}

/// The text that findings are shown in, and what of it was judged.
#[derive(Clone, Copy)]
struct Texts<'a> {
    /// What is shown.
    page: &'a Page<'a>,
    /// What was judged: something else where that was rendered.
    own: &'a Page<'a>,
    rendered: Option<&'a Rendered>,
}

/// Who judges, and by what.
#[derive(Clone, Copy)]
struct Judging<'a> {
    judge: &'a Judge,
    context: &'a View<'a>,
}

/// What is needed while one file is judged.
struct Progressing<'b> {
    /// What a baseline knows of the file and was not met yet.
    accepted: Option<Accepted<'b>>,
    /// How often each key was met: what tells findings of one key apart.
    met: BTreeMap<transom_manifests::Key, usize>,
}

impl Checker {
    /// What there is to say about a file. What is `accepted` in it does not count.
    pub(crate) fn check(
        &self,
        source: &Source,
        file: Result<File, Unreadable>,
        judge: &Judge,
        context: &Context,
        accepted: Option<Accepted<'_>>,
    ) -> Report {
        let mut report = match file {
            Ok(file) => {
                self.file(source, &file, Judging { judge, context: &context.seen_from(&source.label) }, accepted)
            }
            Err(error) => Report::unreadable(&error),
        };
        report.root = source.root;
        report.named = source.named;
        report.file.in_repository = source.path.as_deref().and_then(|path| self.in_repository(path));
        self.wanted.pieces(&mut report);
        report
    }

    /// What there is to say about something that cannot be read.
    pub(crate) fn unreadable(&self, error: &Unreadable) -> Report {
        self.named(Report::unreadable(error))
    }

    /// What there is to say about a file that was named and that the kustomization in a folder patches others with.
    fn patch(&self, source: &Source, folder: &str) -> Report {
        let mut report = Report::default();
        report.file.path.clone_from(&source.label);
        let message =
            format!("this is a patch of the kustomization {folder}, a part of objects: check {folder} itself");
        report.trouble(TroubleKind::Patch, message, true);
        self.named(report)
    }

    /// A report that is known by the name of its file alone.
    fn named(&self, mut report: Report) -> Report {
        report.file.in_repository = self.in_repository(Path::new(&report.file.path));
        self.wanted.pieces(&mut report);
        report
    }

    fn in_repository(&self, path: &Path) -> Option<String> {
        let folder = self.repository.as_deref()?;
        source::place(path).strip_prefix(folder).ok().map(source::label)
    }

    fn file(&self, source: &Source, file: &File, judging: Judging<'_>, accepted: Option<Accepted<'_>>) -> Report {
        let mut report = Report::default();
        report.file.path.clone_from(&source.label);
        report.file.is_live = source.is_live();
        report.file.is_editable = source.rendered.is_none() && (source.path.is_some() || source.once);
        let rendered = source.rendered.as_deref();
        let label = match rendered {
            Some(_) => format!("{} (rendered)", source.label),
            None => source.label.clone(),
        };
        let own = Page::new(&label, &file.text);
        let written = rendered.map(|rendered| Page::new(&source.label, &rendered.source));
        let page = written.as_ref().unwrap_or(&own);
        let texts = Texts { page, own: &own, rendered };
        let template = template::of(source, file);
        match &template {
            Some(chart) => report.template(source, chart),
            None if source.may_be_skipped(&file.text) => report.tally.skipped += file.stream.errors.len(),
            None => file.stream.errors.iter().for_each(|error| report.syntax(&own, error)),
        }
        let mut is_empty = file.stream.errors.is_empty();
        let mut so_far = Progressing { accepted, met: BTreeMap::new() };
        for document in &file.stream.documents {
            match Content::of(document) {
                Content::Empty => continue,
                _ if template.is_some() && holds_actions(document.value()) => {}
                Content::Objects(objects) => self.objects(judging, texts, document, objects, &mut so_far, &mut report),
                Content::Other(_) if source.is_ours() => {}
                Content::Other(why) => report.other(source, why),
            }
            is_empty = false;
        }
        if is_empty && source.named {
            report.note(&format!("{}: there is nothing in it", source.label));
        }
        report.tally.files = usize::from(report.tally.objects > 0);
        if rendered.is_some() {
            report.without_fixes();
        }
        report
    }

    fn objects(
        &self,
        judging: Judging<'_>,
        texts: Texts<'_>,
        document: &Document,
        objects: Vec<Object<'_>>,
        so_far: &mut Progressing<'_>,
        report: &mut Report,
    ) {
        let Texts { page, own, rendered } = texts;
        let mut examined = judging.judge.document(document, own.text(), objects, judging.context);
        if let Some(accepted) = &mut so_far.accepted {
            report.tally.baseline_unseen += examined.mark_known(accepted, self.wanted.options.with_info);
        }
        let header = own.text().get(document.span()).filter(|_| rendered.is_none()).and_then(transom_charts::source_of);
        let rendered = rendered.map(|rendered| (rendered, own));
        for (object, decision) in examined.objects() {
            let place = Place { page, examined: &examined, object, rendered, header };
            match decision {
                Ok(decision) => {
                    let decision = examined.fixable(own.text(), object, decision);
                    self.decision(&place, &decision, so_far, report);
                }
                Err(error) => report.unjudged(&place, &error.to_string()),
            }
        }
    }

    fn decision(&self, place: &Place<'_>, decision: &Decision, so_far: &mut Progressing<'_>, report: &mut Report) {
        let decision = &*without_known(decision, &mut report.tally);
        if self.wanted.text {
            report.findings.push_str(&text::findings(place, decision, self.wanted.options.with_info));
            if self.show_suppressed {
                report.findings.push_str(&text::suppressed(place, decision));
            }
        }
        if !self.wanted.formats.is_empty() {
            let details = |findings: &[Finding], met: &mut _| {
                findings.iter().map(|finding| self.detail(place, decision, finding, met)).collect()
            };
            let uid = place.object.object()["metadata"]["uid"].as_str();
            let object = ObjectReport {
                index: place.examined.document().index(),
                pointer: place.object.at.clone(),
                line: place.page.location(&place.span("")).line,
                uid: uid.filter(|_| report.file.is_live).map(str::to_owned),
                details: details(&decision.findings, &mut so_far.met),
                suppressed: details(&decision.suppressed, &mut so_far.met),
                decision: located(decision, place),
            };
            report.file.objects.push(object);
        }
    }

    fn detail(
        &self,
        place: &Place<'_>,
        decision: &Decision,
        finding: &Finding,
        met: &mut BTreeMap<transom_manifests::Key, usize>,
    ) -> Detail {
        let key = place.examined.key(place.object, decision, finding);
        let times = met.entry(key.clone()).or_default();
        let fingerprint = key.fingerprint(place.page.label().trim_start_matches("./"), *times);
        *times += 1;
        let related = place.evidence(decision, finding).map(|(at, said)| (place.page.location(&at), said));
        let edits = if self.wanted.edits() && place.rendered.is_none() {
            let fix = place.examined.text_fix(place.page.text(), place.object, finding);
            let edits = fix.map(|fix| fix.edits).unwrap_or_default();
            edits.into_iter().map(|edit| (place.page.location(&edit.range), edit.text)).collect()
        } else {
            Vec::new()
        };
        Detail { fingerprint, related: related.into_iter().collect(), edits }
    }
}

/// A Decision in which what the baseline knows does not count, counted.
fn without_known<'d>(decision: &'d Decision, tally: &mut Tally) -> Cow<'d, Decision> {
    let mut decision = Cow::Borrowed(decision);
    let mut known = Vec::new();
    if decision.findings.iter().any(|finding| finding.is_known) {
        let decision = decision.to_mut();
        known = decision.findings.extract_if(.., |finding| finding.is_known).collect();
    }
    tally.count(&decision);
    tally.baseline += known.len();
    if !known.is_empty() {
        known.iter_mut().for_each(|finding| finding.reason = Some("it is in the baseline".to_owned()));
        decision.to_mut().suppressed.append(&mut known);
    }
    decision
}

/// The Decision, with the place of every finding in the text.
fn located(decision: &Decision, place: &Place<'_>) -> Decision {
    let mut decision = decision.clone();
    for finding in decision.findings.iter_mut().chain(&mut decision.suppressed) {
        finding.location = Some(place.page.location(&place.span(&finding.path)));
        for advice in place.advice(finding) {
            finding.help = if finding.help.is_empty() { advice } else { format!("{}; {advice}", finding.help) };
        }
    }
    decision
}

impl Wanted {
    /// Makes of a report what each format says.
    fn pieces(&self, report: &mut Report) {
        let file = std::mem::take(&mut report.file);
        report.pieces = self.formats.iter().map(|format| format.piece(&file, self.options)).collect();
    }
}

impl FailOn {
    /// What it ends with.
    pub(crate) fn exit(self, tally: &Tally) -> Exit {
        let failed = match self {
            FailOn::Error => tally.errors,
            FailOn::Warning => tally.errors + tally.warnings,
            FailOn::Info => tally.errors + tally.warnings + tally.info,
            FailOn::Never => 0,
        };
        if failed > 0 { Exit::Findings } else { Exit::Clean }
    }

    /// The action from which on findings make the check fail.
    pub(crate) fn action(self) -> Option<Action> {
        match self {
            FailOn::Info => Some(Action::Info),
            FailOn::Warning => Some(Action::Warn),
            FailOn::Error => Some(Action::Deny),
            FailOn::Never => None,
        }
    }
}

impl Report {
    /// That what was judged stands in no file.
    pub(crate) fn without_fixes(&mut self) {
        self.tally.without_fixes();
    }

    fn unreadable(error: &Unreadable) -> Self {
        let mut report = Report { errors: frame::of_unreadable(error), ..Report::default() };
        report.tally.unreadable = 1;
        report.file.path.clone_from(&error.label);
        report.trouble(TroubleKind::Unreadable, error.reason.clone(), false);
        report
    }

    fn unjudged(&mut self, place: &Place<'_>, error: &str) {
        self.tally.unreadable += 1;
        let message = format!("this object could not be judged: {error}");
        let frame = Frame::new(Level::Error, message.as_str()).at(place.page, place.span(""), None);
        self.errors.push_str(&frame.render());
        self.trouble(TroubleKind::Judge, message, false);
    }

    fn trouble(&mut self, kind: TroubleKind, message: String, is_skipped: bool) {
        self.file.errors.push(Trouble { kind, message, is_skipped, place: None });
    }

    fn note(&mut self, message: &str) {
        self.notes.push_str(&frame::title(Level::Note, message));
    }

    fn syntax(&mut self, page: &Page<'_>, error: &transom_yaml::SyntaxError) {
        self.tally.unreadable += 1;
        self.errors.push_str(&frame::of_syntax(page, error).render());
        self.errors.push('\n');
        let place = Position { index: error.document, line: error.line, column: error.column };
        let message = error.message.clone();
        let kind = TroubleKind::Syntax;
        self.file.errors.push(Trouble { kind, message, is_skipped: false, place: Some(place) });
    }

    /// A template in a folder is skipped; one that was named should have been checked.
    fn template(&mut self, source: &Source, chart: &str) {
        self.trouble(TroubleKind::Template, template::UNRENDERED.to_owned(), !source.named);
        if source.named {
            self.tally.unreadable += 1;
            self.errors.push_str(&template::refusal(source, chart));
        } else {
            *self.tally.templates.entry(chart.to_owned()).or_default() += 1;
        }
    }

    fn other(&mut self, source: &Source, why: &str) {
        self.tally.skipped += 1;
        if source.named {
            self.note(&format!("{}: skipped a document that is no Kubernetes object: {why}", source.label));
            self.trouble(TroubleKind::NoObject, why.to_owned(), true);
        }
    }
}
