//! Kyverno itself, asking transom-server over HTTPS, behind a real API server, and its command line.
//!
//! `policies/kyverno` is installed as it is, but for the address of the server.

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use cluster::engines::{KYVERNO, Programs};
use cluster::pods::{GOOD, UNPINNED, in_namespace, pod};
use cluster::{Answer, Cluster, Leftovers, Server, Signal, documents, free_addresses};
use serde_json::{Value, json};

fn main() -> ExitCode {
    // One after the other: what is asked while the server is down concerns all.
    cluster::tests(start, &[("Kyverno asks transom", whole)])
}

struct World {
    cluster: Cluster,
    kyverno: Programs,
    address: String,
    server: Server,
    /// In the namespaces of `NAMESPACES`.
    leftovers: [Leftovers; 3],
}

/// What each policy is for: the one that judges, the one that mends, and the one for older versions.
const NAMESPACES: [&str; 3] = ["judged", "mended", "older"];

/// The name of everything that Kyverno looks for about itself.
const NAME: &str = "kyverno";

/// Not for Windows nodes at all, and nothing mends that.
const HOPELESS: &str = "{os: {name: windows}, nodeSelector: {kubernetes.io/os: linux},
    containers: [{name: web, image: 'mcr.microsoft.com/windows/nanoserver:ltsc2022'}]}";

fn settings() -> Value {
    json!({"mutate": "safe", "windows": {"taints": []}})
}

fn start() -> Option<World> {
    let mut cluster = Cluster::start(Path::new(env!("CARGO_BIN_EXE_cluster")))?;
    let kyverno = KYVERNO.programs()?;
    for crd in kyverno.crds().iter().flat_map(|text| documents(text)) {
        cluster.create(&crd);
    }
    let object = |version: &str, kind: &str, name: &str| json!({"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": NAME}});
    for namespace in [NAME].into_iter().chain(NAMESPACES) {
        cluster.create(&json!({"apiVersion": "v1", "kind": "Namespace",
            "metadata": {"name": namespace, "labels": {"transom-test": namespace}}}));
    }
    let leftovers = NAMESPACES.map(|namespace| Leftovers::create(cluster.client(), namespace));
    // What its chart would make.
    for (kind, name) in [("ConfigMap", NAME), ("ConfigMap", "kyverno-metrics"), ("ServiceAccount", NAME)] {
        cluster.create(&object("v1", kind, name));
    }
    let spec = json!({"containers": [{"name": NAME, "image": "kyverno"}]});
    let template = json!({"metadata": {"labels": {"app": NAME}}, "spec": spec});
    let mut deployment = object("apps/v1", "Deployment", NAME);
    deployment["spec"] = json!({"selector": {"matchLabels": {"app": NAME}}, "template": template});
    cluster.create(&deployment);
    let mut itself = object("v1", "Pod", NAME);
    itself["spec"] = spec;
    cluster.create(&itself);

    let [webhook] = free_addresses();
    let account = "system:serviceaccount:kyverno:other";
    let arguments = [
        format!("--kubeconfig={}", cluster.kubeconfig().display()),
        format!("--serverIP={webhook}"),
        "--webhookServerHost=127.0.0.1".to_owned(),
        format!("--webhookServerPort={}", webhook.port()),
        format!("--servicePort={}", webhook.port()),
        "--caSecretName=kyverno-svc.kyverno.svc.kyverno-tls-ca".to_owned(),
        "--tlsSecretName=kyverno-svc.kyverno.svc.kyverno-tls-pair".to_owned(),
        format!("--backgroundServiceAccountName={account}"),
        format!("--reportsServiceAccountName={account}"),
        "--disableMetrics".to_owned(),
        // Without it, loopback is among what policies must not reach.
        BLOCKLIST.to_owned(),
        "--v=0".to_owned(),
    ];
    let names = ["NAMESPACE", "POD_NAME", "DEPLOYMENT", "SERVICEACCOUNT_NAME", "ROLE_NAME"];
    let names = names.map(|name| format!("KYVERNO_{name}"));
    let mut environment: Vec<(&str, String)> = names.iter().map(|name| (name.as_str(), NAME.to_owned())).collect();
    environment.extend([("INIT_CONFIG", NAME.to_owned()), ("METRICS_CONFIG", "kyverno-metrics".to_owned())]);
    environment.push(("KYVERNO_SVC", "kyverno-svc".to_owned()));
    let [address] = free_addresses().map(|address| address.to_string());
    let server = Server::start(&cluster, "transom-server", &address, &settings(), &[]);
    // As with `caCertificates` of its chart.
    let authority = cluster.folder().join("ca.crt");
    fs::write(&authority, &server.authority).expect("a file");
    environment.push(("SSL_CERT_FILE", authority.display().to_string()));
    cluster.run(NAME, &kyverno.program("kyverno"), &arguments, &environment);

    let world = World { cluster, kyverno, address, server, leftovers };
    // Kyverno registers its webhooks when it is ready for policies.
    world.cluster.wait("Kyverno", || {
        let path = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
        let all = world.cluster.client().get(path)?;
        if all.to_string().contains("kyverno-policy-validating") { Ok(()) } else { Err(all.to_string()) }
    });
    for (policy, namespace) in [("validating-policy", "judged"), ("mutating-policy", "mended")] {
        for policy in world.policies(policy, namespace) {
            world.cluster.wait("Kyverno to take a policy", || world.cluster.client().create(&policy)?.ok());
        }
    }
    let expected = "Policy transom failed: WIN101 ";
    world.cluster.wait("the policies", || {
        let refused = world.create("judged", "trial", UNPINNED);
        let mended = world.create("mended", "trial", UNPINNED);
        let is_mended = mended.body.pointer("/spec/nodeSelector").is_some();
        if refused.message().contains(expected) && is_mended { Ok(()) } else { Err(format!("{refused:?} {mended:?}")) }
    });
    Some(world)
}

