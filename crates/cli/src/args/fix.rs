//! `transom fix`.

use super::Judging;

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  --diff: there is something to change; or a fix could not be applied
  2  wrong usage or settings; nothing was changed
  3  some input could not be read or written; the rest was fixed, or nothing where it was context";

#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Fix {
    #[command(flatten)]
    pub(crate) judging: Judging,
    /// Print the changes as a unified diff and change nothing; exit code 1 where there are any
    #[arg(long)]
    pub(crate) diff: bool,
    /// Apply this rule's unsafe fixes, too (id or name; may be repeated, or several with commas between)
    #[arg(long = "unsafe-rule", value_name = "RULE", value_delimiter = ',')]
    pub(crate) unsafe_rules: Vec<String>,
    /// Print no summary and no notes
    #[arg(long, short)]
    pub(crate) quiet: bool,
}
