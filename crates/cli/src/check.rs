//! `transom check`: judges every object and points at what is wrong.

use std::ops::ControlFlow;

use anyhow::bail;

use crate::Exit;
use crate::args::Check;
use crate::baseline::NamedBaseline;
use crate::fix;
use crate::judge::{Judges, Rules};
use crate::output::{self, Opened};
use crate::parallel;
use crate::progress::Progress;
use crate::render::frame::{self, Level};
use crate::render::text;
use crate::report::{Report, Reports};
use crate::set::Set;
use crate::settings;
use crate::source::{self, Source, Unreadable};
use crate::terminal::Terminal;
#[cfg(feature = "watch")]
use crate::watch;

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
    let outputs = Opened::of(&args.reporting, &read, args.judging.setting.isolated, has_stdout)?;
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
    let met = tally.baseline + tally.baseline_unseen;
    let stale = known.zip(shares.as_ref()).and_then(|(known, shares)| {
        let count = known.stale(shares, &set, &args.judging.paths, &rules, met);
        (count > 0).then(|| text::stale(count, &known.path))
    });
    reports.end(&notes(args, &set, &judges), &stale.unwrap_or_default())?;
    Ok(exit)
}

/// What was passed over, or does not count, and may well have been meant to.
fn notes(args: &Check, set: &Set, judges: &Judges) -> String {
    let misnamed = judges.misnamed.iter().map(|path| frame::title(Level::Note, &settings::misnamed(path)));
    let that = if args.judging.walking.no_ignore { "" } else { " that is neither hidden nor ignored by git" };
    let barren = set
        .barren
        .iter()
        .map(|folder| frame::title(Level::Note, &format!("{folder}: no *.yaml, *.yml or *.json in this folder{that}")));
    let patched = set.patched.iter().map(|folder| frame::of_patched(folder, "judged"));
    let is_lacking = |source: &&Source| source.rendered.as_ref().is_some_and(|rendered| rendered.lacks_comments());
    let lacking = set.sources.iter().filter(is_lacking).map(|source| {
        let why = "kustomize takes comments away, so those about rules do not count: use annotations";
        frame::title(Level::Note, &format!("{}: {why}", source.label))
    });
    misnamed.chain(barren).chain(patched).chain(lacking).collect()
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
