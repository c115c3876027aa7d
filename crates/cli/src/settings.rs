//! The settings that hold for a file: of a transom.yaml, the environment and the command line.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use serde_json::{Value, json};
#[cfg(feature = "module")]
use transom::Mistake;
use transom::Settings;
use transom_manifests::{MISNAMED, SETTINGS_FILE, SettingsText, Wrong};

use crate::args::Setting;
use crate::render::frame::{Frame, Frames, Level, Page};
use crate::rule_name;
use crate::source::{self, Source};

/// A settings file, as text to point at.
pub(crate) struct SettingsFile {
    label: String,
    text: String,
    settings: SettingsText,
}

impl SettingsFile {
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let label = source::label(path);
        let text = source::read(&Source::named(path))
            .map_err(|error| anyhow!("cannot read the settings {label}: {}", error.reason))?;
        let settings = SettingsText::read(&text).map_err(|wrong| framed(&label, &text, wrong))?;
        Ok(SettingsFile { label, text, settings })
    }

    /// What the file is called.
    pub(crate) fn label(&self) -> &str {
        &self.label
    }

    /// What it says, as JSON.
    pub(crate) fn value(&self) -> &Value {
        self.settings.value()
    }

    /// The line on which something is set.
    pub(crate) fn line(&self, path: &str) -> usize {
        Page::new(&self.label, &self.text).location(&self.settings.span(path)).line
    }

    /// What it says, or every mistake at its place.
    pub(crate) fn settings(&self) -> anyhow::Result<Settings> {
        self.settings.settings().map_err(|wrong| self.framed(wrong))
    }

    /// Every mistake, at its place.
    #[cfg(feature = "module")]
    pub(crate) fn frames(&self, mistakes: &[Mistake]) -> anyhow::Error {
        self.framed(self.settings.placed(mistakes))
    }

    fn framed(&self, wrong: Vec<Wrong>) -> anyhow::Error {
        framed(&self.label, &self.text, wrong)
    }
}

fn framed(label: &str, text: &str, wrong: Vec<Wrong>) -> anyhow::Error {
    let page = Page::new(label, text);
    let frame = |wrong: Wrong| {
        Frame::new(Level::Error, format!("wrong settings: {}", wrong.message)).at(&page, wrong.span, None)
    };
    wrong.into_iter().map(frame).collect::<Frames>().into()
}

/// What the environment and the command line set, whatever a file says.
#[derive(Debug, Default)]
pub(crate) struct Overrides {
    /// JSON Pointer, value, and where it comes from.
    pub(crate) values: Vec<(&'static str, Value, String)>,
    /// Only these rules, where any are named.
    only: Vec<&'static str>,
}

impl Overrides {
    pub(crate) fn of(setting: &Setting, rules: &[String]) -> anyhow::Result<Self> {
        let from_environment = |name: &str| env::var(name).ok().filter(|value| !value.is_empty() && !setting.isolated);
        let pick = |given: Option<String>, option: &str, variable: &str| match given {
            Some(value) => Some((value, format!("--{option}"))),
            None => from_environment(variable).map(|value| (value, variable.to_owned())),
        };
        let platform = setting.platform.map(|platform| platform.word().to_owned());
        let mut overrides = Overrides::default();
        if let Some((value, origin)) = pick(platform, "platform", "TRANSOM_PLATFORM") {
            overrides.values.push(("/platform", value.into(), origin));
        }
        if let Some((value, origin)) = pick(setting.kubernetes.clone(), "kubernetes", "TRANSOM_KUBERNETES") {
            overrides.values.push(("/kubernetes/version", value.into(), origin));
        }
        for name in rules {
            overrides.only.push(rule_name::find(name)?.id);
        }
        // Alone, so that what is wrong with them is not looked for in a file.
        for (path, value, origin) in &overrides.values {
            let mut alone = json!({});
            set(&mut alone, path, value.clone());
            transom::settings::read(&alone.to_string()).map_err(|mistakes| {
                let messages: Vec<String> = mistakes.into_iter().map(|mistake| mistake.message).collect();
                anyhow!("{origin}: {}", messages.join("; "))
            })?;
        }
        Ok(overrides)
    }

