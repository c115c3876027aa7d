//! `cargo x archive`: the command line as a release has it, `dist/transom-<version>-<target>.tar.gz`, or `.zip`
//! for Windows: the program with completions, man pages and licenses, and the page that `play` opens, where
//! `cargo x web` has made it.
//!
//! The program prints completions and man pages itself, so it has to run where this runs.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use zip::write::SimpleFileOptions;

use crate::tools::{self, cargo, need_target, root, target as built};
use crate::wasm::{TIME, gzip, release};

/// Where shells look for the script of each.
const COMPLETIONS: &[(&str, &str)] = &[
    ("bash", "transom.bash"),
    ("elvish", "transom.elv"),
    ("fish", "transom.fish"),
    ("powershell", "_transom.ps1"),
    ("zsh", "_transom"),
];

/// What `play` opens, beside the program.
pub(crate) const PAGE: &str = "playground.html";

/// The files of an archive by their names.
type Files = BTreeMap<String, Vec<u8>>;

/// The file in `dist/` for a target.
pub(crate) fn name(target: &str) -> String {
    let extension = if target.contains("windows") { "zip" } else { "tar.gz" };
    format!("{}.{extension}", folder(target))
}

/// What everything in it stands in.
fn folder(target: &str) -> String {
    format!("transom-{}-{target}", env!("CARGO_PKG_VERSION"))
}

/// Builds the program with a profile, for a target or for this machine, and packs it. Where `program` names
/// one that is built, packs that.
pub(crate) fn run(target: Option<&str>, profile: &str, program: Option<&Path>) -> anyhow::Result<()> {
    let program = match program {
        Some(program) => program.to_owned(),
        None => build(target, profile)?,
    };
    let target = match target {
        Some(target) => target.to_owned(),
        None => host()?,
    };
    let files = files(&program)?;
    let bytes =
        if target.contains("windows") { zipped(&folder(&target), &files)? } else { tarred(&folder(&target), &files)? };
    println!("{} ({} bytes)", release(&name(&target), &bytes)?.display(), bytes.len());
    Ok(())
}

fn build(target: Option<&str>, profile: &str) -> anyhow::Result<PathBuf> {
    let mut build = cargo(&["build", "--locked", "--package=transom-cli", "--bin=transom", "--profile", profile]);
    let mut folder = built();
    if let Some(target) = target {
        need_target(target)?;
        build.args(["--target", target]);
        folder.push(target);
    }
    tools::run(&mut build)?;
    // cargo's own name for what `dev` makes.
    folder.push(if profile == "dev" { "debug" } else { profile });
    let suffix = if target.map_or(cfg!(windows), |target| target.contains("windows")) { ".exe" } else { "" };
    Ok(folder.join(format!("transom{suffix}")))
}

/// The target of this machine.
fn host() -> anyhow::Result<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let said = tools::read(Command::new(rustc).arg("-vV"))?;
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context("rustc does not say what it runs on")
}

fn files(program: &Path) -> anyhow::Result<Files> {
    let mut files = Files::new();
    let name = if program.extension().is_some_and(|extension| extension == "exe") { "transom.exe" } else { "transom" };
    files.insert(name.to_owned(), fs::read(program).with_context(|| program.display().to_string())?);
    for file in ["LICENSE-APACHE", "LICENSE-MIT", "README.md"] {
        files.insert(file.to_owned(), fs::read(root().join(file)).with_context(|| file.to_owned())?);
    }
    let page = root().join("dist").join(PAGE);
    if page.is_file() {
        files.insert(PAGE.to_owned(), fs::read(&page)?);
    } else {
        eprintln!("note: without {}, which `cargo x web` makes, `play` has no page", page.display());
    }
    for (shell, file) in COMPLETIONS {
        let script = tools::read(Command::new(program).args(["completions", shell]))?;
        files.insert(format!("completions/{file}"), script.into_bytes());
    }
    let pages = built().join("man");
    // Of commands that are gone.
    let _ = fs::remove_dir_all(&pages);
    tools::run(Command::new(program).args(["man", "--folder"]).arg(&pages))?;
    for page in fs::read_dir(&pages)? {
        let page = page?;
        files.insert(format!("man/{}", page.file_name().to_string_lossy()), fs::read(page.path())?);
    }
    Ok(files)
}

fn is_program(name: &str) -> bool {
    name == "transom" || name == "transom.exe"
}

fn tarred(folder: &str, files: &Files) -> anyhow::Result<Vec<u8>> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(if is_program(name) { 0o755 } else { 0o644 });
        header.set_mtime(TIME);
        header.set_uid(0);
        header.set_gid(0);
        archive.append_data(&mut header, format!("{folder}/{name}"), &**bytes)?;
    }
    Ok(gzip(&archive.into_inner()?)?)
}

fn zipped(folder: &str, files: &Files) -> anyhow::Result<Vec<u8>> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        let mode = if is_program(name) { 0o755 } else { 0o644 };
        archive.start_file(format!("{folder}/{name}"), SimpleFileOptions::default().unix_permissions(mode))?;
        archive.write_all(bytes)?;
    }
    Ok(archive.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn archives_are_named_as_those_who_install_them_expect() {
        let read = |path: &str| fs::read_to_string(root().join(path)).expect("it is there");
        let (action, workflow) = (read("action/install.sh"), read(".github/workflows/release.yml"));
        let targets = workflow.lines().filter_map(|line| line.trim().strip_prefix("- {target: ")?.split_once(','));
        let targets: Vec<&str> = targets.map(|(target, _)| target).collect();
        assert_eq!(targets.len(), 8, "{targets:?}");
        let asked = action.lines().filter_map(|line| Some(line.split_once(") target=")?.1.trim_end_matches(" ;;")));
        for target in asked.chain(crate::krew::PLATFORMS.iter().map(|platform| platform.target)) {
            assert!(targets.contains(&target), "no release has {target}");
        }
        let version =
            read("action/action.yml").lines().rfind(|line| line.starts_with("    default: 0.")).map(str::to_owned);
        assert_eq!(version.as_deref(), Some(concat!("    default: ", env!("CARGO_PKG_VERSION"))));
    }

    #[test]
    fn the_program_can_be_run_where_it_is_unpacked() {
        let files = Files::from([("man/a.1".to_owned(), b"1".to_vec()), ("transom".to_owned(), b"2".to_vec())]);
        let packed = tarred("transom-1-x", &files).expect("an archive");
        assert_eq!(packed, tarred("transom-1-x", &files).expect("the same"));
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(&*packed));
        let modes: Vec<_> = archive
            .entries()
            .expect("members")
            .map(|entry| entry.expect("a member"))
            .map(|entry| (entry.path().expect("a path").display().to_string(), entry.header().mode().expect("a mode")))
            .collect();
        assert_eq!(modes, [("transom-1-x/man/a.1".to_owned(), 0o644), ("transom-1-x/transom".to_owned(), 0o755)]);

        let files = Files::from([("transom.exe".to_owned(), b"MZ".repeat(999))]);
        let packed = zipped("transom-1-x", &files).expect("an archive");
        let mut archive = zip::ZipArchive::new(Cursor::new(packed)).expect("an archive");
        let mut text = Vec::new();
        archive.by_name("transom-1-x/transom.exe").expect("it is there").read_to_end(&mut text).expect("it is whole");
        assert_eq!(text, files["transom.exe"]);
    }
}
