//! The commands of the Dockerfile, outside of a container: they are run as they stand there, in a copy of
//! what the image is built of. What comes out is static, starts in a folder where nothing else is, by the
//! image's own command line and user, and judges.
//!
//! Two things differ. Alpine builds for itself and links statically by that; here that target is named.
//! And what is compiled is not optimized, which would take longer than everything else.

use std::collections::BTreeMap;
use std::env;
use std::env::consts::ARCH;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::{chown, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Instant;

use cluster::{Client, until};
use host_test::engine::{is_there, run, say};
use host_test::root;
use serde_json::{Value, json};
use tempfile::TempDir;

/// The C compiler for musl: what `musl-dev` is in Debian.
const COMPILER: &str = "musl-gcc";

fn main() -> ExitCode {
    cluster::tests(|| Some(()), &[("what the Dockerfile builds", |()| builds())])
}

/// What the last stage of a Dockerfile says.
struct Image {
    /// Its root.
    folder: TempDir,
    user: String,
    port: u16,
    /// `ENTRYPOINT` with `CMD`.
    command: Vec<String>,
}

fn builds() {
    let is_root = run(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if !is_root {
        let missing =
            "only root may start a program in a folder as its whole world (chroot), so the Dockerfile was not tested";
        assert!(env::var("CI").as_deref() != Ok("true"), "{missing}");
        return say(&format!("SKIPPED: {missing}"));
    }
    if !is_there(COMPILER, "--version", "the Dockerfile") {
        return;
    }
    let start = Instant::now();
    let image = build();
    say(&format!("built in {:.0} s", start.elapsed().as_secs_f64()));

    let program = fs::read(image.folder.path().join(&image.command[0][1..])).expect("the program");
    assert!(is_static(&program), "{} needs a loader", image.command[0]);
    judges(&image);
}

/// Runs the Dockerfile.
fn build() -> Image {
    let folder = |name: &str| tempfile::Builder::new().prefix(name).tempdir().expect("a folder");
    let context = folder("transom-context-");
    let mut image = Image { folder: folder("transom-image-"), user: String::new(), port: 0, command: Vec::new() };
    let mut directory = String::new();
    let text = fs::read_to_string(root().join("Dockerfile")).expect("the Dockerfile");
    for (keyword, rest) in instructions(&text) {
        match keyword {
            "FROM" => {}
            "EXPOSE" => image.port = rest.parse().expect("a port"),
            "WORKDIR" => directory = format!("{rest}/"),
            "COPY" if rest == ". ." => copy_context(context.path()),
            "COPY" => {
                let words: Vec<&str> = rest.split(' ').collect();
                let ["--from=build", from, "/"] = *words else { panic!("COPY {rest}") };
                let from = from.strip_prefix(directory.as_str()).expect("a folder in the first stage");
                let from = context.path().join(from).join(".");
                run(Command::new("cp").arg("-R").arg(from).arg(image.folder.path())).expect("a copy");
            }
            "RUN" if rest.starts_with("apk add ") => assert_eq!(rest, "apk add --no-cache musl-dev"),
            "RUN" => run_in(context.path(), rest),
            "USER" => image.user = rest.to_owned(),
            "ENTRYPOINT" | "CMD" => {
                image.command.extend(serde_json::from_str::<Vec<String>>(rest).expect("a list of arguments"));
            }
            other => panic!("{other} {rest}: this test does not know what to do"),
        }
    }
    image
}

/// The folder cargo builds into, as an absolute path.
fn target() -> PathBuf {
    root().join(env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from))
}

/// Keywords and what follows them, without comments.
fn instructions(text: &str) -> Vec<(&str, &str)> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.split_once(' ').expect("a keyword and its arguments")).collect()
}

/// What a build would be sent: everything but what `.dockerignore` names.
fn copy_context(to: &Path) {
    let ignored = fs::read_to_string(root().join(".dockerignore")).expect(".dockerignore");
    let mut exclusions = Vec::new();
    for pattern in ignored.lines().filter(|line| !line.is_empty()) {
        let pattern = pattern.strip_prefix("**/").map_or_else(|| format!("./{pattern}"), str::to_owned);
        exclusions.push(format!("--exclude={pattern}"));
    }
    let pack = Command::new("tar")
        .args(["--create", "--anchored"])
        .args(exclusions.iter().filter(|exclusion| exclusion.starts_with("--exclude=./")))
        .arg("--no-anchored")
        .args(exclusions.iter().filter(|exclusion| !exclusion.starts_with("--exclude=./")))
        .arg(".")
        .current_dir(root())
        .stdout(Stdio::piped())
        .spawn();
    let mut pack = pack.expect("tar");
    let packed = pack.stdout.take().expect("its output");
    run(Command::new("tar").args(["--extract", "--directory"]).arg(to).stdin(packed)).expect("tar unpacks");
    assert!(pack.wait().expect("tar ends").success());
    assert!(to.join("Cargo.lock").is_file() && !to.join(".git").exists() && !to.join("dist").exists());
    // What is built is kept: a second time only our own is compiled.
    let built = target().join("dockerfile");
    fs::create_dir_all(&built).expect("a folder");
    symlink(&built, to.join("target")).expect("a link");
}

