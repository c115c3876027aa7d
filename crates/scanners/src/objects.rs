//! The manifests that were scanned: each object with its lines, and what its pods are.

use std::path::Path;

use serde_json::Value;
use transom_manifests::{Content, Judge, View};
use transom_yaml::LineIndex;

use crate::peers::Scanner;
use crate::places::{self, Place};

/// What matters of the pods of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pods {
    /// All of them are meant for Windows, and there are some.
    pub windows: bool,
    /// Some have HostProcess containers.
    pub host_process: bool,
    /// All containers are to run as somebody who is not the administrator.
    pub run_as_non_root: bool,
}

/// An object in a file.
#[derive(Debug)]
pub(crate) struct Object {
    pub(crate) kind: String,
    pub(crate) name: String,
    /// None: it does not say one.
    pub(crate) namespace: Option<String>,
    /// `Deployment shop/web`
    pub(crate) title: String,
    /// First and last line, from 1.
    pub(crate) lines: (usize, usize),
    /// None: it could not be judged, so that nothing is known.
    pub(crate) pods: Option<Pods>,
}

/// A file and what is in it.
#[derive(Debug)]
pub(crate) struct File {
    path: places::File,
    /// Whether all of it could be read.
    pub(crate) is_whole: bool,
    pub(crate) objects: Vec<Object>,
}

/// The manifests that were scanned.
#[derive(Debug, Default)]
pub struct Objects {
    files: Vec<File>,
}

impl Objects {
    /// The objects of one file: its path as it was given, and its text.
    #[must_use]
    pub fn read<'c>(path: &str, text: &str, judge: &Judge, context: impl Into<View<'c>>) -> Self {
        let context = context.into();
        let stream = transom_yaml::parse(text);
        let index = LineIndex::new(text);
        let line = |offset| index.line_column(offset).0;
        let mut all = Vec::new();
        for document in &stream.documents {
            let Content::Objects(objects) = Content::of(document) else { continue };
            let examined = judge.document(document, text, objects, &context);
            for (object, decision) in examined.objects() {
                let span = document.value_span(&object.at).unwrap_or_else(|| document.span());
                let value = object.object();
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                let decision = decision.as_ref().ok();
                let reference = decision.and_then(|decision| decision.object.as_ref());
                all.push(Object {
                    kind: text(&value["kind"]),
                    name: text(&value["metadata"]["name"]),
                    namespace: value["metadata"]["namespace"].as_str().map(str::to_owned),
                    title: reference.map(transom_manifests::Reference::short).unwrap_or_default(),
                    lines: (line(span.start), line(span.end.saturating_sub(1).max(span.start))),
                    pods: decision.map(|decision| pods(value, &decision.intents())),
                });
            }
        }
        let file = File { path: places::File::given(path), is_whole: stream.errors.is_empty(), objects: all };
        Objects { files: vec![file] }
    }

    /// Adds those of other files.
    pub fn add(&mut self, others: Objects) {
        self.files.extend(others.files);
    }

    /// The same, of files that really are at `path`: from the root on, and without links.
    #[must_use]
    pub fn really_at(mut self, path: &Path) -> Self {
        self.files.iter_mut().for_each(|file| file.path.set_real(path.to_owned()));
        self
    }

    /// The file at a place, where it is certain which one that is.
    pub(crate) fn at(&self, place: &Place, scanner: Scanner) -> Option<&File> {
        if let Some(here) = place.here() {
            return only(self.files.iter().filter(|file| file.path.is(&here)));
        }
        let (said, meant) = (place.parts(), place.meant(scanner));
        let file = self.alike(&said).or_else(|| self.alike(meant.as_deref()?))?;
        let is_other = |parts: &[&str]| !place.is_absolute && file.path.is_other_above(parts);
        (!is_other(&said) && !meant.is_some_and(|meant| is_other(&meant))).then_some(file)
    }

    /// The file whose path is the most like another; none where several are as good.
    fn alike(&self, wanted: &[&str]) -> Option<&File> {
        let all = || self.files.iter().filter_map(|file| Some((file.path.alike(wanted)?, file)));
        let best = all().map(|(alike, _)| alike).max()?;
        only(all().filter(|(alike, _)| *alike == best).map(|(_, file)| file))
    }
}

/// The one item, if there is one alone.
fn only<T>(mut items: impl Iterator<Item = T>) -> Option<T> {
    let item = items.next()?;
    items.next().is_none().then_some(item)
}

fn pods(object: &Value, intents: &[String]) -> Pods {
    let specs: Vec<&Value> = transom_context::templates(object).into_iter().map(|template| &template["spec"]).collect();
    let containers = |spec: &'_ Value| -> Vec<Value> {
        let lists = ["containers", "initContainers", "ephemeralContainers"].into_iter();
        lists.flat_map(|list| spec[list].as_array().cloned().unwrap_or_default()).collect()
    };
    let host_process = |context: &Value| context["windowsOptions"]["hostProcess"] == true;
    Pods {
        windows: !intents.is_empty() && intents.iter().all(|intent| intent == "windows"),
        host_process: specs.iter().any(|spec| {
            host_process(&spec["securityContext"])
                || containers(spec).iter().any(|one| host_process(&one["securityContext"]))
        }),
        run_as_non_root: !specs.is_empty()
            && specs.iter().all(|spec| {
                let of_pod = spec["securityContext"]["runAsNonRoot"] == true;
                containers(spec).iter().all(|one| match &one["securityContext"]["runAsNonRoot"] {
                    Value::Bool(own) => *own,
                    _ => of_pod,
                })
            }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{Artifact, Bases};

    fn is_found(paths: &[&str], uri: &str) -> bool {
        let file = |path: &&str| File { path: places::File::given(path), is_whole: true, objects: Vec::new() };
        let objects = Objects { files: paths.iter().map(file).collect() };
        let artifact = Artifact { uri: uri.to_owned(), uri_base_id: None };
        objects.at(&Place::of(&artifact, &Bases::new()), Scanner::Trivy).is_some()
    }

    #[test]
    fn files_are_found_by_their_ends() {
        let files = ["a/web.yaml", "b/web.yaml", "c/my file.yaml"];
        for uri in ["file:///x/a/web.yaml", "/b/web.yaml", "c/my%20file.yaml", "my%20file.yaml"] {
            assert!(is_found(&files, uri), "{uri}");
        }
        for uri in ["web.yaml", "d/web.yaml", "other.yaml", ""] {
            assert!(!is_found(&files, uri), "{uri}");
        }
        assert!(is_found(&["a/web.yaml", "b/a/web.yaml"], "/ci/b/a/web.yaml"), "the longer one is more alike");
    }

    #[test]
    fn what_is_here_is_no_other_file() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs");
        let real = here.canonicalize().expect("a file");
        let at = |objects: Objects| {
            let artifact = Artifact { uri: here.to_string_lossy().into_owned(), uri_base_id: None };
            objects.at(&Place::of(&artifact, &Bases::new()), Scanner::Trivy).is_some()
        };
        let objects = || Objects {
            files: vec![File { path: places::File::given("src/lib.rs"), is_whole: true, objects: Vec::new() }],
        };
        assert!(at(objects().really_at(&real)));
        assert!(!at(objects().really_at(Path::new("/elsewhere/src/lib.rs"))));
    }
}
