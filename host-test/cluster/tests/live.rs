//! transom-server as a client of the API server: what it knows of a cluster while it serves, what it
//! makes of an API server that is slow, stands still, refuses or is gone, and what it says of the
//! workloads that are there already. All with no more rights than its README asks for.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::Duration;
use std::{env, fs};

use cluster::engine::say;
use cluster::pods::{GOOD, UNPINNED, in_namespace, pod};
use cluster::server::program;
use cluster::{Answer, Client, Cluster, Link, Quality, Server, Signal, documents, reports};
use host_test::{measure, root};
use serde_json::{Value, json};
use transom::Transom;

fn main() -> ExitCode {
    // One after the other: what becomes of the API server concerns all.
    cluster::tests(start, &[("transom-server asks the API server", whole)])
}

fn whole(world: &World) {
    comes_and_goes(world);
    audited(world);
}

/// A control plane, and somebody with the rights of a transom-server.
struct World {
    cluster: Cluster,
    token: String,
    role: Value,
}

const ACCOUNT: &str = "transom";

/// A Windows node, with so much memory.
fn node(name: &str, memory: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Node", "status": {"capacity": {"memory": memory}},
        "metadata": {"name": name, "labels": {"kubernetes.io/os": "windows", "kubernetes.io/arch": "amd64",
            "node.kubernetes.io/windows-build": "10.0.20348"}}})
}

/// A pod that takes as much, and goes onto no smaller node.
fn needs(memory: &str) -> Value {
    let mut pod = pod("large", GOOD);
    pod["spec"]["containers"][0]["resources"] = json!({"requests": {"memory": memory}, "limits": {"memory": memory}});
    pod
}

const TOO_LARGE: &str = "WIN809";

fn start() -> Option<World> {
    let cluster = Cluster::start(Path::new(env!("CARGO_BIN_EXE_cluster")))?;
    cluster.add_node(&node("small", "8Gi"));
    for namespace in ["few", "many"] {
        cluster.create(&json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}));
    }
    cluster.create(&json!({"apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass", "handler": "runhcs",
        "metadata": {"name": "windows"}, "scheduling": {"nodeSelector": {"kubernetes.io/os": "windows"}}}));

    let readme = fs::read_to_string(root().join("crates/server/README.md")).expect("the README").replace('\r', "");
    let block = readme.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next());
    let role = documents(block.expect("a block of YAML")).remove(0);
    assert_eq!(role["kind"], "ClusterRole");
    cluster.create(&role);
    let account = json!({"kind": "ServiceAccount", "name": ACCOUNT, "namespace": "default"});
    cluster.create(&json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": ACCOUNT}}));
    cluster.create(&binding(&role, &account));
    let asked = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}});
    let path = format!("/api/v1/namespaces/default/serviceaccounts/{ACCOUNT}/token");
    let token = cluster.client().post(&path, &asked).and_then(Answer::ok).expect("a token");
    let token = token["status"]["token"].as_str().expect("a token").to_owned();
    Some(World { cluster, token, role })
}

fn binding(role: &Value, account: &Value) -> Value {
    let reference =
        json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role["metadata"]["name"]});
    json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": ACCOUNT},
        "roleRef": reference, "subjects": [account]})
}

impl World {
    /// A kubeconfig of the account, by way of this address.
    fn kubeconfig(&self, name: &str, server: &str) -> PathBuf {
        self.cluster.kubeconfig_of(name, server, &self.token)
    }

    fn api_server(&self) -> SocketAddr {
        self.cluster.client().server().trim_start_matches("https://").parse().expect("an address")
    }

    /// A server that watches by way of a link, and does not wait long for anything.
    fn watcher(&self, name: &str, quality: Quality) -> (Server, Link) {
        let link = Link::to(self.api_server(), quality);
        let kubeconfig = self.kubeconfig(&format!("{name}.kubeconfig"), &format!("https://{}", link.address));
        let flags = [&*format!("--kubeconfig={}", kubeconfig.display()), "--stale-after=2s"];
        (Server::start(&self.cluster, name, "127.0.0.1:0", &json!({}), &flags), link)
    }
}

/// What `/readyz` says: the status, and the line of each kind.
fn readyz(server: &Server) -> (u16, String) {
    let answer = server.client.send("GET", "/readyz", "", None).expect("an answer");
    (answer.status, answer.body.as_str().unwrap_or_default().to_owned())
}

