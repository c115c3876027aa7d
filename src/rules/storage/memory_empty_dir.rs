//! A Windows pod wants a volume in memory, and gets one on disk.
//!
//! There is no tmpfs on Windows. For `emptyDir.medium: Memory` the kubelet makes an ordinary folder
//! on the node's disk and reports success: what was to live in memory only, such as a decrypted
//! secret, lies on the disk in clear text, and is slower than expected. Huge pages cannot be had at
//! all, and are an error: with `medium: HugePages` the volume is never mounted and the pod stays in
//! ContainerCreating.
//!
//! Remove `medium`. The volume then says what it is, and counts against the pod's ephemeral storage
//! as any other. What must not reach the disk has to stay inside the process. (What a container writes
//! elsewhere goes to its own `C:`, a virtual disk of 20 GB whatever its `ephemeral-storage` says.)
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
//!         - name: cache
//!           mountPath: /cache
//!   volumes:
//!     - name: cache
//!       emptyDir:
//!         medium: Memory
//!         sizeLimit: 64Mi # of decoded images
//! ```
//!
//! ## Fixed
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
//!         - name: cache
//!           mountPath: /cache
//!   volumes:
//!     - name: cache
//!       emptyDir:
//!         sizeLimit: 64Mi # of decoded images
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
//!         - name: cache
//!           mountPath: /cache
//!   volumes:
//!     - name: cache
//!       emptyDir: {}
//! ```
//! Linux nodes do have memory for it:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: linux
//!   containers:
//!     - name: web
//!       image: registry.example/web:3
//!   volumes:
//!     - name: cache
//!       emptyDir:
//!         medium: Memory
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN501",
    name: "memory-empty-dir",
    summary: "A Windows pod wants a volume in memory, and gets one on disk",
    severity: Severity::Warning,
    stage: Stage::Silent,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://github.com/kubernetes/kubernetes/issues/132841",
        "https://github.com/kubernetes/mount-utils/blob/master/mount_windows.go",
        "https://kubernetes.io/docs/concepts/storage/volumes/#emptydir",
    ]),
    errors: docs(&["MountVolume.SetUp failed for volume"]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    for (index, volume) in pod.spec.volumes.as_deref().unwrap_or_default().iter().enumerate() {
        let medium = volume.empty_dir.as_ref().and_then(|e| e.medium.as_deref()).unwrap_or_default();
        let name = volume.name.as_deref().unwrap_or_default();
        let path = || pod.at("/volumes").index(index).join("/emptyDir/medium");
        if medium == "Memory" {
            report
                .finding(path(), format!("volume {name}: emptyDir.medium Memory: Windows has no tmpfs, so the contents lie on the node's disk"))
                .help("remove `medium`, and keep what must not reach the disk out of the volume")
                .fix(Fix::safe("Remove the medium; the volume then counts against ephemeral-storage").remove(path()));
        } else if medium.starts_with("HugePages") {
            report
                .finding(path(), format!("volume {name}: emptyDir.medium {medium}: Windows nodes have no huge pages to mount, so the pod never starts"))
                .help("remove `medium`")
                .severity(Severity::Error)
                .stage(Stage::Kubelet)
                .fix(Fix::unsafe_("Remove the medium; the volume then counts against ephemeral-storage").remove(path()));
        }
    }
}
