//! Kustomizations, rendered by `kustomize build` or `kubectl kustomize`.
//!
//! The folder is rendered twice: as it is, and as the only resource of another kustomization that asks
//! for annotations about where objects are from. What is judged is the first.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use serde_json::Value;
use transom_manifests::suppressions::suppresses;
use transom_manifests::{below, label, relative, simple};
use transom_yaml::{Document, Span, Stream};

use crate::program::{self, Error, Kind};
use crate::{From, KUSTOMIZATIONS, Origin, Rendered, Tools, parts, place, pointer};

/// How to get kustomize.
const INSTALL: &str = "https://kubectl.docs.kubernetes.io/installation/kustomize";

/// Where kustomize says what an object is from.
const ORIGIN: &str = "config.kubernetes.io/origin";

/// What an object is, to find it again: kind, namespace and name.
type Key = [String; 3];

/// The manifest that objects come from.
#[derive(Debug)]
pub(crate) struct Resource {
    source: Stream,
    layers: Arc<Vec<Layer>>,
}

/// A file that changes objects of others.
#[derive(Debug)]
struct Layer {
    path: PathBuf,
    text: String,
    stream: Stream,
    /// The patches that stand in it as texts, each with its place.
    inline: Vec<(usize, Stream)>,
}

pub(crate) fn render(folder: &Path, tools: &Tools) -> Result<Vec<Rendered>, Error> {
    let (text, tool) = build(folder, tools)?;
    let origins = origins(folder, tool).unwrap_or_default();
    let mut layers = Vec::new();
    collect(folder, &mut layers);
    let layers = Arc::new(layers);

    let mut files: Vec<(PathBuf, String)> = Vec::new();
    for document in text.split("\n---\n") {
        let document = document.trim_start_matches("---\n");
        if document.trim().is_empty() {
            continue;
        }
        let key = value_of(document).as_ref().map(key_of).unwrap_or_default();
        let path = origins.get(&key).cloned().or_else(|| file_of(folder)).unwrap_or_else(|| folder.to_owned());
        match files.iter_mut().find(|(known, _)| *known == path) {
            Some((_, text)) => text.push_str(&format!("---\n{}\n", document.trim_end())),
            None => files.push((path, format!("{}\n", document.trim_end()))),
        }
    }
    let rendered = files.into_iter().map(|(path, text)| {
        let source = fs::read_to_string(&path).unwrap_or_default();
        let resource = Resource { source: transom_yaml::parse(&source), layers: Arc::clone(&layers) };
        Rendered { path, source, text, from: From::Resource(Box::new(resource)) }
    });
    Ok(rendered.collect())
}

/// A program and the command of it that does it.
type Tool<'t> = (&'t OsStr, &'static str);

fn command((program, build): Tool<'_>, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.arg(build).arg(folder);
    command
}

fn build<'t>(folder: &Path, tools: &'t Tools) -> Result<(String, Tool<'t>), Kind> {
    let first: Tool<'t> = (&tools.kustomize, "build");
    for tool in [first].into_iter().chain(tools.kubectl.as_deref().map(|kubectl| (kubectl, "kustomize"))) {
        match program::run(&mut command(tool, folder)) {
            Ok(Some(text)) => return Ok((text, tool)),
            Ok(None) => {}
            Err(Kind::Failed { command, mut message }) if message.contains("--enable-helm") => {
                message.push_str(&format!(
                    " (its charts come from elsewhere: `kustomize build --enable-helm {} | transom check -`)",
                    label(folder)
                ));
                return Err(Kind::Failed { command, message });
            }
            Err(error) => return Err(error),
        }
    }
    let command = program::shown(&command(first, folder));
    Err(Kind::Missing { tool: "kustomize (or kubectl)", what: "kustomization", how: INSTALL, command })
}

