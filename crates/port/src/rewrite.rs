//! The texts on their way: said to be for Windows, fixed by the core's own fixes, looked over.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use transom_manifests::{Content, Context, Finding, Judge, Object, Safety, Wanted, fix_wanted};
use transom_yaml::{Document, LineIndex, Operation};

use crate::decision::{self, Asked, Decision, State};
use crate::facts;
use crate::keep::{self, Reason, Untouched};
use crate::{Place, Porter, context, intent, location};

/// What fixes in one text change for the others settles after two rounds; this is a bound, not a need.
const MAX_ROUNDS: usize = 8;

/// The rules whose unsafe fixes are what porting means: the pod was made for Linux, so what they change
/// cannot be what is wanted on Windows. All others are a person's to apply.
const IMPLIED: &[&str] = &[
    "windows-pod-not-pinned",
    "unsupported-architecture",
    "toleration-value-case",
    "missing-windows-toleration",
    "pod-os-label-mismatch",
    "build-not-pinned",
    "rejected-linux-field",
    "non-root-administrator",
    "non-root-not-enforced",
    "host-network",
    "linux-cni-annotation",
    "memory-empty-dir",
    "linux-file-system",
    "azure-file-options",
    "runtime-socket",
    "linux-image",
    "image-build-mismatch",
    "retired-windows-build",
    "unpublished-image-tag",
    "floating-framework-tag",
    "shell-built-in",
    "unsplit-command",
    "slow-start-probe",
    "short-probe-timeout",
    "linux-sidecar-injection",
    "linux-runtime-class",
];

/// The rules that say of a field that it cannot stay, and leave it to a person what takes its place.
const TAKEN_OUT: &[&str] = &["rejected-linux-field", "privileged-container", "linux-only-nodes-selected"];

pub(crate) struct Work<'a> {
    porter: &'a Porter,
    originals: &'a [&'a str],
    surroundings: &'a [Value],
    /// Whether somebody still waits for it. Each step ends with `None` once nobody does.
    is_wanted: &'a dyn Fn() -> bool,
    /// The texts as they are by now.
    pub(crate) texts: Vec<String>,
    /// The objects that are not ported, and why.
    kept: BTreeMap<Place, (Reason, String)>,
    /// What was found in them before anything else was ported.
    found_in_kept: BTreeMap<Place, Vec<Finding>>,
    /// What was found and changed on the way, with the value it was about.
    changed: BTreeMap<Place, Vec<(Finding, Value)>>,
    /// What no rule speaks of, since it is right on both systems, and may still be a question.
    facts: BTreeMap<Place, Vec<Asked>>,
}

/// An object of the texts, judged.
struct Seen<'s, 'd> {
    place: &'s Place,
    document: &'d Document,
    object: &'s Object<'d>,
    findings: &'s [Finding],
    /// What an annotation or a comment hides.
    suppressed: &'s [Finding],
    runs_pods: bool,
}

