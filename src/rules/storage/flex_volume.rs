//! A Windows pod uses a FlexVolume, which needs a script on every node and is deprecated.
//!
//! A FlexVolume is mounted by a program that somebody has put on each node beforehand. On Windows
//! that is a PowerShell script, and few drivers ever came with one. Without it the pod stays in
//! ContainerCreating. FlexVolume has been deprecated since Kubernetes 1.23 and gets no new drivers.
//!
//! Use a CSI driver with a plug-in for Windows nodes, which comes as a DaemonSet: for SMB shares,
//! which most FlexVolumes on Windows were for, that is `smb.csi.k8s.io`.
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
//!         - name: media
//!           mountPath: C:\media
//!   volumes:
//!     - name: media
//!       flexVolume:
//!         driver: microsoft.com/smb.cmd
//!         secretRef:
//!           name: smb
//!         options:
//!           source: \\smb.example\media
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
//!         - name: media
//!           mountPath: C:\media
//!   volumes:
//!     - name: media
//!       csi:
//!         driver: smb.csi.k8s.io
//!         volumeAttributes:
//!           source: //smb.example/media
//!           secretName: smb
//! ```

use crate::claims;
use crate::finding::{Report, Severity, Stage};
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN520",
    name: "flex-volume",
    summary: "A Windows pod uses a FlexVolume, which needs a script on every node and is deprecated",
    severity: Severity::Warning,
    stage: Stage::Kubelet,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/storage/volumes/#flexvolume",
        "https://kubernetes.io/docs/concepts/storage/windows-storage/",
        "https://github.com/microsoft/K8s-Storage-Plugins/tree/master/flexvolume/windows",
    ]),
    errors: docs(&["failed to get Plugin from volumeSpec", "no volume plugin matched"]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    for storage in claims::of(pod).filter(|storage| storage.source().is_some_and(|source| source.flex_volume.is_some()))
    {
        report
            .finding(
                storage.source_at(pod, "flexVolume"),
                format!(
                    "{}: flexVolume is deprecated, and needs its driver as a script on every Windows node",
                    storage.title()
                ),
            )
            .help("use a CSI driver that runs on Windows");
    }
}
