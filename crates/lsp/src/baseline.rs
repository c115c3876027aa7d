//! The baseline around a document: what it knows is not shown.

use std::path::Path;

use lsp_types::{Diagnostic, DiagnosticSeverity, Uri};
use transom_manifests::{Accepted, Baseline, nearest_baseline};

use crate::checked::SOURCE;
use crate::settings_file;
use crate::world::{Document, World};

/// A baseline, for one document.
#[derive(Debug)]
pub(crate) struct Known {
    baseline: Baseline,
    /// The document as the baseline calls it.
    name: String,
    /// Files that it names and that are not there any longer.
    gone: Vec<String>,
}

/// A baseline that does not hold, and why.
pub(crate) struct Broken {
    pub(crate) uri: Uri,
    pub(crate) message: String,
}

impl Broken {
    pub(crate) fn diagnostic(self) -> Diagnostic {
        Diagnostic {
            severity: Some(DiagnosticSeverity::ERROR),
            source: Some(SOURCE.to_owned()),
            message: self.message,
            ..Diagnostic::default()
        }
    }
}

impl Known {
    /// The nearest baseline, in the folder of a document or above; none for what is no file.
    pub(crate) fn around(world: &World, document: &Document) -> Result<Option<Self>, Broken> {
        let folder = document.path.as_deref().and_then(Path::parent);
        let found = folder.and_then(|folder| nearest_baseline(folder, Path::is_file));
        let read = found.as_deref().and_then(|path| settings_file::read(world, path));
        let (Some(path), Some(file)) = (found, read) else { return Ok(None) };
        let folder = path.parent().unwrap_or(&path);
        let baseline = Baseline::read(&file.text)
            .map_err(|error| Broken { uri: file.uri, message: format!("this is no baseline: {error}") })?;
        let gone = baseline.files().filter(|file| !folder.join(file).exists()).map(str::to_owned).collect();
        let inside = document.path.as_deref().and_then(|path| path.strip_prefix(folder).ok());
        let parts = inside.iter().flat_map(|path| path.components());
        let name: Vec<_> = parts.map(|part| part.as_os_str().to_string_lossy()).collect();
        Ok(Some(Known { name: name.join("/"), gone, baseline }))
    }

    /// What is accepted in the document.
    pub(crate) fn accepted(&self) -> Accepted<'_> {
        self.baseline.of_one(&self.name, &self.gone)
    }
}
