//! A Windows pod mounts a path of the node that only Linux nodes have.
//!
//! On a Windows node `/proc` is `C:\proc`, and is not there. Without a `type` the runtime makes an
//! empty folder and mounts that: nothing fails, and whatever reads it finds nothing. With a `type`
//! that asks for something to be there the kubelet looks first, and the pod waits in
//! ContainerCreating with FailedMount; `DirectoryOrCreate` and `FileOrCreate` make something empty.
//! Block devices never exist there as files, and of character devices only the likes of `COM1` do.
//! What only a Linux kernel fills (`/proc`, `/sys`, `/dev`), sockets, `/` and types of devices are
//! errors; other folders are warnings, and infos where a HostProcess pod, an agent of the node, may
//! make them itself.
//!
//! Remove the volume and use the Windows way to what it was for: performance counters, the event
//! log, a HostProcess container. Paths that the kubelet and the runtimes use on both systems, such
//! as `/var/log/pods`, are fine as they are.
//!
//! ## Bad
//! ```yaml
//! apiVersion: apps/v1
//! kind: DaemonSet
//! metadata:
//!   name: metrics
//! spec:
//!   selector:
//!     matchLabels: {app: metrics}
//!   template:
//!     metadata:
//!       labels: {app: metrics}
//!     spec:
//!       nodeSelector:
//!         kubernetes.io/os: windows
//!       containers:
//!         - name: metrics
//!           image: registry.example/metrics:2.1-nanoserver-ltsc2022
//!           volumeMounts:
//!             - name: proc
//!               mountPath: /host/proc
//!               readOnly: true
//!       volumes:
//!         - name: proc
//!           hostPath:
//!             path: /proc
//! ```
//!
//! ## Good
//! The kubelet's folders are `C:\var\log\pods` and `C:\var\lib\kubelet` on a Windows node:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: logs
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: logs
//!       image: registry.example/logs:2.1-windowsservercore-ltsc2022
//!       volumeMounts:
//!         - name: pods
//!           mountPath: /var/log/pods
//!         - name: kubelet
//!           mountPath: /var/lib/kubelet
//!   volumes:
//!     - name: pods
//!       hostPath:
//!         path: /var/log/pods
//!         type: Directory
//!     - name: kubelet
//!       hostPath:
//!         path: C:\var\lib\kubelet
//! ```

use crate::claims;
use crate::finding::{Report, Severity, Stage};
use crate::paths::{self, Lack};
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN513",
    name: "linux-host-path",
    summary: "A Windows pod mounts a path of the node that only Linux nodes have",
    severity: Severity::Warning,
    stage: Stage::Silent,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/storage/volumes/#hostpath",
        "https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/volume/hostpath/host_path.go",
        "https://github.com/containerd/containerd/blob/main/internal/cri/opts/spec_windows_opts.go",
    ]),
    errors: docs(&[
        "hostPath type check failed",
        "is not a character device",
        "is not a block device",
        "is not a directory",
    ]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    for storage in claims::of(pod) {
        let Some(host_path) = storage.host_path() else { continue };
        let path = host_path.path.as_deref().unwrap_or_default();
        let kind = host_path.kind.as_deref().unwrap_or_default();
        let is_socket = kind == "Socket" || paths::is_socket(path);
        // WIN514 and WIN515 speak about these; in HostProcess pods WIN305 does.
        if paths::runtime_socket(path).is_some() || paths::is_pipe(path) || (is_socket && pod.is_host_process()) {
            continue;
        }
        let at = |field| storage.at(pod, field);
        let title = storage.title();
        let is_looked_for = !matches!(kind, "" | "DirectoryOrCreate" | "FileOrCreate");
        // A Windows node may well have a C:\tmp; none has it from the start.
        let is_tmp = is_looked_for && paths::is_within(path, "/tmp");
        let is_missing_device = kind == "BlockDevice" || (kind == "CharDevice" && !paths::is_windows_device(path));
        if let Some(lack) = paths::lack_on_windows(path).or(is_tmp.then_some(Lack::Folder)) {
            let what = match lack {
                Lack::Root => "a Windows node has no single root that holds everything, only drives",
                Lack::Kernel => "there is no Linux kernel to fill it on a Windows node",
                Lack::Socket => "the service that listens there does not exist on a Windows node",
                Lack::Folder => "nothing is kept there on a Windows node",
            };
            let then = if is_looked_for {
                "so the pod waits for it in vain"
            } else if kind == "FileOrCreate" {
                "so the container finds an empty file, if anything"
            } else {
                "so the container finds an empty folder"
            };
            let (then, joint) = if lack == Lack::Root { ("", "") } else { (then, ", ") };
            report
                .finding(at("/hostPath/path"), format!("{title}: hostPath {path}: {what}{joint}{then}"))
                .help("remove the volume, or mount what takes its place on Windows")
                .severity(match lack {
                    // An agent of the node may make the folder itself.
                    Lack::Folder if !is_looked_for && pod.is_host_process() => Severity::Info,
                    Lack::Folder if !is_missing_device => Severity::Warning,
                    _ => Severity::Error,
                })
                .stage(if is_looked_for { Stage::Kubelet } else { Stage::Silent });
        } else if is_missing_device {
            report
                .finding(
                    at("/hostPath/type"),
                    format!(
                        "{title}: hostPath type {kind}: no file of a Windows node is one, so the pod waits in vain"
                    ),
                )
                .help("remove the volume: devices reach Windows containers through a device plugin")
                .severity(Severity::Error)
                .stage(Stage::Kubelet);
        } else if kind == "Socket" {
            report
                .finding(
                    at("/hostPath/type"),
                    format!(
                        "{title}: hostPath type Socket: most services listen on a pipe on Windows, not on a socket"
                    ),
                )
                .help("check that the service makes this socket on Windows nodes, or mount its pipe")
                .stage(Stage::Kubelet);
        }
    }
}
