//! `transom.wasm`: the raw ABI, for any WebAssembly runtime.

use super::module::{self, Bake, Module};
use super::{Budget, File};

const MODULE: Module = Module {
    package: "transom",
    features: &["abi"],
    exports: &["memory", "transom_abi", "alloc", "dealloc", "configure", "evaluate", "review"],
    bake: Bake { alloc: "alloc", configure: "configure" },
    file: "transom.wasm",
    // A rule with its messages takes some 2.7 KB; the tables of images and all that reads, resolves and
    // mends takes the rest.
    budget: Budget { bytes: 664 * 1024, gzip: 256 * 1024 },
};

pub(super) fn make() -> anyhow::Result<Vec<File>> {
    Ok(vec![module::make(&MODULE)?])
}
