//! Running other programs, from the root of the project.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};

/// Names the root of another copy of the project to work on.
pub(crate) const ROOT: &str = "TRANSOM_ROOT";

/// The root of the project.
pub(crate) fn root() -> PathBuf {
    if let Some(root) = std::env::var_os(ROOT) {
        return root.into();
    }
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    crates.and_then(Path::parent).map(Path::to_path_buf).unwrap_or_default()
}

/// The folder cargo builds into.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// The cargo that runs this.
pub(crate) fn cargo(args: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args).current_dir(root());
    if std::env::var_os("CI").is_some() {
        // What is never built again has no use for what makes that faster.
        command.env("CARGO_INCREMENTAL", "0");
    }
    command
}

/// Runs a command to its end; an error names it where it fails.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    let line = show(command);
    let status = command.status().with_context(|| format!("cannot start `{line}`"))?;
    if !status.success() {
        bail!("`{line}` failed ({status})");
    }
    Ok(())
}

/// Runs a command to its end and gives what it printed.
pub(crate) fn read(command: &mut Command) -> anyhow::Result<String> {
    let line = show(command);
    let output = command.stderr(Stdio::inherit()).output().with_context(|| format!("cannot start `{line}`"))?;
    if !output.status.success() {
        bail!("`{line}` failed ({})", output.status);
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Whether a program can be started at all.
pub(crate) fn is_there(program: &str) -> bool {
    Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

fn show(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// Makes sure that the standard library for wasm32 is there; rustup adds it where it is not.
pub(crate) fn need_wasm_target() -> anyhow::Result<()> {
    need_target("wasm32-unknown-unknown")
}

/// Makes sure that the standard library for a target is there; rustup adds it where it is not.
pub(crate) fn need_target(target: &str) -> anyhow::Result<()> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let sysroot = Command::new(rustc).args(["--print", "sysroot"]).output().context("cannot start rustc")?;
    let sysroot = PathBuf::from(String::from_utf8_lossy(&sysroot.stdout).trim().to_owned());
    if sysroot.join("lib/rustlib").join(target).is_dir() {
        return Ok(());
    }
    eprintln!("adding the {target} target");
    run(Command::new("rustup").args(["target", "add", target]))
        .with_context(|| format!("Rust's {target} target is missing; add it with `rustup target add {target}`"))
}

/// The folder with the programs of a crate, `build/engines/<name>-<version>/bin`; cargo installs them
/// there the first time, which takes minutes.
pub(crate) fn installed(name: &str, version: &str) -> anyhow::Result<PathBuf> {
    let folder = root().join("build/engines").join(format!("{name}-{version}"));
    let programs = folder.join("bin");
    if programs.is_dir() {
        return Ok(programs);
    }
    eprintln!("installing {name} {version} into {}", folder.display());
    // Under another name until it is complete; whoever comes second throws his away.
    let unfinished = folder.with_file_name(format!("{name}-{version}.unfinished.{}", std::process::id()));
    // Not by its lock file: that of wasm-bindgen-cli names versions that are not to be had everywhere.
    let mut install = cargo(&["install", "--quiet", name, &format!("--version={version}"), "--root"]);
    // They run for seconds and are compiled for minutes.
    install.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1").env("CARGO_PROFILE_RELEASE_LTO", "off");
    run(install.arg(&unfinished).env_remove("RUSTFLAGS")).with_context(|| format!("{name} cannot be installed"))?;
    if std::fs::rename(&unfinished, &folder).is_err() {
        std::fs::remove_dir_all(&unfinished).with_context(|| unfinished.display().to_string())?;
    }
    Ok(programs)
}

/// The version of a package that Cargo.lock names.
pub(crate) fn locked_version(package: &str) -> anyhow::Result<String> {
    let path = root().join("Cargo.lock");
    let lock = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let entry = format!("name = \"{package}\"\nversion = \"");
    let version = lock
        .replace("\r\n", "\n")
        .split_once(&entry)
        .and_then(|(_, rest)| rest.split_once('"').map(|(v, _)| v.to_owned()));
    version.with_context(|| format!("there is no {package} in Cargo.lock"))
}
