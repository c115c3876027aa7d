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
pub(crate) const UNUSED: &str = rules::input::unused_suppression::RULE.id;

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
        let own = document.comments().iter().flat_map(|comment| ours_in(text, comment));
        let header: Vec<Comment> = header(text).collect();
        let above = header.iter().flat_map(|comment| ours_in(text, comment)).filter(|ours| ours.is_of_file());
        let is_own = |ours: &Ours<'_>| document.comments().iter().any(|own| own.span.contains(&ours.span.start));
        let header_end = header.last().map_or(0, |comment| comment.span.end);
        // A document by itself is the whole file; in others nobody knows what the rest of it needs.
        let is_whole = document.index() == 0 && text[document.outer_span().end..].trim().is_empty();
        let mut remarks: Vec<Remark> = Vec::new();
        for ours in own {
            let of_file = (ours.is_of_file() && ours.span.end <= header_end).then_some(Home::Here { is_whole });
            remarks.extend(ours.remarks(document, text, of_file));
        }
        for ours in above.filter(|ours| !is_own(ours)) {
            remarks.extend(ours.remarks(document, text, Some(Home::Elsewhere)));
        }
        for remark in &mut remarks {
            remark.is_stray = remark.count(objects) == 0;
        }
        Remarks(remarks)
    }

    /// The comments as the core takes them with one object. All have their number; those that have
    /// nothing to do with this object say nothing. `shown` are places at which some of them are shown, besides.
    pub(crate) fn around(&self, object: &Object<'_>, is_first: bool, shown: &[(usize, &str)]) -> Vec<Value> {
        let remark = |(index, remark): (usize, &Remark)| {
            let (mut at, below) = remark.places(&object.at).unwrap_or_default();
            at.extend(shown.iter().filter(|(of, _)| *of == index).map(|(_, path)| *path));
            match at.is_empty() && below.is_empty() {
                false => json!({"text": remark.text, "at": at, "below": below}),
                true if remark.is_stray && is_first => json!({"text": remark.text}),
                true => json!({}),
            }
        };
        self.0.iter().enumerate().map(remark).collect()
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
        let is_ours = |finding: &Finding| finding.path.starts_with(PLACE);
        let borrowed =
            |finding: &&Finding| !is_ours(finding) && document.is_borrowed(&format!("{}{}", object.at, finding.path));
        let borrowed: Vec<&Finding> = findings.iter().filter(borrowed).collect();
        let mut shown = Vec::new();
        for (index, remark) in self.0.iter().enumerate().filter(|_| !borrowed.is_empty()) {
            let name = remark.written.names.get(remark.name);
            let Some(rule) = name.and_then(|name| rules::find(&text[name.clone()])) else { continue };
            let places = remark.around(document, text);
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
        times.retain(|(place, rule, _), times| match self.0[*place].of_file {
            Some(Home::Elsewhere) => false,
            Some(Home::Here { is_whole: false }) if rule == UNUSED => false,
            _ => rule != UNUSED || *times >= self.0[*place].count(objects),
        });
        for decision in &mut decisions {
            decision.findings.retain(|finding| key(finding).is_none_or(|key| times.remove(&key).is_some()));
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
    /// The parts of the text that it is about, wherever what is written there is used.
    fn around(&self, document: &Document, text: &str) -> Vec<Span> {
        let comment = &self.written.span;
        let line = text[..comment.start].rfind(['\n', '\r']).map_or(0, |end| end + 1);
        let below = self.subject.below.as_ref().and_then(|top| document.value_span(top));
        let below = below.map(|span| comment.end..span.end);
        [Some(line..comment.start).filter(|_| !self.written.own_line), below].into_iter().flatten().collect()
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

/// A comment that is for transom, or the part of one: on a line there is only one comment.
struct Ours<'t> {
    span: Span,
    /// What it says, without `#`.
    said: &'t str,
    /// The line is this comment's alone.
    own_line: bool,
    /// The comment that it is a part of.
    whole: Comment,
}

/// What a comment has that is for transom.
fn ours_in<'t>(text: &'t str, comment: &Comment) -> Vec<Ours<'t>> {
    let all = &text[comment.span.clone()];
    let bytes = all.as_bytes();
    let is_begin = |at: &usize| {
        let is_comment = bytes[*at] == b'#' && (*at == 0 || bytes[*at - 1].is_ascii_whitespace());
        is_comment && all[*at..].trim_start_matches('#').trim_start().starts_with(OURS)
    };
    let starts: Vec<usize> = (0..bytes.len()).filter(is_begin).collect();
    let ends = starts.iter().skip(1).copied().chain([all.len()]);
    let own_line = comment.own_line && starts == [0];
    let part = |(start, end): (&usize, usize)| {
        let part = all[*start..end].trim_end();
        let span = comment.span.start + start..comment.span.start + start + part.len();
        Ours { span, said: part.trim_start_matches('#').trim_start(), own_line, whole: comment.clone() }
    };
    starts.iter().zip(ends).map(part).collect()
}

/// The comments above everything else in a file.
fn header(text: &str) -> impl Iterator<Item = Comment> {
    let begin = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = begin.split(['\n', '\r']).map(str::trim_ascii);
    let above = lines.take_while(|line| matches!(line.as_bytes(), [] | [b'#' | b'%', ..] | b"---"));
    above.filter(|line| line.starts_with('#')).map(|line| {
        let start = line.as_ptr().addr() - text.as_ptr().addr();
        Comment { span: start..start + line.len(), text: String::new(), own_line: true }
    })
}

impl Ours<'_> {
    /// What comes behind `transom: ignore` and `transom: ignore-file`, where it is one of these.
    fn ignored(&self) -> Option<(&str, bool)> {
        let rest = self.said.strip_prefix(OURS)?.trim_start().strip_prefix("ignore")?;
        let of_file = rest.strip_prefix("-file");
        Some((of_file.unwrap_or(rest), of_file.is_some()))
    }

    fn is_of_file(&self) -> bool {
        self.ignored().is_some_and(|(_, is_of_file)| is_of_file)
    }

    /// What it says of each rule that it names.
    fn remarks(&self, document: &Document, text: &str, of_file: Option<Home>) -> Vec<Remark> {
        let subject = match of_file {
            Some(_) => Subject { below: Some(String::new()), at: Vec::new() },
            None => document.subject(text, &self.whole),
        };
        let ignored = self.ignored().filter(|(_, is_of_file)| *is_of_file == of_file.is_some());
        let list = ignored.and_then(|(rest, _)| rest.strip_prefix('[')?.split_once(']'));
        let mut names: Vec<Span> = Vec::new();
        if let Some((list, rest)) = list {
            let mut at = self.span.end - rest.len() - "]".len() - list.len();
            for part in list.split(',') {
                let begin = at + part.len() - part.trim_start().len();
                names.push(begin..begin + part.trim().len());
                at += part.len() + ",".len();
            }
        }
        let written = Written { span: self.span.clone(), own_line: self.own_line, names };
        let remark = |name: usize, said: String, span: Span| {
            let (written, subject) = (written.clone(), subject.clone());
            Remark { text: said, span, written, name, subject, is_stray: false, of_file }
        };
        let Some((_, rest)) = list else {
            // What cannot be understood is said as it is: the core says so.
            return vec![remark(0, self.said.to_owned(), self.span.clone())];
        };
        let is_only = written.names.len() == 1;
        let names = written.names.iter().enumerate().map(|(index, at)| {
            let said = format!("transom: ignore[{}]{rest}", &text[at.clone()]);
            remark(index, said, if is_only { self.span.clone() } else { at.clone() })
        });
        names.collect()
    }
}

/// The rest of a pointer below another one.
fn below<'p>(pointer: &'p str, top: &str) -> Option<&'p str> {
    pointer.strip_prefix(top).filter(|rest| rest.is_empty() || rest.starts_with('/'))
}