/// Which file each object is from; nothing where kustomize cannot be asked.
fn origins(folder: &Path, tool: Tool<'_>) -> Option<BTreeMap<Key, PathBuf>> {
    let outer = tempfile::tempdir().ok()?;
    let (here, there) = (fs::canonicalize(outer.path()).ok()?, fs::canonicalize(folder).ok()?);
    let asked =
        serde_json::json!({"resources": [label(&relative(&here, &there)?)], "buildMetadata": ["originAnnotations"]});
    // JSON is YAML.
    fs::write(outer.path().join(KUSTOMIZATIONS[0]), asked.to_string()).ok()?;
    let text = program::run(&mut command(tool, outer.path())).ok()??;
    let objects = transom_yaml::parse(&text).documents.into_iter().map(Document::into_value);
    let origin = |object: &Value| {
        let origin = value_of(object["metadata"]["annotations"][ORIGIN].as_str()?)?;
        // Of a remote resource there is a `repo`, and of what was made here no path.
        let path = origin["path"].as_str().filter(|_| origin["repo"].is_null())?;
        let absolute = fs::canonicalize(here.join(path)).ok()?;
        Some(simple(&folder.join(relative(&there, &absolute)?)))
    };
    Some(objects.filter_map(|object| Some((key_of(&object), origin(&object)?))).collect())
}

/// The kustomization's own file.
fn file_of(folder: &Path) -> Option<PathBuf> {
    KUSTOMIZATIONS.iter().map(|name| folder.join(name)).find(|path| path.is_file())
}

/// A kustomization's own file, its patches, and those of the kustomizations that it is made of.
fn collect(folder: &Path, layers: &mut Vec<Layer>) {
    let Some(own) = file_of(folder).and_then(|path| layer(simple(&path))) else { return };
    if layers.iter().any(|known| known.path == own.path) {
        return;
    }
    let value = own.stream.documents.first().map(|document| document.value().clone()).unwrap_or_default();
    layers.push(own);
    layers.extend(files(&value, &PATCHES, folder).filter_map(layer));
    files(&value, &["resources", "bases", "components"], folder)
        .filter(|path| path.is_dir())
        .for_each(|path| collect(&path, layers));
}

/// Every text in a kustomization that names a file, as `file` or `key=file`, whatever the field.
pub(crate) fn read_by(folder: &Path, files: &mut BTreeSet<PathBuf>) {
    let Some(own) = file_of(folder).map(|file| simple(&file)).filter(|file| files.insert(file.clone())) else { return };
    let Some(value) = fs::read_to_string(own).ok().and_then(|text| value_of(&text)) else { return };
    for path in texts(&value).flat_map(|text| [Some(text), text.split_once('=').map(|(_, file)| file)]).flatten() {
        let path = simple(&folder.join(path));
        if path.is_dir() {
            read_by(&path, files);
        } else if path.is_file() {
            files.insert(path);
        }
    }
}

fn texts(value: &Value) -> Box<dyn Iterator<Item = &str> + '_> {
    match value {
        Value::String(text) => Box::new(std::iter::once(&**text)),
        Value::Array(values) => Box::new(values.iter().flat_map(texts)),
        Value::Object(fields) => Box::new(fields.values().flat_map(texts)),
        _ => Box::new(std::iter::empty()),
    }
}

/// Where a kustomization names its patches.
const PATCHES: [&str; 3] = ["patches", "patchesStrategicMerge", "patchesJson6902"];

/// The files and folders that fields of a kustomization name, and what only looks like one.
fn files<'v>(value: &'v Value, fields: &'v [&str], folder: &'v Path) -> impl Iterator<Item = PathBuf> + 'v {
    let items = fields.iter().flat_map(|field| value[*field].as_array().into_iter().flatten());
    items.filter_map(|item| item.as_str().or(item["path"].as_str())).map(|path| simple(&folder.join(path)))
}

pub(crate) fn patches(folder: &Path) -> Vec<PathBuf> {
    let text = file_of(folder).and_then(|file| fs::read_to_string(file).ok());
    let Some(value) = text.and_then(|text| value_of(&text)) else { return Vec::new() };
    files(&value, &PATCHES, folder).collect()
}

fn layer(path: PathBuf) -> Option<Layer> {
    let text = fs::read_to_string(&path).ok()?;
    let stream = transom_yaml::parse(&text);
    let inline = stream.documents.first().map(inline).unwrap_or_default();
    Some(Layer { path, text, stream, inline })
}

fn value_of(text: &str) -> Option<Value> {
    transom_yaml::parse(text).documents.into_iter().next().map(Document::into_value)
}

fn key_of(object: &Value) -> Key {
    let metadata = &object["metadata"];
    [&object["kind"], &metadata["namespace"], &metadata["name"]]
        .map(|text| text.as_str().unwrap_or_default().to_owned())
}

