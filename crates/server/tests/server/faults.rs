//! What goes wrong with files, modules, clients and requests, and what the server makes of it: the table in
//! the README has a line for each.

use std::fs;
use std::time::Duration;

use serde_json::{Value, json};
use time::OffsetDateTime;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::JoinSet;
use transom_server::certs;

use crate::load::{Load, load_on};
use crate::support::{
    Client, Folder, Server, answer, bad_pod, command, eventually, good_pod, moody_module, request, review,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_replaced_under_load() {
    let server = Server::start(&[]);
    let (port, ca) = (server.port, server.folder.path("ca.crt"));
    // Clients trust the old CA and the new one: the API server is told of it before.
    let next = Folder::new();
    next.certs();
    let both = [fs::read(&ca), fs::read(next.path("ca.crt"))].map(|ca| ca.expect("a CA")).concat();
    let both = next.put("both.crt", both);
    let load = Load::start(move || Client::new(port, &both));
    load.go_on(50).await;
    // A kubelet swaps them at once, this does not: until the second is there, the pair is wrong.
    for name in ["tls.crt", "tls.key"] {
        server.folder.put(name, fs::read(next.path(name)).expect("a file"));
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    server.wait_for_line(|line| line["message"] == "certificate, key and client CAs were read anew");
    server.wait_for_line(|line| line["error"].as_str().is_some_and(|error| error.contains("is not the key of")));
    load.go_on(50).await;
    load.end().await;
    server.folder.put("ca.crt", fs::read(next.path("ca.crt")).expect("a CA"));
    assert_eq!(server.metric(r#"transom_reloads_total{what="certificate",result="taken"}"#).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_and_expired_certificates_are_not_taken() {
    let server = Server::start(&[]);
    let load = load_on(&server);
    let now = OffsetDateTime::now_utc();
    let days = time::Duration::days;
    let old = certs::make(&["localhost".into()], now - days(10), now - days(1)).expect("a certificate");
    server.folder.put("tls.key", &old.key);
    server.folder.put("tls.crt", &old.cert);
    server.wait_for_line(|line| line["error"].as_str().is_some_and(|error| error.contains("has expired at")));
    let next = certs::make(&["localhost".into()], now + days(1), now + days(10)).expect("a certificate");
    server.folder.put("tls.key", &next.key);
    server.folder.put("tls.crt", &next.cert);
    server.wait_for_line(|line| line["error"].as_str().is_some_and(|error| error.contains("does not hold before")));
    server.folder.put("tls.crt", "no certificate");
    server.wait_for_line(|line| line["error"].as_str().is_some_and(|error| error.contains("no certificate in it")));
    load.go_on(20).await;
    load.end().await;
    assert_eq!(server.client().get("/readyz").await.expect("an answer").0, 200);
    assert!(server.metric(r#"transom_reloads_total{what="certificate",result="refused"}"#).await >= 2);

    // And a server does not begin with one.
    let folder = Folder::new();
    let (cert, key) = (folder.put("tls.crt", &old.cert), folder.put("tls.key", &old.key));
    let output = command().args(["serve", "--tls-cert"]).arg(&cert).arg("--tls-key").arg(&key).output();
    assert_eq!(output.expect("an end").status.code(), Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_ends_while_it_serves_makes_the_server_unready() {
    let now = OffsetDateTime::now_utc();
    let short = certs::make(&["localhost".into()], now - time::Duration::days(1), now + time::Duration::seconds(4));
    let short = short.expect("a certificate");
    let server = Server::start(&[]);
    let mut open = server.client().http1().await.expect("a connection");
    server.folder.put("tls.key", &short.key);
    server.folder.put("tls.crt", &short.cert);
    server.wait_for_line(|line| line["message"] == "certificate, key and client CAs were read anew");
    tokio::time::sleep(Duration::from_secs(6)).await;
    let sent = open.send_request(hyper::Request::get("/readyz").body(Default::default()).expect("a request"));
    let (status, text) = answer(sent.await.expect("an answer")).await.expect("an answer");
    assert_eq!(status, 503);
    assert!(text.contains("the certificate has expired at"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_settings_under_load_leave_the_old_ones_in_force() {
    let folder = Folder::new();
    let settings = folder.put("transom.yaml", "rules: {WIN101: deny}\n").display().to_string();
    let module = folder.put("moody.wasm", fs::read(host_test::module()).expect("a module")).display().to_string();
    let server = Server::start_in(folder, &["--settings", &settings, "--module", &module]);
    let load = load_on(&server);
    let refused =
        async || server.client().ask("/validate", &review("1", bad_pod())).await["response"]["allowed"] == false;
    for (wrong, why) in [
        ("rules: {WIN101: warn\n", "transom.yaml:"),
        ("rules:\n  WIN101: warn\n  WIN9999: warn\n", "transom.yaml:3:"),
        ("a: 1\n---\nb: 1\n", "transom.yaml:3:1: there is a second document"),
        ("# lost\n", "transom.yaml says nothing"),
    ] {
        server.folder.put("transom.yaml", wrong);
        server.wait_for_line(|line| {
            line["what"] == "settings" && line["error"].as_str().is_some_and(|error| error.contains(why))
        });
        assert!(refused().await, "{wrong}");
    }
    load.go_on(20).await;
    load.end().await;
    let times = async || server.metric(r#"transom_reloads_total{what="settings",result="refused"}"#).await;
    assert_eq!(times().await, 4);
    // Who asks is told again.
    server.signal("HUP");
    eventually("the same settings, refused again", async || times().await == 5).await;
    server.folder.put("transom.yaml", "rules: {WIN101: warn}\n");
    eventually("right settings", async || !refused().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_module_under_load_leaves_the_old_one_in_force() {
    let folder = Folder::new();
    let module = folder.put("moody.wasm", moody_module("1")).display().to_string();
    let server = Server::start_in(folder, &["--module", &module]);
    let load = load_on(&server);
    let version = async || server.client().ask("/evaluate", &good_pod()).await["module"]["version"].clone();
    let trapping = wat::parse_str(
        r#"(module (memory (export "memory") 1) (func (export "transom_abi") (result i32) (i32.const 1))
        (func (export "alloc") (param i32) (result i32) (i32.const 1024)) (func (export "dealloc") (param i32 i32))
        (func (export "configure") (param i32 i32) (result i64) (unreachable))
        (func (export "evaluate") (param i32 i32) (result i64) (unreachable))
        (func (export "review") (param i32 i32) (result i64) (unreachable)))"#,
    );
    let opa = b"\0asm\x01\0\0\0".to_vec();
    let refused = async || server.metric(r#"transom_reloads_total{what="module",result="refused"}"#).await;
    for (number, (broken, why)) in (1..).zip([
        (b"no module".to_vec(), "not a core WebAssembly module"),
        (opa, "does not export"),
        (moody_module("1")[..200].to_vec(), "not a core WebAssembly module"),
        (trapping.expect("a module"), "trapped"),
    ]) {
        server.folder.put("moody.wasm", broken);
        eventually("a refusal", async || refused().await == number).await;
        server.wait_for_line(|line| {
            line["what"] == "module" && line["error"].as_str().is_some_and(|error| error.contains(why))
        });
        assert_eq!(version().await, "1");
    }
    server.folder.put("moody.wasm", moody_module("2"));
    eventually("a sound module", async || version().await == "2").await;
    load.go_on(20).await;
    load.end().await;
    assert_eq!(refused().await, 4);
    assert_eq!(server.metric(r#"transom_reloads_total{what="module",result="taken"}"#).await, 1);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_config_map_is_swapped() {
    use std::os::unix::fs::symlink;
    let folder = Folder::new();
    // As the kubelet lays out a volume: the file is a link into a link that is replaced.
    for (name, action) in [("..1", "deny"), ("..2", "warn")] {
        fs::create_dir(folder.path(name)).expect("a folder");
        fs::write(folder.path(name).join("transom.yaml"), format!("rules: {{WIN101: {action}}}\n")).expect("a file");
    }
    symlink("..1", folder.path("..data")).expect("a link");
    symlink("..data/transom.yaml", folder.path("transom.yaml")).expect("a link");
    let settings = folder.path("transom.yaml").display().to_string();
    let server = Server::start_in(folder, &["--settings", &settings]);
    let is_allowed =
        async || server.client().ask("/validate", &review("1", bad_pod())).await["response"]["allowed"] == true;
    assert!(!is_allowed().await);
    symlink("..2", server.folder.path("..data_tmp")).expect("a link");
    fs::rename(server.folder.path("..data_tmp"), server.folder.path("..data")).expect("a swap");
    eventually("the new settings", is_allowed).await;
    fs::remove_file(server.folder.path("..data")).expect("a link");
    server.wait_for_line(|line| line["what"] == "settings");
    assert!(is_allowed().await, "settings that are gone stay in force");
}

/// A Pod whose name makes the moody module do something.
fn moody(what: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": what, "namespace": "shop"}})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_module_that_misbehaves_is_answered_for() {
    for (flag, open) in [("--fail-closed", false), ("--fail-open", true)] {
        let folder = Folder::new();
        let module = folder.put("moody.wasm", moody_module("1")).display().to_string();
        for keep in [&[][..], &["--keep-instances"]] {
            let folder = Folder::new();
            let server = Server::start_in(folder, &[&["--module", &module, flag, "--timeout", "300ms"], keep].concat());
            let load = load_on(&server);
            let client = server.client();
            for (what, kind) in [("!trap", "trap"), ("!loop", "timeout"), ("!eat", "memory"), ("!uid", "answer")] {
                let response = client.ask("/validate", &review("7", moody(what))).await["response"].clone();
                assert_eq!((&response["uid"], &response["allowed"]), (&json!("7"), &json!(open)), "{what}: {response}");
                assert_eq!(response["auditAnnotations"]["not-judged"], kind);
                let text = if open { &response["warnings"][0] } else { &response["status"]["message"] };
                assert!(text.as_str().is_some_and(|text| text.contains("could not judge")), "{response}");
                if what == "!uid" {
                    continue;
                }
                let decision = client.ask("/kyverno", &json!({"object": moody(what)})).await;
                assert_eq!(decision["allowed"], open, "{what}");
                let (status, _) = client.post("/evaluate", moody(what).to_string()).await.expect("an answer");
                assert_eq!(status, if open { 200 } else { 500 }, "{what}");
                let keys = [moody(what).to_string(), good_pod().to_string()];
                let provider = client
                    .ask(
                        "/gatekeeper",
                        &json!({"apiVersion": "externaldata.gatekeeper.sh/v1beta1",
                    "kind": "ProviderRequest", "request": {"keys": keys}}),
                    )
                    .await;
                let items = &provider["response"]["items"];
                assert_eq!(items[0]["error"].is_string(), !open, "{what}: {items}");
                assert_eq!(items[1]["value"]["allowed"], true, "{what}: the other key is judged");
            }
            load.go_on(10).await;
            load.end().await;
            assert_eq!(server.metric(r#"transom_engine_errors_total{kind="timeout"}"#).await, 4);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_much_is_refused_at_once_and_can_be_tried_again() {
    let folder = Folder::new();
    let module = folder.put("moody.wasm", moody_module("1")).display().to_string();
    let server = Server::start_in(folder, &["--module", &module, "--timeout", "400ms", "--max-concurrent", "1"]);
    let client = server.client();
    // Each holds the only turn for as long as it may; who waits longer than that is sent away.
    let mut all = JoinSet::new();
    for number in 0..60 {
        let client = client.clone();
        all.spawn(async move {
            let uid = number.to_string();
            let response = client.ask("/validate", &review(&uid, moody("!loop"))).await["response"].clone();
            assert_eq!((&response["uid"], &response["allowed"]), (&json!(uid), &json!(false)));
            if response["status"]["code"] == 429 {
                assert_eq!(response["status"]["details"]["retryAfterSeconds"], 1);
            }
            response["status"]["code"].as_u64().unwrap_or_default()
        });
    }
    let codes = all.join_all().await;
    assert!(codes.contains(&429) && codes.contains(&500), "{codes:?}");
    let shed = codes.iter().filter(|code| **code == 429).count();
    assert_eq!(server.metric(r#"transom_requests_total{endpoint="validate",outcome="shed"}"#).await, shed as u64);
    assert_eq!(client.ask("/validate", &review("after", good_pod())).await["response"]["allowed"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_clients_and_halves_of_bodies() {
    let server = Server::start(&["--read-timeout", "700ms"]);
    let client = server.client();
    let load = load_on(&server);
    let body = review("1", good_pod()).to_string();
    let head = format!("POST /validate HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n\r\n", body.len());

    let mut slow = client.connect(b"http/1.1").await.expect("a connection");
    slow.write_all(head.as_bytes()).await.expect("a head");
    slow.write_all(&body.as_bytes()[..10]).await.expect("a part");
    let mut text = String::new();
    slow.read_to_string(&mut text).await.expect("an answer");
    assert!(text.starts_with("HTTP/1.1 408"), "{text}");
    assert!(text.contains("did not come within 700ms"), "{text}");

    // Who is slow but not too slow is answered.
    let mut steady = client.connect(b"http/1.1").await.expect("a connection");
    steady.write_all(head.as_bytes()).await.expect("a head");
    for part in body.as_bytes().chunks(body.len().div_ceil(5)) {
        steady.write_all(part).await.expect("a part");
        steady.flush().await.expect("sent");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let mut answer = [0; 12];
    steady.read_exact(&mut answer).await.expect("an answer");
    assert_eq!(&answer, b"HTTP/1.1 200");

    // Who has said all there is to say may close his half, and is answered.
    let mut done = client.connect(b"http/1.1").await.expect("a connection");
    done.write_all(format!("{head}{body}").as_bytes()).await.expect("a request");
    done.shutdown().await.expect("an end");
    let mut text = String::new();
    done.read_to_string(&mut text).await.expect("an answer");
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");

    // One who announces too much and stops is not told that it was slow.
    let mut large = client.connect(b"http/1.1").await.expect("a connection");
    let too_much = "POST /validate HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100000000\r\n\r\n{";
    large.write_all(too_much.as_bytes()).await.expect("a head");
    let mut text = String::new();
    large.read_to_string(&mut text).await.expect("an answer");
    assert!(text.starts_with("HTTP/1.1 413"), "{text}");

    let mut gone = client.connect(b"http/1.1").await.expect("a connection");
    gone.write_all(head.as_bytes()).await.expect("a head");
    gone.write_all(&body.as_bytes()[..10]).await.expect("a part");
    gone.flush().await.expect("sent");
    drop(gone);
    load.go_on(20).await;
    load.end().await;
    eventually("nothing is left of them", async || server.metric("transom_requests_in_flight").await == 0).await;
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_too_large_or_too_deep() {
    let server = Server::start(&["--max-body", "4194304"]);
    let client = server.client();
    let mut three = good_pod();
    three["metadata"]["annotations"] = json!({"large": "x".repeat(3 << 20)});
    assert_eq!(client.ask("/validate", &review("1", three)).await["response"]["allowed"], true);

    let before = server.memory();
    let hundred = vec![b' '; 100 << 20];
    for path in ["/validate", "/gatekeeper", "/kyverno"] {
        let (status, text) = client.post(path, hundred.clone()).await.expect("an answer");
        assert_eq!(status, 413, "{path}");
        assert!(text.contains("longer than 4194304 bytes"), "{text}");
    }
    // Without its length beforehand, too: HTTP/2 does not announce that of a stream.
    let mut http2 = client.http2().await.expect("a connection");
    let sent = http2.send_request(request("/evaluate", hundred)).await.expect("an answer");
    assert_eq!(answer(sent).await.expect("an answer").0, 413);
    let grown = server.memory().saturating_sub(before);
    assert!(grown < 50 << 20, "400 MB were sent and {grown} bytes kept");

    let deep = format!("{}{}", "[".repeat(1_000_000), "]".repeat(1_000_000));
    let mut pod = good_pod();
    pod["spec"]["deep"] = "DEEP".into();
    let body = review("2", pod).to_string().replace("\"DEEP\"", &deep);
    let (status, text) = client.post("/validate", body).await.expect("an answer");
    assert_eq!(status, 200, "{text}");
    assert_eq!(serde_json::from_str::<Value>(&text).expect("JSON")["response"]["uid"], "2");
    assert_eq!(client.post("/evaluate", deep).await.expect("an answer").0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_idle_connections() {
    let server = Server::start(&[]);
    let client = server.client();
    let mut idle = Vec::new();
    for _ in 0..1_000 {
        idle.push(client.http1().await.expect("a connection"));
    }
    let load = load_on(&server);
    load.go_on(100).await;
    load.end().await;
    let last = idle.last_mut().expect("a connection");
    let sent =
        last.send_request(request("/validate", review("idle", good_pod()).to_string())).await.expect("an answer");
    assert_eq!(answer(sent).await.expect("an answer").0, 200);
    drop(idle);
    eventually("all are gone", async || server.metric("transom_connections").await <= 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_past_the_limit_are_closed_and_counted() {
    let server = Server::start(&["--max-connections", "5"]);
    let client = server.client();
    let mut held = Vec::new();
    for _ in 0..5 {
        held.push(client.http1().await.expect("a connection"));
    }
    assert!(client.http1().await.is_err());
    drop(held);
    eventually("a free place", async || client.get("/livez").await.is_ok()).await;
    assert!(server.metric(r#"transom_connection_failures_total{reason="too-many"}"#).await >= 1);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn every_request_is_answered_when_it_is_told_to_stop_under_load() {
    let folder = Folder::new();
    let module = folder.put("moody.wasm", moody_module("1")).display().to_string();
    let mut server = Server::start_in(folder, &["--module", &module, "--timeout", "4s"]);
    let load = load_on(&server);
    load.go_on(50).await;
    // One that is still being judged when nothing is accepted any more.
    let slow = {
        let client = server.client();
        tokio::spawn(async move { client.ask("/validate", &review("slow", moody("!loop"))).await })
    };
    // Who has begun a request, or a handshake, and does not go on is waited for by nobody.
    let mut begun = server.client().connect(b"http/1.1").await.expect("a connection");
    begun.write_all(b"POST /validate HTTP/1.1\r\nhost:").await.expect("a part");
    begun.flush().await.expect("sent");
    let silent = tokio::net::TcpStream::connect(("127.0.0.1", server.port)).await.expect("a connection");
    tokio::time::sleep(Duration::from_millis(300)).await;
    server.signal("TERM");
    server.wait_for_line(|line| line["message"] == "stopping");
    let unready = server.client().get("/readyz").await.expect("it still answers");
    assert_eq!(unready.0, 503);
    assert!(server.wait().success());
    assert_eq!(slow.await.expect("an answer")["response"]["uid"], "slow");
    assert!(load.end().await >= 50);
    server.wait_for_line(|line| line["message"] == "stopped");
    drop((begun, silent));
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn who_asks_twice_waits_for_nobody() {
    let folder = Folder::new();
    let module = folder.put("moody.wasm", moody_module("1")).display().to_string();
    let long = ["--timeout", "40s", "--drain-timeout", "40s"];
    let mut server = Server::start_in(folder, &[&["--module", module.as_str()][..], &long].concat());
    let client = server.client();
    let endless = review("endless", moody("!loop")).to_string();
    let endless = tokio::spawn(async move { client.post("/validate", endless).await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    server.signal("TERM");
    server.wait_for_line(|line| line["message"] == "stopping");
    tokio::time::sleep(Duration::from_millis(1500)).await;
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(1));
    server.wait_for_line(|line| line["message"] == "asked to stop a second time: nobody is waited for");
    assert!(endless.await.expect("it ran").is_err(), "nobody answered it");
}
