//! npm @open-policy-agent/opa-wasm under Node.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;

use host_test::{engine, opa_module, root};
use serde_json::{Value, json};

const VERSION: &str = "1.10.0";

fn scripts() -> PathBuf {
    root().join("host-test/engines/opa-node")
}

/// One of our scripts, with the SDK; `None` without Node.
pub(crate) fn script(name: &str) -> Option<Command> {
    if !engine::is_there("node", "--version", "@open-policy-agent/opa-wasm") {
        return None;
    }
    let sdk = engine::engine(&format!("opa-wasm-{VERSION}"), |folder| {
        for file in ["package.json", "package-lock.json"] {
            fs::copy(scripts().join(file), folder.join(file))?;
        }
        let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
        engine::run(Command::new(npm).args(["ci", "--no-audit", "--no-fund"]).current_dir(folder)).map(drop)
    });
    let mut node = Command::new("node");
    node.arg(scripts().join(name)).arg(sdk).arg(opa_module());
    Some(node)
}

/// What is asked of the SDK.
pub(crate) struct Question {
    pub(crate) entrypoint: &'static str,
    pub(crate) input: String,
    pub(crate) data: Value,
}

/// The answers to each question: to the input as text, and as an object.
pub(crate) fn ask(mut script: Command, questions: &[Question]) -> Vec<[String; 2]> {
    let mut node = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("node starts");
    let mut stdin = node.stdin.take().expect("stdin is piped");
    let stdout = BufReader::new(node.stdout.take().expect("stdout is piped"));
    let answers = thread::scope(|scope| {
        scope.spawn(move || {
            for question in questions {
                let Question { entrypoint, input, data } = question;
                let line = json!({"entrypoint": entrypoint, "input": input, "data": data});
                writeln!(stdin, "{line}").expect("node reads");
            }
        });
        let read = |line: std::io::Result<String>| serde_json::from_str(&line.expect("text")).expect("two answers");
        stdout.lines().map(read).collect()
    });
    assert!(node.wait().expect("node ends").success());
    answers
}
