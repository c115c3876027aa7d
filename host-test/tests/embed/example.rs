//! The examples as a reader has them: the commands of the README, in a copy of the folder.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs, thread};

use host_test::{engine, root};
use serde_json::Value;

/// What runs an example: module, settings and lines in, lines out.
pub(crate) type Run<'a> = dyn Fn(&Path, Option<&str>, &[String]) -> Output + 'a;

/// What came of it.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) lines: Vec<String>,
    stderr: String,
    status: Option<i32>,
}

impl Output {
    /// The answers of a run that went well.
    pub(crate) fn answers(self) -> Vec<String> {
        assert_eq!((self.status, self.stderr.as_str()), (Some(0), ""), "after {} answers", self.lines.len());
        self.lines
    }

    /// The message of a run that did not.
    pub(crate) fn error(self) -> String {
        assert_eq!(self.status, Some(1), "{}", self.stderr);
        assert!(self.stderr.starts_with("judge: ") && self.stderr.lines().count() < 20, "{}", self.stderr);
        self.stderr
    }
}

/// A built example.
pub(crate) struct Example {
    folder: PathBuf,
    /// The last command of the README, up to the module.
    command: String,
}

impl Example {
    /// Does what the README says under `heading`; `None` where a tool is missing.
    pub(crate) fn build(
        heading: &str,
        folder: &str,
        tools: &[(&str, &str)],
        environment: &[(&str, &Path)],
    ) -> Option<Example> {
        let what_for = format!("the example in {heading}");
        let tools = [("sh", "--version")].iter().chain(tools);
        if !tools.fold(true, |all, (tool, argument)| all & engine::is_there(tool, argument, &what_for)) {
            return None;
        }
        let embed = root().join("host-test/embed");
        let mut commands = commands(&fs::read_to_string(embed.join("README.md")).expect("the README"), heading);
        let (command, documents) = commands
            .pop()
            .and_then(|last| {
                last.split_once(" ../../../dist/transom.wasm < ").map(|(a, b)| (a.to_owned(), b.to_owned()))
            })
            .unwrap_or_else(|| panic!("the last command under {heading} judges"));
        assert!(embed.join(folder).join(&documents).is_file(), "{documents}");
        assert!(commands.len() <= 1, "{commands:?}");

        let files = files(&embed.join(folder));
        let contents = files.iter().map(|(_, bytes)| bytes.as_slice());
        let texts = commands.iter().map(String::as_str).chain(environment.iter().filter_map(|(_, path)| path.to_str()));
        let digest = engine::digest(contents.chain(texts.map(str::as_bytes)));
        let folder = engine::engine(&format!("embed-{folder}-{digest}"), |to| {
            for (path, bytes) in &files {
                let path = to.join(path.strip_prefix(embed.join(folder)).unwrap_or(path));
                fs::create_dir_all(path.parent().unwrap_or(to))?;
                fs::write(path, bytes)?;
            }
            for command in &commands {
                let mut shell = Command::new("sh");
                shell.args(["-c", command]).current_dir(to).envs(environment.iter().copied());
                engine::run(&mut shell)?;
            }
            Ok(())
        });
        Some(Example { folder, command })
    }

    pub(crate) fn run(&self, module: &Path, settings: Option<&str>, lines: &[String]) -> Output {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("{} \"$@\"", self.command), "judge"]).current_dir(&self.folder);
        // Cargo's own, in which there may be a library of the same name.
        shell.env_remove("LD_LIBRARY_PATH");
        run(&mut shell, module, settings, lines)
    }
}

