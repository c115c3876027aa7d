//! A volume names a share of another machine by its UNC path.
//!
//! The kubelet passes `\\server\share` on as it is. As a hostPath it is opened by the node, with
//! the node's account and without the credentials of anybody, which most file servers refuse; the
//! scheduler, quotas and reclaiming know nothing of it. As a mountPath it is no place inside the
//! container at all.
//!
//! Mount the share as a volume: a PersistentVolume of the SMB CSI driver (`smb.csi.k8s.io`), or
//! Azure Files, with its credentials in a Secret.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: reports
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: reports
//!       image: registry.example/reports:2-windowsservercore-ltsc2022
//!       volumeMounts:
//!         - name: share
//!           mountPath: C:\reports
//!   volumes:
//!     - name: share
//!       hostPath:
//!         path: \\files.example.com\reports
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: reports
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: reports
//!       image: registry.example/reports:2-windowsservercore-ltsc2022
//!       volumeMounts:
//!         - name: share
//!           mountPath: C:\reports
//!         - name: engine
//!           mountPath: \\.\pipe\docker_engine
//!   volumes:
//!     - name: share
//!       csi:
//!         driver: smb.csi.k8s.io
//!         volumeAttributes:
//!           source: //files.example.com/reports
//!           secretName: reports-share
//!     - name: engine # a pipe begins with two backslashes, too
//!       hostPath:
//!         path: \\.\pipe\docker_engine
//! ```

use crate::claims;
use crate::finding::{Report, Severity, Stage};
use crate::paths;
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN517",
    name: "unc-path",
    summary: "A volume names a share of another machine by its UNC path",
    severity: Severity::Warning,
    stage: Stage::Runtime,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/volume/util/util.go",
        "https://github.com/kubernetes-csi/csi-driver-smb",
    ]),
    errors: docs(&["failed to mkdir", "The network path was not found", "The user name or password is incorrect"]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    const HELP: &str = "mount the share with the SMB CSI driver (`smb.csi.k8s.io`) or Azure Files";
    for storage in claims::of(pod) {
        let path = storage.host_path().and_then(|host_path| host_path.path.as_deref()).unwrap_or_default();
        if paths::is_unc(path) {
            report
                .finding(
                    storage.at(pod, "/hostPath/path"),
                    format!("{}: hostPath {path}: a share is opened with the node's own account, which has no credentials for it", storage.title()),
                )
                .help(HELP);
        }
    }
    for container in &pod.containers {
        for (index, mount) in container.mounts().iter().enumerate() {
            let path = mount.mount_path.as_deref().unwrap_or_default();
            if paths::is_unc(path) {
                report
                    .finding(
                        container.mount_at(index).key("mountPath"),
                        format!(
                            "container {}: mountPath {path}: a share is no place inside a container",
                            container.name()
                        ),
                    )
                    .help(HELP);
            }
        }
    }
}
