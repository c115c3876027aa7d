//! The manifests that were scanned: each object with its lines, and what its pods are.

use serde_json::Value;
use transom_manifests::{Content, Judge, View};
use transom_yaml::LineIndex;

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
    /// `Deployment shop/web`
    pub(crate) title: String,
    /// First and last line, from 1.
    pub(crate) lines: (usize, usize),
    /// None: it could not be judged, so that nothing is known.
    pub(crate) pods: Option<Pods>,
}

/// The manifests that were scanned.
#[derive(Debug, Default)]
pub struct Objects {
    /// By path, with forward slashes.
    files: Vec<(String, Vec<Object>)>,
}

impl Objects {
    /// The objects of one file: its path as it is below the folder that was scanned, and its text.
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
                    title: reference.map(transom_manifests::Reference::short).unwrap_or_default(),
                    lines: (line(span.start), line(span.end.saturating_sub(1).max(span.start))),
                    pods: decision.map(|decision| pods(value, &decision.intents())),
                });
            }
        }
        Objects { files: vec![(path.to_owned(), all)] }
    }

    /// Adds those of other files.
    pub fn add(&mut self, others: Objects) {
        self.files.extend(others.files);
    }

    /// The objects of the file that a URI of SARIF names. Scanners begin paths in different folders, so the
    /// file counts whose last parts are the same as the URI's; none where several are as good.
    pub(crate) fn in_file(&self, uri: &str) -> Option<&[Object]> {
        let wanted = decode(uri);
        let wanted: Vec<&str> = wanted.split('/').filter(|part| !matches!(*part, "" | "." | "..")).collect();
        let alike = |path: &str| {
            let parts: Vec<&str> = path.split('/').filter(|part| !matches!(*part, "" | "." | "..")).collect();
            parts.iter().rev().zip(wanted.iter().rev()).take_while(|(one, other)| one == other).count()
        };
        let best = self.files.iter().map(|(path, _)| alike(path)).max().filter(|alike| *alike > 0)?;
        let mut found = self.files.iter().filter(|(path, _)| alike(path) == best);
        let (_, objects) = found.next()?;
        found.next().is_none().then_some(objects)
    }
}

/// A URI's path, with `%20` as a space.
fn decode(uri: &str) -> String {
    let path = uri.strip_prefix("file://").unwrap_or(uri).replace('\\', "/");
    let (mut bytes, mut rest) = (Vec::new(), path.as_bytes());
    while let Some((first, others)) = rest.split_first() {
        let escaped = || u8::from_str_radix(std::str::from_utf8(others.get(..2)?).ok()?, 16).ok();
        match (*first, escaped()) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &others[2..];
            }
            (byte, _) => {
                bytes.push(byte);
                rest = others;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or(path)
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

    #[test]
    fn files_are_found_by_their_ends() {
        let files = ["a/web.yaml", "b/web.yaml", "c/my file.yaml"].map(|path| (path.to_owned(), Vec::new()));
        let objects = Objects { files: files.into() };
        let is_found = |uri: &str| objects.in_file(uri).is_some();
        assert!(is_found("file:///home/x/a/web.yaml") && is_found("/b/web.yaml") && is_found("c/my%20file.yaml"));
        assert!(!is_found("web.yaml"), "two are as good");
        assert!(!is_found("other.yaml") && !is_found(""));
    }
}
