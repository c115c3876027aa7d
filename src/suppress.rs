//! Suppressions: annotations and comments that hide findings, for a reason and for a time.
//!
//! The annotation `transom.dev/ignore.<rule>: "until=2027-01-31 reason"` stands on the object, or on
//! its pod template. The comment `# transom: ignore[rule, rule] until=2027-01-31 -- reason` stands in
//! the text: whoever has it says which values a comment is about. What is hidden is kept and
//! counted. One that has expired, hides nothing or names no rule is itself reported.

use crate::admission::Comment;
use crate::date::{day, is_date};
use crate::did_you_mean::no_such_rule;
use crate::finding::{Finding, Report};
use crate::object::ObjectMeta;
use crate::pointer::Pointer;
use crate::rules::input::{expired_suppression, unknown_suppression, unused_suppression};
use crate::rules::{self, Rule};
use crate::settings::{Settings, Switch};

/// What an annotation that hides findings of a rule is called, before the rule's name.
pub const ANNOTATION: &str = "transom.dev/ignore.";

/// Where a Decision points to for a comment, before the comment's number.
pub const COMMENTS: &str = "/comments/";

/// What a comment says behind `transom:`, with its `#` or without. None where it is not for transom.
pub fn said(comment: &str) -> Option<&str> {
    comment.trim_start_matches('#').trim_start().strip_prefix("transom:").map(str::trim_start)
}

/// The day of the facts in this release, as `YYYY-MM-DD`: a suppression that ended before it has expired
/// even where the host passes no date.
const RELEASED: &str = "2026-11-21";

/// An annotation or a comment that hides findings of one rule.
#[derive(Debug)]
pub(crate) struct Suppression<'a> {
    /// What it names.
    name: &'a str,
    rule: Option<&'static Rule>,
    until: Option<Until<'a>>,
    reason: &'a str,
    /// The place of the annotation or of the comment.
    path: Pointer,
    scope: Scope<'a>,
    used: bool,
}

/// What a suppression can hide.
#[derive(Debug, Clone)]
enum Scope<'a> {
    Below(Pointer),
    Comment(&'a Comment<'a>),
}

impl Scope<'_> {
    fn has(&self, path: &Pointer) -> bool {
        match self {
            Scope::Below(top) => path.is_below(top),
            Scope::Comment(comment) => {
                let is_at = comment.at.iter().flatten().any(|at| **at == *path.as_str());
                is_at || comment.below.iter().flatten().any(|top| path.is_below(&Pointer::raw(top)))
            }
        }
    }
}

/// The end of a suppression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Until<'a> {
    Date(&'a str),
    NoDate(&'a str),
}

/// A finding that does not count, and why.
#[derive(Debug)]
pub(crate) struct Suppressed {
    pub(crate) finding: Finding,
    pub(crate) reason: String,
    pub(crate) until: Option<String>,
    pub(crate) by: Pointer,
}

/// What suppressions are judged by, beside the findings that they may hide.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grounds<'a> {
    /// The settings in force.
    pub(crate) settings: &'a Settings,
    /// The day that it is.
    pub(crate) today: &'a str,
    /// Whether every rule had its say. Where one had not, it is left open whether a suppression hides nothing.
    pub(crate) all_said: bool,
    /// What is hidden already: a comment that would hide any of it is of use.
    pub(crate) already: &'a [Suppressed],
}

/// What is wrong with a suppression.
struct Defect {
    /// The rule that says so.
    rule: &'static Rule,
    message: String,
    help: &'static str,
}

impl<'a> Suppression<'a> {
    /// The suppressions in `metadata`, which stands at `at`; they hide what is below `scope`.
    pub(crate) fn read(metadata: &'a ObjectMeta<'a>, at: &Pointer, scope: &Pointer) -> Vec<Self> {
        let annotations = metadata.annotations.iter().flat_map(|a| a.iter());
        let named = |key: &'a str| key.strip_prefix(ANNOTATION).or((key == "transom.dev/ignore").then_some(""));
        let found = annotations.filter_map(|(key, value)| Some((named(key)?, key, value)));
        found
            .map(|(name, key, value)| {
                let (until, reason) = split_until(value);
                let path = at.key("annotations").key(key);
                let scope = Scope::Below(scope.clone());
                Suppression { name, rule: rules::find(name), until, reason, path, scope, used: false }
            })
            .collect()
    }

