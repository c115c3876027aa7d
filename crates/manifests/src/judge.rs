//! Judging the objects of a document, each with what surrounds it.

use std::error::Error;
use std::fmt;

use serde_json::Value;
use transom::Transom;
use transom_context::Context;
use transom_yaml::{Document, EditError, Operation, Span, TextEdit};

use crate::decision::Decision;
use crate::object::Object;
use crate::remarks::Remarks;

/// What an evaluator says where it has no answer.
pub type NoAnswer = Box<dyn Error + Send + Sync>;

/// Who answers an input (JSON text, see `transom::evaluate`) with a Decision (JSON text).
pub trait Evaluator: Send + Sync {
    /// # Errors
    ///
    /// Where there is no answer, as a module may fail.
    fn evaluate(&self, input: &str) -> Result<String, NoAnswer>;
}

impl Evaluator for Transom {
    fn evaluate(&self, input: &str) -> Result<String, NoAnswer> {
        Ok(self.evaluate(input.as_bytes()))
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
    pub fn document<'d>(
        &self,
        document: &'d Document,
        text: &str,
        objects: Vec<Object<'d>>,
        context: &Context,
    ) -> Examined<'d> {
        let remarks = Remarks::of(document, text, &objects);
        let judge = |(index, object)| self.object(object, context, &remarks, index == 0);
        let mut decisions: Vec<_> = objects.iter().enumerate().map(judge).collect();
        remarks.settle(&objects, decisions.iter_mut().flatten());
        Examined { document, remarks, objects: objects.into_iter().zip(decisions).collect() }
    }

    /// Judges what stands in no text: an object, or the AdmissionReview that it is in.
    ///
    /// # Errors
    ///
    /// Where the evaluator has no answer.
    pub fn value(&self, value: &Value, context: &Context) -> Result<Decision, NoAnswer> {
        self.evaluate(&Object::of(value), context, "[]")
    }

    fn object(
        &self,
        object: &Object<'_>,
        context: &Context,
        remarks: &Remarks,
        is_first: bool,
    ) -> Result<Decision, NoAnswer> {
        self.evaluate(object, context, &serde_json::to_string(&remarks.around(object, is_first))?)
    }

    fn evaluate(&self, object: &Object<'_>, context: &Context, comments: &str) -> Result<Decision, NoAnswer> {
        let context = context.around(object.object(), object.namespace()).join(",");
        let (today, object) = (&self.today, object.value());
        let input = format!(r#"{{"now":"{today}","request":{object},"context":[{context}],"comments":{comments}}}"#);
        let decision = self.evaluator.evaluate(&input)?;
        serde_json::from_str(&decision).map_err(|error| format!("the answer is no Decision: {error}").into())
    }
}

impl fmt::Debug for Judge {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Judge").field("today", &self.today).finish_non_exhaustive()
    }
}

/// The objects of a document, judged.
#[derive(Debug)]
pub struct Examined<'d> {
    document: &'d Document,
    remarks: Remarks,
    objects: Vec<(Object<'d>, Result<Decision, NoAnswer>)>,
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

    /// A patch of an object as edits of the text.
    ///
    /// # Errors
    ///
    /// Where the text cannot be edited so.
    pub fn edits(&self, text: &str, object: &Object<'_>, patch: &[Operation]) -> Result<Vec<TextEdit>, EditError> {
        self.document.edits(text, &object.lifted(patch))
    }
}
