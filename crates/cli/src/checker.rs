//! Checks files, one at a time: judges their objects, and says what is to be said of each.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use transom_charts::Rendered;
use transom_manifests::{Accepted, Content, Context, Decision, Finding, Judge, Key, Object, View, holds_actions};
use transom_reports::{Detail, ObjectReport, Tally, TroubleKind};
use transom_yaml::Document;

use crate::output::Wanted;
use crate::render::frame::Page;
use crate::render::{Place, text};
use crate::report::Report;
use crate::set::File;
use crate::source::{self, Source, Unreadable};
use crate::template;

/// How files are checked: what is wanted of each.
pub(crate) struct Checker {
    pub(crate) show_suppressed: bool,
    pub(crate) wanted: Wanted,
    /// From where on a CI names files.
    pub(crate) repository: Option<PathBuf>,
}

/// The text that findings are shown in, and what of it was judged.
#[derive(Clone, Copy)]
struct Texts<'a> {
    /// What is shown.
    page: &'a Page<'a>,
    /// What was judged: something else where that was rendered.
    own: &'a Page<'a>,
    rendered: Option<&'a Rendered>,
}

/// Who judges, and by what.
#[derive(Clone, Copy)]
struct Judging<'a> {
    judge: &'a Judge,
    context: &'a View<'a>,
}

/// What is needed while one file is judged.
struct Progressing<'b> {
    /// What a baseline knows of the file and was not met yet.
    accepted: Option<Accepted<'b>>,
    /// How often each key was met: what tells findings of one key apart.
    met: BTreeMap<Key, usize>,
}

impl Checker {
    /// What there is to say about a file. What is `accepted` in it does not count.
    pub(crate) fn check(
        &self,
        source: &Source,
        file: Result<File, Unreadable>,
        judge: &Judge,
        context: &Context,
        accepted: Option<Accepted<'_>>,
    ) -> Report {
        let mut report = match file {
            Ok(file) => {
                self.file(source, &file, Judging { judge, context: &context.seen_from(&source.label) }, accepted)
            }
            Err(error) => Report::unreadable(&error),
        };
        report.root = source.root;
        report.named = source.named;
        report.file.in_repository = source.path.as_deref().and_then(|path| self.in_repository(path));
        report.pieces = self.wanted.pieces(&std::mem::take(&mut report.file));
        report
    }

    /// What there is to say about something that cannot be read.
    pub(crate) fn unreadable(&self, error: &Unreadable) -> Report {
        self.named(Report::unreadable(error))
    }

    /// What there is to say about a file that was named and that the kustomization in a folder patches others with.
    pub(crate) fn patch(&self, source: &Source, folder: &str) -> Report {
        let mut report = Report::default();
        report.file.path.clone_from(&source.label);
        let message =
            format!("this is a patch of the kustomization {folder}, a part of objects: check {folder} itself");
        report.trouble(TroubleKind::Patch, message, true);
        self.named(report)
    }

    /// A report that is known by the name of its file alone.
    fn named(&self, mut report: Report) -> Report {
        report.file.in_repository = self.in_repository(Path::new(&report.file.path));
        report.pieces = self.wanted.pieces(&std::mem::take(&mut report.file));
        report
    }

    fn in_repository(&self, path: &Path) -> Option<String> {
        let folder = self.repository.as_deref()?;
        source::place(path).strip_prefix(folder).ok().map(source::label)
    }

    fn file(&self, source: &Source, file: &File, judging: Judging<'_>, accepted: Option<Accepted<'_>>) -> Report {
        let mut report = Report::default();
        report.file.path.clone_from(&source.label);
        report.file.is_live = source.is_live();
        report.file.is_editable = source.rendered.is_none() && (source.path.is_some() || source.once);
        let rendered = source.rendered.as_deref();
        let label = match rendered {
            Some(_) => format!("{} (rendered)", source.label),
            None => source.label.clone(),
        };
        let own = Page::new(&label, &file.text);
        let written = rendered.map(|rendered| Page::new(&source.label, &rendered.source));
        let page = written.as_ref().unwrap_or(&own);
        let texts = Texts { page, own: &own, rendered };
        let template = template::of(source, file);
        match &template {
            Some(chart) => report.template(source, chart),
            None if source.may_be_skipped(&file.text) => report.tally.skipped += file.stream.errors.len(),
            None => file.stream.errors.iter().for_each(|error| report.syntax(&own, error)),
        }
        let mut is_empty = file.stream.errors.is_empty();
        let mut so_far = Progressing { accepted, met: BTreeMap::new() };
        for document in &file.stream.documents {
            match Content::of(document) {
                Content::Empty => continue,
                _ if template.is_some() && holds_actions(document.value()) => {}
                Content::Objects(objects) => self.objects(judging, texts, document, objects, &mut so_far, &mut report),
                Content::Other(_) if source.is_ours() => {}
                Content::Other(why) => report.other(source, why),
            }
            is_empty = false;
        }
        if is_empty && source.named {
            report.note(&format!("{}: there is nothing in it", source.label));
        }
        report.tally.files = usize::from(report.tally.objects > 0);
        if rendered.is_some() {
            report.without_fixes();
        }
        report
    }

