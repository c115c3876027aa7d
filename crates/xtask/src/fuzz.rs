//! `cargo x fuzz`: every fuzz target for a while, from all examples.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail, ensure};

use crate::tools::{self, is_there, root};
use crate::wasm;

/// Longer inputs find nothing that shorter ones do not.
const LENGTH: usize = 1 << 14;

/// What one target came to.
#[derive(Default)]
struct Outcome {
    executions: u64,
    per_second: u64,
    features: u64,
    new_inputs: u64,
    crash: Option<PathBuf>,
    failed: bool,
}

pub(crate) fn run(seconds: u64, targets: &[String]) -> anyhow::Result<()> {
    let all = transom_fuzz::TARGETS;
    if let Some(unknown) = targets.iter().find(|target| !all.contains(&target.as_str())) {
        bail!("there is no target `{unknown}`; there are {}", all.join(", "));
    }
    let chosen: Vec<&str> =
        all.iter().copied().filter(|target| targets.is_empty() || targets.iter().any(|t| t == target)).collect();
    need_nightly()?;
    need_cargo_fuzz()?;
    let folder = root().join("fuzz");
    let dictionary = folder.join("dictionary");
    fs::write(&dictionary, transom_fuzz::dictionary()).with_context(|| dictionary.display().to_string())?;
    let mut outcomes = Vec::new();
    for target in chosen {
        write_seeds(target, &folder.join("corpus").join(target))?;
        if target == "wasm" {
            wasm::build()?;
        }
        eprintln!("== {target}");
        outcomes.push((target, fuzz(target, seconds, &dictionary)?));
    }
    report(&outcomes)
}

fn write_seeds(target: &str, corpus: &Path) -> anyhow::Result<()> {
    let write = || -> std::io::Result<()> {
        fs::create_dir_all(corpus)?;
        transom_fuzz::seeds(target).into_iter().try_for_each(|(name, bytes)| fs::write(corpus.join(name), bytes))
    };
    write().with_context(|| corpus.display().to_string())
}

/// Runs one target. libFuzzer tells on standard error; where it finds something, that is passed on.
fn fuzz(target: &str, seconds: u64, dictionary: &Path) -> anyhow::Result<Outcome> {
    // Built first, so that the seconds are the target's.
    tools::run(&mut cargo_fuzz("build", target))?;
    let mut command = cargo_fuzz("run", target);
    command
        .arg("--")
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-max_len={LENGTH}"))
        .args(["-timeout=10", "-print_final_stats=1"]);
    if !transom_fuzz::reads_choices(target) {
        command.arg(format!("-dict={}", dictionary.display()));
    }
    let mut child = command.stderr(Stdio::piped()).spawn().context("cannot start cargo fuzz")?;
    let mut outcome = Outcome::default();
    let mut is_crash = false;
    for line in BufReader::new(child.stderr.take().context("no output of cargo fuzz")?).split(b'\n') {
        let line = String::from_utf8_lossy(&line?).into_owned();
        outcome.read(&line);
        is_crash |= line.contains("panicked at") || line.contains("ERROR: libFuzzer");
        if is_crash && !line.starts_with("stat::") {
            eprintln!("{line}");
        }
    }
    outcome.failed = !child.wait()?.success();
    if outcome.failed && !is_crash {
        bail!("the target {target} does not run; `cd fuzz && cargo +nightly fuzz run -s none {target}` says why");
    }
    Ok(outcome)
}

impl Outcome {
    /// Takes what a line of libFuzzer says: `#42 NEW cov: 7 ft: 9 …` or `stat::new_units_added: 3`.
    fn read(&mut self, line: &str) {
        let number = |text: &str| text.trim().parse().unwrap_or_default();
        if let Some((name, value)) = line.strip_prefix("stat::").and_then(|stat| stat.split_once(':')) {
            match name {
                "number_of_executed_units" => self.executions = number(value),
                "average_exec_per_sec" => self.per_second = number(value),
                "new_units_added" => self.new_inputs = number(value),
                _ => {}
            }
        } else if let Some((_, artifact)) = line.split_once("Test unit written to ") {
            self.crash = Some(PathBuf::from(artifact.trim()));
        } else if let Some((_, rest)) = line.split_once(" ft: ").filter(|_| line.starts_with('#')) {
            self.features = number(rest.split(' ').next().unwrap_or_default());
        }
    }
}

