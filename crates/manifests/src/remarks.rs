//! Comments that suppress findings: `# transom: ignore[rule] until=2027-01-31 -- reason`, in all documents of a file
//! where `ignore-file[rule]` stands above everything else in it.
//!
//! What they say is the core's business (`src/suppress.rs`); here is what each of them is about,
//! for the text is here.

use rustc_hash::FxHashMap;
use serde_json::{Value, json};
use transom::rules;
use transom_yaml::{Comment, Document, Span, Subject, TextEdit};

use crate::decision::{Decision, Finding};
use crate::object::Object;

/// The rule about suppressions that hide nothing.
pub(crate) const UNUSED: &str = "WIN003";

/// How a comment begins that is for transom.
const OURS: &str = "transom:";

/// Where the core points to for the comment of a number.
const PLACE: &str = "/comments/";

/// What the comments of a document that are for transom say: one for every rule that one names, so that
/// each can be pointed at, and taken out, by itself.
#[derive(Debug, Default)]
pub(crate) struct Remarks(Vec<Remark>);

#[derive(Debug)]
struct Remark {
    /// As a comment that names this one rule alone.
    text: String,
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

/// Which document a comment about a whole file stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Home {
    Here,
    Elsewhere,
}

/// How the comment stands in the text.
#[derive(Debug, Clone)]
struct Written {
    span: Span,
    own_line: bool,
    /// The names between the brackets.
    names: Vec<Span>,
}

impl Remarks {
    /// The comments of a document that holds `objects`.
    pub(crate) fn of(document: &Document, text: &str, objects: &[Object<'_>]) -> Self {
        let ours = document.comments().iter().filter_map(|comment| ours_in(text, comment));
        let mut remarks: Vec<Remark> =
            ours.flat_map(|comment| Remark::read(document, text, &comment, objects)).collect();
        for comment in header(text).filter(|comment| comment.text.starts_with(OURS)) {
            let of_file = Remark::read(document, text, &comment, objects).into_iter();
            remarks.extend(of_file.filter(|remark| remark.of_file == Some(Home::Elsewhere)));
        }
        Remarks(remarks)
    }

    /// The comments as the core takes them with one object. All have their number; those that have
    /// nothing to do with this object say nothing. `shown` are places at which some of them are shown, besides.
    pub(crate) fn around(&self, object: &Object<'_>, is_first: bool, shown: &[(usize, &str)]) -> Vec<Value> {
        let remark = |(index, remark): (usize, &Remark)| {
            let shown = shown.iter().filter(|(of, _)| *of == index).map(|(_, path)| *path);
            match remark.places(&object.at) {
                Some((mut at, below)) => {
                    at.extend(shown);
                    json!({"text": remark.text, "at": at, "below": below})
                }
                None if remark.is_stray && is_first => json!({"text": remark.text}),
                None => json!({}),
            }
        };
        self.0.iter().enumerate().map(remark).collect()
    }

    /// Findings that come from somewhere else in the document, through an alias or a merge key, and are shown where a
    /// comment about their rule stands: the number of the comment, and the finding's path.
    pub(crate) fn shown<'f>(
        &self,
        document: &Document,
        text: &str,
        object: &Object<'_>,
        findings: &'f [Finding],
    ) -> Vec<(usize, &'f str)> {
        let mut shown = Vec::new();
        for finding in findings.iter().filter(|_| document.is_intricate()) {
            let at = object.span(document, &finding.path).start;
            let here = self.0.iter().enumerate().filter(|(_, remark)| remark.names(text, &finding.rule));
            let here = here.filter(|(_, remark)| remark.is_beside(document, text, at));
            shown.extend(here.map(|(index, _)| (index, &*finding.path)));
        }
        shown
    }

