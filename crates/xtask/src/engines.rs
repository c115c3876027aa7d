//! `cargo x engines`: the tests of the whole chain, in a real control plane with the real engines.

use std::env::{self, consts::EXE_SUFFIX};
use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context as _, bail};

use crate::tools::{self, cargo, root, target};
use crate::wasm;

/// Run only where they are named: the server is built anew, for musl, which takes as long as all others.
const ASKED_FOR: &[&str] = &["dockerfile"];

/// Runs the named test files of `host-test/cluster/tests`, or all but those that have to be asked for.
pub(crate) fn run(names: &[String]) -> anyhow::Result<()> {
    let all = all()?;
    if let Some(unknown) = names.iter().find(|name| !all.contains(name)) {
        bail!("there is no {unknown}: it has to be one of {}", all.join(", "));
    }
    wasm::run(&["raw".to_owned(), "opa".to_owned()])?;
    // Of the whole workspace, though only these run: what they are built of is what all other tests are
    // built of, then. The tests of a program bring the program.
    tools::run(&mut cargo(&["test", "--quiet", "--workspace", "--no-run", "--test=server", "--test=cases"]))?;
    let program = |variable: &str, name: &str| {
        let own = || target().join("debug").join(format!("{name}{EXE_SUFFIX}"));
        env::var_os(variable).map_or_else(own, PathBuf::from)
    };
    let (server, transom) = (program("TRANSOM_SERVER", "transom-server"), program("TRANSOM", "transom"));
    let (asked_for, usual): (Vec<_>, Vec<_>) = all.into_iter().partition(|name| ASKED_FOR.contains(&name.as_str()));
    if names.is_empty() {
        println!("not run unless named: {}", asked_for.join(", "));
    }
    for name in if names.is_empty() { &usual } else { names } {
        let start = Instant::now();
        let mut test = cargo(&["test", "--quiet", "--workspace", "--test", name]);
        test.env("TRANSOM_SERVER", &server).env("TRANSOM", &transom);
        tools::run(&mut test).with_context(|| name.clone())?;
        println!("{name:<12} {:>7.1} s", start.elapsed().as_secs_f64());
    }
    Ok(())
}

/// The names of all of them.
fn all() -> anyhow::Result<Vec<String>> {
    let folder = root().join("host-test/cluster/tests");
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
        names.extend(entry?.path().file_stem().map(|name| name.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}
