//! For people: a code frame for each finding, and a line about all of them.

use std::path::Path;

use super::frame::{Frame, Level};
use super::style::{BOLD, ERROR, GOOD, INFO, WARNING};
use super::{Place, counted};
use crate::terminal;
use transom_manifests::{Action, Decision, Finding, Safety};
use transom_reports::{OfRule, Tally, unseen};

/// Charts that the summary names.
const CHARTS: usize = 5;

/// The findings of one object, in the order of the text.
pub(crate) fn findings(place: &Place<'_>, decision: &Decision, with_info: bool) -> String {
    let shown = decision.findings.iter().filter(|finding| finding.is_shown(with_info));
    let mut placed: Vec<_> = shown.map(|finding| (place.span(&finding.path), finding)).collect();
    placed.sort_by_key(|(span, _)| span.start);
    let mut text = String::new();
    for (at, finding) in placed {
        let name = decision.object.as_ref().map(|object| format!("in {}", object.short()));
        let (page, at) = if place.rendered.is_some() { place.shown(&finding.path) } else { (place.page, at) };
        let mut frame = Frame::new(level(finding), finding.message.as_str()).id(&finding.rule).at(page, at, name);
        if let Some((at, said)) = place.evidence(decision, finding).filter(|_| std::ptr::eq(page, place.page)) {
            frame = frame.and(at, said);
        }
        if !finding.help.is_empty() {
            frame = frame.note("help", finding.help.as_str());
        }
        for advice in place.advice(finding) {
            frame = frame.note("change", advice);
        }
        if let Some(fix) = &finding.fix {
            frame = frame.note(
                "fix",
                match fix.safety {
                    _ if place.rendered.is_some() => format!("{} (to be made in what it is rendered from)", fix.title),
                    Safety::Safe => format!("{} (safe)", fix.title),
                    Safety::Unsafe => {
                        format!("{} (unsafe: apply with --fix --unsafe-rule {})", fix.title, finding.name)
                    }
                },
            );
        }
        text.push_str(&frame.render());
        text.push('\n');
    }
    text
}

/// What is suppressed in one object, and by whom.
pub(crate) fn suppressed(place: &Place<'_>, decision: &Decision) -> String {
    let mut text = String::new();
    for finding in &decision.suppressed {
        let until = finding.until.as_ref().map(|date| format!(", until {date}")).unwrap_or_default();
        let reason = match finding.reason.as_deref().unwrap_or_default() {
            "" => "no reason given",
            reason => reason,
        };
        let mut frame = Frame::new(Level::Note, finding.message.as_str()).id(&finding.rule);
        frame = frame.at(place.page, place.span(&finding.path), Some("suppressed".to_owned()));
        if let Some(by) = &finding.by {
            frame = frame.and(place.span(by), format!("by this{until}"));
        }
        frame = frame.note("reason", reason);
        if let Some(help) = unseen(finding) {
            frame = frame.note("help", help);
        }
        text.push_str(&frame.render());
        text.push('\n');
    }
    text
}

/// What helps against a finding, with what is to be changed where it was rendered.
pub(crate) fn helped(finding: &Finding, advice: Vec<String>) -> String {
    let own = Some(finding.help.clone()).filter(|help| !help.is_empty());
    own.into_iter().chain(advice).collect::<Vec<_>>().join("; ")
}

/// How often each rule speaks of what is shown, the loudest first.
pub(crate) fn statistics(tally: &Tally, with_info: bool) -> String {
    let shown = |of: &OfRule| if with_info { of.count } else { of.count - of.info };
    let rules = tally.rules.iter().map(|(id, of)| (id, shown(of), of.fixable));
    let mut rules: Vec<_> = rules.filter(|(_, count, _)| *count > 0).collect();
    rules.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let width = rules.first().map_or(1, |(_, count, _)| count.to_string().len());
    let mut text = String::new();
    for (id, count, fixable) in rules {
        let (name, summary) = transom::rules::find(id).map_or(("", ""), |rule| (rule.name, rule.summary));
        let fix = if fixable > 0 { "[fix]" } else { "     " };
        let line = format!("{name}: {summary}");
        let room = terminal::width().map_or(usize::MAX, |columns| columns.saturating_sub(width + 17));
        let line = if line.chars().count() > room { name } else { &line };
        text.push_str(&format!("{count:width$}  {GOOD}{fix}{GOOD:#}  {BOLD}{id}{BOLD:#}  {line}\n"));
    }
    text
}

