//! `transom port`.

use std::path::PathBuf;

use transom_port::Target;

use super::{Format, Setting, Walking};

const EXIT_CODES: &str = "\
Exit codes:
  0  nothing is left to decide
  1  a person has to decide something
  2  wrong usage or settings; nothing was ported
  3  some input could not be read or written; the rest was ported";

#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Port {
    /// Files, folders (all *.yaml, *.yml and *.json below that are neither hidden nor ignored by git), or - for stdin
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) walking: Walking,
    /// The release that the Windows nodes run: ltsc2019, ltsc2022, ltsc2025 or a build such as 20348
    #[arg(long, value_name = "RELEASE", value_parser = |word: &str| Target::build(word))]
    pub(crate) to: Option<u32>,
    #[command(flatten)]
    pub(crate) setting: Setting,
    /// Objects to look up but not to port: Nodes, Namespaces, RuntimeClasses (file or folder; may be repeated)
    #[arg(long, value_name = "PATH")]
    pub(crate) context: Vec<PathBuf>,
    /// Change the files (stdin: print the new text, and the decisions to stderr)
    #[arg(long)]
    pub(crate) write: bool,
    /// Output format
    #[arg(long, short, alias = "format", value_enum, default_value_t = Format::Text)]
    pub(crate) output: Format,
}
