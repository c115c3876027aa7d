//! A volume is mounted over the system drive of a Windows container, or over a folder of the system.
//!
//! A mount hides what the image has there. `mountPath: C:` is refused by containerd, and `C:\` or
//! `/`, which mean the same, would hide the whole system: no container starts with that. Over
//! `C:\Windows`, `C:\Windows\System32`, `C:\Program Files` or `C:\Users` the mount is made, and
//! programs, libraries and profiles of the image are gone: that is a warning.
//!
//! Mount the volume at a folder of its own, such as `C:\data`, or as another drive: `D:` works.
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
//!           mountPath: 'C:'
//!   volumes:
//!     - name: data
//!       persistentVolumeClaim:
//!         claimName: data
//! ```
//!
//! ## Good
//! Folders below the system's hide only themselves, and other drives are free:
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
//!           mountPath: 'D:'
//!         - name: config
//!           mountPath: C:\Program Files\shop\config
//!         - name: cache
//!           mountPath: /cache
//!   volumes:
//!     - name: data
//!       persistentVolumeClaim:
//!         claimName: data
//!     - name: config
//!       configMap:
//!         name: web
//!     - name: cache
//!       emptyDir: {}
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::paths;
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN516",
    name: "system-drive-mount",
    summary: "A volume is mounted over the system drive of a Windows container, or over a folder of the system",
    severity: Severity::Error,
    stage: Stage::Runtime,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://github.com/containerd/containerd/blob/main/internal/cri/opts/spec_windows_opts.go",
        "https://learn.microsoft.com/virtualization/windowscontainers/manage-containers/persistent-storage",
    ]),
    errors: docs(&["destination path can not be C drive", "The parameter is incorrect"]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    for container in &pod.containers {
        for (index, mount) in container.mounts().iter().enumerate() {
            let path = mount.mount_path.as_deref().unwrap_or_default();
            let Some(folder) = system_folder(path) else { continue };
            // A HostProcess container sees the node's folders there: WIN306 speaks about them.
            if folder != DRIVE && container.host_process {
                continue;
            }
            let (severity, stage, why) = match folder {
                DRIVE if path.len() == 2 => {
                    (Severity::Error, Stage::Runtime, "containerd refuses to mount over the system drive")
                }
                DRIVE => (Severity::Error, Stage::Runtime, "it hides the whole system drive, so no program can start"),
                _ => (Severity::Warning, Stage::Process, "it hides the files that the image has there"),
            };
            report
                .finding(
                    container.mount_at(index).key("mountPath"),
                    format!("container {}: mountPath {path}: {why}", container.name()),
                )
                .help("mount the volume at a folder of its own, such as `C:\\data`")
                .severity(severity)
                .stage(stage);
        }
    }
}

const DRIVE: &str = "the system drive";

/// What of the system a mount at `path` hides: the drive, or one of the folders without which
/// little works. What lies deeper is the image's own affair.
fn system_folder(path: &str) -> Option<&'static str> {
    if path.is_empty() {
        return None;
    }
    let mut parts = paths::on_system_drive(path)?;
    let Some(first) = parts.next() else { return Some(DRIVE) };
    let second = parts.next();
    if parts.next().is_some() {
        return None;
    }
    const FOLDERS: &[(&str, Option<&str>, &str)] = &[
        ("Program Files", None, r"C:\Program Files"),
        ("Users", None, r"C:\Users"),
        ("Windows", None, r"C:\Windows"),
        ("Windows", Some("System32"), r"C:\Windows\System32"),
    ];
    let same = |one: Option<&str>, other: Option<&str>| match (one, other) {
        (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
        (one, other) => one == other,
    };
    let folder = FOLDERS.iter().find(|(a, b, _)| a.eq_ignore_ascii_case(first) && same(*b, second));
    folder.map(|(_, _, folder)| *folder)
}

#[cfg(test)]
mod tests {
    use super::{DRIVE, system_folder};

    #[test]
    fn folders_of_the_system() {
        for (path, expected) in [
            ("C:", Some(DRIVE)),
            ("c:/", Some(DRIVE)),
            ("/", Some(DRIVE)),
            (r"\", Some(DRIVE)),
            (r"C:\windows\", Some(r"C:\Windows")),
            ("/Windows/system32", Some(r"C:\Windows\System32")),
            ("c:/PROGRAM FILES", Some(r"C:\Program Files")),
            ("/users", Some(r"C:\Users")),
            (r"C:\Windows\System32\drivers", None),
            (r"C:\Windows\Temp", None),
            (r"C:\Users\ContainerUser", None),
            (r"C:\Program Files (x86)", None),
            (r"C:\ProgramData", None),
            (r"D:\Windows", None),
            ("D:", None),
            (r"\\.\pipe\x", None),
            ("/data", None),
            ("", None),
        ] {
            assert_eq!(system_folder(path), expected, "{path}");
        }
    }
}
