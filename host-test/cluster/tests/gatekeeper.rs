//! Gatekeeper itself, asking transom-server through External Data, behind a real API server.
//!
//! `policies/gatekeeper` is installed as it is, but for the address of the provider.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use base64::Engine as _;
use cluster::engines::GATEKEEPER;
use cluster::pods::{GOOD, UNPINNED, pod};
use cluster::{Answer, Client, Cluster, Leftovers, Server, documents, free_addresses};
use serde_json::{Value, json};

fn main() -> ExitCode {
    // One after the other: what is asked while the provider is down concerns all.
    cluster::tests(start, &[("Gatekeeper asks transom", whole)])
}

struct World {
    cluster: Cluster,
    address: String,
    server: Server,
    leftovers: Leftovers,
}

const NAMESPACE: &str = "gatekeeper-system";

fn start() -> Option<World> {
    let mut cluster = Cluster::start(Path::new(env!("CARGO_BIN_EXE_cluster")))?;
    let gatekeeper = GATEKEEPER.programs()?;
    for crd in gatekeeper.crds().iter().flat_map(|text| documents(text)) {
        cluster.create(&crd);
    }
    cluster.create(&json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}));
    // What Gatekeeper's status objects belong to.
    let manager = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "manager", "namespace": NAMESPACE},
        "spec": {"containers": [{"name": "manager", "image": "openpolicyagent/gatekeeper"}]}});
    cluster.create(&manager);
    // Was there before Gatekeeper, and is for the audit to find.
    cluster.create(&pod("old", UNPINNED));
    cluster.create(&pod("old-and-good", GOOD));
    let leftovers = Leftovers::create(cluster.client(), "default");
    // To send a pod to a node is wrong; to have it there is not.
    let mut bound = pod("bound", GOOD);
    bound["spec"]["nodeName"] = json!("win-1");
    cluster.create(&bound);

    // The audit works in this folder, which has to be there.
    fs::create_dir(cluster.folder().join("audit")).expect("a folder");
    let [webhook, health, address] = free_addresses();
    let certificate = cluster.authority().certificate(&cluster.folder().join("gatekeeper"));
    let arguments = [
        "--port".to_owned(),
        webhook.port().to_string(),
        "--host=127.0.0.1".to_owned(),
        format!("--health-addr={health}"),
        "--prometheus-port=0".to_owned(),
        format!("--cert-dir={}", certificate.folder.display()),
        "--disable-cert-rotation".to_owned(),
        "--operation=webhook".to_owned(),
        "--operation=status".to_owned(),
        "--operation=audit".to_owned(),
        "--operation=generate".to_owned(),
        "--audit-interval=2".to_owned(),
        format!("--api-cache-dir={}", cluster.folder().join("audit").display()),
        "--shutdown-delay=0".to_owned(),
        format!("--exempt-namespace={NAMESPACE}"),
    ];
    let environment = [
        ("KUBECONFIG", cluster.kubeconfig().display().to_string()),
        ("POD_NAME", "manager".to_owned()),
        ("POD_NAMESPACE", NAMESPACE.to_owned()),
    ];
    cluster.run("gatekeeper", &gatekeeper.program("gatekeeper"), &arguments, &environment);
    let health = Client::new(&format!("http://{health}"), "", None);
    cluster.wait("Gatekeeper", || health.get("/readyz"));

    let address = address.to_string();
    let server = Server::start(&cluster, "transom-server", &address, &json!({}), &[]);
    let policies = |file: &str| server.policies(&format!("gatekeeper/{file}"));
    for manifest in ["provider.yaml", "template.yaml"].iter().flat_map(|file| policies(file)) {
        cluster.create(&manifest);
    }
    let template = "/apis/templates.gatekeeper.sh/v1/constrainttemplates/transomcompatibility";
    cluster.wait("the template", || {
        let template = cluster.client().get(template)?;
        let status = &template["status"];
        assert!(!status.to_string().contains("\"errors\""), "{status}");
        if status["created"] == true { Ok(()) } else { Err(status.to_string()) }
    });
    let mut constraints = policies("constraint.yaml");
    // The README's second constraint: warnings.
    let mut warnings = constraints[0].clone();
    warnings["metadata"]["name"] = json!("windows-warnings");
    warnings["spec"]["enforcementAction"] = json!("warn");
    warnings["spec"]["parameters"]["actions"] = json!(["warn"]);
    warnings["spec"]["parameters"]["failOpen"] = json!(true);
    constraints.push(warnings);
    for constraint in &constraints {
        // Its CustomResourceDefinition comes from Gatekeeper, out of the template.
        cluster.wait("the constraint's kind", || cluster.client().create(constraint).and_then(Answer::ok));
    }
    let bundle = base64::prelude::BASE64_STANDARD.encode(&cluster.authority().pem);
    cluster.create(&json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": "gatekeeper"},
        "webhooks": [{"name": "validation.gatekeeper.sh", "admissionReviewVersions": ["v1"], "sideEffects": "None",
            "timeoutSeconds": 10, "clientConfig": {"url": format!("https://{webhook}/v1/admit"), "caBundle": bundle},
            "rules": [{"apiGroups": ["", "apps"], "apiVersions": ["v1"],
                "resources": ["configmaps", "deployments", "pods", "podtemplates", "replicasets"],
                "operations": ["CREATE", "UPDATE"]}]}]}));
    let world = World { cluster, address, server, leftovers };
    // Constraints and webhooks are known with a delay.
    let trial = pod("trial", UNPINNED);
    world.cluster.wait("Gatekeeper to refuse", || {
        let answer = world.cluster.client().create_with(&trial, "?dryRun=All")?;
        if answer.message().contains("WIN101") { Ok(()) } else { Err(format!("{answer:?}")) }
    });
    Some(world)
}

