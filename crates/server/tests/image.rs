//! The Dockerfile's commands, run outside of a container: the program is static, and a folder with nothing
//! else in it than what the last stage copies is enough for it.

#![cfg(target_os = "linux")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::{env, fs};

use host_test::engine::{is_there, run, say};
use host_test::root;
use serde_json::Value;

/// An instruction of a Dockerfile and its arguments, lines that are continued put together.
fn instructions() -> Vec<(String, String)> {
    let text = fs::read_to_string(root().join("Dockerfile")).expect("the Dockerfile").replace('\r', "");
    let lines = text.replace("\\\n", " ");
    let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.split_once(' ').expect("an instruction")).map(|(a, b)| (a.into(), b.trim().into())).collect()
}

/// The folder that everything is taken from and put into; gone with the test.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The target that Alpine's Rust builds for by itself.
const MUSL: &str =
    if cfg!(target_arch = "aarch64") { "aarch64-unknown-linux-musl" } else { "x86_64-unknown-linux-musl" };

#[test]
fn the_commands_of_the_dockerfile() {
    // What `apk` installs there.
    if !is_there("musl-gcc", "--version", "the Dockerfile") {
        return;
    }
    let folder = Folder(env::temp_dir().join(format!("transom-image-{}", std::process::id())));
    let image = folder.0.join("image");
    fs::create_dir_all(&folder.0).expect("a folder");
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    let built = target.join(MUSL).join("debug").display().to_string();
    let there = image.display().to_string();
    run(Command::new("rustup").args(["target", "add", MUSL])).expect("the target");

    // What differs outside of a container. Nothing is optimized, which takes a fraction of the time.
    let build = format!("cargo --config profile.dev.package.\\\"*\\\".opt-level=0 build --target={MUSL} ");
    let mut differences = [
        ("apk add --no-cache musl-dev", "true".to_owned(), 0),
        ("cargo build --release ", build, 0),
        ("target/release", built, 0),
        ("/image", there, 0),
    ];
    let instructions = instructions();
    for (_, command) in instructions.iter().filter(|(instruction, _)| instruction == "RUN") {
        let mut own = command.clone();
        for (from, to, times) in &mut differences {
            *times += own.matches(*from).count();
            own = own.replace(*from, to);
        }
        let start = std::time::Instant::now();
        run(Command::new("sh").args(["-euc", &own]).current_dir(root()))
            .unwrap_or_else(|error| panic!("{own}: {error}"));
        say(&format!("{:.1} s: {command}", start.elapsed().as_secs_f64()));
    }
    assert!(differences.iter().all(|(_, _, times)| *times > 0), "the Dockerfile is another one: {differences:?}");
    let copied: Vec<&str> =
        instructions.iter().filter(|(instruction, _)| instruction == "COPY").map(|(_, what)| &**what).collect();
    assert_eq!(copied, [". .", "--from=build /image/ /"]);
    starts(&image, &instructions);
}

/// `FROM scratch`, with the certificate where the chart mounts it: nothing else is there.
fn starts(image: &Path, instructions: &[(String, String)]) {
    let one = |name: &str| instructions.iter().find(|(of, _)| of == name).map(|(_, what)| &**what).expect(name);
    let words = |text: &str| serde_json::from_str::<Vec<String>>(text).expect("the form of JSON");
    let [entrypoint, arguments] = ["ENTRYPOINT", "CMD"].map(|name| words(one(name)));
    let program = image.join(entrypoint[0].trim_start_matches('/'));
    let mut certs = Command::new(&program);
    run(certs.args(["certs", "--out"]).arg(image.join("tls"))).expect("a certificate");
    // Where it was made, and as the only thing there is: the program finds no `/proc` in that place then, and so
    // not the module beside it, which a container has.
    let prefixed = |argument: &String| argument.replace("=/", &format!("={}/", image.display()));
    let mut here = Command::new(&program);
    here.args(arguments.iter().map(prefixed));
    answers(here, image, "module");
    if run(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0") {
        run(Command::new("chown").arg(one("USER")).arg(image.join("tls/tls.key"))).expect("a key for that user");
        let mut alone = Command::new("chroot");
        alone.arg(format!("--userspec={}", one("USER"))).arg(image).args(&entrypoint).args(&arguments);
        answers(alone, image, "built-in");
    }
}

/// Starts it on a free port, and asks whether it lives.
fn answers(mut server: Command, image: &Path, engine: &str) {
    server.args(["--listen", "127.0.0.1:0"]).stderr(Stdio::piped());
    let mut server = Running(server.spawn().expect("it starts"));
    let mut line = String::new();
    BufReader::new(server.0.stderr.take().expect("its log")).read_line(&mut line).expect("a line");
    let listening: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
    assert_eq!((&listening["message"], &listening["engine"]), (&"listening".into(), &engine.into()), "{line}");

    let address = listening["address"].as_str().expect("an address");
    let mut roots = rustls::RootCertStore::empty();
    use rustls::pki_types::pem::PemObject as _;
    let ca = rustls::pki_types::CertificateDer::from_pem_file(image.join("tls/ca.crt")).expect("a CA");
    roots.add(ca).expect("a CA");
    let config =
        rustls::ClientConfig::builder_with_provider(std::sync::Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
    let name = rustls::pki_types::ServerName::try_from("localhost").expect("a name");
    let session = rustls::ClientConnection::new(std::sync::Arc::new(config), name).expect("a session");
    let mut stream = rustls::StreamOwned::new(session, TcpStream::connect(address).expect("a connection"));
    stream.write_all(b"GET /livez HTTP/1.0\r\n\r\n").expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.0 200") && answer.ends_with("ok\n"), "{answer}");
}
