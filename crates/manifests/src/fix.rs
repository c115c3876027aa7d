//! Fixes applied to a text, until there is nothing left to apply.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};
use transom_context::View;
use transom_yaml::{Document, LineIndex, Operation, Span, TextEdit};

use crate::baseline::Accepted;
use crate::decision::{Action, Decision, Finding, Safety};
use crate::judge::{Examined, Judge};
use crate::object::{Content, Object};
use crate::suppressions::UNUSED;
use crate::suppressions::stale::{Removals, is_about_suppression};

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
    /// Errors and warnings that are left, but for those that are known.
    pub left: usize,
    /// How many of these have a fix that is unsafe and was not asked for.
    pub left_unsafe: usize,
    /// What could not be done. Everything else was.
    pub failures: Vec<Failure>,
    /// Anchors that were changed, with what else that changes.
    pub shared: Vec<Shared>,
    /// Aliases that were written out, with their `*`, and their lines in the text as it was.
    pub written_out: Vec<(String, usize)>,
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

/// Why an object, or something in it, was left alone.
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
    /// A fix cannot be made an edit of the text.
    Inapplicable {
        /// Its document in the text, from 0.
        document: usize,
        /// JSON Pointer in the document to what cannot be edited.
        at: String,
        /// The id of the rule whose fix it is.
        rule: String,
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
    /// The findings that [are known](Finding::is_known); none, where nothing is said.
    pub known: Option<Known<'a>>,
    /// Whether somebody still waits for what comes of it.
    pub answer: &'a dyn Fn() -> bool,
}

/// What a baseline knows of a text.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// What it has.
    pub accepted: &'a Accepted<'a>,
    /// Whether it is asked about findings of action info, too.
    pub with_info: bool,
}

/// Applies the safe fixes to a text, and the unsafe ones of findings that `wants_unsafe` names. Comments
/// and layout stay.
pub fn fix<'c>(
    judge: &Judge,
    context: impl Into<View<'c>>,
    text: &str,
    wants_unsafe: &dyn Fn(&Finding) -> bool,
) -> Fixed {
    let wanted = Wanted { object: &|_, _| true, unsafe_fix: wants_unsafe, known: None, answer: &|| true };
    fix_wanted(judge, context, text, wanted).unwrap_or_default()
}

/// The same for some of the objects in a text; none once nobody waits for it any more.
pub fn fix_wanted<'c>(judge: &Judge, context: impl Into<View<'c>>, text: &str, wanted: Wanted<'_>) -> Option<Fixed> {
    let context = context.into();
    let mut fixer = Fixer {
        judge,
        context,
        wanted,
        unjudged: FxHashSet::default(),
        failed: FxHashSet::default(),
        one_by_one: FxHashSet::default(),
        original: text,
        fixed: Fixed::default(),
    };
    fixer.run()?;
    Some(fixer.fixed)
}

struct Fixer<'a> {
    judge: &'a Judge,
    context: View<'a>,
    wanted: Wanted<'a>,
    /// Document of objects and their places in it.
    unjudged: FxHashSet<(usize, String)>,
    /// Fixes that cannot be made edits.
    failed: FxHashSet<FixKey>,
    /// Objects whose fixes cannot be applied all at once.
    one_by_one: FxHashSet<(usize, String)>,
    original: &'a str,
    fixed: Fixed,
}

/// Document, place of the object in it, rule and path of a finding.
type FixKey = (usize, String, String, String);

/// What is applied as a whole or not at all: all safe fixes of an object, or one fix.
struct Unit {
    object: (usize, String),
    /// In terms of the document.
    patch: Vec<Operation>,
    /// The rule and the path of the one finding that it is the fix of.
    of: Option<(String, String)>,
}

/// Document, place in it and rule of findings that a fix is wanted for, and how many there are.
type Fixable = FxHashMap<(usize, String, String), usize>;

/// One round over a text.
#[derive(Default)]
struct Round {
    edits: Vec<TextEdit>,
    fixable: Fixable,
    left: usize,
    left_unsafe: usize,
}

