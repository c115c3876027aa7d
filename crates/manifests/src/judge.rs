//! Judging the objects of a document, each with what surrounds it.

use std::borrow::Cow;
use std::fmt;

use serde_json::Value;
use transom::Transom;
use transom_context::View;
use transom_yaml::{Document, EditError, Operation, Span, TextEdit};

use crate::baseline::{self, Accepted, Key};
use crate::decision::{Decision, Finding, NoAnswer, Reference, Safety};
use crate::object::Object;
use crate::suppressions::{Suppressions, stale};

/// Who answers an input (JSON text, see `transom::evaluate`) with a Decision.
pub trait Evaluator: Send + Sync {
    /// # Errors
    ///
    /// Where there is no answer, as a module may fail.
    fn evaluate(&self, input: &str) -> Result<Decision, NoAnswer>;
}

impl Evaluator for Transom {
    fn evaluate(&self, input: &str) -> Result<Decision, NoAnswer> {
        Ok(self.decide(input.as_bytes()).into())
    }
}

/// Judges objects as its evaluator's settings say.
pub struct Judge {
    evaluator: Box<dyn Evaluator>,
    today: String,
}

impl Judge {
    /// `today` is a date as `YYYY-MM-DD`, for suppressions that end.
    pub fn new(evaluator: impl Evaluator + 'static, today: impl Into<String>) -> Self {
        Judge { evaluator: Box::new(evaluator), today: today.into() }
    }

    /// Judges the objects of a document that stands in `text`.
    pub fn document<'d, 'c>(
        &self,
        document: &'d Document,
        text: &str,
        objects: Vec<Object<'d>>,
        context: impl Into<View<'c>>,
    ) -> Examined<'d> {
        let context = context.into();
        let suppressions = Suppressions::of(document, text, &objects);
        let judge = |(index, object)| self.object(document, text, object, &context, &suppressions, index == 0);
        let mut decisions: Vec<_> = objects.iter().enumerate().map(judge).collect();
        suppressions.settle(&objects, decisions.iter_mut().flatten());
        let mut targets = decisions.iter().flatten().flat_map(Decision::targets);
        let is_clear = targets.all(|target| target.intent != "unknown");
        for (object, decision) in objects.iter().zip(&mut decisions) {
            let findings = decision.iter_mut().flat_map(|decision| &mut decision.findings);
            findings.for_each(|finding| stale::offer(finding, object, &suppressions, is_clear));
        }
        let objects = objects.into_iter().zip(decisions).collect();
        Examined { document, suppressions, objects, is_intricate: document.is_intricate() }
    }

    /// Judges what stands in no text: an object, or the AdmissionReview that it is in.
    ///
    /// # Errors
    ///
    /// Where the evaluator has no answer.
    pub fn value<'c>(&self, value: &Value, context: impl Into<View<'c>>) -> Result<Decision, NoAnswer> {
        self.evaluate(&Object::of(value), &context.into(), "[]")
    }

    fn object(
        &self,
        document: &Document,
        text: &str,
        object: &Object<'_>,
        context: &View<'_>,
        suppressions: &Suppressions,
        is_first: bool,
    ) -> Result<Decision, NoAnswer> {
        let judge = |shown: &[(usize, &str)]| {
            self.evaluate(object, context, &serde_json::to_string(&suppressions.around(object, is_first, shown))?)
        };
        let decision = judge(&[])?;
        match &*suppressions.shown(document, text, object, &decision.findings) {
            [] => Ok(decision),
            // Where a finding is shown is known only when it is there.
            shown => judge(shown),
        }
    }

    fn evaluate(&self, object: &Object<'_>, context: &View<'_>, comments: &str) -> Result<Decision, NoAnswer> {
        let own: Vec<String> = object.context().iter().map(Value::to_string).collect();
        let around = context.around(object.object(), object.namespace());
        let context = around.into_iter().chain(own.iter().map(String::as_str)).collect::<Vec<_>>().join(",");
        let settings = object.settings().map(|settings| format!(r#""settings":{settings},"#)).unwrap_or_default();
        let now = Value::from(object.now().unwrap_or(&self.today));
        let object = serde_json::to_string(object.value())?;
        let input =
            format!(r#"{{"now":{now},{settings}"request":{object},"context":[{context}],"comments":{comments}}}"#);
        Ok(self.evaluator.evaluate(&input)?.cleaned())
    }
}

impl fmt::Debug for Judge {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Judge").field("today", &self.today).finish_non_exhaustive()
    }
}

/// A fix as edits of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextFix {
    /// What it does, as an imperative.
    pub title: String,
    /// Whether anybody has to look at it.
    pub safety: Safety,
    /// In order, without overlaps.
    pub edits: Vec<TextEdit>,
}

/// The objects of a document, judged.
#[derive(Debug)]
pub struct Examined<'d> {
    document: &'d Document,
    suppressions: Suppressions,
    objects: Vec<(Object<'d>, Result<Decision, NoAnswer>)>,
    /// Fixes may fail.
    is_intricate: bool,
}

