//! A pipe is mounted in a way that does not make it a pipe in the container.
//!
//! containerd maps a named pipe into a container only where the path on the node and the path in the
//! container both begin with `\\.\pipe\`. A folder mounted on a pipe, or a pipe on a folder, fails
//! when the container is created. `//./pipe/x`, which client libraries understand, is no pipe here:
//! the kubelet makes the folder `C:\pipe\x` of it without a word, which is mounted as any other where
//! the other side is one, too. And a `type` lets the kubelet look for a file or folder, which a pipe is
//! not.
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

use crate::claims::{self, Storage};
use crate::finding::{Finding, Report, Severity, Stage};
use crate::fix::{Fix, Safety};
use crate::object::pod::VolumeMount;
use crate::paths::{self, PIPES};
use crate::pod::{Container, Pod};
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
    // Volumes that can be made pipes together with all their mounts, and how.
    let whole: Vec<(&str, Fix)> = claims::of(pod).filter_map(|storage| volume(pod, &storage, report)).collect();
    for container in &pod.containers {
        for (index, mount) in container.mounts().iter().enumerate() {
            let storage = || claims::of(pod).find(|storage| mount.name.as_deref() == Some(storage.name));
            let Some(pipe) = mount.mount_path.as_deref().and_then(paths::pipe_name) else { continue };
            if let Some(storage) = storage() {
                let whole = whole.iter().find(|(name, _)| *name == storage.name).map(|(_, fix)| fix);
                mounted_as_pipe(pod, &storage, &Mount { container, index, view: mount }, pipe, whole, report);
            }
        }
    }
}

/// A mount of a volume.
struct Mount<'p, 'a> {
    container: &'p Container<'a>,
    index: usize,
    view: &'a VolumeMount<'a>,
}

impl Mount<'_, '_> {
    fn path(&self) -> &str {
        self.view.mount_path.as_deref().unwrap_or_default()
    }

    fn at(&self) -> Pointer {
        self.container.mount_at(self.index).key("mountPath")
    }
}

fn mounts<'p, 'a>(pod: &'p Pod<'a>, volume: &'a str) -> impl Iterator<Item = Mount<'p, 'a>> {
    let all = pod.containers.iter().flat_map(|container| {
        container.mounts().iter().enumerate().map(move |(index, view)| Mount { container, index, view })
    });
    all.filter(move |mount| mount.view.name.as_deref() == Some(volume))
}

/// A volume that is a pipe, or is meant to be one, and its mounts that are none; gives its name with the fix that
/// makes a pipe of it and of its mounts.
fn volume<'a>(pod: &Pod<'_>, storage: &Storage<'a>, report: &mut Report<'_>) -> Option<(&'a str, Fix)> {
    let host_path = storage.host_path()?;
    let path = host_path.path.as_deref().unwrap_or_default();
    let pipe = paths::pipe_name(path)?;
    let mut made_whole = None;
    let title = storage.title();
    let is_slashed = paths::is_slashed_pipe(path);
    if is_slashed {
        let finding = slashed(storage.at(pod, "/hostPath/path"), &format!("{title}: hostPath"), path, pipe, report);
        finding.help(format!("write `{PIPES}{pipe}`"));
        if mounts(pod, storage.name).any(|mount| paths::is_pipe(mount.path()) && !paths::is_slashed_pipe(mount.path()))
        {
            finding.stage(Stage::Runtime);
        }
        if let Some(fix) = whole(pod, storage, pipe) {
            made_whole = Some((storage.name, fix.clone()));
            finding.fix(fix);
        }
    }
    if let Some(kind) = host_path.kind.as_deref().filter(|kind| !kind.is_empty()) {
        let at = storage.at(pod, "/hostPath/type");
        let (why, stage) = if is_slashed {
            let is_made = kind.ends_with("OrCreate");
            let stage = if is_made { Stage::Silent } else { Stage::Kubelet };
            ("with it the kubelet looks for something else than a pipe", stage)
        } else {
            ("a pipe is none, so the kubelet does not find it", Stage::Kubelet)
        };
        let finding = report.finding(at.clone(), format!("{title}: hostPath type {kind}: {why}"));
        finding.help("remove `type`").stage(stage);
        if storage.is_inline() {
            finding.fix(Fix::unsafe_("Remove the type").remove(at));
        }
    }
    for mount in mounts(pod, storage.name).filter(|mount| !is_slashed && !paths::is_pipe(mount.path())) {
        let pipe = format!("{PIPES}{pipe}");
        let (name, path) = (mount.container.name(), mount.path());
        let finding = report
            .finding(
                mount.at(),
                format!("container {name}: mountPath {path}: {title} is a pipe, and a pipe can only be mounted as one"),
            )
            .help(format!("mount it as `{pipe}`"));
        if mount.container.may_mount_at(mount.index, &pipe) {
            finding.fix(Fix::unsafe_("Mount it as a pipe").set(mount.at(), pipe));
        }
    }
    made_whole
}