    /// The rules that comments about the whole file name to no purpose in this document, as its Decisions say.
    pub(crate) fn unused_of_file<'r>(&'r self, text: &'r str, findings: &'r [Finding]) -> Vec<(&'r str, &'static str)> {
        let unused = findings.iter().filter(|finding| finding.rule == UNUSED);
        let unused = unused.filter_map(|finding| Some((&*finding.path, self.remark(&finding.path)?)));
        let of_file = unused.filter(|(_, remark)| remark.of_file == Some(Home::Here));
        of_file.filter_map(|(path, remark)| Some((path, remark.rule(text)?))).collect()
    }

    /// Where the comment stands that a finding is about, or that hides it.
    pub(crate) fn span(&self, path: &str) -> Option<Span> {
        Some(self.remark(path)?.span.clone())
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
        times.retain(|(place, rule, _), times| rule != UNUSED || *times >= self.0[*place].count(objects));
        let is_said_elsewhere = |finding: &Finding| {
            self.remark(&finding.path).is_some_and(|remark| remark.of_file == Some(Home::Elsewhere))
        };
        for decision in &mut decisions {
            decision.findings.retain(|finding| {
                !is_said_elsewhere(finding) && key(finding).is_none_or(|key| times.remove(&key).is_some())
            });
        }
    }

    /// What the comment says that a finding is about.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        Some(&self.remark(path)?.text)
    }

    /// The edits that take out what stands at these paths: a name from its comment, and the comment with
    /// its last name.
    pub(crate) fn removals<'p>(&self, text: &str, paths: impl IntoIterator<Item = &'p str>) -> Vec<TextEdit> {
        let mut is_gone = Vec::new();
        for place in paths.into_iter().filter_map(|path| self.place(path)) {
            is_gone.resize(self.0.len(), false);
            is_gone[place] = true;
        }
        let gone: Vec<&Remark> =
            self.0.iter().zip(is_gone).filter(|(_, is_gone)| *is_gone).map(|(remark, _)| remark).collect();
        // Those of one comment follow one another.
        let of_comments = gone.chunk_by(|one, other| one.written.span == other.written.span);
        of_comments.map(|gone| gone[0].written.without(text, gone)).collect()
    }

    fn remark(&self, path: &str) -> Option<&Remark> {
        Some(&self.0[self.place(path)?])
    }

    /// Which of the remarks a path of a Decision is about.
    fn place(&self, path: &str) -> Option<usize> {
        path.strip_prefix(PLACE)?.parse().ok().filter(|place| *place < self.0.len())
    }
}

impl Written {
    fn without(&self, text: &str, gone: &[&Remark]) -> TextEdit {
        let kept: Vec<&str> = (0..)
            .zip(&self.names)
            .filter(|(index, _)| !gone.iter().any(|remark| remark.name == *index))
            .map(|(_, at)| &text[at.clone()])
            .collect();
        if let ([_, ..], Some(first), Some(last)) = (&kept[..], self.names.first(), self.names.last()) {
            return TextEdit { range: first.start..last.end, text: kept.join(", ") };
        }
        let before = text[..self.span.start].trim_end_matches([' ', '\t']);
        let range = if self.own_line && self.span.end == text.len() {
            // Without a line break at its end, the text keeps none.
            before.trim_end().len()..self.span.end
        } else if self.own_line {
            let rest = &text[self.span.end..];
            let end = rest.find(['\n', '\r']).unwrap_or(rest.len());
            let length = if rest[end..].starts_with("\r\n") { 2 } else { 1 };
            before.len()..self.span.end + (end + length).min(rest.len())
        } else {
            before.len()..self.span.end
        };
        TextEdit { range, text: String::new() }
    }
}

