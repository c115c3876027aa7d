//! `transom fix`: applies fixes to the text, until there is nothing left to apply.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Read as _};
use std::ops::ControlFlow;
use std::path::Path;

use anstyle::{AnsiColor, Style};
use anyhow::bail;
use transom_manifests::{Encoding, Failure, Finding, Known, Shared, Shares, Wanted, fix_wanted};

use crate::Exit;
use crate::args::{Check, Fix, Fixes, Judging};
use crate::baseline::NamedBaseline;
use crate::judge::Judges;
use crate::parallel;
use crate::render::counted;
use crate::render::frame::{self, Frame, Level, Page};
use crate::rule_name;
use crate::set::{File, Set};
use crate::source::{self, Source, Unreadable};
use crate::template;
use crate::terminal::Terminal;
use crate::write;

/// A fix to a Node, a Namespace or a RuntimeClass may change what is right for other files.
const MAX_PASSES: usize = 4;

/// What became of one file.
#[derive(Default, Clone)]
struct Outcome {
    /// Frames for stderr: what cannot be read or judged.
    unread: String,
    /// And what cannot be fixed.
    errors: String,
    unreadable: bool,
    /// There is nothing in it to fix, whatever becomes of other files.
    closed: bool,
    /// The text as it was, where it is needed again: it was changed, or it cannot be read twice.
    original: Option<String>,
    /// The text as it should be, where that is something else.
    fixed: Option<String>,
    /// How many findings of which rule went away.
    fixes: BTreeMap<String, usize>,
    /// Errors and warnings that are left, and how many of them have an unsafe fix.
    left: usize,
    left_unsafe: usize,
    /// Some fix could not be applied.
    failed: bool,
    /// What else the changes change.
    shared: Vec<Shared>,
    /// Aliases that were written out, and their lines.
    written_out: Vec<(String, usize)>,
    /// It is a template of this chart, found in a folder.
    template_of: Option<String>,
}

/// What is to be fixed.
pub(crate) struct Order<'a> {
    judging: &'a Judging,
    /// Print the changes instead.
    diff: bool,
    /// All unsafe fixes, but for those of findings that are known.
    all: bool,
    known: Option<&'a NamedBaseline>,
    /// Ids of rules whose unsafe fixes are wanted.
    unsafe_rules: BTreeSet<&'static str>,
    /// Info findings are among all.
    with_info: bool,
    quiet: bool,
    /// A check comes after it, which says what it has passed over itself.
    is_checked: bool,
}

/// What came of it.
pub(crate) struct Done {
    pub(crate) exit: Exit,
    /// Nothing was looked at.
    pub(crate) is_refused: bool,
    /// What stdin has become, where it was among what was to be fixed.
    pub(crate) stdin: Option<String>,
}

impl<'a> Order<'a> {
    pub(crate) fn of_fix(args: &'a Fix) -> anyhow::Result<Self> {
        let unsafe_rules = ids(&args.unsafe_rules)?;
        let (judging, diff, quiet) = (&args.judging, args.diff, args.quiet);
        Ok(Order { judging, diff, all: false, known: None, unsafe_rules, with_info: false, quiet, is_checked: false })
    }

    pub(crate) fn of_check(args: &'a Check, known: Option<&'a NamedBaseline>) -> anyhow::Result<Self> {
        let (unsafe_rules, all) = (ids(&args.unsafe_rules)?, args.fix == Some(Fixes::All));
        if !unsafe_rules.is_empty() && args.fix.is_none() && !args.diff {
            bail!("--unsafe-rule is about what --fix applies, and --diff shows: add one of them");
        }
        let (judging, diff, quiet) = (&args.judging, args.diff, args.reporting.quiet);
        let with_info = args.reporting.with_info();
        Ok(Order { judging, diff, all, known, unsafe_rules, with_info, quiet, is_checked: !diff })
    }

