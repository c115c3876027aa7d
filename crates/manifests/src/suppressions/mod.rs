//! Suppressions: the comments of a document that hide findings, each with what it is about, and those that can go.
//!
//! What a comment says, `# transom: ignore[rule] until=2027-01-31 -- reason`, is the core's business
//! (`src/suppress.rs`); here is what each of them is about, for the text is here. One `ignore-file[rule]` that stands
//! above everything else in a file is about all documents of it.

mod comment;
pub(crate) mod stale;

use rustc_hash::FxHashMap;
use serde_json::{Value, json};
use transom::rules::{self, Rule};
use transom::suppress::COMMENTS;
use transom_yaml::{Comment, Document, Span, Subject, TextEdit};

use crate::decision::{Decision, Finding};
use crate::object::Object;
use crate::pointer::below;
use comment::{SuppressionComment, Written, header, in_comment};

pub use comment::{comment_about, is_in_brackets, suppresses};

/// The rule about suppressions that hide nothing.
pub(crate) const UNUSED: &str = rules::input::unused_suppression::RULE.id;

/// Whether a path of a Decision is that of a comment, and not one into the object.
#[must_use]
pub fn is_comment(path: &str) -> bool {
    path.starts_with(COMMENTS)
}

/// What the comments of a document that are for transom say: one for every rule that one names, so that
/// each can be pointed at, and taken out, by itself.
#[derive(Debug, Default)]
pub(crate) struct Suppressions(Vec<Suppression>);

#[derive(Debug)]
struct Suppression {
    /// As a comment that names this one rule alone.
    text: String,
    /// The rule, if there is one of that name.
    rule: Option<&'static Rule>,
    /// What to point at: the comment, or its part that names the rule where it names several.
    span: Span,
    written: Written,
    /// Which of the names in `written` it is.
    name: usize,
    subject: Subject,
    /// It is about none of the objects: one of them is told of it, so that somebody says so.
    is_stray: bool,
    /// It is about all documents of the file, and stands in this one or in another, which says what is wrong with it.
    of_file: Option<Home>,
}

/// Which document a comment about a whole file stands in: what is wrong with it is said there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Home {
    /// This one.
    Here {
        /// It is the only one.
        is_whole: bool,
    },
    /// Another one.
    Elsewhere,
}

impl Suppressions {
    /// The comments of a document that holds `objects`.
    pub(crate) fn of(document: &Document, text: &str, objects: &[Object<'_>]) -> Self {
        let own = document.comments().iter().flat_map(|comment| in_comment(text, comment));
        let header: Vec<Comment> = header(text).collect();
        let above = header.iter().flat_map(|comment| in_comment(text, comment)).filter(SuppressionComment::is_of_file);
        let is_in = |own: &Comment, comment: &SuppressionComment<'_>| own.span.contains(&comment.span.start);
        let header_end = header.last().map_or(0, |comment| comment.span.end);
        // A document by itself is the whole file; in others nobody knows what the rest of it needs.
        let is_whole = document.index() == 0 && text[document.outer_span().end..].trim().is_empty();
        let mut suppressions: Vec<Suppression> = Vec::new();
        for comment in own {
            let of_file = (comment.is_of_file() && comment.span.end <= header_end).then_some(Home::Here { is_whole });
            suppressions.extend(Suppression::of(&comment, document, text, of_file));
        }
        for comment in above.filter(|comment| !document.comments().iter().any(|own| is_in(own, comment))) {
            suppressions.extend(Suppression::of(&comment, document, text, Some(Home::Elsewhere)));
        }
        for suppression in &mut suppressions {
            suppression.is_stray = suppression.count(objects) == 0;
        }
        Suppressions(suppressions)
    }

    /// The comments as the core takes them with one object. All have their number; those that have
    /// nothing to do with this object say nothing. `shown` are places at which some of them are shown, besides.
    pub(crate) fn around(&self, object: &Object<'_>, is_first: bool, shown: &[(usize, &str)]) -> Vec<Value> {
        let suppression = |(index, suppression): (usize, &Suppression)| {
            let (mut at, below) = suppression.places(&object.at).unwrap_or_default();
            at.extend(shown.iter().filter(|(of, _)| *of == index).map(|(_, path)| *path));
            match at.is_empty() && below.is_empty() {
                false => json!({"text": suppression.text, "at": at, "below": below}),
                true if suppression.is_stray && is_first => json!({"text": suppression.text}),
                true => json!({}),
            }
        };
        self.0.iter().enumerate().map(suppression).collect()
    }

    /// Findings about what was written somewhere else, and came through an alias or a merge key, that are shown where
    /// a comment about their rule stands: the number of the comment, and the finding's path.
    pub(crate) fn shown<'f>(
        &self,
        document: &Document,
        text: &str,
        object: &Object<'_>,
        findings: &'f [Finding],
    ) -> Vec<(usize, &'f str)> {
        let borrowed = |finding: &&Finding| {
            !is_comment(&finding.path) && document.is_borrowed(&format!("{}{}", object.at, finding.path))
        };
        let borrowed: Vec<&Finding> = findings.iter().filter(borrowed).collect();
        let mut shown = Vec::new();
        for (index, suppression) in self.0.iter().enumerate().filter(|_| !borrowed.is_empty()) {
            let Some(rule) = suppression.rule else { continue };
            let places = suppression.around(document, text);
            let about = borrowed.iter().filter(|finding| finding.rule == rule.id);
            let about = about.filter(|finding| {
                let at = object.span(document, &finding.path).start;
                places.iter().any(|place| place.contains(&at))
            });
            shown.extend(about.map(|finding| (index, &*finding.path)));
        }
        shown
    }

