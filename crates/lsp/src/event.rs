//! What other threads tell the main loop.

use std::path::PathBuf;
use std::sync::Arc;

use lsp_server::Response;
use lsp_types::{Diagnostic, Uri};

use crate::checked::Checked;
use crate::folder::Scan;
use crate::objects::Objects;

/// What other threads tell the main loop.
#[derive(Debug)]
pub(crate) enum Event {
    Outcome(Outcome),
    Answer(Response),
    /// All files of a folder.
    Scanned(PathBuf, Scan),
    /// Some files were read again; `None` holds nothing any more.
    Read(Vec<(PathBuf, Option<Objects>)>),
    /// Something went wrong that is our fault.
    Failed(String),
}

/// What came of judging a document.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// A manifest was judged.
    Checked(Uri, Arc<Checked>),
    /// Settings or a baseline were read: what is wrong with them.
    Settings(Uri, Option<i32>, Vec<Diagnostic>),
}