impl<'a> Work<'a> {
    pub(crate) fn new(
        porter: &'a Porter,
        originals: &'a [&'a str],
        surroundings: &'a [Value],
        is_wanted: &'a dyn Fn() -> bool,
    ) -> Self {
        let texts = originals.iter().map(|text| (*text).to_owned()).collect();
        Work {
            porter,
            originals,
            surroundings,
            is_wanted,
            texts,
            kept: BTreeMap::new(),
            found_in_kept: BTreeMap::new(),
            changed: BTreeMap::new(),
            facts: BTreeMap::new(),
        }
    }

    fn context(&self) -> Context {
        context(&self.texts, self.surroundings)
    }

    /// Makes every pod that is ported say so.
    pub(crate) fn say_what_is_meant(&mut self) -> Option<()> {
        let context = self.context();
        for index in 0..self.texts.len() {
            let text = self.texts[index].clone();
            let mut patches = Vec::new();
            let (mut kept, mut found, mut facts) = (Vec::new(), Vec::new(), Vec::new());
            each(&self.porter.fixing, &context, index, &text, self.is_wanted, |seen| {
                match keep::reason(seen.object.object(), seen.runs_pods) {
                    Some(reason) => {
                        kept.push((seen.place.clone(), reason));
                        found.push((seen.place.clone(), seen.findings.to_vec()));
                    }
                    None => {
                        let object = seen.object.object();
                        facts.push((seen.place.clone(), facts::of(object)));
                        patches.push((seen.place.clone(), seen.object.lifted(&intent::of(self.porter, object))));
                    }
                }
            })?;
            self.kept.extend(kept);
            self.found_in_kept.extend(found);
            self.facts.extend(facts);
            self.apply(index, &text, patches);
        }
        Some(())
    }

    /// Applies patches of a text's documents. An object that cannot be edited so stays as it is.
    fn apply(&mut self, index: usize, text: &str, patches: Vec<(Place, Vec<Operation>)>) {
        let stream = transom_yaml::parse(text);
        let mut edits = Vec::new();
        for document in &stream.documents {
            let of_document =
                || patches.iter().filter(|(place, patch)| place.1 == document.index() && !patch.is_empty());
            let all: Vec<Operation> = of_document().flat_map(|(_, patch)| patch.iter().cloned()).collect();
            if let Ok(all) = document.edits(text, &all) {
                edits.extend(all);
                continue;
            }
            let mut good: Vec<Operation> = Vec::new();
            for (place, patch) in of_document() {
                let with: Vec<Operation> = good.iter().chain(patch).cloned().collect();
                match document.edits(text, &with) {
                    Ok(_) => good = with,
                    Err(error) => drop(self.kept.insert(place.clone(), (Reason::Failed, error.to_string()))),
                }
            }
            edits.extend(document.edits(text, &good).unwrap_or_default());
        }
        self.texts[index] = transom_yaml::apply(text, &edits);
    }

    /// Fixes until nothing changes any more.
    pub(crate) fn fix(&mut self) -> Option<()> {
        for _ in 0..MAX_ROUNDS {
            let before = self.texts.clone();
            self.take_out()?;
            let context = self.context();
            for index in 0..self.texts.len() {
                let is_ported = |document: usize, at: &str| !self.kept.contains_key(&(index, document, at.to_owned()));
                let wanted =
                    Wanted { object: &is_ported, unsafe_fix: &is_implied, known: None, answer: self.is_wanted };
                if let Some(text) = fix_wanted(&self.porter.fixing, &context, &self.texts[index], wanted)?.text {
                    self.texts[index] = text;
                }
            }
            if self.texts == before {
                break;
            }
        }
        Some(())
    }

    /// Takes out what cannot stay and has no fix, and notes what the fixes will change.
    fn take_out(&mut self) -> Option<()> {
        for _ in 0..MAX_ROUNDS * MAX_ROUNDS {
            let context = self.context();
            let before = self.texts.clone();
            for index in 0..self.texts.len() {
                let text = self.texts[index].clone();
                let mut patches = Vec::new();
                let (kept, changed) = (&self.kept, &mut self.changed);
                each(&self.porter.fixing, &context, index, &text, self.is_wanted, |seen| {
                    if kept.contains_key(seen.place) {
                        return;
                    }
                    let doomed = seen.findings.iter().find(|finding| is_to_be_taken_out(finding, seen.object.object()));
                    if let Some(finding) = doomed {
                        let path = outermost(seen.object.object(), &finding.path);
                        patches.push((seen.place.clone(), seen.object.lifted(&[Operation::Remove { path }])));
                    }
                    let notes = changed.entry(seen.place.clone()).or_default();
                    for finding in seen.findings {
                        let is_new = |(other, _): &(Finding, Value)| {
                            other.rule != finding.rule || other.message != finding.message
                        };
                        if notes.iter().all(is_new) {
                            let value = seen.object.object().pointer(&finding.path).cloned().unwrap_or_default();
                            notes.push((finding.clone(), value));
                        }
                    }
                })?;
                self.apply(index, &text, patches);
            }
            if self.texts == before {
                break;
            }
        }
        Some(())
    }

    /// What a person has to know: decisions, and what stays as it is.
    pub(crate) fn account(&mut self, names: &[&str]) -> Option<(Vec<Decision>, Vec<Untouched>)> {
        let context = self.context();
        let (mut decisions, mut untouched) = (Vec::new(), Vec::new());
        for (index, text) in self.texts.iter().enumerate() {
            let before = transom_yaml::parse(self.originals[index]);
            let (lines, lines_before) = (LineIndex::new(text), LineIndex::new(self.originals[index]));
            each(&self.porter.judging, &context, index, text, self.is_wanted, |seen| {
                let object = seen.object.object();
                let place = |path: &str| location(&lines, seen.object.span(seen.document, path));
                let reference = reference(object);
                let document = before.documents.iter().find(|document| document.index() == seen.place.1);
                let original = |path: &str| {
                    let there =
                        document.filter(|document| document.locate(&format!("{}{path}", seen.object.at)).exact)?;
                    Some(location(&lines_before, seen.object.span(there, path)))
                };
                decisions.extend(self.asked(&seen).into_iter().map(|asked| Decision {
                    state: asked.state,
                    file: names[index].to_owned(),
                    document: seen.place.1,
                    object: reference.clone(),
                    container: container_of(object, &asked.path).map(str::to_owned),
                    location: place(&asked.path),
                    original: original(&asked.path).filter(|_| asked.state == State::Assumed),
                    path: asked.path,
                    rule: asked.rule,
                    name: asked.name,
                    severity: asked.severity,
                    what: asked.what,
                    why: asked.why,
                    options: asked.options,
                }));
                let untouched_reason = self.kept.get(seen.place).cloned().or_else(|| {
                    let as_it_was = document?.value().pointer(&seen.object.at)?
                        == seen.document.value().pointer(&seen.object.at)?;
                    as_it_was.then(|| (Reason::Windows, "it is for Windows already".to_owned()))
                });
                if let Some((reason, why)) = untouched_reason {
                    let location = place("");
                    untouched.push(Untouched {
                        file: names[index].to_owned(),
                        object: reference,
                        location,
                        reason,
                        why,
                    });
                }
            })?;
        }
        decisions.sort_by(|a, b| {
            let key = |decision: &Decision| (decision.document, decision.location.line, decision.location.column);
            a.state.cmp(&b.state).then_with(|| a.file.cmp(&b.file)).then_with(|| key(a).cmp(&key(b)))
        });
        Some((decisions, untouched))
    }

    /// What is asked about an object: what is left, what was changed, and what no rule speaks of.
    fn asked(&self, seen: &Seen<'_, '_>) -> Vec<Asked> {
        let object = seen.object.object();
        let value = |finding: &Finding| object.pointer(&finding.path).cloned().unwrap_or_default();
        let left = seen.findings.iter().filter(|finding| self.is_to_be_asked(seen.place, finding));
        let left = left.filter_map(|finding| decision::of(State::Open, finding, &value(finding)));
        // What is hidden was accepted on Linux nodes: somebody has to accept it anew.
        let hidden = seen.suppressed.iter().filter(|finding| {
            finding.severity != "info"
                && self.is_to_be_asked(seen.place, finding)
                && !self.kept.contains_key(seen.place)
        });
        let hidden = hidden.filter_map(|finding| decision::of(State::Open, finding, &value(finding)));
        let hidden = hidden.map(|asked| Asked { why: format!("{} (suppressed)", asked.why), ..asked });
        let is_left = |finding: &Finding| {
            seen.findings.iter().any(|left| left.rule == finding.rule && left.message == finding.message)
        };
        let changed = self.changed.get(seen.place).into_iter().flatten();
        let changed = changed.filter(|(finding, _)| !is_left(finding) && is_worth_a_look(finding));
        let changed = changed.filter_map(|(finding, value)| decision::of(State::Assumed, finding, value));
        let mut asked: Vec<Asked> = left.chain(hidden).chain(changed).collect();
        let said: BTreeSet<String> = asked.iter().map(|asked| asked.path.clone()).collect();
        let facts = self.facts.get(seen.place).into_iter().flatten();
        asked.extend(facts.filter(|fact| !said.contains(&fact.path)).cloned());
        asked
    }

    /// Whether what is left is a person's business. What stays on Linux is not, but for what does not work
    /// there either, and for what the others have brought about that were ported.
    fn is_to_be_asked(&self, place: &Place, finding: &Finding) -> bool {
        let is_same = |other: &Finding| other.rule == finding.rule && other.path == finding.path;
        match self.kept.get(place) {
            None | Some((Reason::RunsNothing, _)) => true,
            Some(_) if finding.severity == "error" => true,
            Some(_) => !self.found_in_kept.get(place).into_iter().flatten().any(is_same),
        }
    }
}

