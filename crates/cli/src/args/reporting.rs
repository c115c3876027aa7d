//! What is reported, and how: the same for every command that shows findings.

use std::path::PathBuf;
use std::str::FromStr;

use clap::ValueEnum;
use transom_manifests::Action;
use transom_reports::{Format, Tally};

use crate::Exit;

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Reporting {
    /// Output format, to stdout or to a file (may be repeated): text, json, sarif, junit, github, gitlab,
    /// agent or openreports. Default: github in GitHub Actions, agent where an agent's environment says
    /// so, else text. No manifest, template, settings or baseline is written over
    #[arg(long, short, alias = "format", value_name = "FORMAT[=FILE]", help_heading = "Output")]
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
    /// Show how often each rule speaks instead of what it says, as text
    #[arg(long, help_heading = "Output")]
    pub(crate) statistics: bool,
    /// Print findings and what could not be read, no summary and no notes
    #[arg(long, short, help_heading = "Output")]
    pub(crate) quiet: bool,
}

impl Reporting {
    /// Whether info findings are shown: also where they decide.
    pub(crate) fn with_info(&self) -> bool {
        self.info || self.fail_on == FailOn::Info
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum FailOn {
    Info,
    Warning,
    Error,
    Never,
}

impl FailOn {
    /// What it ends with.
    pub(crate) fn exit(self, tally: &Tally) -> Exit {
        let failed = match self {
            FailOn::Error => tally.errors,
            FailOn::Warning => tally.errors + tally.warnings,
            FailOn::Info => tally.errors + tally.warnings + tally.info,
            FailOn::Never => 0,
        };
        if failed > 0 { Exit::Findings } else { Exit::Clean }
    }

    /// The action from which on findings make the check fail.
    pub(crate) fn action(self) -> Option<Action> {
        match self {
            FailOn::Info => Some(Action::Info),
            FailOn::Warning => Some(Action::Warn),
            FailOn::Error => Some(Action::Deny),
            FailOn::Never => None,
        }
    }
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

impl Output {
    /// The names of the formats.
    pub(crate) fn names() -> impl Iterator<Item = &'static str> {
        FORMATS.iter().map(|(name, _)| *name)
    }
}

impl FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, file) = text.split_once('=').map_or((text, None), |(name, file)| (name, Some(file)));
        let Some((_, format)) = FORMATS.iter().find(|(known, _)| *known == name) else {
            let names: Vec<_> = Output::names().collect();
            return Err(format!("there is no format `{name}`: take one of {}", names.join(", ")));
        };
        if file == Some("") {
            return Err(format!("name a file after `{name}=`"));
        }
        Ok(Output { format: *format, file: file.filter(|file| *file != "-").map(PathBuf::from) })
    }
}
