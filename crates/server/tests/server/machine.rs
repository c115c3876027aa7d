//! What goes wrong with the machine that the server runs on: it is killed, the clock jumps, memory,
//! descriptors and disks run out. The table in the README has a line for each.

use std::fs;
use std::path::PathBuf;

use host_test::engine::{is_there, say};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::load::load_on;
use crate::support::{Client, Folder, Server, bad_pod, command, eventually, good_pod, review};

#[tokio::test(flavor = "multi_thread")]
async fn killed_under_load_it_goes_on_where_it_was() {
    let mut server = Server::start(&[]);
    let load = load_on(&server);
    load.go_on(50).await;
    for _ in 0..3 {
        server.kill_and_start(&[]);
        load.go_on(50).await;
    }
    let (asked, failures) = load.end_with_failures().await;
    // What each of the clients has just asked breaks off: an error, and no answer that is another one.
    assert!(failures.iter().all(|failure| failure.contains(": Err(")), "{failures:#?}");
    assert!(failures.len() <= 3 * 4, "{failures:#?}");
    say(&format!("killed 3 times in {asked} requests: {} broke off", failures.len()));
}

/// The library that gives a program another clock, from Debian's package.
fn libfaketime() -> Option<PathBuf> {
    if !cfg!(target_os = "linux") || !is_there("faketime", "--version", "a clock that jumps") {
        return None;
    }
    let folders = fs::read_dir("/usr/lib").expect("a folder").flatten().map(|entry| entry.path());
    let found = folders.map(|folder| folder.join("faketime/libfaketimeMT.so.1")).find(|library| library.is_file());
    Some(found.expect("it comes with faketime"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_jumps() {
    let Some(library) = libfaketime() else { return };
    let folder = Folder::new();
    let clock = folder.put("clock", "+0");
    let mut command = command();
    // The clock on the wall alone: no jump reaches the one that timeouts are measured with.
    command.env("LD_PRELOAD", library).env("FAKETIME_TIMESTAMP_FILE", &clock).env("FAKETIME_NO_CACHE", "1");
    command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("NO_FAKE_STAT", "1");
    let server = Server::start_as(command, folder, &[]);
    let load = load_on(&server);
    let mut suppressed = bad_pod();
    let until = time::OffsetDateTime::now_utc().date() + time::Duration::days(100);
    suppressed["metadata"]["annotations"] =
        json!({"transom.dev/ignore.windows-pod-not-pinned": format!("until={until} the pool is pinned by then")});
    let is_allowed = async || {
        let answer = server.client().ask("/validate", &review("1", suppressed.clone())).await;
        answer["response"]["allowed"] == true
    };
    let readyz = async || server.client().get("/readyz").await.expect("an answer");
    assert!(is_allowed().await);

    for (jump, is_within, is_certified) in
        [("+200d", false, true), ("+400d", false, false), ("-30d", true, true), ("+0", true, true)]
    {
        server.folder.put("clock", jump);
        eventually("the date", async || is_allowed().await == is_within).await;
        let (status, text) = readyz().await;
        assert_eq!(status == 200, is_certified, "{jump}: {text}");
        assert_eq!(text.contains("the certificate has expired at"), !is_certified, "{jump}: {text}");
        load.go_on(20).await;
    }
    load.end().await;
}

/// What may be left of a burst of large bodies, in bytes: less than a third of them.
#[cfg(target_os = "linux")]
const LEFT: usize = 20 << 20;

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn memory_returns_to_where_it_was() {
    let server = Server::start(&[]);
    let client = server.client();
    let mb = |bytes: usize| format!("{} MB", bytes >> 20);
    let large = |kibibytes: usize| {
        let mut pod = good_pod();
        pod["metadata"]["annotations"] = json!({"large": "x".repeat(kibibytes << 10)});
        review("large", pod).to_string()
    };
    let burst = async |requests: usize, kibibytes: usize| {
        let mut all = JoinSet::new();
        for _ in 0..requests {
            let (client, body) = (client.clone(), large(kibibytes));
            all.spawn(async move { client.post("/mutate", body).await.expect("an answer").0 });
        }
        all.join_all().await
    };
    // What is held for the first requests is held on.
    burst(50, 1).await;
    let before = server.memory();
    for _ in 0..3 {
        let statuses = burst(24, 3 << 10).await;
        // Whose body there is no memory for is told so.
        assert!(statuses.contains(&200) && statuses.iter().all(|status| [200, 503].contains(status)), "{statuses:?}");
        let most = server.memory();
        // What the allocator keeps for the next burst it gives back while others are answered.
        eventually("memory is given back", async || {
            burst(5, 1).await;
            server.memory() < before + LEFT
        })
        .await;
        say(&format!("memory before, with and after 72 MB of bodies: {:?}", [before, most, server.memory()].map(mb)));
    }
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn without_descriptors_new_connections_wait() {
    let mut limited = std::process::Command::new("sh");
    // It raises the limit itself, as far as it may.
    limited.args(["-c", "ulimit -n 48; exec \"$0\" \"$@\""]).arg(command().get_program());
    let server = Server::start_as(limited, Folder::new(), &[]);
    let client = server.client();
    let mut kept = client.http1().await.expect("a connection");
    let mut held = Vec::new();
    for _ in 0..60 {
        held.push(TcpStream::connect(("127.0.0.1", server.port)).await.expect("the system takes it"));
    }
    server.wait_for_line(|line| line["message"] == "a connection was not accepted");
    // Who has a connection is answered.
    let sent = kept.send_request(crate::support::request("/validate", review("1", good_pod()).to_string())).await;
    assert_eq!(crate::support::answer(sent.expect("an answer")).await.expect("an answer").0, 200);
    drop(held);
    eventually("connections are taken again", async || client.get("/readyz").await.is_ok()).await;
    assert!(server.metric(r#"transom_connection_failures_total{reason="accept"}"#).await >= 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_tls_is_closed_and_counted() {
    let server = Server::start(&[]);
    let load = load_on(&server);
    for nonsense in [&b"GET /readyz HTTP/1.1\r\nhost: localhost\r\n\r\n"[..], &[0; 1024], b"\x16\x03\x01\xff\xff"] {
        let mut stream = TcpStream::connect(("127.0.0.1", server.port)).await.expect("a connection");
        stream.write_all(nonsense).await.expect("sent");
        stream.shutdown().await.expect("said");
        let mut answer = Vec::new();
        // An alert, or the end.
        let _ = stream.read_to_end(&mut answer).await;
        assert!(answer.len() < 16, "{answer:?}");
    }
    eventually("they are counted", async || {
        server.metric(r#"transom_connection_failures_total{reason="handshake"}"#).await >= 3
    })
    .await;
    load.go_on(20).await;
    load.end().await;
}

#[test]
fn a_port_that_is_taken_is_said() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let output = command().args(["serve", "--http", "--listen", &address]).output().expect("an end");
    assert_eq!(output.status.code(), Some(2));
    let line: Value = serde_json::from_slice(&output.stderr).expect("a line of the log");
    let error = line["error"].as_str().expect("an error");
    assert!(error.starts_with(&format!("cannot listen on {address}: ")), "{error}");
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn logs_that_nobody_takes_hold_nothing_up() {
    let folder = Folder::new();
    folder.certs();
    // Everything written to this device fails for want of space.
    let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("a device");
    let probe = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port");
    let mut child = command()
        .args(["serve", "--log-level", "debug", "--listen", &probe.to_string(), "--tls-cert"])
        .arg(folder.path("tls.crt"))
        .arg("--tls-key")
        .arg(folder.path("tls.key"))
        .stderr(full)
        .spawn()
        .expect("a server");
    let client = Client::new(probe.port(), &folder.path("ca.crt"));
    eventually("it answers", async || client.get("/livez").await.is_ok()).await;
    for _ in 0..20 {
        assert_eq!(client.ask("/validate", &review("1", bad_pod())).await["response"]["allowed"], false);
    }
    eventually("the loss is counted", async || {
        let (_, text) = client.get("/metrics").await.unwrap_or_default();
        text.lines().any(|line| line.strip_prefix("transom_log_lines_lost_total ").is_some_and(|lost| lost != "0"))
    })
    .await;
    child.kill().expect("an end");
    child.wait().expect("an end");
}
