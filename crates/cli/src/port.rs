//! `transom port`: Linux manifests made Windows ones, as a diff and a list of decisions.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use serde::Serialize;
use serde_json::{Value, json};
use transom_charts::Folder;
use transom_manifests::Content;
use transom_port::{Decision, Ported, Porter, Reason, State, Target, Text, Untouched};

use crate::Exit;
use crate::args::{Format, Port, Setting};
use crate::fix;
use crate::input;
use crate::judge;
use crate::render::frame::{self, Level};
use crate::render::style::{self, BOLD, DIM};
use crate::render::{counted, wrapped};
use crate::settings::{Finder, Overrides, SettingsFile};
use crate::source::{self, Source, Unreadable};
use crate::template;
use crate::terminal::{self, Terminal};

/// Columns where stdout is no terminal.
const WIDTH: usize = 100;

pub(crate) fn run(args: &Port, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    let porter = porter(args)?;
    let mut unreadable = Vec::new();
    let surroundings = surroundings(args, &mut unreadable);
    let found = input::find(&args.paths, args.walking, None);
    unreadable.extend(found.unreadable);
    let (sources, texts) = read(found.sources, &mut unreadable);
    let named: Vec<Text<'_>> =
        sources.iter().zip(&texts).map(|(source, text)| Text { name: &source.label, text }).collect();
    let ported = porter.port(&named, &surroundings);
    for file in &ported.files {
        unreadable.extend(file.errors.iter().map(|error| Unreadable {
            label: format!("{}:{}:{}", file.name, error.line, error.column),
            reason: format!("this is not YAML: {}", error.message),
        }));
    }
    if ported.untouched.is_empty() && ported.decisions.is_empty() && ported.files.iter().all(|file| file.text.is_none())
    {
        unreadable.extend(args.paths.iter().filter_map(|path| not_rendered(path)));
    }
    let written = args.write.then(|| write(&sources, &ported, &mut unreadable));
    for error in &unreadable {
        terminal.err(&frame::of_unreadable(error))?;
    }
    found.patched.iter().try_for_each(|folder| terminal.err(&frame::of_patched(folder, "ported")))?;
    let stdin = |index: &usize| sources[*index].path.is_none();
    match args.output {
        Format::Json => terminal.out_raw(&to_json(&ported)?)?,
        Format::Text => {
            let is_colored = terminal.is_colored();
            let mut is_stdin = false;
            for (index, file) in ported.files.iter().enumerate() {
                if args.write && stdin(&index) {
                    terminal.out_raw(file.text.as_deref().unwrap_or(&texts[index]))?;
                    is_stdin = true;
                } else if let Some(text) = file.text.as_deref().filter(|_| !args.write) {
                    terminal.out_raw(&fix::diff(&file.name, &texts[index], text, is_colored))?;
                }
            }
            let report = report(&ported);
            if is_stdin {
                terminal.err(&report)?
            } else {
                terminal.out(&report)?
            }
            // Of what could not be read there is nothing to say.
            let has_objects = !ported.untouched.is_empty() || !ported.decisions.is_empty();
            if unreadable.is_empty() || has_objects || ported.files.iter().any(|file| file.text.is_some()) {
                terminal.err(&summary(&ported, written))?;
            }
        }
    }
    terminal.flush()?;
    let has_open = ported.decisions.iter().any(|decision| decision.state == State::Open);
    Ok(match (unreadable.is_empty(), has_open) {
        (false, _) => Exit::Unreadable,
        (true, true) => Exit::Findings,
        (true, false) => Exit::Clean,
    })
}

/// A folder in which nothing stands but what makes manifests of others.
fn not_rendered(path: &Path) -> Option<Unreadable> {
    let Some(Folder::Kustomization(folder)) = Folder::of(path) else { return None };
    let label = source::label(&folder);
    let reason = format!("a kustomization: port the files that it names, or what `kubectl kustomize {label}` prints");
    Some(Unreadable { label, reason })
}

/// The settings for the first of the paths: a set goes to one cluster.
pub(crate) fn settings(paths: &[PathBuf], setting: &Setting) -> anyhow::Result<Value> {
    let overrides = Overrides::of(setting, &[])?;
    let first = paths.first().map_or(Path::new(""), PathBuf::as_path);
    let folder = if first.is_dir() { first } else { first.parent().unwrap_or(Path::new("")) };
    let file = Finder::new(setting)?.of_folder(folder).as_deref().map(SettingsFile::read).transpose()?;
    if let Some(file) = &file {
        file.settings()?;
    }
    let empty = json!({});
    Ok(overrides.over(file.as_ref().map_or(&empty, SettingsFile::value)))
}

fn porter(args: &Port) -> anyhow::Result<Porter> {
    let merged = settings(&args.paths, &args.setting)?;
    let target = Target { build: args.to, platform: None };
    Porter::new(&merged, &target, &judge::today())
        .map_err(|mistakes| anyhow!("{}", mistakes.into_iter().map(|m| m.message).collect::<Vec<_>>().join("; ")))
}

/// The texts to port. Helm templates are none; their charts have to be rendered first.
fn read(found: Vec<Source>, unreadable: &mut Vec<Unreadable>) -> (Vec<Source>, Vec<String>) {
    let (mut sources, mut texts) = (Vec::new(), Vec::new());
    for source in found {
        match source::read(&source) {
            Ok(text) => {
                let file = crate::set::File::new(text);
                if let Some(chart) = template::of(&source, &file) {
                    let reason =
                        format!("a Helm template: port what `helm template {chart}` prints, or the templates by hand");
                    unreadable.push(Unreadable { label: source.label, reason });
                } else if file.stream.errors.is_empty() || !source.may_be_skipped(&file.text) {
                    sources.push(source);
                    texts.push(file.text);
                }
            }
            Err(error) => unreadable.push(error),
        }
    }
    (sources, texts)
}

