//! The same command with transom-host: a fresh instance for each document, limits on time and memory,
//! typed errors.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it is a command")]

use std::error::Error;
use std::process::ExitCode;
use std::{env, fs, io};

use transom_host::Host;

fn main() -> ExitCode {
    match judge() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("judge: {error}");
            ExitCode::FAILURE
        }
    }
}

fn judge() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let host = Host::from_file(arguments.next().ok_or("usage: judge-host MODULE [SETTINGS] < documents")?)?;
    if let Some(settings) = arguments.next() {
        host.configure(&fs::read_to_string(settings)?)?;
    }
    for line in io::stdin().lines() {
        println!("{}", host.evaluate(line?)?);
    }
    Ok(())
}
