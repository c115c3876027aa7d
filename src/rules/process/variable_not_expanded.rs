//! A variable stands in an argument in a form that nobody there expands.
//!
//! Of what a container is started with Kubernetes expands `$(NAME)` alone, on both systems: in `command` and `args`,
//! and in the values of `env`. `%NAME%` means
//! something to `cmd`, `$NAME` and `${NAME}` to shells of Linux. Where no shell is started the
//! program is given those very letters, unless it has a use for them itself.
//!
//! In lower case `%name%` and `$name` are left alone: they may be patterns of the program itself.
//!
//! Write `$(NAME)`, for variables that the container's `env` has, or start a shell that expands the
//! form. HostProcess containers are started through `cmd /c` (containerd 1.7 and later, Windows
//! Server 2022 and later), so that `%NAME%` is expanded there; `%CONTAINER_SANDBOX_MOUNT_POINT%`
//! the runtime itself puts in, everywhere.
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
//!       command: ['C:\app\web.exe']
//!       args: [--port=8080, --node=%NODE_NAME%]
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
//!       command: ['C:\app\web.exe', --node=$(NODE_NAME), --time=%Y%m%d, --url=/a%20b%20c]
//!     - name: tool
//!       image: registry.example/tool:3-windowsservercore-ltsc2022
//!       command: [cmd, /S, /C, echo %NODE_NAME%]
//! ```
//! Without a command the image says what is started, which may be a shell:
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
//!       args: ['--node=${NODE_NAME}']
//! ```
//! A HostProcess container finds its own files like this:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: agent
//! spec:
//!   hostNetwork: true
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   securityContext:
//!     windowsOptions:
//!       hostProcess: true
//!       runAsUserName: NT AUTHORITY\SYSTEM
//!   containers:
//!     - name: agent
//!       image: registry.example/agent:3-windows-hp
//!       command: ['%CONTAINER_SANDBOX_MOUNT_POINT%\agent.exe']
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::pod::{Pod, field_name};
use crate::process;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN711",
    name: "variable-not-expanded",
    summary: "A variable stands in an argument in a form that nobody there expands",
    severity: Severity::Info,
    stage: Stage::Silent,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/",
        "https://kubernetes.io/docs/tasks/configure-pod-container/create-hostprocess-pod/#volume-mounts",
    ]),
    errors: docs(&[]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    for container in &pod.containers {
        for (at, words, command) in container.words() {
            let Some(program) = command.first() else { continue };
            // Shells expand, and a variable may hold one; what needs one, or is to be written anew, other rules
            // speak about.
            if process::is_shell(program)
                || process::base_name(program).contains("$(")
                || process::linux_tool(program).is_some()
                || process::built_in(program).is_some()
                || process::unsplit(command).is_some()
            {
                continue;
            }
            for (index, word) in words.iter().enumerate() {
                let Some(form) = variable(word, container.host_process) else { continue };
                let field = if at == "/args" { "args" } else { field_name(at) };
                let finding = report.finding(
                    container.at(at).index(index),
                    format!(
                        "container {}: {field}: {form} stays as it is: no shell is there to expand it",
                        container.name()
                    ),
                );
                finding.help(match at {
                    "/args" | "/command" => "write `$(NAME)` for a variable of `env`, or start it through a shell",
                    _ => "start it through a shell",
                });
            }
        }
    }
}

/// The first variable in a text, as it is written there: `%NAME%`, `${NAME}`, `$NAME`; without the first form in
/// HostProcess containers, which `cmd` starts.
/// Capitals alone count where small letters may mean something else, such as `%d` and `%msg%n`.
fn variable(text: &str, is_started_by_cmd: bool) -> Option<&str> {
    let mut from = 0;
    let begins = |c: char| c == '$' || (c == '%' && !is_started_by_cmd);
    while let Some(found) = text.get(from..)?.find(begins) {
        let at = from + found;
        from = at + 1;
        let rest = &text[from..];
        let braced = rest.strip_prefix('{');
        let is_percent = text[at..].starts_with('%');
        let body = if is_percent { rest } else { braced.unwrap_or(rest) };
        let name = &body[..body.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count()];
        let after = &body[name.len()..];
        let is_capital = name.starts_with(|c: char| c.is_ascii_uppercase() || c == '_');
        let end = if is_percent {
            // `%AB%CD` is text in a URL, `%Y%m` a form of dates.
            is_capital && name.len() > 2 && after.starts_with('%')
        } else if braced.is_some() {
            name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && after.starts_with('}')
        } else {
            let before = text[..at].chars().next_back();
            let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '$' | '_');
            is_capital
                && name.len() > 1
                && !name.bytes().any(|b| b.is_ascii_lowercase())
                && !before.is_some_and(is_word)
        };
        if end {
            let closing = usize::from(is_percent || braced.is_some());
            let length = text.len() - after.len() + closing - at;
            return Some(&text[at..at + length]);
        }
    }
    None
}
