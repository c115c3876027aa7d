//! transom-server as admission webhook: what is created through the real API server.
//!
//! `policies/kubernetes/webhooks.yaml` is installed as it is, but for the address. Objects in the
//! namespaces `judged*` are validated, those in `mended` are mutated first.

use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread;

use cluster::engine::say;
use cluster::pods::{GOOD, UNPINNED, in_namespace, pod};
use cluster::{Answer, Cluster, Leftovers, Server, Signal, documents};
use host_test::{Case, generate};
use serde_json::{Value, json};
use transom::Transom;
use transom_policies::cel::judge::Workload;

/// How many pods are made, beside the cases.
const PODS: u64 = 300;

fn main() -> ExitCode {
    cluster::tests(
        start,
        &[
            ("what is created is judged as by the library", created),
            ("what is mended is scheduled where it belongs", mended),
            ("updates", updates),
            ("what was there before", left_over),
            ("subresources of a running pod", subresources),
            ("large objects and dry runs", large),
            ("killed under load", killed),
        ],
    )
}

/// A control plane with three servers: one judges, one mends, one judges until it is killed.
struct World {
    cluster: Cluster,
    _judge: Server,
    _mender: Server,
    mortal: Server,
    /// In the namespace where objects are judged, and in that where they are mended.
    leftovers: [Leftovers; 2],
}

fn start() -> Option<World> {
    let mut cluster = Cluster::start(Path::new(env!("CARGO_BIN_EXE_cluster")))?;
    let taint = json!({"key": "os", "value": "windows", "effect": "NoSchedule"});
    for (name, os, taints) in [("lin", "linux", json!([])), ("win", "windows", json!([taint]))] {
        let labels = json!({"kubernetes.io/os": os, "kubernetes.io/arch": "amd64"});
        cluster.add_node(&json!({"apiVersion": "v1", "kind": "Node",
            "metadata": {"name": name, "labels": labels}, "spec": {"taints": taints}}));
    }
    cluster.start_scheduler();
    let listen = "127.0.0.1:0";
    let judge = Server::start(&cluster, "judge", listen, &json!({}), &[]);
    let settings = json!({"mutate": "safe", "windows": {"taints": [taint]}});
    let mender = Server::start(&cluster, "mender", listen, &settings, &[]);
    let mortal = Server::start(&cluster, "mortal", listen, &json!({}), &[]);
    for name in ["judged", "mended", "mortal", "free"] {
        let labels = json!({"transom-test": name});
        cluster.create(&json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}));
    }
    let leftovers = ["judged", "mended"].map(|namespace| Leftovers::create(cluster.client(), namespace));
    let (validating, mutating) = ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration");
    for (server, kind, label) in
        [(&judge, validating, "judged"), (&mortal, validating, "mortal"), (&mender, mutating, "mended")]
    {
        let policies = server.policies("kubernetes/webhooks.yaml");
        let mut policy = policies.into_iter().find(|policy| policy["kind"] == kind).expect("it is in the file");
        policy["metadata"]["name"] = json!(format!("transom-{label}"));
        for webhook in policy["webhooks"].as_array_mut().expect("webhooks") {
            let only = json!({"key": "transom-test", "operator": "In", "values": [label]});
            webhook["namespaceSelector"]["matchExpressions"].as_array_mut().expect("a selector").push(only);
        }
        cluster.create(&policy);
    }
    let world = World { cluster, _judge: judge, _mender: mender, mortal, leftovers };
    // The API server learns of webhooks with a delay.
    let trial = pod("trial", UNPINNED);
    world.cluster.wait("the webhooks", || {
        let [judged, mortal, mended] =
            ["judged", "mortal", "mended"].map(|namespace| world.create(namespace, &trial, "?dryRun=All"));
        match (judged.status, mortal.status, mended.body.pointer("/spec/nodeSelector")) {
            (403, 403, Some(_)) => Ok(()),
            _ => Err(format!("{judged:?} {mortal:?} {mended:?}")),
        }
    });
    Some(world)
}

impl World {
    fn create(&self, namespace: &str, object: &Value, query: &str) -> Answer {
        let object = in_namespace(namespace, object);
        self.cluster.client().create_with(&object, query).unwrap_or_else(|error| panic!("{error}\n{object}"))
    }

