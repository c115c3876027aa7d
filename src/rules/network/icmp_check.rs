//! A Windows pod checks its connections with `ping`, which gets no answer from outside.
//!
//! The data plane of Windows container networks cannot translate ICMP. Pods of the same network
//! can ping one another, but what leaves it, through win-bridge, win-overlay or Azure CNI, gets no
//! reply; the virtual addresses of Services answer no ping either. A check by `ping` therefore
//! fails although all TCP and UDP traffic flows.
//!
//! Open a connection instead: an `httpGet` or `tcpSocket` probe, `curl.exe`, or PowerShell's
//! `Test-NetConnection` with `-InformationLevel Quiet`, which a probe has to turn into `exit 1`.
//! The old trick of `ping` to the loopback address as a pause works. HostProcess containers use the
//! network of the node and are not looked at.
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
//!           command: [cmd, /S, /C, "ping -n 1 10.20.0.4"]
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
//!       livenessProbe:
//!         tcpSocket:
//!           port: 8080
//!       lifecycle:
//!         preStop:
//!           exec:
//!             command: [cmd, /S, /C, "ping -n 20 127.0.0.1 > nul"]
//! ```
//! `ping` may also be a word of another program:
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: cache
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: cache
//!       image: registry.example/cache:3-windowsservercore-ltsc2022
//!       readinessProbe:
//!         exec:
//!           command: [redis-cli.exe, ping]
//! ```

use crate::finding::{Report, Severity, Stage};
use crate::object::read::Str;
use crate::pod::{Pod, field_name};
use crate::pointer::Pointer;
use crate::process;
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN407",
    name: "icmp-check",
    summary: "A Windows pod checks its connections with ping, which gets no answer from outside",
    severity: Severity::Warning,
    stage: Stage::Process,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[
        "https://kubernetes.io/docs/concepts/services-networking/windows-networking/#limitations",
        "https://github.com/kubernetes/enhancements/pull/824",
    ]),
    errors: docs(&["Request timed out.", "Destination host unreachable."]),
    check: Check::Pod(check),
};

fn check(pod: &Pod<'_>, report: &mut Report<'_>) {
    if !pod.is_windows() {
        return;
    }
    // HostProcess containers are on the network of the node.
    for container in pod.containers.iter().filter(|c| !c.host_process) {
        let args = container.view.args.as_deref().unwrap_or_default();
        let mut has_command = false;
        for (at, command) in container.command_lines() {
            let args = if at == "/command" { args } else { &[] };
            has_command |= at == "/command";
            let Some((index, target)) = pinged(command, args) else { continue };
            let path = match index.checked_sub(command.len()) {
                Some(index) => container.at("/args").index(index),
                None => container.at(at).index(index),
            };
            let field = if index < command.len() { field_name(at) } else { "args" };
            say(report, path, container.name(), field, target);
        }
        // Without a command the arguments go to a program of the image, unless they begin with one.
        let begins_with_shell = || args.first().is_some_and(|program| runs_scripts(program));
        if !has_command
            && begins_with_shell()
            && let Some((index, target)) = pinged(args, &[])
        {
            say(report, container.at("/args").index(index), container.name(), "args", target);
        }
    }
}

fn say(report: &mut Report<'_>, path: Pointer, container: &str, field: &str, target: &str) {
    let message = format!(
        "container {container}: {field}: ping to {target} gets no answer, since ICMP does not leave the network of Windows pods"
    );
    let help = match field {
        "command" | "args" | "postStart" | "preStop" => {
            "try a TCP connection: `Test-NetConnection -Port` or `curl.exe`"
        }
        _ => "use an `httpGet` or `tcpSocket` probe",
    };
    report.finding(path, message).help(help);
}

