//! `transom filter`.

use std::path::PathBuf;

use super::{Judging, Setting, Walking};

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  2  wrong usage or settings, or no SARIF log; nothing was written
  3  something in the manifests could not be read, and results about it are not marked; or --output not written";

#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Filter {
    /// What Trivy, Checkov, Kubescape or kube-linter found, as SARIF, or - for stdin
    #[arg(value_name = "SARIF")]
    pub(crate) log: PathBuf,
    /// The manifests that were scanned (file or folder; may be repeated)
    #[arg(long, required = true, value_name = "PATH")]
    pub(crate) manifests: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) walking: Walking,
    /// Where to write the log with its marks. Default: stdout
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Objects to look up: Nodes, Namespaces, RuntimeClasses (file or folder; may be repeated)
    #[arg(long, value_name = "PATH", help_heading = "Rules and settings")]
    pub(crate) context: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) setting: Setting,
    /// Print no summary
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

impl Filter {
    /// How the manifests are judged.
    pub(crate) fn judging(&self) -> Judging {
        Judging::of(self.manifests.clone(), self.walking, self.context.clone(), self.setting.clone())
    }
}
