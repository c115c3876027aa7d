//! `transom baseline`, and what `check` makes of one.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use transom_manifests::{BASELINE_FILE, Baseline, BaselineFile, Content, Key, Shares, Subjects, holds_actions};

use crate::Exit;
use crate::args;
use crate::judge::{Judges, Rules};
use crate::parallel;
use crate::render::counted;
use crate::render::frame::{self, Frame, Level, Page};
use crate::set::{File, Set};
use crate::source::{self, Source, Unreadable, simple};
use crate::template;
use crate::terminal::{self, Terminal};

/// A baseline and the path that it was given by.
#[derive(Debug)]
pub(crate) struct NamedBaseline {
    pub(crate) path: PathBuf,
    file: BaselineFile,
}

impl NamedBaseline {
    /// The baseline that is named, or the nearest one here or further up.
    pub(crate) fn find(named: Option<&Path>, is_isolated: bool) -> anyhow::Result<Option<Self>> {
        match named {
            Some(path) => Self::read(path).map(Some),
            None if is_isolated => Ok(None),
            None => nearest()?.map(|path| Self::read(&path)).transpose(),
        }
    }

    fn read(path: &Path) -> anyhow::Result<Self> {
        let label = source::label(path);
        let text = source::read(&Source::named(path))
            .map_err(|error| anyhow::anyhow!("cannot read the baseline {label}: {}", error.reason))?;
        let file = BaselineFile::read(&folder_of(path)?, &text, Path::exists);
        let file = file.with_context(|| format!("{label} is no baseline"))?;
        Ok(NamedBaseline { path: path.to_owned(), file })
    }

    fn new(path: &Path) -> anyhow::Result<Self> {
        Ok(NamedBaseline { path: path.to_owned(), file: BaselineFile::new(&folder_of(path)?) })
    }

    /// A source as the baseline calls it.
    pub(crate) fn name(&self, source: &Source) -> String {
        let absolute = source.path.as_deref().and_then(|path| std::path::absolute(path).ok());
        absolute.map_or_else(|| source.label.clone(), |path| self.file.name(&path))
    }

    /// What is accepted in each source of a set.
    pub(crate) fn shares(&self, set: &Set, judges: &Judges, with_info: bool) -> Shares<'_> {
        let mut found = Vec::new();
        // Only what files had that are gone depends on what is found elsewhere.
        let (baseline, gone) = (self.file.baseline(), self.file.gone());
        let subjects = baseline.subjects(gone);
        let keys = |index: usize| {
            let found = |file: Result<&File, &Unreadable>| keys(set, judges, index, file, with_info, Some(&subjects)).0;
            if gone.is_empty() { Vec::new() } else { set.look(index, found) }
        };
        parallel::for_each(set.sources.len(), keys, |keys| {
            found.push((self.name(&set.sources[found.len()]), keys));
            ControlFlow::Continue(())
        });
        baseline.share(&found, gone)
    }

    /// How many of the findings that it names, of these rules and where was looked, were not met again.
    pub(crate) fn stale(&self, shares: &Shares<'_>, set: &Set, paths: &[PathBuf], rules: &Rules, met: usize) -> usize {
        let seen: BTreeSet<String> = set.sources.iter().map(|source| self.name(source)).collect();
        let mut due = self.file.baseline().clone();
        let is_asked = |key: &Key| rules.contains(&key.rule);
        due.retain(|file| (seen.contains(file) || self.file.is_gone(file)).then_some(is_asked));
        let is_looked_at = self.below(paths);
        let mut elsewhere = shares.left.clone();
        elsewhere.retain(|file| (!is_looked_at(file)).then_some(is_asked));
        due.len().saturating_sub(elsewhere.len() + met)
    }

    /// Whether a file that it names is below one of these paths.
    fn below(&self, paths: &[PathBuf]) -> impl Fn(&str) -> bool {
        let paths = paths.iter().filter_map(|path| std::path::absolute(path).ok()).map(|path| simple(&path));
        let paths: Vec<PathBuf> = paths.collect();
        move |file| {
            let file = self.file.place(file);
            paths.iter().any(|path| file.starts_with(path))
        }
    }
}

/// The folder that a path is in, as an absolute path.
fn folder_of(path: &Path) -> anyhow::Result<PathBuf> {
    Ok(std::path::absolute(path)?.parent().map(Path::to_owned).unwrap_or_default())
}

fn nearest() -> anyhow::Result<Option<PathBuf>> {
    let here = std::env::current_dir()?;
    let found = transom_manifests::nearest_baseline(&here, Path::is_file);
    Ok(found.map(|path| path.strip_prefix(&here).map_or_else(|_| path.clone(), Path::to_owned)))
}

