//! A Windows pod mounts an image as a volume, which is known to work on Linux nodes only.
//!
//! Kubernetes leaves the mounting of `volumes[].image` to the container runtime. In containerd the
//! code that does it is written for Linux, and for Windows nobody has shown that it works: expect
//! the container not to be created, with an error about the mount.
//!
//! Copy the files into the image, or let an init container with that image copy them into an
//! `emptyDir`.
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
//!         - name: model
//!           mountPath: C:\model
//!   volumes:
//!     - name: model
//!       image:
//!         reference: registry.example/model:2026-09
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
//!   initContainers:
//!     - name: model
//!       image: registry.example/model:2026-09-nanoserver-ltsc2022
//!       command: [cmd, /S, /C, 'xcopy /E /I C:\files C:\model']
//!       volumeMounts:
//!         - name: model
//!           mountPath: C:\model
//!   containers:
//!     - name: web
//!       image: registry.example/web:3-windowsservercore-ltsc2022
//!       volumeMounts:
//!         - name: model
//!           mountPath: C:\model
//!   volumes:
//!     - name: model
//!       emptyDir: {}
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN518",
    name: "image-volume",
    summary: "A Windows pod mounts an image as a volume, which is known to work on Linux nodes only",
    severity: Severity::Warning,
    stage: Stage::Runtime,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/tasks/configure-pod-container/image-volumes/",
        "https://github.com/containerd/containerd/tree/main/internal/cri/server",
    ]),
    errors: docs(&["failed to mount image"]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    for (index, volume) in pod.spec.volumes.as_deref().unwrap_or_default().iter().enumerate() {
        if volume.image.is_some() {
            let name = volume.name.as_deref().unwrap_or_default();
            report
                .finding(
                    pod.at("/volumes").index(index).key("image"),
                    format!("volume {name}: image: containerd mounts images on Linux; nobody has shown that it does on Windows"),
                )
                .help("copy the files in an init container, or put them into the container's own image");
        }
    }
}
