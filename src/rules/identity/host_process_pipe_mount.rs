//! A HostProcess container mounts a pipe or a socket of its node, which it can reach anyway.
//!
//! A HostProcess container is a process of its node and sees the pipes of the node by their own
//! names. Mounting one is not just needless: the runtime cannot do it, and the container is not
//! created. A unix socket can be mounted on few versions only, and most services on Windows listen
//! on a pipe instead; the sockets of container runtimes are pipes there. For sockets it is a
//! warning.
//!
//! Remove the volume and its mounts, and let the program use the path that the node has:
//! `\\.\pipe\containerd-containerd`, for example.
//!
//! ## Bad
//! ```yaml
//! apiVersion: apps/v1
//! kind: DaemonSet
//! metadata:
//!   name: csi-node
//! spec:
//!   selector:
//!     matchLabels: {app: csi-node}
//!   template:
//!     metadata:
//!       labels: {app: csi-node}
//!     spec:
//!       os: {name: windows}
//!       nodeSelector:
//!         kubernetes.io/os: windows
//!       hostNetwork: true
//!       securityContext:
//!         windowsOptions:
//!           hostProcess: true
//!           runAsUserName: NT AUTHORITY\SYSTEM
//!       containers:
//!         - name: driver
//!           image: registry.example/csi-driver:1.4
//!           volumeMounts:
//!             - name: csi-proxy
//!               mountPath: \\.\pipe\csi-proxy-filesystem-v1
//!             - name: plugins # where the kubelet finds the driver
//!               mountPath: C:\var\lib\kubelet\plugins
//!       volumes:
//!         - name: csi-proxy
//!           hostPath:
//!             path: \\.\pipe\csi-proxy-filesystem-v1
//!         - name: plugins
//!           hostPath:
//!             path: C:\var\lib\kubelet\plugins
//! ```
//!
//! ## Fixed
//! ```yaml
//! apiVersion: apps/v1
//! kind: DaemonSet
//! metadata:
//!   name: csi-node
//! spec:
//!   selector:
//!     matchLabels: {app: csi-node}
//!   template:
//!     metadata:
//!       labels: {app: csi-node}
//!     spec:
//!       os: {name: windows}
//!       nodeSelector:
//!         kubernetes.io/os: windows
//!       hostNetwork: true
//!       securityContext:
//!         windowsOptions:
//!           hostProcess: true
//!           runAsUserName: NT AUTHORITY\SYSTEM
//!       containers:
//!         - name: driver
//!           image: registry.example/csi-driver:1.4
//!           volumeMounts:
//!             - name: plugins # where the kubelet finds the driver
//!               mountPath: C:\var\lib\kubelet\plugins
//!       volumes:
//!         - name: plugins
//!           hostPath:
//!             path: C:\var\lib\kubelet\plugins
//! ```
//!
//! ## Good
//! An ordinary container has to mount the pipes it uses:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: builder
//! spec:
//!   os: {name: windows}
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: builder
//!       image: registry.example/builder:2.0
//!       volumeMounts:
//!         - name: docker
//!           mountPath: \\.\pipe\docker_engine
//!   volumes:
//!     - name: docker
//!       hostPath:
//!         path: \\.\pipe\docker_engine
//! ```

use crate::claims;
use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::paths;
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN305",
    name: "host-process-pipe-mount",
    summary: "A HostProcess container mounts a pipe or a socket of its node",
    severity: Severity::Error,
    stage: Stage::Runtime,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/tasks/configure-pod-container/create-hostprocess-pod/#limitations",
        "https://github.com/microsoft/hcsshim/blob/main/internal/jobcontainers/mounts.go",
    ]),
    errors: docs(&[
        "named pipe mounts not supported for job containers - interact with the pipe directly",
        "failed to create containerd task",
    ]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() || !pod.containers.iter().any(|container| container.host_process) {
        return;
    }
    for storage in claims::of(pod) {
        let Some(host_path) = storage.host_path() else { continue };
        let path = host_path.path.as_deref().unwrap_or_default();
        let is_pipe = paths::is_pipe(path);
        let is_typed = host_path.kind.as_deref() == Some("Socket");
        if !is_pipe && !is_typed && !paths::is_socket(path) {
            continue;
        }
        let volume = storage.inline_at().map(|index| pod.at("/volumes").index(index));
        let mut fix = volume.map(|volume| Fix::unsafe_("Remove the volume").remove(volume));
        let mut is_mounted = false;
        for container in &pod.containers {
            for (index, _) in
                container.mounts().iter().enumerate().filter(|(_, mount)| mount.name.as_deref() == Some(storage.name))
            {
                is_mounted |= container.host_process;
                fix = fix.map(|fix| fix.remove(container.mount_at(index)));
            }
        }
        if !is_mounted {
            continue;
        }
        let (severity, why) = if paths::is_slashed_pipe(path) {
            (Severity::Error, r"written with slashes this is a folder of the C: drive, and a pipe needs no mount")
        } else if is_pipe {
            (Severity::Error, "a HostProcess container cannot mount a pipe, and sees those of its node without")
        } else if paths::runtime_socket(path).is_some() {
            (Severity::Warning, "container runtimes listen on a pipe on Windows, which a HostProcess container sees")
        } else {
            (
                Severity::Warning,
                "a HostProcess container sees what its node has there, and a socket can hardly be mounted",
            )
        };
        let finding =
            report.finding(storage.at(pod, "/hostPath/path"), format!("{}: hostPath {path}: {why}", storage.title()));
        finding.severity(severity).help("remove the volume and its mounts, and use the path of the node");
        if let Some(fix) = fix {
            finding.fix(fix);
        }
        if is_typed {
            finding.stage(Stage::Kubelet);
        }
    }
}
