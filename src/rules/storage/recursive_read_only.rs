//! A Windows container wants a mount read-only with everything mounted below it, which never starts.
//!
//! Recursive read-only mounts are a feature of the Linux kernel. No runtime handler of a Windows
//! node says that it has them, so for `recursiveReadOnly: Enabled` the kubelet does not create the
//! container: it waits with CreateContainerConfigError.
//!
//! Remove the field: nothing is mounted below a volume on Windows, so `readOnly: true` says it all.
//! `IfPossible` does no harm, for manifests that are to run on both systems.
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
//!       image: registry.example/web:3-nanoserver-ltsc2022
//!       volumeMounts:
//!         - name: pages
//!           mountPath: /pages
//!           readOnly: true # they are made elsewhere
//!           recursiveReadOnly: Enabled
//!   volumes:
//!     - name: pages
//!       persistentVolumeClaim:
//!         claimName: pages
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
//!       image: registry.example/web:3-nanoserver-ltsc2022
//!       volumeMounts:
//!         - name: pages
//!           mountPath: /pages
//!           readOnly: true # they are made elsewhere
//!   volumes:
//!     - name: pages
//!       persistentVolumeClaim:
//!         claimName: pages
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
//!       image: registry.example/web:3-nanoserver-ltsc2022
//!       volumeMounts:
//!         - name: pages
//!           mountPath: /pages
//!           readOnly: true
//!           recursiveReadOnly: IfPossible
//!         - name: drafts
//!           mountPath: /drafts
//!           recursiveReadOnly: Disabled
//!   volumes:
//!     - name: pages
//!       persistentVolumeClaim:
//!         claimName: pages
//!     - name: drafts
//!       emptyDir: {}
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN509",
    name: "recursive-read-only",
    summary: "A Windows container wants a recursive read-only mount, with which it never starts",
    severity: Severity::Error,
    stage: Stage::Kubelet,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/storage/volumes/#recursive-read-only-mounts",
        "https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/kubelet/kubelet_pods.go",
    ]),
    errors: docs(&[
        "requested recursive read-only mode, but it is not supported by the runtime",
        "CreateContainerConfigError",
    ]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    for container in &pod.containers {
        for (index, mount) in container.mounts().iter().enumerate() {
            if mount.recursive_read_only.as_deref() != Some("Enabled") {
                continue;
            }
            let path = container.mount_at(index).key("recursiveReadOnly");
            let volume = mount.name.as_deref().unwrap_or_default();
            let what = format!("container {}: recursiveReadOnly Enabled for volume {volume}", container.name());
            let (why, stage) = if mount.read_only == Some(true) {
                ("no runtime of a Windows node has it, so the kubelet does not create the container", RULE.stage)
            } else {
                (
                    "the API server refuses it without `readOnly: true`, and no runtime of a Windows node has it",
                    Stage::ApiServer,
                )
            };
            report
                .finding(path.clone(), format!("{what}: {why}"))
                .stage(stage)
                .help("remove `recursiveReadOnly`; `readOnly: true` is enough on Windows")
                .fix(Fix::safe("Remove recursiveReadOnly").remove(path));
        }
    }
}
