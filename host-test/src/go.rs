//! The programs of others, each built once into `build/engines/<name>-<version>-<hash>` from the
//! `go.mod` that is committed in `host-test/engines/<name>`.

use std::env::consts::EXE_SUFFIX;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;
use std::{fs, io};

use crate::engine::{self, digest, run, say};
use crate::root;

/// An engine that is built from Go modules: the tools that its `go.mod` lists, and folders of the
/// main module that are needed with them.
#[derive(Debug)]
pub struct Engine {
    /// The folder in `host-test/engines`.
    name: &'static str,
    /// The module whose version is the engine's.
    module: &'static str,
    /// `-ldflags`, with `VERSION` for the version.
    ldflags: &'static str,
    /// Folders of YAML files in the module that come along, as `crds`.
    crds: &'static str,
}

/// etcd: `server`.
pub const ETCD: Engine = Engine { name: "etcd", module: "go.etcd.io/etcd/server/v3", ldflags: "", crds: "" };

/// Kubernetes: `kube-apiserver`, `kube-scheduler`.
pub const KUBERNETES: Engine = Engine {
    name: "kubernetes",
    module: "k8s.io/kubernetes",
    // Without a version the API server calls itself 0.0.0 and serves nothing.
    ldflags: "-X k8s.io/component-base/version.gitVersion=VERSION -X k8s.io/component-base/version.gitMajor=MAJOR \
              -X k8s.io/component-base/version.gitMinor=MINOR",
    crds: "",
};

/// Gatekeeper: `gatekeeper`, `gator`.
pub const GATEKEEPER: Engine = Engine {
    name: "gatekeeper",
    module: "github.com/open-policy-agent/gatekeeper/v3",
    ldflags: "",
    crds: "charts/gatekeeper/crds",
};

/// Kyverno: `kyverno`, `kubectl-kyverno`.
pub const KYVERNO: Engine =
    Engine { name: "kyverno", module: "github.com/kyverno/kyverno", ldflags: "", crds: "config/crds" };

/// kustomize: `kustomize`.
pub const KUSTOMIZE: Engine =
    Engine { name: "kustomize", module: "sigs.k8s.io/kustomize/kustomize/v5", ldflags: "", crds: "" };

/// The version of helm.
const HELM: &str = "v4.0.0";

/// helm, built the first time; `None` without Go. Its modules are its own: it is a program that is installed.
///
/// # Panics
///
/// Where it cannot be built.
#[must_use]
pub fn helm() -> Option<PathBuf> {
    program("helm", "helm.sh/helm/v4/cmd/helm", HELM, "charts")
}

/// The version of actionlint.
const ACTIONLINT: &str = "v1.7.12";

/// actionlint, which judges workflows of GitHub Actions, built the first time; `None` without Go.
///
/// # Panics
///
/// Where it cannot be built.
#[must_use]
pub fn actionlint() -> Option<PathBuf> {
    program("actionlint", "github.com/rhysd/actionlint/cmd/actionlint", ACTIONLINT, "the workflows")
}

/// A program of a Go module, installed the first time; `None` without Go, which `what` takes.
fn program(name: &str, package: &str, version: &str, what: &str) -> Option<PathBuf> {
    if !engine::is_there("go", "version", what) {
        return None;
    }
    let folder = engine::engine(&format!("{name}-{}", version.trim_start_matches('v')), |folder| {
        let mut go = Command::new("go");
        go.args(["install", &format!("{package}@{version}")]);
        run(go.env("GOBIN", folder).env("CGO_ENABLED", "0")).map(|_| ())
    });
    Some(folder.join(format!("{name}{EXE_SUFFIX}")))
}

/// The folder with an engine's programs.
#[derive(Debug, Clone)]
pub struct Programs {
    /// The name and version, for what is said about it.
    pub title: String,
    folder: PathBuf,
}