/// What a command and its arguments ping outside the pod: the position of the word that says so,
/// counted through both, and the target.
fn pinged<'a>(command: &'a [Str<'a>], args: &'a [Str<'a>]) -> Option<(usize, &'a str)> {
    let mut words = command.iter().chain(args).map(|word| &**word).enumerate();
    let (_, program) = words.next()?;
    let mut scan = Scan { begins: true, pings: None, skips: false };
    if is_ping(program) {
        scan.pings = Some(0);
        while let Some((_, word)) = words.next().filter(|_| scan.pings.is_some()) {
            if let Some(target) = scan.target(word) {
                return Some((0, target));
            }
        }
        return None;
    }
    if !runs_scripts(program) {
        return None;
    }
    words.find_map(|(index, word)| scan.script(index, word))
}

/// Whether a program runs what it is given.
fn runs_scripts(program: &str) -> bool {
    process::shell_os(program).is_some() || process::is_powershell(program)
}

/// Reads a script word by word, as far as it takes to know which words are programs.
struct Scan {
    /// The next word is a program.
    begins: bool,
    /// `ping` is being run; the number of the element in which it stands.
    pings: Option<usize>,
    /// The next word belongs to an option.
    skips: bool,
}

impl Scan {
    fn script<'t>(&mut self, index: usize, script: &'t str) -> Option<(usize, &'t str)> {
        for (at, statement) in script.split(['&', '|', ';', '\n', '(', ')', '{', '}']).enumerate() {
            if at > 0 {
                *self = Scan { begins: true, pings: None, skips: false };
            }
            for word in statement.split_whitespace() {
                let word = word.trim_matches(['"', '\'', '`', '@']);
                if let Some(place) = self.pings {
                    if let Some(target) = self.target(word) {
                        return Some((place, target));
                    }
                } else if self.begins && is_ping(word) {
                    (self.pings, self.skips) = (Some(index), false);
                } else {
                    self.begins =
                        leads_to_program(word) || (self.begins && (word.is_empty() || word.starts_with(['-', '/'])));
                }
            }
        }
        None
    }

    /// What a word after `ping` names outside the pod.
    fn target<'t>(&mut self, word: &'t str) -> Option<&'t str> {
        const TAKE_A_VALUE: &[u8] = b"nlivrsjkwScWI";
        if std::mem::take(&mut self.skips) {
            return None;
        }
        match word.as_bytes() {
            [b'-' | b'/', option] => self.skips = TAKE_A_VALUE.contains(option),
            [.., b'>'] => self.skips = true,
            [] | [b'-' | b'/' | b'>' | b'<' | b'0'..=b'9', ..] if !word.contains(['.', ':']) => {}
            // A variable may hold anything.
            _ if word.contains(['%', '$']) || is_local(word) => self.pings = None,
            _ => return Some(word),
        }
        None
    }
}

/// Whether a program stands behind this word.
fn leads_to_program(word: &str) -> bool {
    const WORDS: &[&str] = &["-command", "call", "do", "else", "then", "if", "while", "until", "exec", "!", "="];
    runs_scripts(word) || WORDS.iter().any(|lead| word.eq_ignore_ascii_case(lead))
}

fn is_ping(program: &str) -> bool {
    process::stem(program).eq_ignore_ascii_case("ping")
}

/// Whether a host is the pod itself.
fn is_local(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.starts_with("127.") || matches!(host, "::1" | "0.0.0.0")
}

#[cfg(test)]
mod tests {
    use super::pinged;
    use crate::object::read::Str;

    #[test]
    fn ping_is_a_program_only_where_programs_stand() {
        let target = |words: &[&'static str]| {
            let words: Vec<Str<'_>> = words.iter().map(|word| Str::from(*word)).collect();
            pinged(&words, &[]).map(|(index, target)| format!("{index} {target}"))
        };
        for (words, expected) in [
            (&["ping", "8.8.8.8"][..], "0 8.8.8.8"),
            (&[r"C:\Windows\System32\PING.EXE", "-n", "1", "-w", "500", "api"], "0 api"),
            (&["cmd", "/c", "ping", "-n", "1", "example.com"], "2 example.com"),
            (&["cmd", "/S", "/C", "echo start & ping example.com -t > nul"], "3 example.com"),
            (&["powershell", "-NoProfile", "-Command", "while ($true) { ping -n 1 db.corp; sleep 5 }"], "3 db.corp"),
            (&["cmd", "/c", "ping 127.0.0.1 && @ping.exe -4 10.0.0.1"], "2 10.0.0.1"),
            (&["cmd.exe", "/c", "cmd /s /c ping 1.1.1.1"], "2 1.1.1.1"),
            (&["powershell", "-ExecutionPolicy", "Bypass", "-Command", "$r = ping 1.1.1.1"], "4 1.1.1.1"),
            (&["powershell", "if (!(ping -n 1 example.com)) { exit 1 }"], "1 example.com"),
            (&["cmd", "/c", "\"ping\" 2001:db8::1"], "2 2001:db8::1"),
            (&["pwsh", "-c", "ping -n 1 example.com"], "2 example.com"),
        ] {
            assert_eq!(target(words).as_deref(), Some(expected), "{words:?}");
        }
        for words in [
            &["ping"][..],
            &["ping", "-t", "localhost", ">", "nul"],
            &["cmd", "/c", "ping > nul 127.0.0.1"],
            &["cmd", "/c", "redis-cli -c ping server"],
            &["ping", "-n", "3", "127.0.0.1"],
            &["ping", "-n", "30"],
            &["ping", "::1"],
            &["cmd", "/c", "ping -n 30 127.0.0.1 > nul"],
            &["cmd", "/c", "ping %COMPUTERNAME%"],
            &["redis-cli", "ping", "example.com"],
            &["app.exe", "--check", "ping example.com"],
            &["cmd", "/c", "redis-cli ping server"],
            &["cmd", "/c", "echo ping example.com"],
            &["cmd", "/c", "pinger example.com"],
            &["check.cmd", "ping", "example.com"],
            &[],
        ] {
            assert_eq!(target(words), None, "{words:?}");
        }
    }
}
