//! `cargo x wasm`: builds `dist/transom.wasm`.
//!
//! What the linker exports beside the ABI (`__data_end`, `__heap_base`) and all custom sections are
//! taken out, so that the module has exactly the exports its documentation names.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, bail};
use wasm_encoder::{ExportKind, ExportSection, Module, RawSection};
use wasmparser::{ExternalKind, Parser, Payload};

use crate::tools::{self, cargo, is_there, need_wasm_target, root, target};

/// Everything the module exports.
const EXPORTS: &[&str] = &["memory", "transom_abi", "alloc", "dealloc", "configure", "evaluate", "review"];

/// Bytes of the module, and of the module under gzip.
const BUDGET: (usize, usize) = (350 * 1024, 130 * 1024);

/// Builds the module; gives its path, and its bytes as the compiler made them.
pub(crate) fn build() -> anyhow::Result<(PathBuf, Vec<u8>)> {
    need_wasm_target()?;
    tools::run(&mut cargo(&[
        "build",
        "--quiet",
        "--package=transom",
        "--lib",
        "--no-default-features",
        "--features=abi",
        "--profile=wasm",
        "--target=wasm32-unknown-unknown",
    ]))?;
    let built = target().join("wasm32-unknown-unknown/wasm/transom.wasm");
    let bytes = std::fs::read(&built).with_context(|| built.display().to_string())?;
    let module = only_the_abi(&bytes)?;
    let path = root().join("dist/transom.wasm");
    std::fs::create_dir_all(root().join("dist"))?;
    // The module is put in place at once: tests may be reading it.
    let fresh = path.with_extension("wasm.new");
    std::fs::write(&fresh, &module)?;
    if is_there("wasm-opt") {
        let mut optimise = Command::new("wasm-opt");
        optimise.args(["-O3", "--all-features", "--disable-gc"]).arg(&fresh).arg("-o").arg(&fresh);
        if let Err(error) = tools::run(&mut optimise) {
            eprintln!("note: {error}; the module stays as the compiler made it");
            std::fs::write(&fresh, &module)?;
        }
    }
    std::fs::rename(&fresh, &path)?;
    Ok((path, module))
}

pub(crate) fn run() -> anyhow::Result<()> {
    let (path, before) = build()?;
    let after = std::fs::read(&path)?;
    println!("{:<34} {:>9} {:>9} {:>9}", "artifact", "bytes", "gzip", "budget");
    let row = |name: &str, bytes: &[u8]| -> anyhow::Result<bool> {
        let zipped = gzip(bytes)?;
        println!("{name:<34} {:>9} {zipped:>9} {:>8}%", bytes.len(), 100 * bytes.len() / BUDGET.0);
        Ok(bytes.len() <= BUDGET.0 && zipped <= BUDGET.1)
    };
    let mut holds = row("dist/transom.wasm", &after)?;
    if before != after {
        holds &= row("  as the compiler made it", &before)?;
    }
    println!("{:<34} {:>9} {:>9}", "budget", BUDGET.0, BUDGET.1);
    if !holds {
        println!("the module is OVER its budget");
    }
    Ok(())
}

fn gzip(bytes: &[u8]) -> anyhow::Result<usize> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

/// The module with nothing exported but the ABI, and without custom sections.
fn only_the_abi(bytes: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut module = Module::new();
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
                        _ => continue,
                    };
                    if EXPORTS.contains(&export.name) {
                        kept.export(export.name, kind, export.index);
                    }
                }
                if kept.len() != EXPORTS.len() as u32 {
                    bail!("the module does not export all of {EXPORTS:?}");
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
