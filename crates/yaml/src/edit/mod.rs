//! JSON Patch as text edits.
//!
//! [`plan`] applies the operations, one after another, to a plan over the document's tree: which
//! nodes stay, which go, which get another value, what is added where. [`render`] then turns the
//! plan, once, into edits of the original text, so that many operations cost no more than one
//! walk. The edited text is read again and compared with what RFC 6902 says: of a large document
//! only the [`part`] that the patch is about, where that can be read by itself. When a nicety of
//! YAML got in the way (a comment that would fall into a block scalar), the same plan is rendered
//! again more coarsely, in the end by writing the whole document anew; but nothing that holds
//! comments is. So an edit may be plain in rare cases, but it is never wrong.

mod block;
mod flow;
mod layout;
mod part;
mod plan;
mod render;

use std::ops::Range;

use serde_json::Value;

use crate::lines::with_feeds;
use crate::{Document, Operation, Span};
pub(crate) use layout::Manner;
use part::{Part, Way};
use plan::{Plan, Sharing};
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
    /// more; the one on its line goes with it, unless the entry only gets another name), order, blank lines, quotes of a replaced string,
    /// flow style, line ends. New entries come last in their mapping, in the document's own
    /// indentation; a mapping or list that loses everything becomes `{}` or `[]`.
    ///
    /// **Aliases:** a change that the patch makes by every way to an anchor is made where the anchor
    /// is, and so is one value in the place of all of them. Any other leaves the other ways alone: an alias, or a
    /// merge key, on the way to it becomes a copy of what it stands for, and an anchor whose value changes or
    /// goes moves to its first alias.
    ///
    /// # Errors
    /// When an operation does not apply (RFC 6902), would remove the whole document, or can only be
    /// made by writing something anew that holds comments.
    pub fn edits(&self, text: &str, patch: &[Operation]) -> Result<Vec<TextEdit>, EditError> {
        if !self.has_returns {
            return self.edits_with_feeds(text, patch);
        }
        let with_feeds = with_feeds(text);
        let mut edits = self.edits_with_feeds(&with_feeds, patch)?;
        let end = text.find(['\n', '\r']).unwrap_or_default();
        if with_feeds[end..].starts_with('\n') && text[end..].starts_with('\r') {
            for edit in &mut edits {
                edit.text = edit.text.replace('\n', "\r");
            }
        }
        Ok(edits)
    }

    /// The same for a text in which no carriage return stands alone.
    fn edits_with_feeds(&self, text: &str, patch: &[Operation]) -> Result<Vec<TextEdit>, EditError> {
        let tokens = patch.iter().map(Operation::tokens).collect::<Result<Vec<_>, _>>()?;
        let way = Way::new(self, text, patch, &tokens);
        way.wanted(way.depth())?;
        let parts = way.parts(text);
        if !parts.is_empty()
            && let Ok(plan) = self.planned(patch, &tokens, Sharing::Kept, Vec::new())
            && let Some(edits) = self.made_in(&parts, text, &plan, &way)
        {
            return Ok(edits);
        }
        if !self.tree.has_aliases {
            let plan = self.planned(patch, &tokens, Sharing::Kept, Vec::new())?;
            return self.made(text, &plan, &way, 0..render::LEVELS);
        }
        let mut failure = None;
        // Written anew, a document has no aliases any more: that comes after their copies.
        for (sharing, levels) in [
            (Sharing::Kept, 0..render::ANEW),
            (Sharing::Sorted, 0..render::ANEW),
            (Sharing::Dissolved, 0..render::ANEW),
            (Sharing::Kept, render::ANEW..render::WHOLE),
            (Sharing::Dissolved, render::ANEW..render::LEVELS),
        ] {
            let plan = self.shared_plan(patch, &tokens, sharing, way.wanted(0)?);
            match plan.and_then(|plan| self.made(text, &plan, &way, levels)) {
                Ok(edits) => return Ok(edits),
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        failure.map_or_else(|| Ok(Vec::new()), Err)
    }

    /// What the operations do to the nodes, and what becomes of anchors and aliases.
    fn shared_plan(
        &self,
        patch: &[Operation],
        tokens: &[Vec<String>],
        sharing: Sharing,
        wanted: &Value,
    ) -> Result<Plan<'_>, EditError> {
        let mut dissolved = Vec::new();
        loop {
            let mut plan = self.planned(patch, tokens, sharing, dissolved.clone())?;
            let torn = if sharing == Sharing::Sorted { plan.torn(wanted) } else { Vec::new() };
            if torn.is_empty() {
                plan.keep_anchors(patch)?;
                return Ok(plan);
            }
            dissolved.extend(torn);
        }
    }

    /// What the operations do to the nodes.
    fn planned(
        &self,
        patch: &[Operation],
        tokens: &[Vec<String>],
        sharing: Sharing,
        dissolved: Vec<usize>,
    ) -> Result<Plan<'_>, EditError> {
        let mut plan = Plan::new(self, sharing, dissolved);
        for (operation, tokens) in patch.iter().zip(tokens) {
            if !matches!(operation, Operation::Test { .. }) {
                plan.operate(tokens, operation)?;
            }
        }
        plan.share();
        plan.rename();
        Ok(plan)
    }

    /// The same as [`made`](Document::made), read again in the smallest part of the text that it is in.
    fn made_in(&self, parts: &[Part], text: &str, plan: &Plan<'_>, way: &Way<'_>) -> Option<Vec<TextEdit>> {
        if plan.is_empty() && way.is_as_it_was().ok()? {
            return Some(Vec::new());
        }
        let wanted = way.wanted(way.depth()).ok()?;
        for level in 0..render::WHOLE {
            let renderer = Renderer::new(self, text, plan, wanted, way.start(way.depth()), level);
            let Some(edits) = renderer.render() else { continue };
            let part = parts.iter().find(|part| part.contains(&edits))?;
            if part.holds(text, &edits, way.wanted(part.depth).ok()?) {
                return Some(edits);
            }
        }
        None
    }

    /// A plan as edits after which the text has the value that is wanted.
    fn made(&self, text: &str, plan: &Plan<'_>, way: &Way<'_>, levels: Range<u8>) -> Result<Vec<TextEdit>, EditError> {
        if plan.is_empty() && way.is_as_it_was()? {
            return Ok(Vec::new());
        }
        let wanted = way.wanted(0)?;
        for level in levels {
            let Some(edits) = Renderer::new(self, text, plan, wanted, way.start(0), level).render() else { continue };
            if self.holds(text, &edits, wanted) {
                return Ok(edits);
            }
        }
        let reason = if self.comments.is_empty() {
            "this text cannot be edited to the value the patch asks for"
        } else {
            "this could only be written anew, which would lose its comments"
        };
        Err(EditError::new(way.patch.first().map_or("", Operation::path), reason))
    }

    /// The whole text with a patch applied to this document.
    ///
    /// # Errors
    /// As [`Document::edits`].
    pub fn patched(&self, text: &str, patch: &[Operation]) -> Result<String, EditError> {
        Ok(apply(text, &self.edits(text, patch)?))
    }

    /// Reads the edited document again: is it what was wanted?
    fn holds(&self, text: &str, edits: &[TextEdit], wanted: &Value) -> bool {
        let Some(edited) = edited(text, &self.outer, edits) else { return false };
        let stream = crate::parse(&edited);
        match (&stream.documents[..], &stream.errors[..]) {
            ([document], []) => document.value == *wanted,
            ([], []) => wanted.is_null(),
            _ => false,
        }
    }
}

/// A part of the text with edits applied that all lie in it.
fn edited(text: &str, part: &Span, edits: &[TextEdit]) -> Option<String> {
    let inside = |edit: &TextEdit| part.start <= edit.range.start && edit.range.end <= part.end;
    if !edits.iter().all(inside) {
        return None;
    }
    let moved = edits.iter().map(|edit| TextEdit {
        range: edit.range.start - part.start..edit.range.end - part.start,
        text: edit.text.clone(),
    });
    Some(apply(&text[part.clone()], &moved.collect::<Vec<_>>()))
}