fn level(finding: &Finding) -> Level {
    match finding.action {
        Action::Deny => Level::Error,
        Action::Warn => Level::Warning,
        Action::Info => Level::Info,
    }
}

/// The last lines: what was found in how much, and what was left out.
pub(crate) fn summary(tally: &Tally, with_info: bool) -> String {
    let info = if with_info { tally.info } else { 0 };
    let kinds = [(tally.errors, "error", ERROR), (tally.warnings, "warning", WARNING), (info, "info", INFO)];
    let found: Vec<String> = kinds
        .iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, what, color)| format!("{color}{}{color:#}", counted(*count, what)))
        .collect();
    let found = if found.is_empty() { format!("{GOOD}no problems{GOOD:#}") } else { found.join(", ") };
    let mut text = match tally.objects {
        0 => "no Kubernetes objects were checked".to_owned(),
        objects => format!("{found} in {} in {}", counted(objects, "object"), counted(tally.files, "file")),
    };

    let mut more = Vec::new();
    if tally.suppressed > 0 {
        more.push(format!("{} suppressed", tally.suppressed));
    }
    if tally.baseline > 0 {
        more.push(format!("{} in the baseline", tally.baseline));
    }
    if tally.fixable > 0 {
        more.push(format!("{} fixable with --fix", tally.fixable));
    }
    if !with_info && tally.info > 0 {
        more.push(format!("{} info hidden, see --info", tally.info));
    }
    if !more.is_empty() {
        text.push_str(&format!(" ({})", more.join(", ")));
    }
    if let Some(hidden) = hidden_from_admission(tally) {
        text.push('\n');
        text.push_str(&hidden);
    }
    if tally.unreadable > 0 {
        text.push_str(&format!("\n{} could not be checked: see above", counted(tally.unreadable, "input")));
    }
    if tally.skipped > 0 {
        let are = if tally.skipped == 1 { "is no Kubernetes object" } else { "are no Kubernetes objects" };
        text.push_str(&format!("\nskipped {} that {are}", counted(tally.skipped, "document")));
    }
    for (chart, count) in tally.templates.iter().take(CHARTS) {
        let of = if chart == "CHART" { "of no chart".to_owned() } else { format!("of {chart}") };
        text.push_str(&format!("\nskipped {} {of}: {}", counted(*count, "Helm template"), render_first(chart)));
    }
    if tally.templates.len() > CHARTS {
        let more = tally.templates.len() - CHARTS;
        text.push_str(&format!("\nskipped Helm templates of {} more", counted(more, "chart")));
    }
    text.push('\n');
    folded(&text)
}

/// That comments hide what admission will refuse.
pub(crate) fn hidden_from_admission(tally: &Tally) -> Option<String> {
    let errors = counted(tally.hidden_from_admission, "error");
    let are = if tally.hidden_from_admission == 1 { "is" } else { "are" };
    (tally.hidden_from_admission > 0).then(|| {
        format!("{errors} {are} suppressed by comments, which admission does not see: there it takes annotations, see --show-suppressed")
    })
}

/// Styled text with its lines broken between words where that of the terminal ends.
fn folded(text: &str) -> String {
    let Some(width) = terminal::width() else { return text.to_owned() };
    let mut out = String::new();
    for line in text.split_inclusive('\n') {
        let mut column = 0;
        for word in line.split_inclusive(' ') {
            let length = terminal::plain(word.trim_end()).chars().count();
            if column > 0 && column + length > width {
                out.truncate(out.trim_end().len());
                out.push('\n');
                column = 0;
            }
            out.push_str(word);
            column += length + 1;
        }
    }
    out
}

/// That a baseline names what is not found any longer.
pub(crate) fn stale(count: usize, path: &Path) -> String {
    let of = counted(count, "finding");
    let (were, them) = if count == 1 { ("was", "it") } else { ("were", "them") };
    let path = crate::source::label(path);
    format!("{of} of {path} {were} not met again: `transom baseline --prune` takes {them} out\n")
}

/// What to do with a chart; `CHART` stands for one that is not known.
pub(crate) fn render_first(chart: &str) -> String {
    match chart {
        "CHART" => "render first with `helm template CHART | transom check -`".to_owned(),
        chart => format!("check the chart, which is rendered then: `transom check {chart}`"),
    }
}