    /// The suppressions in a comment, which stands at `at`: one for every rule that it names, or
    /// one that names none where it cannot be understood. None where it is not for transom.
    pub(crate) fn read_comment(comment: &'a Comment<'a>, at: &Pointer) -> Vec<Self> {
        let Some(said) = said(comment.text.as_deref().unwrap_or_default()) else { return Vec::new() };
        let (names, rest) = match said.strip_prefix("ignore[").and_then(|rest| rest.split_once(']')) {
            Some((names, rest)) => (names, rest),
            None => ("", ""),
        };
        let (until, reason) = split_until(rest);
        let suppression = |name: &'a str| {
            let (rule, path, scope) = (rules::find(name), at.clone(), Scope::Comment(comment));
            Suppression { name, rule, until, reason, path, scope, used: false }
        };
        names.split(',').map(|name| suppression(name.trim())).collect()
    }

    fn is_expired(&self, today: &str) -> bool {
        matches!(self.until, Some(Until::Date(date)) if date < today)
    }

    fn is_in_force(&self, today: &str) -> bool {
        !self.is_expired(today) && !matches!(self.until, Some(Until::NoDate(_)))
    }

    /// Whether it hides what is wrong with suppressions.
    fn is_of_suppressions(&self) -> bool {
        let rules = [&expired_suppression::RULE, &unused_suppression::RULE, &unknown_suppression::RULE];
        self.rule.is_some_and(|rule| rules.iter().any(|other| other.id == rule.id))
    }

    /// The finding that it hides.
    fn of(&self, finding: Finding) -> Suppressed {
        let until = match self.until {
            Some(Until::Date(date)) => Some(date.to_owned()),
            _ => None,
        };
        Suppressed { finding, reason: self.reason.to_owned(), until, by: self.path.clone() }
    }

    /// What is wrong with it, if anything. There are `before` others.
    fn defect(&self, before: usize, grounds: &Grounds<'_>) -> Option<Defect> {
        let is_off = |rule: &Rule| grounds.settings.switch(rule) == Some(Switch::Off);
        let defect = match (self.rule, self.until) {
            (None, _) if self.name.is_empty() => self.names_none(),
            (None, _) => Defect {
                rule: &unknown_suppression::RULE,
                message: format!("{}, so this suppression hides nothing", no_such_rule(self.name, before)),
                help: "name a rule, as `transom rules` lists them, or remove the suppression",
            },
            (Some(_), Some(Until::NoDate(written))) => ends_on_no_date(written),
            (Some(rule), Some(Until::Date(date))) if self.is_expired(grounds.today) => Defect {
                rule: &expired_suppression::RULE,
                message: format!("the suppression of {} ended on {date}", rule.name),
                help: "mend what it hid, or give it a new date",
            },
            (Some(rule), _) if grounds.all_said && !self.used && !is_off(rule) => self.hides_nothing(rule),
            _ => return None,
        };
        (!is_off(defect.rule)).then_some(defect)
    }

    /// The defect of one without a name.
    fn names_none(&self) -> Defect {
        let (what, help) = match self.scope {
            Scope::Comment(_) => (
                "comment",
                "write it as `transom: ignore[rule-name] until=2027-01-31 -- reason`; `ignore-file` is for the top of a file",
            ),
            Scope::Below(_) => ("annotation", "write it as `transom.dev/ignore.rule-name: until=2027-01-31 reason`"),
        };
        let message = format!("this {what} names no rule, so it hides nothing");
        Defect { rule: &unknown_suppression::RULE, message, help }
    }

    /// The defect of one that did not hide anything of `rule`.
    fn hides_nothing(&self, rule: &Rule) -> Defect {
        let message = format!("{} has nothing to say here, so this suppression hides nothing", rule.name);
        let is_of_line = match self.scope {
            Scope::Comment(comment) => comment.below.as_ref().is_none_or(Vec::is_empty),
            Scope::Below(_) => false,
        };
        let help = match is_of_line {
            true => "remove it, or put it above what it is about: behind something it speaks of that line",
            false => "remove the suppression",
        };
        Defect { rule: &unused_suppression::RULE, message, help }
    }

    fn hides(&self, finding: &Finding) -> bool {
        self.rule.is_some_and(|rule| rule.id == finding.rule.id) && self.scope.has(&finding.path)
    }
}

/// The defect of a suppression whose end, as `written`, is no date.
fn ends_on_no_date(written: &str) -> Defect {
    let has_date = written.get(written.len().saturating_sub(10)..).is_some_and(is_date);
    let what = if has_date { "has to be written `until=YYYY-MM-DD` and come first" } else { "is no date" };
    let message = format!("`{written}` {what}, so this suppression hides nothing");
    Defect { rule: &expired_suppression::RULE, message, help: "write `until=YYYY-MM-DD`, and the reason behind it" }
}

