//! The chart and the packages, by the tools of those they are for: helm lints and renders the chart, the
//! API server takes what comes out, transom has nothing to say about it; gator and Kyverno's own program
//! judge the samples by the policies in CEL.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use base64::Engine as _;
use cluster::engines::{GATEKEEPER, KYVERNO, helm};
use cluster::{Cluster, documents};
use host_test::engine::{run, say};
use host_test::root;
use serde_json::{Value, json};
use transom_policies::kubernetes::FIXES;

/// Values to render the chart with. What only engines know is rendered, and left to their own tests.
const VALUES: &[&[&str]] = &[
    &[],
    &["certificates.from=cert-manager", "webhooks.mutating.enabled=true", "serviceMonitor.enabled=true"],
    &["certificates.from=secret", "certificates.secretName=tls", CA, "serviceMonitor.enabled=true", EXTRA],
    PARAMETERS,
    &["gatekeeper.enabled=true", "gatekeeper.constraint=true", "kyverno.enabled=true", "kyverno.mutating=true"],
    &[
        "podDisruptionBudget.enabled=false",
        "networkPolicy.enabled=false",
        "webhooks.validating.enabled=false",
        "lookUps.enabled=false",
    ],
    &["networkPolicy.apiServerPorts={16443}", "--kube-version=1.30.0-eks-1"],
    &["server.dryRun=true", "server.extraArgs={--max-concurrent=8}", "nodeSelector.pool=system", "replicas=1"],
    &["admissionPolicies.enabled=true", "settings.rules.host-network=warn", "settings.rules.WIN202=deny"],
    &["webhooks.namespaceSelector=null", "webhooks.excludedNamespaces=null", "nodeSelector=null", DIGEST],
    &[
        "webhooks.timeoutSeconds=1",
        "nameOverride=door",
        "commonLabels.team=shop",
        "podLabels.team=windows",
        "serviceAccount.annotations.role=none",
        "serviceMonitor.enabled=true",
        "serviceMonitor.labels.team=metrics",
    ],
];

/// Blocks of values that may be missing, as after an upgrade with the values of an older chart.
const NULLS: &[&str] = &[
    "server=null",
    "lookUps=null",
    "resources=null",
    "podDisruptionBudget=null",
    "webhooks=null",
    "webhooks.validating=null",
    "webhooks.validating.failurePolicy=null",
    "webhooks.timeoutSeconds=null",
    "admissionPolicies=null",
    "certificates=null",
    "certificates.days=null",
    "gatekeeper=null",
    "kyverno=null",
    "serviceAccount=null",
    "serviceMonitor=null",
    "networkPolicy=null",
    "networkPolicy.apiServerPorts=null",
    "settings=null",
    "replicas=null",
    "commonLabels=null",
    "podLabels=null",
    "image.pullPolicy=null",
];

const CA: &str = "certificates.ca=-----BEGIN CERTIFICATE-----";

/// A rule for a custom resource with a template of pods.
const EXTRA: &str = r#"--set-json=webhooks.extraRules=[{"apiGroups": ["argoproj.io"], "apiVersions": ["v1alpha1"], "resources": ["rollouts"]}]"#;

const DIGEST: &str = "image.digest=sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// Names of releases that helm takes, and that are no names of Services.
const RELEASES: &[&str] = &["1.2", "12", "windows.door"];

/// Settings of which the policy in CEL that fixes is told.
const PARAMETERS: &[&str] = &[
    "admissionPolicies.enabled=true",
    "settings.mutate=safe",
    "settings.platform=openshift",
    "settings.windows.taints[0].key=os",
    "settings.windows.taints[0].value=windows",
    "settings.windows.taints[0].effect=NoSchedule",
    "settings.windows.taints[1].key=alone",
    "settings.windows.taints[1].effect=NoExecute",
    // Without quotes it is a boolean in YAML, and helm passes on what it was.
    "settings.rules.WIN110=off",
    "settings.rules.WIN109=warn",
    "settings.exempt.namespaces={left}",
    "webhooks.excludedNamespaces={alone}",
];