impl Fixer<'_> {
    fn run(&mut self) -> Option<()> {
        let original = self.original;
        let mut text = original.to_owned();
        let mut wanted: Option<Fixable> = None;
        let mut rounds_left = MORE_ROUNDS;
        while rounds_left > 0 {
            let round = self.round(&text)?;
            rounds_left =
                if wanted.is_some() { rounds_left - 1 } else { MORE_ROUNDS + round.fixable.values().sum::<usize>() };
            for (key, count) in wanted.iter().flatten() {
                let gone = count.saturating_sub(round.fixable.get(key).copied().unwrap_or_default());
                if gone > 0 {
                    *self.fixed.fixes.entry(key.2.clone()).or_default() += gone;
                }
            }
            self.fixed.left = round.left;
            self.fixed.left_unsafe = round.left_unsafe;
            wanted = Some(round.fixable);
            let after = transom_yaml::apply(&text, &round.edits);
            if after == text {
                self.fixed.text = Some(text).filter(|text| text != original);
                return Some(());
            }
            text = after;
            self.fixed.rounds.push(round.edits);
        }
        self.fixed.failures.push(Failure::Endless);
        self.fixed.rounds.clear();
        self.fixed.fixes.clear();
        Some(())
    }

    /// Judges every object of a text, and makes edits of what can be fixed in it.
    fn round(&mut self, text: &str) -> Option<Round> {
        let stream = transom_yaml::parse(text);
        let mut round = Round::default();
        let mut known = self.wanted.known.map(|known| (known.accepted.clone(), known.with_info));
        for document in &stream.documents {
            if !(self.wanted.answer)() {
                return None;
            }
            let Content::Objects(objects) = Content::of(document) else { continue };
            let mut examined = self.judge.document(document, text, objects, &self.context);
            if let Some((accepted, with_info)) = &mut known {
                examined.mark_known(accepted, *with_info);
            }
            let mut comments: Vec<String> = Vec::new();
            for (object, decision) in examined.objects() {
                let key = (document.index(), object.at.clone());
                if !(self.wanted.object)(key.0, &key.1) {
                    continue;
                }
                match decision {
                    Ok(decision) => {
                        self.count(&key, decision, &mut round);
                        comments.extend(Removals::of(decision, object, self.wanted.unsafe_fix).comments);
                    }
                    Err(error) => {
                        if self.unjudged.insert(key.clone()) {
                            let message = error.to_string();
                            self.fixed.failures.push(Failure::Unjudged { document: key.0, at: key.1, message });
                        }
                    }
                }
            }
            let edits = self.edits(document, text, &examined);
            let comments = examined.removals(text, comments.iter().map(String::as_str));
            round.edits.extend(beside(edits, comments));
        }
        Some(round)
    }

    /// The edits to make now in a document.
    fn edits(&mut self, document: &Document, text: &str, examined: &Examined<'_>) -> Vec<TextEdit> {
        loop {
            let objects = examined.objects().filter_map(|(object, decision)| Some((object, decision.as_ref().ok()?)));
            let is_wanted = |object: &Object<'_>| (self.wanted.object)(document.index(), &object.at);
            let wanted = objects.filter(|(object, _)| is_wanted(object));
            let units: Vec<Unit> =
                wanted.filter_map(|(object, decision)| self.unit(document, object, decision)).collect();
            let all: Vec<Operation> = units.iter().flat_map(|unit| unit.patch.iter().cloned()).collect();
            if let Ok(edits) = document.edits(text, &all) {
                self.share(document, text, &all, &edits);
                return edits;
            }
            let mut is_known = true;
            for unit in &units {
                let Err(error) = document.edits(text, &unit.patch) else { continue };
                is_known = false;
                match &unit.of {
                    None => drop(self.one_by_one.insert(unit.object.clone())),
                    Some((rule, path)) => {
                        let (document, object) = unit.object.clone();
                        self.failed.insert((document, object, rule.clone(), path.clone()));
                        let (at, message) = (error.pointer.clone(), error.reason.clone());
                        let failure = Failure::Inapplicable { document, at, rule: rule.clone(), message };
                        if !self.fixed.failures.contains(&failure) {
                            self.fixed.failures.push(failure);
                        }
                    }
                }
            }
            if is_known {
                // Each can be applied but not all of them: the others come in later rounds.
                let first = units.into_iter().next().map(|unit| unit.patch).unwrap_or_default();
                let edits = document.edits(text, &first).unwrap_or_default();
                self.share(document, text, &first, &edits);
                return edits;
            }
        }
    }

    /// What to apply now to an object: all safe fixes, or, once there are none, one unsafe one that was
    /// asked for.
    fn unit(&self, document: &Document, object: &Object<'_>, decision: &Decision) -> Option<Unit> {
        let key = (document.index(), object.at.clone());
        let annotations = Removals::of(decision, object, self.wanted.unsafe_fix).annotations;
        let is_whole = !self.one_by_one.contains(&key);
        if is_whole && !decision.patch.is_empty() {
            let patch = object.lifted(&[&decision.patch[..], &annotations].concat());
            return Some(Unit { object: key, patch, of: None });
        }
        let is_about_other = |finding: &&Finding| !is_about_suppression(finding);
        let mut fixes: Vec<_> = decision
            .findings
            .iter()
            .filter(is_about_other)
            .filter_map(|finding| Some((finding, finding.fix.as_ref()?)))
            .filter(|(finding, fix)| fix.safety == Safety::Safe || (self.wanted.unsafe_fix)(finding))
            .collect();
        fixes.sort_by_key(|(_, fix)| fix.safety == Safety::Unsafe);
        let is_open =
            |rule: &str, path: &str| !self.failed.contains(&(key.0, key.1.clone(), rule.to_owned(), path.to_owned()));
        let fix = fixes.iter().find(|(finding, _)| is_open(&finding.rule, &finding.path));
        let (rule, path) = match fix {
            _ if !annotations.is_empty() && is_open(UNUSED, "") => (UNUSED.to_owned(), String::new()),
            Some((finding, _)) => (finding.rule.clone(), finding.path.clone()),
            None => return None,
        };
        let patch = match fix {
            _ if path.is_empty() && rule == UNUSED => object.lifted(&annotations),
            Some((first, fix)) => {
                let first_patch = object.lifted(&fix.patch);
                let same = fixes.iter().filter(|(other, _)| other.rule == first.rule && other.path != first.path);
                let same = same.map(|(_, fix)| object.lifted(&fix.patch));
                let same = same.filter(|patch| is_same_place(document, &first_patch, patch)).flatten();
                first_patch.iter().cloned().chain(same).collect()
            }
            None => return None,
        };
        Some(Unit { object: key, patch, of: Some((rule, path)) })
    }

    /// Notes what changes along with what a patch changes, and what no longer does.
    fn share(&mut self, document: &Document, text: &str, patch: &[Operation], edits: &[TextEdit]) {
        let shared = document.shared(text, patch, edits);
        let written_out = document.written_out(patch, edits);
        if shared.is_empty() && written_out.is_empty() {
            return;
        }
        let lines = LineIndex::new(self.original);
        let line = |span: &Span| {
            let earlier = self.fixed.rounds.iter().rev();
            lines.line_column(earlier.fold(span.start, |at, edits| place_before(edits, at))).0
        };
        let written_out: Vec<_> =
            written_out.iter().map(|alias| (text[alias.clone()].to_owned(), line(alias))).collect();
        let shared = shared.iter().map(|(anchor, aliases)| Shared {
            anchor: text[anchor.clone()].to_owned(),
            line: line(anchor),
            aliases: aliases.iter().map(line).collect(),
        });
        for shared in shared.collect::<Vec<_>>() {
            if self.fixed.shared.iter().all(|other| other.anchor != shared.anchor) {
                self.fixed.shared.push(shared);
            }
        }
        for alias in written_out {
            if !self.fixed.written_out.contains(&alias) {
                self.fixed.written_out.push(alias);
            }
        }
    }

    fn count(&self, key: &(usize, String), decision: &Decision, round: &mut Round) {
        for finding in &decision.findings {
            let is_wanted = |safety| safety == Safety::Safe || (self.wanted.unsafe_fix)(finding);
            let has_fix = finding.fix.as_ref().map(|fix| is_wanted(fix.safety));
            if finding.action != Action::Info && !finding.is_known {
                round.left += 1;
                round.left_unsafe += usize::from(has_fix == Some(false));
            }
            if has_fix == Some(true) {
                *round.fixable.entry((key.0, key.1.clone(), finding.rule.clone())).or_default() += 1;
            }
        }
    }
}