impl Resource {
    /// Whether there are comments for transom in the file, which has this text.
    pub(crate) fn has_comments(&self, text: &str) -> bool {
        let mut comments = self.source.documents.iter().flat_map(Document::comments);
        comments.any(|comment| suppresses(text, comment))
    }

    pub(crate) fn origin(&self, rendered: &Rendered, document: &Document, pointer: &str) -> Origin {
        let object = document.value();
        let wanted = object.pointer(pointer);
        let base = find(&self.source, object);
        let (mut span, mut is_here) = (None, false);
        if let Some(base) = base {
            let there = translated(object, base.value(), pointer);
            span = Some(span_at(base, &there)).filter(|span| span.end <= rendered.source.len());
            is_here = base.value().pointer(&there) == wanted;
        }
        let advice = if is_here { None } else { self.layered(object, pointer) };
        Origin { span, advice: advice.into_iter().collect() }
    }

    /// The one place in another file that sets what stands at a place in an object.
    fn layered(&self, object: &Value, pointer: &str) -> Option<String> {
        let wanted = object.pointer(pointer)?;
        let mut places = Vec::new();
        for layer in self.layers.iter() {
            let own = layer.stream.documents.iter().filter_map(|document| {
                set_in(document, object, pointer, wanted).or_else(|| by_image(document, pointer, wanted))
            });
            let mut set: Vec<usize> = own.collect();
            if set.is_empty() {
                set.extend(by_inline_patch(&layer.inline, object, pointer, wanted));
            }
            places.extend(set.into_iter().map(|at| place(&layer.path, &layer.text, at)));
        }
        let [place] = &places[..] else { return None };
        Some(format!("change it in {place}"))
    }
}

/// The document of a file that became this object: of its kind, with a name that the object's is made of.
fn find<'s>(stream: &'s Stream, object: &Value) -> Option<&'s Document> {
    let name = object["metadata"]["name"].as_str().unwrap_or_default();
    let own = |document: &Document| document.value()["metadata"]["name"].as_str().unwrap_or_default().to_owned();
    let alike = || stream.documents.iter().filter(|document| document.value()["kind"] == object["kind"]);
    // The longest name counts: prefixes and suffixes have been added to it.
    alike().filter(|document| name.contains(&own(document))).max_by_key(|document| own(document).len())
}

/// A pointer into one object as one into another of the same kind: items of lists go by their names.
fn translated(from: &Value, to: &Value, at: &str) -> String {
    let (mut from, mut to) = (Some(from), Some(to));
    let names = parts(at).into_iter().map(|part| {
        let item =
            from.and_then(Value::as_array).zip(part.parse::<usize>().ok()).and_then(|(items, index)| items.get(index));
        let name = match (item, to) {
            (Some(item), Some(Value::Array(others))) => {
                let by = ["name", "mountPath", "containerPort", "key"].into_iter().find(|by| !item[*by].is_null());
                let same = by.map(|by| others.iter().position(|other| other[by] == item[by]));
                // An item that is not there has no place; a number that no list has says so.
                same.map_or(part.clone(), |same| same.unwrap_or(others.len()).to_string())
            }
            _ => part.clone(),
        };
        from = from.and_then(|value| child(value, &part));
        to = to.and_then(|value| child(value, &name));
        name
    });
    pointer(&names.collect::<Vec<_>>())
}

fn child<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    match value {
        Value::Array(items) => items.get(name.parse::<usize>().ok()?),
        other => other.get(name),
    }
}

/// The patches that stand in the kustomization itself, each with its place.
fn inline(document: &Document) -> Vec<(usize, Stream)> {
    let mut patches = Vec::new();
    for field in PATCHES {
        for (index, item) in document.value()[field].as_array().into_iter().flatten().enumerate() {
            let (text, at) = match item.as_str() {
                Some(text) => (Some(text), format!("/{field}/{index}")),
                None => (item["patch"].as_str(), format!("/{field}/{index}/patch")),
            };
            patches.extend(text.map(|text| (span_at(document, &at).start, transom_yaml::parse(text))));
        }
    }
    patches
}

