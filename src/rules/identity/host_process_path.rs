//! A HostProcess container mixes up the files of its node and those of its image.
//!
//! A HostProcess container sees the C: drive of its node. The files of its image are somewhere on
//! it: under `C:\hpc` with containerd 1.7 and later, on Windows Server 2019 under
//! `C:\hpc\<container id>`, and under `C:\C\<container id>` with containerd 1.6. So
//! `C:\app\agent.exe` is a file of the node, which mostly is not there; and a volume that is
//! mounted over `C:\Windows` or `C:\var\lib\kubelet` hides that folder of the node from the
//! container, or, with containerd 1.6 and on Windows Server 2019, is not found at this path at all.
//!
//! `%CONTAINER_SANDBOX_MOUNT_POINT%` is where the image and the mounts are, with every version. Mount
//! volumes at paths that the node does not have. (Limits of CPU and memory hold for a HostProcess
//! container, through a job object. Nothing isolates its disk and its network.)
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: agent
//! spec:
//!   os: {name: windows}
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   hostNetwork: true
//!   securityContext:
//!     windowsOptions:
//!       hostProcess: true
//!       runAsUserName: NT AUTHORITY\SYSTEM
//!   containers:
//!     - name: agent
//!       image: registry.example/agent:1.0
//!       command: ['%CONTAINER_SANDBOX_MOUNT_POINT%\agent.exe']
//!       volumeMounts:
//!         - name: config
//!           mountPath: C:\ProgramData\agent
//!   volumes:
//!     - name: config
//!       configMap: {name: agent}
//! ```
//!
//! ## Good
//! The same folder on both sides hides nothing, and a program may be one of the node or of a volume:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: agent
//! spec:
//!   os: {name: windows}
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   hostNetwork: true
//!   securityContext:
//!     windowsOptions:
//!       hostProcess: true
//!       runAsUserName: NT AUTHORITY\SYSTEM
//!   containers:
//!     - name: agent
//!       image: registry.example/agent:1.0
//!       command: ['C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe', -File, 'C:\scripts\run.ps1']
//!       volumeMounts:
//!         - name: scripts
//!           mountPath: C:\scripts
//!         - name: kubelet
//!           mountPath: /var/lib/kubelet
//!   volumes:
//!     - name: scripts
//!       configMap: {name: agent-scripts}
//!     - name: kubelet
//!       hostPath: {path: 'C:\var\lib\kubelet'}
//! ```
//! In an ordinary container `C:` is the drive of its image:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: agent
//! spec:
//!   os: {name: windows}
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: agent
//!       image: registry.example/agent:1.0
//!       command: ['C:\app\agent.exe']
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::paths;
use crate::pod::{Container, Pod, field_name};
use crate::pointer::Pointer;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN306",
    name: "host-process-path",
    summary: "A HostProcess container mixes up the files of its node and those of its image",
    severity: Severity::Warning,
    stage: Stage::Process,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/tasks/configure-pod-container/create-hostprocess-pod/#volume-mounts",
        "https://github.com/kubernetes/enhancements/tree/master/keps/sig-windows/1981-windows-privileged-container-support",
        "https://github.com/microsoft/hcsshim/tree/main/internal/jobcontainers",
    ]),
    errors: docs(&["The system cannot find the file specified", "The system cannot find the path specified"]),
    check: Check::Pod(check),
};

/// Folders of every node, as [`paths::on_windows`] writes them: these and all below them.
const TREES: &[&str] = &[r"c:\windows", r"c:\program files", r"c:\program files (x86)", r"c:\programdata"];
/// Folders of every node in which a mount of its own hides nothing.
const FOLDERS: &[&str] = &[r"c:\k", r"c:\users", r"c:\etc\kubernetes", r"c:\var\lib\kubelet", r"c:\var\log"];
/// Where programs of the node are, and those of the image.
const PROGRAMS: &[&str] = &[r"c:\windows", r"c:\program files", r"c:\program files (x86)", r"c:\k", r"c:\hpc"];
/// How files that are started or run end.
const ENDINGS: &[&str] = &[".exe", ".com", ".cmd", ".bat", ".ps1", ".dll"];

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    for container in pod.containers.iter().filter(|container| container.host_process) {
        mounts(pod, container, report);
        for (at, command) in container.command_lines() {
            for (index, word) in command.iter().enumerate() {
                if index == 0 || is_program(word) {
                    image_path(container, field_name(at), container.at(at).index(index), word, report);
                }
            }
        }
        for (index, word) in container.view.args.as_deref().unwrap_or_default().iter().enumerate() {
            if is_program(word) {
                image_path(container, "args", container.at("/args").index(index), word, report);
            }
        }
        let folder = container.view.working_dir.as_deref().unwrap_or_default();
        image_path(container, "workingDir", container.at("/workingDir"), folder, report);
    }
}

fn mounts(pod: &Pod<'_>, container: &Container<'_>, report: &mut Report<'_>) {
    for (index, mount) in container.mounts().iter().enumerate() {
        let written = mount.mount_path.as_deref().unwrap_or_default();
        let path = paths::on_windows(written);
        if !FOLDERS.contains(&path.as_str()) && !is_within_any(&path, TREES) {
            continue;
        }
        let volumes = pod.spec.volumes.as_deref().unwrap_or_default();
        let volume = volumes.iter().find(|volume| volume.name == mount.name);
        let source = volume.and_then(|volume| volume.host_path.as_ref()).and_then(|h| h.path.as_deref());
        if source.is_some_and(|source| paths::on_windows(source) == path) {
            continue;
        }
        report
            .finding(
                container.mount_at(index).key("mountPath"),
                format!(
                    "container {}: mountPath {written}: it hides this folder of the node from the HostProcess container",
                    container.name()
                ),
            )
            .help("mount it at a path that the node does not have");
    }
}

/// Speaks about `path` where it is one of the C: drive at which the node hardly has anything.
fn image_path(container: &Container<'_>, field: &str, at: Pointer, path: &str, report: &mut Report<'_>) {
    if !paths::has_drive(path) {
        return;
    }
    let place = paths::on_windows(path);
    if place.strip_prefix(r"c:\").is_none_or(str::is_empty) {
        return;
    }
    let is_mounted = |mount: &crate::object::pod::VolumeMount<'_>| {
        is_within(&place, &paths::on_windows(mount.mount_path.as_deref().unwrap_or_default()))
    };
    if is_within_any(&place, PROGRAMS) || container.mounts().iter().any(is_mounted) {
        return;
    }
    let own = path.get(2..).unwrap_or_default().trim_start_matches(['/', '\\']);
    report
        .finding(
            at,
            format!(
                "container {}: {field} {path}: C: is the drive of the node in a HostProcess container, not that of its image",
                container.name()
            ),
        )
        .help(format!(r"for a file of the image write `%CONTAINER_SANDBOX_MOUNT_POINT%\{own}`"))
        .severity(Severity::Info);
}

fn is_program(word: &str) -> bool {
    ENDINGS.iter().any(|end| {
        word.len().checked_sub(end.len()).and_then(|at| word.get(at..)).is_some_and(|e| e.eq_ignore_ascii_case(end))
    })
}

/// Whether `path` is `folder` or below it, both as [`paths::on_windows`] writes them.
fn is_within(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('\\'))
}

fn is_within_any(path: &str, folders: &[&str]) -> bool {
    folders.iter().any(|folder| is_within(path, folder))
}
