//! What can be asked for.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

const CHECK_EXIT_CODES: &str = "\
Exit codes:
  0  no findings at or above --fail-on
  1  such findings
  2  wrong usage or settings; nothing was checked
  3  some input could not be read; the rest was checked

A Helm template that was not rendered counts as unreadable where it was named itself, or where
its folder holds nothing else that can be checked.";

const FIX_EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  --diff: there is something to change; or a fix could not be applied
  2  wrong usage or settings; nothing was changed
  3  some input could not be read or written; the rest was fixed";

#[cfg(feature = "module")]
const BAKE_EXIT_CODES: &str = "\
Exit codes:
  0  done
  2  wrong usage or settings, or no module that takes any; nothing was written";

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
    /// Apply the safe fixes; comments and layout stay
    Fix(Fix),
    /// Make Linux manifests Windows ones: a diff, and the list of what a person must decide
    Port(crate::port::Port),
    /// Serve editors, by the Language Server Protocol on stdin and stdout
    Lsp(crate::lsp::Lsp),
    /// Explain a rule, or find the rules behind the text of an error
    Explain(Explain),
    /// List all rules
    Rules(Rules),
    /// Make settings part of a module, so that they hold from its start
    #[cfg(feature = "module")]
    Bake(Bake),
}

#[derive(Debug, clap::Args)]
#[command(after_help = CHECK_EXIT_CODES)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) judging: Judging,
    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// Findings that make the exit code 1: these and worse ones
    #[arg(long, value_enum, value_name = "SEVERITY", default_value_t = FailOn::Error)]
    pub(crate) fail_on: FailOn,
    /// Show info findings, too
    #[arg(long)]
    pub(crate) info: bool,
    /// Show what is suppressed, too, with the reasons
    #[arg(long)]
    pub(crate) show_suppressed: bool,
    /// Print findings and what could not be read, no summary and no notes
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

#[derive(Debug, clap::Args)]
#[command(after_help = FIX_EXIT_CODES)]
pub(crate) struct Fix {
    #[command(flatten)]
    pub(crate) judging: Judging,
    /// Print the changes as a unified diff and change nothing; exit code 1 where there are any
    #[arg(long)]
    pub(crate) diff: bool,
    /// Apply this rule's unsafe fixes, too (id or name; may be repeated)
    #[arg(long = "unsafe-rule", value_name = "RULE")]
    pub(crate) unsafe_rules: Vec<String>,
    /// Print no summary and no notes
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

/// What is judged, and how.
#[derive(Debug, clap::Args)]
pub(crate) struct Judging {
    /// Files, folders (all *.yaml, *.yml and *.json below), or - for stdin
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Settings, YAML or JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) settings: Option<PathBuf>,
    /// Objects to look up but not to judge: Nodes, Namespaces, RuntimeClasses (file or folder; may be repeated)
    #[arg(long, value_name = "PATH")]
    pub(crate) context: Vec<PathBuf>,
    /// Judge with this module (transom.wasm) instead of the built-in rules
    #[cfg(feature = "module")]
    #[arg(long, value_name = "FILE")]
    pub(crate) module: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Explain {
    /// Id or name of a rule (WIN101, windows-pod-not-pinned), or the text of an error as it was met
    /// ("no match for platform in manifest", 0xc0370101)
    #[arg(required = true, value_name = "RULE|ERROR")]
    pub(crate) subject: Vec<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Rules {
    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[cfg(feature = "module")]
#[derive(Debug, clap::Args)]
#[command(after_help = BAKE_EXIT_CODES)]
pub(crate) struct Bake {
    /// Settings, YAML or JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) settings: PathBuf,
    /// Where to write the module
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// The module, of any ABI, or OPA's bundle. Default: transom.wasm beside this program, or in
    /// dist/ here or further up
    #[arg(long, value_name = "FILE")]
    pub(crate) module: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Text,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum FailOn {
    Info,
    Warning,
    Error,
    Never,
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