const BLOCKLIST: &str = "--httpBlocklist=169.254.169.254";

impl World {
    /// The policies in a file, for one namespace alone.
    fn policies(&self, file: &str, namespace: &str) -> Vec<Value> {
        let mut policies = documents(&self.server.policy_text(&format!("kyverno/{file}.yaml")));
        for policy in &mut policies {
            let only = json!({"key": "transom-test", "operator": "In", "values": [namespace]});
            let selector = &mut policy["spec"]["matchConstraints"]["namespaceSelector"]["matchExpressions"];
            selector.as_array_mut().expect("a selector").push(only);
        }
        policies
    }

    fn create(&self, namespace: &str, name: &str, spec: &str) -> Answer {
        let pod = in_namespace(namespace, &pod(name, spec));
        self.cluster.client().create_with(&pod, "?dryRun=All").expect("an answer")
    }
}

fn whole(world: &World) {
    refuses(world);
    mends(world);
    left_over(world);
    cluster_policy(world);
    command_line(world);
    server_down(world);
}

fn refuses(world: &World) {
    let refused = world.create("judged", "bad", UNPINNED);
    assert!(refused.status == 400 || refused.status == 403, "{refused:?}");
    let message = refused.message();
    let expected = "Policy transom failed: WIN101 windows-pod-not-pinned at /spec";
    assert!(message.contains("vpol.validate.kyverno.svc") && message.contains(expected), "{message}");
    assert!(message.contains("help: add `kubernetes.io/os: windows` to its nodeSelector"), "{message}");
    assert_eq!(world.create("judged", "good", GOOD).status, 201);

    let template = json!({"metadata": {"labels": {"app": "web"}}, "spec": documents(UNPINNED)[0]});
    let deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "judged"},
        "spec": {"selector": {"matchLabels": {"app": "web"}}, "template": template}});
    let refused = world.cluster.client().create(&deployment).expect("an answer");
    assert!(refused.message().contains("WIN101 windows-pod-not-pinned at /spec/template/spec"), "{refused:?}");
}

fn mends(world: &World) {
    let mended = world.create("mended", "web", UNPINNED);
    assert_eq!(mended.status, 201, "{mended:?}");
    assert_eq!(mended.body["spec"]["nodeSelector"], json!({"kubernetes.io/os": "windows"}));
    let [good, untouched] = ["mended", "judged"].map(|namespace| world.create(namespace, "good", GOOD));
    assert_eq!((good.status, &good.body["spec"]), (201, &untouched.body["spec"]));
}

/// Bad objects that were there before can be gone on with, and are judged when their pods change.
fn left_over(world: &World) {
    let client = world.cluster.client();
    let [judged, mended, _] = &world.leftovers;
    judged.go_on(client);
    mended.go_on(client);
    for refused in [judged.change_template(client), judged.change_pod_template(client)] {
        assert!(refused.message().contains("WIN406 "), "{refused:?}");
    }
    let changed = mended.change_template(client);
    let pinned = Some(&json!({"kubernetes.io/os": "windows"}));
    assert_eq!(changed.body.pointer("/spec/template/spec/nodeSelector"), pinned, "{changed:?}");
}