    fn wants_unsafe(&self, finding: &Finding) -> bool {
        (self.all && finding.is_shown(self.with_info) && !finding.is_known)
            || self.unsafe_rules.contains(&*finding.rule)
    }
}

fn ids(names: &[String]) -> anyhow::Result<BTreeSet<&'static str>> {
    names.iter().map(|name| Ok(rule_name::find(name)?.id)).collect()
}

pub(crate) fn run(order: &Order<'_>, terminal: &mut Terminal) -> anyhow::Result<Done> {
    let mut set = Set::of_files(order.judging);
    let judges = Judges::open(order.judging, &set.sources)?;
    if set.lacks_context {
        // Beside other objects other fixes are right.
        set.unreadable.iter().try_for_each(|error| terminal.err(&frame::of_unreadable(error)))?;
        terminal.err(&frame::title(Level::Error, "nothing was changed: not all of the context could be read"))?;
        return Ok(Done { exit: Exit::Unreadable, is_refused: true, stdin: None });
    }
    let shares = order.known.map(|known| known.shares(&set, &judges, order.with_info));
    let mut outcomes: Vec<Outcome> = Vec::new();
    for _ in 0..MAX_PASSES {
        let fixer = Fixer { judges: &judges, set: &set, order, shares: shares.as_ref(), before: outcomes };
        let mut after = Vec::new();
        parallel::for_each(
            set.sources.len(),
            |index| fixer.fix(index),
            |outcome| {
                after.push(outcome);
                ControlFlow::Continue(())
            },
        );
        outcomes = after;
        let before = set.context.clone();
        for (index, outcome) in outcomes.iter().enumerate() {
            if let Some(text) = &outcome.fixed {
                set.update(index, text);
            }
        }
        if set.context == before {
            break;
        }
    }
    let of_stdin = set.sources.iter().zip(&outcomes).find(|(source, _)| source.path.is_none());
    // Where there is nothing on stdin to check, no check comes after it.
    let is_checked = order.is_checked && of_stdin.is_none_or(|(_, outcome)| outcome.original.is_some());
    let stdin = of_stdin.and_then(|(_, outcome)| outcome.fixed.clone().or_else(|| outcome.original.clone()));
    let exit = finish(order, &set, &outcomes, is_checked, terminal)?;
    Ok(Done { exit, is_refused: false, stdin })
}

struct Fixer<'a> {
    judges: &'a Judges,
    set: &'a Set,
    order: &'a Order<'a>,
    /// What a baseline knows of each file.
    shares: Option<&'a Shares<'a>>,
    /// What the pass before this one made of each file; empty in the first pass.
    before: Vec<Outcome>,
}

