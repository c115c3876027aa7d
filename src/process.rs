//! Programs: which exist on which system.
//!
//! The tables are closed on purpose. What is not in them may be a program of the image, and is
//! never a finding.

use crate::images::{self, Image};
use crate::object::read::Str;
use crate::paths;
pub use crate::paths::base_name;
use crate::platform::os::Os;
use crate::text;

/// Programs of every Linux system that no Windows image has, sorted. What Windows has under the
/// same name (`curl`, `tar`, `find`, `sort`, `whoami`, `hostname`, `ping`, `timeout`, `more`) is left out.
#[rustfmt::skip]
const LINUX_TOOLS: &[&str] = &[
    "[", "addgroup", "adduser", "apk", "apt", "apt-get", "ash", "awk", "basename", "bash", "busybox", "cat",
    "chgrp", "chmod", "chown", "chroot", "cp", "crond", "csh", "cut", "dash", "date", "dd", "df", "dirname",
    "dmesg", "dpkg", "du", "dumb-init", "echo", "egrep", "env", "expr", "false", "fgrep", "fuser", "gawk", "gosu",
    "grep", "groupadd", "head", "id", "ifconfig", "ionice", "ip", "iptables", "kill", "killall", "ksh",
    "ldconfig", "ln", "ls", "lsof", "mkdir", "mkfifo", "mknod", "mktemp", "modprobe", "mv", "nc", "netcat",
    "nice", "nohup", "nsenter", "pgrep", "pidof", "pkill", "printenv", "printf", "ps", "pwd", "readlink",
    "realpath", "rm", "rmdir", "sed", "seq", "setpriv", "sh", "sha256sum", "sleep", "stat", "stty", "su",
    "su-exec", "sysctl", "systemctl", "tail", "tee", "test", "tini", "touch", "tr", "true", "uname", "uniq",
    "unshare", "update-ca-certificates", "useradd", "usleep", "wc", "wget", "which", "xargs", "yum", "zsh",
];

/// Where Linux keeps its programs.
const LINUX_FOLDERS: &[&str] = &["/bin/", "/usr/bin/", "/sbin/", "/usr/sbin/", "/usr/local/bin/", "/busybox/"];

/// What `cmd.exe` does itself, without a program, sorted
/// (<https://learn.microsoft.com/windows-server/administration/windows-commands/cmd>).
#[rustfmt::skip]
const CMD_BUILT_INS: &[&str] = &[
    "assoc", "call", "cd", "chdir", "cls", "copy", "date", "del", "dir", "echo", "endlocal", "erase", "exit",
    "for", "ftype", "goto", "if", "md", "mkdir", "mklink", "move", "pause", "popd", "pushd", "rd", "rem", "ren",
    "rename", "rmdir", "set", "setlocal", "shift", "start", "time", "title", "type", "ver", "verify", "vol",
];

/// The verbs that PowerShell approves for cmdlets, in lower case and sorted
/// (<https://learn.microsoft.com/powershell/scripting/developer/cmdlet/approved-verbs-for-windows-powershell-commands>),
/// and the two that its own cmdlets use beside them.
#[rustfmt::skip]
const VERBS: &[&str] = &[
    "add", "approve", "assert", "backup", "block", "build", "checkpoint", "clear", "close", "compare", "complete",
    "compress", "confirm", "connect", "convert", "convertfrom", "convertto", "copy", "debug", "deny", "deploy",
    "disable", "disconnect", "dismount", "edit", "enable", "enter", "exit", "expand", "export", "find", "foreach",
    "format", "get", "grant", "group", "hide", "import", "initialize", "install", "invoke", "join", "limit",
    "lock", "measure", "merge", "mount", "move", "new", "open", "optimize", "out", "ping", "pop", "protect",
    "publish", "push", "read", "receive", "redo", "register", "remove", "rename", "repair", "request", "reset",
    "resize", "resolve", "restart", "restore", "resume", "revoke", "save", "search", "select", "send", "set",
    "show", "skip", "split", "start", "step", "stop", "submit", "suspend", "switch", "sync", "test", "trace",
    "unblock", "undo", "uninstall", "unlock", "unprotect", "unpublish", "unregister", "update", "use", "wait",
    "watch", "where", "write",
];

