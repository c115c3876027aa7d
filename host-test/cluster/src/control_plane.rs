//! etcd, kube-apiserver and kube-scheduler.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use host_test::engine::say;
use serde_json::{Value, json};

use crate::certificates::{Authority, key_pair};
use crate::client::Client;
use crate::engines::{ETCD, KUBERNETES, Programs};
use crate::supervisor::{Process, Supervisor};
use crate::testing::{free_addresses, until};

/// The token of a user who may do everything.
const TOKEN: &str = "administrator";

/// A control plane on loopback, with an API server that has no nodes and no controllers.
#[derive(Debug)]
pub struct Cluster {
    /// In the order of their start; what is dropped with the cluster ends in this order, too.
    processes: Vec<Process>,
    client: Client,
    authority: Authority,
    kubernetes: Programs,
    supervisor: Supervisor,
}

impl Cluster {
    /// Starts etcd and kube-apiserver, and waits until they are ready; `None` without Go.
    ///
    /// `supervisor` is this crate's program, `env!("CARGO_BIN_EXE_cluster")` in its tests.
    ///
    /// # Panics
    ///
    /// Where they do not come up, with what they printed.
    #[must_use]
    pub fn start(supervisor: &Path) -> Option<Cluster> {
        let (etcd, kubernetes) = (ETCD.programs()?, KUBERNETES.programs()?);
        let start = Instant::now();
        let supervisor = Supervisor::start(supervisor).expect("the supervisor starts");
        let folder = supervisor.folder().to_owned();
        let authority = Authority::new("transom tests");
        let certificate = authority.certificate(&folder.join("apiserver"));
        let [client, peer, server] = free_addresses();

        let [client, peer] = [client, peer].map(|address| format!("http://{address}"));
        let storage = supervisor.run(
            "etcd",
            &etcd.program("server"),
            &flags(&[
                ("data-dir", &folder.join("etcd").display().to_string()),
                ("listen-client-urls", &client),
                ("advertise-client-urls", &client),
                ("listen-peer-urls", &peer),
                ("initial-advertise-peer-urls", &peer),
                ("initial-cluster", &format!("default={peer}")),
                ("log-level", "warn"),
                // What is in it is thrown away anyway.
                ("unsafe-no-fsync", "true"),
            ]),
            &[],
        );

        let (private, public) = key_pair();
        let write = |name: &str, text: &str| {
            let path = folder.join(name);
            fs::write(&path, text).expect("a file");
            path.display().to_string()
        };
        let api = supervisor.run(
            "kube-apiserver",
            &kubernetes.program("kube-apiserver"),
            &flags(&[
                ("etcd-servers", &client),
                ("bind-address", "127.0.0.1"),
                ("advertise-address", "127.0.0.1"),
                ("secure-port", &server.port().to_string()),
                ("tls-cert-file", &certificate.path("tls.crt")),
                ("tls-private-key-file", &certificate.path("tls.key")),
                ("service-account-issuer", "https://kubernetes.default.svc"),
                ("service-account-key-file", &write("service-accounts.pub", &public)),
                ("service-account-signing-key-file", &write("service-accounts.key", &private)),
                ("service-cluster-ip-range", "10.0.0.0/24"),
                ("authorization-mode", "RBAC"),
                ("token-auth-file", &write("tokens.csv", &format!("{TOKEN},admin,admin,system:masters\n"))),
                // Nobody makes the accounts that it would ask for.
                ("disable-admission-plugins", "ServiceAccount"),
                ("allow-privileged", "true"),
                ("audit-policy-file", &write("audit-policy.yaml", &audit_policy())),
                ("audit-log-path", &folder.join(AUDIT_LOG).display().to_string()),
                ("endpoint-reconciler-type", "none"),
            ]),
            &[],
        );
        let processes = [storage, api].map(|process| process.expect("it starts")).into();
        let client = Client::new(&format!("https://{server}"), &authority.pem, Some(TOKEN));
        let cluster = Cluster { processes, client, authority, kubernetes, supervisor };
        cluster.wait("the API server", || cluster.client.get("/readyz"));
        cluster.wait("the first namespace", || cluster.client.get("/api/v1/namespaces/default"));
        let titles = [&etcd.title, &cluster.kubernetes.title].map(String::as_str).join(" and ");
        say(&format!("{titles}: ready after {:.1} s", start.elapsed().as_secs_f64()));
        Some(cluster)
    }

    /// Starts kube-scheduler.
    ///
    /// # Panics
    ///
    /// Where it does not come up.
    pub fn start_scheduler(&mut self) {
        let [server] = free_addresses();
        let configuration = json!({
            "apiVersion": "kubescheduler.config.k8s.io/v1", "kind": "KubeSchedulerConfiguration",
            "leaderElection": {"leaderElect": false},
            "clientConnection": {"kubeconfig": self.kubeconfig(), "qps": 1000, "burst": 1000},
        });
        let file = self.folder().join("scheduler.yaml");
        fs::write(&file, configuration.to_string()).expect("a file");
        let certificate = self.authority.certificate(&self.folder().join("scheduler"));
        let flags = flags(&[
            ("config", &file.display().to_string()),
            ("bind-address", "127.0.0.1"),
            ("secure-port", &server.port().to_string()),
            ("tls-cert-file", &certificate.path("tls.crt")),
            ("tls-private-key-file", &certificate.path("tls.key")),
            ("authentication-skip-lookup", "true"),
            ("authorization-always-allow-paths", "/healthz,/readyz,/livez"),
        ]);
        self.run("kube-scheduler", &self.kubernetes.program("kube-scheduler"), &flags, &[]);
        let health = Client::new(&format!("https://{server}"), &self.authority.pem, None);
        self.wait("the scheduler", || health.get("/readyz"));
    }

