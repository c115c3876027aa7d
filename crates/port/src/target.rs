//! What is ported to, and the settings that say so to the core.

use std::fmt;

use serde_json::{Map, Value, json};
use transom::images::builds;
use transom::settings::read;
use transom::{Mistake, Transom};
use transom_manifests::Judge;

use crate::Porter;

/// The nodes that workloads are ported to. What is left out is as the settings say.
#[derive(Debug, Clone, Default)]
pub struct Target {
    /// The Windows build, such as 20348.
    pub build: Option<u32>,
    /// The platform, in the words of the settings: `aks`, `eks`, `gke`, `openshift`, `generic`.
    pub platform: Option<String>,
}

/// A word that names no Windows release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownBuild(String);

impl fmt::Display for UnknownBuild {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "`{}` is no Windows release: say ltsc2019, ltsc2022, ltsc2025 or a build such as 20348",
            self.0
        )
    }
}

impl std::error::Error for UnknownBuild {}

impl Target {
    /// The build that a word stands for: `ltsc2022`, `2022`, `20348` or `10.0.20348`.
    ///
    /// # Errors
    ///
    /// Where it stands for none that nodes run.
    pub fn build(word: &str) -> Result<u32, UnknownBuild> {
        let word = word.trim();
        let number = || word.parse().ok().filter(|build| builds::name(*build).is_some());
        let build = builds::of_release(word).or_else(|| builds::of_year(word)).or_else(|| builds::parse(word));
        build.or_else(number).ok_or_else(|| UnknownBuild(word.to_owned()))
    }
}

pub(crate) fn porter(settings: &Value, target: &Target, today: &str) -> Result<Porter, Vec<Mistake>> {
    // The mistakes of whoever wrote the settings come first, and at their places.
    let own = read(&text(settings))?;
    let mut fields = settings.as_object().cloned().unwrap_or_default();
    let others = target.build.is_some_and(|build| own.windows.builds.iter().any(|other| *other != build));
    let pin = target.build.filter(|_| others && own.windows.builds.len() > 1);
    if let Some(platform) = &target.platform {
        fields.insert("platform".into(), json!(platform));
    }
    let windows = fields.entry("windows").or_insert_with(|| json!({}));
    if let Some(windows) = windows.as_object_mut() {
        windows.remove("present");
        if let Some(build) = target.build.filter(|_| pin.is_none()) {
            windows.insert("builds".into(), json!([build]));
        }
    }
    let judging = judge(&fields, today)?;
    for field in ["rules", "exempt"] {
        fields.remove(field);
    }
    Ok(Porter { fixing: judge(&fields, today)?, judging, pin })
}

/// Settings of nothing are settings.
fn text(settings: &Value) -> String {
    if settings.is_null() { "{}".into() } else { settings.to_string() }
}

fn judge(settings: &Map<String, Value>, today: &str) -> Result<Judge, Vec<Mistake>> {
    let settings = read(&Value::Object(settings.clone()).to_string())?;
    Ok(Judge::new(Transom::from(settings), today))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builds_have_many_names() {
        for word in ["ltsc2022", "LTSC2022", "2022", "20348", "10.0.20348", " ltsc2022 "] {
            assert_eq!(Target::build(word), Ok(20348), "{word}");
        }
        for word in ["", "ltsc2021", "12345", "linux"] {
            assert!(Target::build(word).is_err(), "{word}");
        }
    }
}
