//! Judging the objects of a document, each with what surrounds it.

use std::borrow::Cow;
use std::fmt;

use serde_json::Value;
use transom::Transom;
use transom_context::View;
use transom_yaml::{Document, EditError, Operation, Span, TextEdit};

use crate::baseline::{self, Accepted, Key};
use crate::decision::{Action, Decision, Finding, NoAnswer, Reference, Safety};
use crate::object::Object;
use crate::remarks::Remarks;
use crate::removal;

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
        let remarks = Remarks::of(document, text, &objects);
        let judge = |(index, object)| self.object(document, text, object, &context, &remarks, index == 0);
        let mut decisions: Vec<_> = objects.iter().enumerate().map(judge).collect();
        remarks.settle(&objects, decisions.iter_mut().flatten());
        let mut targets = decisions.iter().flatten().flat_map(Decision::targets);
        let is_clear = targets.all(|target| target.intent != "unknown");
        for (object, decision) in objects.iter().zip(&mut decisions) {
            let findings = decision.iter_mut().flat_map(|decision| &mut decision.findings);
            findings.for_each(|finding| removal::offer(finding, object, &remarks, is_clear));
        }
        let objects = objects.into_iter().zip(decisions).collect();
        Examined { document, remarks, objects, is_intricate: document.is_intricate() }
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
        remarks: &Remarks,
        is_first: bool,
    ) -> Result<Decision, NoAnswer> {
        let judge = |shown: &[(usize, &str)]| {
            self.evaluate(object, context, &serde_json::to_string(&remarks.around(object, is_first, shown))?)
        };
        let decision = judge(&[])?;
        match &*remarks.shown(document, text, object, &decision.findings) {
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
    remarks: Remarks,
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
        self.remarks.span(path).unwrap_or_else(|| object.span(self.document, path))
    }

    /// The fix of a finding as edits of the text, where it has one and the text can be edited so.
    #[must_use]
    pub fn text_fix(&self, text: &str, object: &Object<'_>, finding: &Finding) -> Option<TextFix> {
        let fix = finding.fix.as_ref()?;
        let mut edits = self.remarks.removals(text, [&*finding.path]);
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
        self.remarks.removals(text, paths)
    }

    /// What a finding is about, however lines and files move: see [`Key`].
    #[must_use]
    pub fn key(&self, object: &Object<'_>, decision: &Decision, finding: &Finding) -> Key {
        key(&self.remarks, object, decision, finding)
    }

    /// Marks what is accepted as known. Info findings may not be asked about: what accepts need not have them.
    pub(crate) fn ask(&mut self, accepted: &mut Accepted<'_>, with_info: bool) {
        for (object, decision) in &mut self.objects {
            let Ok(decision) = decision else { continue };
            let mut is_known = |finding: &Finding| {
                (with_info || finding.action != Action::Info)
                    && accepted.takes(&key(&self.remarks, object, decision, finding))
            };
            let known: Vec<bool> = decision.findings.iter().map(&mut is_known).collect();
            decision.findings.iter_mut().zip(known).for_each(|(finding, is_known)| finding.is_known = is_known);
        }
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

fn key(remarks: &Remarks, object: &Object<'_>, decision: &Decision, finding: &Finding) -> Key {
    let at = match remarks.text(&finding.path) {
        Some(comment) => format!("# {comment}"),
        None => baseline::named(object.object(), &finding.path),
    };
    let object = decision.object.as_ref().map(Reference::to_string).unwrap_or_default();
    Key { rule: finding.rule.clone(), object, at }
}
