//! `transom check`.

use clap::ValueEnum;

use super::{Format, Judging};

const EXIT_CODES: &str = "\
Exit codes:
  0  no findings at or above --fail-on
  1  such findings
  2  wrong usage or settings; nothing was checked
  3  some input could not be read; the rest was checked

A Helm template that was not rendered counts as unreadable where it was named itself, or where
its folder holds nothing else that can be checked.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) judging: Judging,
    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// Findings that make the exit code 1: these and worse ones
    #[arg(long, value_enum, value_name = "SEVERITY", default_value_t = FailOn::Error)]
    pub(crate) fail_on: FailOn,
    /// Show info findings, too
    #[arg(long)]
    pub(crate) info: bool,
    /// Show what is suppressed, too, with the reasons
    #[arg(long)]
    pub(crate) show_suppressed: bool,
    /// Print findings and what could not be read, no summary and no notes
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum FailOn {
    Info,
    Warning,
    Error,
    Never,
}
