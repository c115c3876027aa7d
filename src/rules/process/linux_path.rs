//! A Windows container is given a path, or a script, that only Linux has.
//!
//! Windows reads `/etc/app.conf` as `C:\etc\app.conf`, which is there only if the image or a volume
//! brings it. `/dev/null` and `/dev/stdout` are no devices, and `/tmp` no folder. A shell script
//! does not start by its name: Windows does not read the interpreter from the first line of a file.
//! `chmod`, `chown` and `ln -s` do not exist (`icacls` and `mklink` do). Which of this matters the
//! program decides: at the worst it does not start, at the best a file is looked for in vain.
//!
//! Use `NUL`, `%TEMP%` and paths that the image has, mount what is needed, and name the interpreter
//! before the script. Ordinary paths such as `/app/config` need no change, as a working directory or
//! as an argument. To HostProcess containers, which see the whole node, `/etc` is `C:\etc`, where Kubernetes keeps files
//! of its own.
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
//!       args:
//!         - --config=/etc/web/config.yaml
//!         - --data=/var/data
//! ```
//!
//! ## Good
//! A volume is mounted there:
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
//!       workingDir: /app
//!       args:
//!         - --config=/etc/web/config.yaml
//!         - --scratch=C:/tmp
//!       env:
//!         - name: TMPDIR
//!           value: /tmp
//!       volumeMounts:
//!         - name: config
//!           mountPath: /etc/web
//!         - name: scratch
//!           mountPath: C:\tmp
//!   volumes:
//!     - name: config
//!       configMap: {name: web}
//!     - name: scratch
//!       emptyDir: {}
//! ```
//! What follows a path of something else is no path by itself:
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
//!       command: ['C:\python\python.exe', run.py]
//!       args:
//!         - --docs=https://example.com/etc/readme
//!         - --state=C:\state/tmp
//! ```

use std::cell::OnceCell;

use crate::finding::{Report, Severity, Stage};
use crate::order;
use crate::paths;
use crate::pod::{Container, Pod, field_name};
use crate::process;
use crate::rules::process::path_overridden::is_path;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN706",
    name: "linux-path",
    summary: "A Windows container is given a path, or a script, that only Linux has",
    severity: Severity::Warning,
    stage: Stage::Process,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/windows/intro/",
        "https://learn.microsoft.com/windows/win32/fileio/naming-a-file",
        "https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-createprocessw",
    ]),
    errors: docs(&[
        "The system cannot find the path specified",
        "is not a valid Win32 application",
        "is not recognized as an internal or external command, operable program or batch file",
        "open /etc/: The system cannot find the path specified",
    ]),
    check: Check::Pod(check),
};

/// Variables that tell programs on Linux where things are. Most on Windows do not ask for them.
const KNOWN: &[&str] = &["HOME", "SHELL", "SSL_CERT_DIR", "SSL_CERT_FILE", "TEMP", "TMP", "TMPDIR"];

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    for container in pod.containers.iter().filter(|c| !process::has_linux_tools(&c.image)) {
        let mounted = Mounted { container, places: OnceCell::new() };
        check_words(&mounted, report);
        check_environment(&mounted, report);
        let folder = container.view.working_dir.as_deref().unwrap_or_default();
        if paths::is_within_any(folder, &["/root", "/home"]) && !mounted.has(folder) {
            report
                .finding(
                    container.at("/workingDir"),
                    format!(
                        "container {}: workingDir {folder} is a home folder of Linux, which Windows images do not have",
                        container.name()
                    ),
                )
                .help("use a folder that the image has, such as `C:\\app`")
                .severity(Severity::Info);
        }
    }
}

fn check_words(mounted: &Mounted<'_>, report: &mut Report<'_>) {
    let container = mounted.container;
    for (at, words, command) in container.words() {
        // These have to be written anew: linux-command and unsplit-command say so.
        if command.first().is_some_and(|program| process::linux_tool(program).is_some())
            || process::unsplit(command).is_some()
        {
            continue;
        }
        let is_args = at == "/args";
        let field = if is_args { "args" } else { field_name(at) };
        for (index, word) in words.iter().enumerate() {
            let start = || format!("container {}: {field}: ", container.name());
            let (message, help) = if index == 0 && !is_args {
                if !process::is_linux_script(word) {
                    continue;
                }
                let message =
                    format!("{}{word} is a script, and Windows does not read its interpreter from it", start());
                (message, "name the interpreter before it, or write it for PowerShell")
            } else if let Some(path) = linux_path(mounted, word) {
                (format!("{}{path}{NOTHING}", start()), HELP)
            } else if let Some(tool) = linux_tool(word) {
                let help = match tool {
                    "ln -s" => "make the link in the image, with `mklink`",
                    _ => "set permissions in the image, with `icacls`",
                };
                (format!("{}{tool} does not exist on Windows", start()), help)
            } else {
                continue;
            };
            report.finding(container.at(at).index(index), message).help(help);
        }
    }
}

const NOTHING: &str = " is a path of Linux, and Windows has nothing there unless the image brings it";
const HELP: &str = "use a path that the image has (`NUL` for /dev/null), or mount a volume there";

