//! A project with nothing in it but the package, and the tools that run it.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use host_test::{engine, npm_package, root};
use serde_json::Value;

/// What the tests put beside the package.
const SCRIPTS: &[&str] = &[
    "answers.mjs",
    "ask.html",
    "ask.mjs",
    "bundle.mjs",
    "chromium.mjs",
    "explain.mjs",
    "load.html",
    "webhook.mjs",
    "worker.mjs",
    "workerd.mjs",
    "wrong.mjs",
];

/// One for all tests of a run.
pub(crate) struct Project {
    folder: PathBuf,
    tools: PathBuf,
    bundles: OnceLock<Value>,
}

impl Project {
    /// The project; `None` without Node.
    pub(crate) fn get() -> Option<&'static Self> {
        static PROJECT: OnceLock<Option<Project>> = OnceLock::new();
        let make = || engine::is_there("node", "--version", "the npm package").then(Project::make);
        PROJECT.get_or_init(make).as_ref()
    }

    fn make() -> Self {
        let scripts = root().join("host-test/engines/npm");
        let mut hasher = DefaultHasher::new();
        super::text(&scripts.join("package-lock.json")).hash(&mut hasher);
        let tools = engine::engine(&format!("npm-tools-{:016x}", hasher.finish()), |folder| {
            for file in ["package.json", "package-lock.json"] {
                fs::copy(scripts.join(file), folder.join(file))?;
            }
            engine::run(npm(&["ci", "--ignore-scripts"]).current_dir(folder))?;
            // It puts the program that npm brought into its place.
            engine::run(Command::new("node").arg("install.js").current_dir(folder.join("node_modules/bun"))).map(drop)
        });
        let package = npm_package().canonicalize().expect("it is there");
        let folder = root().canonicalize().expect("it is there").join("build/npm-test");
        if folder.exists() {
            fs::remove_dir_all(&folder).expect("it is ours");
        }
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("package.json"), "{\"private\": true}").expect("a file");
        engine::run(npm(&["install", "--offline"]).arg(package).current_dir(&folder)).expect("it is installed");
        for script in SCRIPTS {
            fs::copy(scripts.join(script), folder.join(script)).expect("a file");
        }
        Project { folder, tools: tools.canonicalize().expect("it is there"), bundles: OnceLock::new() }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn tools(&self) -> &Path {
        &self.tools
    }

    /// `node SCRIPT`, in the project.
    pub(crate) fn node(&self, script: &str) -> Command {
        let mut node = Command::new("node");
        node.arg(script).current_dir(&self.folder);
        node
    }

    /// A program that npm installed, in the project.
    pub(crate) fn tool(&self, name: &str) -> Command {
        let extension = if cfg!(windows) { ".cmd" } else { "" };
        let mut tool = Command::new(self.tools.join("node_modules/.bin").join(format!("{name}{extension}")));
        tool.current_dir(&self.folder);
        tool
    }

    /// `chromium.mjs`; `None` without Chromium.
    pub(crate) fn chromium(&self) -> Option<Command> {
        let program = "chromium";
        if !engine::is_there(program, "--version", "the npm package in a browser") {
            return None;
        }
        let paths = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::split_paths(&paths).map(|folder| folder.join(program)).find(|path| path.is_file());
        let mut node = self.node("chromium.mjs");
        node.arg(&self.tools).arg(&self.folder).arg(path.expect("it was started from there"));
        Some(node)
    }

    /// Makes all bundles, once; gives what is known of each.
    pub(crate) fn bundles(&self) -> &Value {
        self.bundles.get_or_init(|| {
            let mut node = self.node("bundle.mjs");
            let sizes = engine::run(node.arg(&self.tools).arg(&self.folder)).expect("bundles");
            serde_json::from_str(&sizes).expect("JSON")
        })
    }

    /// Runs a program of JavaScript; gives what it prints.
    pub(crate) fn run(&self, file: &str, code: &str) -> String {
        fs::write(self.folder.join(file), code).expect("a file");
        engine::run(&mut self.node(file)).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Compiles a file with the strictest TypeScript; the package's own types are checked, too.
    pub(crate) fn compile(&self, file: &str, options: &[&str]) {
        let strict =
            ["--strict", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess", "--skipLibCheck", "false"];
        let mut tsc = self.tool("tsc");
        tsc.args(["--ignoreConfig", "--target", "es2022", "--lib", "es2022,dom", "--types", ""])
            .args(strict)
            .args(options);
        let output = tsc.arg(file).output().expect("tsc starts");
        assert!(output.status.success(), "{file}: {}", String::from_utf8_lossy(&output.stdout));
    }
}

fn npm(arguments: &[&str]) -> Command {
    let mut npm = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    npm.args(arguments).args(["--no-audit", "--no-fund"]);
    npm
}
