//! Helm charts and kustomizations: rendered by helm or kustomize, as they are installed, and for each
//! place in what comes out the place in the sources that it comes from.
//!
//! [`Folder::of`] recognises them, [`Folder::render`] renders them. What comes out is a [`Rendered`] for
//! each file that objects come from: the template of a chart, a manifest among a kustomization's
//! resources. [`Rendered::origin`] leads back from a place in the objects to that file, and says what
//! else decides about it: a key in the values, a patch.
//!
//! For a template, lines are known exactly: the chart is rendered a second time, from a copy in which
//! each line of a template ends with a comment that says which one it is ([`marks`]). For kustomizations,
//! kustomize itself says in an annotation where an object is from.

mod chart;
mod helm;
mod kustomize;
mod marks;
mod program;
mod template;
mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use transom::pointer::Pointer;
use transom_manifests::{label, simple};
use transom_yaml::{Document, Span};

pub use program::Error;

/// The names of a kustomization's file, as kustomize looks for them.
const KUSTOMIZATIONS: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// A folder that holds no manifests, but what they are rendered from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Folder {
    /// The folder of a Helm chart.
    Chart(PathBuf),
    /// The folder of a kustomization.
    Kustomization(PathBuf),
}

/// The files with which kustomizations patch others, as [`simple`] writes paths, each with the folder of its
/// kustomization: those of every folder from `root` down to one of `files`. What stands in them are parts of objects.
#[must_use]
pub fn patches<'f>(root: &Path, files: impl IntoIterator<Item = &'f Path>) -> BTreeMap<PathBuf, PathBuf> {
    let root = root.strip_prefix(".").unwrap_or(root);
    let above = |file: &'f Path| file.ancestors().skip(1).take_while(|folder| folder.starts_with(root));
    let folders: BTreeSet<&Path> = files.into_iter().flat_map(above).collect();
    let patches = |folder: &Path| {
        let named = if folder.as_os_str().is_empty() { Path::new(".") } else { folder }.to_owned();
        kustomize::patches(folder).into_iter().map(move |patch| (patch, named.clone()))
    };
    folders.into_iter().flat_map(patches).collect()
}

/// How the names of manifests end.
const EXTENSIONS: [&str; 3] = ["yaml", "yml", "json"];

/// The names that manifests have, as globs.
pub fn globs() -> impl Iterator<Item = String> {
    EXTENSIONS.iter().map(|extension| format!("*.{extension}")).chain(KUSTOMIZATIONS.map(str::to_owned))
}

/// Whether a file is called as manifests are.
#[must_use]
pub fn is_manifest(file: &Path) -> bool {
    is_kustomization(file)
        || file.extension().is_some_and(|extension| EXTENSIONS.iter().any(|known| extension == *known))
}

/// Whether a file is called as those of kustomizations are.
#[must_use]
pub fn is_kustomization(file: &Path) -> bool {
    file.file_name().is_some_and(|name| KUSTOMIZATIONS.iter().any(|known| name == *known))
}

/// Whether a folder is that of a Helm chart.
#[must_use]
pub fn is_chart(folder: &Path) -> bool {
    folder.join("Chart.yaml").is_file()
}

/// The files that are read to render the kustomization in `folder`, as [`simple`] writes paths: its own, and what
/// it and those that it is made of name.
#[must_use]
pub fn read_by(folder: &Path) -> BTreeSet<PathBuf> {
    let mut files = BTreeSet::new();
    kustomize::read_by(&simple(folder), &mut files);
    files
}

/// The chart of which a file is a template: the folder with a `Chart.yaml` whose `templates/` it is in.
#[must_use]
pub fn chart_of(file: &Path) -> Option<PathBuf> {
    let templates =
        file.ancestors().skip(1).filter(|folder| folder.file_name().is_some_and(|name| name == "templates"));
    templates.filter_map(Path::parent).find(|chart| is_chart(chart)).map(Path::to_owned)
}

/// The programs that render.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tools {
    /// `helm`
    pub helm: OsString,
    /// `kustomize`
    pub kustomize: OsString,
    /// `kubectl`, which has a kustomize in it, for where there is no other; unset where it must not be asked.
    pub kubectl: Option<OsString>,
}

impl Default for Tools {
    fn default() -> Self {
        Tools { helm: "helm".into(), kustomize: "kustomize".into(), kubectl: Some("kubectl".into()) }
    }
}

/// How to render.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// What renders.
    pub tools: Tools,
    /// Values files for charts; of a key that several set, the last counts.
    pub values: Vec<PathBuf>,
    /// The version of Kubernetes that charts are rendered for: `1.36`. Unset: what helm assumes.
    pub kubernetes: Option<String>,
}

