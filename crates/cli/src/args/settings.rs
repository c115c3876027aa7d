//! `transom settings` and `transom init`.

use std::path::PathBuf;

use super::{Format, Setting};

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  2  wrong usage or settings, or no such file or folder; nothing was shown";

#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Settings {
    /// File or folder for which they hold
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) path: PathBuf,
    #[command(flatten)]
    pub(crate) setting: Setting,
    /// Output format
    #[arg(long, short, alias = "format", value_enum, default_value_t = Format::Text)]
    pub(crate) output: Format,
}

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Init {
    /// Folder to look at, and to write transom.yaml in
    #[arg(value_name = "FOLDER", default_value = ".")]
    pub(crate) folder: PathBuf,
    /// Print what would be written and write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Write it even where there is a transom.yaml
    #[arg(long)]
    pub(crate) force: bool,
}