/// API groups of which the API server has none of its own.
const OF_OTHERS: &[&str] = &[
    "cert-manager.io",
    "constraints.gatekeeper.sh",
    "externaldata.gatekeeper.sh",
    "monitoring.coreos.com",
    "policies.kyverno.io",
    "templates.gatekeeper.sh",
];

fn main() -> ExitCode {
    cluster::tests(
        || Some(()),
        &[
            ("the chart", renders_the_chart),
            ("releases are upgraded again and again", |()| upgrades()),
            ("certificates are renewed in time", |()| renews()),
            ("what is missing is off or as usual", |()| takes_nulls()),
            ("OpenShift gives pods their users", |()| leaves_users_out()),
            ("names and labels are as set", |()| names()),
            ("the server gives up first", |()| gives_up_first()),
            ("the notes say what is judged", |()| notes()),
            ("settings are parameters of policies", |()| passes_settings_on()),
            ("policies refuse and warn as settings say", |()| refuses_as_set()),
            ("webhooks ask about custom resources that are named", |()| asks_about_more()),
            ("nothing looks at the server's own namespace", |()| leaves_its_namespace_out()),
            ("wrong values are refused", |()| refuses_values()),
            ("gator verifies the templates in CEL", |()| verifies()),
            ("Kyverno judges the samples in CEL", |()| applies()),
        ],
    )
}

fn chart() -> PathBuf {
    root().join("charts/transom")
}

fn template(helm: &Path, values: &[&str]) -> Result<Vec<Value>, String> {
    release(helm, "transom", values)
}

/// Renders the chart for a release in the namespace of its name.
fn release(helm: &Path, name: &str, values: &[&str]) -> Result<Vec<Value>, String> {
    let mut command = Command::new(helm);
    command.args(["template", name, &format!("--namespace={}", name.replace('.', "-"))]);
    let set = |value: &&str| if value.starts_with("--") { (*value).to_owned() } else { format!("--set={value}") };
    command.arg(chart()).args(values.iter().map(set));
    run(&mut command).map(|text| documents(&text)).map_err(|error| error.to_string())
}

fn renders_the_chart((): &()) {
    let Some(helm) = helm() else { return };
    let linted = run(Command::new(&helm).args(["lint", "--strict"]).arg(chart())).expect("helm lint");
    assert!(linted.contains("0 chart(s) failed"), "{linted}");
    let Some(cluster) = Cluster::start(Path::new(env!("CARGO_BIN_EXE_cluster"))) else { return };
    for name in [&["transom", "kyverno"], RELEASES].concat() {
        let name = name.replace('.', "-");
        cluster.create(&json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}));
    }
    let mut kinds = BTreeSet::new();
    let of_values = VALUES.iter().map(|values| ("transom", *values));
    for (name, values) in of_values.chain(RELEASES.iter().map(|name| (*name, &[][..]))) {
        let objects = release(&helm, name, values).expect("it renders");
        for object in &objects {
            says_nothing(object, &objects);
            kinds.insert(object["kind"].as_str().unwrap_or_default().to_owned());
            let group = object["apiVersion"].as_str().unwrap_or_default().split('/').next().unwrap_or_default();
            if !OF_OTHERS.contains(&group) {
                let answer = cluster.client().create_with(object, "?dryRun=All&fieldValidation=Strict");
                let answer = answer.expect("an answer");
                assert_eq!((answer.status, &answer.warnings), (201, &Vec::new()), "{object}\n{answer:?}");
            }
        }
        let is_there = |kind: &str| objects.iter().any(|object| object["kind"] == kind);
        assert!(is_there("Deployment") && is_there("Service") && is_there("ServiceAccount"), "{name} {values:?}");
    }
    for kind in [
        "MutatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "Certificate",
        "MutatingWebhookConfiguration",
        "NetworkPolicy",
        "PodDisruptionBudget",
        "Provider",
    ] {
        assert!(kinds.contains(kind), "no {kind} among {kinds:?}");
    }
    say(&format!("{} kinds of objects in {} renderings", kinds.len(), VALUES.len()));
}

