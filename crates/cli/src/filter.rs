//! `transom filter`: marks what other scanners say of Windows pods that does not apply to them.

use std::ops::ControlFlow;

use anyhow::anyhow;
use transom_scanners::{Marked, Objects, Outcome, mark};

use crate::Exit;
use crate::args::Filter;
use crate::judge::Judges;
use crate::output;
use crate::parallel;
use crate::render::counted;
use crate::render::frame::{self, Page};
use crate::set::{File, Set};
use crate::source::{self, Source};
use crate::template;
use crate::terminal::{self, Terminal};

pub(crate) fn run(args: &Filter, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    let log = read(args)?;
    let judging = args.judging();
    args.output.as_deref().map_or(Ok(()), |path| output::check(path, &judging.named()))?;
    let set = Set::open(&judging);
    let judges = Judges::open(&judging, &set.sources)?;
    let mut objects = Objects::default();
    let mut failures: String = set.unreadable.iter().map(frame::of_unreadable).collect();
    parallel::for_each(
        set.sources.len(),
        |index| {
            let source = &set.sources[index];
            let file = set.take(index)?;
            let objects =
                Objects::read(&source.label, &file.text, judges.of(index), set.context.seen_from(&source.label));
            let objects = match &source.path {
                Some(path) => objects.really_at(&source::real(path)),
                None => objects,
            };
            Ok((objects, unread(source, &file)))
        },
        |read| {
            match read {
                Ok((read, unread)) => {
                    objects.add(read);
                    failures.push_str(&unread);
                }
                Err(error) => failures.push_str(&frame::of_unreadable(&error)),
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
    terminal.err(&failures)?;
    if !args.quiet {
        terminal.err(&summary(&marked))?;
    }
    Ok(if failures.is_empty() { Exit::Clean } else { Exit::Unreadable })
}

/// What of a manifest cannot be read, as `check` says it.
fn unread(source: &Source, file: &File) -> String {
    match template::of(source, file) {
        Some(chart) if source.named => template::refusal(source, &chart),
        Some(_) => String::new(),
        None if source.may_be_skipped(&file.text) => String::new(),
        None => {
            let rendered = if source.rendered.is_some() { " (rendered)" } else { "" };
            let label = format!("{}{rendered}", source.label);
            let page = Page::new(&label, &file.text);
            frame::of_broken(&page, &file.stream.errors)
        }
    }
}

fn read(args: &Filter) -> anyhow::Result<String> {
    let source = if args.log.as_os_str() == "-" { Source::stdin() } else { Source::named(&args.log) };
    source::read(&source).map_err(|error| anyhow!("cannot read {}: {}", error.label, error.reason))
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
        (Outcome::NotFound, "are about no object in the manifests given, or it is not certain about which"),
        (Outcome::Suppressed, "were suppressed before"),
        (Outcome::Odd, "are not built as SARIF 2.1.0 says"),
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
