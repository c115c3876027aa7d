//! A server in a folder of its own, and clients for it.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::{http1, http2};
use hyper::{Method, Request};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// A folder that goes with its test.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("transom-server-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("a folder");
        Folder(path)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Writes a file as editors and kubelets do: a reader sees the old one or the new one.
    pub(crate) fn put(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        let new = self.path(&format!("{name}.new"));
        fs::write(&new, content).expect("a file");
        fs::rename(new, &path).expect("a file");
        path
    }

    /// `transom-server certs`.
    pub(crate) fn certs(&self) {
        let made = command().args(["certs", "--out"]).arg(&self.0).output().expect("certs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left in a temporary folder is the system's.
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn command() -> Command {
    Command::new(env!("CARGO_BIN_EXE_transom-server"))
}

/// A server that runs, with TLS; killed when dropped.
pub(crate) struct Server {
    child: Child,
    lines: Arc<Mutex<Vec<Value>>>,
    pub(crate) folder: Folder,
    pub(crate) port: u16,
}

impl Server {
    /// With a certificate of its own and these arguments.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::start_in(Folder::new(), arguments)
    }

    /// The same, in a folder in which files lie already.
    pub(crate) fn start_in(folder: Folder, arguments: &[&str]) -> Self {
        Self::start_as(command(), folder, arguments)
    }

    /// The same, by a command that ends in the program.
    pub(crate) fn start_as(mut command: Command, folder: Folder, arguments: &[&str]) -> Self {
        folder.certs();
        command.args(serve(&folder, 0)).args(arguments);
        let (child, lines) = launch(&mut command);
        let mut server = Server { child, lines, folder, port: 0 };
        server.port = server.listens_on();
        server
    }

    /// Kills it, without a chance to say anything, and starts another one where it was.
    pub(crate) fn kill_and_start(&mut self, arguments: &[&str]) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
        (self.child, self.lines) = launch(command().args(serve(&self.folder, self.port)).args(arguments));
        assert_eq!(self.listens_on(), self.port);
    }

    fn listens_on(&self) -> u16 {
        let ready = self.wait_for_line(|line| line["message"] == "listening");
        let address = ready["address"].as_str().expect("an address");
        address.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).expect("a port")
    }

    pub(crate) fn lines(&self) -> Vec<Value> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The first line of the log that is like this, also one that is still to come.
    pub(crate) fn wait_for_line(&self, like: impl Fn(&Value) -> bool) -> Value {
        let since = Instant::now();
        loop {
            let lines = self.lines();
            if let Some(line) = lines.iter().find(|line| like(line)) {
                return line.clone();
            }
            assert!(since.elapsed() < PATIENCE, "no such line: {lines:#?}");
            thread::sleep(Duration::from_millis(10));
        }
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(self.port, &self.folder.path("ca.crt"))
    }

    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(sent.expect("kill").success());
    }

    pub(crate) fn wait(&mut self) -> ExitStatus {
        let since = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("a status") {
                return status;
            }
            assert!(since.elapsed() < PATIENCE, "it does not stop: {:#?}", self.lines());
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Resident memory in bytes.
    #[cfg(target_os = "linux")]
    pub(crate) fn memory(&self) -> usize {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("a status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line");
        line.trim().trim_end_matches(" kB").parse::<usize>().expect("a number") << 10
    }

    pub(crate) async fn metric(&self, line: &str) -> u64 {
        let (_, text) = self.client().get("/metrics").await.expect("metrics");
        let found = text.lines().find_map(|l| l.strip_prefix(line)?.strip_prefix(' ')?.parse().ok());
        found.unwrap_or_default()
    }
}

/// The arguments of a server with the certificate in a folder.
fn serve(folder: &Folder, port: u16) -> Vec<String> {
    let [cert, key] = ["tls.crt", "tls.key"].map(|name| folder.path(name).display().to_string());
    let arguments = format!("serve --listen 127.0.0.1:{port} --drain-delay 500ms --reload-every 50ms");
    let files = ["--tls-cert".to_owned(), cert, "--tls-key".to_owned(), key];
    arguments.split(' ').map(str::to_owned).chain(files).collect()
}

/// Starts it, and collects what it logs.
fn launch(command: &mut Command) -> (Child, Arc<Mutex<Vec<Value>>>) {
    let mut child = command.stderr(Stdio::piped()).spawn().expect("a server");
    let stderr = child.stderr.take().expect("its log");
    let lines = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&lines);
    thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(std::result::Result::ok) {
            let value = serde_json::from_str(&line).unwrap_or_else(|_| json!({"noJson": line}));
            log.lock().unwrap_or_else(PoisonError::into_inner).push(value);
        }
    });
    (child, lines)
}

