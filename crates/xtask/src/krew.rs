//! `cargo x krew`: `dist/transom.krew.yaml`, by which `kubectl krew` installs transom as `kubectl transom`, made
//! of the sums of the archives in `dist/`.

use std::fmt::Write as _;

use anyhow::bail;

use crate::archive::{self, PAGE};
use crate::wasm::{release, sum_of};

/// What krew calls a platform, and the archive for it.
pub(crate) struct Platform {
    os: &'static str,
    arch: &'static str,
    pub(crate) target: &'static str,
}

pub(crate) const PLATFORMS: &[Platform] = &[
    Platform { os: "linux", arch: "amd64", target: "x86_64-unknown-linux-musl" },
    Platform { os: "linux", arch: "arm64", target: "aarch64-unknown-linux-musl" },
    Platform { os: "darwin", arch: "amd64", target: "x86_64-apple-darwin" },
    Platform { os: "darwin", arch: "arm64", target: "aarch64-apple-darwin" },
    Platform { os: "windows", arch: "amd64", target: "x86_64-pc-windows-msvc" },
    Platform { os: "windows", arch: "arm64", target: "aarch64-pc-windows-msvc" },
];

const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

pub(crate) fn run() -> anyhow::Result<()> {
    let mut missing = Vec::new();
    let text = manifest(|target| {
        let sum = sum_of(&archive::name(target));
        missing.extend(sum.is_none().then_some(target));
        sum
    });
    if missing.len() == PLATFORMS.len() {
        bail!("dist/SHA256SUMS has none of the archives: `cargo x archive` makes them");
    }
    missing.iter().for_each(|target| eprintln!("note: there is no archive for {target}"));
    println!("{}", release("transom.krew.yaml", text.as_bytes())?.display());
    Ok(())
}

/// The manifest, with the platforms that there is a sum for.
fn manifest(mut sum: impl FnMut(&'static str) -> Option<String>) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let mut text = format!(
        "apiVersion: krew.googlecontainertools.github.com/v1alpha2
kind: Plugin
metadata:
  name: transom
spec:
  version: v{version}
  homepage: {REPOSITORY}
  shortDescription: Find what will not work on Windows nodes
  description: |
    Says of the workloads of a cluster (`kubectl transom scan`), or of manifests, charts and kustomizations
    (`kubectl transom check`), what will not work on Windows nodes, and what will not keep off them though it
    must; shows where, and fixes it. It reads the cluster and changes nothing there.
  platforms:
"
    );
    for Platform { os, arch, target } in PLATFORMS {
        let Some(sum) = sum(target) else { continue };
        let archive = archive::name(target);
        let program = if *os == "windows" { "transom.exe" } else { "transom" };
        let _ = write!(
            text,
            "  - selector: {{matchLabels: {{os: {os}, arch: {arch}}}}}
    uri: {REPOSITORY}/releases/download/v{version}/{archive}
    sha256: {sum}
    files:
    - {{from: \"*/{program}\", to: .}}
    - {{from: \"*/{PAGE}\", to: .}}
    - {{from: \"*/LICENSE-*\", to: .}}
    bin: {program}
"
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_platform_has_its_archive() {
        let text = manifest(|target| Some(format!("{:0>64}", target.len())));
        let stream = transom_yaml::parse(&text);
        assert!(stream.errors.is_empty(), "{text}");
        let platforms = &stream.documents[0].value()["spec"]["platforms"];
        assert_eq!(platforms.as_array().map(Vec::len), Some(PLATFORMS.len()));
        assert!(platforms[4]["uri"].as_str().is_some_and(|uri| uri.ends_with("-x86_64-pc-windows-msvc.zip")), "{text}");
        assert_eq!(text.matches("{from: \"*/playground.html\", to: .}").count(), PLATFORMS.len(), "{text}");
        assert_eq!(manifest(|_| None).matches("selector").count(), 0);
    }
}
