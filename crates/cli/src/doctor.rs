//! `transom doctor`: what transom finds here.

use std::env;
use std::io::{ErrorKind, IsTerminal as _};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::Exit;
use crate::args::Setting;
use crate::baseline::NamedBaseline;
use crate::charts;
use crate::output;
use crate::render::frame;
use crate::settings::{Finder, Overrides, SettingsFile, misnamed};
use crate::source;
use crate::terminal::{self, Terminal};

/// Programs that other commands call, how each says its version, and what for.
const TOOLS: &[(&str, &[&str], &str)] = &[
    ("helm", &["version", "--short"], "renders charts"),
    ("kustomize", &["version"], "renders kustomizations, as kubectl can"),
    ("kubectl", &["version", "--client"], "has the kubeconfig of your clusters"),
];

pub(crate) fn run(terminal: &mut Terminal) -> anyhow::Result<Exit> {
    let mut healthy = true;
    let mut lines =
        vec![("transom", format!("{} ({}, {})", env!("CARGO_PKG_VERSION"), crate::SYSTEM, env::consts::ARCH))];
    if let Ok(program) = env::current_exe() {
        lines.push(("program", source::label(&program)));
    }
    let mut problems = String::new();
    let setting = Setting::default();
    let mut finder = Finder::new(&setting)?;
    let found = finder.of_folder(Path::new(""));
    for path in &finder.misnamed {
        problems.push_str(&frame::title(frame::Level::Note, &misnamed(path)));
    }
    let settings = match found {
        None => "none: `transom init` writes some".to_owned(),
        Some(path) => match SettingsFile::read(&path).and_then(|file| file.settings()) {
            Ok(_) => source::label(&path),
            Err(error) => {
                healthy = false;
                problems.push_str(&crate::said(&error));
                format!("{}: wrong, see below", source::label(&path))
            }
        },
    };
    lines.push(("settings", settings));
    match Overrides::of(&setting, &[]) {
        Ok(overrides) => {
            let set = overrides
                .values
                .iter()
                .map(|(_, value, origin)| format!("{origin}={}", value.as_str().unwrap_or_default()));
            let set = set.collect::<Vec<_>>().join(", ");
            lines.extend((!set.is_empty()).then_some(("set by", set)));
        }
        Err(error) => {
            healthy = false;
            problems.push_str(&crate::said(&error));
        }
    }
    let baseline = match NamedBaseline::find(None, false) {
        Ok(None) => "none".to_owned(),
        Ok(Some(known)) => source::label(&known.path),
        Err(error) => {
            healthy = false;
            problems.push_str(&frame::title(frame::Level::Error, &format!("{error:#}")));
            "wrong, see below".to_owned()
        }
    };
    lines.push(("baseline", baseline));
    for (name, arguments, purpose) in TOOLS {
        lines.push((name, tool(name, arguments, purpose)));
    }
    let colors = if terminal.is_colored() { "with colours" } else { "without colours" };
    let links = if terminal::has_links() { ", links" } else { "" };
    let stdout = match terminal::width() {
        Some(width) => format!("a terminal of {width} columns, {colors}{links}"),
        None => format!("no terminal, {colors}"),
    };
    let stderr = if std::io::stderr().is_terminal() { "" } else { "; stderr is none" };
    lines.push(("stdout", format!("{stdout}{stderr}")));
    let format = match output::chosen(&[], false).first().and_then(|output| output.format) {
        None => "text".to_owned(),
        Some(format) => format!("{format:?}, because the environment says so").to_lowercase(),
    };
    lines.push(("format", format));
    let text: Vec<String> = lines.into_iter().map(|(name, value)| format!("{name:<10} {value}\n")).collect();
    terminal.out(&text.concat())?;
    terminal.flush()?;
    terminal.err(&problems)?;
    Ok(if healthy { Exit::Clean } else { Exit::Usage })
}

/// What there is of a tool, as `check` calls it: the first line that it says of its version.
fn tool(name: &str, arguments: &[&str], purpose: &str) -> String {
    let named = charts::named(name);
    let program = named.as_ref().map_or_else(|| name.into(), |named| named.program.clone());
    let run = Command::new(program).args(arguments).stdin(Stdio::null()).output();
    match (run, named) {
        (Ok(run), _) if run.status.success() => {
            String::from_utf8_lossy(&run.stdout).trim().lines().next().unwrap_or_default().to_owned()
        }
        (Err(error), Some(named)) if error.kind() == ErrorKind::NotFound => named.absent(),
        (Err(error), Some(named)) => named.useless(&source::why(&error)),
        (Ok(_), Some(named)) => named.useless(&format!("`{}` fails", arguments.join(" "))),
        _ if cfg!(target_family = "wasm") => format!("cannot be run from here; it {purpose}"),
        _ => format!("not installed; it {purpose}"),
    }
}
