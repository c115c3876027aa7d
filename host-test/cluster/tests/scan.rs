//! `transom scan` of a real API server: what is in it, with rights to read and no others, and what its audit
//! log says went in.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};

use cluster::pods::{GOOD, UNPINNED, in_namespace, pod};
use cluster::server::command_line;
use cluster::{Answer, Cluster, reports};
use serde_json::{Value, json};

fn main() -> ExitCode {
    cluster::tests(
        start,
        &[
            ("what is in a cluster", scans),
            ("every format", formats),
            ("nothing but reading", reads_only),
            ("no cluster", none),
            ("an audit log", replays),
        ],
    )
}

struct World {
    cluster: Cluster,
    /// Of somebody who may read everything, and write nothing.
    reader: PathBuf,
}

fn start() -> Option<World> {
    let cluster = Cluster::start(Path::new(env!("CARGO_BIN_EXE_cluster")))?;
    cluster.add_node(&json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "w2022", "labels": {
        "kubernetes.io/os": "windows", "kubernetes.io/arch": "amd64", "node.kubernetes.io/windows-build": "10.0.20348"}}}));
    for namespace in ["shop", "calm", "metadata"] {
        cluster.create(&json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}));
    }
    let deployment = cluster.create(&deployment("web", UNPINNED));
    // What a Deployment has made is judged with it.
    let mut owned = in_namespace("shop", &pod("web-1", UNPINNED));
    owned["metadata"]["ownerReferences"] = json!([{"apiVersion": "apps/v1", "kind": "Deployment", "name": "web",
        "uid": deployment["metadata"]["uid"], "controller": true}]);
    cluster.create(&owned);
    cluster.create(&in_namespace("shop", &pod("single", UNPINNED)));
    cluster.create(&in_namespace("metadata", &pod("unknown", GOOD)));
    for number in 0..5 {
        cluster.create(&in_namespace("calm", &pod(&format!("good-{number}"), GOOD)));
    }
    let patch = json!({"metadata": {"labels": {"touched": "yes"}}});
    cluster
        .client()
        .merge(&in_namespace("shop", &pod("single", UNPINNED)), "", &patch)
        .and_then(Answer::ok)
        .expect("patched");

    cluster.create(&json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "reader"}}));
    cluster.create(
        &json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "reader"},
        "rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["list"]}]}),
    );
    cluster.create(&json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
        "metadata": {"name": "reader"}, "subjects": [{"kind": "ServiceAccount", "name": "reader", "namespace": "default"}],
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "reader"}}));
    let asked = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}});
    let path = "/api/v1/namespaces/default/serviceaccounts/reader/token";
    let token = cluster.client().post(path, &asked).and_then(Answer::ok).expect("a token");
    let token = token["status"]["token"].as_str().expect("a token").to_owned();
    let reader = cluster.kubeconfig_of("reader", cluster.client().server(), &token);
    Some(World { cluster, reader })
}

fn deployment(name: &str, spec: &str) -> Value {
    let template = pod(name, spec);
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": "shop"}, "spec": {
        "selector": {"matchLabels": {"app": name}},
        "template": {"metadata": {"labels": {"app": name}}, "spec": template["spec"]}}})
}

/// `transom scan`, in a folder without settings.
fn scan(world: &World, arguments: &[&str]) -> Output {
    let mut command = Command::new(command_line());
    command.args(["scan", "--isolated"]).args(arguments).current_dir(world.cluster.folder());
    command.output().expect("it runs")
}

fn live(world: &World, arguments: &[&str]) -> Output {
    let kubeconfig = format!("--kubeconfig={}", world.reader.display());
    scan(world, &[&[kubeconfig.as_str(), "--context=test"], arguments].concat())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text")
}

/// File and rule of every finding.
fn found(output: &Output) -> Vec<(String, String)> {
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    let mut found = Vec::new();
    for file in report["files"].as_array().expect("files") {
        for document in file["documents"].as_array().expect("documents") {
            for finding in document["decision"]["findings"].as_array().expect("findings") {
                let text = |value: &Value| value.as_str().expect("text").to_owned();
                found.push((text(&file["path"]), text(&finding["rule"])));
            }
        }
    }
    found
}

fn scans(world: &World) {
    let all = live(world, &["--output=json"]);
    assert_eq!(all.status.code(), Some(1), "{}", text(&all.stderr));
    let errors: Vec<_> = found(&all).into_iter().filter(|(_, rule)| rule == "WIN101").collect();
    let expected =
        ["shop/deployment/web.yaml", "shop/pod/single.yaml"].map(|file| (file.to_owned(), "WIN101".to_owned()));
    assert_eq!(errors, expected);
    // Nodes are looked at, too: this one has no taint.
    assert!(found(&all).contains(&("node/w2022.yaml".to_owned(), "WIN907".to_owned())), "{:?}", found(&all));
    for page in ["1", "3"] {
        let paged = live(world, &["--output=json", "--page-size", page, "-A"]);
        assert_eq!(found(&paged), found(&all), "in pages of {page}");
    }
    let calm = live(world, &["-n", "calm"]);
    assert_eq!(calm.status.code(), Some(0), "{}{}", text(&calm.stdout), text(&calm.stderr));
    assert!(text(&calm.stderr).contains("no problems in 5 objects"), "{}", text(&calm.stderr));
    let shop = live(world, &["-n", "shop", "--color=never"]);
    let shown = text(&shop.stdout);
    assert!(shown.contains("--> shop/deployment/web.yaml:") && shown.contains("in Deployment shop/web"), "{shown}");
    assert!(!shown.contains("managedFields"), "{shown}");
}