fn surroundings(args: &Port, unreadable: &mut Vec<Unreadable>) -> Vec<Value> {
    let found = input::find_all(&args.context, args.walking, None);
    unreadable.extend(found.unreadable);
    let mut objects = Vec::new();
    for source in &found.sources {
        match source::read(source) {
            Ok(text) => {
                let stream = transom_yaml::parse(&text);
                let found = stream.documents.iter().flat_map(Content::objects);
                objects.extend(found.map(|object| object.object().clone()));
            }
            Err(error) => unreadable.push(error),
        }
    }
    objects
}

/// Writes what has changed, and says how many files that were.
fn write(sources: &[Source], ported: &Ported, unreadable: &mut Vec<Unreadable>) -> usize {
    let mut written = 0;
    for (source, file) in sources.iter().zip(&ported.files) {
        let Some(text) = &file.text else { continue };
        // What came on stdin goes to stdout.
        match source.path.as_deref().map_or(Ok(()), |path| fix::replace(path, text)) {
            Ok(()) => written += 1,
            Err(error) => {
                let reason = format!("cannot be written: {}", source::why(&error));
                unreadable.push(Unreadable { label: source.label.clone(), reason });
            }
        }
    }
    written
}

fn to_json(ported: &Ported) -> anyhow::Result<String> {
    #[derive(Serialize)]
    struct Versioned<'p> {
        version: u32,
        #[serde(flatten)]
        ported: &'p Ported,
    }
    Ok(serde_json::to_string_pretty(&Versioned { version: 1, ported })? + "\n")
}

/// What a person reads after the diff.
fn report(ported: &Ported) -> String {
    let width = terminal::width().unwrap_or(WIDTH).clamp(40, WIDTH);
    let mut text = String::new();
    let of = |state| ported.decisions.iter().filter(move |decision| decision.state == state);
    for (state, heading, style) in
        [(State::Open, "To decide", style::WARNING), (State::Assumed, "To look at: chosen by default", style::INFO)]
    {
        let count = of(state).count();
        if count > 0 {
            let _ = writeln!(text, "\n{style}{heading} ({count}){style:#}");
            of(state).for_each(|decision| say(&mut text, decision, width));
        }
    }
    if !ported.untouched.is_empty() {
        let _ = writeln!(text, "\n{BOLD}Stays as it is ({}){BOLD:#}", ported.untouched.len());
        stays(&mut text, &ported.untouched, width);
    }
    text
}

fn say(text: &mut String, decision: &Decision, width: usize) {
    let place = decision.original.as_ref().unwrap_or(&decision.location);
    let when = if decision.original.is_some() { ", as it was" } else { "" };
    let container = decision.container.as_deref().map(|name| format!(", container {name}")).unwrap_or_default();
    let rule = decision.rule.as_deref().map(|rule| format!("{rule} ")).unwrap_or_default();
    let _ = writeln!(text, "\n  {BOLD}{}{BOLD:#}", wrapped(&decision.what, width, 2, 2));
    let _ = writeln!(
        text,
        "  {DIM}{}:{}:{}{when} · {}{container} · {rule}{}{DIM:#}",
        decision.file, place.line, place.column, decision.object, decision.name
    );
    let _ = writeln!(text, "  {}", wrapped(&decision.why, width, 2, 2));
    for option in &decision.options {
        let _ = writeln!(text, "    - {}", wrapped(option, width, 6, 6));
    }
}

/// One line for each reason of objects that run nothing, one for each other object.
fn stays(text: &mut String, untouched: &[Untouched], width: usize) {
    let mut kinds: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for object in untouched {
        let kind = object.object.split(' ').next().unwrap_or_default();
        if matches!(object.reason, Reason::RunsNothing | Reason::Definition | Reason::Nodes) {
            *kinds.entry((&object.why, kind)).or_default() += 1;
        } else {
            let line = format!("{}:{} {}: {}", object.file, object.location.line, object.object, object.why);
            let _ = writeln!(text, "  {}", wrapped(&line, width, 4, 4));
        }
    }
    let mut by_reason: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for ((why, kind), count) in kinds {
        by_reason.entry(why).or_default().push(if count == 1 { kind.to_owned() } else { format!("{kind} ×{count}") });
    }
    for (why, kinds) in by_reason {
        let _ = writeln!(text, "  {}", wrapped(&format!("{}: {why}", kinds.join(", ")), width, 4, 4));
    }
}

/// `written`: how many files, where they were to be written.
fn summary(ported: &Ported, written: Option<usize>) -> String {
    let files = ported.files.iter().filter(|file| file.text.is_some()).count();
    let of = |state| ported.decisions.iter().filter(|decision| decision.state == state).count();
    let done = match (files, written) {
        (0, _) => "nothing to change".to_owned(),
        (_, Some(0)) => "nothing was changed".to_owned(),
        (_, Some(written)) => format!("{} ported", counted(written, "file")),
        (_, None) => format!("{} to change, not written: --write does", counted(files, "file")),
    };
    let open = match of(State::Open) {
        0 => "nothing to decide".to_owned(),
        count => format!("{count} to decide"),
    };
    frame::title(Level::Note, &format!("{done}; {open}, {} to look at", of(State::Assumed)))
}
