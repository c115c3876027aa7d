//! A pipe is mounted in a way that does not make it a pipe in the container.
//!
//! containerd maps a named pipe into a container only where the path on the node and the path in the
//! container both begin with `\\.\pipe\`. A folder mounted on a pipe, or a pipe on a folder, fails
//! when the container is created. `//./pipe/x`, which client libraries understand, is no pipe here:
//! the kubelet makes the folder `C:\pipe\x` of it without a word. And a `type` lets the kubelet look
//! for a file or folder, which a pipe is not.
//!
//! Name the pipe with backslashes on both sides and leave `type` out. In YAML such a path needs no
//! quotes; in double quotes every backslash is written twice.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: driver
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: driver
//!       image: registry.example/driver:1.9-nanoserver-ltsc2022
//!       volumeMounts:
//!         - name: csi-proxy
//!           mountPath: \\.\pipe\csi-proxy-filesystem-v1
//!   volumes:
//!     - name: csi-proxy
//!       hostPath:
//!         path: //./pipe/csi-proxy-filesystem-v1 # of csi-proxy
//! ```
//!
//! ## Fixed
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: driver
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: driver
//!       image: registry.example/driver:1.9-nanoserver-ltsc2022
//!       volumeMounts:
//!         - name: csi-proxy
//!           mountPath: \\.\pipe\csi-proxy-filesystem-v1
//!   volumes:
//!     - name: csi-proxy
//!       hostPath:
//!         path: \\.\pipe\csi-proxy-filesystem-v1 # of csi-proxy
//! ```
//!
//! ## Good
//! The two names may differ, as long as both are pipes:
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
//!         - name: engine
//!           mountPath: '\\.\pipe\docker_engine'
//!   volumes:
//!     - name: engine
//!       hostPath:
//!         path: "\\\\.\\pipe\\docker_engine_windows"
//!         type: ""
//! ```

