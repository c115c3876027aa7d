//! `transom plan`.

use transom_plan::Step;

use super::{FailOn, Format, Judging};

const EXIT_CODES: &str = "\
Exit codes:
  0  no findings at or above --fail-on appear
  1  such findings appear
  2  wrong usage or settings; nothing was compared
  3  some input could not be read; the rest was compared";

const EXAMPLE: &str = "\
--kubernetes takes both versions here: --kubernetes 1.30→1.36. Instead of the arrow, -> and .. do as well.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES, after_long_help = format!("{EXAMPLE}\n\n{EXIT_CODES}"))]
pub(crate) struct Plan {
    #[command(flatten)]
    pub(crate) judging: Judging,
    /// Windows nodes of which build get which one: ltsc2019→ltsc2025, 17763..26100 (may be repeated)
    #[arg(long, value_name = "FROM→TO")]
    pub(crate) upgrade_builds: Vec<Step<u32>>,
    /// Output format
    #[arg(long, short, alias = "format", value_enum, default_value_t = Format::Text, help_heading = "Output")]
    pub(crate) output: Format,
    /// Findings that make the exit code 1 where they appear: these and worse ones
    #[arg(long, value_enum, value_name = "SEVERITY", default_value_t = FailOn::Error, help_heading = "Output")]
    pub(crate) fail_on: FailOn,
    /// Show info findings, too
    #[arg(long, help_heading = "Output")]
    pub(crate) info: bool,
    /// Print no summary
    #[arg(long, short, help_heading = "Output")]
    pub(crate) quiet: bool,
}
