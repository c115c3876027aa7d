//! The command judge: a Decision for each line of JSON on standard input.
#![allow(clippy::print_stdout, clippy::print_stderr, unreachable_pub, reason = "it is a command")]

mod transom;

use std::process::ExitCode;
use std::{env, fs, io};

use transom::Transom;
use wasmtime::error::Context as _;
use wasmtime::{Engine, Module, Result, ensure};

fn main() -> ExitCode {
    match judge() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("judge: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn judge() -> Result<()> {
    let mut arguments = env::args().skip(1);
    let module = fs::read(arguments.next().context("usage: judge MODULE [SETTINGS] < documents")?)?;
    let engine = Engine::default();
    let mut transom = Transom::new(&engine, &Module::new(&engine, module)?)?;
    if let Some(settings) = arguments.next() {
        let verdict = transom.call("configure", &fs::read(settings)?)?;
        ensure!(verdict.starts_with(r#"{"valid":true"#), "the settings are wrong: {verdict}");
    }
    for line in io::stdin().lines() {
        println!("{}", transom.call("evaluate", line?.as_bytes())?);
    }
    Ok(())
}
