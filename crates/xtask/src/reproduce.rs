//! `cargo x reproduce`: whoever builds these sources gets these artifacts, byte for byte.
//!
//! All of them are built twice at the same time, the second time from a copy of the sources in another
//! folder and without anything compiled before. What differs, and what names a folder of this machine, is an error.

use std::env;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use anyhow::{Context as _, anyhow, bail};

use crate::sources::Copy;
use crate::tools::{self, ROOT, root, target};
use crate::wasm;

pub(crate) fn run() -> anyhow::Result<()> {
    // Both builds would install them at once, and rustup cannot.
    wasm::install_tools()?;
    let copy = Copy::make("reproduce")?;
    eprintln!("building a second time in {}", copy.root().display());
    share_tools(copy.root())?;
    let mut again = Command::new(env::current_exe()?);
    again.arg("wasm").current_dir(copy.root()).env(ROOT, copy.root());
    again.env("CARGO_TARGET_DIR", copy.root().join("target"));
    // Beside the first: with one unit of code each, a build keeps one core busy.
    let second = thread::spawn(move || tools::read(&mut again));
    let first = wasm::run(&[]);
    second.join().map_err(|_| anyhow!("the second build failed"))??;
    first?;
    let (first, second) = (root().join("dist"), copy.root().join("dist"));
    let names = names(&first)?;
    if names != self::names(&second)? {
        bail!("the second build makes other files");
    }
    let folders = folders(&copy);
    let mut wrong = Vec::new();
    for name in &names {
        let bytes = read(&first.join(name))?;
        if bytes != read(&second.join(name))? {
            wrong.push(format!("dist/{name} is not the same when it is built again"));
        }
        let unpacked = unpacked(&bytes);
        let named = folders.iter().filter(|folder| has(&bytes, folder) || has(&unpacked, folder));
        wrong.extend(named.map(|folder| format!("dist/{name} names {folder}")));
    }
    if !wrong.is_empty() {
        bail!("{}", wrong.join("\n"));
    }
    println!("{} files are the same, byte for byte, when they are built again", names.len());
    Ok(())
}

/// The installed tools serve both builds; what is compiled does not.
fn share_tools(copy: &Path) -> anyhow::Result<()> {
    let (from, to) = (root().join("build"), copy.join("build"));
    fs::create_dir_all(&from)?;
    #[cfg(unix)]
    let linked = std::os::unix::fs::symlink(&from, &to);
    #[cfg(windows)]
    let linked = std::os::windows::fs::symlink_dir(&from, &to);
    linked.with_context(|| format!("cannot link {} to {}", to.display(), from.display()))
}

/// The artifacts in a folder.
fn names(dist: &Path) -> anyhow::Result<Vec<String>> {
    let sums = String::from_utf8(read(&dist.join("SHA256SUMS"))?)?;
    Ok(sums.lines().filter_map(|line| Some(line.split_once("  ")?.1.to_owned())).collect())
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    fs::read(path).with_context(|| path.display().to_string())
}

/// Folders of this machine: of the sources, of what is built, of what cargo has downloaded, of Rust.
fn folders(copy: &Copy) -> Vec<String> {
    let home = env::home_dir().unwrap_or_default();
    let of = |variable: &str, usual: &str| env::var_os(variable).map_or_else(|| home.join(usual), PathBuf::from);
    let folders = [root(), copy.root().to_owned(), target(), of("CARGO_HOME", ".cargo"), of("RUSTUP_HOME", ".rustup")];
    folders.iter().map(|folder| folder.display().to_string()).collect()
}

/// What is in an archive, nothing for other files.
fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut unpacked = Vec::new();
    // What is no archive fails at its first byte.
    let _ = flate2::read::GzDecoder::new(bytes).read_to_end(&mut unpacked);
    unpacked
}

fn has(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn folders_are_found_in_archives_too() {
        let text = b"panicked at /home/me/src/lib.rs".as_slice();
        let mut archive = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        archive.write_all(text).expect("bytes");
        let archive = archive.finish().expect("an archive");
        assert!(has(text, "/home/me/") && !has(text, "/home/you/") && unpacked(text).is_empty());
        assert!(!has(&archive, "/home/me/") && has(&unpacked(&archive), "/home/me/"));
    }
}
