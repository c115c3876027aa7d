//! A Windows pod has an annotation for seccomp or AppArmor.
//!
//! Both belong to the Linux kernel. On Windows nodes nothing reads these annotations, and on Linux
//! ones the fields `seccompProfile` and `appArmorProfile` have taken their place.
//!
//! Remove them, so that nobody takes the pod for confined.
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
//!       labels: {app: web}
//!       annotations:
//!         prometheus.io/scrape: "true"
//!         container.apparmor.security.beta.kubernetes.io/web: runtime/default
//!     spec:
//!       os: {name: windows}
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
//!       labels: {app: web}
//!       annotations:
//!         prometheus.io/scrape: "true"
//!     spec:
//!       os: {name: windows}
//!       nodeSelector:
//!         kubernetes.io/os: windows
//!       containers:
//!         - name: web
//!           image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//!   annotations:
//!     seccomp.security.alpha.kubernetes.io/pod: runtime/default
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: linux
//!   containers:
//!     - name: web
//!       image: nginx:1.27
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN213",
    name: "linux-security-annotation",
    summary: "A Windows pod has an annotation for seccomp or AppArmor",
    severity: Severity::Info,
    stage: Stage::Silent,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/reference/labels-annotations-taints/#seccomp-security-alpha-kubernetes-io-pod",
        "https://kubernetes.io/docs/concepts/security/windows-security/",
    ]),
    errors: docs(&["may not remove or update AppArmor annotations"]),
    check: Check::Pod(check),
};

const APP_ARMOR: &str = "container.apparmor.security.beta.kubernetes.io/";
const SECCOMP: &[&str] = &["seccomp.security.alpha.kubernetes.io/", "container.seccomp.security.alpha.kubernetes.io/"];

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    let annotations = pod.metadata.and_then(|metadata| metadata.annotations.as_ref());
    let Some(annotations) = annotations.filter(|_| pod.is_windows()) else { return };
    for (key, _) in annotations.iter() {
        let is_app_armor = key.starts_with(APP_ARMOR);
        if !is_app_armor && !SECCOMP.iter().any(|prefix| key.starts_with(prefix)) {
            continue;
        }
        let what = if is_app_armor { "AppArmor" } else { "seccomp" };
        let path = pod.metadata_at("/annotations").key(key);
        let finding =
            report.finding(path.clone(), format!("annotation {key} is ignored: there is no {what} on Windows"));
        finding.help("remove it");
        // The API server lets nobody take an AppArmor annotation from a pod that exists.
        if !(is_app_armor && pod.is_pod() && pod.world.request.is_update()) {
            finding.fix(Fix::safe(format!("Remove the {what} annotation")).remove(path));
        }
    }
}
