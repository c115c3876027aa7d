//! `cargo x bench cli`: 10,000 manifests checked, beside only parsing them with the same YAML reader.
//!
//! The manifests are the corpus again and again, each time in namespaces of its own. `PEERS=1` runs
//! kube-linter, kubeconform and Checkov over the same files, after building or installing them into
//! `build/engines`, which takes minutes.

#![allow(missing_docs, clippy::print_stdout, reason = "it is a report")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use host_test::engine;

const FILES: usize = 10_000;
const RUNS: usize = 3;

fn main() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bench");
    let files = manifests(&folder);
    let bytes: u64 = files.iter().filter_map(|file| Some(fs::metadata(file).ok()?.len())).sum();
    println!("{FILES} manifests, {:.1} MB, {} cores", bytes as f64 / 1e6, cores());

    let parse = best(|| (time(|| parse(&files)), 0));
    println!("{:<28} {:>8.2} s", "only parsing", parse.0.as_secs_f64());
    for (name, args) in [
        ("check", &["-o", "text"][..]),
        ("check --output json", &["-o", "json"]),
        ("check --statistics", &["-o", "text", "--statistics"]),
    ] {
        let run = best(|| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_transom"));
            measured(command.args(["check", "--isolated", "."]).args(args).current_dir(&folder))
        });
        let ratio = run.0.as_secs_f64() / parse.0.as_secs_f64();
        println!("{name:<28} {:>8.2} s  {ratio:>6.2} × parsing  {:>6} MB at most", run.0.as_secs_f64(), run.1 / 1024);
    }
    let small = folder.join("0");
    let mut command = Command::new(env!("CARGO_BIN_EXE_transom"));
    let memory = measured(command.args(["check", "--isolated", "-o", "text", "."]).current_dir(&small)).1;
    println!("{:<28} {:>30} MB at most", "check of a twentieth", memory / 1024);
    if env::var_os("PEERS").is_some() {
        peers(&folder);
    }
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// The corpus under new names, in twenty folders.
fn manifests(folder: &Path) -> Vec<PathBuf> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus");
    let mut cases = Vec::new();
    for family in fs::read_dir(corpus).expect("the corpus").flatten() {
        cases.extend(fs::read_dir(family.path()).expect("a family").flatten().map(|entry| entry.path()));
    }
    cases.retain(|case| case.extension().is_some_and(|extension| extension == "yaml"));
    cases.sort();
    let _ = fs::remove_dir_all(folder);
    let mut files = Vec::new();
    for (index, case) in cases.iter().cycle().take(FILES).enumerate() {
        let text = fs::read_to_string(case).expect("a case");
        let copy = index / cases.len();
        let mut renamed = String::new();
        for line in text.split_inclusive('\n') {
            match line.strip_prefix("  name: ") {
                Some(name) => renamed.push_str(&format!("  name: {}-{copy}\n  namespace: copy-{copy}\n", name.trim())),
                None if line.starts_with("  namespace: ") => {}
                None => renamed.push_str(line),
            }
        }
        let place = folder.join((index * 20 / FILES).to_string());
        fs::create_dir_all(&place).expect("a folder");
        let file = place.join(format!("{copy}-{}", case.file_name().expect("a name").to_string_lossy()));
        fs::write(&file, renamed).expect("written");
        files.push(file);
    }
    files
}

fn parse(files: &[PathBuf]) {
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..cores() {
            scope.spawn(|| {
                while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let text = fs::read_to_string(file).expect("text");
                    std::hint::black_box(transom_yaml::parse(&text));
                }
            });
        }
    });
}

fn time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// The fastest of some runs: what else the machine does only adds.
fn best(mut run: impl FnMut() -> (Duration, u64)) -> (Duration, u64) {
    (0..RUNS).map(|_| run()).min_by_key(|(time, _)| *time).expect("a run")
}

/// How long a command takes, and the most memory it had, in kilobytes, where Linux says so.
fn measured(command: &mut Command) -> (Duration, u64) {
    let start = Instant::now();
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it runs");
    let mut peak = 0;
    while child.try_wait().expect("it can be asked").is_none() {
        peak = peak.max(peak_of(&child));
        thread::sleep(Duration::from_millis(5));
    }
    (start.elapsed(), peak)
}

fn peak_of(child: &Child) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}

/// Other checkers over the same files.
fn peers(folder: &Path) {
    let go = |name: &str, package: &str| {
        let built = engine::engine(name, |place| {
            let mut go = Command::new("go");
            let go = go.args(["install", "-trimpath", package]).env("GOBIN", place).env("CGO_ENABLED", "0");
            engine::run(go).map(drop)
        });
        built.join(name.split_once('@').map_or(name, |(program, _)| program))
    };
    let linter = go("kube-linter@v0.7.6", "golang.stackrox.io/kube-linter/cmd/kube-linter@v0.7.6");
    let conform = go("kubeconform@v0.7.0", "github.com/yannh/kubeconform/cmd/kubeconform@v0.7.0");
    let checkov = engine::engine("checkov-3.2.500", |place| {
        engine::run(Command::new("python3").args(["-m", "venv"]).arg(place))?;
        engine::run(Command::new(place.join("bin/pip")).args(["install", "--quiet", "checkov==3.2.500"])).map(drop)
    });
    let runs: BTreeMap<&str, Vec<&str>> = BTreeMap::from([
        ("kube-linter", vec!["lint", "."]),
        (
            "kubeconform",
            vec!["-summary", "-ignore-missing-schemas", "-schema-location", "none/{{ .ResourceKind }}.json", "."],
        ),
        ("checkov", vec!["--framework", "kubernetes", "--quiet", "--compact", "-d", "."]),
    ]);
    for (name, program) in [("kube-linter", linter), ("kubeconform", conform), ("checkov", checkov.join("bin/checkov"))]
    {
        let run = measured(Command::new(program).args(&runs[name]).current_dir(folder));
        println!("{name:<28} {:>8.2} s  {:>24} MB at most", run.0.as_secs_f64(), run.1 / 1024);
    }
}
