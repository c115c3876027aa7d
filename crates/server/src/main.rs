//! `transom-server`: see the library's documentation.

use std::process::ExitCode;

use clap::Parser as _;
use transom_server::args::{Args, Command};
use transom_server::{certs, serve};

fn main() -> ExitCode {
    match Args::parse().command {
        Command::Serve(args) => serve::run(&args),
        Command::Certs(args) => certs::run(&args),
        #[cfg(feature = "kube")]
        Command::Audit(args) => transom_server::audit::run(&args),
    }
}
