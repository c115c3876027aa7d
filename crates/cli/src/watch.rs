//! `check --watch`: checks again whenever a file changes.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use anyhow::{Context as _, bail};
use notify::{EventKind, RecursiveMode, Watcher as _};

use transom_manifests::{BASELINE_FILE, SETTINGS_FILE};

use crate::Exit;
use crate::args::Check;
use crate::terminal::Terminal;

/// Editors write a file in several steps: what comes within this time is one change.
const QUIET: Duration = Duration::from_millis(150);

/// Clears the screen and what has scrolled off it, cursor to the top.
const CLEAR: &str = "\x1b[2J\x1b[3J\x1b[H";

/// Checks with `check` at once, and after every change.
pub(crate) fn run(
    args: &Check,
    check: impl Fn(&Check, &mut Terminal) -> anyhow::Result<Exit>,
    terminal: &mut Terminal,
) -> anyhow::Result<Exit> {
    if args.judging.paths.iter().any(|path| path.as_os_str() == "-") {
        bail!("stdin cannot be watched: name files or folders");
    }
    let (sender, changes) = mpsc::channel();
    let (folders, above) = folders(args);
    let inside: Vec<PathBuf> = folders.iter().filter_map(|folder| fs::canonicalize(folder).ok()).collect();
    let with_hidden =
        args.judging.walking.no_ignore || args.judging.named().iter().chain(&args.baseline).any(|path| is_hidden(path));
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let is_change = event.is_ok_and(|event| {
            let is_read = matches!(event.kind, EventKind::Access(_));
            !is_read && event.paths.iter().any(|path| matters(path, &inside, with_hidden))
        });
        if is_change {
            // Nobody listens any longer: it has come to its end.
            let _ = sender.send(());
        }
    })?;
    let recursive = folders.iter().map(|folder| (folder, RecursiveMode::Recursive));
    for (folder, mode) in recursive.chain(above.iter().map(|folder| (folder, RecursiveMode::NonRecursive))) {
        watcher.watch(folder, mode).with_context(|| format!("cannot watch {}", folder.display()))?;
    }
    loop {
        if terminal.is_colored() {
            terminal.out(CLEAR)?;
        }
        // What is wrong now may be right after the next change.
        if let Err(error) = check(args, terminal) {
            terminal.err(&crate::said(&error))?;
        }
        terminal.err("watching for changes, Ctrl-C ends it\n")?;
        if wait(&changes).is_none() {
            bail!("nothing is watched any longer");
        }
    }
}

/// Waits for a change, and then until there is none for a while.
fn wait(changes: &Receiver<()>) -> Option<()> {
    changes.recv().ok()?;
    while changes.recv_timeout(QUIET).is_ok() {}
    Some(())
}

/// Whether a change of this file can change what is found: above the folders that are checked (`inside`), only
/// settings and a baseline can, and names that begin with a dot are those of editors, unless such files are read, too.
fn matters(path: &Path, inside: &[PathBuf], with_hidden: bool) -> bool {
    let is_above = !inside.iter().any(|folder| path.starts_with(folder));
    if is_above && !path.file_name().is_some_and(|name| name == SETTINGS_FILE || name == BASELINE_FILE) {
        return false;
    }
    match is_hidden(path) {
        true => with_hidden && transom_charts::is_manifest(path),
        false => path.extension().is_none() || transom_charts::is_manifest(path),
    }
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

/// What to watch: folders, for an editor may put a new file in the place of the old one; and those above them,
/// up to the one that is a repository, in which settings may be.
fn folders(args: &Check) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let judging = &args.judging;
    let named = judging.paths.iter().chain(&judging.context).chain(&judging.setting.settings).chain(&args.baseline);
    let folder = |path: &PathBuf| match path.is_dir() {
        true => path.clone(),
        false => path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned(),
    };
    let mut folders: Vec<PathBuf> = named.map(folder).collect();
    folders.sort();
    folders.dedup();
    let mut above = BTreeSet::new();
    for folder in folders.iter().filter_map(|folder| fs::canonicalize(folder).ok()) {
        let inner = folder.ancestors().take_while(|folder| !folder.join(".git").exists()).count();
        above.extend(folder.ancestors().skip(1).take(inner).map(Path::to_owned));
    }
    (folders, above.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_files_matter_where_they_are_read() {
        let inside = [PathBuf::from("/set")];
        let matters = |path: &str, with_hidden| matters(Path::new(path), &inside, with_hidden);
        for (path, where_not_read, where_read) in [
            ("/set/web.yaml", true, true),
            ("/set/.web.yaml", false, true),
            ("/set/.web.yaml.swp", false, false),
            ("/set/.transom-12-0", false, false),
            ("/set/web.txt", false, false),
            ("/set/folder", true, true),
            ("/transom.yaml", true, true),
            ("/.web.yaml", false, false),
        ] {
            assert_eq!((matters(path, false), matters(path, true)), (where_not_read, where_read), "{path}");
        }
    }
}
