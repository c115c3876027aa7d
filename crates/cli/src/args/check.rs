//! `transom check`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::ValueEnum;
use transom_reports::Format;

use super::Judging;

const EXIT_CODES: &str = "\
Exit codes:
  0  no findings at or above --fail-on
  1  such findings; or --diff, and there is something to change
  2  wrong usage or settings; nothing was checked
  3  some input could not be read or written; the rest was checked

The folder of a Helm chart or of a kustomization is rendered; where that fails, or helm, kustomize
and kubectl are not installed, it counts as unreadable. So does a Helm template that was named
itself, or where its folder holds nothing else that can be checked.";

#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) judging: Judging,
    /// Output format, to stdout or to a file (may be repeated): text, json, sarif, junit, github, gitlab,
    /// agent or openreports. Default: github in GitHub Actions, agent where an agent's environment says
    /// so, else text
    #[arg(long, short, value_name = "FORMAT[=FILE]", help_heading = "Output")]
    pub(crate) output: Vec<Output>,
    /// Findings that make the exit code 1: these and worse ones
    #[arg(long, value_enum, value_name = "SEVERITY", default_value_t = FailOn::Error, help_heading = "Output")]
    pub(crate) fail_on: FailOn,
    /// Show info findings, too
    #[arg(long, help_heading = "Output")]
    pub(crate) info: bool,
    /// Show what is suppressed, too, with the reasons
    #[arg(long, help_heading = "Output")]
    pub(crate) show_suppressed: bool,
    /// Show how often each rule speaks instead of what it says
    #[arg(long, help_heading = "Output")]
    pub(crate) statistics: bool,
    /// Print findings and what could not be read, no summary and no notes
    #[arg(long, short, help_heading = "Output")]
    pub(crate) quiet: bool,
    /// Apply fixes first, then report what is left. Safe ones: of `all` somebody has to look at the result
    #[arg(
        long, value_enum, value_name = "FIXES", num_args = 0..=1, require_equals = true,
        default_missing_value = "safe", help_heading = "Fixing"
    )]
    pub(crate) fix: Option<Fixes>,
    /// Print what --fix would change as a unified diff, and change nothing
    #[arg(long, help_heading = "Fixing")]
    pub(crate) diff: bool,
    /// Apply this rule's unsafe fixes, too (id or name; may be repeated)
    #[arg(long = "unsafe-rule", value_name = "RULE", help_heading = "Fixing")]
    pub(crate) unsafe_rules: Vec<String>,
    /// Findings that are known and do not count, as `transom baseline` writes them. Default:
    /// transom-baseline.json here, or in the nearest folder above that has one
    #[arg(long, value_name = "FILE", help_heading = "Rules and settings")]
    pub(crate) baseline: Option<PathBuf>,
    /// Check again whenever a file changes, until Ctrl-C
    #[arg(long, conflicts_with = "output")]
    pub(crate) watch: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Fixes {
    Safe,
    All,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum FailOn {
    Info,
    Warning,
    Error,
    Never,
}

/// A format and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Output {
    /// None is text for people.
    pub(crate) format: Option<Format>,
    /// None is stdout.
    pub(crate) file: Option<PathBuf>,
}

const FORMATS: &[(&str, Option<Format>)] = &[
    ("text", None),
    ("json", Some(Format::Json)),
    ("sarif", Some(Format::Sarif)),
    ("junit", Some(Format::Junit)),
    ("github", Some(Format::Github)),
    ("gitlab", Some(Format::Gitlab)),
    ("agent", Some(Format::Agent)),
    ("openreports", Some(Format::Openreports)),
];

impl FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, file) = text.split_once('=').map_or((text, None), |(name, file)| (name, Some(file)));
        let Some((_, format)) = FORMATS.iter().find(|(known, _)| *known == name) else {
            let names: Vec<_> = FORMATS.iter().map(|(name, _)| *name).collect();
            return Err(format!("there is no format `{name}`: take one of {}", names.join(", ")));
        };
        if file == Some("") {
            return Err(format!("name a file after `{name}=`"));
        }
        Ok(Output { format: *format, file: file.filter(|file| *file != "-").map(PathBuf::from) })
    }
}
