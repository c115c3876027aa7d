//! The files on the desk: read when they change, judged when that changes anything.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use transom_manifests::{Action, Content, Context, Decision, Examined, Judge, Object, Transom, is_template};
use transom_yaml::{Document, Stream};

use crate::answer::{self, Cluster, Configured, Judged, Node, Omitted, Place, Problem, Report};
use crate::offsets::Offsets;
use crate::recall::Recall;
use crate::settings;

/// Findings of one file that are told one by one; what comes after is counted.
const TOLD: usize = 2_000;

#[derive(Debug)]
pub(crate) struct File {
    pub(crate) text: String,
    pub(crate) stream: Stream,
    /// What was found in it; nothing since it or what surrounds it changed.
    pub(crate) answer: Option<answer::File>,
    /// What was answered about its objects.
    recall: Recall,
}

impl File {
    /// A judge that knows what it was asked about the file before.
    pub(crate) fn judge(&self, today: &str) -> Judge {
        Judge::new(self.recall.clone(), today)
    }

    /// The objects of one of its documents, where there are any.
    pub(crate) fn objects(&self, document: usize) -> Option<(&Document, Vec<Object<'_>>)> {
        let document = self.stream.documents.iter().find(|other| other.index() == document)?;
        let Content::Objects(objects) = Content::of(document) else { return None };
        Some((document, objects))
    }
}

#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) files: BTreeMap<String, File>,
    /// What the answers of the files are true for.
    pub(crate) context: Context,
    pub(crate) transom: Transom,
    pub(crate) settings: Value,
    pub(crate) today: String,
}

impl Desk {
    pub(crate) fn new(today: &str) -> Self {
        Desk {
            files: BTreeMap::new(),
            context: Context::default(),
            transom: Transom::new(),
            settings: json!({}),
            today: today.to_owned(),
        }
    }

    pub(crate) fn configure(&mut self, text: &str) -> Configured<'_> {
        let errors = match settings::read(text) {
            Ok((transom, value)) => {
                self.settings = value;
                for file in self.files.values_mut() {
                    (file.answer, file.recall) = (None, Recall::new(transom.clone()));
                }
                self.transom = transom;
                Vec::new()
            }
            Err(errors) => errors,
        };
        let settings = self.transom.settings();
        let taints = settings.taints();
        let taints = taints.map(|taints| taints.iter().map(|t| taint(&t.key, &t.value, &t.effect)).collect());
        Configured {
            errors,
            cluster: Cluster { taints, windows: settings.may_have_windows_nodes() },
            settings: &self.settings,
        }
    }

    pub(crate) fn put(&mut self, name: &str, text: &str) {
        let recall = self.files.remove(name).map_or_else(|| Recall::new(self.transom.clone()), |file| file.recall);
        let file = File { stream: transom_yaml::parse(text), text: text.to_owned(), answer: None, recall };
        self.files.insert(name.to_owned(), file);
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.files.remove(name);
    }

    pub(crate) fn check(&mut self) -> Report<'_> {
        let context = context(self.files.values().map(|file| &file.stream));
        if context != self.context {
            self.files.values_mut().for_each(|file| file.answer = None);
            self.context = context;
        }
        let mut fresh = Vec::new();
        for (name, file) in &mut self.files {
            if file.answer.is_none() {
                let judge = file.judge(&self.today);
                file.answer = Some(judged(name, &file.text, &file.stream, &judge, &self.context));
                file.recall.forget();
                fresh.push(name.clone());
            }
        }
        let nodes =
            self.files.values().flat_map(|file| objects(&file.stream)).filter_map(|object| node(object.object()));
        let nodes = nodes.collect();
        Report { files: fresh.iter().filter_map(|name| self.files[name].answer.as_ref()).collect(), nodes }
    }

    pub(crate) fn locate(&self, name: &str, document: usize, pointer: &str, path: &str) -> Option<Place> {
        let file = self.files.get(name)?;
        let (document, object) = self.object(name, document, pointer)?;
        Some(Page::new(&file.text).place(object.span(document, path), None))
    }

    /// An object, and the document it stands in.
    pub(crate) fn object(&self, name: &str, document: usize, pointer: &str) -> Option<(&Document, Object<'_>)> {
        let (document, objects) = self.files.get(name)?.objects(document)?;
        let object = objects.into_iter().find(|object| object.at == pointer)?;
        Some((document, object))
    }
}

/// What the objects of all files are to one another.
pub(crate) fn context<'s>(streams: impl Iterator<Item = &'s Stream>) -> Context {
    let mut context = Context::default();
    for object in streams.flat_map(objects) {
        context.add(object.object());
    }
    context
}

fn objects(stream: &Stream) -> impl Iterator<Item = Object<'_>> {
    stream.documents.iter().flat_map(|document| match Content::of(document) {
        Content::Objects(objects) => objects,
        Content::Empty | Content::Other(_) => Vec::new(),
    })
}

