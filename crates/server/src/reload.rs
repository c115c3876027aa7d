//! Files that change while requests are answered.
//!
//! They are looked at again and again rather than watched: that works with a ConfigMap, whose files are
//! links that are swapped all at once, with every kind of mount, and with an editor's ways of saving. A
//! change counts when the file has stood still from one look to the next, so that half a file is not
//! taken for a whole one. What is wrong is said once, and what was right before stays in force.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use tracing::{error, info};

use crate::app::App;
use crate::engine::{Prepared, Refusal, Source};
use crate::listen::TlsCell;
use crate::settings::Settings;
use crate::tls::Files;

/// A file that may change.
struct Watched {
    path: PathBuf,
    /// As it was when it was taken.
    taken: Print,
    /// As it was at the last look, where that was otherwise.
    seen: Option<Print>,
    /// Whether what was taken was of no use.
    is_refused: bool,
}

/// What differs between two states of a file; `None` where there is none.
type Print = Option<(SystemTime, u64, u64)>;

/// How files were before anything was read from them: what changes while a server begins is a change, too.
#[derive(Default)]
pub struct Prints(BTreeMap<PathBuf, Print>);

impl Prints {
    /// Of these files, as they are now.
    pub fn of(paths: impl IntoIterator<Item = PathBuf>) -> Self {
        Prints(paths.into_iter().map(|path| (path.clone(), print(&path))).collect())
    }

    fn watch(&self, path: PathBuf) -> Watched {
        let taken = self.0.get(&path).copied().flatten();
        Watched { path, taken, seen: None, is_refused: false }
    }
}

/// Everything that is reloaded.
pub struct Reloader {
    app: Arc<App>,
    tls: Option<(TlsCell, Files, Vec<Watched>)>,
    module: Option<Watched>,
    settings: Option<Watched>,
    prepared: Prepared,
    /// The settings in force.
    current: Settings,
    source: Source,
    exempt: Vec<String>,
}

impl Watched {
    /// Whether the file is another one than the one taken, and has stood still. Who asks `at_once` is told again
    /// what is wrong with one that was refused.
    fn has_changed(&mut self, at_once: bool) -> bool {
        let now = print(&self.path);
        if now == self.taken {
            self.seen = None;
            return at_once && self.is_refused;
        }
        let is_still = at_once || self.seen == Some(now);
        self.seen = Some(now);
        if is_still {
            self.taken = now;
        }
        is_still
    }
}

#[cfg(unix)]
fn print(path: &Path) -> Print {
    use std::os::unix::fs::MetadataExt as _;
    let about = fs::metadata(path).ok()?;
    Some((about.modified().ok()?, about.len(), about.ino()))
}

#[cfg(not(unix))]
fn print(path: &Path) -> Print {
    let about = fs::metadata(path).ok()?;
    Some((about.modified().ok()?, about.len(), 0))
}

impl Reloader {
    /// For a server that has begun with this, read from files that were as `prints` has them.
    pub fn new(
        app: Arc<App>,
        prints: &Prints,
        tls: Option<(TlsCell, Files)>,
        (prepared, source, module): (Prepared, Source, Option<PathBuf>),
        (current, settings, exempt): (Settings, Option<PathBuf>, Vec<String>),
    ) -> Self {
        let tls = tls.map(|(cell, files)| {
            let watched = files.paths().into_iter().map(|path| prints.watch(path)).collect();
            (cell, files, watched)
        });
        let (module, settings) = (module.map(|path| prints.watch(path)), settings.map(|path| prints.watch(path)));
        Reloader { app, tls, module, settings, prepared, current, source, exempt }
    }

    /// Looks at all files, and takes what has changed.
    pub fn look(&mut self, at_once: bool) {
        if let Some((cell, files, watched)) = &mut self.tls
            && watched.iter_mut().filter_map(|file| file.has_changed(at_once).then_some(())).count() > 0
        {
            let loaded = files.load();
            self.app.metrics.reloaded("certificate", loaded.is_ok());
            watched.iter_mut().for_each(|file| file.is_refused = loaded.is_err());
            match loaded {
                Ok(tls) => {
                    info!(file = %files.cert.display(), "certificate, key and client CAs were read anew");
                    self.app.metrics.certificate_holds_until(tls.not_after);
                    cell.replace(tls);
                }
                Err(error) => {
                    error!(error, "certificate, key and client CAs were not replaced, the old ones stay in force")
                }
            }
        }
        let changed = |file: &mut Option<Watched>| {
            let file = file.as_mut()?;
            file.has_changed(at_once).then(|| file.path.clone())
        };
        let (module, settings) = (changed(&mut self.module), changed(&mut self.settings));
        let prepared = module.and_then(|path| self.refused("module", self.load(&path)));
        let settings = settings.and_then(|path| self.refused("settings", self.read_new_settings(&path)));
        if prepared.is_some() || settings.is_some() {
            self.take(prepared, settings);
        }
    }

    /// A file that says nothing all of a sudden is being written, or was lost on the way.
    fn read_new_settings(&self, path: &Path) -> Result<Settings, String> {
        let settings = read_settings(path)?;
        if settings.says_nothing() && !self.current.says_nothing() {
            return Err(format!("{} says nothing: for the defaults write `{{}}`", path.display()));
        }
        Ok(settings)
    }

    fn load(&self, path: &Path) -> Result<Prepared, String> {
        let module = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
        Prepared::new(&Source { module: Some(module), ..self.source.clone() })
            .map_err(|error| format!("{}: {error}", path.display()))
    }

    /// Puts in force what is right of a new module and new settings.
    fn take(&mut self, mut module: Option<Prepared>, mut settings: Option<Settings>) {
        // Each round finds one of them wrong, or is the last.
        while module.is_some() || settings.is_some() {
            let prepared = module.as_ref().unwrap_or(&self.prepared);
            let wanted = settings.as_ref().unwrap_or(&self.current);
            let loaded = prepared.with(wanted, &self.exempt);
            match loaded {
                Ok(loaded) => {
                    let about = &loaded.about;
                    info!(
                        engine = about.engine,
                        version = about.version,
                        module = about.module,
                        settings = about.settings,
                        "module or settings were replaced"
                    );
                    self.app.replace(loaded);
                    if let Some(module) = module.take() {
                        self.app.metrics.reloaded("module", true);
                        self.prepared = module;
                    }
                    if let Some(settings) = settings.take() {
                        self.app.metrics.reloaded("settings", true);
                        self.current = settings;
                    }
                }
                Err(Refusal::Module(error)) if module.is_some() => module = self.refused("module", Err(error)),
                Err(error) if settings.is_some() => settings = self.refused("settings", Err(error.to_string())),
                // A module that does not take the settings in force is of no use.
                Err(error) => module = self.refused("module", Err(error.to_string())),
            }
        }
    }

    fn refused<T>(&mut self, what: &'static str, result: Result<T, String>) -> Option<T> {
        let file = if what == "module" { &mut self.module } else { &mut self.settings };
        if let Some(file) = file {
            file.is_refused = result.is_err();
        }
        result
            .inspect_err(|error| {
                self.app.metrics.reloaded(what, false);
                error!(error, what, "not replaced, the old stays in force");
            })
            .ok()
    }
}

/// Reads a settings file.
///
/// # Errors
///
/// What is wrong with it, with the place.
pub fn read_settings(path: &Path) -> Result<Settings, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Settings::parse(path, text)
}
