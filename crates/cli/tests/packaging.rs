//! What installs and calls transom elsewhere: the action for GitHub, the hooks for pre-commit, the workflow that
//! makes releases.

#![cfg(unix)]

mod common;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use common::Folder;
use host_test::commands::{Run, clean, run};
use host_test::engine::{self, digest, is_there};
use host_test::{go, root};
use serde_json::Value;

const POD: &str = "apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web
      image: mcr.microsoft.com/windows/nanoserver:ltsc2022
      resources: {limits: {memory: 512Mi}}
";

/// What action/install.sh expects on a runner of this kind; transom is tested on no other.
const TARGET: &str = "x86_64-unknown-linux-musl";

/// A folder as a release, served over HTTP until this is dropped.
struct Releases {
    server: Child,
    address: String,
}

impl Releases {
    /// With the binary that is tested in an archive, and the sum `sum` says of it.
    fn new(folder: &Folder, sum: impl FnOnce(String) -> String) -> Self {
        let version = env!("CARGO_PKG_VERSION");
        let name = format!("transom-{version}-{TARGET}");
        let release = folder.0.join(format!("www/transom-dev/transom/releases/download/v{version}"));
        let content = folder.0.join("content").join(&name);
        fs::create_dir_all(&release).expect("a folder");
        fs::create_dir_all(&content).expect("a folder");
        // Its gigabyte of debug information would only take time.
        let strip = ["--strip-debug", env!("CARGO_BIN_EXE_transom"), "-o"];
        engine::run(Command::new("strip").args(strip).arg(content.join("transom"))).expect("a smaller one");
        let archive = format!("{name}.tar.gz");
        let mut tar = Command::new("tar");
        tar.env("GZIP", "-1")
            .arg("-czf")
            .arg(release.join(&archive))
            .arg("-C")
            .arg(folder.0.join("content"))
            .arg(&name);
        engine::run(&mut tar).expect("an archive");
        let sums = engine::run(Command::new("sha256sum").arg(&archive).current_dir(&release)).expect("a sum");
        fs::write(release.join("SHA256SUMS"), sum(sums)).expect("a file");
        let mut python = Command::new("python3");
        python.args(["-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory"]).arg(folder.0.join("www"));
        let mut server = python.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("python3 runs");
        let mut line = String::new();
        BufReader::new(server.stdout.take().expect("a pipe")).read_line(&mut line).expect("it says where it is");
        let port = line.split_once("port ").and_then(|(_, rest)| rest.split_once(' ')).expect("a port").0;
        Releases { address: format!("http://127.0.0.1:{port}"), server }
    }
}

impl Drop for Releases {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// A runner of GitHub: runs the steps of the action as that does, with the variables that it sets.
/// <https://docs.github.com/en/actions/reference/workflows-and-actions/variables>
struct Runner<'a> {
    folder: &'a Folder,
    server: String,
    inputs: &'a [(&'a str, &'a str)],
}

impl Runner<'_> {
    /// What all steps printed, and what the last one ended with.
    fn run(&self) -> Run {
        let action = root().join("action").canonicalize().expect("it is there");
        let text = fs::read_to_string(action.join("action.yml")).expect("text");
        let stream = transom_yaml::parse(&text);
        let action_yml = stream.documents[0].value();
        let mut all = Run { stdout: String::new(), stderr: String::new(), exit: 0 };
        let (path, output) = (self.folder.0.join("github-path"), self.folder.0.join("github-output"));
        for file in [&path, &output] {
            fs::write(file, "").expect("a file");
        }
        for (number, step) in action_yml["runs"]["steps"].as_array().expect("steps").iter().enumerate() {
            assert_eq!(step["shell"], "bash");
            let script = self.folder.0.join(format!("step-{number}.sh"));
            fs::write(&script, step["run"].as_str().expect("a script")).expect("a file");
            let mut bash = Command::new("bash");
            bash.args(["--noprofile", "--norc", "-e", "-o", "pipefail"]).arg(script);
            clean(&mut bash);
            let added = fs::read_to_string(&path).expect("text");
            let paths = added.lines().rev().map(PathBuf::from);
            let paths: Vec<PathBuf> =
                paths.chain(std::env::split_paths(&std::env::var_os("PATH").expect("a path"))).collect();
            bash.env("PATH", std::env::join_paths(paths).expect("a path"));
            bash.envs([("CI", "true"), ("GITHUB_ACTIONS", "true"), ("RUNNER_OS", "Linux"), ("RUNNER_ARCH", "X64")]);
            bash.env("GITHUB_ACTION_PATH", &action).env("GITHUB_PATH", &path).env("GITHUB_OUTPUT", &output);
            bash.env("RUNNER_TOOL_CACHE", self.folder.0.join("tools"));
            for (name, value) in step["env"].as_object().expect("variables") {
                bash.env(name, self.expand(action_yml, value.as_str().expect("text")));
            }
            let step = run(bash.current_dir(self.folder.0.join("work")), b"");
            all.stdout.push_str(&step.stdout);
            all.stderr.push_str(&step.stderr);
            all.exit = step.exit;
            if step.exit != 0 {
                break;
            }
        }
        all
    }

    /// A text with the values of its expressions.
    fn expand(&self, action: &Value, text: &str) -> String {
        let mut parts = text.split("${{ ");
        let mut expanded = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (expression, rest) = part.split_once(" }}").expect("an end");
            let value = match expression.split_once('.').expect("a context") {
                ("inputs", "releases") => {
                    let usual = action["inputs"]["releases"]["default"].as_str().expect("text");
                    let path = usual.strip_prefix("https://github.com/").expect("where transom is, on every runner");
                    format!("{}/{path}", self.server)
                }
                ("inputs", name) => {
                    let given = self.inputs.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
                    let default = &action["inputs"][name]["default"];
                    given.or(default.as_str()).unwrap_or_else(|| panic!("{name} has no default: {default}")).to_owned()
                }
                _ => panic!("what is `{expression}`?"),
            };
            expanded.push_str(&value);
            expanded.push_str(rest);
        }
        expanded
    }
}

