//! What is said of an input, or of a part of it, that cannot be judged: findings of `wrong-type`.

use super::Decision;
use crate::admission::{Input, Request};
use crate::finding::{Report, Severity};
use crate::object::read::{PLACEHOLDER, WrongType};
use crate::pointer::Pointer;
use crate::rules::input::wrong_type;
use crate::settings::{Mistake, Settings, Switch};

/// The Decision for an input that is no JSON at all.
pub(crate) fn refuse<T>(message: String, configured: &Settings, write: fn(Decision<'_>) -> T) -> T {
    let request = Request::default();
    let mut decision = Decision::empty(&request, configured);
    let help = "pass a Kubernetes object or an AdmissionReview as JSON";
    decision.refuse(Pointer::root(), message, help);
    decision.allowed = decision.is_allowed();
    write(decision)
}

impl Decision<'_> {
    /// Adds a finding about the input itself.
    pub(super) fn refuse(&mut self, path: Pointer, message: String, help: &'static str) {
        self.refuse_as(wrong_type::RULE.severity, path, message, help);
    }

    fn refuse_as(&mut self, severity: Severity, path: Pointer, message: String, help: &'static str) {
        if self.settings.switch(&wrong_type::RULE) != Some(Switch::Off) {
            let mut report = Report::new(self.settings, &wrong_type::RULE);
            report.finding(path, message).help(help).severity(severity);
            self.findings.extend(report.into_findings());
        }
    }

    /// Adds what is wrong with settings that came with the input.
    pub(super) fn refuse_settings<'m>(&mut self, mistakes: impl Iterator<Item = &'m Mistake>) {
        for mistake in mistakes {
            let message = format!("wrong settings, so the others stay in force: {}", mistake.message);
            self.refuse(Pointer::raw("/settings").join(&mistake.path), message, "correct the settings");
        }
    }

    /// Adds why there is no object to judge in an input.
    pub(super) fn refuse_input(&mut self, input: &Input<'_>) {
        let is_request = input.review.is_some() || self.request.uid.is_some() || self.request.operation.is_some();
        if let Some(wrong) = input.wrong.iter().find(|wrong| wrong.path == Pointer::root()) {
            let message = format!("{wrong}: this is neither a Kubernetes object nor an AdmissionReview");
            self.refuse(Pointer::root(), message, "pass an object with `apiVersion` and `kind`");
        } else if self.object.is_some_and(|o| o.kind == "AdmissionReview") {
            let message = "this AdmissionReview has no request".into();
            self.refuse(Pointer::raw("/request"), message, "pass the whole AdmissionReview");
        } else if is_request {
            let message = "the request has no object to judge".into();
            self.refuse(Pointer::root(), message, "pass the object with the request");
        } else {
            self.refuse_kindless(Pointer::raw("/kind"));
        }
    }

    /// Adds that what should say its kind at `path` does not.
    pub(super) fn refuse_kindless(&mut self, path: Pointer) {
        let message = "this is no Kubernetes object: it has no `kind`".into();
        self.refuse(path, message, "pass an object with `apiVersion` and `kind`");
    }

    /// Adds that a value is not of the type of its field.
    pub(super) fn refuse_type(&mut self, wrong: &WrongType) {
        let help = match (wrong.found, wrong.expected) {
            (PLACEHOLDER, _) => "fill it in first, and check what comes out",
            (_, "string") => "put the value in quotes",
            _ => "write the value as the type that the field has",
        };
        let severity = if wrong.found == PLACEHOLDER { Severity::Info } else { wrong_type::RULE.severity };
        self.refuse_as(severity, wrong.path.clone(), format!("{}: {wrong}", field_name(&wrong.path)), help);
    }
}

/// The field at the end of a path, with the position in it where the path goes on to an element: `args[1]`.
fn field_name(path: &Pointer) -> String {
    let mut name = String::new();
    for segment in path.segments() {
        match segment.parse::<usize>() {
            Ok(index) => name.push_str(&format!("[{index}]")),
            Err(_) => name = segment,
        }
    }
    name
}
