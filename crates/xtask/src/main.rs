//! `cargo x`: the one entry for work on this project.

mod archive;
mod bench;
mod cross;
mod demo;
mod docs;
mod engines;
mod example;
mod format;
mod fuzz;
mod krew;
mod new;
mod policies;
mod reproduce;
mod sources;
mod survey;
mod test;
mod tools;
mod typings;
mod wasm;
mod web;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Every task of the project.
#[derive(Parser)]
#[command(name = "cargo x", bin_name = "cargo x")]
struct Args {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Judge a realistic example with transom.wasm inside wasmtime, and show it fixed
    Demo,
    /// Build the artifacts into dist/ and print their sizes against the budgets
    Wasm {
        /// Only these: `raw`, `opa`, `kubewarden`, `component`, `npm`, `sbom`. Default: all
        names: Vec<String>,
    },
    /// Pack the command line as a release has it: program, completions, man pages
    Archive {
        /// Build it for this target. Default: that of this machine
        #[arg(long)]
        target: Option<String>,
        /// Build it with this profile of cargo
        #[arg(long, default_value = "release")]
        profile: String,
        /// Pack this program, which is built already
        #[arg(long, value_name = "FILE", conflicts_with = "profile")]
        program: Option<PathBuf>,
    },
    /// Write what `kubectl krew` installs by, of the archives in dist/
    Krew,
    /// Check the command line for targets that are not this machine's
    Cross {
        /// Default: Windows, macOS, and Linux with musl
        targets: Vec<String>,
    },
    /// Build the artifacts a second time, in another folder, and compare them byte for byte
    Reproduce,
    /// Run everything that CI runs, with the time of each stage
    Test,
    /// Format all source files, also those that only the list of rules names
    Fmt,
    /// Make a rule: its file, its documentation to be filled in, and its place in the list
    New {
        /// What names the defect, such as `host-network`
        name: String,
        /// The id, such as `WIN401`; its hundred says the family. Default: the next free one of --family
        #[arg(long)]
        id: Option<String>,
        /// The family, where the id does not say it
        #[arg(long, default_value = "cluster")]
        family: String,
    },
    /// Write what is generated from the rules: their index and pages in docs/rules, the schemas, and the
    /// types of TypeScript from these
    Docs,
    /// Write policies/: the packages for Kubernetes itself, Gatekeeper, Kyverno, OPA and Kubewarden
    Policies,
    /// Build the pages into dist/www, and test them in Chromium
    Web {
        /// Only build them
        #[arg(long)]
        no_test: bool,
    },
    /// Judge a folder of manifests and print what stands out, as a table that diffs well
    Survey {
        /// A folder of manifests; each folder in it is counted by itself
        folder: PathBuf,
        /// Also list every pod with its intent, and every finding of severity error
        #[arg(long)]
        verbose: bool,
    },
    /// Run the fuzz targets, all or those named, and print what they came to
    Fuzz {
        /// How long each target runs
        #[arg(long, default_value_t = 60)]
        seconds: u64,
        /// evaluate, reviews, settings, yaml, wasm
        targets: Vec<String>,
    },
    /// Run transom in the real engines, behind a real API server, all or those named
    Engines {
        /// The tests in host-test/cluster/tests: `opa`, `webhook`, `gatekeeper`, `kyverno`, `scheduler`, …
        names: Vec<String>,
    },
    /// Print the ratios of the budgets, all measured in one run
    Bench {
        /// Instead: `hosts`, transom in wasmtime and in opa beside the same rules in Rego; `server`, the
        /// server beside itself answering without evaluating; `cli`, checking 10,000 manifests beside only
        /// parsing them, and with PEERS=1 beside kube-linter, kubeconform and Checkov
        #[arg(value_parser = ["hosts", "server", "cli"])]
        what: Option<String>,
    },
}

fn main() -> ExitCode {
    match run(Args::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> anyhow::Result<()> {
    match task {
        Task::Demo => demo::run(),
        Task::Wasm { names } => wasm::run(&names),
        Task::Archive { target, profile, program } => archive::run(target.as_deref(), &profile, program.as_deref()),
        Task::Krew => krew::run(),
        Task::Cross { targets } => cross::run(&targets),
        Task::Reproduce => reproduce::run(),
        Task::Test => test::run(),
        Task::Fmt => format::run(format::Mode::Write),
        Task::New { name, id, family } => new::run(&name, id.as_deref(), &family),
        Task::Docs => docs::write(),
        Task::Policies => policies::write(),
        Task::Web { no_test } => web::run(!no_test),
        Task::Survey { folder, verbose } => survey::run(&folder, verbose),
        Task::Fuzz { seconds, targets } => fuzz::run(seconds, &targets),
        Task::Engines { names } => engines::run(&names),
        Task::Bench { what: None } => bench::run(),
        Task::Bench { what: Some(what) } if what == "server" => bench::server(),
        Task::Bench { what: Some(what) } if what == "cli" => bench::cli(),
        Task::Bench { what: Some(_) } => bench::hosts(),
    }
}
