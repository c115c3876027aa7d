//! What can be asked for: a file for each command.

#[cfg(feature = "module")]
mod bake;
mod baseline;
mod check;
mod explain;
mod filter;
mod fix;
mod judging;
mod plan;
mod scan;

use clap::{Parser, Subcommand, ValueEnum};

#[cfg(feature = "module")]
pub(crate) use bake::Bake;
pub(crate) use baseline::Baseline;
pub(crate) use check::{Check, FailOn, Fixes, Output};
pub(crate) use explain::{Explain, Rules};
pub(crate) use filter::Filter;
pub(crate) use fix::Fix;
pub(crate) use judging::{Judging, Setting};
pub(crate) use plan::Plan;
pub(crate) use scan::Scan;

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
    /// Write down what is found now, so that only what is new counts
    Baseline(Baseline),
    /// Judge what is in a cluster, or what an audit log says went in
    Scan(Scan),
    /// Say which findings an upgrade of nodes or of Kubernetes makes appear and go
    Plan(Plan),
    /// Mark what other scanners find that does not apply to Windows pods
    Filter(Filter),
    /// Explain a rule, or find the rules behind the text of an error
    Explain(Explain),
    /// List all rules
    Rules(Rules),
    /// Make settings part of a module, so that they hold from its start
    #[cfg(feature = "module")]
    Bake(Bake),
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
