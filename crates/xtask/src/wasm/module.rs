//! From a package to a module that has its ABI and nothing else.

use std::process::Command;

use anyhow::{Context as _, bail};
use wasm_encoder::{ExportKind, ExportSection, RawSection};
use wasmparser::{ExternalKind, Parser, Payload};

use super::{Budget, File, dist};
use crate::tools::{self, cargo, is_there, need_wasm_target, target};

/// How a module is built.
pub(super) struct Module {
    pub(super) package: &'static str,
    pub(super) features: &'static [&'static str],
    /// Everything it exports. The linker adds `__data_end` and `__heap_base`, say.
    pub(super) exports: &'static [&'static str],
    /// Its name in `dist/`.
    pub(super) file: &'static str,
    pub(super) budget: Budget,
}

pub(super) fn make(module: &Module) -> anyhow::Result<File> {
    need_wasm_target()?;
    tools::run(&mut cargo(&[
        "build",
        "--quiet",
        "--lib",
        "--no-default-features",
        "--profile=wasm",
        "--target=wasm32-unknown-unknown",
        &format!("--package={}", module.package),
        &format!("--features={}", module.features.join(",")),
    ]))?;
    let built = format!("wasm32-unknown-unknown/wasm/{}.wasm", module.package.replace('-', "_"));
    let built = target().join(built);
    let bytes = std::fs::read(&built).with_context(|| built.display().to_string())?;
    let made = only_the_abi(&bytes, module.exports)?;
    let (bytes, before) = match optimised(module.file, &made) {
        Ok(Some(bytes)) => (bytes, Some(made)),
        Ok(None) => (made, None),
        Err(error) => {
            eprintln!("note: {error}; the module stays as the compiler made it");
            (made, None)
        }
    };
    Ok(File { name: module.file, bytes, before, budget: module.budget })
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

/// The module with nothing exported but the ABI, and without custom sections.
fn only_the_abi(bytes: &[u8], abi: &[&str]) -> anyhow::Result<Vec<u8>> {
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
                    module.section(&RawSection { id, data: &bytes[range.start as usize..range.end as usize] });
                }
            }
        }
    }
    Ok(module.finish())
}
