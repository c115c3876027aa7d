//! Fixes applied to a text, until there is nothing left to apply.

use std::collections::{BTreeMap, BTreeSet};

use transom_context::View;
use transom_yaml::{Document, LineIndex, Operation, Span, TextEdit};

use crate::decision::{Action, Decision, Finding, Safety};
use crate::judge::Judge;
use crate::object::{Content, Object};
use crate::removal::{Removals, is_about_suppression};

/// One fix may make room for another, so this many rounds may come to those that are known to be
/// needed: one for all safe fixes, one for each unsafe fix.
const MORE_ROUNDS: usize = 10;

/// What became of a text.
#[derive(Debug, Default, Clone)]
pub struct Fixed {
    /// The text as it should be, where that is something else.
    pub text: Option<String>,
    /// How the text got there: the edits of each round, of the text that the round before left.
    pub rounds: Vec<Vec<TextEdit>>,
    /// How many findings of which rule (its id) went away.
    pub fixes: BTreeMap<String, usize>,
    /// Errors and warnings that are left.
    pub left: usize,
    /// What could not be done. Everything else was.
    pub failures: Vec<Failure>,
    /// Anchors that were changed, with what else that changes.
    pub shared: Vec<Shared>,
}

/// A change that was made where an anchor is, and so shows wherever the anchor is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    /// With its `&`.
    pub anchor: String,
    /// Its line in the text as it was, from 1.
    pub line: usize,
    /// The lines of the aliases.
    pub aliases: Vec<usize>,
}

/// Why an object was left alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// It could not be judged.
    Unjudged {
        /// Its document in the text, from 0.
        document: usize,
        /// JSON Pointer in the document.
        at: String,
        /// What the evaluator says.
        message: String,
    },
    /// Its fixes cannot be made edits of the text.
    Inapplicable {
        /// Its document in the text, from 0.
        document: usize,
        /// JSON Pointer in the document.
        at: String,
        /// Why not.
        message: String,
    },
    /// Each fix calls for another one; nothing was changed.
    Endless,
}

/// What is to be fixed.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    /// Whether the object at a JSON Pointer in a document (from 0) is to be fixed at all.
    pub object: &'a dyn Fn(usize, &str) -> bool,
    /// Whether the unsafe fix of a finding is to be applied.
    pub unsafe_fix: &'a dyn Fn(&Finding) -> bool,
}

/// Applies the safe fixes to a text, and the unsafe ones of findings that `wants_unsafe` names. Comments
/// and layout stay.
pub fn fix<'c>(
    judge: &Judge,
    context: impl Into<View<'c>>,
    text: &str,
    wants_unsafe: &dyn Fn(&Finding) -> bool,
) -> Fixed {
    fix_wanted(judge, context, text, Wanted { object: &|_, _| true, unsafe_fix: wants_unsafe })
}

/// The same for some of the objects in a text.
pub fn fix_wanted<'c>(judge: &Judge, context: impl Into<View<'c>>, text: &str, wanted: Wanted<'_>) -> Fixed {
    let context = context.into();
    let mut fixer = Fixer { judge, context, wanted, failed: BTreeSet::new(), fixed: Fixed::default() };
    fixer.run(text);
    fixer.fixed
}

struct Fixer<'a> {
    judge: &'a Judge,
    context: View<'a>,
    wanted: Wanted<'a>,
    failed: BTreeSet<(usize, String)>,
    fixed: Fixed,
}

/// Document, place in it and rule of findings that a fix is wanted for, and how many there are.
type Fixable = BTreeMap<(usize, String, String), usize>;

/// One round over a text.
#[derive(Default)]
struct Round {
    edits: Vec<TextEdit>,
    fixable: Fixable,
    left: usize,
}