/// `until=2027-01-31 reason`, with or without the date, and with `--` before the reason or not.
fn split_until(value: &str) -> (Option<Until<'_>>, &str) {
    let value = value.trim();
    let (until, reason) = match value.strip_prefix("until=") {
        Some(rest) => {
            let (date, reason) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
            (Some(if is_date(date) { Until::Date(date) } else { Until::NoDate(&value[..6 + date.len()]) }), reason)
        }
        None => (meant_as_until(value).map(Until::NoDate), value),
    };
    (until, reason.trim().trim_start_matches("--").trim_start())
}

/// What was rather meant as an end than as a reason: `until:2027-01-31`, `Until = 2027-01-31`, or one
/// behind the reason. Taken for a reason, it would hide for ever.
fn meant_as_until(value: &str) -> Option<&str> {
    const UNTIL: &str = "until";
    let is_word = |at: usize| value[..at].chars().next_back().is_none_or(|before| !before.is_ascii_alphanumeric());
    let found = value.char_indices().map(|(at, _)| at).find(|at| {
        let is_until = value.get(*at..at + UNTIL.len()).is_some_and(|word| word.eq_ignore_ascii_case(UNTIL));
        is_until && is_word(*at) && value[at + UNTIL.len()..].trim_start().starts_with(['=', ':'])
    })?;
    let sign = found + value[found..].find(['=', ':'])? + 1;
    let date = sign + value[sign..].find(|c: char| !c.is_whitespace()).unwrap_or(0);
    let end = value[date..].find(char::is_whitespace).map_or(value.len(), |length| date + length);
    Some(&value[found..end])
}

/// The day that it is; where nobody says so, that of the release.
pub(crate) fn today(now: Option<&str>) -> &str {
    now.and_then(day).unwrap_or(RELEASED)
}

/// Takes the hidden findings out, and adds what is wrong with the suppressions themselves.
pub(crate) fn apply(
    mut suppressions: Vec<Suppression<'_>>,
    findings: Vec<Finding>,
    grounds: &Grounds<'_>,
) -> (Vec<Finding>, Vec<Suppressed>) {
    let mut kept = Vec::new();
    let mut hidden = Vec::new();
    // Those that name no rule hide nothing, and may be as many as the findings that they are.
    let naming: Vec<usize> = (0..suppressions.len()).filter(|index| suppressions[*index].rule.is_some()).collect();
    let mut sort = |findings: Vec<Finding>, suppressions: &mut [Suppression<'_>]| {
        for finding in findings {
            match hide(&finding, suppressions, &naming, grounds.today) {
                Some(suppression) => hidden.push(suppression.of(finding)),
                None => kept.push(finding),
            }
        }
    };
    // Comments are asked last, annotations object by object: those hide nothing of another object.
    for suppression in suppressions.iter_mut().filter(|suppression| matches!(suppression.scope, Scope::Comment(_))) {
        suppression.used = grounds.already.iter().any(|hidden| suppression.hides(&hidden.finding));
    }
    sort(findings, &mut suppressions);
    // What is wrong with suppressions can be suppressed, too.
    for of_suppressions in [false, true] {
        let own = suppressions.iter().enumerate().filter(|(_, s)| s.is_of_suppressions() == of_suppressions);
        let mut report = Report::new(grounds.settings, &unknown_suppression::RULE);
        for (before, suppression) in own {
            if let Some(Defect { rule, message, help }) = suppression.defect(before, grounds) {
                report.begin(rule);
                report.finding(suppression.path.clone(), message).help(help);
            }
        }
        sort(report.into_findings(), &mut suppressions);
    }
    (kept, hidden)
}

/// The suppression that hides a finding, of those at `naming`: of several any that is in force. All of them are of use.
fn hide<'s, 'a>(
    finding: &Finding,
    suppressions: &'s mut [Suppression<'a>],
    naming: &[usize],
    today: &str,
) -> Option<&'s Suppression<'a>> {
    let mut found = None;
    for index in naming.iter().copied() {
        let suppression = &mut suppressions[index];
        if suppression.hides(finding) {
            suppression.used = true;
            if suppression.is_in_force(today) {
                found = found.or(Some(index));
            }
        }
    }
    found.map(|index| &suppressions[index])
}
