//! `transom plan`: what an upgrade makes appear and go.

use std::cell::{Cell, RefCell};
use std::ops::ControlFlow;
use std::path::Path;

use anstyle::Style;
use anyhow::{anyhow, bail};
use serde_json::{Value, json};
use transom_manifests::{Action, Content, Judge, Object, View};
use transom_plan::{Becomes, Change, Upgrade, compare};

use crate::Exit;
use crate::args::{FailOn, Format, Plan};
use crate::judge::Judges;
use crate::parallel;
use crate::render::frame::{self, Page};
use crate::render::style::{BOLD, ERROR, GOOD, WARNING};
use crate::render::{Place, counted, text, wrapped};
use crate::set::{File, Set};
use crate::source::{self, Source};
use crate::terminal::{self, Terminal};

/// The version of the JSON; it changes when a field goes or changes its meaning.
const VERSION: u32 = 1;

/// An object with its changes.
struct Changed {
    file: String,
    line: usize,
    pointer: String,
    /// `Deployment shop/web`
    title: String,
    object: Value,
    changes: Vec<Located>,
}

/// A change with the place that it is about.
struct Located {
    /// The object's file; where nobody knows what it was rendered from, what was rendered.
    file: String,
    line: usize,
    change: Change,
}

/// What came of one file.
#[derive(Default)]
struct Report {
    objects: usize,
    changed: Vec<Changed>,
    errors: Vec<String>,
}

pub(crate) fn run(args: &Plan, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    let mut judging = args.judging.clone();
    let versions = judging.setting.kubernetes.take();
    let step = |text: String| text.parse().map_err(|error| anyhow!("--kubernetes {text}: {error}"));
    let upgrade = Upgrade { builds: args.upgrade_builds.clone(), kubernetes: versions.map(step).transpose()? };
    if upgrade == Upgrade::default() {
        bail!("say what is upgraded: --upgrade-builds ltsc2019→ltsc2025, --kubernetes 1.30→1.36, or both");
    }
    let set = Set::open(&judging);
    let nodes = set.context.windows_builds();
    let (concerned, refused) = (Cell::new(false), RefCell::new(None));
    let worlds = |file: Option<&Path>, settings: Value| match upgrade.settings(&settings, nodes.as_ref()) {
        Ok(worlds) => {
            concerned.set(true);
            Ok(worlds)
        }
        // Settings of one folder may be about other nodes.
        Err(error) => {
            let file = file.map(|file| format!("{}: ", source::label(file))).unwrap_or_default();
            refused.borrow_mut().get_or_insert(format!("{file}{error}"));
            let others = Upgrade { builds: Vec::new(), ..upgrade.clone() };
            others.settings(&settings, nodes.as_ref()).map_err(|error| anyhow!(error))
        }
    };
    let before = Judges::open_with(&judging, &set.sources, &|file, settings| Ok(worlds(file, settings)?.before))?;
    let after = Judges::open_with(&judging, &set.sources, &|file, settings| Ok(worlds(file, settings)?.after))?;
    if let Some(error) = refused.take().filter(|_| !concerned.get()) {
        bail!(error);
    }
    let context = set.context.with_nodes(|node| upgrade.node(node));

    let mut all = Report::default();
    all.errors.extend(set.unreadable.iter().map(frame::of_unreadable));
    parallel::for_each(
        set.sources.len(),
        |index| {
            let source = &set.sources[index];
            let file = match set.take(index) {
                Ok(file) => file,
                Err(error) => return Report { errors: vec![frame::of_unreadable(&error)], ..Report::default() },
            };
            let is_ours = source.is_ours() || source.may_be_skipped(&file.text);
            let worlds = Worlds {
                upgrade: &upgrade,
                before: (before.of(index), &set.context.seen_from(&source.label)),
                after: (after.of(index), &context.seen_from(&source.label)),
                with_info: args.info || args.fail_on == FailOn::Info,
            };
            if is_ours { Report::default() } else { worlds.file(source, &file) }
        },
        |report| {
            all.objects += report.objects;
            all.changed.extend(report.changed);
            all.errors.extend(report.errors);
            ControlFlow::Continue(())
        },
    );

    all.errors.iter().try_for_each(|error| terminal.err(error))?;
    match args.output {
        Format::Text => terminal.out(&all.changed.iter().map(shown).collect::<String>())?,
        Format::Json => terminal.out_raw(&json(&upgrade, &all))?,
    }
    if args.output == Format::Text && !args.quiet {
        terminal.err(&summary(&upgrade, &all))?;
    }
    terminal.flush()?;
    let fails = match args.fail_on {
        FailOn::Error => &[Action::Deny][..],
        FailOn::Warning => &[Action::Deny, Action::Warn],
        FailOn::Info => &[Action::Deny, Action::Warn, Action::Info],
        FailOn::Never => &[],
    };
    let is_new = |change: &Change| {
        change.change != Becomes::Goes
            && fails.contains(&change.finding.action)
            && change.before.is_none_or(|before| !fails.contains(&before))
    };
    let any_new = all.changed.iter().flat_map(|changed| &changed.changes).any(|located| is_new(&located.change));
    Ok(match (all.errors.is_empty(), any_new) {
        (false, _) => Exit::Unreadable,
        (true, true) => Exit::Findings,
        (true, false) => Exit::Clean,
    })
}

