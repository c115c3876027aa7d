//! Finding the modules, and building them where they are missing or older than their sources.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
    time::SystemTime,
};

use transom_host::Host;

use crate::root;

/// Where `dist/transom.wasm` is. Builds it first if it is missing or older than
/// the core's sources. `TRANSOM_WASM` names another file to test instead.
///
/// # Panics
///
/// With the reason and the remedy, if it cannot be built.
#[must_use]
pub fn module() -> &'static Path {
    static MODULE: OnceLock<PathBuf> = OnceLock::new();
    MODULE.get_or_init(|| match env::var_os("TRANSOM_WASM") {
        Some(path) => path.into(),
        None => artifact("raw", "transom.wasm", &[]),
    })
}

/// Where `dist/transom.opa.wasm` is, current as [`module`](fn@module) is; the bundle stands beside it.
///
/// # Panics
///
/// With the reason and the remedy, if it cannot be built.
#[must_use]
pub fn opa_module() -> &'static Path {
    static MODULE: OnceLock<PathBuf> = OnceLock::new();
    MODULE.get_or_init(|| artifact("opa", "transom.opa.wasm", &["crates/opa"]))
}

/// Where `dist/transom.component.wasm` is, current as [`module`](fn@module) is.
///
/// # Panics
///
/// With the reason and the remedy, if it cannot be built.
#[must_use]
pub fn component() -> &'static Path {
    static COMPONENT: OnceLock<PathBuf> = OnceLock::new();
    COMPONENT.get_or_init(|| artifact("component", "transom.component.wasm", &["crates/component"]))
}

/// Where `dist/transom.kubewarden.wasm` is, current as [`module`](fn@module) is; the file for Artifact
/// Hub stands beside it.
///
/// # Panics
///
/// With the reason and the remedy, if it cannot be built.
#[must_use]
pub fn kubewarden_module() -> &'static Path {
    static MODULE: OnceLock<PathBuf> = OnceLock::new();
    MODULE.get_or_init(|| artifact("kubewarden", "transom.kubewarden.wasm", &["crates/kubewarden"]))
}

/// Where the npm package is, `dist/transom-<version>.tgz`, current as [`module`](fn@module) is.
///
/// # Panics
///
/// With the reason and the remedy, if it cannot be built.
#[must_use]
pub fn npm_package() -> &'static Path {
    static PACKAGE: OnceLock<PathBuf> = OnceLock::new();
    let file = concat!("transom-", env!("CARGO_PKG_VERSION"), ".tgz");
    PACKAGE.get_or_init(|| artifact("npm", file, NPM))
}

/// What the npm package is made of, the core aside.
const NPM: &[&str] = &[
    "crates/charts/src",
    "crates/cli/src",
    "crates/context/src",
    "crates/js",
    "crates/manifests/src",
    "crates/plan/src",
    "crates/port/src",
    "crates/replay/src",
    "crates/reports/src",
    "crates/scanners/src",
    "crates/xtask/src/wasm/npm.rs",
    "crates/xtask/src/wasm/program.rs",
    "crates/yaml/src",
    "schemas",
    "www/package",
];

/// A file in `dist/`, made by `cargo x wasm <name>` where it is older than the core or `sources`.
fn artifact(name: &str, file: &str, sources: &[&str]) -> PathBuf {
    let wasm = root().join("dist").join(file);
    let sources = ["src", "crates/json/src", "Cargo.lock"].iter().chain(sources);
    let newest = sources.filter_map(|source| newest(&root().join(source)).ok()).max();
    if modified(&wasm) < newest {
        build(name, &wasm).unwrap_or_else(|error| panic!("{error}"));
    }
    wasm
}

/// The module in a host with the usual limits and no settings, loaded once.
///
/// # Panics
///
/// If there is no module, or it does not load.
#[must_use]
pub fn host() -> &'static Host {
    static HOST: OnceLock<Host> = OnceLock::new();
    HOST.get_or_init(|| Host::from_file(module()).unwrap_or_else(|error| panic!("{error}")))
}

/// Builds the yardstick of the benches: a module of the same ABI that only skips over its input.
///
/// # Errors
///
/// What went wrong and what to do about it.
pub fn skip_module() -> Result<PathBuf, String> {
    let target = target();
    let profile = ["--lib", "--profile", "wasm", "--target", "wasm32-unknown-unknown", "--target-dir"];
    run(cargo(&["build", "--quiet", "--package", "skip"]).args(profile).arg(&target))?;
    Ok(target.join("wasm32-unknown-unknown/wasm/skip.wasm"))
}

fn build(name: &str, wasm: &Path) -> Result<(), String> {
    let before = modified(wasm);
    let built = run(&mut cargo(&["run", "--quiet", "--package", "xtask", "--", "wasm", name]));
    // A module over its budget fails `cargo x wasm`, and is a module all the same.
    if modified(wasm) == before { built } else { Ok(()) }
}

fn cargo(arguments: &[&str]) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // The flags of a test run (coverage, sanitizers) do not fit wasm.
    cargo.current_dir(root()).args(arguments).env_remove("RUSTFLAGS");
    cargo
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("cargo does not run: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    if text.contains("target may not be installed") {
        return Err("Rust's wasm32 target is missing; add it with `rustup target add wasm32-unknown-unknown`".into());
    }
    Err(format!("{command:?} failed:\n{text}"))
}

fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|about| about.modified()).ok()
}

fn newest(path: &Path) -> io::Result<SystemTime> {
    let about = fs::metadata(path)?;
    let mut newest = about.modified()?;
    if about.is_dir() {
        for entry in fs::read_dir(path)? {
            newest = newest.max(self::newest(&entry?.path())?);
        }
    }
    Ok(newest)
}