/// Verbs that hardly any program's name begins with: after them a noun in small letters counts too.
const PLAIN_VERBS: &[&str] = &[
    "add", "clear", "get", "import", "invoke", "new", "out", "remove", "select", "set", "start", "stop", "test",
    "write",
];

/// Nouns that cmdlets of PowerShell have behind these verbs; behind other verbs they end names of programs too.
#[rustfmt::skip]
const COMMON_NOUNS: &[&str] = &[
    "command", "date", "error", "executionpolicy", "expression", "file", "host", "location", "module", "output",
    "path", "restmethod", "sleep", "string", "type", "variable",
];

/// Nouns of cmdlets that no other program's name ends with: after any verb they count in small letters, too.
const NOUNS: &[&str] = &[
    "archive",
    "childitem",
    "content",
    "csv",
    "item",
    "itemproperty",
    "job",
    "json",
    "object",
    "process",
    "scheduledtask",
    "service",
    "webrequest",
    "windowsfeature",
    "xml",
];

/// The name of a program without its folder and without `.exe`.
pub fn stem(program: &str) -> &str {
    let name = base_name(program);
    match name.len().checked_sub(4).and_then(|at| name.split_at_checked(at)) {
        Some((stem, extension)) if extension.eq_ignore_ascii_case(".exe") => stem,
        _ => name,
    }
}

/// The Linux program that `program` names, bare or in a folder where Linux keeps it: `/bin/sh` is
/// `sh`. What `cmd` has built in is a Linux program only with its folder.
pub fn linux_tool(program: &str) -> Option<&'static str> {
    let in_folder = LINUX_FOLDERS.iter().find_map(|folder| program.strip_prefix(folder));
    let found = LINUX_TOOLS.binary_search(&in_folder.unwrap_or(program)).ok()?;
    let name = LINUX_TOOLS[found];
    (in_folder.is_some() || CMD_BUILT_INS.binary_search(&name).is_err()).then_some(name)
}

/// Whether an image is known to bring Linux' tools to Windows: the images of Kubernetes' own
/// end-to-end tests stand on a busybox for Windows.
pub fn has_linux_tools(image: &Image<'_>) -> bool {
    let repository = image.reference.repository.written();
    let is_test_image = text::contains(repository, "e2e-test-images/") || repository.starts_with("e2eteam/");
    is_test_image && image.os != images::Os::Linux
}

/// Whether an image may bring Linux' tools to Windows, judged by its name alone: a busybox of another registry.
pub fn may_have_linux_tools(image: &Image<'_>) -> bool {
    image.os != images::Os::Linux && base_name(image.reference.repository.written()) == "busybox"
}

/// Whether the program is `cmd`, wherever it stands.
pub fn is_cmd(program: &str) -> bool {
    stem(program).eq_ignore_ascii_case("cmd")
}

/// Whether the program is Windows PowerShell, wherever it stands. `pwsh` is not: it exists on both systems.
pub fn is_windows_powershell(program: &str) -> bool {
    stem(program).eq_ignore_ascii_case("powershell")
}

/// Whether the program is PowerShell: Windows PowerShell, or `pwsh`.
pub fn is_powershell(program: &str) -> bool {
    is_windows_powershell(program) || stem(program).eq_ignore_ascii_case("pwsh")
}

/// Whether the program is a shell of either system, or a batch file, which Windows gives to one: it
/// puts the values of variables in the place of their names.
pub fn is_shell(program: &str) -> bool {
    const SHELLS: &[&str] = &["sh", "bash", "ash", "dash", "zsh", "ksh", "csh", "fish", "busybox", "nu"];
    let stem = stem(program);
    let is_listed = SHELLS.iter().any(|name| stem.eq_ignore_ascii_case(name));
    is_listed || is_cmd(program) || is_powershell(program) || ends_with(stem, &[".bat", ".cmd"])
}

/// Whether the program is a script whose first line would name its interpreter to Linux.
pub fn is_linux_script(program: &str) -> bool {
    ends_with(program, &[".sh", ".py"])
}

/// Whether a name ends in one of these extensions, whatever their letter case, and is more than that.
fn ends_with(name: &str, extensions: &[&str]) -> bool {
    extensions.iter().any(|extension| {
        let at = name.len().checked_sub(extension.len()).filter(|at| *at > 0);
        at.and_then(|at| name.get(at..)).is_some_and(|end| end.eq_ignore_ascii_case(extension))
    })
}

