//! `transom.component.wasm`, a component of WebAssembly's component model, and its interface.

use anyhow::Context as _;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use super::module::{self, HIDDEN, Module};
use super::{Budget, File};
use crate::tools::root;

/// What becomes the component: functions named after those of the interface.
const MODULE: Module = Module {
    package: "transom-component",
    features: &[],
    exports: &[
        "memory",
        "cabi_realloc",
        "transom:policy/evaluation@0.1.0#[constructor]policy",
        "transom:policy/evaluation@0.1.0#[dtor]policy",
        "transom:policy/evaluation@0.1.0#[method]policy.evaluate",
        "transom:policy/evaluation@0.1.0#[method]policy.evaluate-json",
        "transom:policy/evaluation@0.1.0#[method]policy.review",
        "transom:policy/evaluation@0.1.0#[static]policy.with-settings",
        "transom:policy/evaluation@0.1.0#evaluate",
        "transom:policy/evaluation@0.1.0#evaluate-json",
        "transom:policy/evaluation@0.1.0#review",
        "cabi_post_transom:policy/evaluation@0.1.0#[method]policy.evaluate",
        "cabi_post_transom:policy/evaluation@0.1.0#[method]policy.evaluate-json",
        "cabi_post_transom:policy/evaluation@0.1.0#[method]policy.review",
        "cabi_post_transom:policy/evaluation@0.1.0#[static]policy.with-settings",
        "cabi_post_transom:policy/evaluation@0.1.0#evaluate",
        "cabi_post_transom:policy/evaluation@0.1.0#evaluate-json",
        "cabi_post_transom:policy/evaluation@0.1.0#review",
    ],
    bake: HIDDEN,
    file: "transom.component.wasm",
    budget: Budget { bytes: 736 * 1024, gzip: 288 * 1024 },
};

const WIT: &str = "transom.wit";

pub(super) fn make() -> anyhow::Result<Vec<File>> {
    let mut file = module::make(&MODULE)?;
    let path = root().join("crates/component/wit").join(WIT);
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    file.bytes = component(file.bytes, &text)?;
    file.before = file.before.map(|before| component(before, &text)).transpose()?;
    // A component does not hold the comments of its interface.
    let wit =
        File { name: WIT, bytes: text.into_bytes(), before: None, budget: Budget { bytes: 16 * 1024, gzip: 8 * 1024 } };
    Ok(vec![file, wit])
}

/// The component of a module whose exports have the names of those of the interface.
fn component(mut module: Vec<u8>, wit: &str) -> anyhow::Result<Vec<u8>> {
    let mut resolve = Resolve::default();
    let package = resolve.push_str(WIT, wit)?;
    let world = resolve.select_world(&[package], None)?;
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)?;
    ComponentEncoder::default().module(&module)?.validate(true).encode()
}