fn report(outcomes: &[(&str, Outcome)]) -> anyhow::Result<()> {
    println!("{:<10} {:>12} {:>9} {:>9} {:>11}", "target", "executions", "exec/s", "features", "new inputs");
    for (target, outcome) in outcomes {
        let Outcome { executions, per_second, features, new_inputs, .. } = outcome;
        println!("{target:<10} {executions:>12} {per_second:>9} {features:>9} {new_inputs:>11}");
    }
    let failed: Vec<_> = outcomes.iter().filter(|(_, outcome)| outcome.failed).collect();
    for (target, outcome) in &failed {
        let artifact = outcome.crash.as_deref().unwrap_or_else(|| Path::new("ARTIFACT")).display();
        let features: String = features(target).iter().map(|feature| format!("{feature} ")).collect();
        println!("\n{target} found something. Again, and made small:");
        for task in ["run", "tmin"] {
            println!("  cargo +nightly fuzz {task} -s none {features}{target} {artifact}");
        }
    }
    ensure!(failed.is_empty(), "{} of the targets found something; every crash becomes a case", failed.len());
    Ok(())
}

/// No sanitizer: the core has no unsafe code natively, and runs twice as fast without one.
fn cargo_fuzz(task: &str, target: &str) -> Command {
    let mut command = Command::new("cargo");
    command.args(["+nightly", "fuzz", task, "-s", "none"]).args(features(target)).arg(target).current_dir(root());
    // The settings of the cargo that runs this are not for the other toolchain.
    command.env_remove("CARGO").env_remove("RUSTUP_TOOLCHAIN");
    command
}

fn features(target: &str) -> &'static [&'static str] {
    if target == "wasm" { &["--features=wasm"] } else { &[] }
}

fn need_nightly() -> anyhow::Result<()> {
    let mut version = Command::new("rustc");
    version.args(["+nightly", "--version"]).env_remove("RUSTUP_TOOLCHAIN");
    let is_there = version.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success());
    ensure!(
        is_there,
        "fuzzing needs Rust's nightly toolchain; add it with `rustup toolchain install nightly --profile minimal`"
    );
    Ok(())
}

fn need_cargo_fuzz() -> anyhow::Result<()> {
    if is_there("cargo-fuzz") {
        return Ok(());
    }
    eprintln!("installing cargo-fuzz");
    tools::run(&mut tools::cargo(&["install", "--quiet", "--locked", "cargo-fuzz"]))
        .context("install it with `cargo install --locked cargo-fuzz`")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A taste of what `cargo x fuzz` does, the same on every machine and without its tools.
    #[test]
    fn the_targets_hold_for_some_inputs() {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut byte = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_be_bytes()[0]
        };
        for length in (0..60).cycle().take(300) {
            let bytes: Vec<u8> = std::iter::repeat_with(&mut byte).take(length).collect();
            transom_fuzz::reviews(&bytes);
            if length % 4 == 0 {
                transom_fuzz::settings(&bytes);
            }
        }
        transom_fuzz::seeds("yaml").iter().step_by(8).for_each(|(_, text)| transom_fuzz::yaml(text));
    }

    #[test]
    fn the_statistics_of_libfuzzer_are_read() {
        let mut outcome = Outcome::default();
        for line in [
            "#2\tINITED cov: 5 ft: 6 corp: 1/1b exec/s: 0 rss: 40Mb",
            "#9 DONE   cov: 70 ft: 90 corp: 3/9b exec/s: 4 rss: 40Mb",
            "stat::number_of_executed_units: 9",
            "stat::average_exec_per_sec:     4",
            "stat::new_units_added:          2",
            "artifact_prefix='x'; Test unit written to /x/crash-1",
        ] {
            outcome.read(line);
        }
        assert_eq!((outcome.executions, outcome.per_second, outcome.features, outcome.new_inputs), (9, 4, 90, 2));
        assert_eq!(outcome.crash.as_deref(), Some(Path::new("/x/crash-1")));
    }
}
