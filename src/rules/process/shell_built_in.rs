//! A Windows container starts what only a shell could do.
//!
//! `dir`, `echo` and `mkdir` are not programs on Windows: `cmd` does them itself. Cmdlets such as
//! `Get-Content` are functions inside PowerShell, and a `.ps1` script is text that PowerShell reads.
//! Kubernetes starts programs, without a shell between, so that each of these ends in "The system
//! cannot find the file specified". In small letters a cmdlet is recognised by a verb or a noun that hardly any
//! program's name has: `get-content`, `copy-item`.
//!
//! Put the shell in front: `cmd /S /C`, `powershell -Command` or `powershell -File`. Nano Server
//! has `cmd` only.
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
//!       livenessProbe:
//!         exec:
//!           command:
//!             - Test-NetConnection
//!             - localhost
//!             - -Port
//!             - "80"
//! ```
//!
//! ## Fixed
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
//!       livenessProbe:
//!         exec:
//!           command:
//!             - powershell
//!             - -Command
//!             - Test-NetConnection
//!             - localhost
//!             - -Port
//!             - "80"
//! ```
//!
//! ## Good
//! `kube-proxy` is no cmdlet, and a name with an extension is a program:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: proxy
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   initContainers:
//!     - name: prepare
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//!       command: [cmd, /S, /C, mkdir, 'C:\data']
//!     - name: migrate
//!       image: registry.example/migrate:2-nanoserver-ltsc2022
//!       command: [Update-Database.exe]
//!   containers:
//!     - name: proxy
//!       image: registry.example/proxy:2-nanoserver-ltsc2022
//!       command: [kube-proxy, --v=2]
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::pod::{Pod, field_name};
use crate::process::{self, BuiltIn};
use crate::rules::{Check, Rule, docs};
use crate::text;

pub const RULE: Rule = Rule {
    id: "WIN703",
    name: "shell-built-in",
    summary: "A Windows container starts what only a shell could do",
    severity: Severity::Error,
    stage: Stage::Process,
    since: "0.1.0",
    sources: docs(&[
        "https://learn.microsoft.com/windows-server/administration/windows-commands/cmd",
        "https://learn.microsoft.com/powershell/scripting/developer/cmdlet/approved-verbs-for-windows-powershell-commands",
        "https://github.com/Azure/AKS/issues/1836",
    ]),
    errors: docs(&[
        "hcs::System::CreateProcess: The system cannot find the file specified",
        "encountered an error during CreateProcess: failure in a Windows system call: The system cannot find the file specified. (0x2)",
        "CreateProcess: 0x2",
    ]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    for container in &pod.containers {
        for (at, command) in container.command_lines() {
            let Some(program) = command.first() else { continue };
            // WIN704 speaks about what is one string.
            if process::unsplit(command).is_some() {
                continue;
            }
            let (what, option) = match process::built_in(program) {
                Some(BuiltIn::Cmd) => ("is built into cmd, not a program", "/C"),
                Some(BuiltIn::Cmdlet) => ("is a function inside PowerShell, not a program", "-Command"),
                Some(BuiltIn::Script) => ("is a script that PowerShell reads, not a program", "-File"),
                None => continue,
            };
            let field = field_name(at);
            let finding = report.finding(
                container.at(at).index(0),
                format!("container {}: {field}: {program} {what}", container.name()),
            );
            let shell: &[&str] = match option {
                "/C" => &["cmd", "/S", "/C"],
                _ if container.host_process || container.image.family.has_powershell() != Some(false) => {
                    &["powershell", option]
                }
                _ if container.image.has_pwsh() == Some(true) => &["pwsh", option],
                _ => {
                    finding.help(
                        "use an image that has `pwsh`, or say it for `cmd`: there is no PowerShell in Nano Server",
                    );
                    continue;
                }
            };
            let whole: Vec<&str> = shell.iter().copied().chain(command.iter().map(|word| &**word)).collect();
            finding
                .help(format!("put `{}` in front", text::join(shell, " ")))
                .fix(Fix::unsafe_("Start it through its shell").set(container.at(at), whole));
        }
    }
}
