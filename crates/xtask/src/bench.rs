//! `cargo x bench`: the ratios of the budgets. The measuring is the harness's, beside its tests.

use crate::tools::{self, cargo};
use crate::wasm;

pub(crate) fn run() -> anyhow::Result<()> {
    wasm::build()?;
    tools::run(&mut cargo(&["run", "--quiet", "--release", "--package=host-test", "--bin=bench"]))
}

/// transom beside the same rules in Rego, in every engine.
pub(crate) fn hosts() -> anyhow::Result<()> {
    wasm::run(&["raw".to_owned(), "opa".to_owned()])?;
    tools::run(&mut cargo(&["bench", "--quiet", "--package=host-test", "--bench=hosts"]))
}

/// The server under load.
pub(crate) fn server() -> anyhow::Result<()> {
    wasm::build()?;
    tools::run(&mut cargo(&["bench", "--quiet", "--package=transom-server", "--bench=load"]))
}

/// The command line over 10,000 manifests, beside only parsing them.
pub(crate) fn cli() -> anyhow::Result<()> {
    let of_cli = ["--package=transom-cli", "--no-default-features", "--features=mimalloc", "--bench=speed"];
    tools::run(cargo(&["bench", "--quiet"]).args(of_cli))
}
