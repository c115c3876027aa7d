//! `scan --audit-log`: what would have been denied of the requests in an API server's audit log.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor};

use anyhow::bail;
use flate2::bufread::MultiGzDecoder;
use serde_json::json;
use transom_manifests::Encoding;
use transom_replay::{Namespace, Replay, Rule};
use transom_reports::Format;

use crate::Exit;
use crate::args::{FailOn, Scan};
use crate::judge::{Judges, unamended};
use crate::render::counted;
use crate::render::frame::{self, Level};
use crate::render::style::{BOLD, ERROR, WARNING};
use crate::set::Set;
use crate::source;
use crate::terminal::Terminal;

/// Objects that are named for a rule; the others are counted.
const NAMED: usize = 5;

/// The version of the JSON; it changes when a field goes or changes its meaning.
const VERSION: u32 = 1;

pub(crate) fn run(args: &Scan, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    let is_json = match &args.reporting.output[..] {
        [] => false,
        [output] if output.file.is_none() && matches!(output.format, None | Some(Format::Json)) => {
            output.format.is_some()
        }
        _ => bail!("of an audit log there is text and json, to stdout"),
    };
    let unheeded = [
        ("--info", args.reporting.info),
        ("--show-suppressed", args.reporting.show_suppressed),
        ("--statistics", args.reporting.statistics),
    ];
    if let Some((option, _)) = unheeded.iter().find(|(_, is_set)| *is_set) {
        bail!("an audit log is answered by what would have been denied and warned of: leave {option} out");
    }
    let judging = args.judging();
    let set = Set::open(&judging);
    let judge = Judges::here(&judging, &unamended)?;
    let mut replay = Replay { only: args.namespace.clone(), ..Replay::default() };
    for path in &args.audit_log {
        let label = if path.as_os_str() == "-" { "<stdin>".to_owned() } else { source::label(path) };
        let log: io::Result<Box<dyn BufRead>> = if path.as_os_str() == "-" {
            unpacked(io::stdin().lock())
        } else {
            File::open(path).and_then(|file| unpacked(BufReader::new(file)))
        };
        let replayed = log.and_then(decoded).and_then(|mut log| replay.add(&label, &mut log, &judge, &set.context));
        if let Err(error) = replayed {
            replay.fail(format!("cannot read {label}: {}", source::why(&error)));
        }
    }
    set.unreadable.iter().try_for_each(|error| terminal.err(&frame::of_unreadable(error)))?;
    for error in &replay.errors {
        terminal.err(&frame::title(Level::Error, error))?;
    }
    if is_json {
        let mut value = serde_json::to_value(&replay)?;
        value["version"] = json!(VERSION);
        terminal.out_raw(&format!("{value}\n"))?;
    } else {
        terminal.out(&replay.namespaces.iter().map(|(name, of)| text(name, of)).collect::<String>())?;
        if !args.reporting.quiet {
            terminal.err(&summary(&replay))?;
        }
    }
    terminal.flush()?;
    let failed = match args.reporting.fail_on {
        FailOn::Error => replay.denied,
        FailOn::Warning | FailOn::Info => replay.denied + replay.warned,
        FailOn::Never => 0,
    };
    Ok(match (replay.unreadable + set.unreadable.len(), failed) {
        (1.., _) => Exit::Unreadable,
        (0, 1..) => Exit::Findings,
        (0, 0) => Exit::Clean,
    })
}

/// A log as it was written: API servers pack those that are full with gzip.
fn unpacked(mut log: impl BufRead + 'static) -> io::Result<Box<dyn BufRead>> {
    let is_packed = log.fill_buf()?.starts_with(&[0x1f, 0x8b]);
    Ok(if is_packed { Box::new(BufReader::new(MultiGzDecoder::new(log))) } else { Box::new(log) })
}

/// A log in UTF-8. One in UTF-16, as Windows PowerShell's `>` writes it, is read whole.
fn decoded(mut log: Box<dyn BufRead>) -> io::Result<Box<dyn BufRead>> {
    if Encoding::of(log.fill_buf()?) == Encoding::Utf8 {
        return Ok(log);
    }
    let mut bytes = Vec::new();
    log.read_to_end(&mut bytes)?;
    let text = transom_manifests::decode(bytes).map_err(io::Error::other)?;
    Ok(Box::new(Cursor::new(text)))
}

/// What would have come of the requests in a namespace: most denied first.
fn text(name: &str, namespace: &Namespace) -> String {
    if namespace.rules.is_empty() {
        return String::new();
    }
    let Namespace { judged, denied, warned, rules } = namespace;
    let name = if name.is_empty() { "(no namespace)" } else { name };
    let mut text = format!("{BOLD}{name}{BOLD:#}: {denied} of {} would have been denied", counted(*judged, "request"));
    if *warned > 0 {
        text.push_str(&format!(", {warned} warned of"));
    }
    text.push('\n');
    let mut rules: Vec<(&String, &Rule)> = rules.iter().collect();
    rules.sort_by_key(|(id, rule)| (std::cmp::Reverse((rule.denied, rule.warned)), *id));
    for (id, rule) in rules {
        let mut counts = Vec::new();
        if rule.denied > 0 {
            counts.push(format!("{ERROR}{} denied{ERROR:#}", rule.denied));
        }
        if rule.warned > 0 {
            counts.push(format!("{WARNING}{} warned of{WARNING:#}", rule.warned));
        }
        let objects: Vec<&str> = rule.objects.iter().take(NAMED).map(String::as_str).collect();
        let more = rule.objects.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let first = &rule.first;
        // A log need not say either.
        let said = |word: &str, what: &str| if what.is_empty() { String::new() } else { format!(" {word} {what}") };
        text.push_str(&format!(
            "  {id} {}: {}\n      {}{more}\n      first: {}{}{}: {}\n",
            rule.name,
            counts.join(", "),
            objects.join(", "),
            first.verb,
            said("by", &first.user),
            said("at", &first.time),
            first.message
        ));
    }
    text.push('\n');
    text
}

fn summary(replay: &Replay) -> String {
    let mut text = format!(
        "{} in {} judged: {} would have been denied, {} warned of\n",
        counted(replay.judged, "request"),
        counted(replay.events, "event"),
        replay.denied,
        replay.warned
    );
    if replay.refused > 0 {
        text.push_str(&format!("{} refused then, too\n", counted(replay.refused, "request")));
    }
    if replay.without_object > 0 {
        let requests = counted(replay.without_object, "request");
        text.push_str(&format!(
            "{requests} without an object in the log: an audit policy of level RequestResponse has them\n"
        ));
    }
    if replay.unreadable > replay.errors.len() {
        text.push_str(&format!("{} could not be read\n", counted(replay.unreadable, "line")));
    }
    text
}
