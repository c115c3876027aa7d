//! `transom filter`: marks what other scanners say of Windows pods that does not apply to them.

use std::ops::ControlFlow;

use anyhow::anyhow;
use transom_scanners::{Marked, Objects, Outcome, mark};

use crate::Exit;
use crate::args::Filter;
use crate::input::{self, Source};
use crate::judge::Judges;
use crate::output;
use crate::parallel;
use crate::render::{counted, frame};
use crate::set::Set;
use crate::terminal::{self, Terminal};

pub(crate) fn run(args: &Filter, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    let log = read(args)?;
    let judging = args.judging();
    args.output.as_deref().map_or(Ok(()), |path| output::check(path, &judging.named()))?;
    let set = Set::open(&judging);
    let judges = Judges::open(&judging, &set.sources)?;
    let mut objects = Objects::default();
    let mut failures: Vec<String> = set.unreadable.iter().map(frame::of_unreadable).collect();
    parallel::for_each(
        set.sources.len(),
        |index| {
            let file = set.take(index)?;
            let label = &set.sources[index].label;
            Ok(Objects::read(label, &file.text, judges.of(index), set.context.seen_from(label)))
        },
        |read| {
            match read {
                Ok(read) => objects.add(read),
                Err(error) => failures.push(frame::of_unreadable(&error)),
            }
            ControlFlow::Continue(())
        },
    );
    let marked = mark(&log, &objects).map_err(|error| anyhow!("{}: {error}", args.log.display()))?;
    match &args.output {
        Some(path) => terminal::write_file(path, &marked.text)?,
        None => terminal.out_raw(&marked.text)?,
    }
    terminal.flush()?;
    failures.iter().try_for_each(|failure| terminal.err(failure))?;
    if !args.quiet {
        terminal.err(&summary(&marked))?;
    }
    Ok(if failures.is_empty() { Exit::Clean } else { Exit::Unreadable })
}

fn read(args: &Filter) -> anyhow::Result<String> {
    let source = if args.log.as_os_str() == "-" { Source::stdin() } else { Source::named(&args.log) };
    input::read(&source).map_err(|error| anyhow!("cannot read {}: {}", error.label, error.reason))
}

fn summary(marked: &Marked) -> String {
    let count = |outcome| marked.outcomes.get(&outcome).copied().unwrap_or_default();
    let all: usize = marked.outcomes.values().sum();
    let mut text = String::new();
    for ((scanner, rule), (count, reason)) in &marked.rules {
        text.push_str(&format!("{count:>6}  {scanner} {rule}: {}\n", reason.id));
    }
    text.push_str(&format!(
        "{} of {} marked: they do not apply to Windows pods",
        count(Outcome::Marked),
        counted(all, "result")
    ));
    for (outcome, what) in [
        (Outcome::Applies, "apply to Windows as to Linux, or are of no rule that is known here"),
        (Outcome::NotWindows, "are about what is not meant for Windows alone"),
        (Outcome::Kept, "apply to these Windows pods, as they have HostProcess containers or do not say runAsNonRoot"),
        (Outcome::NotFound, "are about no object in the manifests given"),
        (Outcome::Suppressed, "were suppressed before"),
    ] {
        if count(outcome) > 0 {
            text.push_str(&format!("\n{:>6}  {what}", count(outcome)));
        }
    }
    for driver in &marked.unknown {
        text.push_str(&format!("\nthe results of {driver} stay as they are: its rules are not known here"));
    }
    text.push('\n');
    text
}
