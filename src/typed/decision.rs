//! A Decision as a value: what `evaluate` writes as JSON, field by field, to be read back from there.
//!
//! The core itself writes its Decisions without this: generated code would be a good part of the
//! module's size. So both say the same thing, and a test holds them together.

use serde::{Deserialize, Serialize};

use crate::decision;
use crate::finding::{self, Action, Severity, Stage};
use crate::fix::{self, Safety};
pub use crate::platform::Placements;
use crate::platform::{self, Os};
use crate::suppress;
use crate::value::Value;

/// What was found out about an object.
///
/// ```
/// # let pod = r#"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"},
/// #     "spec": {"containers": [{"name": "web", "image": "mcr.microsoft.com/windows/nanoserver:ltsc2022"}]}}"#;
/// let decision: transom::typed::Decision = serde_json::from_str(&transom::evaluate(pod.as_bytes()))?;
/// let denied: Vec<&str> = decision.denials().map(|finding| finding.name.as_str()).collect();
/// assert_eq!(denied, ["windows-pod-not-pinned"]);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Decision {
    /// `transom.dev/v1`
    pub api_version: String,
    /// `Decision`
    pub kind: String,
    /// Of the admission request, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// Whether no finding has the action deny.
    pub allowed: bool,
    /// The object judged; `None` where the input held none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<Reference>,
    /// What its pods are meant for and where they can land; `None` where it has none. Of several
    /// pods: what they have in common, and the best placement of any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// The same for each pod, where there are several: in a List, or in some custom resources.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<Target>,
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// What would be wrong, did no annotation and no comment hide it.
    pub suppressed: Vec<Suppressed>,
    /// All safe fixes of the findings, merged, in an order that applies: a JSON Patch (RFC 6902).
    pub patch: Vec<Operation>,
    /// Who decided.
    pub module: Module,
}

/// The name of an object.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Reference {
    /// `apiVersion`
    pub api_version: String,
    /// `kind`
    pub kind: String,
    /// `metadata.namespace`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// `metadata.name`, or what it will be generated from; may be empty.
    pub name: String,
}

/// What a pod is meant for and where it can land.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[non_exhaustive]
pub struct Target {
    /// JSON Pointer to the pod's spec, where there are several pods.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The system it is meant for; `None`, in JSON `unknown`, where nothing tells.
    #[serde(with = "intent")]
    pub intent: Option<Os>,
    /// Where it can land.
    pub placement: Placements,
    /// What speaks for a system, the most telling first.
    pub evidence: Vec<Evidence>,
}

/// One observation that speaks for a system.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[non_exhaustive]
pub struct Evidence {
    /// JSON Pointer to where it stands.
    pub path: String,
    /// What it speaks for.
    pub says: Os,
    /// Why.
    pub because: String,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// The id of the rule, such as `WIN101`: [`rules::find`](crate::rules::find) has the rest.
    pub rule: String,
    /// The name of the rule, such as `windows-pod-not-pinned`.
    pub name: String,
    /// How bad it is.
    pub severity: Severity,
    /// What settings make of it.
    pub action: Action,
    /// JSON Pointer into the object.
    pub path: String,
    /// What is wrong, then why.
    pub message: String,
    /// What to do, as an imperative; empty where the message says it all.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub help: String,
    /// Where one would otherwise have met it.
    pub stage: Stage,
    /// The change that mends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
}

/// A finding that an annotation or a comment hides.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[non_exhaustive]
pub struct Suppressed {
    /// What does not count. It has no fix.
    #[serde(flatten)]
    pub finding: Finding,
    /// The reason that its author gave; may be empty.
    pub reason: String,
    /// The last day on which it hides, as `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// JSON Pointer to the annotation, or `/comments/N`: the comment of that number in the input.
    pub by: String,
}

/// A change that mends a finding. All of it applies, or none.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[non_exhaustive]
pub struct Fix {
    /// What it does, as an imperative.
    pub title: String,
    /// Whether it may be applied without asking.
    pub safety: Safety,
    /// The operations it takes.
    pub patch: Vec<Operation>,
}

/// An operation of a JSON Patch (RFC 6902).
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(tag = "op", rename_all = "lowercase")]
#[expect(missing_docs, reason = "RFC 6902 has the words")]
pub enum Operation {
    Add { path: String, value: serde_json::Value },
    Replace { path: String, value: serde_json::Value },
    Remove { path: String },
}

/// Who decided.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[non_exhaustive]
pub struct Module {
    /// `transom`
    pub name: String,
    /// Its version.
    pub version: String,
}

impl Decision {
    /// The findings for which admission refuses the object.
    pub fn denials(&self) -> impl Iterator<Item = &Finding> {
        self.with_action(Action::Deny)
    }