impl Fixer<'_> {
    fn fix(&self, index: usize) -> Outcome {
        let source = &self.set.sources[index];
        let before = self.before.get(index);
        if let Some(closed) = before.filter(|before| before.closed) {
            return closed.clone();
        }
        let mut outcome = Outcome::default();
        let original = before.and_then(|before| before.original.clone());
        let file = original.map_or_else(|| self.set.take(index), |text| Ok(File::new(text)));
        match file {
            Ok(file) => {
                if let Some(original) = outcome.readable(source, file) {
                    outcome.fixes = before.map(|before| before.fixes.clone()).unwrap_or_default();
                    outcome.shared = before.map(|before| before.shared.clone()).unwrap_or_default();
                    outcome.written_out = before.map(|before| before.written_out.clone()).unwrap_or_default();
                    let text = before.and_then(|before| before.fixed.clone()).unwrap_or_else(|| original.clone());
                    self.fix_text(index, &text, &original, &mut outcome);
                    let is_needed = outcome.fixed.is_some() || source.once;
                    outcome.original = Some(original).filter(|_| is_needed);
                }
            }
            Err(error) => {
                outcome.unread = frame::of_unreadable(&error);
                outcome.unreadable = true;
                outcome.closed = true;
            }
        }
        outcome
    }

    fn fix_text(&self, index: usize, text: &str, original: &str, outcome: &mut Outcome) {
        let source = &self.set.sources[index];
        let wants_unsafe = |finding: &Finding| self.order.wants_unsafe(finding);
        let accepted = self.shares.and_then(|shares| shares.files.get(index));
        let with_info = self.order.with_info;
        let known = accepted.map(|accepted| Known { accepted, with_info });
        let wanted = Wanted { object: &|_, _| true, unsafe_fix: &wants_unsafe, known, answer: &|| true };
        let context = self.set.context.seen_from(&source.label);
        let fixed = fix_wanted(self.judges.of(index), context, text, wanted).unwrap_or_default();
        for failure in &fixed.failures {
            outcome.failure(source, text, failure);
        }
        if fixed.failures.contains(&Failure::Endless) {
            outcome.fixes.clear();
            return;
        }
        for (rule, count) in fixed.fixes {
            *outcome.fixes.entry(rule).or_default() += count;
        }
        (outcome.left, outcome.left_unsafe) = (fixed.left, fixed.left_unsafe);
        for shared in fixed.shared {
            // Later passes see the same anchors on other lines.
            if outcome.shared.iter().all(|other| other.anchor != shared.anchor) {
                outcome.shared.push(shared);
            }
        }
        outcome.written_out.extend(fixed.written_out);
        outcome.fixed = fixed.text.or_else(|| Some(text.to_owned())).filter(|text| text != original);
    }
}

impl Outcome {
    /// The text of a file, if there is anything in it to fix; says what cannot be read of it.
    fn readable(&mut self, source: &Source, file: File) -> Option<String> {
        if let Some(chart) = template::of(source, &file) {
            // Half of a template may well parse, but nobody wants it edited from its results.
            self.closed = true;
            if source.named {
                self.unreadable = true;
                self.unread.push_str(&template::refusal(source, &chart));
            } else {
                self.template_of = Some(chart);
            }
            return None;
        }
        if !file.stream.errors.is_empty() && source.may_be_skipped(&file.text) {
            self.closed = true;
            return None;
        }
        let page = Page::new(&source.label, &file.text);
        self.unread.push_str(&frame::of_broken(&page, &file.stream.errors));
        self.unreadable |= !file.stream.errors.is_empty();
        Some(file.text)
    }

    fn failure(&mut self, source: &Source, text: &str, failure: &Failure) {
        self.failed = true;
        let (said, document, at, message) = match failure {
            Failure::Unjudged { document, at, message } => {
                self.unreadable = true;
                (&mut self.unread, *document, at, format!("this object could not be judged: {message}"))
            }
            Failure::Inapplicable { document, at, rule, message } => {
                let name = rule_name::find(rule).map_or("", |rule| rule.name);
                (&mut self.errors, *document, at, format!("the fix of {rule} {name} cannot be applied: {message}"))
            }
            Failure::Endless => {
                let label = &source.label;
                let message =
                    format!("{label}: the fixes do not come to an end, so none was applied: please report this");
                self.errors.push_str(&frame::title(Level::Error, &message));
                return;
            }
        };
        let page = Page::new(&source.label, text);
        let stream = transom_yaml::parse(text);
        let mut frame = Frame::new(Level::Error, message);
        if let Some(document) = stream.documents.iter().find(|other| other.index() == document) {
            frame = frame.at(&page, document.locate(at).span, None);
        }
        said.push_str(&frame.render());
    }
}

/// That a change at an anchor shows elsewhere, too.
fn note(source: &Source, shared: &Shared) -> String {
    let lines: Vec<String> = shared.aliases.iter().map(usize::to_string).collect();
    let lines = match &lines[..] {
        [line] => format!("line {line}"),
        lines => format!("lines {}", lines.join(", ")),
    };
    let (label, anchor, line) = (&source.label, &shared.anchor, shared.line);
    let message = format!(
        "{label}: the change is made at the anchor {anchor} in line {line}, so its aliases change, too: {lines}"
    );
    frame::title(Level::Note, &message)
}

