//! The host of OPA's ABI in `host-test/engines/opa-wazero`.

use std::process::Command;
use std::{env, fs};

use host_test::{engine, opa_module, root};

/// It with the module; `None` without Go.
pub(crate) fn memory() -> Option<Command> {
    if !engine::is_there("go", "version", "the module of OPA in wazero") {
        return None;
    }
    let source = root().join("host-test/engines/opa-wazero");
    let read = |name: &str| fs::read(source.join(name)).expect("its source");
    let files = ["go.mod", "go.sum", "main.go"].map(read);
    let name = format!("opa-wazero-{}", engine::digest(files.iter().map(Vec::as_slice)));
    let folder = engine::engine(&name, |folder| {
        let mut go = Command::new("go");
        go.args(["build", "-trimpath", "-ldflags=-s -w", "-o"]).arg(folder).arg(".").current_dir(&source);
        engine::run(go.env("CGO_ENABLED", "0")).map(drop)
    });
    let mut program = Command::new(folder.join(format!("opa-wazero{}", env::consts::EXE_SUFFIX)));
    program.arg(opa_module());
    Some(program)
}