/// Judges all objects of a text; stops where nobody waits for them.
fn each(
    judge: &Judge,
    context: &Context,
    index: usize,
    text: &str,
    is_wanted: &dyn Fn() -> bool,
    mut see: impl FnMut(Seen<'_, '_>),
) -> Option<()> {
    for document in &transom_yaml::parse(text).documents {
        if !is_wanted() {
            return None;
        }
        let Content::Objects(objects) = Content::of(document) else { continue };
        let examined = judge.document(document, text, objects, context);
        for (object, decision) in examined.objects() {
            // The evaluator is the core itself, which answers anything.
            let Ok(decision) = decision else { continue };
            let place = (index, document.index(), object.at.clone());
            let runs_pods = !decision.targets().is_empty();
            let (findings, suppressed) = (&decision.findings, &decision.suppressed);
            see(Seen { place: &place, document, object, findings, suppressed, runs_pods });
        }
    }
    Some(())
}

fn is_implied(finding: &Finding) -> bool {
    IMPLIED.contains(&&*finding.name)
}

/// Whether a change is one that somebody should look at: it may not be what was meant, or something is lost.
fn is_worth_a_look(finding: &Finding) -> bool {
    match &finding.fix {
        Some(fix) if fix.safety == Safety::Unsafe => true,
        _ => decision::is_loss(finding),
    }
}

