//! What each kind of client gets.

use std::fs;

use base64::Engine as _;
use serde_json::{Value, json};

use crate::support::{BOTH, Client, Folder, Server, answer, bad_pod, command, eventually, good_pod, request, review};

#[tokio::test(flavor = "multi_thread")]
async fn webhooks() {
    let server = Server::start(&["--exempt-namespace", "kube-system"]);
    let client = server.client();
    let (_, metrics) = client.get("/metrics").await.expect("metrics");
    for line in [
        r#"transom_reloads_total{what="settings",result="taken"} 0"#,
        r#"transom_reloads_total{what="certificate",result="refused"} 0"#,
        r#"transom_engine_errors_total{kind="timeout"} 0"#,
    ] {
        assert!(metrics.lines().any(|found| found == line), "{line}\n{metrics}");
    }

    let refused = client.ask("/validate", &review("a-1", bad_pod())).await;
    assert_eq!(refused["apiVersion"], "admission.k8s.io/v1");
    let response = &refused["response"];
    assert_eq!((&response["uid"], &response["allowed"]), (&json!("a-1"), &json!(false)));
    assert_eq!(response["status"]["code"], 403);
    assert!(response["status"]["message"].as_str().is_some_and(|m| m.contains("WIN101")), "{response}");
    assert_eq!(response["patch"], Value::Null);
    let line = server.wait_for_line(|line| line["uid"] == "a-1");
    assert_eq!(
        (&line["outcome"], &line["namespace"], &line["name"]),
        (&json!("denied"), &json!("shop"), &json!("web"))
    );

    let allowed = client.ask("/validate", &review("a-2", good_pod())).await;
    assert_eq!(allowed["response"]["allowed"], true);

    // Whoever calls /mutate wants the fix, and with it the object is let in.
    let mended = client.ask("/mutate", &review("a-3", bad_pod())).await;
    assert_eq!(mended["response"]["allowed"], true);
    assert_eq!(mended["response"]["patchType"], "JSONPatch");
    let unchanged = client.ask("/mutate", &review("a-4", good_pod())).await;
    assert_eq!(unchanged["response"]["patch"], Value::Null);

    let mut exempt = bad_pod();
    exempt["metadata"]["namespace"] = "kube-system".into();
    assert_eq!(client.ask("/validate", &review("a-5", exempt.clone())).await["response"]["allowed"], true);
    // Settings of a request's own take nothing of that away.
    let mut with_settings = review("a-5", exempt.clone());
    with_settings["settings"] = json!({});
    assert_eq!(client.ask("/validate", &with_settings).await["response"]["allowed"], true);
    let own = json!({"settings": {"platform": "aks"}, "request": exempt});
    assert_eq!(client.ask("/evaluate", &own).await["allowed"], true);
    let keys = json!({"keys": [own.to_string()]});
    let ask = json!({"apiVersion": "externaldata.gatekeeper.sh/v1beta1", "kind": "ProviderRequest", "request": keys});
    assert_eq!(client.ask("/gatekeeper", &ask).await["response"]["items"][0]["value"]["allowed"], true);
    // A byte order mark says nothing.
    let marked = format!("\u{feff}{}", review("a-8", good_pod()));
    assert_eq!(client.post("/validate", marked).await.expect("an answer").0, 200);
    let mut deleted = review("a-6", Value::Null);
    deleted["request"]["operation"] = "DELETE".into();
    assert_eq!(client.ask("/validate", &deleted).await["response"]["allowed"], true);
    let mut old = review("a-7", good_pod());
    old["apiVersion"] = "admission.k8s.io/v1beta1".into();
    assert_eq!(client.ask("/validate", &old).await["apiVersion"], "admission.k8s.io/v1beta1");

    for (body, why) in [
        (String::new(), "EOF"),
        ("{}".into(), "no AdmissionReview"),
        (json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview"}).to_string(), "no request"),
        (
            r#"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"1"}},"settings":{}"#
                .into(),
            "trailing",
        ),
        // What reads structs takes arrays for them.
        (r#"["admission.k8s.io/v1","AdmissionReview",{"uid":"1"}]"#.into(), "an object"),
        (r#"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":["1"]}"#.into(), "an object"),
    ] {
        let (status, text) = client.post("/validate", body.clone()).await.expect("an answer");
        assert_eq!(status, 400, "{body}");
        let status: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(status["kind"], "Status");
        assert!(status["message"].as_str().is_some_and(|message| message.contains(why)), "{text}");
    }
    assert_eq!(client.get("/validate").await.expect("an answer").0, 405);
    assert_eq!(client.get("/elsewhere").await.expect("an answer").0, 404);
    assert_eq!(server.metric(r#"transom_requests_total{endpoint="validate",outcome="denied"}"#).await, 1);
    assert_eq!(server.metric(r#"transom_requests_total{endpoint="validate",outcome="invalid"}"#).await, 6);
    assert_eq!(server.metric(r#"transom_findings_total{endpoint="mutate",rule="WIN101"}"#).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn gatekeeper() {
    let server = Server::start(&[]);
    let keys = [
        bad_pod().to_string(),
        good_pod().to_string(),
        review("1", bad_pod())["request"].to_string(),
        base64::engine::general_purpose::STANDARD.encode(bad_pod().to_string()),
        "no \u{1f600}\u{7} \"JSON".into(),
        "1".into(),
    ];
    let ask = json!({"apiVersion": "externaldata.gatekeeper.sh/v1beta1", "kind": "ProviderRequest", "request": {"keys": keys}});
    // Gatekeeper takes nothing older.
    let client = Client::with(server.port, &server.folder.path("ca.crt"), &[&rustls::version::TLS13], None);
    let answer = client.ask("/gatekeeper", &ask).await;
    assert_eq!(answer["kind"], "ProviderResponse");
    assert_eq!((&answer["response"]["systemError"], &answer["response"]["idempotent"]), (&json!(""), &json!(true)));
    let items = answer["response"]["items"].as_array().expect("items");
    let back: Vec<&str> = items.iter().filter_map(|item| item["key"].as_str()).collect();
    assert_eq!(back, keys);
    assert_eq!(items[0]["value"]["allowed"], false);
    assert!(items[0]["value"]["message"].as_str().is_some_and(|message| message.contains("WIN101")));
    assert_eq!((&items[1]["value"]["allowed"], &items[1]["value"]["message"]), (&json!(true), &json!("")));
    assert_eq!(items[2]["value"]["uid"], "1");
    assert_eq!(items[3]["value"], items[0]["value"]);
    for item in &items[4..] {
        assert!(item["error"].as_str().is_some_and(|error| error.contains("not the JSON of an object")), "{item}");
    }
    let (status, text) = client.post("/gatekeeper", "{}").await.expect("an answer");
    assert_eq!(status, 400);
    let answer: Value = serde_json::from_str(&text).expect("JSON");
    assert!(answer["response"]["systemError"].as_str().is_some_and(|error| error.contains("no ProviderRequest")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_taken_is_neither_logged_nor_sent_back() {
    let server = Server::start(&["--native"]);
    let client = server.client();
    for (path, body) in [
        ("/validate", json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": "a secret"})),
        ("/evaluate", json!({"request": good_pod(), "context": "a secret".repeat(1_000)})),
    ] {
        let (status, text) = client.post(path, body.to_string()).await.expect("an answer");
        assert!(status == 400 && text.len() < 1_000 && !text.contains("secret"), "{path}: {status} {text}");
    }
    let provider = |version: &str| {
        json!({"apiVersion": format!("externaldata.gatekeeper.sh/{version}"), "kind": "ProviderRequest",
            "request": {"keys": ["\"a secret\""]}})
    };
    let items = &client.ask("/gatekeeper", &provider("v1beta1")).await["response"]["items"];
    assert!(items[0]["error"].as_str().is_some_and(|error| !error.contains("secret")), "{items}");
    assert_eq!(client.post("/gatekeeper", provider("v9").to_string()).await.expect("an answer").0, 400);

    let mut packed = request("/evaluate", good_pod().to_string());
    packed.headers_mut().insert("content-encoding", "gzip".parse().expect("a name"));
    let sent = client.http1().await.expect("a connection").send_request(packed).await.expect("an answer");
    assert_eq!(answer(sent).await.expect("an answer").0, 415);

    let mut many = good_pod();
    many["spec"]["containers"] = vec![json!({}); 200_000].into();
    let response = client.ask("/mutate", &review(&"9".repeat(2_000), many)).await["response"].clone();
    assert_eq!((&response["allowed"], &response["auditAnnotations"]["not-judged"]), (&json!(false), &json!("memory")));
    server.wait_for_line(|line| line["error"].as_str().is_some_and(|error| error.contains("arrays and objects")));
    for line in server.lines() {
        let line = line.to_string();
        assert!(line.len() < 4_000 && !line.contains("secret"), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn kyverno_and_anybody() {
    let server = Server::start(&[]);
    let client = server.client();
    let decision = client.ask("/kyverno", &json!({"object": bad_pod(), "request": null})).await;
    assert_eq!(decision["allowed"], false);
    assert!(decision["message"].as_str().is_some_and(|message| message.contains("WIN101")));
    assert_eq!(
        decision["patch"],
        json!([{"op": "add", "path": "/spec/nodeSelector", "value": {"kubernetes.io/os": "windows"}}])
    );
    for (mutate, fixes) in [(json!("off"), 0), (json!(false), 0), (json!("safe"), 1), (Value::Null, 1)] {
        let call = json!({"object": bad_pod(), "settings": {"mutate": mutate}});
        let decision = client.ask("/kyverno", &call).await;
        assert_eq!(decision["patch"].as_array().map(Vec::len), Some(fixes), "{mutate}: {decision}");
        assert_eq!(decision["findings"].as_array().map(Vec::is_empty), Some(false), "{decision}");
    }
    let mut update = review("k", good_pod())["request"].clone();
    update["operation"] = "UPDATE".into();
    let call = json!({"object": bad_pod(), "request": update, "settings": {"rules": {"WIN101": "warn"}}});
    let decision = client.ask("/kyverno", &call).await;
    assert_eq!((&decision["allowed"], &decision["message"], &decision["uid"]), (&json!(true), &json!(""), &json!("k")));
    assert_eq!(decision["object"]["name"], "web", "the object counts more than that of the request");
    fits_the_schema(&decision);
    fits_the_schema(&client.ask("/evaluate", &bad_pod()).await);
    let (_, unread) = client.post("/evaluate", "{").await.expect("an answer");
    fits_the_schema(&serde_json::from_str(&unread).expect("a Decision"));
    let (status, text) = client.post("/kyverno", "{}").await.expect("an answer");
    assert_eq!(status, 400);
    let decision: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(decision["allowed"], false);
    assert!(decision["message"].as_str().is_some_and(|message| message.contains("pass `object`")));

    // Suppressions end: the server says which day it is, and a client may say another.
    let mut hidden = bad_pod();
    hidden["metadata"]["annotations"] = json!({"transom.dev/ignore.windows-pod-not-pinned": "until=2300-01-31 later"});
    assert_eq!(client.ask("/evaluate", &hidden).await["allowed"], true);
    assert_eq!(client.ask("/evaluate", &json!({"now": "2301-01-01", "request": hidden})).await["allowed"], false);
    assert_eq!(client.ask("/evaluate", &review("e", bad_pod())).await["uid"], "e");
    assert_eq!(client.post("/evaluate", "{").await.expect("an answer").0, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_module_and_the_rules_built_in_say_the_same() {
    let module = host_test::module().display().to_string();
    let folder = || {
        let folder = Folder::new();
        folder.put("transom.yaml", "platform: aks\nmutate: safe\n");
        folder
    };
    let mut answers = Vec::new();
    for arguments in [vec!["--native"], vec!["--module", &module], vec!["--module", &module, "--keep-instances"]] {
        let folder = folder();
        let settings = folder.path("transom.yaml").display().to_string();
        let server = Server::start_in(folder, &[&arguments[..], &["--settings", &settings]].concat());
        let mut all = Vec::new();
        for object in [bad_pod(), good_pod()] {
            for path in ["/validate", "/mutate", "/evaluate"] {
                all.push(server.client().post(path, review("1", object.clone()).to_string()).await.expect("an answer"));
            }
        }
        answers.push(all);
    }
    assert_eq!(answers[0], answers[1], "fresh instances");
    assert_eq!(answers[0], answers[2], "kept instances");
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_in_a_module_hold_where_there_is_no_file() {
    let baked = |settings: &str| {
        let module = fs::read(host_test::module()).expect("a module");
        transom_bake::bake(&module, settings).expect("a module")
    };
    let folder = Folder::new();
    let module = folder.put("baked.wasm", baked(r#"{"rules": {"WIN101": "warn"}}"#)).display().to_string();
    let server = Server::start_in(folder, &["--module", &module, "--exempt-namespace", "kube-system"]);
    let client = server.client();
    let response = client.ask("/validate", &review("1", bad_pod())).await["response"].clone();
    assert_eq!((&response["allowed"], &response["patch"]), (&json!(true), &Value::Null));
    assert!(response["warnings"][0].as_str().is_some_and(|warning| warning.starts_with("WIN101")), "{response}");
    let mended = client.ask("/mutate", &review("2", bad_pod())).await["response"].clone();
    assert_eq!(mended["patchType"], "JSONPatch", "who calls it wants fixes");
    let mut exempt = bad_pod();
    exempt["metadata"]["namespace"] = "kube-system".into();
    assert_eq!(client.ask("/evaluate", &exempt).await["findings"], json!([]));

    // What would have been mended is judged as it is where nothing may be changed.
    server.folder.put("baked.wasm", baked(r#"{"mutate": "safe", "rules": {"WIN109": "off"}}"#));
    eventually("the new module", async || {
        let response = client.ask("/validate", &review("3", bad_pod())).await["response"].clone();
        assert_eq!(response["patch"], Value::Null);
        response["allowed"] == false
    })
    .await;
    server.folder.put("baked.wasm", baked(r#"{"mutate": "off"}"#));
    eventually("the module that fixes nothing", async || {
        client.ask("/mutate", &review("4", bad_pod())).await["response"]["patch"].is_null()
    })
    .await;
    assert_eq!(client.ask("/kyverno", &json!({"object": bad_pod()})).await["patch"], json!([]));

    // A file counts more, even where it says nothing.
    let folder = Folder::new();
    let module = folder.put("baked.wasm", baked(r#"{"rules": {"WIN101": "warn"}}"#)).display().to_string();
    let settings = folder.put("transom.yaml", "{}\n").display().to_string();
    let server = Server::start_in(folder, &["--module", &module, "--settings", &settings]);
    assert_eq!(server.client().ask("/validate", &review("5", bad_pod())).await["response"]["allowed"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn warnings_are_as_many_as_the_api_server_passes_on() {
    let image = |number: usize| {
        json!({"name": format!("c{number}"), "image": "mcr.microsoft.com/windows/nanoserver:ltsc2022",
            "securityContext": {"runAsUser": 1000, "readOnlyRootFilesystem": true}})
    };
    let mut pod = bad_pod();
    pod["spec"]["containers"] = (0..60).map(image).collect();
    for arguments in [&[][..], &["--dry-run"]] {
        let server = Server::start(arguments);
        let response = server.client().ask("/validate", &review("1", pod.clone())).await["response"].clone();
        let warnings: Vec<&str> =
            response["warnings"].as_array().expect("warnings").iter().flat_map(Value::as_str).collect();
        assert!(warnings.iter().map(|warning| warning.len()).sum::<usize>() < 4096, "{warnings:#?}");
        let more = warnings.last().and_then(|last| last.strip_prefix("and ")?.strip_suffix(" more")?.parse().ok());
        let decision = server.client().ask("/evaluate", &pod).await;
        let findings = decision["findings"].as_array().expect("findings").iter();
        let counts = |action: &Value| action == "warn" || (action == "deny" && !arguments.is_empty());
        let all = findings.filter(|finding| counts(&finding["action"])).count();
        assert_eq!(more.map(|more: usize| more + warnings.len() - 1), Some(all), "{warnings:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_lets_everything_in_and_says_what_it_would_do() {
    let server = Server::start(&["--dry-run"]);
    let client = server.client();
    for path in ["/validate", "/mutate"] {
        let response = client.ask(path, &review("1", bad_pod())).await["response"].clone();
        assert_eq!((&response["allowed"], &response["patch"]), (&json!(true), &Value::Null), "{path}");
    }
    let response = client.ask("/validate", &review("1", bad_pod())).await["response"].clone();
    let why = "would be refused: WIN101 /spec: this pod is meant for Windows, ";
    assert!(response["warnings"][0].as_str().is_some_and(|warning| warning.starts_with(why)), "{response}");
    assert_eq!(response["auditAnnotations"]["would-be"], "refused");
    let decision = client.ask("/kyverno", &json!({"object": bad_pod()})).await;
    assert_eq!((&decision["allowed"], &decision["patch"]), (&json!(true), &json!([])));
    assert_eq!(decision["dryRun"]["allowed"], false);
    fits_the_schema(&decision);
    assert_eq!(server.metric(r#"transom_requests_total{endpoint="validate",outcome="would-deny"}"#).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_protocol() {
    let server = Server::start(&[]);
    let ca = server.folder.path("ca.crt");
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let client = Client::with(server.port, &ca, &[version], None);
        let body = review("1", good_pod()).to_string();
        let mut http1 = client.http1().await.expect("a connection");
        let mut http2 = client.http2().await.expect("a connection");
        for _ in 0..3 {
            let sent = http1.send_request(request("/validate", body.clone())).await.expect("an answer");
            assert_eq!(answer(sent).await.expect("an answer").0, 200);
            let sent = http2.send_request(request("/validate", body.clone())).await.expect("an answer");
            assert_eq!(answer(sent).await.expect("an answer").0, 200);
        }
    }
    assert_eq!(server.client().get("/livez").await.expect("an answer"), (200, "ok\n".into()));
    assert_eq!(server.client().get("/readyz").await.expect("an answer").0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_show_a_certificate_where_one_is_asked_for() {
    let (clients, strangers) = (Folder::new(), Folder::new());
    clients.certs();
    strangers.certs();
    let client_ca = clients.path("ca.crt").display().to_string();
    let server = Server::start(&["--client-ca", &client_ca]);
    let ca = server.folder.path("ca.crt");
    let of = |folder: &Folder| (folder.path("tls.crt"), folder.path("tls.key"));
    let body = review("1", good_pod()).to_string();

    let (cert, key) = of(&clients);
    let known = Client::with(server.port, &ca, BOTH, Some((&cert, &key)));
    assert_eq!(known.post("/validate", body.clone()).await.expect("an answer").0, 200);
    let nobody = server.client();
    assert_eq!(nobody.post("/validate", body.clone()).await.expect("an answer").0, 403);
    assert_eq!(nobody.get("/readyz").await.expect("an answer").0, 200, "a kubelet has no certificate");
    // What is refused unread is read all the same: a client that still sends may not see an answer.
    let long = "x".repeat(1 << 20);
    let mut http2 = nobody.http2().await.expect("a connection");
    for (path, status) in [("/validate", 403), ("/elsewhere", 404), ("/readyz", 405)].repeat(5) {
        let sent = http2.send_request(request(path, long.clone())).await.expect("an answer");
        assert_eq!(answer(sent).await.expect("an answer").0, status, "{path}");
        assert_eq!(nobody.post(path, long.clone()).await.expect("an answer").0, status, "{path}");
    }
    let (cert, key) = of(&strangers);
    let stranger = Client::with(server.port, &ca, BOTH, Some((&cert, &key)));
    assert!(stranger.post("/validate", body).await.is_err(), "a certificate of another CA ends the handshake");
}

/// A key of a kind that rustls does not know.
const ED448: &str = "\
-----BEGIN PRIVATE KEY-----
MEcCAQAwBQYDK2VxBDsEOXyzv6m6k4Q3G2Ii4SkawoJFqgBLGaoZg5lSBteZ10nd
aNfcW371CGyp1CKSgeDsdbUmlMx36hqt9g==
-----END PRIVATE KEY-----
";

#[test]
fn what_is_wrong_is_said_before_anything_is_served() {
    let folder = Folder::new();
    folder.certs();
    let of = |name: &str| folder.path(name).display().to_string();
    let other = Folder::new();
    other.certs();
    let settings = folder.put("transom.yaml", "platform: aks\nrules:\n  NO: off\n").display().to_string();
    let keys = [
        folder.put("pkcs8.key", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n"),
        folder.put(
            "sec1.key",
            "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nMAA=\n-----END EC PRIVATE KEY-----\n",
        ),
        folder.put("ed448.key", ED448),
    ];
    let [pkcs8, sec1, ed448] = keys.map(|path| path.display().to_string());
    let none = folder.put("none.wasm", "\0asm").display().to_string();
    let other_key = other.path("tls.key").display().to_string();
    for (arguments, why) in [
        (vec!["--http", "--listen", "0.0.0.0:0"], "--http is for loopback alone".to_owned()),
        (vec!["--tls-cert", &of("tls.crt"), "--tls-key", &of("missing")], of("missing")),
        (vec!["--tls-cert", &of("tls.crt"), "--tls-key", &other_key], "is not the key of".into()),
        (vec!["--tls-cert", &of("tls.key"), "--tls-key", &of("tls.key")], "there is no certificate in it".into()),
        (vec!["--http", "--listen", "127.0.0.1:0", "--settings", &settings], format!("{settings}:3:")),
        (vec!["--http", "--listen", "127.0.0.1:0", "--module", &none], none.clone()),
        (vec!["--tls-cert", &of("tls.crt"), "--tls-key", &of("ca.crt")], "there is no private key in it".into()),
        (vec!["--tls-cert", &of("tls.crt"), "--tls-key", &pkcs8], format!("{pkcs8}: the private key is encrypted")),
        (vec!["--tls-cert", &of("tls.crt"), "--tls-key", &sec1], format!("{sec1}: the private key is encrypted")),
        (vec!["--tls-cert", &of("tls.crt"), "--tls-key", &ed448], format!("{ed448}: this key cannot be used")),
        (
            vec!["--http", "--listen", "127.0.0.1:0", "--kubeconfig", &of("none")],
            format!("wrong kubeconfig {}: ", of("none")),
        ),
    ] {
        let output = command().arg("serve").args(&arguments).output().expect("an end");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let log = String::from_utf8_lossy(&output.stderr);
        let line: Value = serde_json::from_str(log.lines().last().unwrap_or_default()).expect("JSON");
        let error = line["error"].as_str().unwrap_or_default();
        assert!(error.contains(&why), "{arguments:?}: {log}");
    }
    for (arguments, why) in [
        (vec!["serve"], "<--tls-cert <FILE>|--http>"),
        (vec!["serve", "--http", "--listen", "localhost:1"], "write it as :8443, or as IP address and port"),
        (vec!["certs", "--out", &of("new"), "--name", "no name"], "`no name` is neither a DNS name nor an IP address"),
    ] {
        let output = command().args(&arguments).output().expect("an end");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(text.contains(why), "{arguments:?}: {text}");
    }
    assert!(!folder.path("new").exists(), "nothing is written");
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_are_put_where_manifests_want_them() {
    let folder = Folder::new();
    let manifest = folder.put(
        "webhook.yaml",
        "\
# Comments stay.
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: transom}
webhooks:
  - name: validate.transom.dev
    clientConfig:
      service: {name: transom, namespace: transom} # here
---
apiVersion: externaldata.gatekeeper.sh/v1beta1
kind: Provider
metadata: {name: transom}
spec:
  url: https://transom.transom.svc/gatekeeper
  caBundle: b2xk
---
apiVersion: v1
kind: List
items:
  - apiVersion: admissionregistration.k8s.io/v1
    kind: MutatingWebhookConfiguration
    metadata: {name: transom}
    webhooks:
      - name: fixes.transom.dev
        clientConfig: {}
",
    );
    let made = command()
        .args(["certs", "--name", "transom.transom.svc", "--name", "127.0.0.1", "--out"])
        .arg(folder.path(""))
        .arg("--inject")
        .arg(&manifest)
        .output()
        .expect("certs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let text = fs::read_to_string(&manifest).expect("a manifest");
    assert!(text.starts_with("# Comments stay.\n") && text.contains("# here"), "{text}");
    let stream = transom_yaml::parse(&text);
    let [webhooks, provider, list] = [0, 1, 2].map(|index| stream.documents[index].value());
    let bundles =
        [&webhooks["webhooks"][0]["clientConfig"], &provider["spec"], &list["items"][0]["webhooks"][0]["clientConfig"]];
    let ca = fs::read(folder.path("ca.crt")).expect("a CA");
    for bundle in bundles {
        let bundle = bundle["caBundle"].as_str().expect("a bundle");
        assert_eq!(base64::engine::general_purpose::STANDARD.decode(bundle).expect("base64"), ca);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(folder.path("tls.key")).expect("a key").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "nobody else reads the key");
    }
    let wrong = folder.put("wrong.yaml", "kind: ConfigMap\n");
    let failed =
        command().args(["certs", "--force", "--out"]).arg(folder.path("")).arg("--inject").arg(&wrong).output();
    assert_eq!(failed.expect("certs").status.code(), Some(2));
    assert_eq!(fs::read(folder.path("ca.crt")).expect("a CA"), ca, "and nothing was written");
}

/// What trusts a CA trusts no server of another one.
#[test]
fn certificates_that_are_there_are_kept() {
    let folder = Folder::new();
    let certs = |arguments: &[&str]| {
        let output = command().args(["certs", "--out"]).arg(folder.path("")).args(arguments).output().expect("certs");
        let said = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
        (output.status.code(), said, fs::read(folder.path("ca.crt")).expect("a CA"))
    };
    let names = ["--name", "transom.transom.svc", "--name", "*.example.com", "--name", "::1"];
    let (status, _, ca) = certs(&names);
    assert_eq!(status, Some(0));
    let manifest = folder.put("provider.yaml", "kind: Provider\nspec: {}\n").display().to_string();
    for names in [&names[..], &names[..2]] {
        let (status, said, kept) = certs(&[names, &["--inject", &manifest]].concat());
        assert_eq!((status, &kept), (Some(0), &ca), "{said}");
        assert!(said.contains(": kept, valid for these names\n") && said.contains("caBundle in 1 places"), "{said}");
    }
    let text = fs::read_to_string(&manifest).expect("a manifest");
    assert!(text.contains(&base64::engine::general_purpose::STANDARD.encode(&ca)), "{text}");

    let (status, said, kept) = certs(&["--name", "elsewhere"]);
    assert_eq!((status, &kept), (Some(2), &ca), "{said}");
    assert!(said.contains("the certificate is not for elsewhere") && said.contains("--force"), "{said}");
    let (status, said, other) = certs(&["--name", "elsewhere", "--force"]);
    assert!(status == Some(0) && other != ca, "{said}");
    folder.put("ca.crt", &ca);
    let (status, said, _) = certs(&["--name", "elsewhere"]);
    assert!(status == Some(2) && said.contains("ca.crt has not signed it"), "{said}");
    fs::remove_file(folder.path("tls.key")).expect("it goes");
    let (status, said, _) = certs(&["--name", "elsewhere"]);
    assert!(status == Some(2) && said.contains("tls.key"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_change_while_requests_are_answered() {
    let folder = Folder::new();
    let settings = folder.put("transom.yaml", "rules: {WIN101: deny}\n").display().to_string();
    let server = Server::start_in(folder, &["--settings", &settings]);
    let client = server.client();
    let is_allowed = async || client.ask("/validate", &review("1", bad_pod())).await["response"]["allowed"] == true;
    assert!(!is_allowed().await);
    server.folder.put("transom.yaml", "rules: {WIN101: warn}\n");
    eventually("the new settings", is_allowed).await;
}

/// Whether a Decision has what its schema demands, and nothing that it does not name.
fn fits_the_schema(decision: &Value) {
    let schema: Value =
        serde_json::from_str(include_str!("../../../../schemas/decision.schema.json")).expect("a schema");
    let fields = decision.as_object().unwrap_or_else(|| panic!("no object: {decision}"));
    for name in fields.keys() {
        assert!(!schema["properties"][name].is_null(), "{name} in {decision}");
    }
    for name in schema["required"].as_array().expect("names").iter().filter_map(Value::as_str) {
        assert!(fields.contains_key(name), "no {name} in {decision}");
    }
}