/// Both worlds, for one file.
struct Worlds<'a> {
    upgrade: &'a Upgrade,
    before: (&'a Judge, &'a View<'a>),
    after: (&'a Judge, &'a View<'a>),
    with_info: bool,
}

impl Worlds<'_> {
    fn file(&self, source: &Source, file: &File) -> Report {
        let mut report = Report::default();
        let label = &*source.label;
        let rendered = source.rendered.as_deref();
        let own_label = if rendered.is_some() { format!("{label} (rendered)") } else { label.to_owned() };
        let own = Page::new(&own_label, &file.text);
        let written = rendered.map(|rendered| Page::new(label, &rendered.source));
        let page = written.as_ref().unwrap_or(&own);
        report.errors.extend(file.stream.errors.iter().map(|error| frame::of_syntax(&own, error).render()));
        for document in &file.stream.documents {
            let Content::Objects(objects) = Content::of(document) else { continue };
            let before = self.before.0.document(document, &file.text, objects.clone(), self.before.1);
            let after = self.after.0.document(document, &file.text, objects, self.after.1);
            for ((object, before_it), (_, after_it)) in before.objects().zip(after.objects()) {
                report.objects += 1;
                let upgraded;
                let after_it = if object.object()["kind"] == "Node" {
                    upgraded = self.after.0.value(&self.upgrade.node(object.object()), self.after.1);
                    &upgraded
                } else {
                    after_it
                };
                let (before_it, after_it) = match (before_it, after_it) {
                    (Ok(before_it), Ok(after_it)) => (before_it, after_it),
                    (Err(error), _) | (_, Err(error)) => {
                        report.errors.push(frame::title(frame::Level::Error, &format!("{label}: {error}")));
                        continue;
                    }
                };
                let rendered = rendered.map(|rendered| (rendered, &own));
                let place = Place { page, examined: &before, object, rendered, header: None };
                let at = |path: &str| {
                    let (page, span) = place.shown(path);
                    (page.label().to_owned(), page.location(&span).line)
                };
                let shown = |change: &Change| {
                    self.with_info
                        || change.finding.action != Action::Info
                        || change.before.is_some_and(|a| a != Action::Info)
                };
                let changes: Vec<_> = compare(before_it, after_it)
                    .into_iter()
                    .filter(shown)
                    .map(|mut change| {
                        let (file, line) = at(&change.finding.path);
                        change.finding.help = text::helped(&change.finding, place.advice(&change.finding));
                        Located { file, line, change }
                    })
                    .collect();
                if !changes.is_empty() {
                    let (file, line) = at("");
                    report.changed.push(Changed::new(&file, line, object, after_it, changes));
                }
            }
        }
        report
    }
}

