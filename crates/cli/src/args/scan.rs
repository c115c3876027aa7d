//! `transom scan`.

use std::path::PathBuf;

use transom::object_name::is_dns_label;

use super::{Judging, Reporting, Setting, Walking};

const EXIT_CODES: &str = "\
Exit codes:
  0  no findings at or above --fail-on; --audit-log: nothing would have been denied
  1  such findings; or such requests
  2  wrong usage or settings, no cluster, or no such namespace; nothing was judged
  3  some objects could not be listed or judged, or some lines not be read; the rest was judged

Nothing is written to the cluster. Where the settings name no version of Kubernetes, the cluster's own
counts. What workloads have made in turn is judged with its owner; in an audit log every request counts.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Scan {
    /// The cluster of this kubeconfig. Default: kubectl's, or the one that this program runs in
    #[cfg(feature = "kube")]
    #[arg(long, value_name = "FILE", help_heading = "Cluster")]
    pub(crate) kubeconfig: Option<PathBuf>,
    /// The context in the kubeconfig. Default: the current one
    #[cfg(feature = "kube")]
    #[arg(long, value_name = "NAME", help_heading = "Cluster")]
    pub(crate) context: Option<String>,
    /// Only this namespace
    #[arg(long, short, value_name = "NS", value_parser = namespace, help_heading = "Cluster")]
    pub(crate) namespace: Option<String>,
    /// All namespaces, which is the default
    #[arg(long, short = 'A', conflicts_with = "namespace", help_heading = "Cluster")]
    pub(crate) all_namespaces: bool,
    /// How many objects are fetched at once
    #[cfg(feature = "kube")]
    #[arg(
        long, value_name = "N", default_value_t = 250, value_parser = clap::value_parser!(u32).range(1..=5000),
        help_heading = "Cluster"
    )]
    pub(crate) page_size: u32,
    /// Instead of a cluster, replay an API server's audit log, JSON lines or an array, packed by gzip or not, or - for
    /// stdin, and say what would have been denied (may be repeated), as text or json
    #[arg(long, value_name = "FILE")]
    pub(crate) audit_log: Vec<PathBuf>,
    /// Objects to look up besides: Nodes, Namespaces, RuntimeClasses (file or folder; may be repeated)
    #[arg(long, value_name = "PATH", help_heading = "Rules and settings")]
    pub(crate) look_up: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) setting: Setting,
    #[command(flatten)]
    pub(crate) reporting: Reporting,
}

impl Scan {
    /// How it is judged.
    pub(crate) fn judging(&self) -> Judging {
        Judging::of(Vec::new(), Walking::default(), self.look_up.clone(), self.setting.clone())
    }
}

/// The name of a namespace.
fn namespace(text: &str) -> Result<String, &'static str> {
    if is_dns_label(text) { Ok(text.to_owned()) } else { Err("no namespace can be called so") }
}