impl Programs {
    /// The path of a program.
    #[must_use]
    pub fn program(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}{EXE_SUFFIX}"))
    }

    /// The texts of the CustomResourceDefinitions that come with it, in the order of their names.
    ///
    /// # Panics
    ///
    /// Where they cannot be read.
    #[must_use]
    pub fn crds(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.join("crds")).expect("crds");
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("a file").path()).collect();
        files.sort();
        files.iter().map(|file| fs::read_to_string(file).expect("text")).collect()
    }
}

impl Engine {
    /// Its programs, built first where they are missing; `None` without Go.
    ///
    /// # Panics
    ///
    /// Where they cannot be built.
    #[must_use]
    pub fn programs(&self) -> Option<Programs> {
        if !engine::is_there("go", "version", self.name) {
            return None;
        }
        let source = root().join("host-test/engines").join(self.name);
        let files = ["go.mod", "go.sum"].map(|file| {
            let text = fs::read_to_string(source.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
            // Git may write other line ends.
            text.replace('\r', "")
        });
        let version = version(&files[0], self.module).unwrap_or_else(|| panic!("go.mod requires no {}", self.module));
        let hash = digest(files.iter().map(String::as_bytes));
        let title = format!("{} {}", self.name, version.trim_start_matches('v'));
        let folder = engine::engine(&format!("{}-{hash}", title.replace(' ', "-")), |folder| {
            let start = Instant::now();
            self.build(&source, version, folder)?;
            say(&format!("{title}: built in {:.0} s", start.elapsed().as_secs_f64()));
            Ok(())
        });
        Some(Programs { title, folder })
    }

    /// The sources of a module in the version that its `go.mod` names, downloaded where they are not there
    /// yet; `None` without Go.
    ///
    /// # Panics
    ///
    /// Where they cannot be downloaded.
    #[must_use]
    pub fn module(&self, module: &str) -> Option<PathBuf> {
        if !engine::is_there("go", "version", module) {
            return None;
        }
        let mut go = Command::new("go");
        go.args(["mod", "download", "-json", module]).current_dir(root().join("host-test/engines").join(self.name));
        let about = run(&mut go).unwrap_or_else(|error| panic!("{error}"));
        let about: serde_json::Value = serde_json::from_str(&about).expect("JSON");
        Some(about["Dir"].as_str().expect("a folder").into())
    }

    fn build(&self, source: &Path, version: &str, folder: &Path) -> io::Result<()> {
        let mut numbers = version.trim_start_matches('v').split('.');
        let ldflags = self
            .ldflags
            .replace("VERSION", version)
            .replace("MAJOR", numbers.next().unwrap_or_default())
            .replace("MINOR", numbers.next().unwrap_or_default());
        let mut go = Command::new("go");
        go.args(["build", "-trimpath", &format!("-ldflags=-s -w {ldflags}"), "-o"]).arg(folder).arg("tool");
        run(go.current_dir(source).env("CGO_ENABLED", "0"))?;
        if !self.crds.is_empty() {
            let mut list = Command::new("go");
            list.args(["list", "-m", "-f", "{{.Dir}}", self.module]);
            let module = run(list.current_dir(source))?;
            let crds = folder.join("crds");
            fs::create_dir(&crds)?;
            copy(&Path::new(module.trim()).join(self.crds), &crds)?;
        }
        Ok(())
    }
}

/// All files of a folder and of those in it, into one.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), to)?;
        } else {
            fs::write(to.join(entry.file_name()), fs::read(entry.path())?)?;
        }
    }
    Ok(())
}

/// The version of a module that a `go.mod` requires.
fn version<'m>(go_mod: &'m str, module: &str) -> Option<&'m str> {
    go_mod.lines().find_map(|line| {
        let mut words = line.trim().trim_start_matches("require ").split(' ');
        (words.next() == Some(module)).then(|| words.next()).flatten().filter(|version| version.starts_with('v'))
    })
}
