//! `cargo x bench`: the ratios of the budgets. The measuring is the harness's, beside its tests.

use crate::tools::{self, cargo};
use crate::wasm;

pub(crate) fn run() -> anyhow::Result<()> {
    wasm::build()?;
    tools::run(&mut cargo(&["run", "--quiet", "--release", "--package=host-test", "--bin=bench"]))
}
