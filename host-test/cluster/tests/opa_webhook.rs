//! The real opa as admission webhook: kube-apiserver asks it, and it asks transom's module, by
//! `system/validate` and `system/main` of `dist/transom-bundle.tar.gz`.

use std::path::Path;
use std::process::ExitCode;

use base64::Engine as _;
use cluster::pods::{GOOD, UNPINNED, in_namespace, pod};
use cluster::{Answer, Client, Cluster, documents, free_addresses};
use host_test::{opa, opa_module};
use serde_json::{Value, json};
use transom_policies::opa::{MAIN, VALIDATE};

fn main() -> ExitCode {
    cluster::tests(start, &[("opa refuses, warns and lets pass", judges), ("opa mends", mends)])
}

/// A control plane with one opa that judges, and another that mends what it can.
struct World {
    cluster: Cluster,
    judge: Client,
}

fn start() -> Option<World> {
    let mut cluster = Cluster::start(Path::new(env!("CARGO_BIN_EXE_cluster")))?;
    let program = opa::program()?;
    let bundle = opa_module().with_file_name("transom-bundle.tar.gz");
    let certificate = cluster.authority().certificate(&cluster.folder().join("opa"));
    let [judging, mending] = free_addresses();
    let mut clients = Vec::new();
    for (name, address) in [("judging", judging), ("mending", mending)] {
        let arguments = [
            "run".to_owned(),
            "--server".to_owned(),
            "--log-level=error".to_owned(),
            "--skip-version-check".to_owned(),
            format!("--addr=https://{address}"),
            format!("--tls-cert-file={}", certificate.path("tls.crt")),
            format!("--tls-private-key-file={}", certificate.path("tls.key")),
            "--bundle".to_owned(),
            bundle.display().to_string(),
        ];
        cluster.run(&format!("opa-{name}"), &program, &arguments, &[]);
        let client = Client::new(&format!("https://{address}"), &cluster.authority().pem, None);
        cluster.wait("opa", || client.get("/health"));
        clients.push(client);
    }
    let mends = json!({"mutate": "safe", "windows": {"taints": []}});
    assert_eq!(put(&clients[1], &mends.to_string()).status, 204);
    for (name, webhook) in [("judged", "judges"), ("mended", "mends")] {
        let labels = json!({"opa": webhook});
        cluster.create(&json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}));
    }
    let authority = base64::prelude::BASE64_STANDARD.encode(&cluster.authority().pem);
    let webhook = |name: &str, client: &Client, path: &str| {
        json!({"name": format!("{name}.opa.transom.dev"), "admissionReviewVersions": ["v1"], "sideEffects": "None",
            "clientConfig": {"url": format!("{}{path}", client.server()), "caBundle": authority},
            "namespaceSelector": {"matchLabels": {"opa": name}},
            "rules": [{"apiGroups": ["", "apps"], "apiVersions": ["v1"], "resources": ["pods", "deployments"],
                "operations": ["CREATE", "UPDATE"]}]})
    };
    let configuration = |kind: &str, webhook: Value| {
        json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": kind, "metadata": {"name": "opa"},
            "webhooks": [webhook]})
    };
    cluster.create(&configuration("ValidatingWebhookConfiguration", webhook("judges", &clients[0], VALIDATE)));
    cluster.create(&configuration("MutatingWebhookConfiguration", webhook("mends", &clients[1], MAIN)));
    let world = World { cluster, judge: clients.swap_remove(0) };
    // The API server learns of webhooks with a delay.
    let unpinned = pod("trial", UNPINNED);
    world.cluster.wait("opa to be asked", || match world.create("judged", &unpinned, "?dryRun=All")?.status {
        403 => Ok(()),
        status => Err(status.to_string()),
    });
    world.cluster.wait("opa to be asked", || {
        match world.create("mended", &unpinned, "?dryRun=All")?.body.pointer("/spec/nodeSelector") {
            Some(_) => Ok(()),
            None => Err("not mended".to_owned()),
        }
    });
    Some(world)
}

impl World {
    fn create(&self, namespace: &str, object: &Value, query: &str) -> Result<Answer, String> {
        self.cluster.client().create_with(&in_namespace(namespace, object), query)
    }
}

fn judges(world: &World) {
    let unpinned = pod("unpinned", UNPINNED);
    let refused = world.create("judged", &unpinned, "").expect("an answer");
    let expected =
        "admission webhook \"judges.opa.transom.dev\" denied the request: WIN101 windows-pod-not-pinned at /spec\n";
    assert!(refused.message().starts_with(expected), "{refused:?}");
    assert_eq!((refused.status, &refused.body["reason"]), (403, &json!("Forbidden")));

    let template = json!({"metadata": {"labels": {"app": "web"}}, "spec": documents(UNPINNED)[0]});
    let deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
        "spec": {"selector": {"matchLabels": {"app": "web"}}, "template": template}});
    let refused = world.create("judged", &deployment, "").expect("an answer");
    assert!(refused.message().contains("WIN101 windows-pod-not-pinned at /spec/template/spec\n"), "{refused:?}");

    let good = pod("good", GOOD);
    let [judged, free] = ["judged", "default"].map(|namespace| world.create(namespace, &good, "").expect("an answer"));
    assert_eq!((judged.status, &judged.warnings), (201, &Vec::new()), "{judged:?}");
    assert_eq!(judged.body["spec"], free.body["spec"]);

    let put = |settings: Value| {
        let body = settings.to_string();
        let put = self::put(&world.judge, &body);
        assert_eq!(put.status, 204, "{put:?}");
    };
    // The API server takes no patch from a validating webhook, nor anything as if it had been mended.
    put(json!({"mutate": "safe", "windows": {"taints": []}}));
    let refused = world.create("judged", &unpinned, "").expect("an answer");
    assert!(refused.message().starts_with(expected), "{refused:?}");
    let good = world.create("judged", &pod("also-good", GOOD), "").expect("an answer");
    assert_eq!(good.status, 201, "{good:?}");

    put(json!({"rules": {"WIN101": "warn"}}));
    let warned = world.create("judged", &unpinned, "").expect("an answer");
    assert_eq!(warned.status, 201, "{warned:?}");
    assert!(warned.warnings.iter().any(|warning| warning.starts_with("WIN101 /spec: ")), "{warned:?}");
    // An update is judged as well, and what it cannot change is no reason to refuse it.
    let mut labelled = warned.body;
    labelled["metadata"]["labels"] = json!({"app": "web"});
    let updated = world.cluster.client().update(&labelled).expect("an answer");
    assert_eq!(updated.status, 200, "{updated:?}");
}

fn mends(world: &World) {
    let unpinned = pod("unpinned", UNPINNED);
    let mended = world.create("mended", &unpinned, "").expect("an answer");
    assert_eq!(mended.status, 201, "{mended:?}");
    assert_eq!(mended.body["spec"]["nodeSelector"], json!({"kubernetes.io/os": "windows"}));
    let stored = world.cluster.client().get("/api/v1/namespaces/mended/pods/unpinned").expect("it is there");
    assert_eq!(stored["spec"], mended.body["spec"]);
}

fn put(opa: &Client, settings: &str) -> Answer {
    opa.send("PUT", "/v1/data/transom/settings", "application/json", Some(settings.as_bytes())).expect("an answer")
}