fn tools_are_there() -> bool {
    cfg!(all(target_os = "linux", target_arch = "x86_64"))
        && is_there("curl", "--version", "the action")
        && is_there("python3", "--version", "the action")
}

#[test]
fn the_action_installs_transom_and_checks() {
    if !tools_are_there() {
        return;
    }
    let folder = Folder::new("action");
    folder.write("work/deploy/web.yaml", POD);
    folder.write(
        "work/other folder/web.yaml",
        POD.replace("spec:", "spec:\n  nodeSelector: {kubernetes.io/os: windows}"),
    );
    let releases = Releases::new(&folder, |sums| sums);
    let server = releases.address.clone();
    let found =
        Runner { folder: &folder, server: server.clone(), inputs: &[("paths", "deploy\n"), ("sarif", "a.sarif")] };
    let run = found.run();
    assert_eq!(run.exit, 1, "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.starts_with(concat!("transom ", env!("CARGO_PKG_VERSION"), "\n")), "{}", run.stdout);
    assert!(run.stdout.contains("::error file=deploy/web.yaml,line=4"), "{}", run.stdout);
    let sarif: Value = serde_json::from_slice(&folder.read("work/a.sarif")).expect("JSON");
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "WIN101");
    let output = String::from_utf8(folder.read("github-output")).expect("text");
    assert!(output.ends_with(&format!("/{TARGET}/transom\n")), "{output}");

    // What is installed is not installed again.
    drop(releases);
    let inputs = [("paths", "other folder\n\n"), ("arguments", "--fail-on=warning\n--rule=WIN101")];
    let run = Runner { folder: &folder, server, inputs: &inputs }.run();
    assert_eq!(run.exit, 0, "{}{}", run.stdout, run.stderr);
}

/// What is done to the file of sums.
type Spoil<'s> = &'s dyn Fn(String) -> String;

#[test]
fn the_action_installs_nothing_of_another_sum() {
    if !tools_are_there() {
        return;
    }
    let of_another = |right: String| format!("{}{}", "0".repeat(64), &right[64..]);
    let of_none = |_: String| String::new();
    let sums: [(&str, Spoil<'_>, &str); 2] =
        [("action-sum", &of_another, "says 00000000"), ("action-no-sum", &of_none, "says nothing about it")];
    for (name, sums, says) in sums {
        let folder = Folder::new(name);
        folder.write("work/web.yaml", POD);
        let releases = Releases::new(&folder, sums);
        let run = Runner { folder: &folder, server: releases.address.clone(), inputs: &[] }.run();
        assert!(run.exit == 1 && run.stdout.contains(says), "{}{}", run.stdout, run.stderr);
        assert!(run.stdout.starts_with("::error title=transom::transom-") && !folder.0.join("tools").exists());
    }
    let folder = Folder::new("action-version");
    folder.write("work/web.yaml", POD);
    for (version, says) in [("../0.1.0", "is no version"), ("9.9.9", "cannot download")] {
        let server = "http://127.0.0.1:9".to_owned();
        let run = Runner { folder: &folder, server, inputs: &[("version", version)] }.run();
        assert!(run.exit == 1 && run.stdout.contains(says), "{}{}", run.stdout, run.stderr);
    }
}

/// PyPI shows it by itself: nothing there is relative to.
#[test]
fn the_readme_of_the_wheel_stands_alone() {
    let read = |path: &str| fs::read_to_string(root().join(path)).expect("it is there");
    let pyproject = read("pyproject.toml");
    let readme = pyproject.lines().find_map(|line| line.strip_prefix("readme = \"")?.strip_suffix('"'));
    let text = read(readme.expect("a readme"));
    let links: Vec<&str> = text.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    assert!(!links.is_empty() && text.contains("pip install transom") && !text.contains("cargo "), "{text}");
    for link in links {
        let Some(path) = link.strip_prefix(env!("CARGO_PKG_REPOSITORY")) else { panic!("{link} leads elsewhere") };
        let path = path.trim_start_matches("/blob/main/").trim_start_matches("/tree/main/");
        assert!(root().join(path).exists(), "{link} leads nowhere");
    }
}

/// The folder with what PyPI has of tools, `bin` of a virtual environment.
fn python_tools() -> Option<&'static Path> {
    static TOOLS: OnceLock<PathBuf> = OnceLock::new();
    is_there("python3", "--version", "what calls transom elsewhere").then(|| TOOLS.get_or_init(make_tools).as_path())
}

fn make_tools() -> PathBuf {
    let requirements = root().join("host-test/engines/packaging/requirements.txt");
    let text = fs::read(&requirements).expect("it is there");
    // Where a virtual environment is made, it stays: its programs name the folder.
    let folder = root().join("build/engines").join(format!("packaging-{}", digest([&*text])));
    let python = folder.join("bin/python");
    if !folder.join("complete").exists() {
        engine::say(&format!("building {}", folder.display()));
        engine::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder)).expect("an environment");
        let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
        engine::run(Command::new(python).args(install).arg(&requirements)).expect("the tools");
        fs::write(folder.join("complete"), "").expect("a file");
    }
    folder.join("bin").canonicalize().expect("it is there")
}

