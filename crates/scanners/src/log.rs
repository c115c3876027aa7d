//! A SARIF log, as far as it is read here.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::peers::Scanner;

/// What is read if it is what it should be, and else passed over.
#[derive(Debug)]
pub(crate) struct Lenient<T>(pub(crate) Option<T>);

impl<T> Default for Lenient<T> {
    fn default() -> Self {
        Lenient(None)
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        Ok(Lenient(serde_json::from_str(raw.get()).ok()))
    }
}

/// What `uriBaseId`s stand for.
pub(crate) type Bases = BTreeMap<String, Lenient<Artifact>>;

#[derive(Deserialize)]
pub(crate) struct Log<'t> {
    #[serde(default, borrow)]
    pub(crate) version: Option<Cow<'t, str>>,
    #[serde(default, borrow)]
    pub(crate) runs: Option<Vec<Run<'t>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Run<'t> {
    pub(crate) tool: Tool,
    /// Null where the scan failed.
    #[serde(borrow, default)]
    pub(crate) results: Option<Vec<&'t RawValue>>,
    #[serde(default)]
    pub(crate) original_uri_base_ids: Lenient<Bases>,
}

impl Run<'_> {
    /// The id of the rule that a result is of.
    pub(crate) fn rule_of<'r>(&'r self, result: &'r Found<'_>) -> Option<&'r str> {
        let of_index = |index: i64| {
            let rules = self.tool.driver.rules.0.as_ref()?;
            rules.get(usize::try_from(index).ok()?)?.0.as_ref()?.id.as_deref()
        };
        let index = result.rule_index.or(result.rule.index);
        let id = result.rule_id.as_deref().or(result.rule.id.as_deref());
        id.or_else(|| index.and_then(of_index))
    }
}

#[derive(Deserialize)]
pub(crate) struct Tool {
    pub(crate) driver: Driver,
}

#[derive(Deserialize)]
pub(crate) struct Driver {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) rules: Lenient<Vec<Lenient<RuleReference>>>,
}

#[derive(Deserialize, Default)]
pub(crate) struct RuleReference {
    #[serde(default)]
    pub(crate) id: Option<String>,
    /// -1 where there is none.
    #[serde(default)]
    pub(crate) index: Option<i64>,
}

/// A result, as a scanner found it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Found<'t> {
    #[serde(default)]
    pub(crate) rule_id: Option<String>,
    #[serde(default)]
    pub(crate) rule_index: Option<i64>,
    #[serde(default)]
    pub(crate) rule: RuleReference,
    #[serde(default)]
    pub(crate) message: Message,
    #[serde(default)]
    pub(crate) locations: Vec<Location>,
    #[serde(default, borrow, deserialize_with = "suppressions")]
    pub(crate) suppressions: Option<Suppressions<'t>>,
}

/// The suppressions of a result, and where they stand: null, too.
pub(crate) struct Suppressions<'t> {
    pub(crate) all: Vec<Suppression>,
    pub(crate) raw: &'t RawValue,
}

impl Suppressions<'_> {
    /// Whether one of them suppresses: none that was rejected or that is still under review does.
    pub(crate) fn holds(&self) -> bool {
        self.all.iter().any(|one| !matches!(one.status.as_deref(), Some("rejected" | "underReview")))
    }
}

#[derive(Deserialize)]
pub(crate) struct Suppression {
    #[serde(default)]
    pub(crate) status: Option<String>,
}

fn suppressions<'de: 't, 't, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Suppressions<'t>>, D::Error> {
    let raw = <&RawValue>::deserialize(deserializer)?;
    let all: Option<Vec<Suppression>> = serde_json::from_str(raw.get()).map_err(D::Error::custom)?;
    Ok(Some(Suppressions { all: all.unwrap_or_default(), raw }))
}

#[derive(Deserialize, Default)]
pub(crate) struct Message {
    #[serde(default)]
    pub(crate) text: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Location {
    #[serde(default)]
    pub(crate) physical_location: Physical,
    #[serde(default)]
    pub(crate) logical_locations: Vec<Logical>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Physical {
    #[serde(default)]
    pub(crate) artifact_location: Artifact,
    #[serde(default)]
    pub(crate) region: Region,
}

#[derive(Debug, Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Artifact {
    #[serde(default)]
    pub(crate) uri: String,
    #[serde(default)]
    pub(crate) uri_base_id: Option<String>,
}

#[derive(Deserialize, Default, Clone, Copy)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Region {
    pub(crate) start_line: Option<usize>,
    pub(crate) end_line: Option<usize>,
}

impl Region {
    /// First and last line, where the scanner knows them: kube-linter says line 1 of everything, and the others
    /// do where they know nothing better.
    pub(crate) fn lines(self, scanner: Scanner) -> Option<(usize, usize)> {
        let first = self.start_line?;
        let last = self.end_line.unwrap_or(first);
        (scanner != Scanner::KubeLinter && last > 1).then_some((first, last))
    }
}

#[derive(Debug, Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Logical {
    #[serde(default)]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) fully_qualified_name: String,
    #[serde(default)]
    pub(crate) kind: String,
}