    /// Settings (JSON) with these over them. What is no mapping stays as it is: whoever reads it says what is wrong.
    pub(crate) fn over(&self, settings: &Value) -> Value {
        let mut settings = settings.clone();
        if !settings.is_object() {
            return settings;
        }
        for (path, value, _) in &self.values {
            set(&mut settings, path, value.clone());
        }
        if !self.only.is_empty() {
            let mut rules = settings["rules"].as_object().cloned().unwrap_or_default();
            for rule in transom::rules::all().iter().filter(|rule| !self.only.contains(&rule.id)) {
                rules.remove(rule.name);
                rules.insert(rule.id.to_owned(), "off".into());
            }
            settings["rules"] = rules.into();
        }
        settings
    }
}

/// Sets a value at a path of one or two names.
fn set(object: &mut Value, path: &str, value: Value) {
    match path[1..].split_once('/') {
        None => object[&path[1..]] = value,
        Some((outer, inner)) => {
            if !object[outer].is_object() {
                object[outer] = json!({});
            }
            object[outer][inner] = value;
        }
    }
}

/// That settings are not heeded under this name.
pub(crate) fn misnamed(path: &Path) -> String {
    format!("{}: settings are read from {SETTINGS_FILE} alone: rename it", source::label(path))
}

/// Finds the settings file of each folder, and remembers.
#[derive(Debug)]
pub(crate) struct Finder {
    /// The one that holds for all.
    fixed: Option<Option<PathBuf>>,
    here: PathBuf,
    known: BTreeMap<PathBuf, Option<PathBuf>>,
    /// Settings under a name by which they are not found.
    pub(crate) misnamed: BTreeSet<PathBuf>,
}

impl Finder {
    pub(crate) fn new(setting: &Setting) -> anyhow::Result<Self> {
        let fixed = match &setting.settings {
            Some(path) => Some(Some(path.clone())),
            None if setting.isolated => Some(None),
            None => Setting::of_environment().map(Some),
        };
        Ok(Finder { fixed, here: env::current_dir()?, known: BTreeMap::new(), misnamed: BTreeSet::new() })
    }

    /// The settings file for what is in a folder.
    pub(crate) fn of_folder(&mut self, folder: &Path) -> Option<PathBuf> {
        if let Some(fixed) = &self.fixed {
            return fixed.clone();
        }
        let absolute = self.here.join(folder);
        if let Some(known) = self.known.get(&absolute) {
            return known.clone();
        }
        // What cannot be read may be settings, be it a link that leads nowhere: whoever reads it says what is wrong.
        let read = |path: &Path| path.is_file().then(|| fs::read_to_string(path).unwrap_or_default());
        let is_there = |path: &Path| fs::symlink_metadata(path).is_ok();
        let found =
            transom_manifests::nearest(&absolute, |path| read(path).or_else(|| is_there(path).then(String::new)));
        let from_here = |path: PathBuf| path.strip_prefix(&self.here).map_or_else(|_| path.clone(), Path::to_owned);
        let nearer = absolute.ancestors().take_while(|folder| found.as_deref().and_then(Path::parent) != Some(*folder));
        let misnamed = nearer
            .map(|folder| folder.join(MISNAMED))
            .filter(|path| read(path).is_some_and(|text| transom_manifests::is_misnamed(path, &text)));
        self.misnamed.extend(misnamed.map(from_here));
        let found = found.map(from_here);
        self.known.insert(absolute, found.clone());
        found
    }

    /// The settings file for a source.
    pub(crate) fn of(&mut self, source: &Source) -> Option<PathBuf> {
        let folder = source.path.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
        self.of_folder(folder)
    }
}
