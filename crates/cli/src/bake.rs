//! `transom bake`: settings made part of a module.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context as _, bail};
use transom::Mistake;
use transom_bake::Error;

use crate::Exit;
use crate::args::Bake;
use crate::settings::SettingsFile;
use crate::source;
use crate::terminal::{self, Terminal};
use crate::write;

/// What `--module` names where it is not given.
const MODULE: &str = "transom.wasm";

pub(crate) fn run(args: &Bake, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    let settings = SettingsFile::read(&args.settings)?;
    let module = match &args.module {
        Some(module) => module.clone(),
        None => usual_module()?,
    };
    let wasm = fs::read(&module).with_context(|| format!("cannot read the module {}", module.display()))?;
    let baked = transom_bake::bake(&wasm, &settings.value().to_string()).map_err(|error| match error {
        Error::Settings(mistakes) => {
            let mistakes = mistakes.into_iter().map(|mistake| Mistake { path: mistake.path, message: mistake.message });
            settings.frames(&mistakes.collect::<Vec<_>>())
        }
        error => anyhow::Error::new(error).context(module.display().to_string()),
    })?;
    if args.output.as_os_str() == "-" {
        if io::stdout().is_terminal() {
            bail!("a module is no text for a terminal: name a file, or write it into a pipe");
        }
        terminal.out_bytes(&baked)?;
        terminal.flush()?;
        return Ok(Exit::Clean);
    }
    check(&args.output)?;
    terminal::settle(&source::label(&args.output), write::write(&args.output, &baked))?;
    let (from, to) = (module.display(), args.output.display());
    terminal.err(&format!("{to}: {from} with the settings of {}, {} bytes\n", settings.label(), baked.len()))?;
    Ok(Exit::Clean)
}

/// Refuses to write over a file that is no module.
fn check(path: &Path) -> anyhow::Result<()> {
    let is_other = |bytes: Vec<u8>| !bytes.is_empty() && !transom_bake::is_module(&bytes);
    if path.is_file() && fs::read(path).is_ok_and(is_other) {
        bail!("--output {}: this file is there already and is no module: take another name", source::label(path));
    }
    Ok(())
}

/// The module beside this program, or one that was built here.
fn usual_module() -> anyhow::Result<PathBuf> {
    let beside = env::current_exe().ok().and_then(|program| Some(program.parent()?.join(MODULE)));
    let here = env::current_dir().unwrap_or_default();
    let built = here.ancestors().map(|folder| folder.join("dist").join(MODULE));
    match beside.into_iter().chain(built).find(|path| path.is_file()) {
        Some(module) => Ok(module),
        None => bail!("there is no {MODULE} beside this program nor in dist/; name one with --module FILE"),
    }
}
