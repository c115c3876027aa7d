//! The five kinds of client: what they send, and in which form they want their answer.

mod admission;
mod decision;
mod gatekeeper;

use axum::http::StatusCode;

use crate::app::App;
use crate::engine::{Ask, Failure};

pub use admission::Reviewed;

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// A validating webhook.
    Validate,
    /// A mutating webhook.
    Mutate,
    /// Gatekeeper's External Data.
    Gatekeeper,
    /// A policy of Kyverno.
    Kyverno,
    /// Anybody.
    Evaluate,
}

/// All of them.
pub const ENDPOINTS: [Endpoint; 5] =
    [Endpoint::Validate, Endpoint::Mutate, Endpoint::Gatekeeper, Endpoint::Kyverno, Endpoint::Evaluate];

/// What becomes of what cannot be judged, and of what is refused.
#[derive(Debug, Clone, Copy, Default)]
pub struct Policy {
    /// What cannot be judged is allowed.
    pub fail_open: bool,
    /// Everything is allowed.
    pub dry_run: bool,
}

impl Policy {
    /// Whether an object that could not be judged is allowed.
    fn allows_unjudged(self) -> bool {
        self.fail_open || self.dry_run
    }
}

/// What came of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing speaks against it.
    Allowed,
    /// Refused; of several objects, one.
    Denied,
    /// It would be refused but for the dry run.
    WouldDeny,
    /// Not judged: the engine failed.
    Failed,
    /// Not judged: there was too much to do.
    Shed,
    /// Not judged: it was not what the endpoint takes.
    Invalid,
}

/// An answer, and what is to be known of it.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// JSON.
    pub body: String,
    /// What came of it.
    pub outcome: Outcome,
    /// About whom and what.
    pub subject: Subject,
    /// The ids of the rules that deny or warn, each once.
    pub rules: Vec<String>,
    /// Why it was not judged.
    pub failure: Option<Failure>,
}

/// What a request is about, as far as it says.
#[derive(Debug, Clone, Default)]
pub struct Subject {
    /// Of the admission request.
    pub uid: String,
    /// CREATE, UPDATE, …
    pub operation: String,
    /// Of the object.
    pub kind: String,
    /// Of the object.
    pub namespace: String,
    /// Of the object.
    pub name: String,
    /// The client only tries.
    pub dry_run: bool,
}

impl Endpoint {
    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Endpoint::Validate => "validate",
            Endpoint::Mutate => "mutate",
            Endpoint::Gatekeeper => "gatekeeper",
            Endpoint::Kyverno => "kyverno",
            Endpoint::Evaluate => "evaluate",
        }
    }

    /// Answers a body.
    pub async fn answer(self, app: &App, body: String) -> Answer {
        match self {
            Endpoint::Validate => admission::answer(app, Ask::Validate, body).await,
            Endpoint::Mutate => admission::answer(app, Ask::Mutate, body).await,
            Endpoint::Gatekeeper => gatekeeper::answer(app, body).await,
            Endpoint::Kyverno | Endpoint::Evaluate => decision::answer(app, self, body).await,
        }
    }

    /// Answers a request of which nothing is known but that it cannot be answered.
    pub fn refuse(self, policy: Policy, status: StatusCode, failure: Failure) -> Answer {
        let body = match self {
            Endpoint::Validate | Endpoint::Mutate => admission::status(status, &failure),
            Endpoint::Gatekeeper => gatekeeper::error(&failure),
            Endpoint::Kyverno | Endpoint::Evaluate => decision::unjudged(policy, &failure).to_string(),
        };
        Answer { status, body, ..Answer::of_failure(Subject::default(), failure) }
    }
}

impl Outcome {
    /// One word.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Allowed => "allowed",
            Outcome::Denied => "denied",
            Outcome::WouldDeny => "would-deny",
            Outcome::Failed => "failed",
            Outcome::Shed => "shed",
            Outcome::Invalid => "invalid",
        }
    }

    fn of_failure(failure: &Failure) -> Self {
        match failure.kind {
            "busy" => Outcome::Shed,
            "invalid" | "too-large" | "slow-client" | "unauthorized" => Outcome::Invalid,
            _ => Outcome::Failed,
        }
    }

    fn of(is_allowed: bool, policy: Policy) -> Self {
        match (is_allowed, policy.dry_run) {
            (true, _) => Outcome::Allowed,
            (false, false) => Outcome::Denied,
            (false, true) => Outcome::WouldDeny,
        }
    }
}

impl Answer {
    /// For what was not judged; status and body are still to be said.
    fn of_failure(subject: Subject, failure: Failure) -> Self {
        let outcome = Outcome::of_failure(&failure);
        let (status, body) = (StatusCode::OK, String::new());
        Answer { status, body, outcome, subject, rules: Vec::new(), failure: Some(failure) }
    }
}

/// A failure as everybody is told about it.
fn not_judged(failure: &Failure) -> String {
    format!("transom could not judge this: {failure}")
}
