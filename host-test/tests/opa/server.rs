//! The real opa, built from source: `opa run` with our bundle, on loopback.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use host_test::{opa, opa_module};
use serde_json::{Value, json};

/// Modules are compiled when they are loaded; on a busy machine that takes its time.
const START: Duration = Duration::from_secs(120);

/// The bundle, which is made together with the module.
pub(crate) fn bundle() -> PathBuf {
    opa_module().with_file_name("transom-bundle.tar.gz")
}

/// A running `opa run`.
pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    /// Starts it with our bundle and perhaps others; `None` without Go.
    pub(crate) fn start(others: &[&Path]) -> Option<Server> {
        let program = opa::program()?;
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let address = free.expect("a free port");
        let mut opa = Command::new(program);
        opa.args(["run", "--server", "--log-level=error", "--skip-version-check", "--addr"]).arg(address.to_string());
        opa.arg("--bundle").arg(bundle());
        for other in others {
            opa.arg("--bundle").arg(other);
        }
        let child = opa.stdin(Stdio::null()).spawn().expect("opa starts");
        let mut server = Server { child, address };
        let start = Instant::now();
        while !matches!(server.send("GET", "/health", ""), Ok((200, _))) {
            let ended = server.child.try_wait().expect("opa's state");
            assert!(ended.is_none() && start.elapsed() < START, "opa does not come up: {ended:?}");
            thread::sleep(Duration::from_millis(50));
        }
        Some(server)
    }

    /// Asks for a document below `data`.
    pub(crate) fn data(&self, path: &str, input: &Value) -> Value {
        let body = json!({"input": input}).to_string();
        self.post(&format!("/v1/data/{path}"), &body)["result"].take()
    }

    /// Asks for the default decision, as the API server does.
    pub(crate) fn main(&self, input: &str) -> Value {
        self.post("/", input)
    }

    /// Asks for a document by the body alone, as the API server does.
    pub(crate) fn webhook(&self, path: &str, input: &str) -> Value {
        self.post(&format!("/v0/data/{path}"), input)
    }

    /// How much memory it has, in MB.
    #[cfg(target_os = "linux")]
    pub(crate) fn memory(&self) -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("opa's state");
        let size = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its size");
        size.trim().trim_end_matches(" kB").parse::<usize>().expect("a number") / 1024
    }

    /// Puts a document below `data`.
    pub(crate) fn put(&self, path: &str, value: &Value) {
        let (status, body) = self.send("PUT", &format!("/v1/data/{path}"), &value.to_string()).expect("an answer");
        assert_eq!(status, 204, "{body}");
    }

    fn post(&self, path: &str, body: &str) -> Value {
        let (status, body) = self.send("POST", path, body).expect("an answer");
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).expect("JSON")
    }

    /// One request, one connection. HTTP/1.0, so that the answer ends where the connection does.
    fn send(&self, method: &str, path: &str, body: &str) -> std::io::Result<(u16, String)> {
        let mut stream = TcpStream::connect(self.address)?;
        let len = body.len();
        write!(stream, "{method} {path} HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: {len}\r\n\r\n")?;
        stream.write_all(body.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
        Ok((status, body.to_owned()))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
