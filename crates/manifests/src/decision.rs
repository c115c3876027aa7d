//! A Decision as front ends read it: of the core itself, or from the JSON of a module.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use serde::{Deserialize, Serialize};
use transom::{finding, fix, typed};
use transom_yaml::Operation;

use crate::pointer::below;
use crate::suppressions;

/// What an evaluator says where it has no answer.
pub type NoAnswer = Box<dyn Error + Send + Sync>;

/// What was found out about an object.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Decision {
    api_version: String,
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uid: Option<String>,
    allowed: bool,
    /// The object that was judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<Target>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    targets: Vec<Target>,
    /// What counts.
    pub findings: Vec<Finding>,
    /// What the object, or a comment, says is to be accepted.
    pub suppressed: Vec<Finding>,
    /// All safe fixes in one.
    pub patch: Vec<Operation>,
    module: Module,
}

/// Who decided.
#[derive(Debug, Clone, Deserialize, Serialize)]
struct Module {
    name: String,
    version: String,
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
    pub severity: Cow<'static, str>,
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
    pub stage: Cow<'static, str>,
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
    /// Whether a baseline has it, where [one was asked](crate::Examined::mark_known).
    #[serde(skip)]
    pub is_known: bool,
}

/// A text in one line that does nothing to a terminal: white space is blanks, and control characters, also
/// those that turn the direction of what follows, are signs that stand for them.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    let is_turn = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let is_odd = |c: char| c.is_control() || is_turn(c) || matches!(c, '\u{2028}' | '\u{2029}');
    if !text.contains(is_odd) {
        return text.into();
    }
    let sign = |c: char| match c {
        '\n' | '\r' | '\t' | '\u{85}' | '\u{2028}' | '\u{2029}' => ' ',
        c if c.is_ascii_control() => char::from_u32(0x2400 + (c as u32 & 0x1f)).unwrap_or(' '),
        c if is_odd(c) => char::REPLACEMENT_CHARACTER,
        c => c,
    };
    text.chars().map(|c| if c == '\u{7f}' { '\u{2421}' } else { sign(c) }).collect::<String>().into()
}

/// The address of the page of a rule, by its id and its name: as it was when this was released.
#[must_use]
pub fn rule_page(id: &str, name: &str) -> String {
    let (repository, version) = (env!("CARGO_PKG_REPOSITORY"), env!("CARGO_PKG_VERSION"));
    format!("{repository}/blob/v{version}/docs/rules/{id}-{name}.md")
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

/// What a pod is meant for and where it can land.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct Target {
    /// JSON Pointer of the pod's spec in the object; `None` where it is the only one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// `windows`, `linux` or `unknown`.
    pub intent: Cow<'static, str>,
    placement: Placement,
    /// What says so, and what speaks against it.
    pub evidence: Vec<Evidence>,
}

/// Where a pod can land: `yes`, `maybe`, `guarded` or `no`.
#[derive(Debug, Clone, Deserialize, Serialize)]
struct Placement {
    windows: Cow<'static, str>,
    linux: Cow<'static, str>,
}

/// Why a pod is meant for the system it is meant for.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct Evidence {
    /// JSON Pointer into the object.
    pub path: String,
    /// `windows` or `linux`.
    pub says: Cow<'static, str>,
    /// Why it says so.
    pub because: String,
}

impl Finding {
    /// Whether it is shown where those of action info are, or are not.
    #[must_use]
    pub fn is_shown(&self, with_info: bool) -> bool {
        with_info || self.action != Action::Info
    }

    /// Whether admission denies it all the same: a comment hides it, and admission does not see comments.
    #[must_use]
    pub fn is_hidden_from_admission(&self) -> bool {
        self.action == Action::Deny && self.by.as_deref().is_some_and(suppressions::is_comment)
    }
}

impl Decision {
    /// Reads what a module answered.
    ///
    /// # Errors
    ///
    /// Where that is no Decision.
    pub fn read(json: &str) -> Result<Self, NoAnswer> {
        serde_json::from_str(json).map_err(|error| format!("the answer is no Decision: {error}").into())
    }