fn is_to_be_taken_out(finding: &Finding, object: &Value) -> bool {
    let is_field = || object.pointer(&finding.path).is_some();
    let is_refused = finding.stage == "api-server" || finding.path.contains("/nodeSelector/");
    TAKEN_OUT.contains(&&*finding.name) && finding.fix.is_none() && is_refused && is_field()
}

/// The outermost value that holds nothing but the one at `path`: an empty `securityContext` says nothing.
fn outermost(object: &Value, path: &str) -> String {
    let mut path = path;
    while let Some((parent, _)) = path.rsplit_once('/') {
        let is_alone = object.pointer(parent).and_then(Value::as_object).is_some_and(|fields| fields.len() == 1);
        if !is_alone || parent.ends_with("/spec") || parent.is_empty() {
            break;
        }
        path = parent;
    }
    path.to_owned()
}

fn reference(object: &Value) -> String {
    let kind = object["kind"].as_str().unwrap_or_default();
    let metadata = &object["metadata"];
    let name = metadata["name"].as_str().or(metadata["generateName"].as_str()).unwrap_or_default();
    match metadata["namespace"].as_str() {
        Some(namespace) => format!("{kind} {namespace}/{name}"),
        None => format!("{kind} {name}").trim_end().to_owned(),
    }
}

/// The container that a path is in, and else nothing.
fn container_of<'o>(object: &'o Value, path: &str) -> Option<&'o str> {
    let parts: Vec<&str> = path.split('/').collect();
    let list = parts.iter().position(|part| part.ends_with("ontainers"))?;
    object.pointer(&parts.get(..=list + 1)?.join("/"))?["name"].as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_exist() {
        for name in IMPLIED.iter().chain(TAKEN_OUT) {
            assert!(transom::rules::find(name).is_some_and(|rule| rule.name == *name), "{name}");
        }
    }
}
