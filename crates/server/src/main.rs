//! `transom-server`: see the library's documentation.

use std::process::ExitCode;

use clap::Parser as _;
use transom_server::args::{Args, Command};
use transom_server::{certs, serve};

/// Gives back what a burst of large requests took, which that of glibc does not; that of musl has one
/// lock for all threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match Args::parse().command {
        Command::Serve(args) => serve::run(&args),
        Command::Certs(args) => certs::run(&args),
        #[cfg(feature = "kube")]
        Command::Audit(args) => transom_server::audit::run(&args),
    }
}