    /// Where the scheduler put a pod.
    fn node(&self, pod: &Value) -> String {
        let client = self.cluster.client();
        let path = client.path(pod).expect("a path");
        self.cluster.wait("a node", || {
            let pod = client.get(&path)?;
            pod["spec"]["nodeName"].as_str().map(str::to_owned).ok_or_else(|| pod["status"].to_string())
        })
    }
}

/// The message of a refusal by our webhook; `None` where something else refuses.
fn denial(answer: &Answer) -> Option<&str> {
    answer.message().strip_prefix("admission webhook \"workloads.transom.dev\" denied the request: ")
}

/// What the library answers to the creation of an object.
fn review(object: &Value) -> Value {
    let version = object["apiVersion"].as_str().unwrap_or_default();
    let (group, version) = version.split_once('/').unwrap_or(("", version));
    let request = json!({"uid": "1", "operation": "CREATE", "namespace": "judged", "object": object,
        "kind": {"group": group, "version": version, "kind": object["kind"]}});
    let review = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request});
    let answer = Transom::new().review(review.to_string().as_bytes());
    serde_json::from_str::<Value>(&answer).expect("an AdmissionReview")["response"].take()
}

/// Every workload of the corpus that needs no context or settings, and generated ones: the same answer
/// comes back through the API server, and what is good comes back as it would without us.
fn created(world: &World) {
    let cases = Case::all().into_iter().map(|case| case.expect("a case"));
    let cases = cases.filter(|case| case.context.is_empty() && case.settings.is_none() && case.now.is_none());
    let generated = (0..PODS).map(generate::Case::new);
    let generated = generated.filter(|case| case.runtime_class.is_none() && case.namespace.is_none());
    let objects = cases
        .map(|case| (case.name, case.object))
        .chain(generated.map(|case| (format!("SEED={}", case.seed), case.object)))
        .filter(|(_, object)| Workload::of(object).is_some());
    let (mut denied, mut warned, mut good, mut invalid) = (0, 0, 0, 0);
    let mut failures = Vec::new();
    for (number, (name, mut object)) in objects.enumerate() {
        object["metadata"]["name"] = json!(format!("object-{number}"));
        object["metadata"]["namespace"] = json!("judged");
        let free = world.create("free", &object, "?dryRun=All");
        if free.status >= 300 {
            // Kubernetes itself has something against it.
            invalid += 1;
            continue;
        }
        let judged = world.create("judged", &object, "");
        // What the webhook is asked about: with defaults, quantities as Kubernetes writes them, and
        // without what switched-off feature gates drop.
        object = free.body.clone();
        object["metadata"]["namespace"] = json!("judged");
        let expected = review(&object);
        let mut warnings: Vec<&str> =
            expected["warnings"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        // The API server says everything once.
        let mut said = Vec::new();
        warnings.retain(|warning| {
            !said.contains(warning) && {
                said.push(*warning);
                true
            }
        });
        let seen: Vec<&str> =
            judged.warnings.iter().map(String::as_str).filter(|warning| warning.starts_with("WIN")).collect();
        let mut demand = |holds: bool, what: &str| {
            if !holds {
                failures.push(format!("{name}: {what}\n{judged:?}\n{expected}\n{object}"));
            }
        };
        demand(seen == warnings, "other warnings");
        warned += usize::from(!seen.is_empty());
        if expected["allowed"] == true {
            good += 1;
            demand(judged.status == 201, "refused");
            // A Job gets labels with its own uid.
            let at = if object["kind"] == "Job" { "/spec/template/spec" } else { "/spec" };
            demand(judged.body.pointer(at) == free.body.pointer(at), "changed");
        } else {
            denied += 1;
            demand(judged.status == 403, "another status");
            demand(denial(&judged) == expected["status"]["message"].as_str(), "another message");
        }
    }
    say(&format!(
        "{denied} refused, {good} let in, {warned} of all with warnings, {invalid} more invalid by themselves"
    ));
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures[..failures.len().min(5)].join("\n\n"));
    assert!(denied >= 30 && good >= 10 && warned >= 30, "too one-sided");
}

