//! Formatting. `cargo fmt` follows `mod` lines and does not see the rules, which a macro names.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::tools::{self, root};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Write,
    Check,
}

pub(crate) fn run(mode: Mode) -> anyhow::Result<()> {
    let mut files = Vec::new();
    for folder in ["src", "crates", "examples", "host-test", "tests", "fuzz"] {
        rust_files(&root().join(folder), &mut files)?;
    }
    files.sort();
    let mut rustfmt = Command::new("rustfmt");
    rustfmt.args(["--edition", "2024"]).current_dir(root());
    if mode == Mode::Check {
        rustfmt.arg("--check");
    }
    tools::run(rustfmt.args(files))
}

fn rust_files(folder: &Path, into: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            if path.file_name().is_some_and(|name| name != "target") {
                rust_files(&path, into)?;
            }
        } else if path.extension().is_some_and(|e| e == "rs") {
            into.push(path);
        }
    }
    Ok(())
}