/// Gives a command the module, the settings in a file, and the lines, the last without a line break.
pub(crate) fn run(command: &mut Command, module: &Path, settings: Option<&str>, lines: &[String]) -> Output {
    command.arg(fs::canonicalize(module).unwrap_or_else(|_| module.to_owned()));
    let file = settings.map(|settings| {
        let name = format!("embed-settings.{:?}.{}", thread::current().id(), std::process::id());
        let file = fs::canonicalize(root()).expect("the root").join("build").join(name);
        fs::create_dir_all(root().join("build")).and_then(|()| fs::write(&file, settings)).expect("build/ is writable");
        file
    });
    let streams = command.args(&file).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = streams.spawn().unwrap_or_else(|error| panic!("{streams:?}: {error}"));
    let mut stdin = child.stdin.take().expect("stdin is piped");
    let stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
    let mut errors = child.stderr.take().expect("stderr is piped");
    let (mut out, mut stderr) = (Vec::new(), String::new());
    thread::scope(|scope| {
        // Who has found an error does not read the rest.
        scope.spawn(move || stdin.write_all(lines.join("\n").as_bytes()));
        scope.spawn(|| errors.read_to_string(&mut stderr).expect("text"));
        out.extend(stdout.lines().map(|line| line.expect("text")));
    });
    let status = child.wait().expect("it ends").code();
    if let Some(file) = file {
        let _ = fs::remove_file(file);
    }
    Output { lines: out, stderr, status }
}

/// The commands of the first block under a heading.
fn commands(readme: &str, heading: &str) -> Vec<String> {
    let section = readme.split("\n## ").find(|section| section.lines().next() == Some(heading));
    let section = section.unwrap_or_else(|| panic!("the README has no `## {heading}`"));
    section.lines().filter_map(|line| line.strip_prefix("$ ")).map(str::to_owned).collect()
}

/// The files of a folder, in the order of their names, without what Git ignores there.
pub(crate) fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut list = Command::new("git");
    list.args(["ls-files", "--cached", "--others", "--exclude-standard"]).current_dir(folder);
    let list = engine::run(&mut list).unwrap_or_else(|error| panic!("{error}"));
    let mut files: Vec<_> = list.lines().map(|name| folder.join(name)).collect();
    files.sort();
    let read = |path: PathBuf| fs::read(&path).map(|bytes| (path, bytes));
    files.into_iter().map(|path| read(path).expect("a file")).collect()
}

/// wasmtime's C API, `include` and `lib`: what its releases have, which no registry does.
pub(crate) fn wasmtime_c() -> PathBuf {
    let source = root().join("host-test/engines/wasmtime-c");
    let manifest = fs::read_to_string(source.join("Cargo.toml")).expect("the manifest");
    let version =
        manifest.split_once("wasmtime-c-api-impl = { version = \"=").and_then(|(_, rest)| rest.split_once('"'));
    let version = version.expect("its version").0;
    engine::engine(&format!("wasmtime-c-{version}"), |folder| {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut metadata = Command::new(cargo);
        metadata.args(["metadata", "--locked", "--format-version=1"]).current_dir(&source);
        let metadata: Value = serde_json::from_str(&engine::run(&mut metadata)?)?;
        let packages = metadata["packages"].as_array().into_iter().flatten();
        let manifest = packages
            .filter(|package| package["name"] == "wasmtime-c-api-impl")
            .find_map(|p| p["manifest_path"].as_str());
        let headers = manifest.and_then(|manifest| Path::new(manifest).parent()).expect("it is fetched");
        let mut install = Command::new("cmake");
        // Without a compiler there are no functions that take a module's text.
        install.arg("-DWASMTIME_FEATURE_CRANELIFT=ON").arg(format!("-DCMAKE_INSTALL_PREFIX={}", folder.display()));
        engine::run(install.args(["-P", "cmake/install-headers.cmake"]).current_dir(headers))?;

        let wheel = folder.join("wheel");
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--target"]).arg(&wheel);
        engine::run(pip.arg(format!("wasmtime=={version}")))?;
        fs::create_dir_all(folder.join("lib"))?;
        for system in fs::read_dir(wheel.join("wasmtime"))?.flatten().filter(|entry| entry.path().is_dir()) {
            for library in fs::read_dir(system.path())?.flatten() {
                if let Some(name) = library.file_name().to_string_lossy().strip_prefix("_lib") {
                    fs::copy(library.path(), folder.join("lib").join(format!("lib{name}")))?;
                }
            }
        }
        fs::remove_dir_all(wheel)
    })
}
