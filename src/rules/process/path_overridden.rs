//! An environment variable PATH takes the place of the image's own.
//!
//! A value for PATH in the `env` of a manifest is not added to the one that the image has; it replaces it, and
//! `$(PATH)` and `%PATH%` stand for nothing there. What the image has added to it, such as the folder
//! of its runtime, is lost; without `C:\Windows\System32` a shell finds hardly any of Windows'
//! programs either. Linux' form, with colons between the folders, is one long name of a folder to
//! Windows.
//!
//! Leave PATH to the image: set it in the Dockerfile, or start programs by their full path.
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
//!       env:
//!         - name: PATH
//!           value: C:\app\bin;$(PATH)
//! ```
//!
//! ## Good
//! What another object says is not seen here:
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
//!       env:
//!         - name: Path
//!           valueFrom:
//!             configMapKeyRef: {name: web, key: path}
//!         - name: APP_PATH
//!           value: C:\app
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::paths;
use crate::pod::Pod;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN707",
    name: "path-overridden",
    summary: "An environment variable PATH takes the place of the image's own",
    severity: Severity::Warning,
    stage: Stage::Process,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/",
        "https://github.com/containerd/containerd/pull/9440",
    ]),
    errors: docs(&[
        "is not recognized as an internal or external command, operable program or batch file",
        "executable file not found in %PATH%",
        "hcs::System::CreateProcess: The system cannot find the file specified",
        "encountered an error during CreateProcess: failure in a Windows system call: The system cannot find the file specified. (0x2)",
    ]),
    check: Check::Pod(check),
};

/// Whether a variable is the one that names the folders of programs: Windows minds no letter case.
pub(super) fn is_path(name: Option<&str>) -> bool {
    name.is_some_and(|name| name.eq_ignore_ascii_case("PATH"))
}

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    for container in &pod.containers {
        for (index, variable) in container.env().iter().enumerate().filter(|(_, v)| is_path(v.name.as_deref())) {
            // What another object says is not seen here; neither of the two is the empty text.
            if variable.value.is_none() && variable.value_from.is_some() {
                continue;
            }
            let value = variable.value.as_deref().unwrap_or_default();
            let why = if value.contains(":/") && !value.contains(';') {
                "and Linux' colons do not separate its folders"
            } else if has_system_folder(value) {
                "and what the image has added to that is lost"
            } else {
                "and with it the programs of Windows are lost"
            };
            let variable_at = container.at("/env").index(index);
            report
                .finding(
                    if variable.value.is_some() { variable_at.key("value") } else { variable_at },
                    format!(
                        "container {}: env {} takes the place of the image's own, {why}",
                        container.name(),
                        variable.name.as_deref().unwrap_or_default()
                    ),
                )
                .help("set it in the image, or start programs by their full path");
        }
    }
}

/// Whether one of the folders in a PATH is `System32`.
fn has_system_folder(path: &str) -> bool {
    path.split(';').any(|folder| paths::on_windows(folder.trim()).ends_with(r"\windows\system32"))
}
