//! The cases of the command line, `crates/cli/tests/cases/*.test`: commands, and what they print, byte for byte.
//!
//! A case is a text of sections, each begun by a line `-- … --`; what stands before the first one
//! says what the case shows.
//!
//! - `-- file NAME --` a file of the case's folder;
//! - `-- run ARGS --` runs `transom ARGS` in it (`< NAME` at the end: with the file as stdin; `NAME=VALUE`
//!   at the start: in that environment), and is followed by what came of it: `-- stdout --`, `-- stderr --`, `-- exit N --`;
//! - `-- now NAME --` what is in a file after that.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs, thread};

use crate::root;

/// What came of a command.
pub struct Run {
    /// All of stdout.
    pub stdout: String,
    /// All of stderr.
    pub stderr: String,
    /// What it ended with.
    pub exit: i32,
}

struct Section {
    head: String,
    body: String,
}

/// The files with the cases, sorted.
///
/// # Panics
///
/// Where there are none.
#[must_use]
pub fn cases() -> Vec<PathBuf> {
    let folder = root().join("crates/cli/tests/cases");
    let mut files: Vec<PathBuf> =
        fs::read_dir(&folder).expect("cases").map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    assert!(!files.is_empty());
    files
}

/// Takes away what whoever runs the tests has in their environment: an agent, a CI, somebody with settings of
/// their own.
pub fn clean(command: &mut Command) {
    command.env("SOURCE_DATE_EPOCH", "0");
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text != "PATH" && text != "SOURCE_DATE_EPOCH" && !text.starts_with("LLVM") && cfg!(unix) {
            command.env_remove(&name);
        }
    }
}

/// Runs a command to its end, with this on stdin.
///
/// # Panics
///
/// Where it cannot be started, is ended by a signal, or prints what is no text.
#[must_use]
pub fn run(command: &mut Command, stdin: &[u8]) -> Run {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it runs");
    let mut pipe = child.stdin.take().expect("a pipe");
    let input = stdin.to_vec();
    let writer = thread::spawn(move || pipe.write_all(&input));
    let output = child.wait_with_output().expect("it ends");
    // It need not read what it was given.
    let _ = writer.join();
    Run {
        stdout: String::from_utf8(output.stdout).expect("stdout is text"),
        stderr: String::from_utf8(output.stderr).expect("stderr is text"),
        exit: output.status.code().expect("no signal"),
    }
}

/// Runs a case in an empty folder, with a program to which the arguments are added. Gives its text with what
/// came out in place of what is expected.
///
/// # Panics
///
/// Where the text is no case.
#[must_use]
pub fn case(text: &str, folder: &Path, program: impl Fn() -> Command) -> String {
    let (mut out, sections) = sections(text);
    for section in &sections {
        match section.head.split_once(' ').unwrap_or((&section.head, "")) {
            ("file", file) => {
                let path = folder.join(file);
                fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
                fs::write(path, &section.body).expect("a file");
                out.push_str(&format!("-- {} --\n{}", section.head, section.body));
            }
            ("run", command) => {
                let (args, stdin) = command.split_once(" < ").unwrap_or((command, ""));
                let read = |file: &str| fs::read(folder.join(file)).expect("the file is there");
                let stdin = if stdin.is_empty() { Vec::new() } else { read(stdin) };
                let mut words: Vec<&str> = args.split(' ').collect();
                let count = words.iter().take_while(|word| is_variable(word)).count();
                let environment: Vec<_> = words.drain(..count).filter_map(|word| word.split_once('=')).collect();
                let mut command = program();
                clean(&mut command);
                let run = run(command.args(words).envs(environment).current_dir(folder), &stdin);
                out.push_str(&format!("-- {} --\n", section.head));
                for (stream, text) in [("stdout", &run.stdout), ("stderr", &run.stderr)] {
                    if !text.is_empty() {
                        let end = if text.ends_with('\n') { "" } else { "\n" };
                        out.push_str(&format!("-- {stream} --\n{text}{end}"));
                    }
                }
                out.push_str(&format!("-- exit {} --\n", run.exit));
            }
            ("now", file) => {
                let text = fs::read_to_string(folder.join(file)).expect("text");
                out.push_str(&format!("-- {} --\n{text}", section.head));
            }
            ("stdout" | "stderr" | "exit", _) => {}
            (other, _) => panic!("no such section: {other}"),
        }
    }
    out
}

/// The introduction and the sections of a case.
fn sections(text: &str) -> (String, Vec<Section>) {
    let mut intro = String::new();
    let mut sections: Vec<Section> = Vec::new();
    for line in text.split_inclusive('\n') {
        let head = line.trim_end().strip_prefix("-- ").and_then(|line| line.strip_suffix(" --"));
        match (head, sections.last_mut()) {
            (Some(head), _) => sections.push(Section { head: head.to_owned(), body: String::new() }),
            (None, Some(section)) => section.body.push_str(line),
            (None, None) => intro.push_str(line),
        }
    }
    (intro, sections)
}

/// `NAME=VALUE`
fn is_variable(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'))
}
