//! `transom lsp`.

use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(crate) struct Lsp {
    /// Settings for all files [env: TRANSOM_SETTINGS]. Default: the nearest transom.yaml, in the folder of a
    /// file or above. TRANSOM_PLATFORM and TRANSOM_KUBERNETES count here, too
    #[arg(long, value_name = "FILE")]
    pub(crate) settings: Option<PathBuf>,
    /// Accepted because many editors pass it: there is no other way
    #[arg(long, hide = true)]
    pub(crate) stdio: bool,
}