/// The policy for older versions, which calls the service with the CA from a ConfigMap: it mends what it
/// can and refuses the rest.
fn cluster_policy(world: &World) {
    let client = world.cluster.client();
    world.cluster.create(&json!({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "transom-ca", "namespace": NAME}, "data": {"ca.crt": world.server.authority}}));
    let mut policy = documents(&world.server.policy_text("kyverno/cluster-policy.yaml")).remove(0);
    for rule in policy["spec"]["rules"].as_array_mut().expect("rules") {
        let only = json!({"key": "transom-test", "operator": "In", "values": ["older"]});
        let selector = &mut rule["match"]["any"][0]["resources"]["namespaceSelector"]["matchExpressions"];
        selector.as_array_mut().expect("a selector").push(only);
    }
    world.cluster.wait("Kyverno to take the policy", || client.create(&policy)?.ok());
    let mended = world.cluster.wait("the policy", || {
        let mended = world.create("older", "web", UNPINNED);
        if mended.body.pointer("/spec/nodeSelector").is_some() { Ok(mended) } else { Err(format!("{mended:?}")) }
    });
    assert_eq!(mended.status, 201, "{mended:?}");
    assert_eq!(mended.body["spec"]["nodeSelector"], json!({"kubernetes.io/os": "windows"}));
    let refused = world.create("older", "hopeless", HOPELESS);
    assert!(refused.status == 400 || refused.status == 403, "{refused:?}");
    assert!(refused.message().contains("WIN103 contradictory-placement at "), "{refused:?}");
    let [good, untouched] = ["older", "judged"].map(|namespace| world.create(namespace, "good", GOOD));
    assert_eq!((good.status, &good.body["spec"]), (201, &untouched.body["spec"]), "{good:?}");
    let [.., leftovers] = &world.leftovers;
    leftovers.go_on(client);
    for refused in [leftovers.change_template(client), leftovers.change_pod_template(client)] {
        assert!(refused.message().contains("WIN406 "), "{refused:?}");
    }
    assert_eq!(client.delete(&policy).expect("an answer").status, 200);
}

/// `kyverno apply`, with the same policies and a server without TLS.
fn command_line(world: &World) {
    let plain = Server::plain(&world.cluster, "plain-server", &settings());
    let folder = world.cluster.folder().join("kyverno-apply");
    fs::create_dir(&folder).expect("a folder");
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::write(&path, text).expect("a file");
        path
    };
    let pods = [("bad", UNPINNED), ("hopeless", HOPELESS), ("good", GOOD)];
    let pods = pods.map(|(name, spec)| pod(name, spec).to_string());
    let resources = write("pods.yaml", &pods.join("\n---\n"));
    let apply = |policy: &str| {
        let policy = write("policy.yaml", &plain.policy_text(&format!("kyverno/{policy}.yaml")));
        let mut kyverno = Command::new(world.kyverno.program("kubectl-kyverno"));
        kyverno.arg("apply").arg(policy).arg("--resource").arg(&resources).current_dir(&folder);
        let output = kyverno.env("FLAG_HTTP_BLOCKLIST", "169.254.169.254").output().expect("it starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        format!("{}{}", text(&output.stdout), text(&output.stderr))
    };
    let judged = apply("validating-policy");
    assert!(judged.contains("WIN101 windows-pod-not-pinned at /spec"), "{judged}");
    assert!(judged.contains("WIN103 "), "{judged}");
    assert!(judged.contains("pass: 1, fail: 2, "), "{judged}");
    let mended = apply("mutating-policy");
    let printed = mended.split("\n---").find(|document| document.contains("name: bad"));
    assert!(printed.is_some_and(|pod| pod.contains("kubernetes.io/os: windows")), "{mended}");
}

/// As `failurePolicy` says: refused by the validating policy, until the server is back.
fn server_down(world: &World) {
    world.server.process.signal(Signal::Kill);
    let _ = world.server.process.wait();
    let refused = world.create("judged", "good", GOOD);
    assert!(refused.status >= 400, "{refused:?}");
    assert!(refused.message().contains(&world.address), "{refused:?}");
    let back = Server::start(&world.cluster, "transom-server", &world.address, &settings(), &[]);
    assert_eq!(world.create("judged", "good", GOOD).status, 201);
    assert!(world.create("judged", "bad", UNPINNED).message().contains("WIN101 "));
    drop(back);
}
