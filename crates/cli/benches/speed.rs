//! `cargo x bench cli`: 10,000 manifests checked, beside only parsing them with the same YAML reader.
//!
//! The manifests are the cases of `tests/corpus` again and again, each time in a namespace of its own, and then real
//! ones (`../shared/corpus`, where that is there) in the same way. `PEERS=1` runs kubeconform and Checkov over the
//! cases, after building or installing them into `build/engines`, which takes minutes, and the kube-linter that
//! `KUBE_LINTER` names; then all of them over the real manifests, of which defects are known.

#![allow(missing_docs, clippy::print_stdout, reason = "it is a report")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use host_test::engine;

/// As in the program that it is compared with.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const FILES: usize = 10_000;
const RUNS: usize = 3;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bench");
    compare("cases", &root.join("tests/corpus"), &folder.join("cases"));
    match root.join("../shared/corpus") {
        real if real.is_dir() => compare("real manifests", &real, &folder.join("real")),
        real => println!("real manifests: there is no {}", real.display()),
    }
    if env::var_os("PEERS").is_some() {
        peers(&folder.join("cases"));
    }
}

/// Parses and checks the files of a corpus under many names.
fn compare(name: &str, corpus: &Path, folder: &Path) {
    let files = manifests(corpus, folder);
    let bytes: u64 = files.iter().filter_map(|file| Some(fs::metadata(file).ok()?.len())).sum();
    println!("{FILES} {name}, {:.1} MB, {} cores", bytes as f64 / 1e6, cores());

    let parse = best(|| (time(|| parse(&files)), 0));
    println!("{:<28} {:>8.2} s", "only parsing", parse.0.as_secs_f64());
    for (name, args) in [
        ("check", &["-o", "text"][..]),
        ("check --output json", &["-o", "json"]),
        ("check --statistics", &["-o", "text", "--statistics"]),
    ] {
        let run = best(|| check(folder, args));
        let ratio = run.0.as_secs_f64() / parse.0.as_secs_f64();
        println!("{name:<28} {:>8.2} s  {ratio:>6.2} × parsing  {:>6} MB at most", run.0.as_secs_f64(), run.1 / 1024);
    }
    let memory = check(&folder.join("0"), &["-o", "text"]).1;
    println!("{:<28} {:>30} MB at most", "check of a twentieth", memory / 1024);
}

fn check(folder: &Path, args: &[&str]) -> (Duration, u64) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_transom"));
    measured(command.args(["check", "--isolated", "."]).args(args).current_dir(folder))
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// The files of a corpus under new names, in twenty folders.
fn manifests(corpus: &Path, folder: &Path) -> Vec<PathBuf> {
    let mut cases = Vec::new();
    let mut folders = vec![corpus.to_owned()];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).expect("the corpus").flatten().map(|entry| entry.path()) {
            match path.extension() {
                Some(extension) if extension == "yaml" || extension == "yml" => cases.push(path),
                _ if path.is_dir() => folders.push(path),
                _ => {}
            }
        }
    }
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
        let file = place.join(format!("{index}-{}", case.file_name().expect("a name").to_string_lossy()));
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

/// Another checker: its program, and what it is run with, before a folder.
struct Peer {
    name: &'static str,
    program: PathBuf,
    args: &'static [&'static str],
}

/// Other checkers over the same files.
fn peers(folder: &Path) {
    let conform = engine::engine("kubeconform@v0.7.0", |place| {
        let mut go = Command::new("go");
        let go = go.args(["install", "-trimpath", "github.com/yannh/kubeconform/cmd/kubeconform@v0.7.0"]);
        engine::run(go.env("GOBIN", place).env("CGO_ENABLED", "0")).map(drop)
    });
    let checkov = engine::engine("checkov-3.3.30", |place| {
        engine::run(Command::new("python3").args(["-m", "venv"]).arg(place))?;
        engine::run(Command::new(place.join("bin/pip")).args(["install", "--quiet", "checkov==3.3.30"])).map(drop)
    });
    // Without schemas, which are on the net alone, it parses and looks at `apiVersion` and `kind`.
    let no_schemas =
        &["-output", "json", "-ignore-missing-schemas", "-schema-location", "none/{{ .ResourceKind }}.json"];
    let mut peers = vec![
        Peer { name: "kubeconform", program: conform.join("kubeconform"), args: no_schemas },
        Peer {
            name: "checkov",
            program: checkov.join("bin/checkov"),
            args: &["--framework", "kubernetes", "--quiet", "--compact", "--output", "json", "-d"],
        },
    ];
    match env::var_os("KUBE_LINTER") {
        Some(program) => {
            peers.push(Peer { name: "kube-linter", program: program.into(), args: &["lint", "--format", "json"] });
        }
        None => println!(
            "kube-linter: the Go module proxy has refused golang.stackrox.io/kube-linter; name a program by KUBE_LINTER"
        ),
    }
    for peer in &peers {
        let run = measured(Command::new(&peer.program).args(peer.args).arg(".").current_dir(folder));
        println!("{:<28} {:>8.2} s  {:>24} MB at most", peer.name, run.0.as_secs_f64(), run.1 / 1024);
    }
    known_defects(&peers);
}

