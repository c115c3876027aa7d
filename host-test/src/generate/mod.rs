//! Pods around the fields that matter, otherwise valid.
//!
//! The tables say what can be written; each pod takes a few rows of them. [`settle`] then removes
//! combinations that Kubernetes refuses for a reason that has nothing to do with Windows.

mod admission;
pub mod nodes;
mod surroundings;

use serde_json::{Map, Value, json};

use nodes::{LABELS, NODE_NAMES, TAINTS};

/// A place below some JSON object and the values worth trying there, as JSON.
struct Field(&'static str, &'static [&'static str]);

/// Below the pod's spec. A01 to A16, A28, A29, A39, and what the guards of the fixes look at.
#[rustfmt::skip]
const POD: &[Field] = &[
    Field("/hostNetwork", &["true", "true", "false", "null"]),
    Field("/hostPID", &["true", "false", "null"]),
    Field("/hostIPC", &["true", "false", "null"]),
    Field("/hostUsers", &["true", "false", "null"]),
    Field("/shareProcessNamespace", &["true", "false", "null"]),
    Field("/resources", &["null", "{}", r#"{"limits": {"cpu": "8", "memory": "8Gi"}}"#, r#"{"requests": {"cpu": "8"}}"#,
        r#"{"limits": {"cpu": "8", "memory": "8Gi", "hugepages-2Mi": "64Mi"}}"#, r#"{"limits": null}"#]),
    Field("/securityContext", &["null", "{}"]),
    Field("/securityContext/appArmorProfile", &["null", r#"{"type": "RuntimeDefault"}"#, r#"{"type": "Localhost", "localhostProfile": "p"}"#]),
    Field("/securityContext/seLinuxOptions", &["null", "{}", r#"{"level": "s0:c1,c2"}"#]),
    Field("/securityContext/seccompProfile", &["null", r#"{"type": "RuntimeDefault"}"#, r#"{"type": "Localhost", "localhostProfile": "p"}"#]),
    Field("/securityContext/fsGroup", &["null", "0", "1000"]),
    Field("/securityContext/fsGroupChangePolicy", &["null", r#""Always""#, r#""OnRootMismatch""#]),
    Field("/securityContext/sysctls", &["null", "[]", r#"[{"name": "kernel.shm_rmid_forced", "value": "1"}]"#, r#"[{"name": "net.ipv4.tcp_syncookies", "value": "1"}]"#]),
    Field("/securityContext/runAsUser", &["null", "0", "1000"]),
    Field("/securityContext/runAsGroup", &["null", "0", "1000"]),
    Field("/securityContext/runAsNonRoot", &["null", "true", "false"]),
    Field("/securityContext/supplementalGroups", &["null", "[]", "[1000]"]),
    Field("/securityContext/supplementalGroupsPolicy", &["null", r#""Merge""#, r#""Strict""#]),
    Field("/securityContext/seLinuxChangePolicy", &["null", r#""Recursive""#]),
    Field("/dnsPolicy", &[r#""ClusterFirstWithHostNet""#, r#""Default""#]),
    Field("/hostnameOverride", &[r#""web""#]),
    Field("/hostAliases", &[r#"[{"ip": "10.0.0.1", "hostnames": ["db"]}]"#]),
    Field("/runtimeClassName", &[r#""runhcs-wcow-hypervisor""#, r#""gvisor""#]),
    Field("/overhead", &[r#"{"memory": "100Mi"}"#]),
    Field("/topologySpreadConstraints", &[
        r#"[{"maxSkew": 1, "topologyKey": "topology.kubernetes.io/zone", "whenUnsatisfiable": "DoNotSchedule", "labelSelector": {"matchLabels": {"app": "web"}}}]"#]),
    Field("/volumes", &[r#"[{"name": "pipe", "hostPath": {"path": "//./pipe/docker_engine"}}]"#, r#"[{"name": "tmp", "emptyDir": {"medium": "Memory"}}]"#]),
    Field("/resourceClaims", &["null", "[]", r#"[{"name": "gpu", "resourceClaimName": "gpu"}]"#]),
    Field("/nodeSelector", &["null", "{}"]),
    Field("/affinity", &["null", "{}", r#"{"nodeAffinity": null}"#, r#"{"nodeAffinity": {}}"#,
        r#"{"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": null}}"#,
        r#"{"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1, "preference": {"matchExpressions": [{"key": "kubernetes.io/os", "operator": "In", "values": ["windows"]}]}}]}}"#]),
    Field("/tolerations", &["null", "[]"]),
];

/// Below each container. A17 to A27, A31.
#[rustfmt::skip]
const CONTAINER: &[Field] = &[
    Field("/securityContext", &["null", "{}"]),
    Field("/securityContext/appArmorProfile", &["null", r#"{"type": "RuntimeDefault"}"#, r#"{"type": "Unconfined"}"#]),
    Field("/securityContext/seLinuxOptions", &["null", "{}", r#"{"user": "system_u"}"#]),
    Field("/securityContext/seccompProfile", &["null", r#"{"type": "RuntimeDefault"}"#, r#"{"type": "Unconfined"}"#]),
    Field("/securityContext/capabilities", &["null", "{}", r#"{"drop": ["ALL"]}"#, r#"{"add": ["NET_ADMIN"]}"#, r#"{"add": ["SYS_ADMIN"], "drop": null}"#]),
    Field("/securityContext/readOnlyRootFilesystem", &["null", "true", "false"]),
    Field("/securityContext/privileged", &["null", "true", "false"]),
    Field("/securityContext/allowPrivilegeEscalation", &["null", "true", "false"]),
    Field("/securityContext/procMount", &["null", r#""Default""#, r#""Unmasked""#]),
    Field("/securityContext/runAsUser", &["null", "0", "1000"]),
    Field("/securityContext/runAsGroup", &["null", "0", "1000"]),
    Field("/securityContext/runAsNonRoot", &["null", "true", "false"]),
    Field("/lifecycle", &["null", "{}"]),
    Field("/lifecycle/stopSignal", &["null", r#""SIGTERM""#, r#""SIGKILL""#, r#""SIGUSR1""#, r#""SIGNOSUCH""#]),
    Field("/ports", &["null", "[]", r#"[{"containerPort": 8080}]"#, r#"[{"containerPort": 8080, "hostPort": 8080}]"#, r#"[{"containerPort": 8080, "hostPort": 9090}]"#]),
    Field("/resources", &["null", "{}", r#"{"requests": {"cpu": "100m", "memory": "100Mi"}, "limits": {"memory": "200Mi"}}"#,
        r#"{"limits": {"nvidia.com/gpu": "1"}}"#, r#"{"limits": {"nvidia.com/gpu": "0"}}"#, r#"{"limits": {"example.com/widget": "1"}}"#,
        r#"{"limits": {"microsoft.com/directx": "1"}}"#, r#"{"limits": {"cpu": "1", "memory": "100Mi", "hugepages-2Mi": "4Mi"}}"#]),
    Field("/resizePolicy", &[r#"[{"resourceName": "cpu", "restartPolicy": "NotRequired"}]"#]),
];

/// Below `securityContext/windowsOptions` of the pod and of each container. A34 to A38.
#[rustfmt::skip]
const WINDOWS_OPTIONS: &[Field] = &[
    Field("", &["null", "{}"]),
    Field("/hostProcess", &["null", "true", "false"]),
    Field("/runAsUserName", &["null", r#""ContainerUser""#]),
    Field("/gmsaCredentialSpecName", &["null", r#""gmsa-web""#, r#""gmsa.web""#, r#""web1""#, r#""""#, r#""GMSA-Web""#, r#""gmsa_web""#, r#""-web""#, r#""a..b""#]),
    Field("/gmsaCredentialSpec", &["null", r#""{}""#, r#""{}""#, r#""""#]),
];

/// Below the pod's or template's metadata.
#[rustfmt::skip]
const METADATA: &[Field] = &[
    Field("/labels/kubernetes.io~1os", &[r#""windows""#, r#""linux""#]),
    Field("/annotations", &["null", "{}"]),
    Field("/annotations/pod.alpha.windows.kubernetes.io~1gmsa-credential-spec-name", &[r#""gmsa-web""#]),
    Field("/annotations/container.apparmor.security.beta.kubernetes.io~1main-0", &[r#""runtime/default""#]),
    Field("/annotations/seccomp.security.alpha.kubernetes.io~1pod", &[r#""runtime/default""#]),
];

/// Below the pod's spec: what the API server cannot even decode.
#[rustfmt::skip]
const WRONG_TYPES: &[Field] = &[
    Field("/hostNetwork", &[r#""yes""#, "1", "[]"]),
    Field("/hostPID", &[r#""true""#]),
    Field("/hostUsers", &["{}"]),
    Field("/os", &[r#""windows""#, "[]"]),
    Field("/os/name", &["1", "{}"]),
    Field("/nodeSelector", &["[]", r#""kubernetes.io/os=windows""#]),
    Field("/nodeSelector/node.kubernetes.io~1windows-build", &["20348", "true"]),
    Field("/tolerations", &["{}"]),
    Field("/affinity", &["[]"]),
    Field("/securityContext", &["[]", r#""""#]),
    Field("/securityContext/runAsUser", &[r#""1000""#, "{}", "1.5"]),
    Field("/securityContext/fsGroup", &["false"]),
    Field("/securityContext/seLinuxOptions", &["[]", "false"]),
    Field("/securityContext/sysctls", &["{}"]),
    Field("/securityContext/windowsOptions", &["[]", "true"]),
    Field("/securityContext/windowsOptions/hostProcess", &[r#""true""#, "1"]),
    Field("/containers/0/securityContext", &["[]", "false"]),
    Field("/containers/0/securityContext/privileged", &[r#""true""#, "0"]),
    Field("/containers/0/securityContext/capabilities", &["[]", r#""ALL""#]),
    Field("/containers/0/securityContext/windowsOptions/runAsUserName", &["1000", "[]"]),
    Field("/containers/0/image", &["1", "{}"]),
    Field("/initContainers", &["{}", "true"]),
];

/// `spec.os`; most pods say nothing or something right.
#[rustfmt::skip]
const OS: &[&str] = &[
    r#"{"name": "windows"}"#, r#"{"name": "windows"}"#, r#"{"name": "windows"}"#, r#"{"name": "linux"}"#,
];
#[rustfmt::skip]
const ODD_OS: &[&str] = &[
    "null", "{}", r#"{"name": null}"#, r#"{"name": ""}"#, r#"{"name": "Windows"}"#, r#"{"name": "WINDOWS"}"#,
    r#"{"name": "Linux"}"#, r#"{"name": "win"}"#, r#"{"name": "darwin"}"#, r#"{"name": " windows"}"#,
];

const IMAGES: &[&str] = &[
    "registry.example/app:1.0",
    "nginx:1.27",
    "mcr.microsoft.com/windows/nanoserver:ltsc2022",
    "mcr.microsoft.com/windows/servercore:ltsc2025",
    "mcr.microsoft.com/dotnet/aspnet:8.0",
];

/// The whole of a `runAsUserName`; [`user_name`] also puts names together.
#[rustfmt::skip]
const USER_NAMES: &[&str] = &[
    "ContainerUser", "ContainerAdministrator", r"NT AUTHORITY\SYSTEM", r"NT AUTHORITY\NETWORK SERVICE", r"nt authority\system",
    r"CORP\svc", r"corp.example.com\svc", "svc@corp.example.com", "",
];
#[rustfmt::skip]
const DOMAINS: &[&str] = &[
    "", "CORP", ".corp", "corp.", "a..b", "-corp", "co_rp", "a.co_rp", "corp example", "fifteen-letters", "sixteen--letters", "fifteen_letters_",
    "corp:x", "corp/x", "corp*x", "corp|x", "c\u{1}", "d\u{f6}main", "\u{65e5}\u{672c}\u{8a9e}\u{306e}\u{30c9}\u{30e1}\u{30a4}\u{30f3}\u{540d}\u{524d}\u{306f}\u{9577}\u{3044}\u{3067}", "x.-y", "x.y-",
];
#[rustfmt::skip]
const USERS: &[&str] = &[
    "", "svc", ".", "...", " ", ". .", "s v c", "s.", "s/v", "s:v", "s;v", "s|v", "s=v", "s,v", "s+v", "s*v", "s?v", "s<v", "s[v", "s]v", "s\"v", "s@v",
    "s\tv", "s\u{7f}v", "s\u{85}v", "\u{fc}ser", "s'v", "$svc", "s%v",
];

/// The operators and effects of tolerations about the OS, right and wrong.
const OPERATORS: &[&str] = &["null", r#""""#, r#""Equal""#, r#""Exists""#];
const ODD_OPERATORS: &[&str] = &[r#""exists""#, r#""EQUAL""#, r#""equal""#, r#""Lt""#, r#""Gt""#];
const EFFECTS: &[&str] = &["null", r#""""#, r#""NoSchedule""#, r#""NoExecute""#, r#""PreferNoSchedule""#];
const ODD_EFFECTS: &[&str] = &[r#""noSchedule""#, r#""noschedule""#, r#""NOEXECUTE""#];

const INTEGERS: &[&str] = &["0", "1", "2", "4", "007", "20348", "9223372036854775807", "abc", "1_000"];

/// Every kind that holds a pod, and where.
#[rustfmt::skip]
const KINDS: &[(&str, &str, &str)] = &[
    ("v1", "Pod", ""),
    ("v1", "PodTemplate", "/template"),
    ("v1", "ReplicationController", "/spec/template"),
    ("apps/v1", "Deployment", "/spec/template"),
    ("apps/v1", "ReplicaSet", "/spec/template"),
    ("apps/v1", "StatefulSet", "/spec/template"),
    ("apps/v1", "DaemonSet", "/spec/template"),
    ("batch/v1", "Job", "/spec/template"),
    ("batch/v1", "CronJob", "/spec/jobTemplate/spec/template"),
];

/// An object to judge, and what it meets.
#[derive(Debug, Clone)]
pub struct Case {
    /// Makes this case again.
    pub seed: u64,
    /// The Pod or workload.
    pub object: Value,
    /// Given to transom as context; where there are none, transom has to think of every node.
    pub nodes: Option<Vec<Value>>,
    /// The RuntimeClass that the pod names.
    pub runtime_class: Option<Value>,
    /// The Namespace of the object.
    pub namespace: Option<Value>,
}

impl Case {
    /// The case of this seed.
    pub fn new(seed: u64) -> Case {
        let rng = &mut Rng(seed);
        let mut spec = pod_spec(rng);
        let mut metadata = json!({"labels": {"app": "web"}});
        some_of(rng, METADATA, 4, &mut metadata);
        if rng.percent(30) {
            let percent = *rng.pick(&[3, 10, 25]);
            surroundings::add(rng, percent, &mut spec, &mut metadata);
        }
        let runtime_class = rng.percent(10).then(|| admission::runtime_class(rng, &mut spec));
        let namespace = rng.percent(20).then(|| admission::namespace(rng, &mut spec));
        settle(&mut spec, &mut metadata);
        if rng.percent(3) {
            some_of_one(rng, WRONG_TYPES, &mut spec);
        }
        let kind = if rng.percent(50) { &KINDS[0] } else { rng.pick(KINDS) };
        let mut case = Case { seed, object: wrap(kind, metadata, spec), nodes: None, runtime_class, namespace };
        case.nodes = rng.percent(50).then(|| nodes::cluster(rng, &case.asked()));
        case
    }

    /// The pod's spec, or its template's.
    pub fn spec(&self) -> &Value {
        self.object.pointer(&self.spec_at()).unwrap_or(&Value::Null)
    }

    /// The pointer to it.
    pub fn spec_at(&self) -> String {
        format!("{}/spec", self.template_at())
    }

    /// The pointer to the pod or its template.
    pub fn template_at(&self) -> &'static str {
        let kind = self.object["kind"].as_str();
        KINDS.iter().find(|(_, name, _)| Some(*name) == kind).expect("a kind from the table").2
    }

    /// The nodes in context, or every node that could matter.
    pub fn universe(&self) -> Vec<Value> {
        self.nodes.clone().unwrap_or_else(|| nodes::universe(&self.asked()))
    }

    /// All that transom may look up.
    pub fn context(&self) -> Vec<Value> {
        let nodes = self.nodes.iter().flatten();
        nodes.chain(&self.runtime_class).chain(&self.namespace).cloned().collect()
    }

    /// The pod's spec with the labels that its RuntimeClass asks for.
    fn asked(&self) -> Value {
        let mut spec = self.spec().clone();
        let of_class = self.runtime_class.as_ref().and_then(|class| class.pointer("/scheduling/nodeSelector"));
        for (key, value) in of_class.and_then(Value::as_object).into_iter().flatten() {
            if spec["nodeSelector"].is_null() {
                spec["nodeSelector"] = json!({});
            }
            if let Some(selector) = spec["nodeSelector"].as_object_mut() {
                selector.entry(key.clone()).or_insert_with(|| value.clone());
            }
        }
        spec
    }
}

/// The object that holds this pod (its `metadata` and `spec`), one for each kind that can, and the
/// pointer to the pod in it.
pub fn every_kind(pod: &Value) -> impl Iterator<Item = (Value, &'static str)> {
    KINDS.iter().map(|kind| (wrap(kind, pod["metadata"].clone(), pod["spec"].clone()), kind.2))
}

/// A container for a running pod, as `kubectl debug` adds it.
pub fn ephemeral_container(seed: u64) -> Value {
    let rng = &mut Rng(seed);
    let mut container = json!({"name": "debugger", "image": rng.pick(IMAGES)});
    some_of(rng, CONTAINER, 8, &mut container);
    windows_options(rng, 8, &mut container);
    settle_container(&mut container, &Value::Null);
    // Kubernetes has more to say about these, whatever the system.
    for field in ["lifecycle", "ports", "resources", "resizePolicy"] {
        remove(&mut container, "", field);
    }
    container
}

fn wrap((api_version, kind, at): &(&str, &str, &str), metadata: Value, mut spec: Value) -> Value {
    let mut object = json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": "web", "namespace": "shop"}});
    let selector = json!({"matchLabels": {"app": "web"}});
    match *kind {
        "Pod" => {
            object["spec"] = spec;
            for (key, value) in metadata.as_object().into_iter().flatten() {
                object["metadata"][key] = value.clone();
            }
            return object;
        }
        "ReplicationController" => object["spec"]["selector"] = json!({"app": "web"}),
        "Deployment" | "ReplicaSet" | "DaemonSet" => object["spec"]["selector"] = selector,
        "StatefulSet" => object["spec"] = json!({"selector": selector, "serviceName": "web"}),
        "CronJob" => object["spec"]["schedule"] = "@hourly".into(),
        _ => {}
    }
    if matches!(*kind, "Job" | "CronJob") {
        spec["restartPolicy"] = "Never".into();
    }
    put(&mut object, at, json!({"metadata": metadata, "spec": spec}));
    object
}

fn pod_spec(rng: &mut Rng) -> Value {
    // Most pods are nearly plain, so that one field decides; some are full of everything.
    let percent = *rng.pick(&[1, 3, 8, 20]);
    let mut spec = json!({"containers": []});
    match rng.below(100) {
        0..45 => {}
        45..90 => spec["os"] = rng.json(OS),
        _ => spec["os"] = rng.json(ODD_OS),
    }
    some_of(rng, POD, percent, &mut spec);
    windows_options(rng, percent, &mut spec);

    let lists = [("containers", 1 + rng.below(2)), ("initContainers", rng.below(5).saturating_sub(2))];
    for (list, length) in lists {
        let containers = (0..length).map(|i| container(rng, list, i, percent)).collect::<Vec<_>>();
        if !containers.is_empty() {
            spec[list] = containers.into();
        }
    }
    if spec["resourceClaims"].as_array().is_some_and(|claims| !claims.is_empty()) && rng.percent(50) {
        put(&mut spec, "/containers/0/resources", json!({"claims": [{"name": "gpu"}]}));
    }
    if rng.percent(12) {
        // HostProcess pods are right in few ways; without this they would nearly all be wrong.
        put(&mut spec, "/securityContext/windowsOptions/hostProcess", true.into());
        if rng.percent(70) {
            spec["hostNetwork"] = true.into();
        }
    }
    if rng.percent(60) {
        placement(rng, &mut spec);
    }
    if rng.percent(30) {
        spec["tolerations"] = (0..1 + rng.below(3)).map(|_| toleration(rng)).collect();
    }
    spec
}

fn container(rng: &mut Rng, list: &str, i: usize, percent: usize) -> Value {
    let init = list == "initContainers";
    let mut container =
        json!({"name": format!("{}-{i}", if init { "init" } else { "main" }), "image": rng.pick(IMAGES)});
    some_of(rng, CONTAINER, percent, &mut container);
    windows_options(rng, percent, &mut container);
    if init && rng.percent(50) {
        container["restartPolicy"] = "Always".into();
    } else if init {
        // Kubernetes refuses `lifecycle` on init containers that end.
        remove(&mut container, "", "lifecycle");
    }
    container
}

fn windows_options(rng: &mut Rng, percent: usize, target: &mut Value) {
    const AT: &str = "/securityContext/windowsOptions";
    let mut options = Value::Null;
    some_of(rng, WINDOWS_OPTIONS, percent, &mut options);
    if rng.percent(percent) {
        put(&mut options, "/runAsUserName", user_name(rng).into());
    }
    if rng.percent(percent) && rng.percent(5) {
        let (name, spec) = (250 + rng.below(6), 65530 + rng.below(12));
        put(&mut options, "/gmsaCredentialSpecName", "a".repeat(name).into());
        put(&mut options, "/gmsaCredentialSpec", "x".repeat(spec).into());
    }
    if !options.is_null() || rng.percent(percent) {
        put(target, AT, options);
    }
}

fn user_name(rng: &mut Rng) -> String {
    match rng.below(10) {
        0..4 => (*rng.pick(USER_NAMES)).to_owned(),
        4..6 => (*rng.pick(USERS)).to_owned(),
        6..8 => format!(r"{}\{}", rng.pick(DOMAINS), rng.pick(USERS)),
        8 => format!(r"{}\{}\{}", rng.pick(DOMAINS), rng.pick(USERS), rng.pick(USERS)),
        _ => {
            // Around the limits: 104 bytes for the user, 256 for the domain, in one- and two-byte letters.
            let letter = *rng.pick(&["a", "\u{e9}"]);
            let user = letter.repeat((101 + rng.below(6)) / letter.len());
            let domain = ["a.".repeat(126), "b".repeat(rng.below(6))].concat();
            if rng.percent(50) { user } else { format!(r"{domain}\svc") }
        }
    }
}

/// Node selector and required affinity over a few keys, so that they often meet on the same one.
fn placement(rng: &mut Rng, spec: &mut Value) {
    let mut few: Vec<usize> =
        (0..1 + rng.below(3)).map(|_| if rng.percent(40) { rng.below(5) } else { rng.below(LABELS.len()) }).collect();
    // Both names of the architecture in one pod: transom does not know that they agree on every node.
    let is_arch = |label: &usize| LABELS[*label].key.ends_with("kubernetes.io/arch");
    if let Some(arch) = few.iter().copied().find(is_arch) {
        few.retain(|label| *label == arch || !is_arch(label));
    }
    if rng.percent(65) {
        let mut selector = Map::new();
        for _ in 0..1 + rng.below(2) {
            let label = &LABELS[*rng.pick(&few)];
            let value = if label.known && rng.percent(4) { Value::Null } else { (*rng.pick(label.asked)).into() };
            selector.insert(label.key.into(), value);
        }
        spec["nodeSelector"] = selector.into();
    }
    if rng.percent(50) {
        let terms: Vec<Value> = (0..1 + rng.below(3)).map(|_| term(rng, &few)).collect();
        put(
            spec,
            "/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution",
            json!({"nodeSelectorTerms": terms}),
        );
    }
}

fn term(rng: &mut Rng, labels: &[usize]) -> Value {
    let mut term = json!({});
    match rng.below(12) {
        0 => {}
        1 => term["matchExpressions"] = Value::Null,
        2 => term["matchExpressions"] = json!([]),
        _ => term["matchExpressions"] = (0..1 + rng.below(3)).map(|_| requirement(rng, labels)).collect(),
    }
    match rng.below(12) {
        0 => term["matchFields"] = json!([]),
        1 | 2 => {
            let operator = rng.pick(&["In", "NotIn"]);
            let values = [rng.pick(NODE_NAMES)];
            term["matchFields"] = json!([{"key": "metadata.name", "operator": operator, "values": values}]);
        }
        _ => {}
    }
    term
}

fn requirement(rng: &mut Rng, labels: &[usize]) -> Value {
    let label = &LABELS[*rng.pick(labels)];
    let mut operator = *rng.pick(&["In", "In", "In", "NotIn", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"]);
    if !label.known && matches!(operator, "Gt" | "Lt") {
        operator = "In";
    }
    let values: Vec<&str> = match operator {
        "In" | "NotIn" => (0..1 + rng.below(2)).map(|_| *rng.pick(label.asked)).collect(),
        "Gt" | "Lt" => vec![*rng.pick(INTEGERS)],
        _ => return json!({"key": label.key, "operator": operator}),
    };
    json!({"key": label.key, "operator": operator, "values": values})
}

fn toleration(rng: &mut Rng) -> Value {
    if rng.percent(60) {
        return tolerated(rng);
    }
    let (key, value, _) = *rng.pick(TAINTS);
    // WIN121 speaks about the OS alone, so only such tolerations may be wrong.
    let about_os = key.ends_with("os");
    let mut toleration = json!({"key": key});
    let odd = [about_os && rng.percent(30), about_os && rng.percent(20)];
    toleration["operator"] = rng.json(if odd[0] { ODD_OPERATORS } else { OPERATORS });
    toleration["effect"] = rng.json(if odd[1] { ODD_EFFECTS } else { EFFECTS });
    if toleration["operator"] != "Exists" || about_os {
        toleration["value"] = json!(rng.pick(&[Some(value), Some("7"), Some(""), None]));
    }
    toleration
}

/// A toleration that can be read.
fn tolerated(rng: &mut Rng) -> Value {
    let (key, value, effect) = *rng.pick(TAINTS);
    match rng.below(5) {
        0 => json!({"operator": "Exists"}),
        1 => json!({"operator": "Exists", "effect": effect}),
        2 => json!({"key": key, "operator": "Exists", "effect": effect}),
        3 => json!({"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}),
        _ => json!({"key": key, "operator": "Equal", "value": value, "effect": effect}),
    }
}

/// Removes what Kubernetes refuses on every system.
fn settle(spec: &mut Value, metadata: &mut Value) {
    // Reading by index must not write: `spec["x"]` of a mutable value adds `x: null`.
    let is = |spec: &Value, field: &str, value: bool| spec[field] == value;
    if is(spec, "hostUsers", false) {
        for field in ["hostNetwork", "hostPID", "hostIPC"] {
            if is(spec, field, true) {
                spec[field] = false.into();
            }
        }
    }
    if is(spec, "hostPID", true) && is(spec, "shareProcessNamespace", true) {
        spec["shareProcessNamespace"] = false.into();
    }
    let pod = spec.clone();
    let sysctl = pod["securityContext"]["sysctls"][0]["name"].as_str().unwrap_or_default();
    if (pod["hostNetwork"] == true && sysctl.starts_with("net."))
        || (pod["hostIPC"] == true && sysctl.starts_with("kernel."))
    {
        remove(spec, "/securityContext", "sysctls");
    }
    if pod["hostNetwork"] == true {
        remove(spec, "", "hostnameOverride");
    }

    for list in ["containers", "initContainers"] {
        let containers = spec.get_mut(list).and_then(Value::as_array_mut);
        for (i, container) in containers.into_iter().flatten().enumerate() {
            settle_container(container, &pod);
            // No two containers may use one port of the node.
            if let Some(port) = container.pointer_mut("/ports/0") {
                let offset = i + if list == "initContainers" { 10 } else { 0 };
                for field in ["containerPort", "hostPort"] {
                    if let Some(number) = port.get(field).and_then(Value::as_u64) {
                        port[field] = (number + offset as u64).into();
                    }
                }
                if pod["hostNetwork"] == true && port.get("hostPort").is_some() {
                    port["hostPort"] = port["containerPort"].clone();
                }
            }
        }
    }
    surroundings::settle(spec);
    // The annotations have to agree with the fields.
    let text = spec.to_string();
    if text.contains("appArmorProfile") {
        remove(metadata, "/annotations", "container.apparmor.security.beta.kubernetes.io/main-0");
    }
    if text.contains("seccompProfile") {
        remove(metadata, "/annotations", "seccomp.security.alpha.kubernetes.io/pod");
    }
}

fn settle_container(container: &mut Value, pod: &Value) {
    let security = &container["securityContext"];
    let powerful = security["privileged"] == true || security["capabilities"]["add"][0] == "SYS_ADMIN";
    if powerful && security["allowPrivilegeEscalation"] == false {
        remove(container, "/securityContext", "allowPrivilegeEscalation");
    }
    if container["securityContext"]["procMount"] == "Unmasked" && pod["hostUsers"] != false {
        container["securityContext"]["procMount"] = "Default".into();
    }
}

/// Each row with the given chance, one of its values.
fn some_of(rng: &mut Rng, table: &[Field], percent: usize, target: &mut Value) {
    for Field(at, values) in table {
        if rng.percent(percent) {
            put(target, at, rng.json(values));
        }
    }
}

/// One row, one of its values.
fn some_of_one(rng: &mut Rng, table: &[Field], target: &mut Value) {
    let Field(at, values) = rng.pick(table);
    put(target, at, rng.json(values));
}

/// Sets the value at a JSON Pointer and makes the objects on the way.
fn put(target: &mut Value, pointer: &str, value: Value) {
    let mut place = target;
    for name in pointer.split('/').skip(1) {
        let name = name.replace("~1", "/").replace("~0", "~");
        place = match place {
            Value::Array(items) => &mut items[name.parse::<usize>().expect("an index")],
            Value::Object(fields) => fields.entry(name).or_insert(Value::Null),
            other => {
                *other = json!({});
                &mut other[name]
            }
        };
    }
    *place = value;
}

fn remove(target: &mut Value, pointer: &str, field: &str) {
    if let Some(Value::Object(fields)) = target.pointer_mut(pointer) {
        fields.remove(field);
    }
}

/// SplitMix64: any seed is as good as any other, neighbours too.
struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }

    /// One of some values written as JSON.
    fn json(&mut self, choices: &[&str]) -> Value {
        let json = choices[self.below(choices.len())];
        serde_json::from_str(json).unwrap_or_else(|e| panic!("{json}: {e}"))
    }
}