fn whole(world: &World) {
    refuses_and_warns(world);
    left_over(world);
    takes_any_text(world);
    remembers(world);
    audits(world);
    provider_down(world);
}

fn create(world: &World, object: &Value) -> Answer {
    world.cluster.client().create_with(object, "?dryRun=All").expect("an answer")
}

fn refuses_and_warns(world: &World) {
    let refused = create(world, &pod("bad", UNPINNED));
    assert_eq!(refused.status, 403, "{refused:?}");
    let message = refused.message();
    let expected = "admission webhook \"validation.gatekeeper.sh\" denied the request: [windows-compatibility] WIN101 windows-pod-not-pinned: ";
    assert!(message.starts_with(expected), "{message}");
    assert!(message.contains(" at /spec; add `kubernetes.io/os: windows` to its nodeSelector"), "{message}");
    assert!(refused.warnings.iter().any(|warning| warning.contains("[windows-warnings] WIN803 ")), "{refused:?}");

    let good = create(world, &pod("good", GOOD));
    assert_eq!((good.status, &good.warnings), (201, &Vec::new()), "{good:?}");
}

/// Bad objects that were there before can be gone on with, and are judged when their pods change.
fn left_over(world: &World) {
    let client = world.cluster.client();
    world.leftovers.go_on(client);
    for refused in [world.leftovers.change_template(client), world.leftovers.change_pod_template(client)] {
        assert!(refused.status == 403 && refused.message().contains("WIN406 "), "{refused:?}");
    }
    // The audit is to find less.
    world.leftovers.delete(client);
}

/// The key that the provider is asked by is the object itself, whatever is in it.
fn takes_any_text(world: &World) {
    let texts = [
        "\u{0}\u{1}\u{7}\u{b}\u{7f}\u{85}\u{2028}\u{fffe}",
        "\u{1f600}\u{e000}\u{f08c7}\u{10ffff}",
        // The flag of England.
        "\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
        "\\ \" ' <&> %s %!d(x) \\u007f",
        "\r\n\t",
    ];
    let noted = |text: &str, spec: &str| {
        let mut pod = pod("noted", spec);
        pod["metadata"]["annotations"] = json!({"note": text});
        create(world, &pod)
    };
    for text in texts {
        let refused = noted(text, UNPINNED);
        assert!(refused.message().contains("WIN101"), "{text:?}: {refused:?}");
        let good = noted(text, GOOD);
        assert_eq!(good.status, 201, "{text:?}: {good:?}");
    }
    let mut large = pod("large", GOOD);
    large["spec"]["containers"][0]["env"] = json!([{"name": "LARGE", "value": "x".repeat(1_000_000)}]);
    assert_eq!(create(world, &large).status, 201);
}

/// How many questions transom-server was asked by Gatekeeper.
fn questions(world: &World) -> u64 {
    let metrics = world.server.client.get("/metrics").expect("metrics");
    let lines = metrics.as_str().expect("text").lines();
    let of_gatekeeper = lines.filter(|line| line.starts_with("transom_requests_total{") && line.contains("gatekeeper"));
    of_gatekeeper.filter_map(|line| line.rsplit_once(' ')?.1.parse::<u64>().ok()).sum()
}

