//! A Windows container wants mounts to propagate, which they never do there.
//!
//! What `mountPropagation` asks for is a property of Linux mount namespaces. On Windows every mount
//! is private: `HostToContainer` and `Bidirectional` are passed over in silence, and what is
//! mounted later on the other side never appears. `Bidirectional` is an error: it also needs
//! `privileged: true`, or the API server refuses the pod; and `privileged` has no meaning on
//! Windows, or is itself refused.
//!
//! Remove the field. A driver or agent that lives on propagated mounts needs its Windows variant,
//! most often a HostProcess pod.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: agent
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: agent
//!       image: registry.example/agent:1.4-nanoserver-ltsc2022
//!       volumeMounts:
//!         - name: plugins
//!           mountPath: /plugins # the CSI drivers
//!           mountPropagation: HostToContainer
//!   volumes:
//!     - name: plugins
//!       hostPath:
//!         path: /var/lib/kubelet/plugins
//! ```
//!
//! ## Fixed
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: agent
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: agent
//!       image: registry.example/agent:1.4-nanoserver-ltsc2022
//!       volumeMounts:
//!         - name: plugins
//!           mountPath: /plugins # the CSI drivers
//!   volumes:
//!     - name: plugins
//!       hostPath:
//!         path: /var/lib/kubelet/plugins
//! ```
//!
//! ## Good
//! `None` is what happens on Windows anyway:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: agent
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: agent
//!       image: registry.example/agent:1.4-nanoserver-ltsc2022
//!       volumeMounts:
//!         - name: plugins
//!           mountPath: /plugins
//!           mountPropagation: None
//!   volumes:
//!     - name: plugins
//!       hostPath:
//!         path: /var/lib/kubelet/plugins
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN508",
    name: "mount-propagation",
    summary: "A Windows container wants mounts to propagate, which they never do there",
    severity: Severity::Warning,
    stage: Stage::Silent,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/storage/windows-storage/",
        "https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/core/validation/validation.go",
    ]),
    errors: docs(&["Bidirectional mount propagation is available only to privileged containers"]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    for container in &pod.containers {
        for (index, mount) in container.mounts().iter().enumerate() {
            let (severity, stage, why) = match mount.mount_propagation.as_deref() {
                Some("HostToContainer") => (
                    Severity::Warning,
                    Stage::Silent,
                    "mounts of the node made later never appear in a Windows container",
                ),
                Some("Bidirectional") if container.security_context().is_some_and(|s| s.privileged == Some(true)) => {
                    (Severity::Error, Stage::Silent, "mounts made in a Windows container never appear on its node")
                }
                Some("Bidirectional") => (
                    Severity::Error,
                    Stage::ApiServer,
                    "the API server takes it from privileged containers only, and Windows has none",
                ),
                _ => continue,
            };
            let value = mount.mount_propagation.as_deref().unwrap_or_default();
            let path = container.mount_at(index).key("mountPropagation");
            let volume = mount.name.as_deref().unwrap_or_default();
            report
                .finding(
                    path.clone(),
                    format!("container {}: mountPropagation {value} of volume {volume}: {why}", container.name()),
                )
                .help("remove `mountPropagation`")
                .severity(severity)
                .stage(stage)
                .fix(Fix::safe("Remove the mount propagation").remove(path));
        }
    }
}
