//! `cargo x engines`: the tests of the whole chain, in a real control plane with the real engines.

use std::env::consts::EXE_SUFFIX;
use std::time::Instant;

use anyhow::Context as _;

use crate::tools::{self, cargo, target};
use crate::wasm;

/// Runs the named test files of `host-test/cluster/tests`, or all. cargo says which there are.
pub(crate) fn run(names: &[String]) -> anyhow::Result<()> {
    wasm::run(&["raw".to_owned(), "opa".to_owned()])?;
    // With the features that the stage of all other tests builds it with, which is what it has built.
    let others = ["--workspace", "--exclude=cluster-test"];
    tools::run(cargo(&["build", "--quiet", "--bin=transom-server", "--bin=transom"]).args(others))?;
    let program = |name: &str| target().join("debug").join(format!("{name}{EXE_SUFFIX}"));
    let package = "--package=cluster-test";
    tools::run(&mut cargo(&["build", "--quiet", package, "--tests"]))?;
    let test = |arguments: &[&str]| {
        let mut cargo = cargo(&["test", "--quiet", package]);
        cargo.env("TRANSOM_SERVER", program("transom-server")).env("TRANSOM", program("transom"));
        tools::run(cargo.args(arguments))
    };
    if names.is_empty() {
        return test(&[]);
    }
    for name in names {
        let start = Instant::now();
        test(&["--test", name]).with_context(|| name.clone())?;
        println!("{name:<10} {:>7.1} s", start.elapsed().as_secs_f64());
    }
    Ok(())
}
