//! `transom baseline`.

use std::path::PathBuf;

use super::Judging;

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Baseline {
    #[command(flatten)]
    pub(crate) judging: Judging,
    /// Where to write it, or - for stdout. Default: the nearest transom-baseline.json here or further up, else a new one here
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Take nothing new in, only take out what is not found any longer
    #[arg(long)]
    pub(crate) prune: bool,
    /// Take in info findings, too
    #[arg(long)]
    pub(crate) info: bool,
}