/// The safe fixes make of a pod that goes wrong one that goes right.
fn mended(world: &World) {
    let wrong = pod("wrong", UNPINNED);
    let node = |namespace: &str| {
        let created = world.create(namespace, &wrong, "");
        assert_eq!(created.status, 201, "{created:?}");
        let node = world.node(&created.body);
        (created.body, node)
    };
    let (_, unmended) = node("free");
    assert_eq!(unmended, "lin");
    let (pod, mended) = node("mended");
    assert_eq!(mended, "win");
    assert_eq!(pod["spec"]["nodeSelector"], json!({"kubernetes.io/os": "windows"}));

    let template = json!({"metadata": {"labels": {"app": "web"}}, "spec": documents(UNPINNED)[0]});
    let deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
        "spec": {"selector": {"matchLabels": {"app": "web"}}, "template": template}});
    let created = world.create("mended", &deployment, "");
    assert_eq!(created.body["spec"]["template"]["spec"]["nodeSelector"], json!({"kubernetes.io/os": "windows"}));
    // It is good now: nothing is changed by applying it again.
    let again = world.cluster.client().update(&created.body).and_then(Answer::ok).expect("accepted");
    assert_eq!(again["spec"], created.body["spec"]);

    let good = self::pod("good", GOOD);
    let [free, mended] = ["free", "mended"].map(|namespace| world.create(namespace, &good, "?dryRun=All"));
    assert_eq!((mended.status, &mended.body["spec"]), (201, &free.body["spec"]));
}

fn updates(world: &World) {
    let client = world.cluster.client();
    let template = json!({"metadata": {"labels": {"app": "up"}}, "spec": documents(GOOD)[0]});
    let deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "up"},
        "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "up"}}, "template": template}});
    let created = world.create("judged", &deployment, "");
    assert_eq!((created.status, &created.warnings), (201, &Vec::new()), "{created:?}");
    let scaled = client.merge(&created.body, "", &json!({"spec": {"replicas": 3}})).expect("an answer");
    assert_eq!(scaled.status, 200, "{scaled:?}");
    let spec = documents(UNPINNED).remove(0);
    let worse = json!({"spec": {"template": {"spec": {
        "os": null, "nodeSelector": null, "tolerations": null, "containers": spec["containers"]}}}});
    let refused = client.merge(&created.body, "", &worse).expect("an answer");
    assert_eq!(refused.status, 403, "{refused:?}");
    assert!(denial(&refused).is_some_and(|why| why.starts_with("WIN101 ")), "{refused:?}");
    let stored = client.get(&client.path(&created.body).expect("a path")).expect("it is there");
    assert_eq!(stored["spec"]["replicas"], 3);
    assert_eq!(stored["spec"]["template"], created.body["spec"]["template"]);
    assert_eq!(client.delete(&created.body).expect("an answer").status, 200);
}

/// Bad objects that were there before can be gone on with, and are judged when their pods change.
fn left_over(world: &World) {
    let client = world.cluster.client();
    for leftovers in &world.leftovers {
        leftovers.go_on(client);
        for refused in [leftovers.change_template(client), leftovers.change_pod_template(client)] {
            assert!(
                refused.message().contains(" denied the request: ") && refused.message().contains("WIN406 "),
                "{refused:?}"
            );
        }
    }
    let [judged, _] = &world.leftovers;
    let answer = judged.change_data(client);
    let is_seen = answer.message().contains("WIN410 ") || answer.warnings.iter().any(|text| text.contains("WIN410 "));
    assert!(is_seen, "{answer:?}");
}

