//! What speaks against an object, in the two forms that Rego policies have it.

use crate::decision::{Decision, write_finding};
use crate::finding::{Action, Finding};
use crate::json;

/// An array of texts, one for each finding that denies.
pub(crate) fn denials(decision: Decision<'_>) -> String {
    let mut text = String::new();
    json::array(&mut text, &messages(&decision), |(message, _), out| json::text(out, message));
    text
}

/// An array of `{msg, details}`, one for each finding that denies; the details are the finding.
pub(crate) fn violations(decision: Decision<'_>) -> String {
    let decision = decision.with_patches();
    let mut text = String::new();
    json::array(&mut text, &messages(&decision), |(message, finding), out| {
        let mut object = json::Object::new(out);
        object.text("msg", message);
        write_finding(finding, object.field("details"));
        object.end();
    });
    text
}

/// The findings that deny, each with its message.
fn messages<'d>(decision: &'d Decision<'_>) -> Vec<(String, &'d Finding)> {
    let findings = decision.findings.iter().filter(|finding| finding.action == Action::Deny);
    findings
        .map(|finding| {
            let place = match finding.path.as_str() {
                "" => String::new(),
                path => format!(" ({path})"),
            };
            (format!("{} {}: {}{place}", finding.rule.id, finding.rule.name, finding.message), finding)
        })
        .collect()
}