/// Whether the program is a shell of Linux: it runs what it is given as a script.
pub fn is_linux_shell(program: &str) -> bool {
    matches!(linux_tool(program), Some("sh" | "bash" | "ash" | "dash" | "zsh" | "ksh" | "csh"))
}

/// The system whose shell or start-up helper a program is.
pub fn shell_os(program: &str) -> Option<Os> {
    if is_linux_shell(program) || matches!(linux_tool(program), Some("tini" | "dumb-init" | "busybox")) {
        Some(Os::Linux)
    } else if (is_cmd(program) || is_windows_powershell(program)) && !is_elsewhere(program) {
        Some(Os::Windows)
    } else {
        None
    }
}

/// The system whose shell or start-up helper a command starts. The options of `cmd` begin with a slash: what `cmd serve`
/// starts is somebody's own, as Go makes it of a folder `cmd`.
pub fn started_os(command: &[Str<'_>], args: &[Str<'_>]) -> Option<Os> {
    let (program, rest) = command.split_first()?;
    let has_other_options = rest.iter().chain(args).next().is_some_and(|option| !option.starts_with('/'));
    let is_own = is_cmd(program) && !is_program_file(program) && has_other_options;
    shell_os(program).filter(|_| !is_own)
}

/// Whether a program is named by a path that no folder of Windows is on: `/app/cmd` may well be a
/// program of that name for Linux, as Go makes it of a folder `cmd`.
fn is_elsewhere(program: &str) -> bool {
    let is_bare = base_name(program).len() == program.len();
    let is_of_windows = |step: &str| step.eq_ignore_ascii_case("windows") || step.eq_ignore_ascii_case("system32");
    let has_extension = stem(program).len() < base_name(program).len();
    !is_bare && !has_extension && !paths::is_windows(program) && !program.split(['/', '\\']).any(is_of_windows)
}

/// Why Windows can run something only through a shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BuiltIn {
    /// `cmd` does it itself.
    Cmd,
    /// A cmdlet: a function inside PowerShell.
    Cmdlet,
    /// A script that PowerShell reads.
    Script,
}

/// What only a shell of Windows could make of `program`; `None` where it may be a program.
pub fn built_in(program: &str) -> Option<BuiltIn> {
    if is_in(CMD_BUILT_INS, program) {
        return Some(BuiltIn::Cmd);
    }
    if ends_with(program, &[".ps1"]) {
        return Some(BuiltIn::Script);
    }
    let (verb, noun) = program.split_once('-')?;
    let capital = |word: &str| word.starts_with(|c: char| c.is_ascii_uppercase());
    let is_noun = !noun.is_empty() && noun.bytes().all(|b| b.is_ascii_alphanumeric());
    let is_verb =
        is_in(VERBS, verb) && (is_in(PLAIN_VERBS, verb) || is_in(NOUNS, noun) || (capital(verb) && capital(noun)));
    (is_noun && is_verb).then_some(BuiltIn::Cmdlet)
}

/// Whether what is written as a cmdlet may be a program of that name: in small letters, with a noun that is none of
/// PowerShell's own, as in `start-server`.
pub fn may_be_program(cmdlet: &str) -> bool {
    let noun = cmdlet.split_once('-').map_or("", |(_, noun)| noun);
    !cmdlet.contains(|c: char| c.is_ascii_uppercase()) && !is_in(NOUNS, noun) && !is_in(COMMON_NOUNS, noun)
}

/// Whether a sorted table of lower-case words has `word`, whatever its letter case.
fn is_in(table: &[&str], word: &str) -> bool {
    let lower = |s: &str| s.bytes().map(|b| b.to_ascii_lowercase()).collect::<Small>();
    let word = lower(word);
    !word.overflown && table.binary_search_by(|entry| entry.as_bytes().cmp(word.as_bytes())).is_ok()
}

/// As many bytes as the longest word of the tables has, on the stack.
#[derive(Default)]
struct Small {
    bytes: [u8; 16],
    len: usize,
    overflown: bool,
}