/// That an alias no longer says what its anchor says.
fn note_of_copy(source: &Source, alias: &str, line: usize) -> String {
    let label = &source.label;
    let message = format!(
        "{label}: the alias {alias} in line {line} is written out: not every use of its anchor changes in the same way"
    );
    frame::title(Level::Note, &message)
}

/// What was done, added up.
#[derive(Default)]
struct Sum {
    fixes: usize,
    files: usize,
    left: usize,
    left_unsafe: usize,
}

/// Writes the files, or the differences, and says what was done.
fn finish(
    order: &Order<'_>,
    set: &Set,
    outcomes: &[Outcome],
    is_checked: bool,
    terminal: &mut Terminal,
) -> anyhow::Result<Exit> {
    let mut exit = Exit::Clean;
    let mut sum = Sum::default();
    for error in &set.unreadable {
        if !is_checked {
            terminal.err(&frame::of_unreadable(error))?;
        }
        exit = Exit::Unreadable;
    }
    for (source, outcome) in set.sources.iter().zip(outcomes) {
        if !is_checked {
            terminal.err(&outcome.unread)?;
        }
        terminal.err(&outcome.errors)?;
        if outcome.unreadable {
            exit = Exit::Unreadable;
        } else if (outcome.failed || (order.diff && outcome.fixed.is_some())) && exit == Exit::Clean {
            exit = Exit::Findings;
        }
        sum.left += outcome.left;
        sum.left_unsafe += outcome.left_unsafe;
        let Some(original) = &outcome.original else { continue };
        if !write(order, source, original, outcome.fixed.as_deref(), terminal)? {
            exit = Exit::Unreadable;
            continue;
        }
        if outcome.fixed.is_some() {
            sum.fixes += outcome.fixes.values().sum::<usize>();
            sum.files += 1;
            if !order.quiet {
                tell(source, outcome, terminal)?;
            }
        }
    }
    terminal.flush()?;
    if !order.quiet {
        if !order.is_checked {
            tell_passed_over(set, outcomes, terminal)?;
        }
        terminal.err(&summary(&sum, order.diff, exit))?;
    }
    Ok(exit)
}

/// Writes the new text of a file, or the difference. Whether that could be done.
fn write(
    order: &Order<'_>,
    source: &Source,
    original: &str,
    new: Option<&str>,
    terminal: &mut Terminal,
) -> anyhow::Result<bool> {
    match (new, &source.path) {
        (Some(new), _) if order.diff => {
            terminal.out_raw(&diff(&source.label, original, new, terminal.is_colored()))?;
        }
        (None, _) if order.diff => {}
        (_, None) => terminal.out_raw(new.unwrap_or(original))?,
        (Some(new), Some(path)) => {
            if let Err(error) = replace(path, new) {
                let reason = format!("cannot be written: {}", source::why(&error));
                terminal.err(&frame::of_unreadable(&Unreadable { label: source.label.clone(), reason }))?;
                return Ok(false);
            }
        }
        (None, Some(_)) => {}
    }
    Ok(true)
}

/// Says what was changed in a file, and what else that changes.
fn tell(source: &Source, outcome: &Outcome, terminal: &mut Terminal) -> anyhow::Result<()> {
    for shared in &outcome.shared {
        terminal.err(&note(source, shared))?;
    }
    for (alias, line) in &outcome.written_out {
        terminal.err(&note_of_copy(source, alias, *line))?;
    }
    let count = outcome.fixes.values().sum();
    let rules: Vec<_> = outcome.fixes.iter().map(|(rule, count)| times(rule, *count)).collect();
    terminal.err(&format!("{}: {} ({})\n", source.label, fix_count(count), rules.join(", ")))?;
    Ok(())
}

