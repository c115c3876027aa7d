//! `transom.wasm`: the raw ABI, for any WebAssembly runtime.

use super::module::{self, Module};
use super::{Budget, File};

const MODULE: Module = Module {
    package: "transom",
    features: &["abi"],
    exports: &["memory", "transom_abi", "alloc", "dealloc", "configure", "evaluate", "review"],
    file: "transom.wasm",
    budget: Budget { bytes: 350 * 1024, gzip: 130 * 1024 },
};

pub(super) fn make() -> anyhow::Result<Vec<File>> {
    Ok(vec![module::make(&MODULE)?])
}