/// Helm finds nothing that it has not written itself in what an upgrade has created.
fn upgrades() {
    let Some(helm) = helm() else { return };
    let Some(cluster) = Cluster::start(Path::new(env!("CARGO_BIN_EXE_cluster"))) else { return };
    let kubeconfig = format!("--kubeconfig={}", cluster.kubeconfig().display());
    let helm = |arguments: &[&str], values: &[&str]| {
        let mut command = Command::new(&helm);
        command.args(arguments).args(["transom", &kubeconfig, "--namespace=transom"]).arg(chart());
        command.args(values.iter().map(|value| format!("--set={value}")));
        run(&mut command).unwrap_or_else(|error| panic!("{arguments:?} {values:?}: {error}"))
    };
    let upgrade = |values: &[&str]| helm(&["upgrade", "--reset-then-reuse-values"], values);
    helm(&["install", "--create-namespace"], &["settings.platform=aks"]);
    upgrade(&["webhooks.mutating.enabled=true", "settings.mutate=safe"]);
    upgrade(&["admissionPolicies.enabled=true"]);
    upgrade(&["replicas=3"]);
    // What was created by an upgrade Helm takes for another's where it changes.
    helm(&["upgrade", "--reset-then-reuse-values", "--force-conflicts"], &["webhooks.excludedNamespaces={alone}"]);
    upgrade(&["replicas=2"]);
}

/// What was made is kept until a third of its days is left; the CA outlives it, and after a new one stands the old.
fn renews() {
    let Some(helm) = helm() else { return };
    let Some(cluster) = Cluster::start(Path::new(env!("CARGO_BIN_EXE_cluster"))) else { return };
    let kubeconfig = format!("--kubeconfig={}", cluster.kubeconfig().display());
    let helm = |arguments: &[&str]| {
        let mut command = Command::new(&helm);
        command.args(arguments).args(["transom", &kubeconfig, "--namespace=transom"]).arg(chart());
        run(&mut command).unwrap_or_else(|error| panic!("{arguments:?}: {error}"));
        let secret = cluster.client().get("/api/v1/namespaces/transom/secrets/transom-tls").expect("a Secret");
        let webhooks = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/transom";
        let webhooks = cluster.client().get(webhooks).expect("webhooks");
        assert_eq!(webhooks["webhooks"][0]["clientConfig"]["caBundle"], secret["data"]["ca.crt"]);
        secret
    };
    let upgrade =
        |more: &[&str]| helm(&[&["upgrade", "--reset-then-reuse-values", "--force-conflicts"], more].concat());
    let annotate = |secret: &Value, annotations: Value| {
        let patch = json!({"metadata": {"annotations": annotations}});
        cluster.client().merge(secret, "", &patch).expect("an answer").ok().expect("it is changed");
    };
    let authorities = |secret: &Value| {
        let text = secret["data"]["ca.crt"].as_str().expect("a CA");
        let text = base64::engine::general_purpose::STANDARD.decode(text).expect("base64");
        let text = String::from_utf8(text).expect("PEM");
        let blocks = text.split_inclusive("-----END CERTIFICATE-----\n").map(|text| text.trim().to_owned());
        blocks.filter(|text| !text.is_empty()).collect::<Vec<_>>()
    };
    let first = helm(&["install", "--create-namespace"]);
    let made = authorities(&first);
    assert_eq!(first["metadata"]["annotations"]["transom.dev/days"], "3650");
    assert_eq!(upgrade(&["--set=replicas=3"])["metadata"]["resourceVersion"], first["metadata"]["resourceVersion"]);
    annotate(&first, json!({"transom.dev/not-after": "1800000000"}));
    let second = upgrade(&[]);
    assert_eq!(authorities(&second), made, "the CA has years left");
    assert_ne!(second["data"]["tls.crt"], first["data"]["tls.crt"]);
    assert_eq!(second["data"]["ca.key"], first["data"]["ca.key"]);
    assert_eq!(upgrade(&[])["data"], second["data"]);
    annotate(&second, json!({"transom.dev/not-after": "1800000000", "transom.dev/ca-not-after": "1800000000"}));
    let third = upgrade(&[]);
    let renewed = authorities(&third);
    assert_eq!(renewed[1..], made[..1], "the old one stands after the new one");
    annotate(&third, json!({"transom.dev/ca-not-after": null}));
    let fourth = upgrade(&["--set=certificates.days=100"]);
    assert_eq!(authorities(&fourth)[1..], renewed[..1], "two at most");
    annotate(&fourth, json!({"transom.dev/not-after": null, "transom.dev/days": null}));
    assert_eq!(upgrade(&[])["data"], fourth["data"], "of an older chart, and new");
    // Nothing has changed for the webhooks: no two owners of them are at odds.
    let fifth = helm(&["upgrade", "--reset-then-reuse-values", "--set=certificates.days=99"]);
    assert_eq!(fifth["data"]["ca.crt"], fourth["data"]["ca.crt"]);
    cluster.client().delete(&fifth).expect("an answer").ok().expect("it is deleted");
    assert_eq!(authorities(&upgrade(&[])).len(), 1);
}

