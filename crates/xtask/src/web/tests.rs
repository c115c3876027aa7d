//! The tests of the pages, `www/tests/*.test.mjs`, in Node and Chromium.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};
use host_test::engine;

use super::corpus;
use crate::tools;

/// Runs them against the pages in a folder. What is missing is installed, or said, which is a failure
/// under `CI=true`.
pub(super) fn run(pages: &Path) -> anyhow::Result<()> {
    let what = "dist/www";
    if !engine::is_there("node", "--version", what) || !engine::is_there("chromium", "--version", what) {
        return Ok(());
    }
    let tests = tools::root().join("www/tests");
    let entries = fs::read_dir(&tests).with_context(|| tests.display().to_string())?;
    let mut files: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<_>>()?;
    files.retain(|file| file.to_string_lossy().ends_with(".test.mjs"));
    files.sort();
    ensure!(!files.is_empty(), "there are no tests in {}", tests.display());
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let chromium = std::env::split_paths(&paths).map(|folder| folder.join("chromium")).find(|path| path.is_file());
    let mut node = Command::new("node");
    node.args(["--test", "--test-reporter=spec"]).args(files);
    node.env("TOOLS", packages(&tests)?).env("WWW", pages).env("CHROMIUM", chromium.context("no chromium in PATH")?);
    node.env("CORPUS", corpus::write()?).env("SERVER", server()?);
    node.env("SHOTS", tools::root().join("build/www-shots"));
    tools::run(&mut node)
}

/// transom-server, which serves the playground, too.
fn server() -> anyhow::Result<PathBuf> {
    // Of the whole workspace, with whose features everything it stands on is built already. The tests of a
    // program bring the program.
    tools::run(&mut tools::cargo(&["test", "--quiet", "--workspace", "--no-run", "--test=server"]))?;
    Ok(tools::target().join("debug").join(format!("transom-server{}", std::env::consts::EXE_SUFFIX)))
}

/// The folder with the packages that a lock file names, installed once for each.
pub(super) fn packages(project: &Path) -> anyhow::Result<PathBuf> {
    let files = ["package.json", "package-lock.json", ".npmrc"];
    let lock = fs::read(project.join("package-lock.json")).with_context(|| project.display().to_string())?;
    let name = project.file_name().unwrap_or_default().to_string_lossy();
    let folder = engine::engine(&format!("www-{name}-{}", engine::digest([&*lock])), |folder| {
        for file in files {
            fs::copy(project.join(file), folder.join(file))?;
        }
        let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
        let install = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
        engine::run(Command::new(npm).args(install).current_dir(folder)).map(drop)
    });
    folder.canonicalize().with_context(|| folder.display().to_string())
}