impl Drop for Server {
    #[expect(clippy::print_stderr, reason = "what the log of a failed test says")]
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("{:#?}", self.lines());
        }
    }
}

/// Connects to a server, each time anew.
#[derive(Clone)]
pub(crate) struct Client {
    port: u16,
    config: ClientConfig,
}

pub(crate) const BOTH: &[&SupportedProtocolVersion] = &[&rustls::version::TLS12, &rustls::version::TLS13];

impl Client {
    /// One that trusts this CA.
    pub(crate) fn new(port: u16, ca: &Path) -> Self {
        Self::with(port, ca, BOTH, None)
    }

    /// One with these versions of TLS, and with a certificate: the files of certificate and key.
    pub(crate) fn with(
        port: u16,
        ca: &Path,
        versions: &[&'static SupportedProtocolVersion],
        identity: Option<(&Path, &Path)>,
    ) -> Self {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_file_iter(ca).expect("a CA") {
            roots.add(certificate.expect("a certificate")).expect("a CA");
        }
        let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_protocol_versions(versions)
            .expect("versions")
            .with_root_certificates(roots);
        let config = match identity {
            None => builder.with_no_client_auth(),
            Some((cert, key)) => {
                let chain = CertificateDer::pem_file_iter(cert).expect("a file").map(|c| c.expect("PEM")).collect();
                let key = PrivateKeyDer::from_pem_file(key).expect("a key");
                builder.with_client_auth_cert(chain, key).expect("an identity")
            }
        };
        Client { port, config }
    }

    /// A connection on which nothing was said yet.
    pub(crate) async fn connect(&self, protocol: &[u8]) -> Result<TlsStream<TcpStream>> {
        let mut config = self.config.clone();
        config.alpn_protocols = vec![protocol.to_vec()];
        let stream = TcpStream::connect(("127.0.0.1", self.port)).await?;
        Ok(TlsConnector::from(Arc::new(config)).connect(ServerName::try_from("localhost")?, stream).await?)
    }

    pub(crate) async fn http1(&self) -> Result<http1::SendRequest<Full<Bytes>>> {
        let stream = self.connect(b"http/1.1").await?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(sender)
    }

    pub(crate) async fn http2(&self) -> Result<http2::SendRequest<Full<Bytes>>> {
        let stream = self.connect(b"h2").await?;
        let (sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(sender)
    }

    pub(crate) async fn get(&self, path: &str) -> Result<(u16, String)> {
        let request = Request::builder().uri(path).header("host", "localhost").body(Full::default())?;
        answer(self.http1().await?.send_request(request).await?).await
    }

    pub(crate) async fn post(&self, path: &str, body: impl Into<Bytes>) -> Result<(u16, String)> {
        answer(self.http1().await?.send_request(request(path, body)).await?).await
    }

    /// Posts JSON, which the answer is, too, and expects 200.
    pub(crate) async fn ask(&self, path: &str, body: &Value) -> Value {
        let (status, text) = self.post(path, body.to_string()).await.expect("an answer");
        assert_eq!(status, 200, "{text}");
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }
}

pub(crate) fn request(path: &str, body: impl Into<Bytes>) -> Request<Full<Bytes>> {
    let builder = Request::builder().method(Method::POST).uri(format!("https://localhost{path}"));
    let builder = builder.header("host", "localhost").header("content-type", "application/json");
    builder.body(Full::new(body.into())).expect("a request")
}

pub(crate) async fn answer(response: hyper::Response<hyper::body::Incoming>) -> Result<(u16, String)> {
    let status = response.status().as_u16();
    let body = response.into_body().collect().await?.to_bytes();
    Ok((status, String::from_utf8(body.to_vec())?))
}

/// Tries until it is so: what a server does in its own time.
pub(crate) async fn eventually<F: Future<Output = bool>>(what: &str, mut is_so: impl FnMut() -> F) {
    let since = Instant::now();
    while !is_so().await {
        assert!(since.elapsed() < PATIENCE, "never: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A Pod for Windows that is not pinned to it: refused, and mended by one operation.
pub(crate) fn bad_pod() -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop"}, "spec": {"containers": [
        {"name": "web", "image": "mcr.microsoft.com/windows/nanoserver:ltsc2022"}]}})
}

/// A Pod for Linux that says so.
pub(crate) fn good_pod() -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "db", "namespace": "shop"}, "spec": {
        "nodeSelector": {"kubernetes.io/os": "linux"}, "containers": [{"name": "db", "image": "postgres:18"}]}})
}