/// Waits for what `/readyz` says.
fn wait_for(world: &World, server: &Server, what: &str, like: impl Fn(u16, &str) -> bool) -> (u16, String) {
    world.cluster.wait(what, || {
        let (status, text) = readyz(server);
        if like(status, &text) { Ok((status, text)) } else { Err(format!("{status}\n{text}")) }
    })
}

fn is_fresh(status: u16, text: &str) -> bool {
    status == 200 && text.matches("[+]cluster ").count() == 3
}

/// Ready all the same, with a reason for each kind.
fn is_stale(status: u16, text: &str) -> bool {
    let stale = text.lines().filter(|line| line.starts_with("[!]cluster ") && line.contains(" known, stale for "));
    status == 200 && stale.count() == 3
}

/// Whether the server knows that a pod fits nowhere.
fn is_too_large(server: &Server, pod: &Value) -> bool {
    let decision = server.client.post("/evaluate", pod).and_then(Answer::ok).expect("a Decision");
    decision["findings"].as_array().expect("findings").iter().any(|finding| finding["rule"] == TOO_LARGE)
}

/// Asks one request after another, until it is dropped: each is answered, whatever else goes on.
struct Load {
    stop: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<Result<u64, String>>>,
}

impl Load {
    fn on(server: &Server, pod: Value) -> Load {
        let (client, stop) = (server.client.clone(), Arc::new(AtomicBool::new(false)));
        let stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            let mut asked = 0;
            while !stopped.load(SeqCst) {
                let review = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {
                    "uid": asked.to_string(), "operation": "CREATE", "namespace": "default", "object": pod,
                    "kind": {"group": "", "version": "v1", "kind": "Pod"}}});
                let answer = client.post("/validate", &review)?.ok()?;
                if answer["response"]["uid"] != asked.to_string() {
                    return Err(answer.to_string());
                }
                asked += 1;
            }
            Ok(asked)
        });
        Load { stop, thread: Some(thread) }
    }

    /// How many were asked; all were answered.
    fn end(mut self) -> u64 {
        self.stop.store(true, SeqCst);
        let thread = self.thread.take().expect("it runs");
        thread.join().expect("it ends").unwrap_or_else(|error| panic!("a request was not answered: {error}"))
    }
}

