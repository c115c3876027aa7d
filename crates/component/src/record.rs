//! The core's Decision as the records of the interface, field by field.
//!
//! A field or a word that one of the two gets and the other has not does not compile.

use transom::Mistake;
use transom::finding::{Action, Severity, Stage};
use transom::fix::Safety;
use transom::platform::{Os, Placement};
use transom::typed;

use crate::bindings::exports::transom::policy::evaluation as wit;

/// Words that are the same in both.
macro_rules! words {
    ($($type:ident { $($word:ident),* })*) => {
        $(impl From<$type> for wit::$type {
            fn from(word: $type) -> Self {
                match word {
                    $($type::$word => wit::$type::$word),*
                }
            }
        })*
    };
}

words! {
    Os { Windows, Linux }
    Placement { No, Guarded, Maybe, Yes }
    Severity { Error, Warning, Info }
    Action { Deny, Warn, Info }
    Stage { ApiServer, Scheduler, Kubelet, ImagePull, Runtime, Process, Silent }
    Safety { Safe, Unsafe }
}

fn all<T, R: From<T>>(values: Vec<T>) -> Vec<R> {
    values.into_iter().map(R::from).collect()
}

impl From<Mistake> for wit::SettingError {
    fn from(mistake: Mistake) -> Self {
        let Mistake { path, message } = mistake;
        wit::SettingError { path, message }
    }
}

impl From<typed::Decision> for wit::Decision {
    fn from(decision: typed::Decision) -> Self {
        wit::Decision {
            uid: decision.uid,
            allowed: decision.allowed,
            object: decision.object.map(wit::Reference::from),
            target: decision.target.map(wit::Target::from),
            targets: all(decision.targets),
            findings: all(decision.findings),
            suppressed: all(decision.suppressed),
            patch: all(decision.patch),
            module: wit::Module { name: decision.module.name, version: decision.module.version },
        }
    }
}

impl From<typed::Reference> for wit::Reference {
    fn from(reference: typed::Reference) -> Self {
        wit::Reference {
            api_version: reference.api_version,
            kind: reference.kind,
            namespace: reference.namespace,
            name: reference.name,
        }
    }
}

impl From<typed::Target> for wit::Target {
    fn from(target: typed::Target) -> Self {
        wit::Target {
            path: target.path,
            intent: match target.intent {
                Some(Os::Windows) => wit::Intent::Windows,
                Some(Os::Linux) => wit::Intent::Linux,
                None => wit::Intent::Unknown,
            },
            placement: wit::Placements {
                windows: target.placement.windows.into(),
                linux: target.placement.linux.into(),
            },
            evidence: all(target.evidence),
        }
    }
}

impl From<typed::Evidence> for wit::Evidence {
    fn from(evidence: typed::Evidence) -> Self {
        wit::Evidence { path: evidence.path, says: evidence.says.into(), because: evidence.because }
    }
}

impl From<typed::Finding> for wit::Finding {
    fn from(finding: typed::Finding) -> Self {
        wit::Finding {
            rule: finding.rule,
            name: finding.name,
            severity: finding.severity.into(),
            action: finding.action.into(),
            path: finding.path,
            message: finding.message,
            help: finding.help,
            stage: finding.stage.into(),
            fix: finding.fix.map(|fix| wit::Fix { title: fix.title, safety: fix.safety.into(), patch: all(fix.patch) }),
        }
    }
}

impl From<typed::Suppressed> for wit::Suppressed {
    fn from(suppressed: typed::Suppressed) -> Self {
        wit::Suppressed {
            finding: suppressed.finding.into(),
            reason: suppressed.reason,
            until: suppressed.until,
            by: suppressed.by,
        }
    }
}

impl From<typed::Operation> for wit::Operation {
    fn from(operation: typed::Operation) -> Self {
        let place = |path, value: serde_json::Value| wit::Place { path, value: value.to_string() };
        match operation {
            typed::Operation::Add { path, value } => wit::Operation::Add(place(path, value)),
            typed::Operation::Replace { path, value } => wit::Operation::Replace(place(path, value)),
            typed::Operation::Remove { path } => wit::Operation::Remove(path),
        }
    }
}
