//! Who judges: the rules built in, or a WebAssembly module.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

#[cfg(not(feature = "module"))]
use anyhow::bail;
#[cfg(feature = "module")]
use transom::Mistake;
use transom::Transom;
use transom_manifests::Judge;

use crate::args::Judging;
use crate::settings::Settings;

/// The judge that the command line asks for.
pub(crate) fn of(judging: &Judging) -> anyhow::Result<Judge> {
    let settings = judging.settings.as_deref().map(Settings::read).transpose()?;
    match module_of(judging) {
        None => {
            let mut transom = Transom::new();
            if let Some(settings) = &settings {
                transom.configure(settings.json.as_bytes()).map_err(|mistakes| settings.frames(&mistakes))?;
            }
            Ok(Judge::new(transom, today()))
        }
        #[cfg(feature = "module")]
        Some(path) => {
            let host = transom_host::Host::from_file(path)?;
            if let Some(settings) = &settings {
                host.configure(&settings.json).map_err(|error| of_module(settings, error))?;
            }
            Ok(Judge::new(Module(host), today()))
        }
        #[cfg(not(feature = "module"))]
        Some(_) => bail!("this transom was built without modules"),
    }
}

#[cfg(feature = "module")]
struct Module(transom_host::Host);

#[cfg(feature = "module")]
impl transom_manifests::Evaluator for Module {
    fn evaluate(&self, input: &str) -> Result<String, transom_manifests::NoAnswer> {
        // With all causes: whoever prints it has but this text.
        self.0.evaluate(input).map_err(|error| format!("{:#}", anyhow::Error::from(error)).into())
    }
}

#[cfg(feature = "module")]
fn module_of(judging: &Judging) -> Option<&Path> {
    judging.module.as_deref()
}

#[cfg(not(feature = "module"))]
fn module_of(_: &Judging) -> Option<&Path> {
    None
}

/// What a module says is wrong with the settings, at its places.
#[cfg(feature = "module")]
fn of_module(settings: &Settings, error: transom_host::Error) -> anyhow::Error {
    let mistake = |m: &transom_host::Mistake| Mistake { path: m.path.clone(), message: m.message.clone() };
    let mistakes: Vec<_> = error.mistakes().iter().map(mistake).collect();
    if mistakes.is_empty() { error.into() } else { settings.frames(&mistakes) }
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
