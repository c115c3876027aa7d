//! A Decision as front ends read it: the parts that they only pass on stay as they came.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use transom_yaml::Operation;

/// What was found out about an object. The parts that are only passed on stay as they came.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Decision {
    api_version: Box<RawValue>,
    kind: Box<RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uid: Option<Box<RawValue>>,
    allowed: bool,
    /// The object that was judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    targets: Option<Box<RawValue>>,
    /// What counts.
    pub findings: Vec<Finding>,
    /// What the object, or a comment, says is to be accepted.
    pub suppressed: Vec<Finding>,
    /// All safe fixes in one.
    pub patch: Vec<Operation>,
    module: Box<RawValue>,
}

/// An object by its name.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reference {
    /// Group and version.
    pub api_version: String,
    /// What it is.
    pub kind: String,
    /// Where it is, if it says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Its name, or `generateName`; may be empty.
    pub name: String,
}

/// `apps/v1 Deployment shop/web`
impl fmt::Display for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.api_version, self.short())
    }
}

/// What a rule has to say about a place in an object.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct Finding {
    /// Its id, such as `WIN101`.
    pub rule: String,
    /// Its name.
    pub name: String,
    /// `error`, `warning` or `info`, as the rule says.
    pub severity: String,
    /// As the settings see it.
    pub action: Action,
    /// JSON Pointer into the object, or `/comments/N`.
    pub path: String,
    /// What is wrong, and why.
    pub message: String,
    /// What to do; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub help: String,
    /// Where it would have shown, such as `api-server`.
    pub stage: String,
    /// The change that mends it, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
    /// Of one that is suppressed: why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Of one that is suppressed: the last day, `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Of one that is suppressed: the annotation or comment that does it, as a path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Where it is in the text; not the judge's, but added here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
}

/// What settings make of a finding: its severity for whoever reads it here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Worth knowing.
    Info,
    /// A warning.
    Warn,
    /// An error.
    Deny,
}

/// A change that mends what a finding is about.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct Fix {
    /// What it does, as an imperative.
    pub title: String,
    /// Whether anybody has to look at it.
    pub safety: Safety,
    /// The change, in terms of the object; empty where a comment goes.
    pub patch: Vec<Operation>,
}

/// Whether a fix can be applied unseen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Safety {
    /// It keeps what the object is meant to do.
    Safe,
    /// It may change what the object does: somebody decides.
    Unsafe,
}

/// Lines and columns from 1, columns in characters; the end is behind the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Location {
    /// Of the first character.
    pub line: usize,
    /// Of the first character.
    pub column: usize,
    /// Of what is behind the last character.
    pub end_line: usize,
    /// Of what is behind the last character.
    pub end_column: usize,
}

/// What a pod is meant for.
#[derive(Debug, Deserialize)]
pub struct Target {
    /// JSON Pointer of the pod's spec in the object; `None` where it is the only one.
    pub path: Option<String>,
    /// `windows`, `linux` or `unknown`.
    pub intent: String,
    /// What says so, and what speaks against it.
    pub evidence: Vec<Evidence>,
}

/// Why a pod is meant for the system it is meant for.
#[derive(Debug, Deserialize)]
pub struct Evidence {
    /// JSON Pointer into the object.
    pub path: String,
    /// `windows` or `linux`.
    pub says: String,
    /// Why it says so.
    pub because: String,
}

impl Decision {
    /// What each pod of the object is meant for: `windows`, `linux` or `unknown`.
    pub fn intents(&self) -> Vec<String> {
        self.targets().into_iter().map(|target| target.intent).collect()
    }

    /// What each pod of the object is meant for, and why; empty where it holds none.
    pub fn targets(&self) -> Vec<Target> {
        let read = |raw: &RawValue| serde_json::from_str::<Vec<Target>>(raw.get()).ok();
        let one = |raw: &RawValue| serde_json::from_str::<Target>(raw.get()).ok().map(|target| vec![target]);
        let targets = self.targets.as_deref().and_then(read);
        targets.or_else(|| self.target.as_deref().and_then(one)).unwrap_or_default()
    }

    /// What speaks for the system that the pod at `path` is meant for, where it is known.
    pub fn evidence(&self, path: &str) -> Option<Evidence> {
        let target = self.targets().into_iter().find(|target| target.path.as_deref().is_none_or(|of| of == path))?;
        let is_below = |other: &str| other.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
        let speaks = |evidence: &Evidence| evidence.says == target.intent && is_below(&evidence.path);
        target.evidence.into_iter().find(speaks)
    }
}

impl Reference {
    /// `Deployment shop/web`
    pub fn short(&self) -> String {
        match (&self.namespace, &*self.name) {
            (_, "") => self.kind.clone(),
            (None, name) => format!("{} {name}", self.kind),
            (Some(namespace), name) => format!("{} {namespace}/{name}", self.kind),
        }
    }
}