    /// The findings of which admission warns.
    pub fn warnings(&self) -> impl Iterator<Item = &Finding> {
        self.with_action(Action::Warn)
    }

    fn with_action(&self, action: Action) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |finding| finding.action == action)
    }
}

/// The system a pod is meant for, with the word for a system that nothing tells.
mod intent {
    use serde::{Deserialize, Deserializer, Serializer, de};

    use crate::platform::Os;

    const UNKNOWN: &str = "unknown";

    pub(super) fn serialize<S: Serializer>(intent: &Option<Os>, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(intent.map_or(UNKNOWN, Os::as_str))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Os>, D::Error> {
        let word = String::deserialize(from)?;
        match Os::from_word(&word) {
            None if word == UNKNOWN => Ok(None),
            None => Err(de::Error::unknown_variant(&word, &["windows", "linux", UNKNOWN])),
            os => Ok(os),
        }
    }
}

impl From<&decision::Decision<'_>> for Decision {
    fn from(decision: &decision::Decision<'_>) -> Self {
        let targets = &decision.targets;
        Decision {
            api_version: decision::API_VERSION.to_owned(),
            kind: decision::KIND.to_owned(),
            uid: decision.request.uid.as_deref().map(str::to_owned),
            allowed: decision.allowed,
            object: decision.object.map(|object| Reference {
                api_version: object.api_version.to_string(),
                kind: object.kind.to_string(),
                namespace: decision.namespace().map(str::to_owned),
                name: decision.name().to_owned(),
            }),
            target: (!targets.is_empty()).then(|| target(targets, None)),
            targets: match &targets[..] {
                [] | [_] => Vec::new(),
                targets => {
                    targets.iter().map(|one| target(std::slice::from_ref(one), Some(one.path.to_string()))).collect()
                }
            },
            findings: decision.findings.iter().map(Finding::from).collect(),
            suppressed: decision.suppressed.iter().map(Suppressed::from).collect(),
            patch: decision.patch.iter().map(Operation::from).collect(),
            module: Module { name: decision::MODULE.to_owned(), version: decision::VERSION.to_owned() },
        }
    }
}

fn target(targets: &[decision::Target], path: Option<String>) -> Target {
    Target {
        path,
        intent: decision::common_intent(targets),
        placement: decision::best_placement(targets),
        evidence: targets.iter().flat_map(|target| &target.evidence).map(Evidence::from).collect(),
    }
}

impl From<&platform::Evidence> for Evidence {
    fn from(evidence: &platform::Evidence) -> Self {
        let platform::Evidence { path, says, because, rank: _ } = evidence;
        Evidence { path: path.to_string(), says: *says, because: because.to_string() }
    }
}

impl From<&finding::Finding> for Finding {
    fn from(finding: &finding::Finding) -> Self {
        let finding::Finding { rule, severity, action, path, message, help, stage, fix } = finding;
        Finding {
            rule: rule.id.to_owned(),
            name: rule.name.to_owned(),
            severity: *severity,
            action: *action,
            path: path.to_string(),
            message: message.clone(),
            help: help.to_string(),
            stage: *stage,
            fix: fix.as_ref().map(|fix| Fix {
                title: fix.title.to_string(),
                safety: fix.safety,
                patch: fix.patch.iter().map(Operation::from).collect(),
            }),
        }
    }
}

impl From<&suppress::Suppressed> for Suppressed {
    fn from(suppressed: &suppress::Suppressed) -> Self {
        let suppress::Suppressed { finding, reason, until, by } = suppressed;
        Suppressed {
            finding: Finding { fix: None, ..finding.into() },
            reason: reason.clone(),
            until: until.clone(),
            by: by.to_string(),
        }
    }
}

impl From<&fix::Operation> for Operation {
    fn from(operation: &fix::Operation) -> Self {
        match operation {
            fix::Operation::Add { path, value } => Operation::Add { path: path.clone(), value: value.into() },
            fix::Operation::Replace { path, value } => Operation::Replace { path: path.clone(), value: value.into() },
            fix::Operation::Remove { path } => Operation::Remove { path: path.clone() },
        }
    }
}

impl From<&Value> for serde_json::Value {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => serde_json::Value::Null,
            Value::Boolean(value) => (*value).into(),
            Value::Integer(value) => (*value).into(),
            Value::Decimal(number) => serde_json::from_str(number).unwrap_or_default(),
            Value::Text(text) => text.as_str().into(),
            Value::Array(values) => values.iter().map(serde_json::Value::from).collect(),
            Value::Object(fields) => {
                let mut map = serde_json::Map::new();
                // A map that is collected sorts first; see `order`.
                map.extend(fields.iter().map(|(name, value)| (name.clone(), serde_json::Value::from(value))));
                serde_json::Value::Object(map)
            }
        }
    }
}
