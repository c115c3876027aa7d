//! JSON Patch as text edits.
//!
//! [`plan`] applies the operations, one after another, to a plan over the document's tree: which
//! nodes stay, which go, which get another value, what is added where. [`render`] then turns the
//! plan, once, into edits of the original text, so that many operations cost no more than one
//! walk. The edited text is read again and compared with what RFC 6902 says; when a nicety of YAML
//! got in the way (a comment that would fall into a block scalar, a `?` key), the same plan is
//! rendered again more coarsely, in the end by writing the whole document anew. So an edit may be
//! plain in rare cases, but it is never wrong.

mod block;
mod flow;
mod layout;
mod plan;
mod render;

use serde_json::Value;

use crate::{Document, Operation, Span, patch, scalar};
use plan::Plan;
use render::Renderer;

/// A range of a text and what to put in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextEdit {
    /// Bytes of the original text; empty where something is only put in.
    pub range: Span,
    /// The new text.
    pub text: String,
}

impl TextEdit {
    /// Brings edits into the order of the text.
    pub fn sort(edits: &mut [TextEdit]) {
        edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
    }
}

/// Why a patch cannot be made an edit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot edit `{pointer}`: {reason}")]
pub struct EditError {
    /// The JSON Pointer of the operation that failed.
    pub pointer: String,
    /// Why, in one line without a period.
    pub reason: String,
}

impl EditError {
    pub(crate) fn new(pointer: &str, reason: impl Into<String>) -> Self {
        EditError { pointer: pointer.to_owned(), reason: reason.into() }
    }
}

/// Applies edits to the text they were made for.
///
/// The edits have to be in order and must not overlap, as those of [`Document::edits`] are. Edits
/// of several documents of one text may be applied together. An edit that lies before the end of
/// the one before it, outside the text or inside a character is left out.
pub fn apply(text: &str, edits: &[TextEdit]) -> String {
    let mut out = String::with_capacity(text.len() + edits.iter().map(|e| e.text.len()).sum::<usize>());
    let mut at = 0;
    for edit in edits {
        if let Some(kept) = text.get(at..edit.range.start)
            && text.get(edit.range.clone()).is_some()
        {
            out.push_str(kept);
            out.push_str(&edit.text);
            at = edit.range.end;
        }
    }
    out.push_str(&text[at..]);
    out
}

impl Document {
    /// The edits that make a patch true in the text this document was read from.
    ///
    /// The operations apply one after another, all or none. The edits are in order, do not overlap,
    /// and lie within this document; those of several documents may be joined.
    ///
    /// What stays as it is: comments (those above something removed too, for they may speak of
    /// more; the one on its line goes with it), order, blank lines, quotes of a replaced string,
    /// flow style, line ends. New entries come last in their mapping, in the document's own
    /// indentation; a mapping or list that loses everything becomes `{}` or `[]`.
    ///
    /// **Aliases:** a change below an alias is made where its anchor is, and so shows wherever the
    /// anchor is used; the same operations through several aliases are made once. Replacing an alias
    /// itself leaves the anchor alone. Replacing an anchored value keeps the anchor.
    ///
    /// # Errors
    /// When an operation does not apply (RFC 6902), would remove the whole document, would change
    /// what a merge key (`<<`) brings in other than by setting a key anew, or would remove an
    /// anchor that is still used.
    pub fn edits(&self, text: &str, patch: &[Operation]) -> Result<Vec<TextEdit>, EditError> {
        let mut wanted = self.value.clone();
        let mut plan = Plan::new(&self.tree, patch.len());
        for operation in patch {
            let tokens = operation.tokens()?;
            patch::apply(&mut wanted, &tokens, operation)?;
            if !matches!(operation, Operation::Test { .. }) {
                plan.operate(&tokens, operation)?;
            }
        }
        plan.check_anchors(patch)?;
        scalar::normalize(&mut wanted);
        if plan.is_empty() {
            return Ok(Vec::new());
        }
        for level in 0..render::LEVELS {
            let Some(edits) = Renderer::new(self, text, &plan, &wanted, level).render() else { continue };
            if self.holds(text, &edits, &wanted, patch, plan.shared) {
                return Ok(edits);
            }
        }
        let pointer = patch.first().map_or("", Operation::path);
        Err(EditError::new(pointer, "this text cannot be edited to the value the patch asks for"))
    }

    /// The whole text with a patch applied to this document.
    ///
    /// # Errors
    /// As [`Document::edits`].
    pub fn patched(&self, text: &str, patch: &[Operation]) -> Result<String, EditError> {
        Ok(apply(text, &self.edits(text, patch)?))
    }

    /// Reads the edited document again: is it what was wanted?
    fn holds(&self, text: &str, edits: &[TextEdit], wanted: &Value, patch: &[Operation], shared: bool) -> bool {
        let inside = |e: &TextEdit| self.outer.start <= e.range.start && e.range.end <= self.outer.end;
        if !edits.iter().all(inside) {
            return false;
        }
        let moved: Vec<TextEdit> = edits
            .iter()
            .map(|e| TextEdit {
                range: e.range.start - self.outer.start..e.range.end - self.outer.start,
                text: e.text.clone(),
            })
            .collect();
        let stream = crate::parse(&apply(&text[self.outer.clone()], &moved));
        let value = match (&stream.documents[..], &stream.errors[..]) {
            ([document], []) => &document.value,
            ([], []) => &Value::Null,
            _ => return false,
        };
        // Where an anchor is shared, other places may change along with those the patch names.
        value == wanted || (shared && patch.iter().all(|op| value.pointer(op.path()) == wanted.pointer(op.path())))
    }
}
