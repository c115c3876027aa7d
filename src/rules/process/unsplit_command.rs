//! A whole command line stands where the name of a program belongs.
//!
//! `command` is a list: the program first, then each argument by itself. Nothing splits
//! `["powershell -Command Get-Date"]` at its spaces. Windows looks for a program of exactly that
//! name, spaces and all, and finds none. A HostProcess container is started through `cmd /c`
//! (containerd 1.7 and later, Windows Server 2022 and later), which splits the line: there this is
//! an info, unless it begins with a program of Linux, a cmdlet or a script, which `cmd` cannot start.
//!
//! Write each word as an element of its own. The path of one program may hold spaces.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: clock
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: clock
//!       image: mcr.microsoft.com/windows/servercore:ltsc2022
//!       command:
//!         - powershell -Command Get-Date
//! ```
//!
//! ## Fixed
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: clock
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: clock
//!       image: mcr.microsoft.com/windows/servercore:ltsc2022
//!       command:
//!         - powershell
//!         - -Command
//!         - Get-Date
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
//!       image: registry.example/web:3-windowsservercore-ltsc2022
//!       command: ['C:\Program Files\Shop\web.exe']
//! ```
//! A shell takes a whole line after its own option:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: clock
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: clock
//!       image: mcr.microsoft.com/windows/servercore:ltsc2022
//!       command: [powershell, -Command, Get-Date; Start-Sleep 60]
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::fix::Fix;
use crate::pod::{Pod, field_name};
use crate::process::{self, BuiltIn};
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN704",
    name: "unsplit-command",
    summary: "A whole command line stands where the name of a program belongs",
    severity: Severity::Error,
    stage: Stage::Process,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/",
        "https://github.com/Azure/AKS/issues/1836",
        "https://github.com/Azure/AKS/issues/3107",
    ]),
    errors: docs(&[
        "hcs::System::CreateProcess: The system cannot find the file specified",
        "encountered an error during CreateProcess: failure in a Windows system call: The system cannot find the file specified. (0x2)",
    ]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    for container in &pod.containers {
        for (at, command) in container.command_lines() {
            let Some(line) = process::unsplit(command) else { continue };
            let field = field_name(at);
            // What `cmd` could start is found there, where the line is split.
            let works_through_cmd =
                container.host_process && !line.split_whitespace().next().is_some_and(is_unknown_to_cmd);
            let what = if works_through_cmd {
                "which works only where the runtime starts HostProcess containers through cmd"
            } else if container.host_process {
                "and its first word is nothing that `cmd`, which starts HostProcess containers, knows"
            } else {
                "and Windows takes it for the name of one program"
            };
            let message = format!("container {}: {field}: {line:?} is a whole command line, {what}", container.name());
            let finding =
                report.finding(container.at(at).index(0), message).help("make each word an element of its own");
            if works_through_cmd {
                finding.severity(Severity::Info);
            }
            if let Some(words) = words(line) {
                finding.fix(Fix::unsafe_("Split the command line into words").set(container.at(at), words));
            }
        }
    }
}

/// Whether a program is one of Linux, a cmdlet or a script of PowerShell, none of which `cmd` can start.
fn is_unknown_to_cmd(program: &str) -> bool {
    let built_in = process::built_in(program);
    process::linux_tool(program).is_some()
        || process::is_linux_script(program)
        || built_in.is_some_and(|built_in| built_in != BuiltIn::Cmd)
}

/// The words of a line in which quotes, variables and the like leave nothing to guess. A path at its beginning is one
/// word as far as the extension of its program.
fn words(line: &str) -> Option<Vec<&str>> {
    if line.contains(['"', '\'', '`', '|', '&', '<', '>', '\n']) {
        return None;
    }
    // Folders of Windows have spaces in their names.
    if line.starts_with('/') || !process::is_rooted(line) {
        return Some(line.split_whitespace().collect());
    }
    let ends = line.match_indices(char::is_whitespace).map(|(at, _)| at);
    let end = ends.into_iter().find(|end| process::is_program_file(&line[..*end]))?;
    let (program, rest) = line.split_at(end);
    // Where a second path or an option stands in it, nobody knows where the program ends.
    let is_one_path = !program.split_whitespace().skip(1).any(|word| process::is_rooted(word) || word.starts_with('-'));
    is_one_path.then(|| std::iter::once(program).chain(rest.split_whitespace()).collect())
}