fn taint(key: &str, value: &str, effect: &str) -> String {
    if value.is_empty() { format!("{key}:{effect}") } else { format!("{key}={value}:{effect}") }
}

fn node(value: &Value) -> Option<Node> {
    if value["kind"] != "Node" || value["apiVersion"] != "v1" {
        return None;
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let taints = value["spec"]["taints"].as_array().into_iter().flatten();
    Some(Node {
        name: text(&value["metadata"]["name"]),
        os: value["metadata"]["labels"]["kubernetes.io/os"].as_str().map(str::to_owned),
        taints: taints.map(|t| taint(&text(&t["key"]), &text(&t["value"]), &text(&t["effect"]))).collect(),
    })
}

/// A text in which places are looked for.
struct Page<'t> {
    text: &'t str,
    offsets: Offsets,
    lines: transom_yaml::LineIndex<'t>,
}

impl<'t> Page<'t> {
    fn new(text: &'t str) -> Self {
        Page { text, offsets: Offsets::new(text), lines: transom_yaml::LineIndex::new(text) }
    }

    fn place(&self, span: transom_yaml::Span, container: Option<String>) -> Place {
        let (from, to) = self.offsets.range(self.text, &span);
        Place { from, to, line: self.lines.line_column(span.start).0, container }
    }
}

/// Everything that is to say about a file.
fn judged(name: &str, text: &str, stream: &Stream, judge: &Judge, context: &Context) -> answer::File {
    let page = Page::new(text);
    let mut file =
        answer::File { name: name.to_owned(), objects: Vec::new(), omitted: Omitted::default(), problems: Vec::new() };
    let is_template = is_template(text, stream, false);
    for error in &stream.errors {
        let mut problem = Problem::of_syntax(error, text, &page.offsets);
        if is_template {
            problem.help = Some("this looks like a Helm template: paste what `helm template` makes of it");
        }
        file.problems.push(problem);
    }
    let mut told = 0;
    for document in &stream.documents {
        let objects = match Content::of(document) {
            Content::Empty => continue,
            Content::Other(why) => {
                let message = format!("this is no Kubernetes object: {why}");
                let mut problem = Problem::new(message, document.locate("").span, text, &page.offsets);
                problem.note = true;
                file.problems.push(problem);
                continue;
            }
            Content::Objects(objects) => objects,
        };
        let examined = judge.document(document, text, objects, context);
        for (object, decision) in examined.objects() {
            match decision {
                Ok(decision) if told > TOLD => file.omitted.count(decision),
                Ok(decision) => {
                    told += decision.findings.len();
                    file.objects.push(told_of(&examined, document, object, decision, &page));
                }
                Err(error) => {
                    let message = format!("this object could not be judged: {error}");
                    file.problems.push(Problem::new(message, examined.span(object, ""), text, &page.offsets));
                }
            }
        }
    }
    file
}

fn told_of(
    examined: &Examined<'_>,
    document: &Document,
    object: &Object<'_>,
    decision: &Decision,
    page: &Page<'_>,
) -> Judged {
    let place = |path: &str| page.place(examined.span(object, path), container(object.object(), path));
    Judged {
        document: document.index(),
        pointer: object.at.clone(),
        place: place(""),
        places: decision.findings.iter().map(|finding| place(&finding.path)).collect(),
        suppressed: decision.suppressed.iter().map(|finding| place(&finding.path)).collect(),
        decision: decision.clone(),
        review: object.value()["kind"] == "AdmissionReview",
    }
}

/// The name of the container that a path leads into.
fn container(object: &Value, path: &str) -> Option<String> {
    let lists = ["/containers/", "/initContainers/", "/ephemeralContainers/"];
    let after = lists.iter().find_map(|list| path.find(list).map(|at| at + list.len()))?;
    let end = path[after..].find('/').map_or(path.len(), |length| after + length);
    object.pointer(&path[..end])?["name"].as_str().map(str::to_owned)
}

impl Omitted {
    fn count(&mut self, decision: &Decision) {
        self.objects += 1;
        for finding in &decision.findings {
            match finding.action {
                Action::Deny => self.deny += 1,
                Action::Warn => self.warn += 1,
                Action::Info => self.info += 1,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_templates_are_to_be_rendered() {
        let of = |text: &str| {
            let mut desk = Desk::new("2026-11-21");
            desk.put("a.yaml", text);
            let report = desk.check();
            let problem = &report.files[0].problems[0];
            (problem.message.clone(), problem.help)
        };
        let (message, help) = of("kind: Pod\nname: {{cluster_name}}\n");
        assert_eq!(message, "`{{cluster_name}}` is a placeholder that has to be filled in first");
        assert_eq!(help, None);
        let (_, help) = of("kind: Pod\nname: {{ .Values.name }}\n");
        assert!(help.is_some_and(|help| help.starts_with("this looks like a Helm template")), "{help:?}");
    }
}
