//! A sidecar for Linux is to be injected into a Windows pod.
//!
//! Istio, Linkerd, Vault, Consul and the proxy of Azure's workload identity add containers to every pod
//! that asks for them, or whose namespace does, and take no notice of its operating system. What they add exists
//! for Linux alone: the images cannot be pulled on a Windows node, and the capabilities that their init
//! containers need are refused by the API server where the pod has `os.name: windows`.
//!
//! Switch the injection off for this pod, and reach the service mesh through a gateway or Vault through
//! its API. Istio and Linkerd leave pods with `hostNetwork: true` alone, and Istio those in `kube-system` and
//! in namespaces with `istio-injection: disabled`. Dapr's sidecar exists for Windows.
//!
//! ## Bad
//! ```yaml
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata:
//!   name: web
//! spec:
//!   selector:
//!     matchLabels: {app: web}
//!   template:
//!     metadata:
//!       labels:
//!         app: web
//!         sidecar.istio.io/inject: "true" # as everywhere
//!     spec:
//!       nodeSelector:
//!         kubernetes.io/os: windows
//!       containers:
//!         - name: web
//!           image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ```
//!
//! ## Fixed
//! ```yaml
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata:
//!   name: web
//! spec:
//!   selector:
//!     matchLabels: {app: web}
//!   template:
//!     metadata:
//!       labels:
//!         app: web
//!         sidecar.istio.io/inject: "false" # as everywhere
//!     spec:
//!       nodeSelector:
//!         kubernetes.io/os: windows
//!       containers:
//!         - name: web
//!           image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ```
//!
//! ## Good
//! The pod keeps out of what its namespace asks for:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//!   namespace: shop
//!   labels:
//!     sidecar.istio.io/inject: "false"
//!   annotations:
//!     dapr.io/enabled: "true"
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ---
//! apiVersion: v1
//! kind: Namespace
//! metadata:
//!   name: shop
//!   labels:
//!     istio-injection: enabled
//! ```
//! Settings of a proxy that nothing injects:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//!   annotations:
//!     config.linkerd.io/proxy-cpu-request: 100m
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::object::ObjectMeta;
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};
use crate::text::is_true;

pub const RULE: Rule = Rule {
    id: "WIN901",
    name: "linux-sidecar-injection",
    summary: "A sidecar for Linux is to be injected into a Windows pod",
    severity: Severity::Error,
    stage: Stage::ImagePull,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/",
        "https://linkerd.io/2/features/proxy-injection/",
        "https://developer.hashicorp.com/vault/docs/platform/k8s/injector/annotations",
        "https://developer.hashicorp.com/consul/docs/k8s/annotations-and-labels",
        "https://developer.hashicorp.com/consul/docs/deploy/workload/dataplane/k8s",
        "https://azure.github.io/azure-workload-identity/docs/topics/service-account-labels-and-annotations.html",
        "https://github.com/linkerd/linkerd2/issues/2882",
        "https://github.com/hashicorp/vault-k8s/issues/80",
    ]),
    errors: docs(&["no match for platform in manifest", "ImagePullBackOff", "Init:ErrImagePull"]),
    check: Check::Pod(check),
};

