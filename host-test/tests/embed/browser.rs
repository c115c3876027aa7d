//! The page of `embed/javascript` in Chromium: another page writes every document into it, as a user
//! would, and sends home what it shows.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;
use std::{fs, thread};

use host_test::{engine, module, root};
use serde_json::json;

const PAGE: &str = r#"<!doctype html><iframe src="judge.html"></iframe><script type="module">
  const page = document.querySelector("iframe");
  const answers = [];
  try {
    const documents = await (await fetch("documents")).json();
    const state = () => page.contentDocument?.getElementById("state")?.value ?? "loading …";
    while (state() === "loading …") await new Promise((next) => setTimeout(next, 10));
    const [input, output] = ["document", "decision"].map((id) => page.contentDocument.getElementById(id));
    for (const document of documents) {
      output.value = "";
      input.value = document;
      input.dispatchEvent(new Event("input"));
      answers.push(output.value || state());
    }
  } catch (error) {
    answers.push(`${error}`);
  }
  await fetch("answers", { method: "POST", body: JSON.stringify(answers) });
</script>"#;

/// What the page shows for each document; `None` without Chromium.
pub(crate) fn judge(documents: &[String]) -> Option<Vec<String>> {
    if !engine::is_there("chromium", "--version", "the page in a browser") {
        return None;
    }
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("its address");
    let documents = json!(documents).to_string();
    let wasm = fs::read(module()).expect("the module");
    let (sender, answers) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (documents, wasm, sender) = (documents.clone(), wasm.clone(), sender.clone());
            // A browser opens connections that it may never use.
            thread::spawn(move || serve(stream, &documents, wasm, &sender));
        }
    });
    let profile = root().join("build").join(format!("chromium.{}", std::process::id()));
    let mut chromium = Command::new("chromium");
    chromium.args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]);
    chromium.args(["--disable-background-networking", "--disable-component-update", "--disable-sync"]);
    chromium.arg(format!("--user-data-dir={}", profile.display())).arg(format!("http://{address}/"));
    chromium.args(["--remote-debugging-port=0"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut chromium = chromium.spawn().expect("chromium starts");
    let answers = answers.recv_timeout(Duration::from_secs(300));
    let _ = chromium.kill();
    let _ = chromium.wait();
    let _ = fs::remove_dir_all(profile);
    Some(serde_json::from_str(&answers.expect("the page answers")).expect("JSON"))
}

/// Answers one request.
fn serve(stream: TcpStream, documents: &str, wasm: Vec<u8>, answers: &mpsc::Sender<String>) -> Option<()> {
    let mut request = BufReader::new(&stream);
    let mut line = String::new();
    request.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut length = 0;
    while line.trim() != "" {
        line.clear();
        request.read_line(&mut line).ok()?;
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    request.read_exact(&mut body).ok()?;
    let file = |name: &str| fs::read(root().join("host-test/embed/javascript").join(name)).unwrap_or_default();
    let (kind, content) = match path.as_str() {
        "/" => ("text/html; charset=utf-8", PAGE.into()),
        "/judge.html" => ("text/html; charset=utf-8", file("judge.html")),
        "/transom.mjs" => ("text/javascript", file("transom.mjs")),
        "/transom.wasm" => ("application/wasm", wasm),
        "/documents" => ("application/json", documents.into()),
        "/answers" => {
            answers.send(String::from_utf8(body).ok()?).ok()?;
            ("text/plain", Vec::new())
        }
        _ => ("text/plain", Vec::new()),
    };
    let mut stream = &stream;
    let length = content.len();
    write!(stream, "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n")
        .ok()?;
    stream.write_all(&content).ok()
}