fn comes_and_goes(world: &World) {
    let (without, way) = world.watcher("without", Quality::Cut);
    let (status, text) = readyz(&without);
    // What keeps it from being ready is marked otherwise than what it does without.
    let mark = if status == 503 { "[-]" } else { "[!]" };
    assert!(text.contains(&format!("{mark}cluster Node: ")), "{status} {text}");
    assert!(!is_too_large(&without, &needs("100Gi")), "it knows of no node");

    let (server, link) = world.watcher("watching", Quality::Good);
    wait_for(world, &server, "what is in the cluster", is_fresh);
    let large = needs("100Gi");
    world.cluster.wait("the nodes", || if is_too_large(&server, &large) { Ok(()) } else { Err("not yet".into()) });
    assert!(!is_too_large(&server, &needs("1Gi")));
    let load = Load::on(&server, large.clone());

    // Gone: what was seen last counts.
    link.set(Quality::Cut);
    let (_, text) = wait_for(world, &server, "what is stale", is_stale);
    say(&format!("no API server: {}", text.lines().last().unwrap_or_default()));
    assert!(is_too_large(&server, &large));
    world.cluster.add_node(&node("large", "200Gi"));
    // Back: what happened in the meantime is known, and no kind stays stale, however quiet it is.
    link.set(Quality::Good);
    wait_for(world, &server, "what is new", is_fresh);
    world.cluster.wait("the node", || if is_too_large(&server, &large) { Err("not yet".into()) } else { Ok(()) });

    // It stands still: connections stay open, and nothing comes.
    let api = world.cluster.processes().iter().find(|process| process.name() == "kube-apiserver").expect("it runs");
    api.signal(Signal::Stop);
    let (_, text) = wait_for(world, &server, "what is stale", is_stale);
    say(&format!("an API server that stands still: {}", text.lines().last().unwrap_or_default()));
    assert!(!is_too_large(&server, &large));
    api.signal(Signal::Continue);
    wait_for(world, &server, "what is new", is_fresh);

    // Slow.
    link.set(Quality::Slow(Duration::from_millis(200)));
    let gone = node("large", "200Gi");
    assert_eq!(world.cluster.client().delete(&gone).expect("an answer").status, 200);
    world
        .cluster
        .wait("the node is gone", || if is_too_large(&server, &large) { Ok(()) } else { Err("not yet".into()) });
    link.set(Quality::Good);

    // It refuses.
    let account = json!({"kind": "ServiceAccount", "name": ACCOUNT, "namespace": "default"});
    let binding = binding(&world.role, &account);
    assert_eq!(world.cluster.client().delete(&binding).expect("an answer").status, 200);
    let (_, text) = wait_for(world, &server, "what is stale", is_stale);
    assert!(text.contains("is forbidden"), "{text}");
    assert!(is_too_large(&server, &large));
    world.cluster.create(&binding);
    wait_for(world, &server, "what is new", is_fresh);

    say(&format!("{} requests were answered in the meantime", load.end()));
    let log = server.process.log_text();
    assert!(log.contains(r#""message":"cannot be watched; what was seen last counts""#), "{log}");
    assert!(log.contains(r#""message":"is watched again""#), "{log}");

    // Who never knew anything has become ready by now, and learns.
    let is_ready = |status, text: &str| status == 200 && text.contains("[!]cluster Node: 0 known, stale for ");
    wait_for(world, &without, "a server without an API server", is_ready);
    way.set(Quality::Good);
    wait_for(world, &without, "what is in the cluster", is_fresh);
    world.cluster.wait("the nodes", || if is_too_large(&without, &large) { Ok(()) } else { Err("not yet".into()) });
}

/// Workloads in the namespace `few`.
const FEW: usize = 200;

/// Workloads in the namespace `many`; `WORKLOADS` asks for another number.
fn many() -> usize {
    let asked = env::var("WORKLOADS").ok().map(|number| number.parse().expect("WORKLOADS is a number"));
    // A whole number of those that `workload` makes in turn.
    asked.unwrap_or(2_000) / 5 * 5
}

/// The nth workload of a namespace: Windows and Linux, sound and not, some made by others.
fn workload(namespace: &str, number: usize) -> Value {
    let mut object = match number % 5 {
        0 => pod("", UNPINNED),
        1 => pod("", GOOD),
        2 => {
            // A Pod that is there already has its node, for all that one knows.
            let template = json!({"metadata": {"labels": {"app": "web"}}, "spec": needs("100Gi")["spec"]});
            json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {},
                "spec": {"selector": {"matchLabels": {"app": "web"}}, "template": template}})
        }
        3 => {
            let mut made = pod("", UNPINNED);
            made["metadata"]["ownerReferences"] = json!([{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web",
                "uid": "9b1c2d3e-0000-4000-8000-000000000000", "controller": true}]);
            made
        }
        _ => {
            let mut deployment = measure::deployment(2);
            let template = &mut deployment["spec"]["template"];
            template["metadata"] = json!({"labels": {"app": "web"}});
            if number % 2 == 0 {
                template["spec"]["runtimeClassName"] = json!("windows");
            }
            // As long as those that people write.
            deployment["metadata"]["annotations"] = json!({"example.com/notes": "x".repeat(4_000)});
            deployment
        }
    };
    object["metadata"]["name"] = json!(format!("workload-{number}"));
    in_namespace(namespace, &object)
}

fn fill(client: &Client, namespace: &str, count: usize) {
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, SeqCst);
                    if number >= count {
                        return;
                    }
                    let object = workload(namespace, number);
                    let created = client.create(&object).and_then(Answer::ok);
                    created.unwrap_or_else(|error| panic!("{error}\n{object}"));
                }
            });
        }
    });
}

/// `transom-server audit` of a kubeconfig.
fn audit(kubeconfig: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program());
    command.arg("audit").arg("--kubeconfig").arg(kubeconfig).args(arguments);
    command.arg("--module").arg(host_test::module());
    command
}

/// Runs it to its end.
fn run(mut command: Command) -> Output {
    command.output().expect("it starts")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("UTF-8")
}