/// Puts what cargo built for the named target where it stands if no target is named.
fn unname_target(context: &Path) {
    let named = context.join("target").join(triple()).join("release");
    for file in fs::read_dir(named).expect("what was built") {
        let file = file.expect("a file");
        if file.file_type().expect("a type").is_file() {
            fs::copy(file.path(), context.join("target/release").join(file.file_name())).expect("a copy");
        }
    }
}

/// The target that Alpine is.
fn triple() -> String {
    format!("{ARCH}-unknown-linux-musl")
}

/// Runs a command of the Dockerfile.
fn run_in(context: &Path, command: &str) {
    say(command);
    let start = Instant::now();
    let mut variables = BTreeMap::from([("CARGO_INCREMENTAL", "0".to_owned())]);
    let mut without = vec!["CARGO_TARGET_DIR"];
    if command.starts_with("cargo x ") {
        // Of our own tool everything but itself is built already.
        variables.insert("CARGO_TARGET_DIR", target().display().to_string());
        without.clear();
    } else if command.starts_with("cargo build ") {
        run(Command::new("rustup").args(["target", "add", &triple()])).expect("rustup adds the target for musl");
        variables.extend([("CARGO_BUILD_TARGET", triple()), ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0".to_owned())]);
    }
    let mut shell = Command::new("sh");
    shell.args(["-euc", command]).current_dir(context);
    for variable in without {
        shell.env_remove(variable);
    }
    let is_for_target = variables.contains_key("CARGO_BUILD_TARGET");
    run(shell.envs(variables)).unwrap_or_else(|error| panic!("{error}"));
    if is_for_target {
        unname_target(context);
    }
    say(&format!("  {:.0} s", start.elapsed().as_secs_f64()));
}

/// Whether an ELF file of 64 bits, the low byte first, names no program to load it with.
fn is_static(elf: &[u8]) -> bool {
    const INTERPRETER: u64 = 3;
    assert_eq!(elf[..6], *b"\x7fELF\x02\x01");
    let number = |at: usize, bytes: usize| {
        elf[at..at + bytes].iter().rev().fold(0, |number: u64, byte| number << 8 | u64::from(*byte))
    };
    let (start, size, count) = (number(32, 8), number(54, 2), number(56, 2));
    let headers = (0..count).map(|nth| usize::try_from(start + nth * size).expect("it fits"));
    headers.into_iter().all(|at| number(at, 4) != INTERPRETER)
}

/// Ended when dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the image, and asks it.
fn judges(image: &Image) {
    let in_the_image = |options: &[&str], arguments: &[&str]| {
        let mut command = Command::new("chroot");
        command.args(options).arg(image.folder.path()).args(arguments).env_clear();
        command.env("PATH", env::var_os("PATH").unwrap_or_default());
        command
    };
    let [program, serve @ ..] = &*image.command else { panic!("no command") };
    run(&mut in_the_image(&[], &[program, "certs", "--out", "/tls", "--name", "127.0.0.1"])).expect("certificates");
    let (user, group) = image.user.split_once(':').expect("a user and a group");
    let tls = image.folder.path().join("tls");
    for entry in fs::read_dir(&tls).expect("a folder") {
        let path = entry.expect("a file").path();
        chown(path, user.parse().ok(), group.parse().ok()).expect("the server's own files");
    }
    let port = image.port;
    drop(TcpListener::bind(("0.0.0.0", port)).unwrap_or_else(|error| panic!("port {port} of the image: {error}")));
    let serve: Vec<&str> = std::iter::once(program).chain(serve).map(String::as_str).collect();
    let mut server = in_the_image(&[&format!("--userspec={}", image.user)], &serve);
    let mut server = Running(server.stderr(Stdio::piped()).spawn().expect("chroot"));
    let mut line = String::new();
    BufReader::new(server.0.stderr.take().expect("its log")).read_line(&mut line).expect("a line");
    let line: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
    assert_eq!((&line["message"], &line["engine"]), (&json!("listening"), &json!("module")), "{line}");

    let authority = fs::read_to_string(tls.join("ca.crt")).expect("the CA");
    let client = Client::new(&format!("https://127.0.0.1:{port}"), &authority, None);
    assert_eq!(until("the server", || client.get("/livez")), json!("ok\n"));
    let image = "mcr.microsoft.com/windows/nanoserver:ltsc2022";
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"},
        "spec": {"containers": [{"name": "web", "image": image}]}});
    let decision = client.post("/evaluate", &pod).expect("an answer");
    assert_eq!((decision.status, &decision.body["allowed"]), (200, &json!(false)), "{decision:?}");
    assert_eq!(decision.body["findings"][0]["rule"], "WIN101", "{decision:?}");
}
