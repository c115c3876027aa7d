//! `dist/SHA256SUMS`: what `sha256sum --check SHA256SUMS` verifies in `dist/`.

use std::collections::BTreeSet;
use std::fs;

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};

use super::{dist, put};

const FILE: &str = "SHA256SUMS";

/// Writes the sums of the files of these names. Those that the file has already are kept, where these
/// are not `all` there is, and summed anew.
pub(super) fn write(names: &[&str], all: bool) -> anyhow::Result<()> {
    let old = fs::read_to_string(dist(FILE)).unwrap_or_default();
    let known = old.lines().filter(|_| !all).filter_map(|line| Some(line.split_once("  ")?.1));
    let names: BTreeSet<&str> = known.filter(|name| dist(name).is_file()).chain(names.iter().copied()).collect();
    let mut sums = String::new();
    for name in names {
        let bytes = fs::read(dist(name)).with_context(|| format!("dist/{name}"))?;
        sums.push_str(&line(name, &bytes));
    }
    put(FILE, sums.as_bytes()).map(drop)
}

/// The sum of a file of `dist/`, where the file with the sums has it.
pub(crate) fn sum_of(name: &str) -> Option<String> {
    let sums = fs::read_to_string(dist(FILE)).ok()?;
    let sum = sums.lines().filter_map(|line| line.split_once("  ")).find(|(_, of)| *of == name);
    sum.map(|(sum, _)| sum.to_owned())
}

/// A line of `sha256sum`.
fn line(name: &str, bytes: &[u8]) -> String {
    let digits: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{digits}  {name}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_as_sha256sum_writes_it() {
        let sum = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(line("abc.wasm", b"abc"), format!("{sum}  abc.wasm\n"));
    }
}