    /// Where the comment stands that a finding is about, or that hides it.
    pub(crate) fn span(&self, path: &str) -> Option<Span> {
        Some(self.suppression(path)?.span.clone())
    }

    /// A comment above several objects was judged with each of them. What is wrong with it is said
    /// once, and that it hides nothing only where it hides nothing in any of them.
    pub(crate) fn settle<'d>(&self, objects: &[Object<'_>], decisions: impl Iterator<Item = &'d mut Decision>) {
        let mut decisions: Vec<_> = decisions.collect();
        // Findings about a comment that say the same have the same key.
        let key = |finding: &Finding| Some((self.place(&finding.path)?, finding.rule.clone(), finding.message.clone()));
        let mut times: FxHashMap<(usize, String, String), usize> = FxHashMap::default();
        for key in decisions.iter().flat_map(|decision| &decision.findings).filter_map(key) {
            *times.entry(key).or_default() += 1;
        }
        times.retain(|(place, rule, _), times| match self.0[*place].of_file {
            Some(Home::Elsewhere) => false,
            Some(Home::Here { is_whole: false }) if rule == UNUSED => false,
            _ => rule != UNUSED || *times >= self.0[*place].count(objects),
        });
        for decision in &mut decisions {
            decision.findings.retain(|finding| key(finding).is_none_or(|key| times.remove(&key).is_some()));
        }
    }

    /// What the comment says that a path of a Decision leads to.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        Some(&self.suppression(path)?.text)
    }

    /// The edits that take out what stands at these paths: a name from its comment, and the comment with
    /// its last name.
    pub(crate) fn removals<'p>(&self, text: &str, paths: impl IntoIterator<Item = &'p str>) -> Vec<TextEdit> {
        let mut is_gone = Vec::new();
        for place in paths.into_iter().filter_map(|path| self.place(path)) {
            is_gone.resize(self.0.len(), false);
            is_gone[place] = true;
        }
        let gone = self.0.iter().zip(is_gone).filter(|(_, is_gone)| *is_gone).map(|(suppression, _)| suppression);
        let gone: Vec<&Suppression> = gone.collect();
        // Those of one comment follow one another.
        let of_comments = gone.chunk_by(|one, other| one.written.span == other.written.span);
        let names = |gone: &[&Suppression]| gone.iter().map(|suppression| suppression.name).collect::<Vec<_>>();
        of_comments.map(|gone| gone[0].written.without(text, &names(gone))).collect()
    }

    fn suppression(&self, path: &str) -> Option<&Suppression> {
        Some(&self.0[self.place(path)?])
    }

    /// Which of the comments a path of a Decision leads to.
    fn place(&self, path: &str) -> Option<usize> {
        path.strip_prefix(COMMENTS)?.parse().ok().filter(|place| *place < self.0.len())
    }
}

impl Suppression {
    /// What a comment says of each rule that it names.
    fn of(comment: &SuppressionComment<'_>, document: &Document, text: &str, of_file: Option<Home>) -> Vec<Self> {
        let subject = match of_file {
            Some(_) => Subject { below: Some(String::new()), at: Vec::new() },
            None => document.subject(text, &comment.whole),
        };
        let (written, rest) = comment.written(of_file.is_some());
        let suppression = |name: usize, text: String, rule: Option<&'static Rule>, span: Span| {
            let (written, subject) = (written.clone(), subject.clone());
            Suppression { text, rule, span, written, name, subject, is_stray: false, of_file }
        };
        let Some(rest) = rest else {
            // What cannot be understood is said as it is: the core says so.
            return vec![suppression(0, comment.text.to_owned(), None, comment.span.clone())];
        };
        let is_only = written.names.len() == 1;
        let names = written.names.iter().enumerate().map(|(index, at)| {
            let name = &text[at.clone()];
            let said = format!("{}{rest}", comment_about(name));
            suppression(index, said, rules::find(name), if is_only { comment.span.clone() } else { at.clone() })
        });
        names.collect()
    }

    /// The parts of the text that it is about, wherever what is written there is used.
    fn around(&self, document: &Document, text: &str) -> Vec<Span> {
        let comment = &self.written.span;
        let line = text[..comment.start].rfind(['\n', '\r']).map_or(0, |end| end + 1);
        let below = self.subject.below.as_ref().and_then(|top| document.value_span(top));
        let below = below.map(|span| comment.end..span.end);
        [Some(line..comment.start).filter(|_| !self.written.own_line), below].into_iter().flatten().collect()
    }

    /// What it says behind its rule: until when, and why.
    fn end(&self) -> &str {
        self.text.split_once(']').map_or("", |(_, end)| end)
    }

    /// To how many of the objects it speaks.
    fn count(&self, objects: &[Object<'_>]) -> usize {
        objects.iter().filter(|object| self.places(&object.at).is_some()).count()
    }

    /// What it is about in the object at `at`: exactly these places, and all below those.
    fn places<'s>(&'s self, at: &str) -> Option<(Vec<&'s str>, Vec<&'s str>)> {
        let inside = |places: &'s [String]| places.iter().filter_map(|place| below(place, at)).collect::<Vec<_>>();
        let place = |top: &'s String| below(top, at).or_else(|| below(at, top).map(|_| ""));
        let here = inside(&self.subject.at);
        let below: Vec<_> = self.subject.below.as_ref().and_then(place).into_iter().collect();
        Some((here, below)).filter(|(here, below)| !here.is_empty() || !below.is_empty())
    }
}