/// Says what was not looked at: patches of kustomizations, and templates that were found in folders.
fn tell_passed_over(set: &Set, outcomes: &[Outcome], terminal: &mut Terminal) -> anyhow::Result<()> {
    for folder in &set.patched {
        terminal.err(&frame::of_patched(folder, "fixed"))?;
    }
    let mut by_chart: BTreeMap<&String, usize> = BTreeMap::new();
    for chart in outcomes.iter().filter_map(|outcome| outcome.template_of.as_ref()) {
        *by_chart.entry(chart).or_default() += 1;
    }
    for (chart, count) in by_chart {
        let (templates, them) = (counted(count, "template"), if count == 1 { "it" } else { "them" });
        let message =
            format!("{chart}: {templates} not fixed: `transom check {chart}` says what can be changed in {them}");
        terminal.err(&frame::title(Level::Note, &message))?;
    }
    Ok(())
}

/// What was done and what is left, in a line.
fn summary(sum: &Sum, is_diff: bool, exit: Exit) -> String {
    let done = match (sum.files, is_diff) {
        (0, _) if exit == Exit::Clean => "nothing to fix".to_owned(),
        (0, _) => "nothing was changed".to_owned(),
        (files, false) => format!("{} in {}", fix_count(sum.fixes), counted(files, "file")),
        (files, true) => format!("{} in {}, not applied", fix_count(sum.fixes), counted(files, "file")),
    };
    let some = match sum.left_unsafe {
        0 => String::new(),
        count => format!(", {count} with an unsafe fix (--unsafe-rule)"),
    };
    let left = match sum.left {
        0 => String::new(),
        left => format!("; {} left{some}: see `transom check`", counted(left, "finding")),
    };
    format!("{done}{left}\n")
}

fn fix_count(count: usize) -> String {
    if count == 1 { "1 fix".into() } else { format!("{count} fixes") }
}

fn times(rule: &str, count: usize) -> String {
    if count == 1 { rule.to_owned() } else { format!("{rule} ×{count}") }
}

/// A unified diff, as `patch -p0` and `git apply -p0` take it: to them a line ends with a line feed and nothing else.
pub(crate) fn diff(label: &str, old: &str, new: &str, colored: bool) -> String {
    let lines = |text| str::split_inclusive(text, '\n').collect::<Vec<&str>>();
    let (old, new) = (lines(old), lines(new));
    // Lines that stand there once divide long texts: what lies between them is compared by itself.
    let diff = similar::TextDiff::configure().algorithm(similar::Algorithm::Patience).diff_slices(&old, &new);
    // As diff and git write it: a tab says where a name with blanks ends.
    let end = if label.contains(' ') { "\t" } else { "" };
    let name = format!("{label}{end}");
    let mut text = format!("--- {name}\n+++ {name}\n");
    for hunk in diff.unified_diff().context_radius(3).iter_hunks() {
        text.push_str(&format!("{}\n", hunk.header()));
        for change in hunk.iter_changes() {
            let line = change.value();
            let end = if line.ends_with('\n') { "" } else { "\n\\ No newline at end of file\n" };
            text.push_str(&format!("{}{line}{end}", change.tag()));
        }
    }
    if !colored {
        return text;
    }
    let paint = |line: &str| {
        let style = match line.as_bytes().first() {
            Some(b'+') => AnsiColor::Green.on_default(),
            Some(b'-') => AnsiColor::Red.on_default(),
            Some(b'@') => AnsiColor::Cyan.on_default(),
            _ => Style::new(),
        };
        format!("{style}{}{style:#}\n", line.trim_end_matches(['\n', '\r']))
    };
    text.split_inclusive('\n').map(paint).collect()
}

/// Puts a new text in the place of a file, stored as the old one is.
pub(crate) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let mut mark = Vec::new();
    fs::File::open(path)?.take(2).read_to_end(&mut mark)?;
    write::replace(path, &Encoding::of(&mark).encode(text))
}
