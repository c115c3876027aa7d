//! Programs: which exist on which system.

use crate::platform::Os;

/// The name of a program without its folder.
pub fn base_name(program: &str) -> &str {
    program.rsplit(['/', '\\']).next().unwrap_or(program)
}

/// The system whose shell or start-up helper a program is.
pub fn shell_os(program: &str) -> Option<Os> {
    let name = base_name(program);
    match name {
        "sh" | "bash" | "ash" | "dash" | "zsh" | "ksh" | "tini" | "dumb-init" | "busybox" => Some(Os::Linux),
        _ if name.eq_ignore_ascii_case("cmd")
            || name.eq_ignore_ascii_case("cmd.exe")
            || name.eq_ignore_ascii_case("powershell")
            || name.eq_ignore_ascii_case("powershell.exe") =>
        {
            Some(Os::Windows)
        }
        _ => None,
    }
}