fn audited(world: &World) {
    let kubeconfig = world.kubeconfig("auditor", world.cluster.client().server());
    let client = world.cluster.client();
    let nothing = run(audit(&kubeconfig, &[]));
    assert_eq!((nothing.status.code(), text(&nothing.stdout)), (Some(0), ""), "{nothing:?}");
    assert!(text(&nothing.stderr).contains("0 workloads judged"), "{nothing:?}");
    fill(client, "few", FEW);

    agrees(world, &kubeconfig);
    forms(world, &kubeconfig);
    terminal(&kubeconfig);
    breaks_off(world);
    fill(client, "many", many());
    stays_flat(&kubeconfig);

    // It has not been able to change anything.
    let authority = &world.cluster.authority().pem;
    let account = Client::new(client.server(), authority, Some(&world.token));
    let refused = account.create(&pod("own", GOOD)).expect("an answer");
    assert_eq!(refused.status, 403, "{refused:?}");
    assert_eq!(account.get("/api/v1/secrets").err().map(|error| error[..3].to_owned()), Some("403".to_owned()));
}

/// Each Decision is the library's, with all that the cluster has as context.
fn agrees(world: &World, kubeconfig: &Path) {
    let client = world.cluster.client();
    let list = |path: &str, version: &str, kind: &str| {
        let items = client.get(path).expect("a list")["items"].take();
        let Value::Array(mut items) = items else { panic!("{path}: {items}") };
        for item in &mut items {
            (item["apiVersion"], item["kind"]) = (version.into(), kind.into());
        }
        items
    };
    let mut context = list("/api/v1/nodes", "v1", "Node");
    context.extend(list("/api/v1/namespaces", "v1", "Namespace"));
    context.extend(list("/apis/node.k8s.io/v1/runtimeclasses", "node.k8s.io/v1", "RuntimeClass"));
    let mut workloads = list("/apis/apps/v1/namespaces/few/deployments", "apps/v1", "Deployment");
    workloads.extend(list("/api/v1/namespaces/few/pods", "v1", "Pod"));
    assert_eq!(workloads.len(), FEW);

    let audited = run(audit(kubeconfig, &["--namespace=few", "--format=json", "--page-size=30"]));
    assert_eq!(audited.status.code(), Some(1), "{}", text(&audited.stderr));
    let mut decisions = text(&audited.stdout).lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let mut uses_context = 0;
    for object in workloads {
        let made = object["metadata"]["ownerReferences"].is_array();
        if made {
            continue;
        }
        let evaluate = |input: Value| {
            let answer = Transom::new().evaluate(input.to_string().as_bytes());
            serde_json::from_str::<Value>(&answer).expect("a Decision")
        };
        let expected = evaluate(json!({"request": object, "context": context, "now": "2026-11-21"}));
        assert_eq!(decisions.next().as_ref(), Some(&expected), "{object}");
        uses_context += usize::from(expected != evaluate(json!({"request": object, "now": "2026-11-21"})));
    }
    assert_eq!(decisions.next(), None);
    assert!(uses_context > FEW / 10, "only {uses_context} of {FEW} by the context");
}

/// The table, and the reports, which the API server takes.
fn forms(world: &World, kubeconfig: &Path) {
    let misspelt = run(audit(kubeconfig, &["-n", "fwe"]));
    assert_eq!(misspelt.status.code(), Some(2), "{misspelt:?}");
    assert!(text(&misspelt.stderr).contains("the cluster has no namespace `fwe`"), "{misspelt:?}");

    let table = run(audit(kubeconfig, &["-n", "few"]));
    assert_eq!(table.status.code(), Some(1), "{table:?}");
    let lines = text(&table.stdout);
    let of = |name: &str| lines.lines().filter(|line| line.contains(&format!(" few/{name} "))).collect::<Vec<_>>();
    let unpinned = of("workload-0");
    assert!(
        unpinned[0].starts_with("deny  Pod few/workload-0  WIN101 windows-pod-not-pinned  /spec  "),
        "{unpinned:?}"
    );
    assert!(of("workload-2").iter().any(|line| line.contains(TOO_LARGE)), "{lines}");
    assert_eq!(of("workload-3"), Vec::<&str>::new(), "its owner is judged");
    let ended = text(&table.stderr);
    assert!(ended.contains("160 workloads judged: 80 would be refused, "), "{ended}");

    for format in ["openreports", "policyreport"] {
        let written = run(audit(kubeconfig, &["--namespace=few", "--info", &format!("--format={format}")]));
        let reports = text(&written.stdout).lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        let reports: Vec<Value> = reports.collect();
        assert_eq!(reports.len(), FEW / 5 * 4, "one for each that is judged");
        let failed = reports.iter().filter(|report| report["summary"]["fail"] != 0).count();
        assert_eq!(failed, 80, "as many as would be refused");
        reports::are_taken(&world.cluster, format, &reports);
    }
}

