//! `cargo x test`: everything that CI runs, stage by stage.

use std::time::Instant;

use anyhow::Context as _;

use crate::engines;
use crate::format::{self, Mode};
use crate::reproduce;
use crate::tools::{self, cargo};
use crate::web;

type Stage = (&'static str, fn() -> anyhow::Result<()>);

const STAGES: &[Stage] = &[
    ("format", || format::run(Mode::Check).context("format the files with `cargo x fmt`")),
    ("wasm", reproduce::run),
    ("clippy", || {
        tools::run(&mut cargo(&["clippy", "--quiet", "--workspace", "--all-targets", "--", "--deny=warnings"]))
    }),
    // Before the tests, some of which build single packages: a library that is a module for WebAssembly,
    // too, has no hash in its file's name, and is another one then.
    ("doctest", || tools::run(&mut cargo(&["test", "--quiet", "--workspace", "--doc"]))),
    ("test", || {
        let kinds = ["--lib", "--bins", "--tests", "--examples"];
        tools::run(cargo(&["test", "--quiet", "--workspace"]).args(kinds))
    }),
    ("engines", || engines::run(&[])),
    ("web", || web::run(true)),
    // The workspace's own run has the newest Kubernetes.
    ("oldest", || {
        let oldest = ["test", "--quiet", "--package=typed-test", "--no-default-features", "--features=v1_32"];
        tools::run(&mut cargo(&oldest)).context("the types of Kubernetes 1.32")
    }),
    ("docs", || {
        let mut doc = cargo(&[
            "doc",
            "--quiet",
            "--no-deps",
            "--lib",
            "--package=transom",
            "--package=transom-yaml",
            "--package=transom-host",
        ]);
        tools::run(doc.env("RUSTDOCFLAGS", "--deny=warnings"))
    }),
];

pub(crate) fn run() -> anyhow::Result<()> {
    let mut times = Vec::new();
    let mut failure = None;
    for (name, stage) in STAGES {
        eprintln!("== {name}");
        let start = Instant::now();
        let result = stage();
        times.push((*name, start.elapsed(), result.is_ok()));
        if let Err(error) = result {
            failure = Some(error.context(format!("stage {name}")));
            break;
        }
    }
    println!();
    for (name, time, passed) in &times {
        println!("{name:<8} {:>7.1} s  {}", time.as_secs_f64(), if *passed { "passed" } else { "FAILED" });
    }
    let total: f64 = times.iter().map(|(_, time, _)| time.as_secs_f64()).sum();
    println!("{:<8} {total:>7.1} s", "all");
    failure.map_or(Ok(()), Err)
}
