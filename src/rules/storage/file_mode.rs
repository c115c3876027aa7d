//! Files of a volume are given a mode, which Windows does not have.
//!
//! `defaultMode: 0400` is meant to keep others from a key. NTFS has access control lists instead of
//! modes, and Kubernetes does not translate: whoever may read the volume may read the file. All that
//! comes of a mode without write permission is the read-only attribute of the files, in a mount that
//! is read-only anyhow. The `mode` of an emptyDir has no effect at all, nor have `bindMountOptions`
//! such as `noexec`, which keep programs in a volume from being run on Linux.
//!
//! Remove the mode. Who gets at the files is decided by who runs in the container; the likes of
//! `fsGroup` do not change it either.
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
//!         - name: tls
//!           mountPath: C:\tls
//!   volumes:
//!     - name: tls
//!       secret:
//!         secretName: web-tls # of the shop
//!         defaultMode: 0400
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
//!         - name: tls
//!           mountPath: C:\tls
//!   volumes:
//!     - name: tls
//!       secret:
//!         secretName: web-tls # of the shop
//! ```
//!
//! ## Good
//! The API server fills in its defaults, which say nothing:
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
//!   volumes:
//!     - name: config
//!       configMap:
//!         name: web
//!         defaultMode: 420
//!         items:
//!           - {key: web, path: web.json, mode: 0644}
//!     - name: kube-api-access-x7k2p
//!       projected:
//!         defaultMode: 420
//!         sources:
//!           - serviceAccountToken: {path: token}
//! ```
//! Linux knows modes:
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
//!     - name: tls
//!       secret:
//!         secretName: web-tls
//!         defaultMode: 0400
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::pod::Pod;
use crate::pointer::Pointer;
use crate::rules::{Check, Rule, docs};
use crate::volumes;

pub const RULE: Rule = Rule {
    id: "WIN511",
    name: "file-mode",
    summary: "Files of a volume are given a mode, which Windows does not have",
    severity: Severity::Info,
    stage: Stage::Silent,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/storage/windows-storage/",
        "https://kubernetes.io/docs/tasks/configure-pod-container/configure-emptydir-volume-mode/",
        "https://kubernetes.io/docs/tasks/configure-pod-container/configure-bind-mount-options/",
    ]),
    errors: docs(&[]),
    check: Check::Pod(check),
};

/// What the API server fills in for files, `0644`, and what an emptyDir has without a mode, `0777`.
const DEFAULT_OF_FILES: i64 = 0o644;
const DEFAULT_OF_EMPTY_DIR: i64 = 0o777;

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    for (index, volume) in pod.spec.volumes.as_deref().unwrap_or_default().iter().enumerate() {
        let at = || pod.at("/volumes").index(index);
        let name = volume.name.as_deref().unwrap_or_default();
        let is_set = |mode: Option<i64>| mode.is_some_and(|mode| mode != DEFAULT_OF_FILES);
        let mut tell = |field: &str, at: Pointer| {
            report
                .finding(
                    at.clone(),
                    format!("volume {name}: {field}: files have no mode on Windows, so it protects nothing"),
                )
                .help("remove it")
                .fix(Fix::safe("Remove the mode").remove(at));
        };
        if volume.empty_dir.as_ref().and_then(|e| e.mode).is_some_and(|mode| mode != DEFAULT_OF_EMPTY_DIR) {
            tell("emptyDir.mode", at().join("/emptyDir/mode"));
        }
        if is_set(volume.projected.as_ref().and_then(|p| p.default_mode)) {
            tell("defaultMode", at().join("/projected/defaultMode"));
        }
        for (source_at, source) in volumes::file_sources(volume) {
            // The sources of a projected volume have none.
            if source_at.projection.is_none() && is_set(source.default_mode) {
                tell("defaultMode", source_at.below(&at()).key("defaultMode"));
            }
            for (index, item) in source.items.as_deref().unwrap_or_default().iter().enumerate() {
                if is_set(item.mode) {
                    let file = item.path.as_deref().unwrap_or_default();
                    tell(&format!("mode of {file}"), source_at.below(&at()).key("items").index(index).key("mode"));
                }
            }
        }
    }
    for container in &pod.containers {
        for (index, mount) in container.mounts().iter().enumerate() {
            if mount.bind_mount_options.as_ref().is_some_and(|options| !options.is_empty()) {
                let at = container.mount_at(index).key("bindMountOptions");
                let volume = mount.name.as_deref().unwrap_or_default();
                report
                    .finding(
                        at.clone(),
                        format!("container {}: bindMountOptions of volume {volume}: mounts have no such options on Windows, so they protect nothing", container.name()),
                    )
                    .help("remove them")
                    .fix(Fix::safe("Remove the mount options").remove(at));
            }
        }
    }
}