    /// Starts a process that lives as long as the cluster.
    ///
    /// # Panics
    ///
    /// Where it does not start.
    pub fn run(&mut self, name: &str, program: &Path, arguments: &[String], environment: &[(&str, String)]) {
        let process = self.supervisor.run(name, program, arguments, environment);
        self.processes.push(process.unwrap_or_else(|error| panic!("{error}")));
    }

    /// Starts a process that lives as long as what is returned, and no longer than the cluster.
    ///
    /// # Panics
    ///
    /// Where it does not start.
    #[must_use]
    pub fn spawn(&self, name: &str, program: &Path, arguments: &[String], environment: &[(&str, String)]) -> Process {
        let process = self.supervisor.run(name, program, arguments, environment);
        process.unwrap_or_else(|error| panic!("{error}"))
    }

    /// Asks again and again until there is an answer.
    ///
    /// # Panics
    ///
    /// Where there is none, or a process of the cluster has ended, with the last that was printed.
    pub fn wait<T>(&self, what: &str, mut ask: impl FnMut() -> Result<T, String>) -> T {
        until(what, || {
            for process in &self.processes {
                if let Some(how) = process.ended() {
                    panic!("waiting for {what}: {} ended, {how}\n{}", process.name(), tail(&process.log_text()));
                }
            }
            ask()
        })
    }

    /// The client of its API server, as a user who may do everything.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// What signs the certificates of everything here.
    #[must_use]
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The folder of everything here, which is removed at the end.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.supervisor.folder()
    }

    /// The processes that live as long as the cluster.
    #[must_use]
    pub fn processes(&self) -> &[Process] {
        &self.processes
    }

    /// A kubeconfig for the same user.
    ///
    /// # Panics
    ///
    /// Where it cannot be written.
    #[must_use]
    pub fn kubeconfig(&self) -> PathBuf {
        self.kubeconfig_of("kubeconfig", self.client.server(), TOKEN)
    }

    /// The audit log, with what was sent and what came of it wherever a workload was created or changed.
    #[must_use]
    pub fn audit_log(&self) -> PathBuf {
        self.folder().join(AUDIT_LOG)
    }

    /// A kubeconfig of this name, for whom the token is of, by way of this address.
    ///
    /// # Panics
    ///
    /// Where it cannot be written.
    #[must_use]
    pub fn kubeconfig_of(&self, name: &str, server: &str, token: &str) -> PathBuf {
        let path = self.folder().join(name);
        let authority = self.folder().join("apiserver/ca.crt");
        let text = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "test",
            "clusters": [{"name": "test", "cluster": {"server": server, "certificate-authority": authority}}],
            "users": [{"name": "user", "user": {"token": token}}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": "user"}}],
        });
        fs::write(&path, text.to_string()).expect("a file");
        path
    }

    /// Creates an object that has to be accepted.
    ///
    /// # Panics
    ///
    /// Where it is refused.
    pub fn create(&self, object: &Value) -> Value {
        let answer = self.client.create(object).and_then(crate::Answer::ok);
        answer.unwrap_or_else(|error| panic!("{error}\n{object}"))
    }

    /// Adds a node that is ready to take pods, with what is in its `spec` and `status`, as its kubelet
    /// would.
    ///
    /// # Panics
    ///
    /// Where it is refused.
    pub fn add_node(&self, node: &Value) {
        self.create(node);
        let mut resources = json!({"cpu": "1000", "memory": "1000Gi", "ephemeral-storage": "1000Gi", "pods": "10000"});
        for (name, amount) in node["status"]["capacity"].as_object().into_iter().flatten() {
            resources[name] = amount.clone();
        }
        let ready = json!({"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "",
            "lastHeartbeatTime": "2026-11-21T00:00:00Z", "lastTransitionTime": "2026-11-21T00:00:00Z"});
        let status = json!({"status": {"capacity": resources, "allocatable": resources, "conditions": [ready]}});
        // Admission gives every new node the taint not-ready, which a controller would take away.
        let taints = json!({"spec": {"taints": node["spec"]["taints"]}});
        for (part, patch) in [("/status", &status), ("", &taints)] {
            let answer = self.client.merge(node, part, patch).and_then(crate::Answer::ok);
            answer.unwrap_or_else(|error| panic!("{error}\n{patch}"));
        }
    }
}

/// `--name=value` for each.
pub(crate) fn flags(flags: &[(&str, &str)]) -> Vec<String> {
    flags.iter().map(|(name, value)| format!("--{name}={value}")).collect()
}

/// The last lines.
fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(30)..].join("\n")
}

const AUDIT_LOG: &str = "audit.log";

/// Workloads are logged whole, except in the namespace `metadata`, where it is noted that there was something.
fn audit_policy() -> String {
    let resources = json!([{"group": "", "resources": ["pods"]}, {"group": "apps"}, {"group": "batch"}]);
    let verbs = json!(["create", "update", "patch"]);
    json!({"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "rules": [
        {"level": "Metadata", "verbs": verbs, "resources": resources, "namespaces": ["metadata"]},
        {"level": "RequestResponse", "verbs": verbs, "resources": resources},
        {"level": "None"},
    ]})
    .to_string()
}