impl Small {
    fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl FromIterator<u8> for Small {
    fn from_iter<I: IntoIterator<Item = u8>>(bytes: I) -> Self {
        let mut small = Small::default();
        for byte in bytes {
            match small.bytes.get_mut(small.len) {
                Some(place) => *place = byte,
                None => {
                    small.overflown = true;
                    break;
                }
            }
            small.len += 1;
        }
        small
    }
}

/// The whole command written as one string, which the system takes for the name of a program:
/// `["powershell -Command Get-Date"]`. A path that has spaces in it is no such thing, nor is one with a tab in it,
/// as `"C:\temp"` has in YAML.
pub fn unsplit<'a>(command: &'a [Str<'a>]) -> Option<&'a str> {
    let [line] = command else { return None };
    let line = line.trim();
    let is_line = line.contains(char::is_whitespace) && !is_escaped(line) && !is_spaced_path(line);
    is_line.then_some(line)
}

/// Whether a name has the extension of what Windows can start.
pub fn is_program_file(name: &str) -> bool {
    ends_with(name, &[".exe", ".com", ".cmd", ".bat"])
}

/// Whether a tab, a line break or the like stands inside the path of a program: what YAML makes of `"C:\temp\app.exe"`,
/// with its double quotes. Behind the program it only parts the words of a line.
pub fn is_escaped(program: &str) -> bool {
    let program = program.trim_end();
    let is_on_drive = matches!(program.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    let before = program.find(|c: char| c.is_ascii_control()).map(|at| &program[..at]);
    is_on_drive && before.is_some_and(|before| !before.contains(' ') && !is_program_file(before))
}

/// Whether a text begins as a path from a root does, of either system.
pub fn is_rooted(text: &str) -> bool {
    text.starts_with(['/', '\\']) || paths::has_drive(text)
}

/// Whether `line` is the path of one program, spaces and all: `C:\Program Files\app\app.exe`.
fn is_spaced_path(line: &str) -> bool {
    if !is_rooted(line) || is_program_file(line) {
        return is_rooted(line);
    }
    let mut words = line.split_whitespace();
    let is_program = words.next().is_some_and(is_program_file);
    let has_arguments = is_program || words.any(|word| word.starts_with('-') || is_rooted(word));
    !has_arguments && !base_name(line).contains(char::is_whitespace)
}

/// For how many seconds a command does nothing but sleep: `sleep 5`, `/bin/sleep 5`, `sh -c "sleep 5"`.
pub fn sleeps_for(command: &[Str<'_>]) -> Option<u32> {
    let (program, seconds) = match command {
        [program, seconds] => (&**program, &**seconds),
        [shell, c, script] if is_linux_shell(shell) && matches!(&**c, "-c" | "-ec" | "-lc") => {
            script.trim().trim_end_matches(';').split_once(' ')?
        }
        _ => return None,
    };
    let seconds = seconds.trim();
    let digits = seconds.strip_suffix('s').unwrap_or(seconds);
    if linux_tool(program) != Some("sleep") || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_sorted() {
        for table in [LINUX_TOOLS, CMD_BUILT_INS, VERBS, PLAIN_VERBS, COMMON_NOUNS, NOUNS] {
            assert!(table.is_sorted_by(|a, b| a < b), "{table:?}");
            assert!(table == LINUX_TOOLS || table.iter().all(|word| word.len() <= 16));
        }
        assert!(PLAIN_VERBS.iter().all(|verb| VERBS.contains(verb)));
    }

    #[test]
    fn linux_tools_are_bare_or_in_their_folders() {
        for program in ["sh", "/bin/sh", "/usr/local/bin/dumb-init", "/busybox/sh", "[", "/bin/echo", "sleep"] {
            assert!(linux_tool(program).is_some(), "{program}");
        }
        for program in [
            "/opt/bin/sh",
            "sh.exe",
            r"C:\bin\sh",
            "/usr/bin/curl",
            "/usr/local/bin/app",
            "echo",
            "mkdir",
            "dotnet",
            "SH",
            "/bin/",
            "",
        ] {
            assert_eq!(linux_tool(program), None, "{program}");
        }
    }

    #[test]
    fn shells_speak_for_their_system() {
        for program in [
            "cmd",
            "CMD.EXE",
            r"C:\Windows\System32\cmd.exe",
            "powershell",
            "/Windows/System32/WindowsPowerShell/v1.0/PowerShell.exe",
        ] {
            assert_eq!(shell_os(program), Some(Os::Windows), "{program}");
        }
        for program in ["pwsh", "cmdline", "sleep", "powershell -Command x", r"C:\Program Files\Git\bin\bash.exe", ""] {
            assert_eq!(shell_os(program), None, "{program}");
        }
        assert_eq!(shell_os("/bin/bash"), Some(Os::Linux));
    }

    #[test]
    fn shells_of_both_systems_expand_variables() {
        for program in ["cmd", "pwsh.exe", "/bin/sh", r"C:\Program Files\Git\bin\bash.exe", "run.BAT", r"C:\x\run.cmd"]
        {
            assert!(is_shell(program), "{program}");
        }
        for program in ["app.exe", ".bat", "shell", "python", ""] {
            assert!(!is_shell(program), "{program}");
        }
        assert!(is_powershell("PWSH") && is_powershell("powershell.exe") && !is_powershell("powershell_ise"));
        assert!(is_linux_script("/app/run.sh") && is_linux_script("x.PY") && !is_linux_script(".sh"));
    }

    #[test]
    fn built_ins_are_closed_tables() {
        for (program, expected) in [
            ("dir", Some(BuiltIn::Cmd)),
            ("MkLink", Some(BuiltIn::Cmd)),
            ("Get-Process", Some(BuiltIn::Cmdlet)),
            ("get-content", Some(BuiltIn::Cmdlet)),
            ("ConvertFrom-Json", Some(BuiltIn::Cmdlet)),
            (r"C:\scripts\run.PS1", Some(BuiltIn::Script)),
            ("kube-proxy", None),
            ("Get-Process.exe", None),
            ("sync-agent", None),
            ("wait-for-it", None),
            ("test-", None),
            (".ps1", None),
            ("dir.exe", None),
            (r"C:\dir", None),
            ("a-very-long-name-of-a-program", None),
            ("é-x", None),
        ] {
            assert_eq!(built_in(program), expected, "{program}");
        }
    }

    #[test]
    fn one_string_is_a_command_line_or_a_path() {
        let unsplit = |line: &str| super::unsplit(&[line.into()]).is_some();
        for line in [
            "powershell -Command Get-Date",
            "sh -c 'echo hi'",
            r"C:\app\app.exe --port 80",
            r"C:\Program Files\app\run now",
            "a\nb",
        ] {
            assert!(unsplit(line), "{line}");
        }
        for line in [
            "powershell",
            " app ",
            r"C:\Program Files\app\app.exe",
            r"C:\Program Files\dotnet\dotnet",
            "/Program Files/x.CMD",
            "",
        ] {
            assert!(!unsplit(line), "{line}");
        }
        assert!(super::unsplit(&["sh -c".into(), "x".into()]).is_none());
    }

    #[test]
    fn busybox_for_windows() {
        for (image, expected) in [
            ("registry.k8s.io/e2e-test-images/busybox:1.36.1-1", true),
            ("registry.k8s.io/e2e-test-images/agnhost:2.45", true),
            ("e2eteam/busybox:1.29", true),
            ("busybox:1.36", false),
            ("shop.example/tools/busybox:1.29", false),
            ("mcr.microsoft.com/windows/nanoserver:ltsc2022", false),
            ("registry.k8s.io/e2e-test-images/nonewprivs:1.3", false),
        ] {
            assert_eq!(has_linux_tools(&images::read(image)), expected, "{image}");
        }
    }

    #[test]
    fn only_sleeping_counts() {
        let seconds = |words: &[&'static str]| sleeps_for(&words.iter().map(|w| Str::from(*w)).collect::<Vec<_>>());
        assert_eq!(seconds(&["sleep", "5"]), Some(5));
        assert_eq!(seconds(&["/bin/sleep", "15s"]), Some(15));
        assert_eq!(seconds(&["/bin/sh", "-c", " sleep 20; "]), Some(20));
        for words in [
            &["sleep"][..],
            &["sleep", "1m"],
            &["sleep", "0.5"],
            &["sleep", ""],
            &["sh", "-c", "sleep 5; nginx -s quit"],
            &["sleep", "99999999999"],
            &["timeout", "5"],
        ] {
            assert_eq!(seconds(words), None, "{words:?}");
        }
    }
}