fn formats(world: &World) {
    for format in ["text", "json", "sarif", "junit", "github", "gitlab", "agent", "openreports"] {
        let file = world.cluster.folder().join(format!("scan.{format}"));
        let output = live(world, &["-n", "shop", "-o", &format!("{format}={}", file.display())]);
        assert_eq!(output.status.code(), Some(1), "{format}: {}", text(&output.stderr));
        let written = std::fs::read_to_string(&file).expect("a report");
        let id = if format == "gitlab" { "windows-pod-not-pinned" } else { "WIN101" };
        assert!(written.contains(id), "{format}: {written}");
        if matches!(format, "json" | "sarif" | "gitlab" | "openreports") {
            serde_json::from_str::<Value>(&written).unwrap_or_else(|error| panic!("{format}: {error}"));
        }
    }
    // Of Nodes, too, which are in no namespace.
    let all: Value = serde_json::from_slice(&live(world, &["-A", "--output=openreports"]).stdout).expect("JSON");
    let reports = all["items"].as_array().expect("reports");
    assert!(reports.iter().any(|report| report["kind"] == "ClusterReport"), "{all}");
    // As of an audit: one for each object, which goes when that goes.
    for report in reports {
        let owner = &report["metadata"]["ownerReferences"][0]["uid"];
        assert_eq!(report["metadata"]["name"], format!("transom-{}", owner.as_str().expect("a uid")), "{report}");
    }
    reports::are_taken(&world.cluster, "openreports", reports);
}

/// With the right to list alone everything is done that is done; of what may not be listed it is said.
fn reads_only(world: &World) {
    let token = world.cluster.kubeconfig_of("nobody", world.cluster.client().server(), "nobody's");
    let refused = scan(world, &["--kubeconfig", &token.display().to_string()]);
    assert!(matches!(refused.status.code(), Some(2 | 3)), "{}", text(&refused.stderr));
    assert!(text(&refused.stderr).to_lowercase().contains("unauthorized"), "{}", text(&refused.stderr));
    let before = world.cluster.client().get("/api/v1/namespaces/shop/pods").expect("pods");
    assert_eq!(live(world, &["--quiet"]).status.code(), Some(1));
    let after = world.cluster.client().get("/api/v1/namespaces/shop/pods").expect("pods");
    assert_eq!(before["items"], after["items"]);
}

fn none(world: &World) {
    let nowhere = world.cluster.kubeconfig_of("nowhere", "https://127.0.0.1:1", "x");
    let output = scan(world, &["--kubeconfig", &nowhere.display().to_string()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("the API server does not answer"), "{}", text(&output.stderr));
    let output = scan(world, &["--kubeconfig", &world.reader.display().to_string(), "--context=other"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("other"), "{}", text(&output.stderr));
    let output = live(world, &["--namespace=shoop"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("the cluster has no namespace `shoop`"), "{}", text(&output.stderr));
}

fn replays(world: &World) {
    let log = world.cluster.audit_log().display().to_string();
    let output = scan(world, &["--audit-log", &log, "--output=json"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let replay: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    // The Deployment, its pod, the single one and the patch of that.
    let shop = &replay["namespaces"]["shop"];
    assert_eq!((&shop["denied"], &shop["rules"]["WIN101"]["denied"]), (&json!(4), &json!(4)), "{replay}");
    let objects = json!(["Deployment shop/web", "Pod shop/single", "Pod shop/web-1"]);
    assert_eq!(shop["rules"]["WIN101"]["objects"], objects);
    assert_eq!(shop["rules"]["WIN101"]["first"]["user"], "admin");
    assert_eq!(
        (&replay["namespaces"]["calm"]["judged"], &replay["namespaces"]["calm"]["denied"]),
        (&json!(5), &json!(0))
    );
    assert_eq!((&replay["withoutObject"], &replay["unreadable"]), (&json!(1), &json!(0)), "{replay}");
    let table = text(&scan(world, &["--audit-log", &log, "-n", "shop", "--color=never"]).stdout);
    assert!(table.starts_with("shop: 4 of 4 requests would have been denied"), "{table}");
    assert_eq!(scan(world, &["--audit-log", &log, "-n", "calm"]).status.code(), Some(0));
}
