//! `cargo x cross`: `cargo check` of the command line for targets that are not this machine's.
//!
//! Everything is Rust but ring, which `scan` of a live cluster brings in: where no C compiler for a target is
//! installed, that is left out, and said.

use anyhow::{Context as _, bail};

use crate::tools::{self, cargo, is_there, need_target};

/// A target, and the C compiler for it.
struct Target {
    name: &'static str,
    compiler: &'static str,
}

const TARGETS: &[Target] = &[
    Target { name: "x86_64-pc-windows-gnu", compiler: "x86_64-w64-mingw32-gcc" },
    Target { name: "x86_64-pc-windows-msvc", compiler: "cl" },
    Target { name: "aarch64-apple-darwin", compiler: "oa64-clang" },
    Target { name: "x86_64-unknown-linux-musl", compiler: "musl-gcc" },
];

/// All features but those that take a C compiler.
const WITHOUT_C: &str = "lsp,module,play,progress,watch";
const WITH_C: &[&str] = &["kube", "mimalloc"];

pub(crate) fn run(names: &[String]) -> anyhow::Result<()> {
    if let Some(unknown) = names.iter().find(|name| TARGETS.iter().all(|target| target.name != **name)) {
        let known: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
        bail!("`{unknown}` is not among the targets: {}", known.join(", "));
    }
    let asked = |target: &&Target| names.is_empty() || names.iter().any(|name| name == target.name);
    for Target { name, compiler } in TARGETS.iter().filter(asked) {
        need_target(name)?;
        let mut check = cargo(&["check", "--quiet", "--locked", "--package=transom-cli", "--bin=transom"]);
        check.args(["--target", name]);
        let is_whole = is_there(compiler);
        if is_whole {
            check.env(format!("CC_{}", name.replace('-', "_")), compiler);
        } else {
            check.args(["--no-default-features", "--features", WITHOUT_C]);
        }
        tools::run(&mut check).with_context(|| name.to_string())?;
        let left_out = if is_whole {
            String::new()
        } else {
            format!(", but for {}: there is no {compiler}", WITH_C.join(" and "))
        };
        println!("{name}: checked{left_out}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_no_c_is_all_there() {
        let manifest = std::fs::read_to_string(tools::root().join("crates/cli/Cargo.toml")).expect("it is there");
        let default = manifest.lines().find_map(|line| line.strip_prefix("default = ")).expect("default features");
        let features: Vec<String> = serde_json::from_str(default).expect("a list");
        let kept: Vec<&str> = features.iter().map(String::as_str).filter(|feature| !WITH_C.contains(feature)).collect();
        assert_eq!(kept.join(","), WITHOUT_C);
    }
}