use crate::claims;
use crate::finding::{Finding, Report, Severity, Stage};
use crate::fix::Fix;
use crate::paths::{self, PIPES};
use crate::pod::Pod;
use crate::pointer::Pointer;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN515",
    name: "half-named-pipe",
    summary: "A pipe is mounted in a way that does not make it a pipe in the container",
    severity: Severity::Error,
    stage: Stage::Runtime,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://github.com/containerd/containerd/blob/main/internal/cri/opts/spec_windows_opts.go",
        "https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/volume/util/util.go",
    ]),
    errors: docs(&["hostPath type check failed", "failed to create containerd task"]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() || pod.is_host_process() {
        return;
    }
    for storage in claims::of(pod) {
        let Some(host_path) = storage.host_path() else { continue };
        let path = host_path.path.as_deref().unwrap_or_default();
        let Some(pipe) = paths::pipe_name(path) else { continue };
        let title = storage.title();
        if paths::is_slashed_pipe(path) {
            let at = storage.at(pod, "/hostPath/path");
            let finding = slashed(at.clone(), &format!("{title}: hostPath"), path, pipe, report);
            if storage.is_inline() {
                finding.fix(backslashed(at, pipe));
            }
        }
        if let Some(kind) = host_path.kind.as_deref().filter(|kind| !kind.is_empty()) {
            let at = storage.at(pod, "/hostPath/type");
            let finding = report
                .finding(
                    at.clone(),
                    format!("{title}: hostPath type {kind}: a pipe is none, so the kubelet does not find it"),
                )
                .help("remove `type`")
                .stage(Stage::Kubelet);
            if storage.is_inline() {
                finding.fix(Fix::unsafe_("Remove the type").remove(at));
            }
        }
        for container in &pod.containers {
            for (index, mount) in
                container.mounts().iter().enumerate().filter(|(_, mount)| mount.name.as_deref() == Some(storage.name))
            {
                let mount_path = mount.mount_path.as_deref().unwrap_or_default();
                if paths::is_pipe(mount_path) {
                    continue;
                }
                let at = container.mount_at(index).key("mountPath");
                let pipe = format!("{PIPES}{pipe}");
                let finding = report
                    .finding(at.clone(), format!("container {}: mountPath {mount_path}: {title} is a pipe, and a pipe can only be mounted as one", container.name()))
                    .help(format!("mount it as `{pipe}`"));
                if container.may_mount_at(index, &pipe) {
                    finding.fix(Fix::unsafe_("Mount it as a pipe").set(at, pipe));
                }
            }
        }
    }
    for container in &pod.containers {
        for (mounted, mount) in container.mounts().iter().enumerate() {
            let mount_path = mount.mount_path.as_deref().unwrap_or_default();
            let Some(pipe) = paths::pipe_name(mount_path) else { continue };
            let Some(storage) = claims::of(pod).find(|storage| mount.name.as_deref() == Some(storage.name)) else {
                continue;
            };
            let host_path = storage.host_path().map(|h| h.path.as_deref().unwrap_or_default());
            // WIN514 speaks about the whole mount.
            if host_path.and_then(paths::runtime_socket).is_some() {
                continue;
            }
            let field = format!("container {}: mountPath", container.name());
            let at = container.mount_at(mounted).key("mountPath");
            if !host_path.is_some_and(paths::is_pipe) {
                let name = mount.name.as_deref().unwrap_or_default();
                let finding = report
                    .finding(
                        at.clone(),
                        format!("{field} {mount_path}: volume {name} is no pipe, so it cannot be mounted as one"),
                    )
                    .help("mount a pipe of the node here, or mount the volume at an ordinary path");
                if let Some(fix) =
                    storage.inline_at().and_then(|index| with_pipe(pod, index, &format!("{PIPES}{pipe}")))
                {
                    finding.fix(fix);
                }
            } else if paths::is_slashed_pipe(mount_path) {
                let finding = slashed(at.clone(), &field, mount_path, pipe, report);
                if container.may_mount_at(mounted, mount_path) {
                    finding.fix(backslashed(at, pipe));
                }
            }
        }
    }
}

/// Makes a pipe of a hostPath that is mounted once, as one.
fn with_pipe(pod: &Pod<'_>, index: usize, pipe: &str) -> Option<Fix> {
    let volume = pod.spec.volumes.as_deref()?.get(index)?;
    let host_path = volume.host_path.as_ref()?;
    let at = pod.at("/volumes").index(index).key("hostPath");
    let mut fix = Fix::unsafe_("Mount the pipe of the node").set(at.key("path"), pipe);
    if host_path.kind.as_deref().is_some_and(|kind| !kind.is_empty()) {
        fix = fix.remove(at.key("type"));
    }
    let all = pod.containers.iter().flat_map(|c| c.mounts().iter().enumerate().map(move |(i, mount)| (c, i, mount)));
    let mut mounts = all.filter(|(_, _, mount)| mount.name == volume.name);
    let (container, index, mount) = mounts.next()?;
    if mounts.next().is_some() || !container.may_mount_at(index, pipe) {
        return None;
    }
    if mount.mount_path.as_deref() != Some(pipe) {
        fix = fix.set(container.mount_at(index).key("mountPath"), pipe);
    }
    Some(fix)
}

/// A pipe written as `//./pipe/x`.
fn slashed<'r>(at: Pointer, field: &str, path: &str, pipe: &str, report: &'r mut Report<'_>) -> &'r mut Finding {
    report
        .finding(at, format!(r"{field} {path}: written with slashes this is no pipe, but the folder C:\pipe\{pipe}"))
        .help(format!("write `{PIPES}{pipe}`"))
        .stage(Stage::Silent)
}

fn backslashed(at: Pointer, pipe: &str) -> Fix {
    Fix::safe("Write the pipe with backslashes").set(at, format!("{PIPES}{pipe}"))
}
