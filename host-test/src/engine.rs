//! Engines of others: where they are built, and what is said where they cannot be.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::{env, fs, io};

use crate::root;

/// The folder of an engine, `build/engines/<name>`, which `make` fills the first time. The name has
/// the version, so that a new one is built beside the old.
///
/// # Panics
///
/// Where it cannot be made.
#[must_use]
pub fn engine(name: &str, make: impl FnOnce(&Path) -> io::Result<()>) -> PathBuf {
    // Of the tests of one process the first builds, and the others wait for it.
    static BUILDING: Mutex<()> = Mutex::new(());
    let _one = BUILDING.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = root().join("build/engines").join(name);
    if folder.exists() {
        return folder;
    }
    say(&format!("building {}", folder.display()));
    // Under another name until it is complete; whoever comes second throws his away.
    let unfinished = folder.with_extension(format!("unfinished.{}", std::process::id()));
    let made = fs::create_dir_all(&unfinished).and_then(|()| make(&unfinished));
    made.unwrap_or_else(|error| panic!("{name} cannot be built: {error}"));
    if fs::rename(&unfinished, &folder).is_err() {
        let _ = fs::remove_dir_all(&unfinished);
    }
    folder
}

/// A short name for the contents of files, for engines that are made of our own (64-bit FNV-1a).
#[must_use]
pub fn digest<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for part in parts {
        // The length tells where one part ends and the next begins.
        for byte in part.len().to_le_bytes().iter().chain(part) {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
        }
    }
    format!("{hash:016x}")
}

/// Tools that Debian has, and the packages they are in.
const DEBIAN: &[(&str, &str)] = &[
    ("cc", "build-essential"),
    ("chromium", "chromium"),
    ("cmake", "cmake"),
    ("curl", "curl"),
    ("javac", "default-jdk-headless"),
    ("faketime", "faketime"),
    ("musl-gcc", "musl-tools"),
    ("mvn", "maven"),
    ("nvim", "neovim"),
    ("openssl", "openssl"),
    ("python3", "python3-venv"),
    ("script", "bsdutils"),
];

/// Whether a tool is installed. Where it is not, Debian's package is installed, by root, who may.
/// What is still missing then is said, with what to do, and is a failure under `CI=true`.
///
/// # Panics
///
/// Under `CI=true` where the tool is missing.
#[must_use]
pub fn is_there(tool: &str, argument: &str, what_for: &str) -> bool {
    let is_there = || Command::new(tool).arg(argument).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    if is_there() {
        return true;
    }
    let package = DEBIAN.iter().find(|(program, _)| *program == tool).map(|(_, package)| *package);
    if let Some(package) = package {
        install(package, &is_there);
    }
    if is_there() {
        return true;
    }
    let how = package.map(|package| format!(" (`apt-get install -y {package}`)")).unwrap_or_default();
    let missing = format!("`{tool}` is not installed{how}, so {what_for} was not tested");
    assert!(env::var("CI").as_deref() != Ok("true"), "{missing}");
    say(&format!("SKIPPED: {missing}"));
    false
}

/// Installs a package of Debian, unless another thread just did.
fn install(package: &str, is_there: &dyn Fn() -> bool) {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock();
    let runs =
        |command: &mut Command| command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|s| s.success());
    let is_root = || Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout.trim_ascii() == b"0");
    if !is_there() && is_root() && runs(Command::new("apt-get").arg("--version")) {
        say(&format!("installing {package} with apt-get"));
        // An old list of packages may do; a missing one does not.
        let _ = runs(Command::new("apt-get").arg("update"));
        let install = ["install", "--yes", "--no-install-recommends", package];
        let _ = runs(Command::new("apt-get").args(install).env("DEBIAN_FRONTEND", "noninteractive"));
    }
}

/// Runs a command to its end.
///
/// # Errors
///
/// With what it said, where it does not end well.
pub fn run(command: &mut Command) -> io::Result<String> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(io::Error::other(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr))))
}

/// Writes past the test harness, which keeps the output of passing tests to itself.
pub fn say(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}
