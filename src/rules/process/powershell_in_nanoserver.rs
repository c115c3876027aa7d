//! A container on Nano Server starts Windows PowerShell, which Nano Server does not have.
//!
//! Nano Server comes with `cmd` and little else: no Windows PowerShell, no WMI, no installer. The
//! container ends in "The system cannot find the file specified", and an exec probe or hook fails
//! every time. Images of the .NET SDK bring PowerShell 7, whose program is `pwsh`.
//!
//! Say it for `cmd`, use an image that has `pwsh`, or one on Server Core. A HostProcess container
//! sees the files of its node, and with them the node's PowerShell; only the image cannot be relied
//! on for it.
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
//!       image: mcr.microsoft.com/dotnet/aspnet:9.0-nanoserver-ltsc2022
//!       readinessProbe:
//!         timeoutSeconds: 10
//!         exec:
//!           command: [powershell, -Command, 'if (-not (Test-Path C:\ready)) { exit 1 }']
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
//!       image: mcr.microsoft.com/dotnet/aspnet:9.0-nanoserver-ltsc2022
//!       readinessProbe:
//!         exec:
//!           command: [cmd, /S, /C, if not exist C:\ready exit 1]
//!     - name: build
//!       image: mcr.microsoft.com/dotnet/sdk:9.0-nanoserver-ltsc2022
//!       command: [pwsh, -File, 'C:\build.ps1']
//!     - name: tool
//!       image: mcr.microsoft.com/windows/servercore:ltsc2022
//!       command: [powershell, -Command, Get-Date]
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::images::{Family, Strength};
use crate::pod::{Pod, field_name};
use crate::process;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN705",
    name: "powershell-in-nanoserver",
    summary: "A container on Nano Server starts Windows PowerShell, which Nano Server does not have",
    severity: Severity::Error,
    stage: Stage::Process,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://learn.microsoft.com/virtualization/windowscontainers/manage-containers/container-base-images",
        "https://github.com/prometheus-community/windows_exporter/issues/961",
        "https://github.com/microsoft/Windows-Containers/issues/252",
    ]),
    errors: docs(&[
        "exec: \"powershell\": executable file not found in %PATH%",
        "hcs::System::CreateProcess: The system cannot find the file specified",
        "encountered an error during CreateProcess: failure in a Windows system call: The system cannot find the file specified. (0x2)",
        "'powershell' is not recognized as an internal or external command",
    ]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    for container in pod.containers.iter().filter(|c| c.image.family == Family::NanoServer) {
        for (at, command) in container.command_lines() {
            if !command.first().is_some_and(|program| is_of_windows(program)) {
                continue;
            }
            let (severity, why) = match container.image.strength {
                _ if container.host_process => {
                    (Severity::Info, "its image, on Nano Server, has no PowerShell; the node's is what runs")
                }
                Strength::Strong => (Severity::Error, "its image stands on Nano Server, which has no PowerShell"),
                Strength::Weak => {
                    (Severity::Warning, "its image most likely stands on Nano Server, without PowerShell")
                }
            };
            let finding = report
                .finding(
                    container.at(at).index(0),
                    format!("container {}: {}: {why}", container.name(), field_name(at)),
                )
                .severity(severity);
            finding.help(match (container.host_process, container.image.has_pwsh()) {
                (true, _) => "use the HostProcess base image, which says that the node's programs are meant",
                (_, Some(true)) => "use `pwsh`, which this image has",
                _ => "say it for `cmd`, or use an image that has PowerShell",
            });
        }
    }
}

/// Whether the program is the PowerShell that belongs to Windows, not one that an image keeps elsewhere.
fn is_of_windows(program: &str) -> bool {
    let is_folder_of_it = |step: &str| step.eq_ignore_ascii_case("WindowsPowerShell");
    process::is_windows_powershell(program)
        && (process::base_name(program).len() == program.len() || program.split(['/', '\\']).any(is_folder_of_it))
}
