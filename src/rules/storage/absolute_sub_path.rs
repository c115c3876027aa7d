//! A subPath is written so that only Windows finds it absolute, or sees it leave its volume.
//!
//! A `subPath` is a path within its volume. The API server checks that with Linux' eyes: to it
//! `C:\config` and `..\config` are odd names of a file. The kubelet of a Windows node sees an
//! absolute path, or a step back, and refuses it: the container waits with CreateContainerConfigError.
//!
//! Write a relative path; slashes are fine on Windows. Sub-paths themselves work there, single
//! files too, although some documents still list them as unsupported.
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
//!           subPath: C:\shop\data # one folder a shop
//!   volumes:
//!     - name: data
//!       persistentVolumeClaim:
//!         claimName: shops
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
//!         - name: data
//!           mountPath: C:\data
//!           subPath: shop/data # one folder a shop
//!   volumes:
//!     - name: data
//!       persistentVolumeClaim:
//!         claimName: shops
//! ```
//!
//! ## Good
//! Backslashes between folders are fine, and so are single files and variables:
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
//!       env:
//!         - name: POD
//!           valueFrom:
//!             fieldRef: {fieldPath: metadata.name}
//!       volumeMounts:
//!         - name: data
//!           mountPath: C:\data
//!           subPath: shop\data
//!         - name: data
//!           mountPath: C:\logs
//!           subPathExpr: logs/$(POD)
//!         - name: config
//!           mountPath: C:\app\appsettings.json
//!           subPath: appsettings.json
//!   volumes:
//!     - name: data
//!       persistentVolumeClaim:
//!         claimName: shops
//!     - name: config
//!       configMap:
//!         name: web
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::paths;
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};
use crate::text;

pub const RULE: Rule = Rule {
    id: "WIN510",
    name: "absolute-sub-path",
    summary: "A subPath is absolute, or leaves its volume, as Windows reads it",
    severity: Severity::Error,
    stage: Stage::Kubelet,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/storage/volumes/#using-subpath",
        "https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/kubelet/kubelet_pods.go",
        "https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/util/filesystem/util_windows.go",
    ]),
    errors: docs(&[
        "must not be an absolute path",
        "unable to provision SubPath",
        "failed to create subPath directory for volumeMount",
    ]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    for container in &pod.containers {
        for (index, mount) in container.mounts().iter().enumerate() {
            for (field, path) in [("subPath", &mount.sub_path), ("subPathExpr", &mount.sub_path_expr)] {
                let path = path.as_deref().unwrap_or_default();
                let is_absolute = path.starts_with('\\') || paths::has_drive(path);
                let why = if is_absolute {
                    "is absolute"
                } else if has_drive(path) {
                    "begins with a drive"
                } else if paths::steps_back(path) {
                    "steps back"
                } else {
                    continue;
                };
                let at = container.mount_at(index).key(field);
                let finding = report.finding(
                    at.clone(),
                    format!(
                        "container {}: {field} {path} {why} on Windows, and the kubelet refuses that",
                        container.name()
                    ),
                );
                finding.help("write a path relative to the root of the volume, such as `config/app`");
                if let Some(relative) = relative(path) {
                    finding.fix(Fix::safe("Write the path relative to its volume").set(at, relative));
                }
            }
        }
    }
}

/// Whether the path begins with a drive, whatever comes after it.
fn has_drive(path: &str) -> bool {
    matches!(path.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic())
}

/// The path from the root of the volume on; `None` where it names nothing in there.
fn relative(path: &str) -> Option<String> {
    if path.starts_with(r"\\") {
        return None;
    }
    let rest = if has_drive(path) { &path[2..] } else { path };
    let mut parts: Vec<&str> = Vec::new();
    for part in paths::parts(rest) {
        // What a variable stands for may be several folders deep.
        if part == ".." {
            parts.pop().filter(|part| !part.contains('$'))?;
        } else {
            parts.push(part);
        }
    }
    (!parts.is_empty()).then(|| text::join(parts, "/"))
}

#[cfg(test)]
mod tests {
    use super::relative;

    #[test]
    fn paths_within_the_volume() {
        for (path, expected) in [
            (r"C:\shop\data", Some("shop/data")),
            (r"\shop\data\", Some("shop/data")),
            ("d:x", Some("x")),
            (r"a\..\b", Some("b")),
            (r"C:\logs\$(POD)", Some("logs/$(POD)")),
            (r"$(POD)\..\b", None),
            (r"..\x", None),
            (r"a\..\..\x", None),
            (r"C:\", None),
            (r"\\server\share", None),
        ] {
            assert_eq!(relative(path).as_deref(), expected, "{path}");
        }
    }
}
