//! A hostPath steps back (`..`) between backslashes, which the kubelet of a Windows node refuses.
//!
//! A hostPath must not contain `..`. The API server splits it at slashes only and lets
//! `C:\app\..\data` pass; the kubelet of a Windows node splits it at backslashes too and refuses to
//! mount the volume. The pod waits in ContainerCreating with FailedMount.
//!
//! Write the path without steps back.
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
//!   containers:
//!     - name: web
//!       image: registry.example/web:3-windowsservercore-ltsc2022
//!       volumeMounts:
//!         - name: data
//!           mountPath: C:\data
//!   volumes:
//!     - name: data
//!       hostPath:
//!         path: C:\app\..\data
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: registry.example/web:3-windowsservercore-ltsc2022
//!       volumeMounts:
//!         - name: data
//!           mountPath: C:\data
//!   volumes:
//!     - name: data
//!       hostPath:
//!         path: C:\data\..old # a name that begins with dots
//! ```

use crate::claims;
use crate::finding::{Report, Severity, Stage};
use crate::paths;
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN521",
    name: "host-path-steps-back",
    summary: "A hostPath steps back between backslashes, which the kubelet of a Windows node refuses",
    severity: Severity::Error,
    stage: Stage::Kubelet,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/storage/volumes/#hostpath",
        "https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/volume/hostpath/host_path.go",
    ]),
    errors: docs(&["invalid HostPath", "must not contain '..'"]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    for storage in claims::of(pod) {
        let path = storage.host_path().and_then(|host_path| host_path.path.as_deref()).unwrap_or_default();
        if paths::steps_back(path) {
            report
                .finding(
                    storage.at(pod, "/hostPath/path"),
                    format!("{}: hostPath {path} contains `..`, and the kubelet refuses that", storage.title()),
                )
                .help("write the path without `..`");
        }
    }
}
