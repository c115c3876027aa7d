//! `transom play`.

use std::path::PathBuf;

use super::{Setting, Walking};

#[derive(Debug, clap::Args)]
pub(crate) struct Play {
    /// Files, folders (all *.yaml, *.yml and *.json below that are neither hidden nor ignored by git), or - for stdin.
    /// Default: an example
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) walking: Walking,
    #[command(flatten)]
    pub(crate) setting: Setting,
    /// The page: a file, or the address where transom-server or anybody else serves it. Default:
    /// playground.html beside this program
    #[arg(long, value_name = "FILE|URL")]
    pub(crate) page: Option<String>,
    /// Print the link instead of opening it
    #[arg(long)]
    pub(crate) print: bool,
}
