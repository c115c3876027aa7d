//! A Windows pod has DNS settings that the resolver of Windows does not know.
//!
//! `dnsConfig` is written for the `resolv.conf` of Linux. Windows takes the name servers from it,
//! but none of the `options` (`ndots`, `timeout` and the rest), and in effect one search domain,
//! while Kubernetes fills the list with the cluster's own. Names that have a dot in them are not
//! completed at all. Nothing refuses the settings: names simply fail to resolve, or resolve slowly.
//!
//! Remove the options, and leave `searches` out or keep one with `dnsPolicy: None`: under
//! `ClusterFirst` the one domain that Windows uses is that of the pod's namespace. Write the names
//! of Services in full, as in `api.shop.svc.cluster.local`. For fixed names there is `hostAliases`,
//! which works in Windows pods as long as they are not HostProcess pods.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   dnsConfig:
//!     options:
//!       - name: ndots
//!         value: "2"
//!   containers:
//!     - name: web
//!       image: registry.example/web:3-windowsservercore-ltsc2022
//! ```
//!
//! ## Good
//! Name servers, and one search domain:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   dnsPolicy: None
//!   dnsConfig:
//!     nameservers: [10.0.0.10]
//!     searches: [corp.example]
//!     options: []
//!   containers:
//!     - name: web
//!       image: registry.example/web:3-windowsservercore-ltsc2022
//! ```
//! Linux takes all of it:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: linux
//!   dnsConfig:
//!     searches: [corp.example, example.com]
//!     options:
//!       - name: ndots
//!         value: "2"
//!   containers:
//!     - name: web
//!       image: nginx:1.29
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN404",
    name: "dns-config",
    summary: "A Windows pod has DNS settings that the resolver of Windows does not know",
    severity: Severity::Warning,
    stage: Stage::Silent,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#dns-windows",
        "https://github.com/kubernetes/kubernetes/issues/65016",
    ]),
    errors: docs(&[]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    let Some(config) = pod.spec.dns_config.as_ref().filter(|_| pod.is_windows()) else { return };
    if config.options.as_ref().is_some_and(|options| !options.is_empty()) {
        report
            .finding(
                pod.at("/dnsConfig/options"),
                "dnsConfig.options: the resolver of Windows takes none of them, ndots and timeout included",
            )
            .help("remove the options, and write the names of Services in full: `api.shop.svc.cluster.local`");
    }
    if config.searches.as_ref().is_some_and(|searches| searches.len() > 1) {
        report
            .finding(
                pod.at("/dnsConfig/searches"),
                "dnsConfig.searches: Windows has one DNS suffix for a pod, and completes no name that has a dot in it",
            )
            .help("keep one search domain at most, and write the other names in full");
    }
}
