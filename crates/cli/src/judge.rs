//! Who judges: the rules built in, or a WebAssembly module.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::anyhow;
use serde_json::{Value, json};
#[cfg(feature = "module")]
use transom::Mistake;
use transom::Transom;
use transom_manifests::Judge;
#[cfg(feature = "module")]
use transom_manifests::{Decision, NoAnswer};

use crate::args::Judging;
use crate::rule_name;
use crate::settings::{Finder, Overrides, SettingsFile};
use crate::source::Source;

/// Who judges which source: one judge for each settings file among them.
pub(crate) struct Judges {
    all: Vec<Judge>,
    of_source: Vec<usize>,
    /// Settings that are not heeded for their name.
    pub(crate) misnamed: BTreeSet<PathBuf>,
}

impl Judges {
    /// The judges that the command line asks for.
    pub(crate) fn open(judging: &Judging, sources: &[Source]) -> anyhow::Result<Self> {
        Self::open_with(judging, sources, &unamended)
    }

    /// The same, with settings that `amend` makes of those that hold.
    pub(crate) fn open_with(judging: &Judging, sources: &[Source], amend: &Amend<'_>) -> anyhow::Result<Self> {
        let overrides = Overrides::of(&judging.setting, &judging.rules)?;
        let mut finder = Finder::new(&judging.setting)?;
        let mut by_settings: BTreeMap<Option<PathBuf>, usize> = BTreeMap::new();
        let mut judges = Judges { all: Vec::new(), of_source: Vec::new(), misnamed: BTreeSet::new() };
        // Settings that were named are to be right even where there is nothing to judge.
        let named = judging.setting.settings.clone().map(Some);
        for settings in named.into_iter().chain(sources.iter().map(|source| finder.of(source))) {
            if !by_settings.contains_key(&settings) {
                judges.all.push(judge(judging, settings.as_deref(), &overrides, amend)?);
                by_settings.insert(settings.clone(), judges.all.len() - 1);
            }
        }
        judges.of_source = sources.iter().map(|source| by_settings[&finder.of(source)]).collect();
        judges.misnamed = finder.misnamed;
        Ok(judges)
    }

    /// The judge of what is in no file, by the settings that hold here.
    pub(crate) fn here(judging: &Judging, amend: &Amend<'_>) -> anyhow::Result<Judge> {
        let settings = Finder::new(&judging.setting)?.of_folder(Path::new(""));
        judge(judging, settings.as_deref(), &Overrides::of(&judging.setting, &judging.rules)?, amend)
    }

    /// The judge of the source of this number.
    pub(crate) fn of(&self, source: usize) -> &Judge {
        &self.all[self.of_source[source]]
    }
}

/// The rules that are asked about.
pub(crate) struct Rules(Option<BTreeSet<&'static str>>);

impl Rules {
    /// Those of `--rule`, else all.
    pub(crate) fn of(judging: &Judging) -> anyhow::Result<Self> {
        let ids: BTreeSet<_> =
            judging.rules.iter().map(|name| Ok(rule_name::find(name)?.id)).collect::<anyhow::Result<_>>()?;
        Ok(Rules(Some(ids).filter(|ids| !ids.is_empty())))
    }

    /// Whether a rule (by its id) is among them.
    pub(crate) fn contains(&self, rule: &str) -> bool {
        self.0.as_ref().is_none_or(|ids| ids.contains(rule))
    }
}

/// Makes settings (JSON) of settings, those of the file or none.
pub(crate) type Amend<'a> = dyn Fn(Option<&Path>, Value) -> anyhow::Result<Value> + 'a;

/// Settings as they are.
pub(crate) fn unamended(_: Option<&Path>, settings: Value) -> anyhow::Result<Value> {
    Ok(settings)
}

fn judge(
    judging: &Judging,
    settings: Option<&Path>,
    overrides: &Overrides,
    amend: &Amend<'_>,
) -> anyhow::Result<Judge> {
    let file = settings.map(SettingsFile::read).transpose()?;
    let empty = json!({});
    let merged = amend(settings, overrides.over(file.as_ref().map_or(&empty, SettingsFile::value)))?;
    match judging.module.as_deref() {
        None => {
            if let Some(file) = &file {
                file.settings()?;
            }
            let mut transom = Transom::new();
            // What is wrong only now is so because of both.
            transom.configure(merged.to_string().as_bytes()).map_err(|mistakes| {
                let messages: Vec<String> = mistakes.into_iter().map(|mistake| mistake.message).collect();
                anyhow!("wrong settings: {}", messages.join("; "))
            })?;
            Ok(Judge::new(transom, today()))
        }
        #[cfg(feature = "module")]
        Some(path) => {
            let host = transom_host::Host::from_file(path)?;
            if merged != empty {
                host.configure(&merged.to_string()).map_err(|error| of_module(file.as_ref(), error))?;
            }
            Ok(Judge::new(Module(host), today()))
        }
        #[cfg(not(feature = "module"))]
        Some(_) => Err(crate::lacking("`--module`")),
    }
}

#[cfg(feature = "module")]
struct Module(transom_host::Host);

#[cfg(feature = "module")]
impl transom_manifests::Evaluator for Module {
    fn evaluate(&self, input: &str) -> Result<Decision, NoAnswer> {
        // With all causes: whoever prints it has but this text.
        let answer = self.0.evaluate(input).map_err(|error| format!("{:#}", anyhow::Error::from(error)))?;
        Decision::read(&answer)
    }
}

/// What a module says is wrong with the settings, at its places.
#[cfg(feature = "module")]
fn of_module(settings: Option<&SettingsFile>, error: transom_host::Error) -> anyhow::Error {
    let mistake = |m: &transom_host::Mistake| Mistake { path: m.path.clone(), message: m.message.clone() };
    let mistakes: Vec<_> = error.mistakes().iter().map(mistake).collect();
    match settings {
        Some(settings) if !mistakes.is_empty() => settings.frames(&mistakes),
        _ => error.into(),
    }
}

/// Seconds since 1970, or what SOURCE_DATE_EPOCH says instead, for reports that are the same each time.
/// <https://reproducible-builds.org/specs/source-date-epoch/>
pub(crate) fn now() -> i64 {
    let said = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|seconds| seconds.parse().ok());
    let seconds = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    said.unwrap_or_else(|| i64::try_from(seconds()).unwrap_or_default())
}

/// Today's date (UTC) as `YYYY-MM-DD`.
pub(crate) fn today() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let (year, month, day) = date(seconds / 86_400);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Year, month and day of a number of days since 1970-01-01. The year begins in March here, so that
/// a leap day is its last one (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_calendar() {
        assert_eq!(date(0), (1970, 1, 1));
        assert_eq!(date(11_016), (2000, 2, 29));
        assert_eq!(date(19_782), (2024, 2, 29));
        assert_eq!(date(20_778), (2026, 11, 21));
    }
}