/// One file that objects come from, and the objects.
#[derive(Debug)]
pub struct Rendered {
    /// The file, below the folder as it was given.
    pub path: PathBuf,
    /// What is in it; empty where it cannot be read, as in a packed subchart.
    pub source: String,
    /// The objects that were made of it: a YAML text.
    pub text: String,
    from: From,
}

#[derive(Debug)]
enum From {
    Template(Box<helm::Template>),
    Resource(Box<kustomize::Resource>),
}

/// Where a place in the objects comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The place in [`Rendered::source`], where it can be found.
    pub span: Option<Span>,
    /// What to change, and where, each as an imperative: ``set `nodeSelector` in chart/values.yaml:31``.
    pub advice: Vec<String>,
}

impl Folder {
    /// What is rendered in a folder; `None` where that is nothing.
    #[must_use]
    pub fn of(folder: &Path) -> Option<Folder> {
        if is_chart(folder) {
            return Some(Folder::Chart(folder.to_owned()));
        }
        let is_kustomization = KUSTOMIZATIONS.iter().any(|name| folder.join(name).is_file());
        is_kustomization.then(|| Folder::Kustomization(folder.to_owned()))
    }

    /// The folder itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        let (Folder::Chart(path) | Folder::Kustomization(path)) = self;
        path
    }

    /// Renders it. The files come in the order in which their objects do.
    ///
    /// # Errors
    ///
    /// Where the tool is not installed, or says that something is wrong.
    pub fn render(&self, options: &Options) -> Result<Vec<Rendered>, Error> {
        match self {
            Folder::Chart(path) => helm::render(path, options),
            Folder::Kustomization(path) => kustomize::render(path, &options.tools),
        }
    }
}

impl Rendered {
    /// Where a place comes from: that of the JSON Pointer `pointer` in a document of [`Rendered::text`], of
    /// the object at `object` in it.
    #[must_use]
    pub fn origin(&self, document: &Document, object: &str, pointer: &str) -> Origin {
        match &self.from {
            From::Template(template) => template.origin(self, document, &format!("{object}{pointer}")),
            From::Resource(resource) => resource.origin(self, document, pointer),
        }
    }

    /// Whether comments that are for transom stand in [`Rendered::source`] and not in [`Rendered::text`]: kustomize
    /// takes comments away.
    #[must_use]
    pub fn lacks_comments(&self) -> bool {
        match &self.from {
            From::Template(_) => false,
            From::Resource(resource) => resource.has_comments(&self.source),
        }
    }

    /// The place in [`Rendered::source`] of a comment in [`Rendered::text`].
    #[must_use]
    pub fn comment(&self, at: Span) -> Option<Span> {
        match &self.from {
            From::Template(template) => template.span(self, at),
            From::Resource(_) => None,
        }
    }
}

/// The header by which helm says which template a document is from: `# Source: chart/templates/web.yaml`.
#[must_use]
pub fn source_of(document: &str) -> Option<&str> {
    let comments = document.lines().map(str::trim).take_while(|line| line.is_empty() || line.starts_with('#'));
    comments.filter_map(|line| line.strip_prefix("# Source: ")).next().map(str::trim)
}

/// `file:line` of a byte in a text.
fn place(path: &Path, text: &str, offset: usize) -> String {
    let (line, _) = transom_yaml::LineIndex::new(text).line_column(offset);
    format!("{}:{line}", label(path))
}

/// The parts of a JSON Pointer, unescaped.
fn parts(pointer: &str) -> Vec<String> {
    Pointer::raw(pointer).segments().collect()
}

/// A JSON Pointer of its parts.
fn pointer<S: AsRef<str>>(parts: &[S]) -> String {
    parts.iter().fold(Pointer::root(), |pointer, part| pointer.key(part.as_ref())).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_headers() {
        assert_eq!(source_of("# Source: a/templates/b.yaml\nkind: Pod\n"), Some("a/templates/b.yaml"));
        assert_eq!(source_of("\n# by helm\n# Source: a/b.yaml \n"), Some("a/b.yaml"));
        assert_eq!(source_of("kind: Pod\n# Source: a/b.yaml\n"), None);
    }

    #[test]
    fn takes_pointers_apart() {
        assert_eq!(parts("/a/b~1c/0"), ["a", "b/c", "0"]);
        assert_eq!(pointer(&["a", "b/c", "0"]), "/a/b~1c/0");
    }
}
