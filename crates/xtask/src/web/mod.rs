//! `cargo x web`: the pages in `dist/www`, which any folder of any server may hold.

mod corpus;
mod engines;
mod guides;
mod highlight;
mod landing;
mod layout;
mod markdown;
mod packed;
mod playground;
mod rules;
mod site;
mod tests;

use std::fs;
use std::path::PathBuf;

use anyhow::Context as _;

use crate::tools;

/// The folder of all pages.
fn folder() -> PathBuf {
    tools::root().join("dist/www")
}

pub(crate) fn run(with_tests: bool) -> anyhow::Result<()> {
    site::write(&folder())?;
    playground::write(&folder())?;
    if with_tests { tests::run(&folder()) } else { Ok(()) }
}

/// A file under `www/`.
fn source(path: &str) -> anyhow::Result<String> {
    let file = tools::root().join("www").join(path);
    fs::read_to_string(&file).with_context(|| file.display().to_string())
}
