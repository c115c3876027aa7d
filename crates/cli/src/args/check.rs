//! `transom check`.

use std::path::PathBuf;

use clap::ValueEnum;

use super::{Judging, Reporting};

const EXIT_CODES: &str = "\
Exit codes:
  0  no findings at or above --fail-on
  1  such findings; or --diff, and there is something to change
  2  wrong usage or settings; nothing was checked
  3  some input could not be read or written; the rest was checked

The folder of a Helm chart or of a kustomization is rendered; where that fails, or helm, kustomize
and kubectl are not installed, it counts as unreadable. So does a Helm template that was named
itself, or where its folder holds nothing else that can be checked. Manifests that stand beside a
kustomization and are no part of it are judged as they are, and where it cannot be rendered, all.

Where GITHUB_WORKSPACE or CI_PROJECT_DIR names a folder above, the paths in github, gitlab and sarif
are from there.";

#[derive(Debug, Clone, clap::Args)]
#[command(after_help = EXIT_CODES, mut_arg("paths", |paths| paths.required(false).default_value(".")))]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) judging: Judging,
    #[command(flatten)]
    pub(crate) reporting: Reporting,
    /// Apply fixes first, then report what is left. Safe ones, or all: the unsafe ones of the findings that are
    /// shown, too, and somebody has to look at the result. Of findings in the baseline only safe ones
    #[arg(
        long, value_enum, value_name = "FIXES", num_args = 0..=1, require_equals = true,
        default_missing_value = "safe", help_heading = "Fixing"
    )]
    pub(crate) fix: Option<Fixes>,
    /// Print what --fix would change as a unified diff, and change nothing
    #[arg(long, help_heading = "Fixing")]
    pub(crate) diff: bool,
    /// Apply this rule's unsafe fixes, too, also of findings in the baseline (id or name; may be repeated, or several
    /// with commas between)
    #[arg(long = "unsafe-rule", value_name = "RULE", value_delimiter = ',', help_heading = "Fixing")]
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
