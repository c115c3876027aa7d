//! What can be asked for: a file for each command.

#[cfg(feature = "module")]
mod bake;
mod baseline;
mod check;
mod explain;
mod filter;
mod fix;
mod judging;
mod lsp;
mod plan;
#[cfg(feature = "play")]
mod play;
mod port;
mod reporting;
mod scan;
mod settings;
mod tools;

use std::path::{Path, PathBuf};

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};

#[cfg(feature = "module")]
pub(crate) use bake::Bake;
pub(crate) use baseline::Baseline;
pub(crate) use check::{Check, Fixes};
pub(crate) use explain::{Explain, Rules};
pub(crate) use filter::Filter;
pub(crate) use fix::Fix;
pub(crate) use judging::{Judging, Setting, Walking};
pub(crate) use lsp::Lsp;
pub(crate) use plan::Plan;
#[cfg(feature = "play")]
pub(crate) use play::Play;
pub(crate) use port::Port;
pub(crate) use reporting::{FailOn, Output, Reporting};
pub(crate) use scan::Scan;
pub(crate) use settings::{Init, Settings};
pub(crate) use tools::{Completions, Man};

/// Will these manifests work on Windows nodes, and will they keep off them if they must?
#[derive(Debug, Parser)]
#[command(name = "transom", version, arg_required_else_help = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// When to use colours
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = Color::Auto)]
    pub(crate) color: Color,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Point out what will not work
    Check(Check),
    /// Apply the safe fixes; comments and layout stay (as `check --fix`, without the findings)
    Fix(Fix),
    /// Make Linux manifests Windows ones: a diff, and the list of what a person must decide
    Port(Port),
    /// Open manifests in the browser, on the page that needs no network; nothing is sent to anybody
    #[cfg(feature = "play")]
    Play(Play),
    /// What `play` is without its feature
    #[cfg(not(feature = "play"))]
    #[command(hide = true, disable_help_flag = true)]
    Play(Lacking),
    /// Serve editors, by the Language Server Protocol on stdin and stdout
    Lsp(Lsp),
    /// Write down what is found now, so that only what is new counts
    Baseline(Baseline),
    /// Judge what is in a cluster, or what an audit log says went in
    Scan(Scan),
    /// Say which findings an upgrade of nodes or of Kubernetes makes appear and go
    Plan(Plan),
    /// Mark what other scanners find that does not apply to Windows pods
    Filter(Filter),
    /// Show the settings that hold for a file or a folder, and where each comes from
    Settings(Settings),
    /// Look at a repository and write the transom.yaml that fits it
    Init(Init),
    /// Explain a rule, or find the rules behind the text of an error or about a field
    Explain(Explain),
    /// List all rules
    Rules(Rules),
    /// Make settings part of a module, so that they hold from its start
    #[cfg(feature = "module")]
    Bake(Bake),
    /// What `bake` is without its feature
    #[cfg(not(feature = "module"))]
    #[command(hide = true, disable_help_flag = true)]
    Bake(Lacking),
    /// Say what transom finds here: settings, tools, terminal
    Doctor,
    /// Print a script that completes commands and options in a shell
    Completions(Completions),
    /// Print the manual as man pages
    Man(Man),
    /// Print the reference of all commands, as in docs/cli.md
    #[command(hide = true)]
    Reference,
}

/// What is asked of a command that this program was built without: whatever it is, the answer is the same.
#[cfg(not(all(feature = "module", feature = "play")))]
#[derive(Debug, clap::Args)]
pub(crate) struct Lacking {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    words: Vec<std::ffi::OsString>,
}

/// Text for people, or JSON for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Text,
    Json,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

impl Color {
    /// Sets what every stream goes by. `auto` heeds terminals, NO_COLOR and CLICOLOR_FORCE.
    pub(crate) fn write_global(self) {
        let choice = match self {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
    }
}

/// What kubectl calls a plugin's program.
const PLUGIN: &str = "kubectl-transom";

/// The commands, under the name that the program was called by: `transom`, or as a plugin `kubectl transom`.
pub(crate) fn command() -> clap::Command {
    let program = std::env::args_os().next().map(PathBuf::from);
    let is_plugin = program.as_deref().and_then(Path::file_stem).is_some_and(|name| name == PLUGIN);
    let command = Args::command();
    if is_plugin { command.name(PLUGIN).bin_name("kubectl transom") } else { command }
}

/// The same without what is hidden, which scripts for shells show all the same.
pub(crate) fn shown() -> clap::Command {
    let command = command();
    let name = if command.get_name() == PLUGIN { PLUGIN } else { "transom" };
    clap::Command::new(name)
        .version(env!("CARGO_PKG_VERSION"))
        .args(command.get_arguments())
        .subcommands(command.get_subcommands().filter(|command| !command.is_hide_set()))
}

/// What is asked for; ends the process where that is nothing sensible.
pub(crate) fn parse() -> Args {
    let parsed = Args::from_arg_matches(&command().get_matches_from(wild::args_os()));
    parsed.unwrap_or_else(|error| error.exit())
}