/// On a terminal there is a progress bar, and nowhere else.
fn terminal(kubeconfig: &Path) {
    let piped = run(audit(kubeconfig, &["--namespace=few"]));
    assert!(!piped.stderr.contains(&b'\x1b'), "{}", text(&piped.stderr));
    if !cluster::engine::is_there("script", "--version", "the progress bar") {
        return;
    }
    let mut line = String::new();
    let audit = audit(kubeconfig, &["--namespace=few", "--page-size=5"]);
    for word in std::iter::once(audit.get_program()).chain(audit.get_args()) {
        let _ = write!(line, "'{}' ", word.to_str().expect("UTF-8"));
    }
    // A terminal for standard error alone, which the bar is drawn on.
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--command", &format!("{line} >/dev/null"), "/dev/null"]);
    let drawn = script.env("TERM", "xterm").stdin(Stdio::null()).output().expect("it starts");
    assert_eq!(drawn.status.code(), Some(1), "{drawn:?}");
    let drawn = text(&drawn.stdout);
    assert!(drawn.contains("\x1b[") && drawn.contains("Deployment") && drawn.contains(" of "), "{drawn:?}");
    assert!(drawn.contains("160 workloads judged"), "{drawn:?}");
}

/// An API server that goes in the middle: what was found until then is written, and that it is not all.
fn breaks_off(world: &World) {
    let link = Link::to(world.api_server(), Quality::Slow(Duration::from_millis(50)));
    let kubeconfig = world.kubeconfig("slow", &format!("https://{}", link.address));
    let mut command = audit(&kubeconfig, &["--format=json", "--page-size=1"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    assert!(lines.next().is_some_and(|line| line.is_ok()));
    link.set(Quality::Cut);
    let rest = lines.map_while(Result::ok).count();
    let ended = child.wait_with_output().expect("it ends");
    assert_eq!(ended.status.code(), Some(3), "{ended:?}");
    assert!(rest < FEW, "it was not cut");
    let said = text(&ended.stderr);
    assert!(said.contains("error: not all objects of kind ") && said.contains(" would be refused"), "{said}");

    let none = run(audit(&kubeconfig, &[]));
    assert_eq!(none.status.code(), Some(2));
    assert!(text(&none.stderr).starts_with("error: the API server does not answer: "), "{none:?}");
}

/// Many times as many workloads take no more memory.
fn stays_flat(kubeconfig: &Path) {
    let peak = |arguments: &[&str]| {
        let command = &mut audit(kubeconfig, &[arguments, &["--page-size=50", "--format=json"]].concat());
        let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
        let status = format!("/proc/{}/status", child.id());
        // The highest until now, read with every line: the last is near the end.
        let (mut peak, mut lines) = (0, 0);
        for line in BufReader::new(child.stdout.take().expect("its output")).lines() {
            assert!(line.is_ok());
            lines += 1;
            let about = fs::read_to_string(&status).unwrap_or_default();
            let high = about.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
            peak = high.and_then(|high| high.parse::<u64>().ok()).unwrap_or(peak);
        }
        assert_eq!(child.wait().expect("it ends").code(), Some(1));
        (lines, peak >> 10)
    };
    let (few, of_few) = peak(&["--namespace=few"]);
    let (all, of_all) = peak(&[]);
    say(&format!("an audit of {few} workloads takes {of_few} MB at the most, one of {all} {of_all} MB"));
    assert_eq!((few, all), (FEW / 5 * 4, (FEW + many()) / 5 * 4));
    assert!(!cfg!(target_os = "linux") || (of_few > 0 && of_all < of_few + of_few / 4), "it grows: {of_few} {of_all}");
}