/// Whether two patches make the same change to what is written once and stands in several places: made
/// together, it stays written once.
fn is_same_place(document: &Document, one: &[Operation], other: &[Operation]) -> bool {
    let place = |operation: &Operation| {
        let (parent, name) = operation.path().rsplit_once('/')?;
        Some((document.value_span(parent)?, name.to_owned()))
    };
    let is_same_node = |one: &Operation, other: &Operation| {
        let node = |operation: &Operation| document.value_span(operation.path());
        (place(one).is_some() && place(one) == place(other)) || (node(one).is_some() && node(one) == node(other))
    };
    let is_same = |(one, other): (&Operation, &Operation)| {
        let does_the_same = match (one, other) {
            (Operation::Add { value: one, .. }, Operation::Add { value: other, .. })
            | (Operation::Replace { value: one, .. }, Operation::Replace { value: other, .. })
            | (Operation::Test { value: one, .. }, Operation::Test { value: other, .. }) => one == other,
            (Operation::Remove { .. }, Operation::Remove { .. }) => true,
            _ => false,
        };
        let is_other_way = one.path() != other.path();
        does_the_same && is_other_way && is_same_node(one, other)
    };
    one.len() == other.len() && one.iter().zip(other).all(is_same)
}

/// Where in a text something stood before these edits.
fn place_before(edits: &[TextEdit], mut at: usize) -> usize {
    for edit in edits {
        if at < edit.range.start + edit.text.len() {
            return at.min(edit.range.start);
        }
        at = at + edit.range.len() - edit.text.len();
    }
    at
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Context, Transom};

    fn fixed(text: &str) -> Fixed {
        let judge = Judge::new(Transom::new(), "2026-11-21");
        fix(&judge, &Context::default(), text, &|finding| finding.rule == "WIN401")
    }

    /// An unsafe fix that is asked for by every way to an anchor leaves it an anchor.
    #[test]
    fn what_is_written_once_stays_written_once() {
        let text = "apiVersion: v1\nkind: List\nitems:\n\
            - apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\n  spec: &spec # s\n    os: {name: windows}\n    \
            nodeSelector: {kubernetes.io/os: windows}\n    hostNetwork: true\n    \
            containers: [{name: a, image: mcr.microsoft.com/windows/servercore:ltsc2022}]\n\
            - apiVersion: v1\n  kind: Pod\n  metadata: {name: b}\n  spec: *spec\n";
        let done = fixed(text);
        assert_eq!(done.text, Some(text.replace("    hostNetwork: true\n", "")), "{done:?}");
        let lines: Vec<_> = done.shared.iter().map(|shared| (&*shared.anchor, &*shared.aliases)).collect();
        assert_eq!(lines, [("&spec", &[15][..])]);
    }

    /// Whatever ends the lines, what is removed with a line is that line.
    #[test]
    fn lines_end_as_they_do() {
        let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  os: {name: windows} # x\n  \
            # transom: ignore[WIN102] none\n  \
            containers:\n  - name: a\n    image: mcr.microsoft.com/windows/servercore:ltsc2022\n    \
            # transom: ignore[WIN602] none\n    \
            securityContext: {runAsUser: 1, runAsNonRoot: true}\n";
        let want = fixed(text).text.expect("a fix");
        assert!(!want.contains("WIN602") && want.contains("nodeSelector:"), "{want}");
        for end in ["\r", "\r\n"] {
            assert_eq!(fixed(&text.replace('\n', end)).text, Some(want.replace('\n', end)));
        }
    }

    /// What goes at the end of a text without a line break there leaves it without one.
    #[test]
    fn the_last_line_ends_as_it_did() {
        let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  nodeSelector: {kubernetes.io/os: windows}\n  \
            os: {name: windows}\n  \
            containers: [{name: a, image: mcr.microsoft.com/windows/servercore:ltsc2022}]";
        for last in
            ["\n\n  hostPID: true", "\n\n  # transom: ignore[linux-image] none", "\n  hostIPC: true\n\n  hostPID: true"]
        {
            assert_eq!(fixed(&format!("{text}{last}")).text.as_deref(), Some(text), "{last:?}");
        }
    }

    #[test]
    fn stops_where_nobody_waits() {
        let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  os: {name: windows}\n  \
            containers: [{name: a, image: mcr.microsoft.com/windows/servercore:ltsc2022}]\n";
        let text = [pod; 2].join("---\n");
        let judge = Judge::new(Transom::new(), "2026-11-21");
        let asked = std::cell::Cell::new(0);
        let fix = |limit: usize| {
            let answer = || asked.replace(asked.get() + 1) < limit;
            let wanted = Wanted { object: &|_, _| true, unsafe_fix: &|_| false, known: None, answer: &answer };
            fix_wanted(&judge, &Context::default(), &text, wanted)
        };
        // Two documents, and both once more to see that nothing is left.
        assert!(fix(4).is_some_and(|fixed| fixed.text.is_some()));
        for limit in 0..4 {
            asked.set(0);
            assert!(fix(limit).is_none(), "{limit}");
            assert_eq!(asked.get(), limit + 1);
        }
    }
}
