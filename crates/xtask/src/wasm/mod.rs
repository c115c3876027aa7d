//! `cargo x wasm`: builds what others load into `dist/`.
//!
//! Each artifact has its ABI and nothing of another's: [`module`] takes out what the linker exports
//! beside it. Two builds of the same sources give the same bytes: `cargo x reproduce` builds twice.

mod component;
mod kubewarden;
mod module;
mod npm;
mod opa;
mod program;
mod raw;
mod sbom;
mod sums;

pub(crate) use npm::{Bindings, TIME, bindings};
pub(crate) use sums::sum_of;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::bail;

use crate::tools::{need_target, need_wasm_target, root};

/// An artifact is one file or more, made together.
struct Artifact {
    /// What `cargo x wasm` calls it.
    name: &'static str,
    make: fn() -> anyhow::Result<Vec<File>>,
}

const ARTIFACTS: &[Artifact] = &[
    Artifact { name: "raw", make: raw::make },
    Artifact { name: "opa", make: opa::make },
    Artifact { name: "kubewarden", make: kubewarden::make },
    Artifact { name: "component", make: component::make },
    Artifact { name: "npm", make: npm::make },
    Artifact { name: "sbom", make: sbom::make },
];

/// A file for `dist/`.
struct File {
    name: &'static str,
    bytes: Vec<u8>,
    /// The module before `wasm-opt`, where that changed anything.
    before: Option<Vec<u8>>,
    budget: Budget,
}

/// How large a file may be, and how large under gzip.
#[derive(Clone, Copy)]
struct Budget {
    bytes: usize,
    gzip: usize,
}

/// Builds the raw module; gives its path and its size.
pub(crate) fn build() -> anyhow::Result<(PathBuf, usize)> {
    let files = raw::make()?;
    let file = &files[0];
    Ok((put(file.name, &file.bytes)?, file.bytes.len()))
}

/// Installs what the artifacts take beside cargo: standard libraries for other targets, and programs.
pub(crate) fn install_tools() -> anyhow::Result<()> {
    need_wasm_target()?;
    need_target(program::TARGET)?;
    npm::tools()?;
    sbom::tools()?;
    Ok(())
}

/// Builds the artifacts of these names, all where there are none.
pub(crate) fn run(names: &[String]) -> anyhow::Result<()> {
    let known: Vec<&str> = ARTIFACTS.iter().map(|artifact| artifact.name).collect();
    if let Some(unknown) = names.iter().find(|name| !known.contains(&name.as_str())) {
        bail!("there is no artifact `{unknown}`; there are: {}", known.join(", "));
    }
    println!("{:<34} {:>9} {:>9} {:>9} {:>9}", "artifact", "bytes", "budget", "gzip", "budget");
    let mut made = Vec::new();
    let mut over = Vec::new();
    for artifact in ARTIFACTS {
        if !names.is_empty() && !names.iter().any(|name| name == artifact.name) {
            continue;
        }
        for file in (artifact.make)()? {
            put(file.name, &file.bytes)?;
            made.push(file.name);
            if !row(&format!("dist/{}", file.name), &file.bytes, file.budget)? {
                over.push(file.name);
            }
            if let Some(before) = &file.before {
                row("  as the compiler made it", before, file.budget)?;
            }
        }
    }
    sums::write(&made, names.is_empty())?;
    if !over.is_empty() {
        println!("OVER budget: {}", over.join(", "));
    }
    Ok(())
}

/// Prints a line of the table; says whether the budget holds.
fn row(name: &str, bytes: &[u8], budget: Budget) -> anyhow::Result<bool> {
    let (size, zipped) = (bytes.len(), gzip(bytes)?.len());
    let percent = |size: usize, budget: usize| format!("{}%", 100 * size / budget);
    let is_within = size <= budget.bytes && zipped <= budget.gzip;
    let (bytes, gzip) = (percent(size, budget.bytes), percent(zipped, budget.gzip));
    println!("{name:<34} {size:>9} {bytes:>9} {zipped:>9} {gzip:>9}{}", if is_within { "" } else { "  OVER" });
    Ok(is_within)
}

/// Writes a file into `dist/` that is no module, and its sum beside those of the others.
pub(crate) fn release(name: &str, bytes: &[u8]) -> anyhow::Result<PathBuf> {
    let path = put(name, bytes)?;
    sums::write(&[name], false)?;
    Ok(path)
}

/// Writes a file into `dist/`, in place at once: tests may be reading the one that is there.
fn put(name: &str, bytes: &[u8]) -> anyhow::Result<PathBuf> {
    let path = dist(name);
    let fresh = dist(&format!("{name}.new"));
    fs::write(&fresh, bytes)?;
    fs::rename(&fresh, &path)?;
    Ok(path)
}

fn dist(name: &str) -> PathBuf {
    let folder: &Path = &root().join("dist");
    // Where it cannot be made, writing into it says why.
    let _ = fs::create_dir_all(folder);
    folder.join(name)
}

/// Under gzip, without a name or a time.
pub(crate) fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}