pub(crate) fn run(args: &args::Baseline, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    let set = Set::open(&args.judging);
    let judges = Judges::open(&args.judging, &set.sources)?;
    let found = match (&args.output, args.judging.setting.isolated) {
        (None, false) => nearest()?,
        _ => None,
    };
    let path = args.output.clone().or(found).unwrap_or_else(|| PathBuf::from(BASELINE_FILE));
    let is_stdout = path.as_os_str() == "-";
    let is_there = !is_stdout && path.is_file();
    let before = if is_there { NamedBaseline::read(&path)? } else { NamedBaseline::new(&path)? };
    if args.prune && !is_there {
        bail!("there is no baseline {} to prune", source::label(&path));
    }
    let rules = Rules::of(&args.judging)?;
    // What a baseline has may be of either kind.
    let keys = |index: usize| keys(&set, &judges, index, set.take(index).as_ref(), args.info || args.prune, None);
    let mut found: Vec<(String, Vec<Key>)> = Vec::new();
    let mut failures = String::new();
    let mut unread: BTreeSet<String> = BTreeSet::new();
    set.unreadable.iter().for_each(|error| failures.push_str(&frame::of_unreadable(error)));
    parallel::for_each(set.sources.len(), keys, |(keys, failed)| {
        let name = before.name(&set.sources[found.len()]);
        if !failed.is_empty() {
            failures.push_str(&failed);
            unread.insert(name.clone());
        }
        // What could not be read to its end stays as it was.
        found.push((name, if failed.is_empty() { keys } else { Vec::new() }));
        ControlFlow::Continue(())
    });
    let seen: BTreeSet<String> = found.iter().map(|(name, _)| name.clone()).collect();
    let Shares { files, left } = before.file.baseline().share(&found, before.file.gone());
    let mut after = Baseline::default();
    for ((name, keys), mut accepted) in found.into_iter().zip(files).filter(|((name, _), _)| !unread.contains(name)) {
        keys.into_iter().filter(|key| !args.prune || accepted.takes(key)).for_each(|key| after.add(&name, key));
    }
    // What was not looked at stays.
    let mut kept = before.file.baseline().clone();
    let is_asked = |key: &Key| rules.contains(&key.rule);
    kept.retain(|file| {
        let is_seen = seen.contains(file);
        let stays = !is_seen || unread.contains(file);
        (is_seen || !before.file.is_gone(file)).then_some(move |key: &Key| stays || !is_asked(key))
    });
    after.extend(kept);
    // So does what a file had that is gone, unless it would have been found again.
    let mut elsewhere = left;
    let is_looked_at = before.below(&args.judging.paths);
    elsewhere.retain(|file| {
        let stays = !failures.is_empty() || !is_looked_at(file);
        Some(move |key: &Key| stays || !is_asked(key))
    });
    after.extend(elsewhere);
    if is_stdout {
        terminal.out_raw(&after.write())?;
    } else {
        terminal::write_file(&path, after.write())?;
    }
    terminal.err(&failures)?;
    set.patched.iter().try_for_each(|folder| terminal.err(&frame::of_patched(folder, "judged")))?;
    let (now, then) = (after.len(), before.file.baseline().len());
    let change = match (now.checked_sub(then), is_there && then > 0) {
        (_, false) => String::new(),
        (Some(0), true) => ", as before".to_owned(),
        (Some(more), true) => format!(", {more} more than before"),
        (None, true) => format!(", {} fewer than before", then - now),
    };
    let name = if is_stdout { "stdout".to_owned() } else { source::label(&path) };
    let message = format!("{name}: {} known{change}\n", counted(now, "finding"));
    terminal.err(&message)?;
    Ok(if failures.is_empty() { Exit::Clean } else { Exit::Unreadable })
}

/// What is found in one file, and frames of what could not be read in it. With `subjects` only documents are
/// judged that may hold one of them: each as a whole, for a comment may be about several objects of a document.
fn keys(
    set: &Set,
    judges: &Judges,
    index: usize,
    file: Result<&File, &Unreadable>,
    with_info: bool,
    subjects: Option<&Subjects<'_>>,
) -> (Vec<Key>, String) {
    let source = &set.sources[index];
    let file = match file {
        Ok(file) => file,
        Err(error) => return (Vec::new(), frame::of_unreadable(error)),
    };
    let is_template = template::of(source, file).is_some();
    let mut failures = String::new();
    if !is_template && !source.may_be_skipped(&file.text) {
        let page = Page::new(&source.label, &file.text);
        for error in &file.stream.errors {
            failures.push_str(&frame::of_syntax(&page, error).render());
        }
    }
    let mut keys = Vec::new();
    for document in &file.stream.documents {
        let Content::Objects(objects) = Content::of(document) else { continue };
        let is_passed_over = subjects.is_some_and(|subjects| !objects.iter().any(|object| subjects.may_have(object)));
        if is_passed_over || (is_template && holds_actions(document.value())) {
            continue;
        }
        let examined = judges.of(index).document(document, &file.text, objects, set.context.seen_from(&source.label));
        for (object, decision) in examined.objects() {
            match decision {
                Ok(decision) => {
                    let counts = decision.findings.iter().filter(|finding| finding.is_shown(with_info));
                    keys.extend(counts.map(|finding| examined.key(object, decision, finding)));
                }
                Err(error) => {
                    let message = format!("this object could not be judged: {error}");
                    let page = Page::new(&source.label, &file.text);
                    let span = examined.span(object, "");
                    failures.push_str(&Frame::new(Level::Error, message).at(&page, span, None).render());
                }
            }
        }
    }
    (keys, failures)
}