impl Fixer<'_> {
    fn run(&mut self, original: &str) {
        let mut text = original.to_owned();
        let mut wanted: Option<Fixable> = None;
        let mut rounds_left = MORE_ROUNDS;
        while rounds_left > 0 {
            let round = self.round(&text);
            rounds_left =
                if wanted.is_some() { rounds_left - 1 } else { MORE_ROUNDS + round.fixable.values().sum::<usize>() };
            for (key, count) in wanted.iter().flatten() {
                let gone = count.saturating_sub(round.fixable.get(key).copied().unwrap_or_default());
                if gone > 0 {
                    *self.fixed.fixes.entry(key.2.clone()).or_default() += gone;
                }
            }
            self.fixed.left = round.left;
            wanted = Some(round.fixable);
            let after = transom_yaml::apply(&text, &round.edits);
            if after == text {
                self.fixed.text = Some(text).filter(|text| text != original);
                return;
            }
            text = after;
            self.fixed.rounds.push(round.edits);
        }
        self.fixed.failures.push(Failure::Endless);
        self.fixed.rounds.clear();
        self.fixed.fixes.clear();
    }

    /// Judges every object of a text, and makes edits of what can be fixed in it.
    fn round(&mut self, text: &str) -> Round {
        let stream = transom_yaml::parse(text);
        let mut round = Round::default();
        for document in &stream.documents {
            let Content::Objects(objects) = Content::of(document) else { continue };
            let examined = self.judge.document(document, text, objects, &self.context);
            let mut patches: Vec<(&Object<'_>, Vec<Operation>)> = Vec::new();
            let mut comments: Vec<String> = Vec::new();
            for (object, decision) in examined.objects() {
                let key = (document.index(), object.at.clone());
                if !(self.wanted.object)(key.0, &key.1) {
                    continue;
                }
                match decision {
                    Ok(decision) => {
                        self.count(&key, decision, &mut round);
                        let removals = Removals::of(decision, object, self.wanted.unsafe_fix);
                        comments.extend(removals.comments);
                        let patch = [self.patch(decision), &removals.annotations].concat();
                        if !patch.is_empty() && !self.failed.contains(&key) {
                            patches.push((object, object.lifted(&patch)));
                        }
                    }
                    Err(error) => {
                        if self.failed.insert(key.clone()) {
                            let message = error.to_string();
                            self.fixed.failures.push(Failure::Unjudged { document: key.0, at: key.1, message });
                        }
                    }
                }
            }
            let all: Vec<Operation> = patches.iter().flat_map(|(_, patch)| patch.iter().cloned()).collect();
            let comments = examined.removals(text, comments.iter().map(String::as_str));
            if let Ok(edits) = document.edits(text, &all) {
                self.share(document, text, &all);
                round.edits.extend(beside(edits, comments));
                continue;
            }
            // One of several cannot be applied. The others are, one a round: their edits may touch.
            for (object, patch) in &patches {
                match document.edits(text, patch) {
                    Ok(edits) => {
                        self.share(document, text, patch);
                        round.edits.extend(edits);
                        break;
                    }
                    Err(error) => {
                        let (document, at, message) = (document.index(), object.at.clone(), error.to_string());
                        self.failed.insert((document, at.clone()));
                        self.fixed.failures.push(Failure::Inapplicable { document, at, message });
                    }
                }
            }
        }
        round
    }

    /// Notes what changes along with what a patch changes.
    fn share(&mut self, document: &Document, text: &str, patch: &[Operation]) {
        let lines = LineIndex::new(text);
        for (anchor, aliases) in patch.iter().flat_map(|operation| document.shared(operation.path())) {
            let line = |span: &Span| lines.line_column(span.start).0;
            let shared = Shared {
                anchor: text[anchor.clone()].to_owned(),
                line: line(&anchor),
                aliases: aliases.iter().map(line).collect(),
            };
            // Later rounds see the same anchors on other lines.
            if self.fixed.shared.iter().all(|other| other.anchor != shared.anchor) {
                self.fixed.shared.push(shared);
            }
        }
    }

    fn count(&self, key: &(usize, String), decision: &Decision, round: &mut Round) {
        round.left += decision.findings.iter().filter(|finding| finding.action != Action::Info).count();
        for finding in &decision.findings {
            let is_wanted = |safety| safety == Safety::Safe || (self.wanted.unsafe_fix)(finding);
            if finding.fix.as_ref().is_some_and(|fix| is_wanted(fix.safety)) {
                *round.fixable.entry((key.0, key.1.clone(), finding.rule.clone())).or_default() += 1;
            }
        }
    }

    /// The operations to apply now: all safe fixes, or, once there are none, one unsafe one that
    /// was asked for.
    fn patch<'d>(&self, decision: &'d Decision) -> &'d [Operation] {
        if !decision.patch.is_empty() {
            return &decision.patch;
        }
        let wanted = |finding: &&Finding| !is_about_suppression(finding) && (self.wanted.unsafe_fix)(finding);
        let mut fixes = decision.findings.iter().filter(wanted);
        fixes.find_map(|finding| finding.fix.as_ref()).map(|fix| &*fix.patch).unwrap_or_default()
    }
}

/// The edits of a patch, and those others that do not get in their way: these wait for the next round.
fn beside(mut edits: Vec<TextEdit>, others: Vec<TextEdit>) -> Vec<TextEdit> {
    for other in others {
        let touches = |edit: &TextEdit| edit.range.start <= other.range.end && other.range.start <= edit.range.end;
        if !edits.iter().any(touches) {
            edits.push(other);
        }
    }
    TextEdit::sort(&mut edits);
    edits
}