    fn objects(
        &self,
        judging: Judging<'_>,
        texts: Texts<'_>,
        document: &Document,
        objects: Vec<Object<'_>>,
        so_far: &mut Progressing<'_>,
        report: &mut Report,
    ) {
        let Texts { page, own, rendered } = texts;
        let mut examined = judging.judge.document(document, own.text(), objects, judging.context);
        if let Some(accepted) = &mut so_far.accepted {
            report.tally.baseline_unseen += examined.mark_known(accepted, self.wanted.options.with_info);
        }
        let header = own.text().get(document.span()).filter(|_| rendered.is_none()).and_then(transom_charts::source_of);
        let rendered = rendered.map(|rendered| (rendered, own));
        for (object, decision) in examined.objects() {
            let place = Place { page, examined: &examined, object, rendered, header };
            match decision {
                Ok(decision) => {
                    let decision = examined.fixable(own.text(), object, decision);
                    self.decision(&place, &decision, so_far, report);
                }
                Err(error) => report.unjudged(&place, &error.to_string()),
            }
        }
    }

    fn decision(&self, place: &Place<'_>, decision: &Decision, so_far: &mut Progressing<'_>, report: &mut Report) {
        let decision = &*without_known(decision, &mut report.tally);
        if self.wanted.text {
            report.findings.push_str(&text::findings(place, decision, self.wanted.options.with_info));
            if self.show_suppressed {
                report.findings.push_str(&text::suppressed(place, decision));
            }
        }
        if !self.wanted.formats.is_empty() {
            let details = |findings: &[Finding], met: &mut _| {
                findings.iter().map(|finding| self.detail(place, decision, finding, met)).collect()
            };
            let uid = place.object.object()["metadata"]["uid"].as_str();
            let object = ObjectReport {
                index: place.examined.document().index(),
                pointer: place.object.at.clone(),
                line: place.page.location(&place.span("")).line,
                uid: uid.filter(|_| report.file.is_live).map(str::to_owned),
                details: details(&decision.findings, &mut so_far.met),
                suppressed: details(&decision.suppressed, &mut so_far.met),
                decision: located(decision, place),
            };
            report.file.objects.push(object);
        }
    }

    fn detail(
        &self,
        place: &Place<'_>,
        decision: &Decision,
        finding: &Finding,
        met: &mut BTreeMap<Key, usize>,
    ) -> Detail {
        let key = place.examined.key(place.object, decision, finding);
        let times = met.entry(key.clone()).or_default();
        let fingerprint = key.fingerprint(place.page.label().trim_start_matches("./"), *times);
        *times += 1;
        let related = place.evidence(decision, finding).map(|(at, said)| (place.page.location(&at), said));
        let edits = if self.wanted.edits() && place.rendered.is_none() {
            let fix = place.examined.text_fix(place.page.text(), place.object, finding);
            let edits = fix.map(|fix| fix.edits).unwrap_or_default();
            edits.into_iter().map(|edit| (place.page.location(&edit.range), edit.text)).collect()
        } else {
            Vec::new()
        };
        Detail { fingerprint, related: related.into_iter().collect(), edits }
    }
}

/// A Decision in which what the baseline knows does not count, counted.
fn without_known<'d>(decision: &'d Decision, tally: &mut Tally) -> Cow<'d, Decision> {
    let mut decision = Cow::Borrowed(decision);
    let mut known = Vec::new();
    if decision.findings.iter().any(|finding| finding.is_known) {
        let decision = decision.to_mut();
        known = decision.findings.extract_if(.., |finding| finding.is_known).collect();
    }
    tally.count(&decision);
    tally.baseline += known.len();
    if !known.is_empty() {
        known.iter_mut().for_each(|finding| finding.reason = Some("it is in the baseline".to_owned()));
        decision.to_mut().suppressed.append(&mut known);
    }
    decision
}

/// The Decision, with the place of every finding in the text.
fn located(decision: &Decision, place: &Place<'_>) -> Decision {
    let mut decision = decision.clone();
    for finding in decision.findings.iter_mut().chain(&mut decision.suppressed) {
        finding.location = Some(place.page.location(&place.span(&finding.path)));
        finding.help = text::helped(finding, place.advice(finding));
    }
    decision
}
