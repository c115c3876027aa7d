//! The answer to an AdmissionReview.

use crate::decision::Decision;
use crate::finding::{Action, Finding};
use crate::fix::{Operation, Safety};
use crate::json;
use crate::order;
use crate::platform::Os;
use crate::text;

/// The API server asks for no more in one warning.
const WARNING_BYTES: usize = 120;

/// The API server keeps 4096 characters of all the warnings of a request, and others have some to give.
const ALL_WARNINGS_BYTES: usize = 3 << 10;

/// What a refusal names one by one; the rest is counted.
const NAMED_FINDINGS: usize = 10;

/// What the answer to an AdmissionReview says.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// Whether the request is allowed.
    pub allowed: bool,
    /// Why it is not: at most three lines a finding. Empty where it is.
    pub message: String,
    /// What the user should know, each at most 120 bytes long and in one line.
    pub warnings: Vec<String>,
    /// What the audit log should know: names and values.
    pub audit_annotations: Vec<(&'static str, String)>,
    /// What mends the object, where settings ask for it and the request is allowed.
    pub patch: Vec<Operation>,
    /// The JSON Pointer of the object in the input; `None` where there is no object.
    pub object_at: Option<&'static str>,
}

/// The HTTP status of a request that is not allowed, as text.
pub const FORBIDDEN: &str = "403";

impl Verdict {
    pub(crate) fn of(decision: Decision<'_>) -> Self {
        Verdict::new(&mended(decision))
    }

    fn new(decision: &Decision<'_>) -> Self {
        let mutate = decision.mutate;
        let is_mended =
            |finding: &Finding| mutate && finding.fix.as_ref().is_some_and(|fix| fix.safety == Safety::Safe);
        let denied: Vec<Denial<'_>> = {
            let denied = decision.findings.iter().filter(|f| f.action == Action::Deny && !is_mended(f));
            denied.map(Denial::from).collect()
        };
        let warned = decision.findings.iter().filter(|f| f.action == Action::Warn && !is_mended(f));
        let allowed = denied.is_empty();
        Verdict {
            allowed,
            message: refusal(&denied),
            warnings: capped(warned.map(warning).collect()),
            audit_annotations: audit_annotations(decision),
            patch: if mutate && allowed { decision.patch.clone() } else { Vec::new() },
            object_at: decision.object.map(|_| decision.object_at),
        }
    }
}

/// The AdmissionReview that answers the one a Decision was made for.
pub(crate) fn answer(decision: Decision<'_>) -> String {
    write(&mended(decision))
}

/// The same where the object stays as it is, whatever settings say.
pub(crate) fn answer_unmended(mut decision: Decision<'_>) -> String {
    decision.mutate = false;
    write(&decision)
}

/// A Decision with its patches, where settings ask for them.
fn mended(decision: Decision<'_>) -> Decision<'_> {
    if decision.mutate { decision.with_patches() } else { decision }
}

fn write(decision: &Decision<'_>) -> String {
    let verdict = Verdict::new(decision);
    let mut answer = String::new();
    let mut out = json::Object::new(&mut answer);
    out.text("apiVersion", decision.review.filter(|v| !v.is_empty()).unwrap_or("admission.k8s.io/v1"));
    out.text("kind", "AdmissionReview");
    let mut response = json::Object::new(out.field("response"));
    response.boolean("allowed", verdict.allowed);
    if !verdict.audit_annotations.is_empty() {
        let mut object = json::Object::new(response.field("auditAnnotations"));
        for (name, value) in &verdict.audit_annotations {
            object.text(name, value);
        }
        object.end();
    }
    if !verdict.patch.is_empty() {
        let mut patch = String::new();
        json::array(&mut patch, &verdict.patch, Operation::write);
        response.text("patch", &text::base64(patch.as_bytes()));
        response.text("patchType", "JSONPatch");
    }
    if !verdict.allowed {
        let mut status = json::Object::new(response.field("status"));
        status.field("code").push_str(FORBIDDEN);
        status.text("message", &verdict.message);
        status.text("reason", "Forbidden");
        status.end();
    }
    response.text("uid", decision.request.uid.as_deref().unwrap_or_default());
    if !verdict.warnings.is_empty() {
        response.array("warnings", &verdict.warnings, |warning, out| json::text(out, warning));
    }
    response.end();
    out.end();
    answer
}

/// One reason of a refusal.
#[derive(Debug, Clone, Copy)]
pub struct Denial<'a> {
    /// The rule's id.
    pub rule: &'a str,
    /// The rule's name.
    pub name: &'a str,
    /// JSON Pointer into the object.
    pub path: &'a str,
    /// What is wrong.
    pub message: &'a str,
    /// What to do; may be empty.
    pub help: &'a str,
}

