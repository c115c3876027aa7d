//! Two volumes are mounted at paths that are one place on Windows.
//!
//! Windows minds neither the letter case of a path nor the kind of its slashes, and a path without
//! a drive is on `C:`. The API server compares the paths letter by letter and takes `/data` and
//! `C:\Data` for two places. In the container they are one: one volume hides the other, or the
//! container is not created.
//!
//! Give each volume a place of its own, and write all paths in one way.
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
//!           mountPath: /data
//!         - name: uploads
//!           mountPath: C:\Data
//!   volumes:
//!     - name: data
//!       persistentVolumeClaim:
//!         claimName: data
//!     - name: uploads
//!       emptyDir: {}
//! ```
//!
//! ## Good
//! One below the other is fine, and so is the same path in two containers:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   initContainers:
//!     - name: load
//!       image: registry.example/load:3-windowsservercore-ltsc2022
//!       volumeMounts:
//!         - name: data
//!           mountPath: C:\Data
//!   containers:
//!     - name: web
//!       image: registry.example/web:3-windowsservercore-ltsc2022
//!       volumeMounts:
//!         - name: data
//!           mountPath: /data
//!         - name: uploads
//!           mountPath: C:\Data\uploads
//!         - name: archive
//!           mountPath: D:\data
//!   volumes:
//!     - name: data
//!       persistentVolumeClaim:
//!         claimName: data
//!     - name: uploads
//!       emptyDir: {}
//!     - name: archive
//!       persistentVolumeClaim:
//!         claimName: archive
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::object::pod::VolumeMount;
use crate::order;
use crate::paths;
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN523",
    name: "mount-paths-collide",
    summary: "Two volumes are mounted at paths that are one place on Windows",
    severity: Severity::Warning,
    stage: Stage::Silent,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://learn.microsoft.com/windows/win32/fileio/naming-a-file",
        "https://github.com/containerd/containerd/blob/main/internal/cri/opts/spec_windows_opts.go",
    ]),
    errors: docs(&["The parameter is incorrect"]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    for container in &pod.containers {
        let mounts = container.mounts();
        if surely_differ(mounts) {
            continue;
        }
        let places: Vec<String> = mounts.iter().map(|mount| paths::on_windows(path_of(mount))).collect();
        let places: Vec<&str> = places.iter().map(String::as_str).collect();
        for (index, first) in order::first_equal(&places).into_iter().enumerate() {
            let (path, other) = (path_of(&mounts[index]), path_of(&mounts[first]));
            // What is equal letter by letter is refused on every system.
            if path == other || path.is_empty() || other.is_empty() {
                continue;
            }
            report
                .finding(
                    container.mount_at(index).key("mountPath"),
                    format!("container {}: mountPath {path} is the same place on Windows as {other}", container.name()),
                )
                .help("mount each volume at a place of its own");
        }
    }
}

fn path_of<'m>(mount: &'m VolumeMount<'_>) -> &'m str {
    mount.mount_path.as_deref().unwrap_or_default()
}

/// Whether no two paths can be the same, as far as one look at each of them tells.
fn surely_differ(mounts: &[VolumeMount<'_>]) -> bool {
    let mut seen = [0_u64; 4];
    mounts.iter().all(|mount| {
        let Some(trace) = paths::trace(path_of(mount)) else { return mounts.len() < 2 };
        let place = (trace ^ trace >> 16) as usize;
        let (word, bit) = (&mut seen[place >> 6 & 3], 1_u64 << (place & 63));
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    })
}