/// Something that adds containers to pods, and how a pod asks for them.
struct Injector {
    /// What it adds.
    what: &'static str,
    /// The label or annotation of the pod.
    key: &'static str,
    /// Whether a value of it asks for the containers.
    asks: fn(&str) -> bool,
    /// Its value that keeps them out.
    off: &'static str,
    /// Whether `key` is better written as a label.
    by_label: bool,
    /// Whether pods on the network of their node are left alone.
    skips_host_network: bool,
    /// Another label of the pod that asks for the containers, whatever its value.
    or_label: Option<&'static str>,
    /// Whether no pod of a namespace gets any, by its name and by what it says where that is known.
    spares: fn(&str, Option<&ObjectMeta<'_>>) -> bool,
    /// The label or annotation by which a namespace asks for them in all its pods.
    of_namespace: fn(&ObjectMeta<'_>) -> Option<&'static str>,
}

#[rustfmt::skip]
static INJECTORS: &[Injector] = &[
    Injector {
        what: "Istio's proxy", key: "sidecar.istio.io/inject", asks: is_true, off: "false",
        by_label: true, skips_host_network: true, or_label: Some(REVISION), spares: istio_spares, of_namespace: istio,
    },
    Injector {
        what: "Linkerd's proxy", key: LINKERD, asks: is_enabled, off: "disabled",
        by_label: false, skips_host_network: true, or_label: None, spares: |_, _| false,
        of_namespace: |meta| meta.annotation(LINKERD).or(meta.label(LINKERD)).is_some_and(is_enabled).then_some(LINKERD),
    },
    Injector {
        what: "Vault's agent", key: "vault.hashicorp.com/agent-inject", asks: is_true, off: "false",
        by_label: false, skips_host_network: false, or_label: None, spares: |_, _| false, of_namespace: |_| None,
    },
    Injector {
        what: "Consul's proxy", key: "consul.hashicorp.com/connect-inject", asks: is_true, off: "false",
        by_label: false, skips_host_network: false, or_label: None, spares: |_, _| false, of_namespace: |_| None,
    },
    Injector {
        what: "the proxy of Azure's workload identity", key: "azure.workload.identity/inject-proxy-sidecar", asks: is_true, off: "false",
        by_label: false, skips_host_network: false, or_label: None, spares: |_, _| false, of_namespace: |_| None,
    },
];

const LINKERD: &str = "linkerd.io/inject";

/// Names the control plane of Istio whose proxy is wanted.
const REVISION: &str = "istio.io/rev";

fn is_enabled(value: &str) -> bool {
    matches!(value, "enabled" | "ingress")
}

fn istio(meta: &ObjectMeta<'_>) -> Option<&'static str> {
    match meta.label("istio-injection") {
        Some("enabled") => Some("istio-injection"),
        Some(_) => None,
        // A namespace in ambient mode has no sidecars.
        None if meta.label("istio.io/dataplane-mode") == Some("ambient") => None,
        None => meta.label(REVISION).and(Some(REVISION)),
    }
}

/// Istio passes over these namespaces (`mutatingwebhook.yaml` in its chart), and those that say no, whatever
/// their pods say.
fn istio_spares(name: &str, meta: Option<&ObjectMeta<'_>>) -> bool {
    const IGNORED: &[&str] = &["kube-system", "kube-public", "kube-node-lease", "local-path-storage"];
    IGNORED.contains(&name) || meta.and_then(|meta| meta.label("istio-injection")) == Some("disabled")
}

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    // What is injected is injected when a pod comes into being.
    if !pod.is_windows() || pod.is_bound() {
        return;
    }
    let namespace = pod.world.context.namespace(pod.namespace());
    let by_other = |injector: &Injector| {
        let label = injector.or_label?;
        pod.metadata?.label(label).filter(|value| !value.is_empty()).map(|value| (label, value))
    };
    for injector in INJECTORS {
        if injector.skips_host_network && pod.spec.host_network == Some(true) {
            continue;
        }
        if (injector.spares)(pod.namespace(), namespace.map(|n| &n.metadata)) {
            continue;
        }
        let key = injector.key;
        let label = pod.metadata.and_then(|m| m.label(key)).map(|value| ("labels", value));
        let annotation = pod.metadata.and_then(|m| m.annotation(key)).map(|value| ("annotations", value));
        let own = label.or(annotation);
        let (at, list, message) = match own {
            Some((list, value)) if (injector.asks)(value) => {
                let at = pod.metadata_at("").key(list).key(key);
                (at, list, format!("{key}: {value} has {} injected, which runs on Linux only", injector.what))
            }
            // Anything else keeps it out of what its namespace asks for.
            Some((_, value)) if !value.is_empty() => continue,
            _ if let Some((other, value)) = by_other(injector) => {
                let at = pod.metadata_at("/labels").key(other);
                (at, "labels", format!("{other}: {value} has {} injected, which runs on Linux only", injector.what))
            }
            _ => {
                let Some(asked) = namespace.and_then(|n| (injector.of_namespace)(&n.metadata)) else { continue };
                let list = if injector.by_label { "labels" } else { "annotations" };
                let message = format!(
                    "{asked} of the namespace {} has {} injected into this pod, which runs on Linux only",
                    pod.namespace(),
                    injector.what
                );
                (pod.at(""), list, message)
            }
        };
        let finding = report.finding(at, message);
        finding.help(format!("set `{key}: \"{}\"` in the {list} of the pod", injector.off));
        // The labels that a selector looks at cannot change.
        let is_selected = list == "labels" && pod.workload.selector.as_ref().is_some_and(|s| s.contains(key));
        if !is_selected {
            let value = pod.metadata_at("").key(list).key(key);
            finding.fix(Fix::unsafe_("Keep the sidecar out").set(value, injector.off));
        }
    }
}
