//! A Windows pod mounts the socket of a container runtime, which is a pipe there.
//!
//! On Windows, Docker, containerd and cri-dockerd listen on named pipes. `/var/run/docker.sock` is
//! `C:\var\run\docker.sock` on a Windows node, and is not there: without a `type` the runtime makes
//! an empty folder of that name and mounts it, with `type: Socket` the pod waits in
//! ContainerCreating.
//!
//! Mount the pipe: it must be named on both sides, in `hostPath.path` and in `mountPath`, with no
//! `type`, and whatever speaks to the runtime must be told (`DOCKER_HOST=npipe:////./pipe/docker_engine`).
//! CRI-O does not run on Windows.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: build
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: build
//!       image: registry.example/build-agent:4-windowsservercore-ltsc2022
//!       volumeMounts:
//!         - name: docker
//!           mountPath: /var/run/docker.sock
//!   volumes:
//!     - name: docker # of the node
//!       hostPath:
//!         path: /var/run/docker.sock
//! ```
//!
//! ## Fixed
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: build
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: build
//!       image: registry.example/build-agent:4-windowsservercore-ltsc2022
//!       volumeMounts:
//!         - name: docker
//!           mountPath: \\.\pipe\docker_engine
//!   volumes:
//!     - name: docker # of the node
//!       hostPath:
//!         path: \\.\pipe\docker_engine
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: build
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: build
//!       image: registry.example/build-agent:4-windowsservercore-ltsc2022
//!       volumeMounts:
//!         - name: containerd
//!           mountPath: \\.\pipe\containerd-containerd
//!   volumes:
//!     - name: containerd
//!       hostPath:
//!         path: \\.\pipe\containerd-containerd
//! ```

use crate::claims;
use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::paths;
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN514",
    name: "runtime-socket",
    summary: "A Windows pod mounts the socket of a container runtime, which is a pipe there",
    severity: Severity::Error,
    stage: Stage::Silent,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://github.com/kubernetes/kubernetes/issues/67147",
        "https://docs.docker.com/engine/daemon/remote-access/",
        "https://kubernetes.io/docs/setup/production-environment/container-runtimes/",
    ]),
    errors: docs(&[
        "docker.sock is not a socket file",
        "hostPath type check failed: /var/run/docker.sock is not a socket file",
    ]),
    check: Check::Pod(check),
};

/// More of them no pod has a use for.
const MOST_FIXES: usize = 16;

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() || pod.is_host_process() {
        return;
    }
    let mut fixes = 0..MOST_FIXES;
    for storage in claims::of(pod) {
        let Some(host_path) = storage.host_path() else { continue };
        let path = host_path.path.as_deref().unwrap_or_default();
        let Some(socket) = paths::runtime_socket(path) else { continue };
        let at = storage.at(pod, "/hostPath/path");
        let title = storage.title();
        let runtime = socket.runtime;
        let has_type = host_path.kind.as_deref().is_some_and(|kind| !kind.is_empty());
        let stage = if has_type { Stage::Kubelet } else { Stage::Silent };
        let Some(pipe) = socket.pipe else {
            report
                .finding(at, format!("{title}: hostPath {path}: {runtime} does not run on Windows nodes"))
                .help(r"mount the pipe of the runtime that the nodes have, such as `\\.\pipe\containerd-containerd`")
                .stage(stage);
            continue;
        };
        // Each is looked for in all mounts.
        let is_looked_for = fixes.next().is_some();
        let fix = storage.inline_at().filter(|_| is_looked_for).and_then(|index| piped(pod, index, pipe));
        let finding = report
            .finding(at, format!("{title}: hostPath {path}: on Windows nodes {runtime} listens on the pipe {pipe}"))
            .help(format!(
                "mount `{pipe}`, in hostPath and mountPath alike and without a type, and point the client to it"
            ))
            .stage(stage);
        if let Some(fix) = fix {
            finding.fix(fix);
        }
    }
}

/// Puts `pipe` in the place of the volume at `index`, wherever it is mounted. A part of it cannot
/// be mounted, nor can it be mounted twice in a container.
fn piped(pod: &Pod<'_>, index: usize, pipe: &'static str) -> Option<Fix> {
    let volume = pod.spec.volumes.as_deref()?.get(index)?;
    let at = pod.at("/volumes").index(index).key("hostPath");
    let mut fix = Fix::unsafe_("Mount the pipe").set(at.key("path"), pipe);
    if volume.host_path.as_ref().is_some_and(|h| h.kind.is_some()) {
        fix = fix.remove(at.key("type"));
    }
    for container in &pod.containers {
        let mut mounts = container.mounts().iter().enumerate().filter(|(_, mount)| mount.name == volume.name);
        if let Some((index, mount)) = mounts.next() {
            if mount.sub_path.is_some()
                || mount.sub_path_expr.is_some()
                || mounts.next().is_some()
                || !container.may_mount_at(index, pipe)
            {
                return None;
            }
            if mount.mount_path.as_deref() != Some(pipe) {
                fix = fix.set(container.mount_at(index).key("mountPath"), pipe);
            }
        }
    }
    Some(fix)
}
