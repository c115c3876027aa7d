//! npm @bytecodealliance/jco: the component as modules of JavaScript, under Node.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use host_test::{component, engine, root};
use serde::Deserialize;

use crate::{Answers, Question};

const VERSION: &str = "1.35.0";

fn scripts() -> PathBuf {
    root().join("host-test/engines/jco")
}

/// The transpiled component, in a folder that goes with this.
pub(crate) struct Script {
    folder: PathBuf,
}

impl Script {
    /// Where the component is, as `transom.js`.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Transpiles the component for a test; `None` without Node.
pub(crate) fn script(test: &str) -> Option<Script> {
    if !engine::is_there("node", "--version", "@bytecodealliance/jco") {
        return None;
    }
    let jco = engine::engine(&format!("jco-{VERSION}"), |folder| {
        for file in ["package.json", "package-lock.json"] {
            fs::copy(scripts().join(file), folder.join(file))?;
        }
        let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
        let install = ["ci", "--no-audit", "--no-fund", "--ignore-scripts"];
        engine::run(Command::new(npm).args(install).current_dir(folder)).map(drop)
    });
    let folder = root().join("build").join(format!("jco-{test}.{}", std::process::id()));
    let script = Script { folder };
    transpile(&jco, &script.folder).unwrap_or_else(|error| panic!("jco: {error}"));
    Some(script)
}

fn transpile(jco: &Path, folder: &Path) -> std::io::Result<()> {
    let mut node = Command::new("node");
    node.arg(jco.join("node_modules/@bytecodealliance/jco/dist/jco.js")).arg("transpile").arg(component());
    engine::run(node.args(["--quiet", "--name=transom", "--out-dir"]).arg(folder))?;
    fs::write(folder.join("package.json"), r#"{"type": "module"}"#)
}

/// What the script answers to one question.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Answer {
    Answers { configured: Answers, free: Answers },
    Errors { errors: Vec<SettingError> },
}

#[derive(Debug, Deserialize)]
pub(crate) struct SettingError {
    pub(crate) path: String,
    pub(crate) message: String,
}

/// The answers to each question.
pub(crate) fn ask(script: Script, questions: &[Question]) -> Vec<Answer> {
    let mut node = Command::new("node");
    node.arg(scripts().join("evaluate.mjs")).arg(&script.folder);
    let mut node = node.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("node starts");
    let mut stdin = node.stdin.take().expect("stdin is piped");
    let stdout = BufReader::new(node.stdout.take().expect("stdout is piped"));
    let answers = thread::scope(|scope| {
        scope.spawn(move || {
            for question in questions {
                writeln!(stdin, "{}", serde_json::to_string(question).expect("JSON")).expect("node reads");
            }
        });
        let read = |line: std::io::Result<String>| serde_json::from_str(&line.expect("text")).expect("an answer");
        stdout.lines().map(read).collect()
    });
    assert!(node.wait().expect("node ends").success());
    answers
}
