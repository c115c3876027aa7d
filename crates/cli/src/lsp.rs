//! `transom lsp`: the language server, on stdin and stdout.

use crate::Exit;
use crate::args::Lsp;
use crate::terminal::Terminal;

#[cfg(not(feature = "lsp"))]
pub(crate) fn run(_: &Lsp, _: &mut Terminal) -> anyhow::Result<Exit> {
    Err(crate::lacking("the language server"))
}

#[cfg(feature = "lsp")]
pub(crate) fn run(args: &Lsp, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    use transom_lsp::{Goodbye, Options};

    use crate::args::Setting;

    let settings = args.settings.clone().or_else(Setting::of_environment);
    let settings = settings.map(std::path::absolute).transpose()?;
    if let Some(path) = &settings {
        std::fs::metadata(path).map_err(|error| {
            anyhow::anyhow!("cannot read the settings {}: {}", crate::source::label(path), crate::source::why(&error))
        })?;
    }
    let overrides = crate::settings::Overrides::of(&Setting::default(), &[])?;
    let over = transom_lsp::Over(std::sync::Arc::new(move |settings| overrides.over(settings)));
    let (connection, wire) = transom_lsp::stdio();
    let goodbye = transom_lsp::serve(&connection, Options { settings, over, today: crate::judge::today })?;
    drop(connection);
    if let Err(error) = wire.join() {
        terminal.err(&crate::said(&anyhow::anyhow!("{error}")))?;
        return Ok(Exit::Findings);
    }
    // The protocol wants 1 of a server that was not shut down before.
    Ok(if goodbye == Goodbye::Proper { Exit::Clean } else { Exit::Findings })
}
