//! A folder of its own for each test, and the real binary in it.

#![allow(dead_code, reason = "every test crate uses its part")]

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;

pub(crate) use host_test::commands::Run;
use host_test::commands::{clean, run};

pub(crate) struct Folder(pub(crate) PathBuf);

/// The real binary.
pub(crate) fn transom() -> Command {
    Command::new(env!("CARGO_BIN_EXE_transom"))
}

impl Folder {
    /// An empty folder. Tests run side by side, so each name is one test's alone.
    pub(crate) fn new(name: &str) -> Self {
        static TAKEN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
        let is_free = TAKEN.lock().map(|mut taken| taken.insert(name.to_owned()));
        assert!(is_free.unwrap_or(true), "another test has the folder {name}");
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
        let mut command = transom();
        clean(&mut command);
        command.args(args).current_dir(&self.0);
        command
    }

    pub(crate) fn transom(&self, args: &[&str], stdin: &[u8]) -> Run {
        self.transom_in(&[], args, stdin)
    }

    /// With variables in its environment.
    pub(crate) fn transom_in(&self, environment: &[(&str, &str)], args: &[&str], stdin: &[u8]) -> Run {
        let mut command = self.command(args);
        command.envs(environment.iter().copied());
        run(&mut command, stdin)
    }
}