impl Changed {
    fn new(
        label: &str,
        line: usize,
        object: &Object<'_>,
        decision: &transom_manifests::Decision,
        changes: Vec<Located>,
    ) -> Self {
        Changed {
            file: label.to_owned(),
            line,
            pointer: object.at.clone(),
            title: decision.object.as_ref().map(transom_manifests::Reference::short).unwrap_or_default(),
            object: decision.object.as_ref().and_then(|object| serde_json::to_value(object).ok()).unwrap_or_default(),
            changes,
        }
    }
}

fn word(action: Action) -> (&'static str, Style) {
    match action {
        Action::Deny => ("error", ERROR),
        Action::Warn => ("warning", WARNING),
        Action::Info => ("info", Style::new()),
    }
}

fn shown(changed: &Changed) -> String {
    let mut text = format!("{BOLD}{}{BOLD:#}  {}:{}\n", changed.title, changed.file, changed.line);
    for Located { file, line, change } in &changed.changes {
        let (level, style) = word(change.finding.action);
        let becomes = change.before.map(|before| format!("{} becomes ", word(before).0)).unwrap_or_default();
        let plain = format!("{becomes}{level}");
        let level = format!("{becomes}{style}{level}{style:#}");
        let (sign, style) = match change.change {
            Becomes::Appears => ('+', ERROR),
            Becomes::Changes => ('~', WARNING),
            Becomes::Goes => ('-', GOOD),
        };
        let finding = &change.finding;
        let rule = &finding.rule;
        let width = terminal::width().unwrap_or(usize::MAX);
        let taken = format!("  {sign} {plain} {rule}: ").chars().count();
        let message = wrapped(&finding.message, width, taken, 6);
        text.push_str(&format!("  {style}{sign}{style:#} {level} {rule}: {message}\n      at {file}:{line}\n"));
        if !finding.help.is_empty() && change.change != Becomes::Goes {
            text.push_str(&format!("      help: {}\n", wrapped(&finding.help, width, 12, 6)));
        }
    }
    text.push('\n');
    text
}

/// How many findings appear, change and go.
fn counts(all: &Report, becomes: Becomes) -> usize {
    let changes = all.changed.iter().flat_map(|changed| &changed.changes);
    changes.filter(|located| located.change.change == becomes).count()
}

fn summary(upgrade: &Upgrade, all: &Report) -> String {
    let verb = |count: usize, one: &str, many: &str| {
        format!("{} {}", counted(count, "finding"), if count == 1 { one } else { many })
    };
    let (appear, change, go) =
        (counts(all, Becomes::Appears), counts(all, Becomes::Changes), counts(all, Becomes::Goes));
    let mut parts = vec![verb(appear, "appears", "appear"), verb(go, "goes", "go")];
    if change > 0 {
        parts.insert(1, verb(change, "counts differently", "count differently"));
    }
    format!(
        "{}: {} ({} of {} concerned)\n",
        upgrade.title(),
        parts.join(", "),
        all.changed.len(),
        counted(all.objects, "object")
    )
}

fn json(upgrade: &Upgrade, all: &Report) -> String {
    let version = |(major, minor): (u32, u32)| format!("{major}.{minor}");
    let objects: Vec<Value> = all
        .changed
        .iter()
        .map(|changed| {
            let changes: Vec<Value> = changed
                .changes
                .iter()
                .map(|Located { file, line, change }| {
                    let mut value = serde_json::to_value(change).unwrap_or_default();
                    value["line"] = json!(line);
                    if *file != changed.file {
                        value["file"] = json!(file);
                    }
                    value
                })
                .collect();
            json!({"file": changed.file, "line": changed.line, "pointer": changed.pointer, "object": changed.object, "changes": changes})
        })
        .collect();
    let plan = json!({
        "version": VERSION,
        "upgrade": {
            "builds": upgrade.builds.iter().map(|step| json!({"from": step.from, "to": step.to})).collect::<Vec<_>>(),
            "kubernetes": upgrade.kubernetes.map(|step| json!({"from": version(step.from), "to": version(step.to)})),
        },
        "objects": objects,
        "summary": {
            "objects": all.objects, "appear": counts(all, Becomes::Appears), "change": counts(all, Becomes::Changes),
            "go": counts(all, Becomes::Goes), "unreadable": all.errors.len(),
        },
    });
    format!("{plan}\n")
}
