//! Paths as Windows nodes see them.
//!
//! A rooted POSIX path works on Windows: the kubelet and containerd put `C:` in front. What tells
//! the systems apart are drive letters, backslashes and pipes on one side, and the folders that
//! only a Linux kernel provides on the other.

use crate::platform::Os;

/// Whether the path is written as only Windows knows it: with a drive letter, as a pipe, or as a
/// UNC or backslash-rooted path.
pub fn is_windows(path: &str) -> bool {
    has_drive(path) || is_pipe(path) || path.starts_with('\\')
}

/// Whether the path begins with a drive letter: `C:`, `C:\data`, `d:/x`.
pub fn has_drive(path: &str) -> bool {
    let bytes = path.as_bytes();
    bytes.len() >= 2 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':' && matches!(bytes.get(2), None | Some(b'\\' | b'/'))
}

/// Whether the path names a pipe, in either way of writing it.
pub fn is_pipe(path: &str) -> bool {
    let lower = path.get(..9).unwrap_or_default().to_ascii_lowercase();
    lower == r"\\.\pipe\" || lower == "//./pipe/"
}

/// What a hostPath says about the system it is meant for.
pub fn host_path_os(path: &str) -> Option<(Os, &'static str)> {
    if is_windows(path) {
        return Some((Os::Windows, "a Windows path"));
    }
    const KERNEL: &[&str] = &["/dev", "/proc", "/sys", "/run", "/var/run"];
    if KERNEL.iter().any(|folder| is_within(path, folder)) || path == "/" {
        return Some((Os::Linux, "a path that only Linux nodes have"));
    }
    None
}

/// Whether a POSIX `path` is `folder` or something below it, by component.
pub fn is_within(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