/// The place of the first of these patches that sets what stands at a place in an object.
fn by_inline_patch(patches: &[(usize, Stream)], object: &Value, pointer: &str, wanted: &Value) -> Option<usize> {
    let sets = |stream: &Stream| stream.documents.iter().any(|patch| set_in(patch, object, pointer, wanted).is_some());
    patches.iter().find(|(_, stream)| sets(stream)).map(|(at, _)| *at)
}

/// Where a patch, of objects or of operations, sets what stands at a place in an object.
fn set_in(patch: &Document, object: &Value, pointer: &str, wanted: &Value) -> Option<usize> {
    if patch.value()["kind"] != object["kind"] {
        return by_operation(patch, pointer, wanted);
    }
    let there = translated(object, patch.value(), pointer);
    (patch.value().pointer(&there) == Some(wanted)).then(|| span_at(patch, &there).start)
}

/// A JSON Patch that adds or replaces what stands there now.
fn by_operation(document: &Document, pointer: &str, wanted: &Value) -> Option<usize> {
    let operations = document.value().as_array()?;
    let index = operations.iter().position(|operation| {
        let path = operation["path"].as_str().unwrap_or_default();
        below(pointer, path).is_some_and(|rest| operation["value"].pointer(rest) == Some(wanted))
    })?;
    Some(document.locate(&format!("/{index}/path")).span.start)
}

/// An entry of a kustomization's `images` that made an image what it is.
fn by_image(document: &Document, pointer: &str, wanted: &Value) -> Option<usize> {
    let image = wanted.as_str().filter(|_| pointer.ends_with("/image"))?;
    let images = document.value()["images"].as_array()?;
    let index = images.iter().position(|entry| {
        let text = |field: &str| entry[field].as_str().unwrap_or_default();
        let name = if text("newName").is_empty() { text("name") } else { text("newName") };
        let rest = image.strip_prefix(name).filter(|_| !name.is_empty());
        rest.is_some_and(|rest| rest == format!(":{}", text("newTag")) || rest == format!("@{}", text("digest")))
    })?;
    let field = if images[index]["digest"].is_null() { "newTag" } else { "digest" };
    Some(document.locate(&format!("/images/{index}/{field}")).span.start)
}

/// A key with its value if that is on the same line; for what is not there, what would hold it.
fn span_at(document: &Document, pointer: &str) -> Span {
    let location = document.locate(pointer);
    match document.key_span(pointer) {
        Some(key) if location.exact && (key.end..key.end + 8).contains(&location.span.start) => {
            key.start..location.span.end
        }
        _ => location.span,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn items_go_by_their_names() {
        let rendered = json!({"c": [{"name": "sidecar"}, {"name": "web", "image": "x"}]});
        let base = json!({"c": [{"name": "web", "image": "x"}]});
        assert_eq!(translated(&rendered, &base, "/c/1/image"), "/c/0/image");
        assert_eq!(translated(&rendered, &base, "/c/0/image"), "/c/1/image", "which there is not");
        assert_eq!(translated(&rendered, &base, "/d/e~1f/0"), "/d/e~1f/0");
    }

    #[test]
    fn knows_what_set_a_value() {
        let stream = transom_yaml::parse("- op: add\n  path: /spec\n  value: {a: 1}\n");
        assert_eq!(by_operation(&stream.documents[0], "/spec/a", &json!(1)), Some(18));
        assert_eq!(by_operation(&stream.documents[0], "/specific", &json!(1)), None);
        let stream = transom_yaml::parse("images:\n- {name: a, newTag: '2'}\n");
        assert!(by_image(&stream.documents[0], "/c/0/image", &json!("a:2")).is_some());
        assert_eq!(by_image(&stream.documents[0], "/c/0/image", &json!("ab:2")), None);
        let text = "patches:\n- path: x.yaml\n- patch: |-\n    kind: Pod\n    spec: {hostNetwork: true}\n";
        let pod = json!({"kind": "Pod", "spec": {"hostNetwork": true, "hostPID": true}});
        let stream = transom_yaml::parse(text);
        let patches = inline(&stream.documents[0]);
        let by_patch = |at: &str| by_inline_patch(&patches, &pod, at, pod.pointer(at).expect("a value"));
        assert_eq!(by_patch("/spec/hostNetwork").map(|at| &text[at..at + 5]), Some("patch"));
        assert_eq!(by_patch("/spec/hostPID"), None);
    }
}