impl Remark {
    fn read(document: &Document, text: &str, comment: &Comment, objects: &[Object<'_>]) -> Vec<Self> {
        let (is_of_file, names, rest) = names(text, comment);
        let is_above_all = is_of_file && header(text).any(|other| other.span == comment.span);
        let is_here = || document.comments().iter().any(|own| own.span == comment.span);
        let of_file = is_above_all.then(|| if is_here() { Home::Here } else { Home::Elsewhere });
        // What cannot be understood is said as it is: the core says so.
        let names = if is_of_file && !is_above_all { Vec::new() } else { names };
        let said: Vec<(String, Span)> = match &names[..] {
            [] => vec![(comment.text.clone(), comment.span.clone())],
            names => {
                let place = |at: &Span| if names.len() == 1 { comment.span.clone() } else { at.clone() };
                let said = names.iter().map(|at| (format!("transom: ignore[{}]{rest}", &text[at.clone()]), place(at)));
                said.collect()
            }
        };
        let subject = match of_file {
            Some(_) => Subject { below: Some(String::new()), at: Vec::new() },
            None => document.subject(text, comment),
        };
        let is_alone =
            text[..comment.span.start].rsplit(['\n', '\r']).next().is_some_and(|before| !before.contains('#'));
        let written = Written { span: comment.span.clone(), own_line: comment.own_line && is_alone, names };
        let remark = |(name, (text, span))| {
            let (written, subject) = (written.clone(), subject.clone());
            let mut remark = Remark { text, span, written, name, subject, is_stray: false, of_file };
            remark.is_stray = remark.count(objects) == 0;
            remark
        };
        (0..).zip(said).map(remark).collect()
    }

    /// The id of the rule that it names.
    fn rule(&self, text: &str) -> Option<&'static str> {
        let name = self.written.names.get(self.name)?;
        Some(rules::find(&text[name.clone()])?.id)
    }

    fn names(&self, text: &str, rule: &str) -> bool {
        self.rule(text) == Some(rule)
    }

    /// Whether it is about what stands at an offset: on its line, or in what it is about, wherever that is used.
    fn is_beside(&self, document: &Document, text: &str, at: usize) -> bool {
        let comment = &self.written.span;
        let is_within = |top: &str| document.value_span(top).is_some_and(|span| (comment.end..span.end).contains(&at));
        let line = text[..comment.start].rfind(['\n', '\r']).map_or(0, |end| end + 1);
        (!self.written.own_line && (line..comment.start).contains(&at))
            || self.subject.below.as_deref().is_some_and(is_within)
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

/// The comment, or the part of it that is for transom: there is only one comment on a line.
fn ours_in(text: &str, comment: &Comment) -> Option<Comment> {
    if comment.text.starts_with(OURS) {
        return Some(comment.clone());
    }
    let all = &text[comment.span.clone()];
    let is_ours = |at: &usize| all[at + 1..].trim_start().starts_with(OURS) && all[..*at].ends_with([' ', '\t']);
    let at = all.match_indices('#').map(|(at, _)| at).find(is_ours)?;
    let span = comment.span.start + at..comment.span.end;
    Some(Comment { text: all[at + 1..].trim().to_owned(), span, own_line: comment.own_line })
}

/// The comments above everything else in a file.
fn header(text: &str) -> impl Iterator<Item = Comment> {
    let above = text.split_inclusive(['\n', '\r']).map(|line| line.trim_start_matches('\u{feff}').trim());
    let above = above.take_while(|line| line.is_empty() || line.starts_with('#')).filter(|line| !line.is_empty());
    above.map(|line| {
        let start = line.as_ptr().addr() - text.as_ptr().addr();
        let said = line.trim_start_matches('#').trim().to_owned();
        Comment { span: start..start + line.len(), text: said, own_line: true }
    })
}

/// Whether a comment is about a whole file, where the names stand in `transom: ignore[a, b] …`, and what comes after
/// the bracket. There are no names in what is written in another way.
fn names<'t>(text: &'t str, comment: &Comment) -> (bool, Vec<Span>, &'t str) {
    let all = text[comment.span.clone()].trim_start_matches('#').trim_start();
    let ignore = all.strip_prefix(OURS).and_then(|rest| rest.trim_start().strip_prefix("ignore")).unwrap_or_default();
    let of_file = ignore.strip_prefix("-file");
    let Some((list, rest)) = of_file.unwrap_or(ignore).strip_prefix('[').and_then(|list| list.split_once(']')) else {
        return (of_file.is_some(), Vec::new(), "");
    };
    let mut at = comment.span.end - rest.len() - "]".len() - list.len();
    let mut names = Vec::new();
    for part in list.split(',') {
        let begin = at + part.len() - part.trim_start().len();
        names.push(begin..begin + part.trim().len());
        at += part.len() + 1;
    }
    (of_file.is_some(), names, rest)
}

/// The rest of a pointer below another one.
fn below<'p>(pointer: &'p str, top: &str) -> Option<&'p str> {
    pointer.strip_prefix(top).filter(|rest| rest.is_empty() || rest.starts_with('/'))
}
