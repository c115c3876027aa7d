//! From a package to a module that has its ABI and nothing else.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail};
use serde_json::Value;
use transom_bake::Hooks;
use wasm_encoder::{CustomSection, ExportKind, ExportSection, RawSection, Section as _};
use wasmparser::{ExternalKind, Parser, Payload};

use super::{Budget, File, dist};
use crate::tools::{self, cargo, is_there, need_wasm_target, target};

/// How a module is built.
pub(super) struct Module {
    pub(super) package: &'static str,
    pub(super) features: &'static [&'static str],
    /// Everything it exports. The linker adds `__data_end` and `__heap_base`, say.
    pub(super) exports: &'static [&'static str],
    /// The exports, of those or not, by which `transom bake` makes settings part of it.
    pub(super) bake: Bake,
    /// Its name in `dist/`.
    pub(super) file: &'static str,
    pub(super) budget: Budget,
}

/// The names of what [`Hooks`] has by number.
pub(super) struct Bake {
    pub(super) alloc: &'static str,
    pub(super) configure: &'static str,
}

/// For modules whose own ABI does not take settings in once and for all.
pub(super) const HIDDEN: Bake = Bake { alloc: "transom_bake_alloc", configure: "transom_bake" };

pub(super) fn make(module: &Module) -> anyhow::Result<File> {
    need_wasm_target()?;
    let mut build = cargo(&[
        "build",
        "--quiet",
        "--lib",
        "--no-default-features",
        "--profile=wasm",
        "--target=wasm32-unknown-unknown",
        &format!("--package={}", module.package),
        &format!("--features={}", module.features.join(",")),
        &nameless("wasm32-unknown-unknown")?,
    ]);
    // Flags of the environment take the place of all others.
    tools::run(build.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS"))?;
    let built = format!("wasm32-unknown-unknown/wasm/{}.wasm", module.package.replace('-', "_"));
    let built = target().join(built);
    let bytes = std::fs::read(&built).with_context(|| built.display().to_string())?;
    let made = only_the_abi(&bytes, module)?;
    let (bytes, before) = match optimised(module.file, &bytes) {
        Ok(Some(bytes)) => (only_the_abi(&bytes, module)?, Some(made)),
        Ok(None) => (made, None),
        Err(error) => {
            eprintln!("note: {error}; the module stays as the compiler made it");
            (made, None)
        }
    };
    Ok(File { name: module.file, bytes, before, budget: module.budget })
}

/// An argument for cargo by which nothing of the machine's folders gets into a module of a target: messages
/// of panics name the source files of dependencies. The flags in it come beside those of
/// `.cargo/config.toml`.
pub(super) fn nameless(target: &str) -> anyhow::Result<String> {
    let metadata = tools::read(&mut cargo(&["metadata", "--format-version=1", "--locked"]))?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let manifests = metadata["packages"].as_array().into_iter().flatten().filter_map(|p| p["manifest_path"].as_str());
    let folders = manifests.filter_map(|manifest| Path::new(manifest).parent()?.parent());
    let folders: BTreeSet<&Path> = folders.filter(|folder| !folder.starts_with(tools::root())).collect();
    let flags: Vec<_> = folders.iter().map(|folder| format!("--remap-path-prefix={}=", folder.display())).collect();
    Ok(format!("--config=target.{target}.rustflags={}", Value::from(flags)))
}

/// The module without names, tools and features, which nobody reads.
pub(super) fn without_custom_sections(bytes: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut module = wasm_encoder::Module::new();
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload?;
        if let (Some((id, range)), false) = (payload.as_section(), matches!(payload, Payload::CustomSection(_))) {
            module.section(&RawSection { id, data: &bytes[range] });
        }
    }
    Ok(module.finish())
}

/// What `wasm-opt` makes of a module, where there is one.
pub(super) fn optimised(name: &str, module: &[u8]) -> anyhow::Result<Option<Vec<u8>>> {
    if !is_there("wasm-opt") {
        return Ok(None);
    }
    let file = dist(&format!("{name}.unfinished"));
    std::fs::write(&file, module)?;
    let mut optimise = Command::new("wasm-opt");
    optimise.args(["-O3", "--all-features", "--disable-gc"]).arg(&file).arg("-o").arg(&file);
    let bytes = tools::run(&mut optimise).and_then(|()| Ok(std::fs::read(&file)?));
    std::fs::remove_file(&file)?;
    bytes.map(Some)
}

/// Puts a custom section at the end of a module.
pub(super) fn add_section(module: &mut Vec<u8>, name: &str, data: &[u8]) {
    CustomSection { name: name.into(), data: data.into() }.append_to(module);
}

/// The module with nothing exported but the ABI, and without custom sections but that for baking.
fn only_the_abi(bytes: &[u8], of: &Module) -> anyhow::Result<Vec<u8>> {
    let abi = of.exports;
    let (mut alloc, mut configure) = (None, None);
    let mut module = wasm_encoder::Module::new();
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload?;
        match payload {
            Payload::ExportSection(exports) => {
                let mut kept = ExportSection::new();
                for export in exports {
                    let export = export?;
                    let kind = match export.kind {
                        ExternalKind::Func => ExportKind::Func,
                        ExternalKind::Memory => ExportKind::Memory,
                        ExternalKind::Global => ExportKind::Global,
                        _ => continue,
                    };
                    if export.name == of.bake.alloc {
                        alloc = Some(export.index);
                    } else if export.name == of.bake.configure {
                        configure = Some(export.index);
                    }
                    if abi.contains(&export.name) {
                        kept.export(export.name, kind, export.index);
                    }
                }
                if kept.len() as usize != abi.len() {
                    bail!("the module does not export all of {abi:?}");
                }
                module.section(&kept);
            }
            Payload::CustomSection(_) => {}
            payload => {
                if let Some((id, range)) = payload.as_section() {
                    module.section(&RawSection { id, data: &bytes[range] });
                }
            }
        }
    }
    let (Some(alloc), Some(configure)) = (alloc, configure) else {
        bail!("the module does not export {} and {}", of.bake.alloc, of.bake.configure);
    };
    let hooks = Hooks { alloc, configure }.encode();
    module.section(&CustomSection { name: transom_bake::SECTION.into(), data: hooks.as_slice().into() });
    Ok(module.finish())
}
