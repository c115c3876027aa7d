//! `cargo x engines`: the tests of the whole chain, in a real control plane with the real engines.

use std::time::Instant;

use anyhow::Context as _;

use crate::tools::{self, cargo};
use crate::wasm;

/// Runs the named test files of `host-test/cluster/tests`, or all. cargo says which there are.
pub(crate) fn run(names: &[String]) -> anyhow::Result<()> {
    wasm::run(&["raw".to_owned(), "opa".to_owned()])?;
    let package = "--package=cluster-test";
    tools::run(&mut cargo(&["build", "--quiet", package, "--tests"]))?;
    if names.is_empty() {
        return tools::run(&mut cargo(&["test", "--quiet", package]));
    }
    for name in names {
        let start = Instant::now();
        tools::run(&mut cargo(&["test", "--quiet", package, "--test", name])).with_context(|| name.clone())?;
        println!("{name:<10} {:>7.1} s", start.elapsed().as_secs_f64());
    }
    Ok(())
}
