//! `cluster up`: a control plane to try things with, until Ctrl-C.

use std::path::PathBuf;
use std::process::ExitCode;
use std::{env, thread};

use clap::{Parser, Subcommand};
use cluster::{Cluster, supervise};

/// A Kubernetes control plane on loopback.
#[derive(Parser)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start etcd, kube-apiserver and kube-scheduler, and say how to reach them, until Ctrl-C
    Up,
    /// What this program starts itself with: runs processes for another one, and ends with it
    #[command(hide = true)]
    Supervise {
        /// Removed at the end
        folder: PathBuf,
    },
}

fn main() -> anyhow::Result<ExitCode> {
    match Args::parse().command {
        Command::Supervise { folder } => supervise(&folder)?,
        Command::Up => {
            let Some(mut cluster) = Cluster::start(&env::current_exe()?) else { return Ok(ExitCode::FAILURE) };
            cluster.start_scheduler();
            cluster::engine::say(&format!("export KUBECONFIG={}", cluster.kubeconfig().display()));
            loop {
                thread::park();
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