/// A mount at the name of a pipe.
fn mounted_as_pipe(
    pod: &Pod<'_>,
    storage: &Storage<'_>,
    mount: &Mount<'_, '_>,
    pipe: &str,
    whole: Option<&Fix>,
    report: &mut Report<'_>,
) {
    let host_path = storage.host_path().map(|host_path| host_path.path.as_deref().unwrap_or_default());
    // WIN514 speaks about the whole mount.
    if host_path.and_then(paths::runtime_socket).is_some() {
        return;
    }
    let field = format!("container {}: mountPath", mount.container.name());
    let is_slashed = paths::is_slashed_pipe(mount.path());
    if !host_path.is_some_and(paths::is_pipe) {
        let finding = if is_slashed {
            slashed(mount.at(), &field, mount.path(), pipe, report)
        } else {
            let (path, name) = (mount.path(), storage.name);
            report.finding(
                mount.at(),
                format!("{field} {path}: volume {name} is no pipe, so it cannot be mounted as one"),
            )
        };
        finding.help("mount a pipe of the node here, or mount the volume at an ordinary path");
        if let Some(fix) = storage.inline_at().and_then(|index| with_pipe(pod, index, &format!("{PIPES}{pipe}"))) {
            finding.fix(fix);
        }
        return;
    }
    if !is_slashed {
        return;
    }
    let finding = slashed(mount.at(), &field, mount.path(), pipe, report);
    finding.help(format!("write `{PIPES}{pipe}`"));
    if !host_path.is_some_and(paths::is_slashed_pipe) {
        finding.stage(Stage::Runtime);
        if mount.container.may_mount_at(mount.index, mount.path()) {
            finding.fix(backslashed(mount, pipe));
        }
    } else if let Some(fix) = whole {
        // Half of it would be a folder mounted as a pipe, which no container starts with.
        finding.fix(fix.clone());
    }
}

/// More volumes or mounts are not looked through for what belongs together.
const MOST: usize = 64;

/// Makes a pipe of a volume written with slashes, and of all its mounts. As long as all of them are meant
/// as pipes and no type is in force, nothing that works is changed by it.
fn whole(pod: &Pod<'_>, storage: &Storage<'_>, pipe: &str) -> Option<Fix> {
    let at = storage.is_inline().then(|| storage.at(pod, "/hostPath"))?;
    let volumes = pod.spec.volumes.as_deref().unwrap_or_default();
    let same = volumes.iter().take(MOST + 1).filter(|volume| volume.name.as_deref() == Some(storage.name)).count();
    let count = mounts(pod, storage.name).take(MOST + 1).count();
    if volumes.len() > MOST || same > 1 || count > MOST {
        return None;
    }
    let mut fix = Fix::safe("Write the pipe with backslashes").set(at.key("path"), format!("{PIPES}{pipe}"));
    if storage.host_path()?.kind.as_deref().is_some_and(|kind| !kind.is_empty()) {
        fix = fix.remove(at.key("type"));
        fix.safety = Safety::Unsafe;
    }
    for mount in mounts(pod, storage.name) {
        let meant = paths::pipe_name(mount.path());
        if [&mount.view.sub_path, &mount.view.sub_path_expr].into_iter().flatten().any(|path| !path.is_empty()) {
            return None;
        }
        if meant.is_some() && !paths::is_slashed_pipe(mount.path()) {
            continue;
        }
        let path = format!("{PIPES}{}", meant.unwrap_or(pipe));
        if !mount.container.may_mount_at(mount.index, &path) {
            return None;
        }
        if meant.is_none() {
            fix.safety = Safety::Unsafe;
        }
        fix = fix.set(mount.at(), path);
    }
    Some(fix)
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
    let mut mounts = mounts(pod, volume.name.as_deref()?);
    let mount = mounts.next()?;
    if mounts.next().is_some() || !mount.container.may_mount_at(mount.index, pipe) {
        return None;
    }
    if mount.path() != pipe {
        fix = fix.set(mount.at(), pipe);
    }
    Some(fix)
}

/// A pipe written as `//./pipe/x`.
fn slashed<'r>(at: Pointer, field: &str, path: &str, pipe: &str, report: &'r mut Report<'_>) -> &'r mut Finding {
    report
        .finding(at, format!(r"{field} {path}: written with slashes this is no pipe, but the folder C:\pipe\{pipe}"))
        .stage(Stage::Silent)
}

fn backslashed(mount: &Mount<'_, '_>, pipe: &str) -> Fix {
    Fix::safe("Write the pipe with backslashes").set(mount.at(), format!("{PIPES}{pipe}"))
}
