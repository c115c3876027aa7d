//! Will this Kubernetes object work on Windows nodes, and will it keep off them if it must?
//!
//! [`Transom::evaluate`] takes an AdmissionReview, an AdmissionRequest, a bare object or a List as
//! JSON and gives a Decision as JSON: what the object is meant for, where it can land, what will not
//! work there, at which stage that would have shown, and the fix as a JSON Patch. Any bytes give a
//! Decision; nothing here does I/O, reads a clock or keeps state between calls.
//!
//! ```
//! let pod = r#"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": {"containers": [
//!     {"name": "web", "image": "mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022"}]}}"#;
//! let decision = transom::evaluate(pod.as_bytes());
//! assert!(decision.contains("windows-pod-not-pinned"));
//! ```
//!
//! What is a Rust value rather than JSON is judged by [`typed`]: for controllers, and for whoever
//! reads Decisions.
//!
//! Data flows one way: [`admission`](self) reads the bytes into borrowed views, [`platform`]
//! resolves intent and placement, the [`rules`] report [`finding`]s, suppressions and settings
//! decide what they mean, and the Decision is written.

mod admission;
pub mod claims;
mod context;
mod date;
mod decision;
mod did_you_mean;
pub mod finding;
pub mod fix;
pub mod gmsa;
pub mod images;
pub mod json;
pub mod look_up;
pub mod object;
pub mod object_name;
mod order;
pub mod os_name;
mod parse;
pub mod paths;
pub mod platform;
pub mod pod;
pub mod pod_security;
pub mod pointer;
pub mod process;
pub mod quantity;
pub mod review;
pub mod rules;
pub mod run_as;
mod selection;
pub mod settings;
pub mod standing;
pub mod suppress;
mod text;
pub mod typed;
mod update;
pub mod value;
mod violations;
pub mod volumes;
mod words;
pub mod world;

#[cfg(all(target_arch = "wasm32", feature = "abi"))]
mod abi;

pub use context::{Context, Node};
pub use date::is_date;
pub use decision::Around;
pub use review::Verdict;
pub use settings::{Mistake, Settings};

/// The core with its settings.
#[derive(Debug, Clone, Default)]
pub struct Transom {
    settings: Settings,
}

impl Transom {
    /// With no settings: a generic cluster of which nothing is known.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes new settings (JSON). Where anything is wrong with them every mistake is named and the
    /// old ones stay in force.
    pub fn configure(&mut self, settings: &[u8]) -> Result<(), Vec<Mistake>> {
        let text = std::str::from_utf8(settings)
            .map_err(|error| vec![Mistake { path: String::new(), message: error.to_string() }])?;
        self.settings = settings::read(text)?;
        Ok(())
    }

    /// The settings in force.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Judges one input (JSON) and gives the Decision (JSON).
    pub fn evaluate(&self, input: &[u8]) -> String {
        decision::decide(input, &self.settings, |decision| decision.into_json())
    }

    /// Judges an AdmissionReview (JSON) and gives the answer to it, an AdmissionReview (JSON).
    pub fn review(&self, input: &[u8]) -> String {
        decision::decide(input, &self.settings, review::answer)
    }

    /// Judges one input (JSON) and gives what [`review`](Transom::review) says, for hosts that answer
    /// in a form of their own. `cluster` is asked for other objects that matter.
    pub fn verdict(&self, input: &[u8], cluster: &look_up::Ask<'_>) -> Verdict {
        let around = Around { cluster: Some(cluster), ..Around::default() };
        decision::decide_in(input, &self.settings, &around, Verdict::of)
    }

    /// Judges one input (JSON) with what a host knows beside it, and answers in the form asked for (JSON).
    pub fn answer(&self, form: Form, input: &[u8], around: &Around<'_>) -> String {
        let write = match form {
            Form::Decision => |decision: decision::Decision<'_>| decision.into_json(),
            Form::Review => review::answer,
            Form::Validation => review::answer_unmended,
            Form::Denials => violations::denials,
            Form::Violations => violations::violations,
        };
        decision::decide_in(input, &self.settings, around, write)
    }
}

/// The forms of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Form {
    /// The Decision: see [`Transom::evaluate`].
    Decision,
    /// An AdmissionReview: see [`Transom::review`].
    Review,
    /// The same for a validating webhook, which may change nothing: the object is judged as it is, and the
    /// answer has no patch, even where settings say `mutate: safe`.
    Validation,
    /// What speaks against the object: an array of texts.
    Denials,
    /// The same as an array of `{msg, details}`, as policies of Gatekeeper do. The details are the findings.
    Violations,
}

impl From<Settings> for Transom {
    fn from(settings: Settings) -> Self {
        Transom { settings }
    }
}

/// Judges one input with no settings: see [`Transom::evaluate`].
pub fn evaluate(input: &[u8]) -> String {
    Transom::new().evaluate(input)
}
