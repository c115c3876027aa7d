//! The command line as a module of WASI: what `npx transom` runs.

use anyhow::Context as _;

use super::module::{nameless, without_custom_sections};
use crate::tools::{self, cargo, need_target, target};

pub(super) const TARGET: &str = "wasm32-wasip1";

pub(super) fn make() -> anyhow::Result<Vec<u8>> {
    need_target(TARGET)?;
    let mut build = cargo(&["build", "--quiet", "--bin=transom", "--package=transom-cli", "--no-default-features"]);
    build.args(["--profile=wasm", &format!("--target={TARGET}"), &nameless(TARGET)?]);
    tools::run(build.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS"))?;
    let built = target().join(TARGET).join("wasm/transom.wasm");
    let module = std::fs::read(&built).with_context(|| built.display().to_string())?;
    without_custom_sections(&module)
}