/// What was asked before is not asked again: not when it is written again, nor by the second constraint.
fn remembers(world: &World) {
    let pod = pod("remembered", GOOD);
    assert_eq!(create(world, &pod).status, 201);
    assert!(questions(world) > 0, "the metrics know Gatekeeper");
    // The audit asks, too, about other objects, and remembers as well: between two of them it is silent.
    world.cluster.wait("Gatekeeper to ask nothing", || {
        let before = questions(world);
        for _ in 0..5 {
            assert_eq!(create(world, &pod).status, 201);
        }
        let asked = questions(world) - before;
        if asked == 0 { Ok(()) } else { Err(format!("{asked} questions")) }
    });
}

fn audits(world: &World) {
    let (names, violations) = audited(world, "windows-compatibility");
    assert_eq!(names, ["old"], "{violations:?}");
    assert!(violations[0]["message"].as_str().is_some_and(|message| message.starts_with("WIN101 ")), "{violations:?}");
    assert_eq!(violations[0]["enforcementAction"], "deny");
    let (names, violations) = audited(world, "windows-warnings");
    assert_eq!(names, ["old"], "{violations:?}");
}

/// The names of the objects that the audit finds by a constraint, and what it finds.
fn audited(world: &World, constraint: &str) -> (Vec<String>, Vec<Value>) {
    let path = format!("/apis/constraints.gatekeeper.sh/v1beta1/transomcompatibility/{constraint}");
    let violations = world.cluster.wait("an audit", || {
        let constraint = world.cluster.client().get(&path)?;
        match constraint["status"]["violations"].as_array() {
            // It may have begun before these were deleted.
            Some(violations) if !violations.is_empty() && !constraint["status"].to_string().contains("\"left") => {
                Ok(violations.clone())
            }
            _ => {
                let gatekeeper = world.cluster.processes().iter().find(|process| process.name() == "gatekeeper");
                let log = gatekeeper.map(cluster::Process::log_text).unwrap_or_default();
                let audits: Vec<&str> = log.lines().filter(|line| line.contains("audit")).collect();
                Err(format!("{}\n{}", constraint["status"], audits[audits.len().saturating_sub(5)..].join("\n")))
            }
        }
    });
    let mut names: Vec<String> =
        violations.iter().filter_map(|violation| violation["name"].as_str()).map(str::to_owned).collect();
    names.dedup();
    (names, violations)
}

/// What is new cannot be judged while the provider is down. The first constraint then refuses, and
/// with `failOpen` it does not.
fn provider_down(world: &World) {
    world.server.process.signal(cluster::Signal::Kill);
    let _ = world.server.process.wait();
    let known = create(world, &pod("remembered", GOOD));
    assert_eq!(known.status, 201, "{known:?}");
    let refused = create(world, &pod("unknown", GOOD));
    assert_eq!(refused.status, 403, "{refused:?}");
    assert!(refused.message().contains("[windows-compatibility] transom could not judge this: "), "{refused:?}");

    let client = world.cluster.client();
    let constraint = json!({"apiVersion": "constraints.gatekeeper.sh/v1beta1", "kind": "TransomCompatibility",
        "metadata": {"name": "windows-compatibility"}});
    let open = client.merge(&constraint, "", &json!({"spec": {"parameters": {"failOpen": true}}})).and_then(Answer::ok);
    open.expect("the constraint is changed");
    let mut number = 0;
    world.cluster.wait("the constraint to let pass", || {
        number += 1;
        let answer = create(world, &pod(&format!("unknown-{number}"), GOOD));
        if answer.status == 201 { Ok(()) } else { Err(format!("{answer:?}")) }
    });

    let closed =
        client.merge(&constraint, "", &json!({"spec": {"parameters": {"failOpen": false}}})).and_then(Answer::ok);
    closed.expect("the constraint is changed");
    let back = Server::start(&world.cluster, "transom-server", &world.address, &json!({}), &[]);
    world.cluster.wait("Gatekeeper to ask again", || {
        number += 1;
        let bad = create(world, &pod(&format!("unknown-{number}"), UNPINNED));
        if bad.message().contains("WIN101") { Ok(()) } else { Err(format!("{bad:?}")) }
    });
    assert_eq!(create(world, &pod("unknown-and-good", GOOD)).status, 201);
    drop(back);
}