    /// The same with everything that is shown to people in one line each, whatever the object says.
    pub(crate) fn cleaned(mut self) -> Self {
        let clean = |text: &mut String| {
            if let Cow::Owned(cleaned) = printable(text) {
                *text = cleaned;
            }
        };
        for finding in self.findings.iter_mut().chain(&mut self.suppressed) {
            [&mut finding.message, &mut finding.help].into_iter().chain(&mut finding.reason).for_each(clean);
        }
        if let Some(object) = &mut self.object {
            let names = [&mut object.api_version, &mut object.kind, &mut object.name];
            names.into_iter().chain(&mut object.namespace).for_each(clean);
        }
        for target in self.target.iter_mut().chain(&mut self.targets) {
            target.evidence.iter_mut().for_each(|evidence| clean(&mut evidence.because));
        }
        self
    }

    /// What each pod of the object is meant for: `windows`, `linux` or `unknown`.
    pub fn intents(&self) -> Vec<String> {
        self.targets().iter().map(|target| target.intent.clone().into_owned()).collect()
    }

    /// What each pod of the object is meant for, and why; empty where it holds none.
    pub fn targets(&self) -> &[Target] {
        if self.targets.is_empty() { self.target.as_slice() } else { &self.targets }
    }

    /// What speaks for the system that the pod at `path` is meant for, where it is known.
    pub fn evidence(&self, path: &str) -> Option<&Evidence> {
        let target = self.targets().iter().find(|target| target.path.as_deref().is_none_or(|of| of == path))?;
        let is_inside = |other: &str| below(other, path).is_some_and(|rest| !rest.is_empty());
        let speaks = |evidence: &&Evidence| evidence.says == target.intent && is_inside(&evidence.path);
        target.evidence.iter().find(speaks)
    }
}

impl From<typed::Decision> for Decision {
    fn from(decision: typed::Decision) -> Self {
        let suppressed = |suppressed: typed::Suppressed| Finding {
            reason: Some(suppressed.reason),
            until: suppressed.until,
            by: Some(suppressed.by),
            ..suppressed.finding.into()
        };
        Decision {
            api_version: decision.api_version,
            kind: decision.kind,
            uid: decision.uid,
            allowed: decision.allowed,
            object: decision.object.map(|object| Reference {
                api_version: object.api_version,
                kind: object.kind,
                namespace: object.namespace,
                name: object.name,
            }),
            target: decision.target.map(Target::from),
            targets: decision.targets.into_iter().map(Target::from).collect(),
            findings: decision.findings.into_iter().map(Finding::from).collect(),
            suppressed: decision.suppressed.into_iter().map(suppressed).collect(),
            patch: decision.patch.into_iter().map(operation).collect(),
            module: Module { name: decision.module.name, version: decision.module.version },
        }
    }
}

impl From<typed::Target> for Target {
    fn from(target: typed::Target) -> Self {
        let evidence = |evidence: typed::Evidence| Evidence {
            path: evidence.path,
            says: evidence.says.as_str().into(),
            because: evidence.because,
        };
        Target {
            path: target.path,
            intent: target.intent.map_or("unknown", |os| os.as_str()).into(),
            placement: Placement {
                windows: target.placement.windows.as_str().into(),
                linux: target.placement.linux.as_str().into(),
            },
            evidence: target.evidence.into_iter().map(evidence).collect(),
        }
    }
}

impl From<typed::Finding> for Finding {
    fn from(finding: typed::Finding) -> Self {
        Finding {
            rule: finding.rule,
            name: finding.name,
            severity: finding.severity.as_str().into(),
            action: finding.action.into(),
            path: finding.path,
            message: finding.message,
            help: finding.help,
            stage: finding.stage.as_str().into(),
            fix: finding.fix.map(|fix| Fix {
                title: fix.title,
                safety: fix.safety.into(),
                patch: fix.patch.into_iter().map(operation).collect(),
            }),
            reason: None,
            until: None,
            by: None,
            location: None,
            is_known: false,
        }
    }
}

impl From<finding::Action> for Action {
    fn from(action: finding::Action) -> Self {
        match action {
            finding::Action::Info => Action::Info,
            finding::Action::Warn => Action::Warn,
            finding::Action::Deny => Action::Deny,
        }
    }
}

impl From<fix::Safety> for Safety {
    fn from(safety: fix::Safety) -> Self {
        match safety {
            fix::Safety::Safe => Safety::Safe,
            fix::Safety::Unsafe => Safety::Unsafe,
        }
    }
}

fn operation(operation: typed::Operation) -> Operation {
    match operation {
        typed::Operation::Add { path, value } => Operation::Add { path, value },
        typed::Operation::Replace { path, value } => Operation::Replace { path, value },
        typed::Operation::Remove { path } => Operation::Remove { path },
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
