//! A Linux pod starts a program of Windows, or names a path of Windows.
//!
//! Linux images have no `cmd` and no Windows PowerShell (`pwsh` exists on both systems), and to
//! Linux `C:\app\run.exe` is one long file name. The container fails with "no such file or
//! directory". A volume mounted at `C:\data` ends up in a folder of exactly that name.
//!
//! Either the pod is meant for Windows after all and its selector, `os.name` or image is wrong, or
//! the command was copied from a Windows manifest.
//!
//! ## Bad
//! ```yaml
//! apiVersion: batch/v1
//! kind: Job
//! metadata:
//!   name: import
//! spec:
//!   template:
//!     spec:
//!       restartPolicy: Never
//!       nodeSelector:
//!         kubernetes.io/os: linux
//!       containers:
//!         - name: import
//!           image: registry.example/import:5
//!           command: [powershell, -File, /app/import.ps1]
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: batch/v1
//! kind: Job
//! metadata:
//!   name: import
//! spec:
//!   template:
//!     spec:
//!       restartPolicy: Never
//!       nodeSelector:
//!         kubernetes.io/os: linux
//!       containers:
//!         - name: import
//!           image: registry.example/import:5
//!           command: [pwsh, -File, /app/import.ps1]
//!           volumeMounts:
//!             - name: data
//!               mountPath: /data
//!       volumes:
//!         - name: data
//!           emptyDir: {}
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::paths;
use crate::platform::Os;
use crate::pod::{Pod, field_name};
use crate::process;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN702",
    name: "windows-command-on-linux",
    summary: "A Linux pod starts a program of Windows, or names a path of Windows",
    severity: Severity::Error,
    stage: Stage::Process,
    looks_around: true,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/windows/intro/",
        "https://learn.microsoft.com/powershell/scripting/whats-new/differences-from-windows-powershell",
    ]),
    errors: docs(&["no such file or directory", "executable file not found in $PATH"]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_for(Os::Linux) {
        return;
    }
    for container in &pod.containers {
        for (at, command) in container.command_lines() {
            let Some(program) = command.first() else { continue };
            let line = process::unsplit(command);
            let program = line.and_then(|line| line.split_whitespace().next()).unwrap_or(program);
            let os = match line {
                Some(_) => process::shell_os(program),
                None => process::started_os(command, container.args_of(at)),
            };
            let what = if os == Some(Os::Windows) {
                "is a program of Windows, which Linux images do not have"
            } else if paths::is_windows(program) {
                "is a path of Windows, which to Linux is one long file name"
            } else {
                continue;
            };
            let field = field_name(at);
            report
                .finding(
                    container.at(at).index(0),
                    format!("container {}: {field}: {program} {what}", container.name()),
                )
                .help("name a program of the Linux image, or pin the pod to Windows nodes");
        }
    }
    // Elsewhere such a path rather means that the pod is for Windows.
    if pod.is_surely_for(Os::Linux) {
        check_paths(pod, report);
    }
}

fn check_paths(pod: &Pod<'_>, report: &mut Report<'_>) {
    const HELP: &str = "name a path of Linux, or pin the pod to Windows nodes";
    for (index, volume) in pod.spec.volumes.as_deref().unwrap_or_default().iter().enumerate() {
        let path = volume.host_path.as_ref().and_then(|h| h.path.as_deref()).unwrap_or_default();
        if is_drive_or_pipe(path) {
            let name = volume.name.as_deref().unwrap_or_default();
            let at = pod.at("/volumes").index(index).join("/hostPath/path");
            report
                .finding(at, format!("volume {name}: hostPath {path} is a path of Windows, which no Linux node has"))
                .help(HELP)
                .stage(Stage::Runtime);
        }
    }
    for container in &pod.containers {
        for (index, mount) in container.mounts().iter().enumerate() {
            let path = mount.mount_path.as_deref().unwrap_or_default();
            if is_drive_or_pipe(path) {
                let message = format!(
                    "container {}: mountPath {path} is a path of Windows, of which Linux makes a folder of that name",
                    container.name()
                );
                report.finding(container.mount_at(index).key("mountPath"), message).help(HELP).stage(Stage::Runtime);
            }
        }
        let path = container.view.working_dir.as_deref().unwrap_or_default();
        if is_drive_or_pipe(path) {
            let message = format!(
                "container {}: workingDir {path} is a path of Windows, which no Linux image has",
                container.name()
            );
            report.finding(container.at("/workingDir"), message).help(HELP).stage(Stage::Runtime);
        }
    }
}

fn is_drive_or_pipe(path: &str) -> bool {
    paths::has_drive(path) || paths::is_pipe(path)
}