impl<'d> Examined<'d> {
    /// The document that they are in.
    #[must_use]
    pub fn document(&self) -> &'d Document {
        self.document
    }

    /// Each object with its Decision, or with why there is none.
    pub fn objects(&self) -> impl Iterator<Item = (&Object<'d>, &Result<Decision, NoAnswer>)> {
        self.objects.iter().map(|(object, decision)| (object, decision))
    }

    /// Where to point to for a path of an object's Decision: into the object, or to the comment that
    /// it is about.
    #[must_use]
    pub fn span(&self, object: &Object<'_>, path: &str) -> Span {
        self.suppressions.span(path).unwrap_or_else(|| object.span(self.document, path))
    }

    /// The fix of a finding as edits of the text, where it has one and the text can be edited so.
    #[must_use]
    pub fn text_fix(&self, text: &str, object: &Object<'_>, finding: &Finding) -> Option<TextFix> {
        let fix = finding.fix.as_ref()?;
        let mut edits = self.suppressions.removals(text, [&*finding.path]);
        if edits.is_empty() {
            edits = self.edits(text, object, &fix.patch).ok()?;
        }
        Some(TextFix { title: fix.title.clone(), safety: fix.safety, edits })
    }

    /// A Decision without the fixes that cannot be made in the text.
    #[must_use]
    pub fn fixable<'a>(&self, text: &str, object: &Object<'_>, decision: &'a Decision) -> Cow<'a, Decision> {
        let is_vain = |finding: &Finding| finding.fix.is_some() && self.text_fix(text, object, finding).is_none();
        if !self.is_intricate || !decision.findings.iter().any(is_vain) {
            return Cow::Borrowed(decision);
        }
        let mut decision = decision.clone();
        for finding in &mut decision.findings {
            if is_vain(finding) {
                finding.fix = None;
            }
        }
        Cow::Owned(decision)
    }

    /// The edits that take out the comments at these paths of Decisions.
    pub(crate) fn removals<'p>(&self, text: &str, paths: impl IntoIterator<Item = &'p str>) -> Vec<TextEdit> {
        self.suppressions.removals(text, paths)
    }

    /// What a finding is about, however lines and files move: see [`Key`].
    #[must_use]
    pub fn key(&self, object: &Object<'_>, decision: &Decision, finding: &Finding) -> Key {
        key(&self.suppressions, object, decision, finding)
    }

    /// Marks the findings that are accepted as known. Those of action info are marked `with_info` alone: else nobody
    /// asks about them, and a baseline need not have them. In how many cases it has one all the same is what this
    /// gives: of each object those that are asked about come first.
    pub fn mark_known(&mut self, accepted: &mut Accepted<'_>, with_info: bool) -> usize {
        let mut unasked = 0;
        for (object, decision) in &mut self.objects {
            let Ok(decision) = decision else { continue };
            let mut accepted_of = |is_asked: bool| -> Vec<usize> {
                let findings = decision.findings.iter().enumerate();
                let asked = findings.filter(|(_, finding)| finding.is_shown(with_info) == is_asked);
                let known =
                    asked.filter(|(_, finding)| accepted.takes(&key(&self.suppressions, object, decision, finding)));
                known.map(|(index, _)| index).collect()
            };
            let known = accepted_of(true);
            unasked += accepted_of(false).len();
            known.into_iter().for_each(|index| decision.findings[index].is_known = true);
        }
        unasked
    }

    /// A patch of an object as edits of the text.
    ///
    /// # Errors
    ///
    /// Where the text cannot be edited so.
    pub fn edits(&self, text: &str, object: &Object<'_>, patch: &[Operation]) -> Result<Vec<TextEdit>, EditError> {
        self.document.edits(text, &object.lifted(patch))
    }
}

fn key(suppressions: &Suppressions, object: &Object<'_>, decision: &Decision, finding: &Finding) -> Key {
    let at = match suppressions.text(&finding.path) {
        Some(comment) => format!("# {comment}"),
        None => baseline::named(object.object(), &finding.path),
    };
    let object = decision.object.as_ref().map(Reference::to_string).unwrap_or_default();
    Key { rule: finding.rule.clone(), object, at }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Action, Baseline, Content, Context};

    #[test]
    fn what_is_not_asked_about_is_counted_and_not_marked() {
        let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  nodeSelector: {kubernetes.io/os: windows}\n  \
            hostNetwork: true\n  containers:\n  - name: web\n    image: mcr.microsoft.com/windows/nanoserver:ltsc2022\n    \
            resources: {limits: {memory: 256Mi}}\n";
        let judge = Judge::new(Transom::new(), "2026-11-21");
        let stream = transom_yaml::parse(text);
        let document = &stream.documents[0];
        let examine = || judge.document(document, text, Content::objects(document), &Context::default());
        let mut baseline = Baseline::default();
        for (object, decision) in examine().objects() {
            let decision = decision.as_ref().expect("a Decision");
            decision.findings.iter().for_each(|one| baseline.add("a.yaml", examine().key(object, decision, one)));
        }
        let marked = |with_info: bool| {
            let mut examined = examine();
            let unasked = examined.mark_known(&mut baseline.of_one("a.yaml", &[]), with_info);
            let decisions = examined.objects().filter_map(|(_, decision)| decision.as_ref().ok());
            let findings = decisions.flat_map(|decision| &decision.findings);
            (findings.map(|finding| (finding.action, finding.is_known)).collect::<Vec<_>>(), unasked)
        };
        assert_eq!(marked(true), (vec![(Action::Info, true), (Action::Deny, true)], 0));
        assert_eq!(marked(false), (vec![(Action::Info, false), (Action::Deny, true)], 1));
    }
}
