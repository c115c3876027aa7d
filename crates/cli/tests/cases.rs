//! Runs the commands of every `cases/*.test` and compares what they print, byte for byte.
//!
//! A case is a text of sections, each begun by a line `-- … --`; what stands before the first one
//! says what the case shows.
//!
//! - `-- file NAME --` a file of the case's folder;
//! - `-- run ARGS --` runs `transom ARGS` in it (`< NAME` at the end: with the file as stdin; `NAME=VALUE`
//!   at the start: in that environment), and is followed by what came of it: `-- stdout --`, `-- stderr --`, `-- exit N --`;
//! - `-- now NAME --` what is in a file after that.
//!
//! `BLESS=1` rewrites what is expected to what came.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::Folder;

struct Section {
    head: String,
    body: String,
}

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

/// The case with its expectations as they came out.
fn run(name: &str, text: &str) -> String {
    let (intro, sections) = sections(text);
    let folder = Folder::new(name);
    let mut out = intro;
    for section in &sections {
        match section.head.split_once(' ').unwrap_or((&section.head, "")) {
            ("file", file) => {
                folder.write(file, &section.body);
                out.push_str(&format!("-- {} --\n{}", section.head, section.body));
            }
            ("run", command) => {
                let (args, stdin) = command.split_once(" < ").unwrap_or((command, ""));
                let stdin = if stdin.is_empty() { Vec::new() } else { folder.read(stdin) };
                let mut words: Vec<&str> = args.split(' ').collect();
                let count = words.iter().take_while(|word| is_variable(word)).count();
                let environment: Vec<_> = words.drain(..count).filter_map(|word| word.split_once('=')).collect();
                let run = folder.transom_in(&environment, &words, &stdin);
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
                let text = String::from_utf8(folder.read(file)).expect("text");
                out.push_str(&format!("-- {} --\n{text}", section.head));
            }
            ("stdout" | "stderr" | "exit", _) => {}
            (other, _) => panic!("{name}: no such section: {other}"),
        }
    }
    out
}

#[test]
fn every_case_comes_out_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut files: Vec<PathBuf> =
        fs::read_dir(&folder).expect("cases").map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    assert!(!files.is_empty());
    let mut failures = Vec::new();
    for file in files {
        let name = file.file_stem().expect("a name").to_string_lossy().into_owned();
        let expected = fs::read_to_string(&file).expect("a case").replace("\r\n", "\n");
        let came = run(&name, &expected);
        if came == expected {
            continue;
        }
        if std::env::var_os("BLESS").is_some() {
            fs::write(&file, came).expect("writable");
        } else {
            let diff = similar::TextDiff::from_lines(&expected, &came);
            failures.push(diff.unified_diff().header(&name, "what came").to_string());
        }
    }
    assert!(failures.is_empty(), "{} (BLESS=1 takes them over)\n{}", failures.len(), failures.join("\n"));
}
