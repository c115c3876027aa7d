//! `transom scan`: a live cluster, or what went through its API server.

mod audit_log;
#[cfg(feature = "kube")]
mod live;

use crate::Exit;
use crate::args::Scan;
use crate::terminal::Terminal;

pub(crate) fn run(args: &Scan, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    if !args.audit_log.is_empty() {
        return audit_log::run(args, terminal);
    }
    #[cfg(feature = "kube")]
    return live::run(args, terminal);
    #[cfg(not(feature = "kube"))]
    Err(crate::lacking("a way to clusters").context("only --audit-log can be scanned"))
}