pub(crate) fn review(uid: &str, object: Value) -> Value {
    let kind = object["kind"].clone();
    json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {
        "uid": uid, "operation": "CREATE", "kind": {"group": "", "version": "v1", "kind": kind},
        "namespace": object["metadata"]["namespace"], "name": object["metadata"]["name"], "object": object}})
}

/// A module that answers as transom does, allows everything, and misbehaves where the input says so:
/// `!trap`, `!loop`, `!eat`, `!uid` (an answer for another request).
pub(crate) fn moody_module(version: &str) -> Vec<u8> {
    let decision = format!(
        r#"{{"apiVersion":"transom.dev/v1","kind":"Decision","allowed":true,"findings":[],"suppressed":[],"patch":[],"module":{{"name":"moody","version":"{version}"}}}}"#
    );
    let head = r#"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"allowed":true,"uid":""#;
    let verdict = r#"{"valid":true,"errors":[]}"#;
    let quoted = |text: &str| text.replace('"', "\\\"");
    let wat = format!(
        r#"(module
  (memory (export "memory") 2)
  (data (i32.const 1024) "{decision}")
  (data (i32.const 4096) "{head}")
  (data (i32.const 8192) "{verdict}")
  (global $top (mut i32) (i32.const 65536))
  (func (export "transom_abi") (result i32) (i32.const 1))
  (func $alloc (export "alloc") (param $len i32) (result i32) (local $at i32)
    (local.set $at (global.get $top))
    (global.set $top (i32.add (global.get $top) (i32.add (local.get $len) (i32.const 16))))
    (block $enough (loop $more
      (br_if $enough (i32.le_u (global.get $top) (i32.shl (memory.size) (i32.const 16))))
      (if (i32.eq (memory.grow (i32.const 16)) (i32.const -1)) (then (return (i32.const 0))))
      (br $more)))
    (local.get $at))
  (func (export "dealloc") (param i32 i32) (global.set $top (i32.const 65536)))
  (func $answer (param $at i32) (param $len i32) (result i64)
    (i64.or (i64.shl (i64.extend_i32_u (local.get $at)) (i64.const 32)) (i64.extend_i32_u (local.get $len))))
  (func (export "configure") (param i32 i32) (result i64) (call $answer (i32.const 8192) (i32.const {verdicts})))
  ;; Where the uid is; misbehaves on the way.
  (func $read (param $at i32) (param $len i32) (result i32) (local $end i32) (local $uid i32) (local $word i32)
    (local.set $end (i32.add (local.get $at) (local.get $len)))
    (block $done (loop $next
      (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
      (local.set $word (i32.load (local.get $at)))
      (if (i32.eq (local.get $word) (i32.const 0x61727421)) (then unreachable))
      (if (i32.eq (local.get $word) (i32.const 0x6f6f6c21)) (then (loop $ever (br $ever))))
      (if (i32.eq (local.get $word) (i32.const 0x74616521)) (then (loop $hungry
        (if (i32.eq (memory.grow (i32.const 64)) (i32.const -1)) (then unreachable))
        (br $hungry))))
      (if (i32.eq (local.get $word) (i32.const 0x64697521)) (then (return (i32.const 1024))))
      (if (i32.eqz (local.get $uid)) (then
        (if (i64.eq (i64.and (i64.load (local.get $at)) (i64.const 0xffffffffffffff)) (i64.const 0x223a2264697522))
          (then (local.set $uid (i32.add (local.get $at) (i32.const 7)))))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br $next)))
    (local.get $uid))
  (func (export "evaluate") (param $at i32) (param $len i32) (result i64)
    (drop (call $read (local.get $at) (local.get $len)))
    (call $answer (i32.const 1024) (i32.const {decisions})))
  (func (export "review") (param $at i32) (param $len i32) (result i64) (local $uid i32) (local $to i32)
    (local.set $uid (call $read (local.get $at) (local.get $len)))
    (local.set $to (i32.const {tail}))
    (block $done (loop $next
      (i32.store8 (local.get $to) (i32.load8_u (local.get $uid)))
      (local.set $to (i32.add (local.get $to) (i32.const 1)))
      (br_if $done (i32.eq (i32.load8_u (local.get $uid)) (i32.const 34)))
      (local.set $uid (i32.add (local.get $uid) (i32.const 1)))
      (br $next)))
    (i32.store16 (local.get $to) (i32.const 0x7d7d))
    (call $answer (i32.const 4096) (i32.sub (local.get $to) (i32.const {start}))))
)"#,
        decision = quoted(&decision),
        head = quoted(head),
        verdict = quoted(verdict),
        verdicts = verdict.len(),
        decisions = decision.len(),
        tail = 4096 + head.len(),
        start = 4096 - 2,
    );
    wat::parse_str(wat).expect("a module")
}
