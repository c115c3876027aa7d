//! What there is to say: put together file by file, printed and added up.

use std::path::PathBuf;

use transom_reports::{FileReport, Format, Options, Piece, Position, Tally, Trouble, TroubleKind};

use crate::args::Reporting;
use crate::checker::Checker;
use crate::judge;
#[cfg(feature = "kube")]
use crate::output::Opened;
use crate::output::{Outputs, Wanted};
use crate::render::frame::{self, Frame, Level, Page};
use crate::render::{Place, text};
use crate::source::{Source, Unreadable};
use crate::template;
use crate::terminal::Terminal;

/// What one file has to say. It is put together in one thread and printed by another.
#[derive(Default)]
pub(crate) struct Report {
    /// Errors of reading: for stderr.
    errors: String,
    /// Notes that nobody has to act on: for stderr, unless quiet.
    notes: String,
    /// For people.
    pub(crate) findings: String,
    /// For programs.
    pub(crate) file: FileReport,
    /// What each format makes of that.
    pub(crate) pieces: Vec<Piece>,
    pub(crate) tally: Tally,
    /// Which of the paths given it comes from.
    pub(crate) root: usize,
    /// Whether it was named itself.
    pub(crate) named: bool,
}

impl Report {
    /// That what was judged stands in no file.
    pub(crate) fn without_fixes(&mut self) {
        self.tally.without_fixes();
    }

    pub(crate) fn unreadable(error: &Unreadable) -> Self {
        let mut report = Report { errors: frame::of_unreadable(error), ..Report::default() };
        report.tally.unreadable = 1;
        report.file.path.clone_from(&error.label);
        report.trouble(TroubleKind::Unreadable, error.reason.clone(), false);
        report
    }

    pub(crate) fn unjudged(&mut self, place: &Place<'_>, error: &str) {
        self.tally.unreadable += 1;
        let message = format!("this object could not be judged: {error}");
        let frame = Frame::new(Level::Error, message.as_str()).at(place.page, place.span(""), None);
        self.errors.push_str(&frame.render());
        self.trouble(TroubleKind::Judge, message, false);
    }

    pub(crate) fn trouble(&mut self, kind: TroubleKind, message: String, is_skipped: bool) {
        self.file.errors.push(Trouble { kind, message, is_skipped, place: None });
    }

    pub(crate) fn note(&mut self, message: &str) {
        self.notes.push_str(&frame::title(Level::Note, message));
    }

    pub(crate) fn syntax(&mut self, page: &Page<'_>, error: &transom_yaml::SyntaxError) {
        self.tally.unreadable += 1;
        self.errors.push_str(&frame::of_syntax(page, error).render());
        self.errors.push('\n');
        let place = Position { index: error.document, line: error.line, column: error.column };
        let message = error.message.clone();
        let kind = TroubleKind::Syntax;
        self.file.errors.push(Trouble { kind, message, is_skipped: false, place: Some(place) });
    }

    /// A template in a folder is skipped; one that was named should have been checked.
    pub(crate) fn template(&mut self, source: &Source, chart: &str) {
        self.trouble(TroubleKind::Template, template::UNRENDERED.to_owned(), !source.named);
        if source.named {
            self.tally.unreadable += 1;
            self.errors.push_str(&template::refusal(source, chart));
        } else {
            *self.tally.templates.entry(chart.to_owned()).or_default() += 1;
        }
    }

    pub(crate) fn other(&mut self, source: &Source, why: &str) {
        self.tally.skipped += 1;
        if source.named {
            self.note(&format!("{}: skipped a document that is no Kubernetes object: {why}", source.label));
            self.trouble(TroubleKind::NoObject, why.to_owned(), true);
        }
    }
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
        let outputs = Opened::of(reporting, &judging.named(), judging.setting.isolated, true)?;
        Ok(Self::to(outputs.begin()?, reporting, None, terminal))
    }

    pub(crate) fn to(
        outputs: Outputs,
        reporting: &'t Reporting,
        repository: Option<PathBuf>,
        terminal: &'t mut Terminal,
    ) -> Self {
        Reports { reporting, terminal, outputs, repository, tally: Tally::default() }
    }

    /// Who makes reports that hold what is wanted here.
    pub(crate) fn checker(&self) -> Checker {
        let Reporting { show_suppressed, statistics, fail_on, .. } = *self.reporting;
        let options = Options {
            with_info: self.reporting.with_info(),
            fails: fail_on.action(),
            now: judge::now(),
            quiet: self.reporting.quiet,
        };
        let text = self.outputs.wants_text() && !statistics;
        let wanted = Wanted { text, formats: self.outputs.formats(), options };
        Checker { show_suppressed, wanted, repository: self.repository.clone() }
    }

    /// Ends the reports with a summary, which has `before` before it and `after` after it.
    pub(crate) fn end(mut self, before: &str, after: &str) -> anyhow::Result<()> {
        if self.reporting.statistics {
            self.outputs.text(self.terminal, &text::statistics(&self.tally, self.reporting.with_info()))?;
        }
        let is_for_people = self.is_for_people();
        // Formats that have no place for it.
        let is_silent = |format: &Format| matches!(format, Format::Junit | Format::Gitlab | Format::Openreports);
        let is_unsaid = !is_for_people && self.outputs.formats().iter().all(is_silent);
        self.outputs.end(&self.tally, self.reporting.quiet)?;
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