fn check_environment(mounted: &Mounted<'_>, report: &mut Report<'_>) {
    let container = mounted.container;
    const HOMES: &[&str] = &["/root", "/home", "/tmp", "/var/tmp", "/etc", "/usr", "/bin"];
    for (index, variable) in container.env().iter().enumerate() {
        let (Some(name), Some(value)) = (variable.name.as_deref(), variable.value.as_deref()) else { continue };
        let is_known = KNOWN.iter().any(|known| name.eq_ignore_ascii_case(known));
        let (path, severity) = if is_path(Some(name)) {
            continue;
        } else if is_known {
            (Some(value).filter(|v| paths::is_within_any(v, HOMES) && !mounted.has(v)), Severity::Info)
        } else {
            (linux_path(mounted, value), Severity::Warning)
        };
        let Some(path) = path else { continue };
        report
            .finding(
                container.at("/env").index(index).key("value"),
                format!("container {}: env {name}: {path}{NOTHING}", container.name()),
            )
            .help(HELP)
            .severity(severity);
    }
}

/// The first path in a text that only Linux has something at, and no volume of the container.
fn linux_path<'t>(mounted: &Mounted<'_>, text: &'t str) -> Option<&'t str> {
    const DEVICES: &[&str] = &["/dev/null", "/dev/stdin", "/dev/stdout", "/dev/stderr"];
    let is_end = |c: char| {
        c.is_whitespace() || matches!(c, '"' | '\'' | '`' | ',' | ';' | ':' | '|' | '&' | '<' | '>' | ')' | ']' | '}')
    };
    let mut from = 0;
    while let Some(slash) = text.get(from..)?.find('/') {
        let at = from + slash;
        let rest = &text[at..];
        let path = &rest[..rest.find(is_end).unwrap_or(rest.len())];
        from = at + path.len().max(1);
        // `/tmp:on` is a switch, as programs for Windows have them.
        let value = rest[path.len()..].strip_prefix(':').filter(|_| at == 0 && !path[1..].contains('/'));
        let is_switch = value.is_some_and(|value| !value.starts_with('/'));
        if !is_start(&text[..at]) || is_switch {
            continue;
        }
        // A HostProcess container sees the folders of its node.
        let is_config = !mounted.container.host_process && paths::is_within(path, "/etc");
        let is_linux = is_config || paths::is_within(path, "/tmp") || DEVICES.contains(&path);
        if is_linux && !mounted.has(path) {
            return Some(path);
        }
    }
    None
}

/// Whether a path can begin after `before`: not in the middle of another, nor behind a drive letter.
fn is_start(before: &str) -> bool {
    match before.chars().next_back() {
        None => true,
        Some(':') => {
            let bytes = before.as_bytes();
            let is_drive = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphabetic);
            let is_longer = bytes.len() > 2 && bytes[bytes.len() - 3].is_ascii_alphanumeric();
            is_longer || !(bytes.len() >= 2 && is_drive(bytes.len() - 2))
        }
        Some(c) => {
            c.is_whitespace()
                || matches!(c, '=' | '"' | '\'' | '`' | ',' | ';' | '>' | '<' | '(' | '[' | '{' | '@' | '|' | '&')
        }
    }
}

/// What changes permissions or makes links on Linux, where a text calls it.
fn linux_tool(text: &str) -> Option<&'static str> {
    let mut words = text.split(|c: char| c.is_whitespace() || matches!(c, ';' | '&' | '|' | '(' | ')' | '"' | '\''));
    while let Some(word) = words.next() {
        match word {
            "chmod" => return Some("chmod"),
            "chown" => return Some("chown"),
            "ln" if words.clone().next().is_some_and(|option| option.starts_with("-s")) => return Some("ln -s"),
            _ => {}
        }
    }
    None
}

/// A container and the places of its mounts.
struct Mounted<'c> {
    container: &'c Container<'c>,
    /// In the order of their text, without a backslash at the end.
    places: OnceCell<Vec<String>>,
}

impl Mounted<'_> {
    /// Whether a volume is mounted at a path, above it, or below, which makes the folder.
    fn has(&self, path: &str) -> bool {
        let mounts = self.container.mounts();
        if mounts.is_empty() {
            return false;
        }
        let places = self.places.get_or_init(|| {
            let places = mounts.iter().filter_map(|mount| mount.mount_path.as_deref()).map(place);
            let places: Vec<String> = places.collect();
            let order = order::by_text(&places.iter().map(String::as_str).collect::<Vec<_>>());
            order.into_iter().map(|index| places[index].clone()).collect()
        });
        let has = |place: &str| places.binary_search_by(|other| other.as_str().cmp(place)).is_ok();
        let mut path = place(path);
        if has(&path) || path.match_indices('\\').any(|(at, _)| has(&path[..at])) {
            return true;
        }
        path.push('\\');
        let next = places.partition_point(|place| *place < path);
        places.get(next).is_some_and(|place| place.starts_with(&path))
    }
}

/// A path as Windows sees it, without a backslash at the end.
fn place(path: &str) -> String {
    let mut place = paths::on_windows(path);
    place.truncate(place.trim_end_matches('\\').len());
    place
}