fn takes_nulls() {
    let Some(helm) = helm() else { return };
    for value in NULLS {
        let objects = template(&helm, &[value]).unwrap_or_else(|error| panic!("{value}: {error}"));
        let server = objects.iter().find(|object| object["kind"] == "Deployment").expect("a Deployment");
        let text = server.to_string();
        assert!(text.contains(r#""--fail-closed""#) && !text.contains("null"), "{value}: {text}");
    }
    let kinds = |value: &str| {
        let objects = template(&helm, &[value]).expect("it renders");
        objects.iter().map(|object| object["kind"].as_str().unwrap_or_default().to_owned()).collect::<BTreeSet<_>>()
    };
    assert!(!kinds("webhooks=null").contains("ValidatingWebhookConfiguration"));
    assert!(!kinds("podDisruptionBudget=null").contains("PodDisruptionBudget"));
    assert!(kinds("certificates=null").contains("Secret"));
}

fn leaves_users_out() {
    let Some(helm) = helm() else { return };
    for (values, is_set) in [
        (&[][..], true),
        (&["settings.platform=aks"], true),
        (&["settings.platform=openshift"], false),
        (&["--api-versions=security.openshift.io/v1"], false),
    ] {
        let objects = template(&helm, values).expect("it renders");
        let server = objects.iter().find(|object| object["kind"] == "Deployment").expect("a Deployment");
        let context = &server["spec"]["template"]["spec"]["securityContext"];
        assert_eq!(context["runAsNonRoot"], true);
        for field in ["runAsUser", "runAsGroup", "fsGroup"] {
            assert_eq!(context[field] == 65532, is_set, "{values:?}: {context}");
            assert_eq!(context[field].is_null(), !is_set, "{values:?}: {context}");
        }
    }
}

fn names() {
    let Some(helm) = helm() else { return };
    let named = |values: &[&str]| {
        let labels = ["commonLabels.team=shop", "commonLabels.tier=door", "podLabels.team=windows"];
        let objects = release(&helm, "shop", &[&labels[..], values].concat()).expect("it renders");
        assert!(objects.iter().all(|object| object["metadata"]["labels"]["tier"] == "door"), "{objects:?}");
        let server = objects.iter().find(|object| object["kind"] == "Deployment").expect("a Deployment");
        let selector = json!({"app.kubernetes.io/name": "transom", "app.kubernetes.io/instance": "shop"});
        assert_eq!(server["spec"]["selector"]["matchLabels"], selector);
        assert_eq!(server["metadata"]["labels"]["team"], "shop");
        assert_eq!(server["spec"]["template"]["metadata"]["labels"]["team"], "windows");
        server["metadata"]["name"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(named(&[]), "shop-transom");
    assert_eq!(named(&["nameOverride=door"]), "shop-door");
    assert_eq!(named(&["fullnameOverride=door", "gatekeeper.enabled=true", "kyverno.enabled=true"]), "door");
}

/// A request waits for its turn, and is then judged: each takes `--timeout` at most.
fn gives_up_first() {
    let Some(helm) = helm() else { return };
    for (seconds, timeout) in [(1, Some("--timeout=250ms")), (2, Some("--timeout=750ms")), (5, None), (30, None)] {
        let objects = template(&helm, &[&format!("webhooks.timeoutSeconds={seconds}")]).expect("it renders");
        let server = objects.iter().find(|object| object["kind"] == "Deployment").expect("a Deployment");
        let arguments = server["spec"]["template"]["spec"]["containers"][0]["args"].as_array().expect("arguments");
        let mut arguments = arguments.iter().filter_map(Value::as_str);
        assert_eq!(arguments.find(|argument| argument.starts_with("--timeout")), timeout, "{seconds}");
    }
    template(&helm, &["server.extraArgs={--timeout=4s}", "webhooks.timeoutSeconds=10"]).expect("it fits");
}

fn notes() {
    let Some(helm) = helm() else { return };
    let notes = |values: &[&str]| {
        let mut command = Command::new(&helm);
        command.args(["install", "transom", "--namespace=transom", "--dry-run=client"]).arg(chart());
        command.args(values.iter().map(|value| format!("--set={value}"))).env("KUBECONFIG", "none");
        let text = run(&mut command).expect("it renders");
        text.split_once("NOTES:").expect("notes").1.to_owned()
    };
    let off = "webhooks.validating.enabled=false";
    let selected = [
        "webhooks.namespaceSelector.matchExpressions[0].key=windows",
        "webhooks.namespaceSelector.matchExpressions[0].operator=Exists",
    ];
    for (values, says, says_not) in [
        (&[][..], "webhook refuses what will not work", "namespaceSelector"),
        (&[], "To see it refuse: ", "mutating"),
        (&["server.dryRun=true"], "To see what it would refuse: ", "refuses"),
        (&[off], "judges nothing yet", "kubectl"),
        (&[off, "gatekeeper.enabled=true"], "judges nothing yet", "kubectl"),
        (&[off, "admissionPolicies.enabled=true"], "CEL refuse and warn.", "webhook refuses"),
        (&[off, "kyverno.enabled=true", "server.dryRun=true"], "refuses nothing", "kubectl"),
        (&["webhooks.mutating.enabled=true"], "fixes pods and workloads", "judges nothing"),
        (&["webhooks.mutating.enabled=true", "settings.mutate=off"], "fixes nothing", "fixes pods"),
        (&selected, "what webhooks.namespaceSelector selects", "judges nothing"),
        (&["settings.rules.WIN401=off"], "refuses what will not work", "kubectl"),
    ] {
        let text = notes(values);
        assert!(text.contains(says) && !text.contains(says_not), "{values:?}: {text}");
    }
}

/// The chart passes transom's own rules, warnings included.
fn says_nothing(object: &Value, objects: &[Value]) {
    let input = json!({"request": object, "context": objects});
    let decision: Value = serde_json::from_str(&transom::evaluate(input.to_string().as_bytes())).expect("a Decision");
    let findings = decision["findings"].as_array().expect("findings");
    assert!(findings.iter().all(|finding| finding["action"] == "info"), "{object}\n{findings:?}");
    assert_eq!(decision["patch"], json!([]), "{object}");
}

fn passes_settings_on() {
    let Some(helm) = helm() else { return };
    let parameters = |values: &[&str]| {
        let objects = template(&helm, values).expect("it renders");
        let is_it = |object: &&Value| object["kind"] == "ConfigMap" && object["metadata"]["name"] == FIXES;
        let found = objects.iter().find(is_it).expect("a ConfigMap");
        let bindings =
            objects.iter().filter(|object| object["kind"].as_str().is_some_and(|kind| kind.ends_with("PolicyBinding")));
        for binding in bindings {
            let left = &binding["spec"]["matchResources"]["namespaceSelector"]["matchExpressions"][0]["values"];
            assert!(left.to_string().contains("\"kube-system\",\"transom\""), "{binding}");
            let reference = &binding["spec"]["paramRef"];
            assert!(reference.is_null() || reference["namespace"] == found["metadata"]["namespace"], "{binding}");
        }
        (found["data"].clone(), objects)
    };
    let (data, objects) = parameters(PARAMETERS);
    assert_eq!(
        data,
        json!({"platform": "openshift", "windows.taints": "os=windows:NoSchedule alone=:NoExecute", "rules.off": "WIN110"})
    );
    assert!(
        objects.iter().any(|object| object.to_string().contains(r#""alone","left""#)),
        "namespaces that are left out"
    );
    let (data, _) = parameters(&["admissionPolicies.enabled=true", "settings.mutate=safe"]);
    assert_eq!(data, json!({"platform": "generic", "windows.taints": "", "rules.off": ""}));
    let (data, _) = parameters(&[
        "admissionPolicies.enabled=true",
        "settings.mutate=safe",
        r#"--set-json=settings.windows={"taints": []}"#,
    ]);
    assert_eq!(data["windows.taints"], "none");
}

/// The rules of the policies that refuse and of those that warn, by what their bindings say.
fn rules_in_cel(objects: &[Value]) -> [BTreeSet<String>; 2] {
    let of = |action: &str| {
        let acts = |object: &&Value| object["spec"]["validationActions"].to_string().contains(action);
        let names = objects.iter().filter(acts).map(|binding| &binding["spec"]["policyName"]);
        let policies = names.filter_map(|name| {
            let is_it =
                |object: &&Value| object["kind"] == "ValidatingAdmissionPolicy" && object["metadata"]["name"] == *name;
            objects.iter().find(is_it)?["spec"]["validations"].as_array()
        });
        let messages = policies.flatten().filter_map(|validation| validation["message"].as_str());
        messages.filter_map(|message| Some(message.split_once(' ')?.0.to_owned())).collect()
    };
    [of("Deny"), of("Warn")]
}

fn refuses_as_set() {
    let Some(helm) = helm() else { return };
    let rules = |values: &[&str]| {
        let values = [&["admissionPolicies.enabled=true"][..], values].concat();
        let objects = template(&helm, &values).expect("it renders");
        let fixes = objects.iter().any(|object| object["kind"] == "MutatingAdmissionPolicy");
        (rules_in_cel(&objects), fixes)
    };
    let ([refused, warned], _) = rules(&[]);
    assert!(["WIN101", "WIN401"].iter().all(|rule| refused.contains(*rule)), "{refused:?}");
    assert!(["WIN202", "WIN403"].iter().all(|rule| warned.contains(*rule)), "{warned:?}");
    let set = ["settings.rules.WIN101=off", "settings.rules.host-network=warn", "settings.rules.WIN202=deny"];
    let ([set_refused, set_warned], _) = rules(&[&set[..], &["settings.rules.dns-policy=info"]].concat());
    let with = |rules: &BTreeSet<String>, without: [&str; 2], more: &str| {
        let kept = rules.iter().filter(|rule| !without.contains(&rule.as_str())).cloned();
        kept.chain([more.to_owned()]).collect::<BTreeSet<_>>()
    };
    assert_eq!(set_refused, with(&refused, ["WIN101", "WIN401"], "WIN202"));
    assert_eq!(set_warned, with(&warned, ["WIN202", "WIN403"], "WIN401"));
    let ([dry_refused, dry_warned], fixes) = rules(&["server.dryRun=true", "settings.mutate=safe"]);
    assert_eq!((dry_refused, fixes), (BTreeSet::new(), false));
    assert_eq!(dry_warned, &refused | &warned);
}

fn asks_about_more() {
    let Some(helm) = helm() else { return };
    let objects = template(&helm, &[EXTRA, "webhooks.mutating.enabled=true"]).expect("it renders");
    let webhooks = objects.iter().filter_map(|object| object["webhooks"].as_array()).flatten();
    let asking = webhooks.filter(|webhook| webhook["rules"].to_string().contains(r#"["rollouts"]"#));
    let names: Vec<&str> = asking.filter_map(|webhook| webhook["name"].as_str()).collect();
    assert_eq!(names, ["fixes.transom.dev", "workloads.transom.dev"]);
}

/// Neither while it is away, when no pod of it could be created, nor otherwise.
fn leaves_its_namespace_out() {
    let Some(helm) = helm() else { return };
    let values = [
        "gatekeeper.enabled=true",
        "gatekeeper.constraint=true",
        "kyverno.enabled=true",
        "kyverno.mutating=true",
        "admissionPolicies.enabled=true",
        "webhooks.mutating.enabled=true",
        "webhooks.excludedNamespaces={alone}",
        "webhooks.namespaceSelector.matchExpressions[0].key=windows",
        "webhooks.namespaceSelector.matchExpressions[0].operator=Exists",
        "settings.exempt.namespaces={left}",
        "settings.mutate=safe",
    ];
    let mut kinds = BTreeSet::new();
    for object in release(&helm, "policy", &values).expect("it renders") {
        let spec = &object["spec"];
        let of_webhooks = object["webhooks"].as_array().into_iter().flatten();
        let selectors = of_webhooks.map(|webhook| &webhook["namespaceSelector"]).chain([
            &spec["matchResources"]["namespaceSelector"],
            // Of what has a binding, that says where.
            spec["matchConstraints"]
                .get("namespaceSelector")
                .filter(|selector| **selector != json!({}))
                .unwrap_or(&Value::Null),
            &spec["match"]["namespaceSelector"],
        ]);
        for selector in selectors.filter(|selector| !selector.is_null()) {
            let mut left = spec["match"]["excludedNamespaces"].to_string();
            let mut requirements = selector["matchExpressions"].as_array().expect("requirements").iter();
            if left == "null" {
                left = requirements.next().expect("names")["values"].to_string();
            }
            assert!(left.starts_with(r#"["kube-node-lease","kube-public","kube-system","#), "{left}");
            assert!(left.ends_with(r#""policy","alone","left"]"#), "{left}");
            let further: Vec<_> = requirements.collect();
            assert_eq!(further, [&json!({"key": "windows", "operator": "Exists"})], "{object}");
            kinds.insert(object["kind"].as_str().unwrap_or_default().to_owned());
        }
    }
    let expected = [
        "MutatingAdmissionPolicyBinding",
        "MutatingPolicy",
        "MutatingWebhookConfiguration",
        "TransomCompatibility",
        "ValidatingAdmissionPolicyBinding",
        "ValidatingPolicy",
        "ValidatingWebhookConfiguration",
    ];
    assert_eq!(Vec::from_iter(kinds), expected);
}

/// Kubernetes writes its operators otherwise.
const SELECTOR: &str =
    r#"--set-json=webhooks.namespaceSelector.matchExpressions=[{"key": "windows", "operator": "exists"}]"#;

/// Only some operators take values.
const VALUES_OF_NONE: &str = r#"--set-json=webhooks.namespaceSelector.matchExpressions=[{"key": "windows", "operator": "Exists", "values": ["x"]}]"#;

const NO_VALUES: &str =
    r#"--set-json=webhooks.namespaceSelector.matchExpressions=[{"key": "windows", "operator": "In", "values": []}]"#;

/// No label has a space in its key.
const NO_KEY: &str =
    r#"--set-json=webhooks.namespaceSelector.matchExpressions=[{"key": "win dows", "operator": "Exists"}]"#;

fn refuses_values() {
    let Some(helm) = helm() else { return };
    for (values, place) in [
        (&["replicas=0"][..], "/replicas"),
        (&["certificates.from=secret"], "/certificates/secretName"),
        (&["webhooks.validating.failurePolicy=Perhaps"], "/webhooks/validating/failurePolicy"),
        (&["replica=2"], "replica"),
        (&["networkPolicy.apiServerPorts={}"], "/networkPolicy/apiServerPorts"),
        (&["networkPolicy.apiServerPorts={70000}"], "/networkPolicy/apiServerPorts/0"),
        (&["--kube-version=1.26.9"], "Kubernetes 1.27"),
        (&["admissionPolicies.enabled=true", "--kube-version=1.29.4"], "Kubernetes 1.30"),
        (&["admissionPolicies.enabled=true", "settings.mutate=safe", "--kube-version=1.35.1"], "Kubernetes 1.36"),
        (&["image.digest=1234"], "/image/digest"),
        (&["certificates.from=secret", "certificates.secretName=tls", "certificates.ca=CA"], "/certificates/ca"),
        (&["webhooks.excludedNamespaces={Alone}"], "/webhooks/excludedNamespaces/0"),
        (&["settings.exempt.namespaces={left_over}"], "/settings/exempt/namespaces/0"),
        (&[SELECTOR], "/webhooks/namespaceSelector/matchExpressions/0/operator"),
        (&[VALUES_OF_NONE], "/webhooks/namespaceSelector/matchExpressions/0/values"),
        (&[NO_VALUES], "/webhooks/namespaceSelector/matchExpressions/0/values"),
        (&[NO_KEY], "/webhooks/namespaceSelector/matchExpressions/0/key"),
        (&["gatekeeper.constraint=true"], "gatekeeper.constraint takes gatekeeper.enabled"),
        (&["kyverno.mutating=true"], "kyverno.mutating takes kyverno.enabled"),
        (&["server.extraArgs={--timeout=3s}"], "it may be 2250ms at most"),
        (&["server.extraArgs={--timeout,9s}"], "it may be 2250ms at most"),
        (&["nameOverride=1st"], "/nameOverride"),
        (&["fullnameOverride=Door"], "/fullnameOverride"),
        (&[r"commonLabels.app\.kubernetes\.io/name=door"], "app.kubernetes.io/name"),
        (&["podLabels.team=a b"], "/podLabels/team"),
        (&["image=null"], "image.repository"),
        (&["certificates.from=secret", "certificates.secretName=null"], "secretName"),
        (&["webhooks.extraRules[0].resources={rollouts}"], "/webhooks/extraRules/0"),
        (&["settings.platform=azure"], "/settings/platform"),
        (&["settings.rules.WIN999=off"], "WIN999"),
        (&["settings.windows.builds={2022}"], "/settings/windows/builds/0"),
        (&["certificates.from=cert-manager", "gatekeeper.enabled=true"], "certificates.ca"),
    ] {
        let error = template(&helm, values).expect_err("they are wrong");
        assert!(error.contains(place), "{values:?}: {error}");
    }
}

fn verifies() {
    let Some(programs) = GATEKEEPER.programs() else { return };
    // gator takes no path with `..` in it.
    let mut gator = Command::new(programs.program("gator"));
    let verified = run(gator.args(["verify", "-v", "./..."]).current_dir(root().join("policies/gatekeeper")));
    let verified = verified.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(verified.matches("--- PASS: a ").count(), 8, "{verified}");
}

fn applies() {
    let Some(programs) = KYVERNO.programs() else { return };
    let mut command = Command::new(programs.program("kubectl-kyverno"));
    command.arg("apply").arg(root().join("policies/kyverno/cel.yaml"));
    for sample in ["allowed", "refused", "warned"] {
        command.arg("--resource").arg(root().join(format!("policies/gatekeeper/samples/{sample}.yaml")));
    }
    // It ends with 1 where something is refused.
    let output = command.output().expect("it runs");
    let text = String::from_utf8_lossy(&output.stdout);
    let refused = "policy transom-errors -> resource default/Deployment/not-pinned failed:";
    let doubted = "policy transom-warnings -> resource default/Deployment/ignored-field failed:";
    for expected in
        [refused, doubted, "WIN101 windows-pod-not-pinned", "WIN202 ignored-linux-field", "pass: 4, fail: 2"]
    {
        assert!(text.contains(expected), "{expected}\n{text}{}", String::from_utf8_lossy(&output.stderr));
    }
}
