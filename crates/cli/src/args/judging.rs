//! What is judged, and how: the same for every command that judges.

use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(crate) struct Judging {
    /// Files, folders (all *.yaml, *.yml and *.json below), or - for stdin
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Settings, YAML or JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) settings: Option<PathBuf>,
    /// Objects to look up but not to judge: Nodes, Namespaces, RuntimeClasses (file or folder; may be repeated)
    #[arg(long, value_name = "PATH")]
    pub(crate) context: Vec<PathBuf>,
    /// Judge with this module (transom.wasm) instead of the built-in rules
    #[cfg(feature = "module")]
    #[arg(long, value_name = "FILE")]
    pub(crate) module: Option<PathBuf>,
}
