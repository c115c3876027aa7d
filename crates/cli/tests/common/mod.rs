//! A folder of its own for each test, and the real binary in it.

#![allow(dead_code, reason = "every test crate uses its part")]

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

pub(crate) struct Folder(pub(crate) PathBuf);

pub(crate) struct Run {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) exit: i32,
}

impl Folder {
    /// An empty folder.
    pub(crate) fn new(name: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a folder");
        Folder(path)
    }

    pub(crate) fn write(&self, file: &str, content: impl AsRef<[u8]>) {
        let path = self.0.join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, content).expect("a file");
    }

    pub(crate) fn read(&self, file: &str) -> Vec<u8> {
        fs::read(self.0.join(file)).expect("the file is there")
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_transom"));
        command.args(args).current_dir(&self.0).env("SOURCE_DATE_EPOCH", "0");
        // Nothing of whoever runs the tests: an agent, a CI, somebody with settings of their own.
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text != "PATH" && text != "SOURCE_DATE_EPOCH" && !text.starts_with("LLVM") && cfg!(unix) {
                command.env_remove(&name);
            }
        }
        command
    }

    pub(crate) fn transom(&self, args: &[&str], stdin: &[u8]) -> Run {
        self.transom_in(&[], args, stdin)
    }

    /// With variables in its environment.
    pub(crate) fn transom_in(&self, environment: &[(&str, &str)], args: &[&str], stdin: &[u8]) -> Run {
        let mut command = self.command(args);
        command.envs(environment.iter().copied());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("transom runs");
        let mut pipe = child.stdin.take().expect("a pipe");
        let input = stdin.to_vec();
        let writer = std::thread::spawn(move || pipe.write_all(&input));
        let output = child.wait_with_output().expect("transom ends");
        // It need not read what it was given.
        let _ = writer.join();
        Run {
            stdout: String::from_utf8(output.stdout).expect("stdout is text"),
            stderr: String::from_utf8(output.stderr).expect("stderr is text"),
            exit: output.status.code().expect("no signal"),
        }
    }
}