/// Of rules.
type Ids = &'static [&'static str];

/// What is known to be wrong in real manifests, by the word that the index has for it, and the rules of each
/// checker that are about that.
const DEFECTS: &[(&str, Ids, Ids, Ids)] = &[
    // What is wrong, transom, Checkov, kube-linter.
    ("BETA-OS-LABEL", &["WIN105"], &[], &[]),
    ("DEAD-ANNOTATION", &["WIN905", "WIN213", "WIN313"], &[], &[]),
    ("DEAD-REGISTRY", &["WIN607", "WIN605"], &[], &[]),
    ("EOL-BUILD", &["WIN604", "WIN605"], &[], &[]),
    ("HOSTNETWORK-NOT-HPC", &["WIN401"], &["CKV_K8S_19"], &["host-network"]),
    ("HOSTPATH-UNIX", &["WIN513"], &[], &["sensitive-host-mounts"]),
    ("HOSTPORT", &["WIN402"], &["CKV_K8S_26"], &[]),
    (
        "LINUX-FIELD",
        &["WIN201", "WIN202", "WIN203"],
        &["CKV_K8S_16", "CKV_K8S_17", "CKV_K8S_25", "CKV_K8S_39"],
        &["privileged-container", "host-pid"],
    ),
    ("MEMORY-MILLIBYTES", &["WIN806"], &[], &[]),
    ("NO-OS-SELECTOR", &["WIN101"], &[], &[]),
    ("SHELL-SH", &["WIN701"], &[], &[]),
    ("WINDOWSOPTIONS-ON-LINUX-POD", &["WIN204"], &[], &[]),
];

/// Of the defects that people have found in real manifests, those in whose file a checker has a finding of a
/// rule that is about such a defect. The manifests are others' and not part of this repository.
fn known_defects(peers: &[Peer]) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let Ok(index) = fs::read_to_string(corpus.join("INDEX.tsv")) else {
        println!("known defects: there is no {}", corpus.join("INDEX.tsv").display());
        return;
    };
    let known: Vec<(&str, &str)> = index.lines().flat_map(defects).collect();
    println!("{} known defects of {} sorts in {}", known.len(), DEFECTS.len(), corpus.display());
    let ours = Peer {
        name: "transom",
        program: env!("CARGO_BIN_EXE_transom").into(),
        args: &["check", "--isolated", "--info", "--output", "agent"],
    };
    for peer in std::iter::once(&ours).chain(peers) {
        let mut found = 0;
        for file in known.iter().map(|(file, _)| file).collect::<BTreeSet<_>>() {
            let mut command = Command::new(&peer.program);
            let args = peer.args.iter().map(|arg| if *arg == "-d" { "-f" } else { arg });
            let output = command.args(args).arg(file).current_dir(&corpus).output().expect("it runs");
            let text = String::from_utf8_lossy(&output.stdout);
            let rules = |(_, ours, checkov, linter): &(_, &'static [&'static str], _, _)| match peer.name {
                "transom" => *ours,
                "checkov" => *checkov,
                "kube-linter" => *linter,
                _ => &[],
            };
            let is_said = |word: &str| {
                let defect = DEFECTS.iter().find(|(name, ..)| *name == word);
                defect.is_some_and(|defect| rules(defect).iter().any(|rule| says(&text, rule)))
            };
            found += known.iter().filter(|(of, word)| of == file && is_said(word)).count();
        }
        println!("{:<28} {found:>8} of {} known defects", peer.name, known.len());
    }
}

/// Whether a report names a rule: as a word, for CKV_K8S_1 is no CKV_K8S_16.
fn says(report: &str, rule: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    report.match_indices(rule).any(|(at, _)| !report[at + rule.len()..].starts_with(is_word))
}

/// File and word of each defect in a line of the index: `…\tnote || Deployment/web: HOSTPORT:80, EOL-BUILD:x`.
fn defects(line: &str) -> impl Iterator<Item = (&str, &str)> {
    let file = line.split('\t').next().unwrap_or_default();
    let notes = line.rsplit('\t').next().unwrap_or_default();
    let lists = notes.split(" || ").filter_map(|note| note.trim_matches('"').split_once(": "));
    let lists = lists.filter(|(object, _)| object.contains('/') && !object.contains(' '));
    let words = lists.flat_map(|(_, list)| list.split(", ")).map(|defect| defect.split(':').next().unwrap_or_default());
    words.filter(|word| DEFECTS.iter().any(|(name, ..)| name == word)).map(move |word| (file, word))
}
