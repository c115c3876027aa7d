//! A Windows container starts what only a shell could do.
//!
//! `dir`, `echo` and `mkdir` are not programs on Windows: `cmd` does them itself. Cmdlets such as
//! `Get-Content` are functions inside PowerShell, and a `.ps1` script is text that PowerShell
//! reads. Kubernetes starts programs, without a shell between, so that each of these ends in "The
//! system cannot find the file specified". In lower case a cmdlet is recognised by a verb or a noun
//! that hardly any program's name has: `get-content`, `copy-item`. Where the verb alone says so, as in
//! `start-server`, the image may have a program of that name, and this is a warning.
//!
//! A HostProcess container is started through `cmd /c` (containerd 1.7 and later, Windows Server
//! 2022 and later), so that what is built into `cmd` works in it, and is an info; cmdlets and
//! scripts do not.
//!
//! Put the shell in front: `cmd /S /C`, `powershell -Command` or `powershell -File`. Nano Server
//! has `cmd` only; images of the .NET SDK and of PowerShell on it bring `pwsh`. In a probe let it
//! end with an exit code: `Test-Path` and `Test-NetConnection` print `False` and end with 0.
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
//!             - if (-not (Test-NetConnection localhost -Port 80 -InformationLevel Quiet)) { exit 1 }
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
use crate::object::read::Str;
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
    looks_around: false,
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
            let built_in = process::built_in(program);
            // Where the runtime can bind files it starts HostProcess containers through `cmd /c`.
            let works_through_cmd = container.host_process && built_in == Some(BuiltIn::Cmd);
            let (what, option) = match built_in {
                Some(BuiltIn::Cmd) if works_through_cmd => (
                    "is built into cmd: it works only where the runtime starts HostProcess containers through cmd",
                    "/C",
                ),
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
            if works_through_cmd {
                finding.severity(Severity::Info);
            } else if built_in == Some(BuiltIn::Cmdlet) && process::may_be_program(program) {
                finding.severity(Severity::Warning);
            }
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
            let mut whole: Vec<String> = shell.iter().map(|word| (*word).to_owned()).collect();
            let is_tested = built_in == Some(BuiltIn::Cmdlet) && at.ends_with("Probe/exec/command");
            match failing_test(command).filter(|_| is_tested) {
                Some(test) => {
                    finding.help(format!(
                        "put `{}` in front, and end with an exit code: `{test}`; a test that fails prints False and \
                         ends with 0",
                        text::join(shell, " ")
                    ));
                    whole.push(test);
                }
                None => {
                    finding.help(format!("put `{}` in front", text::join(shell, " ")));
                    whole.extend(command.iter().map(ToString::to_string));
                }
            }
            finding.fix(Fix::unsafe_("Start it through its shell").set(container.at(at), whole));
        }
    }
}

/// What a cmdlet that only tests something has to be in a probe, which goes by exit codes: PowerShell ends with 0
/// whatever `Test-Path` finds. `Test-NetConnection` says yes or no only where it is told to be quiet.
fn failing_test(command: &[Str<'_>]) -> Option<String> {
    let is_test = |name: &str| name.get(..5).is_some_and(|verb| verb.eq_ignore_ascii_case("test-"));
    let program = command.first().filter(|program| is_test(program))?;
    let is_connection = program.eq_ignore_ascii_case("Test-NetConnection")
        && !command.iter().any(|word| word.eq_ignore_ascii_case("-InformationLevel"));
    let quiet = if is_connection { " -InformationLevel Quiet" } else { "" };
    let quoted = |word: &Str<'_>| {
        let is_plain = !word.contains(|c: char| c.is_whitespace() || "'\"(){};,&|$`".contains(c));
        if is_plain { word.to_string() } else { format!("'{}'", word.replace('\'', "''")) }
    };
    Some(format!("if (-not ({}{quiet})) {{ exit 1 }}", text::join(command.iter().map(quoted), " ")))
}