/// `kubectl debug` and `kubectl` resizing, on a pod that got in before there was a webhook.
fn subresources(world: &World) {
    let client = world.cluster.client();
    let created = world.create("judged", &pod("running", GOOD), "");
    assert_eq!(created.status, 201, "{created:?}");
    let add = |container: Value| {
        let patch = json!({"spec": {"ephemeralContainers": [container]}});
        let path = format!("{}/ephemeralcontainers", client.path(&created.body).expect("a path"));
        let content = "application/strategic-merge-patch+json";
        client.send("PATCH", &path, content, Some(patch.to_string().as_bytes())).expect("an answer")
    };
    let linux = add(json!({"name": "debug", "image": "busybox:1.36", "command": ["sh"]}));
    let good =
        add(json!({"name": "shell", "image": "mcr.microsoft.com/windows/nanoserver:ltsc2022", "command": ["cmd"]}));
    say(&format!("a Linux image as ephemeral container: {} {:?}", linux.status, linux.warnings));
    assert_eq!(linux.status, 403, "{linux:?}");
    assert!(denial(&linux).is_some_and(|why| why.contains("/spec/ephemeralContainers/0")), "{linux:?}");
    assert_eq!(good.status, 200, "{good:?}");

    // Windows pods cannot be resized; of one without os.name that waits for a node the API server does
    // not know that.
    let mut unmarked = pod("unmarked", GOOD);
    unmarked["spec"].as_object_mut().expect("a spec").remove("os");
    unmarked["spec"]["nodeSelector"]["example.com/pool"] = json!("to-come");
    let unmarked = world.create("judged", &unmarked, "");
    assert_eq!(unmarked.status, 201, "{unmarked:?}");
    let resources = json!({"requests": {"cpu": "600m"}});
    let resize = json!({"spec": {"containers": [{"name": "web", "resources": resources}]}});
    let path = format!("{}/resize", client.path(&unmarked.body).expect("a path"));
    let content = "application/strategic-merge-patch+json";
    let resized = client.send("PATCH", &path, content, Some(resize.to_string().as_bytes())).expect("an answer");
    assert!(denial(&resized).is_some_and(|why| why.starts_with("WIN215 ")), "{resized:?}");
    for pod in [&created.body, &unmarked.body] {
        assert_eq!(client.delete(pod).expect("an answer").status, 200);
    }
}

/// Nearly as much as the API server takes, and what it does not keep.
fn large(world: &World) {
    let mut large = pod("large", GOOD);
    large["spec"]["containers"][0]["env"] = json!([{"name": "LARGE", "value": "x".repeat(2_900_000)}]);
    let accepted = world.create("judged", &large, "?dryRun=All");
    assert_eq!(accepted.status, 201, "{}", accepted.message());
    large["spec"]["nodeSelector"] = json!(null);
    large["spec"]["os"] = json!(null);
    let refused = world.create("judged", &large, "?dryRun=All");
    assert!(denial(&refused).is_some_and(|why| why.starts_with("WIN101 ")), "{}", refused.message());
    let path = world.cluster.client().path(&accepted.body).expect("a path");
    assert!(world.cluster.client().get(&path).is_err_and(|error| error.starts_with("404 ")));
}

/// Every request gets an answer, and nothing bad slips in: what cannot be judged for want of a server is
/// refused, as `failurePolicy` says, until there is one again.
fn killed(world: &World) {
    let (bad, good) = (pod("bad", UNPINNED), pod("good", GOOD));
    let counts: [AtomicUsize; 3] = Default::default();
    let [denied, allowed, unasked] = &counts;
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !stop.load(SeqCst) {
                    for pod in [&bad, &good] {
                        let answer = world.create("mortal", pod, "?dryRun=All");
                        let count = match answer.status {
                            201 if std::ptr::eq(pod, &good) => allowed,
                            403 if std::ptr::eq(pod, &bad) && denial(&answer).is_some() => denied,
                            500 if answer.message().contains("failed calling webhook") => unasked,
                            _ => panic!("{answer:?}"),
                        };
                        count.fetch_add(1, SeqCst);
                    }
                }
            });
        }
        // Whatever fails here, the others are told to stop.
        let _stop = StopOnDrop(&stop);
        let goes_on = |count: &AtomicUsize| {
            let until = count.load(SeqCst) + 20;
            let seen = || count.load(SeqCst);
            world.cluster.wait("more answers", || if seen() >= until { Ok(()) } else { Err(seen().to_string()) });
        };
        goes_on(denied);
        world.mortal.process.signal(Signal::Kill);
        goes_on(unasked);
        let back = Server::start(&world.cluster, "mortal", &world.mortal.address, &json!({}), &[]);
        goes_on(denied);
        goes_on(allowed);
        back
    });
    say(&format!(
        "killed under load: {denied:?} refused, {allowed:?} let in, {unasked:?} refused for want of a server"
    ));
}

struct StopOnDrop<'a>(&'a AtomicBool);

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, SeqCst);
    }
}
