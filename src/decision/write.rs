//! A Decision as JSON.

use super::{API_VERSION, Decision, KIND, MODULE, Target, VERSION, best_placement, common_intent};
use crate::finding::Finding;
use crate::fix::Operation;
use crate::json;
use crate::platform::{Evidence, Os};
use crate::pointer::Pointer;

impl Decision<'_> {
    /// All of it, as it is.
    pub(super) fn write(&self) -> String {
        let mut text = String::new();
        let mut out = json::Object::new(&mut text);
        out.text("apiVersion", API_VERSION);
        out.text("kind", KIND);
        out.some_text("uid", self.request.uid.as_deref());
        out.boolean("allowed", self.allowed);
        if let Some(object) = self.object {
            let mut reference = json::Object::new(out.field("object"));
            reference.text("apiVersion", &object.api_version);
            reference.text("kind", &object.kind);
            reference.some_text("namespace", self.namespace());
            reference.text("name", self.name());
            reference.end();
        }
        if !self.targets.is_empty() {
            write_target(&self.targets, None, out.field("target"));
        }
        if self.targets.len() > 1 {
            let write =
                |target: &Target, out: &mut String| write_target(std::slice::from_ref(target), Some(&target.path), out);
            out.array("targets", &self.targets, write);
        }
        out.array("findings", &self.findings, write_finding);
        out.array("suppressed", &self.suppressed, |suppressed, out| {
            let mut object = json::Object::new(out);
            write_essence(&suppressed.finding, &mut object);
            object.text("reason", &suppressed.reason);
            object.some_text("until", suppressed.until.as_deref());
            object.text("by", suppressed.by.as_str());
            object.end();
        });
        out.array("patch", &self.patch, Operation::write);
        let mut module = json::Object::new(out.field("module"));
        module.text("name", MODULE);
        module.text("version", VERSION);
        module.end();
        out.end();
        text
    }
}

/// Writes one pod's target, or what several have in common.
fn write_target(targets: &[Target], path: Option<&Pointer>, out: &mut String) {
    let (intent, best) = (common_intent(targets), best_placement(targets));
    let mut object = json::Object::new(out);
    object.some_text("path", path.map(Pointer::as_str));
    object.text("intent", intent.map_or("unknown", Os::as_str));
    let mut placement = json::Object::new(object.field("placement"));
    placement.text("windows", best.windows.as_str());
    placement.text("linux", best.linux.as_str());
    placement.end();
    let evidence: Vec<&Evidence> = targets.iter().flat_map(|target| &target.evidence).collect();
    object.array("evidence", &evidence, |evidence, out| {
        let mut object = json::Object::new(out);
        object.text("path", evidence.path.as_str());
        object.text("says", evidence.says.as_str());
        object.text("because", &evidence.because);
        object.end();
    });
    object.end();
}

/// Writes a finding with its fix.
pub(crate) fn write_finding(finding: &Finding, out: &mut String) {
    let mut object = json::Object::new(out);
    write_essence(finding, &mut object);
    if let Some(fix) = &finding.fix {
        let mut object = json::Object::new(object.field("fix"));
        object.text("title", &fix.title);
        object.text("safety", fix.safety.as_str());
        object.array("patch", &fix.patch, Operation::write);
        object.end();
    }
    object.end();
}

/// Writes what every finding says, suppressed or not.
fn write_essence(finding: &Finding, object: &mut json::Object<'_>) {
    object.text("rule", finding.rule.id);
    object.text("name", finding.rule.name);
    object.text("severity", finding.severity.as_str());
    object.text("action", finding.action.as_str());
    object.text("path", finding.path.as_str());
    object.text("message", &finding.message);
    object.some_text("help", Some(&*finding.help).filter(|help| !help.is_empty()));
    object.text("stage", finding.stage.as_str());
}
