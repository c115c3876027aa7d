//! `transom bake`.

use std::path::PathBuf;

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  2  wrong usage or settings, or no module that takes any; nothing was written
  3  the module could not be written";

#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Bake {
    /// Settings, YAML or JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) settings: PathBuf,
    /// Where to write the module; `-` is stdout, where that is no terminal
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// The module, of any ABI, or OPA's bundle. Default: transom.wasm beside this program, or in
    /// dist/ here or further up
    #[arg(long, value_name = "FILE")]
    pub(crate) module: Option<PathBuf>,
}