/// The real pre-commit runs the hook in a repository, before a commit of its real git.
#[test]
fn pre_commit_runs_the_hooks() {
    let Some(tools) = python_tools() else { return };
    let folder = Folder::new("pre-commit");
    let path = |extra: &Path| {
        let bin = Path::new(env!("CARGO_BIN_EXE_transom")).parent().expect("a folder");
        let path = std::env::var_os("PATH").expect("a path");
        let all = [extra.to_owned(), bin.to_owned()].into_iter().chain(std::env::split_paths(&path));
        std::env::join_paths(all).expect("a path")
    };
    let in_folder = |program: &str, args: &[&str], place: &Path| {
        let mut command = Command::new(program);
        clean(command.args(args).current_dir(place));
        command.env("PATH", path(tools)).env("HOME", &folder.0).env("PRE_COMMIT_HOME", folder.0.join("cache"));
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "a").env(format!("GIT_{who}_EMAIL"), "a@b.c");
        }
        run(&mut command, b"")
    };
    let git = |place: &Path, args: &[&str]| {
        let run = in_folder("git", args, place);
        assert_eq!(run.exit, 0, "git {args:?}: {}{}", run.stdout, run.stderr);
        run.stdout.trim().to_owned()
    };
    // What pre-commit clones: this repository, as far as it looks at it.
    let (hooks, work) = (folder.0.join("hooks"), folder.0.join("work"));
    let manifest = fs::read(root().join(".pre-commit-hooks.yaml")).expect("it is there");
    folder.write("hooks/.pre-commit-hooks.yaml", manifest);
    let validated = in_folder("pre-commit", &["validate-manifest", ".pre-commit-hooks.yaml"], &hooks);
    assert_eq!(validated.exit, 0, "{}{}", validated.stdout, validated.stderr);
    git(&hooks, &["init", "--quiet"]);
    git(&hooks, &["add", "--all"]);
    git(&hooks, &["commit", "--quiet", "--message=hooks"]);
    let revision = git(&hooks, &["rev-parse", "HEAD"]);
    let hooks = hooks.display();
    let config = format!(
        "repos:\n  - repo: {hooks}\n    rev: {revision}\n    hooks: [{{id: transom-system, args: [deploy/]}}]\n"
    );
    folder.write("work/.pre-commit-config.yaml", config);
    folder.write("work/deploy/web.yaml", POD);
    git(&work, &["init", "--quiet"]);
    git(&work, &["add", "--all"]);
    let installed = in_folder("pre-commit", &["install"], &work);
    assert_eq!(installed.exit, 0, "{}{}", installed.stdout, installed.stderr);
    let refused = in_folder("git", &["commit", "--message=broken"], &work);
    assert_eq!(refused.exit, 1, "{}{}", refused.stdout, refused.stderr);
    assert!(refused.stderr.contains("error[WIN101]"), "{}{}", refused.stdout, refused.stderr);
    let fixed = common::transom().args(["fix", "deploy"]).current_dir(&work).status().expect("it runs");
    assert!(fixed.success());
    git(&work, &["add", "--all"]);
    git(&work, &["commit", "--message=mended"]);
}

/// Nothing in them that those who look for it find wrong.
#[test]
fn the_workflows_are_sound() {
    let root = root().canonicalize().expect("it is there");
    if let Some(tools) = python_tools() {
        let mut zizmor = Command::new(tools.join("zizmor"));
        zizmor.args(["--offline", "--no-progress", "--persona=auditor", ".github", "action", ".pre-commit-hooks.yaml"]);
        engine::run(zizmor.current_dir(&root)).expect("nothing is found");
    }
    if let Some(actionlint) = go::actionlint() {
        let mut actionlint = Command::new(actionlint.canonicalize().expect("it is there"));
        let workflows = fs::read_dir(root.join(".github/workflows")).expect("workflows");
        actionlint.args(workflows.map(|entry| entry.expect("an entry").path()));
        engine::run(actionlint.current_dir(&root)).expect("nothing is found");
    }
}
