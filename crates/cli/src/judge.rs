//! Who judges an object: the rules built in, or a WebAssembly module.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
#[cfg(not(feature = "module"))]
use anyhow::bail;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
#[cfg(feature = "module")]
use transom::Mistake;
use transom::Transom;
use transom_yaml::Operation;

use crate::args::Judging;
use crate::manifest::Object;
use crate::settings::Settings;
use transom_context::Context;

/// Judges objects as the settings say.
pub(crate) struct Judge {
    engine: Engine,
    /// `YYYY-MM-DD`, for suppressions that end.
    today: String,
}

enum Engine {
    BuiltIn(Box<Transom>),
    #[cfg(feature = "module")]
    Module(transom_host::Host),
}

/// What was found out about an object. The parts that are only passed on stay as they came.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Decision {
    api_version: Box<RawValue>,
    kind: Box<RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uid: Option<Box<RawValue>>,
    allowed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) object: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    targets: Option<Box<RawValue>>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) suppressed: Vec<Finding>,
    pub(crate) patch: Vec<Operation>,
    module: Box<RawValue>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reference {
    api_version: String,
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
    name: String,
}

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Finding {
    pub(crate) rule: String,
    pub(crate) name: String,
    severity: String,
    pub(crate) action: Action,
    pub(crate) path: String,
    pub(crate) message: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) help: String,
    stage: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fix: Option<Fix>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) until: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) by: Option<String>,
    /// Where it is in the text; not the judge's, but added here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) location: Option<Location>,
}

/// What settings make of a finding: its severity for whoever reads it here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Action {
    Info,
    Warn,
    Deny,
}

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Fix {
    pub(crate) title: String,
    pub(crate) safety: Safety,
    pub(crate) patch: Vec<Operation>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Safety {
    Safe,
    Unsafe,
}

/// Lines and columns from 1, columns in characters; the end is behind the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Location {
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) end_line: usize,
    pub(crate) end_column: usize,
}

#[derive(Debug, Deserialize)]
struct Target {
    path: Option<String>,
    intent: String,
    evidence: Vec<Evidence>,
}

/// Why a pod is meant for the system it is meant for.
#[derive(Debug, Deserialize)]
pub(crate) struct Evidence {
    pub(crate) path: String,
    pub(crate) says: String,
    pub(crate) because: String,
}

impl Judge {
    pub(crate) fn new(judging: &Judging) -> anyhow::Result<Self> {
        let settings = judging.settings.as_deref().map(Settings::read).transpose()?;
        let engine = match module_of(judging) {
            None => {
                let mut transom = Box::new(Transom::new());
                if let Some(settings) = &settings {
                    transom.configure(settings.json.as_bytes()).map_err(|mistakes| settings.frames(&mistakes))?;
                }
                Engine::BuiltIn(transom)
            }
            #[cfg(feature = "module")]
            Some(path) => {
                let host = transom_host::Host::from_file(path)?;
                if let Some(settings) = &settings {
                    host.configure(&settings.json).map_err(|error| of_module(settings, error))?;
                }
                Engine::Module(host)
            }
            #[cfg(not(feature = "module"))]
            Some(_) => bail!("this transom was built without modules"),
        };
        Ok(Judge { engine, today: today() })
    }

    /// Judges an object. Only a module can fail at it.
    pub(crate) fn judge(&self, object: &Object<'_>, context: &Context, comments: &[Value]) -> anyhow::Result<Decision> {
        let comments = serde_json::to_string(comments)?;
        let context = context.around(object.object(), object.namespace()).join(",");
        let (today, object) = (&self.today, object.value());
        let input = format!(r#"{{"now":"{today}","request":{object},"context":[{context}],"comments":{comments}}}"#);
        let decision = match &self.engine {
            Engine::BuiltIn(transom) => transom.evaluate(input.as_bytes()),
            #[cfg(feature = "module")]
            Engine::Module(host) => host.evaluate(&input)?,
        };
        serde_json::from_str(&decision).context("the module's answer is no Decision")
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

impl Decision {
    /// What speaks for the system that the pod at `path` is meant for, where it is known.
    pub(crate) fn evidence(&self, path: &str) -> Option<Evidence> {
        let read = |raw: &RawValue| serde_json::from_str::<Vec<Target>>(raw.get()).ok();
        let one = |raw: &RawValue| serde_json::from_str::<Target>(raw.get()).ok().map(|target| vec![target]);
        let targets = self.targets.as_deref().and_then(read).or_else(|| self.target.as_deref().and_then(one))?;
        let target = targets.into_iter().find(|target| target.path.as_deref().is_none_or(|of| of == path))?;
        let is_below = |other: &str| other.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
        let speaks = |evidence: &Evidence| evidence.says == target.intent && is_below(&evidence.path);
        target.evidence.into_iter().find(speaks)
    }
}

impl Reference {
    /// `Deployment shop/web`
    pub(crate) fn short(&self) -> String {
        match (&self.namespace, &*self.name) {
            (_, "") => self.kind.clone(),
            (None, name) => format!("{} {name}", self.kind),
            (Some(namespace), name) => format!("{} {namespace}/{name}", self.kind),
        }
    }
}

/// What a module says is wrong with the settings, at its places.
#[cfg(feature = "module")]
fn of_module(settings: &Settings, error: transom_host::Error) -> anyhow::Error {
    let mistake = |m: &transom_host::Mistake| Mistake { path: m.path.clone(), message: m.message.clone() };
    let mistakes: Vec<_> = error.mistakes().iter().map(mistake).collect();
    if mistakes.is_empty() { error.into() } else { settings.frames(&mistakes) }
}

/// Today's date (UTC) as `YYYY-MM-DD`.
fn today() -> String {
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
