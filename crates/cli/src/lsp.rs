//! `transom lsp`: the language server, on stdin and stdout.

use std::path::PathBuf;

use lsp_server::Connection;
use transom_lsp::Options;

use crate::Exit;
use crate::judge;
use crate::settings;

#[derive(Debug, clap::Args)]
pub(crate) struct Lsp {
    /// Settings for all files [env: TRANSOM_SETTINGS]. Default: the nearest transom.yaml, in the folder of a
    /// file or above
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// Accepted because many editors pass it: there is no other way
    #[arg(long, hide = true)]
    stdio: bool,
}

pub(crate) fn run(args: &Lsp) -> anyhow::Result<Exit> {
    let settings = args.settings.clone().or_else(settings::from_environment);
    let settings = settings.map(std::path::absolute).transpose()?;
    let (connection, threads) = Connection::stdio();
    transom_lsp::serve(&connection, Options { settings, today: judge::today })?;
    drop(connection);
    threads.join()?;
    Ok(Exit::Clean)
}