impl<'a> From<&'a Finding> for Denial<'a> {
    fn from(finding: &'a Finding) -> Self {
        Denial {
            rule: finding.rule.id,
            name: finding.rule.name,
            path: finding.path.as_str(),
            message: &finding.message,
            help: &finding.help,
        }
    }
}

/// Why an object is refused. Two lines a finding, three at the most: rule and place, what is wrong, what
/// to do. Empty where nothing is denied.
pub fn refusal(denied: &[Denial<'_>]) -> String {
    let mut lines = Vec::new();
    for denial in denied.iter().take(NAMED_FINDINGS) {
        lines.push(format!("{} {} at {}", denial.rule, denial.name, place(denial.path)));
        lines.push(format!("  {}", one_line(denial.message)));
        if !denial.help.is_empty() {
            lines.push(format!("  help: {}", one_line(denial.help)));
        }
    }
    if denied.len() > NAMED_FINDINGS {
        lines.push(format!("and {} more", denied.len() - NAMED_FINDINGS));
    }
    text::join(lines, "\n")
}

fn warning(finding: &Finding) -> String {
    let text = one_line(&format!("{} {}: {}", finding.rule.id, place(finding.path.as_str()), finding.message));
    if text.len() <= WARNING_BYTES {
        return text;
    }
    let ellipsis = "...";
    let mut end = WARNING_BYTES - ellipsis.len();
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{ellipsis}", &text[..end])
}

/// As many warnings as the API server passes on, and how many more there are.
pub fn capped(mut warnings: Vec<String>) -> Vec<String> {
    let mut bytes = 0;
    let fits = |warning: &&String| {
        bytes += warning.len();
        bytes <= ALL_WARNINGS_BYTES
    };
    let fit = warnings.iter().take_while(fits).count();
    let left: usize = warnings.drain(fit..).map(|warning| stands_for(&warning)).sum();
    if left > 0 {
        warnings.push(format!("and {left} more"));
    }
    warnings
}

/// How many warnings one is: one, but for the last line of what was capped before.
fn stands_for(warning: &str) -> usize {
    let count = warning.strip_prefix("and ").and_then(|rest| rest.strip_suffix(" more"));
    count.and_then(|count| count.parse().ok()).unwrap_or(1)
}

fn place(path: &str) -> &str {
    if path.is_empty() { "/" } else { path }
}

/// Warnings travel in a header, and a message is quoted in another: no control characters in either.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn audit_annotations(decision: &Decision<'_>) -> Vec<(&'static str, String)> {
    let mut annotations = Vec::new();
    let said = decision.findings.iter().filter(|f| f.action != Action::Info).map(|f| f.rule.id);
    let mut rules = order::sorted(&said.collect::<Vec<_>>());
    rules.dedup();
    if !rules.is_empty() {
        annotations.push(("findings", text::join(rules, ",")));
    }
    if let [target] = &*decision.targets {
        annotations.push(("intent", target.intent.map_or("unknown", Os::as_str).to_owned()));
    }
    if !decision.suppressed.is_empty() {
        annotations.push(("suppressed", decision.suppressed.len().to_string()));
    }
    annotations
}
