//! What helps with the command line itself.

use std::path::PathBuf;

use clap_complete::Shell;

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Completions {
    /// For this shell
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Man {
    /// Write one page for each command into this folder; without it the main page goes to stdout
    #[arg(long, value_name = "FOLDER")]
    pub(crate) folder: Option<PathBuf>,
}
