//! `cargo x demo`: the whole way from a manifest to a verdict and a fix, through WebAssembly.

use crate::tools::{self, cargo};
use crate::wasm;

/// A shop on a mixed cluster, with the mistakes people make.
const EXAMPLE: &str = "examples/shop.yaml";

fn transom(args: &[&str]) -> anyhow::Result<i32> {
    let mut command = cargo(&["run", "--quiet", "--package=transom-cli", "--"]);
    Ok(command.args(args).status()?.code().unwrap_or(-1))
}

pub(crate) fn run() -> anyhow::Result<()> {
    eprintln!("building dist/transom.wasm and the command line (some minutes, the first time)");
    let (module, size) = wasm::build()?;
    tools::run(&mut cargo(&["build", "--quiet", "--package=transom-cli"]))?;
    eprintln!("{EXAMPLE}, judged by dist/transom.wasm ({} KB) in wasmtime:\n", size / 1024);
    let module = module.to_string_lossy().into_owned();
    let code = transom(&["check", "--module", &module, EXAMPLE])?;
    anyhow::ensure!(code == 1, "the example has mistakes, so `transom check` ends with 1, not {code}");
    eprintln!("\nThe safe fixes, as a diff (`transom fix --diff {EXAMPLE}`):\n");
    transom(&["fix", "--module", &module, "--diff", EXAMPLE])?;
    eprintln!("\nThe fixed manifest:\n");
    let example = std::fs::File::open(crate::tools::root().join(EXAMPLE))?;
    let mut fix = cargo(&["run", "--quiet", "--package=transom-cli", "--", "fix", "--module", &module, "-"]);
    fix.stdin(example).status()?;
    eprintln!("\nTry your own: cargo run -p transom-cli -- check FILE-OR-FOLDER");
    Ok(())
}
