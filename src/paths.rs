//! Paths as Windows nodes see them.
//!
//! A rooted POSIX path works on Windows: the kubelet and containerd put `C:` in front. What tells
//! the systems apart are drive letters, backslashes and pipes on one side, and the folders that
//! only a Linux kernel provides on the other.
//!
//! Read in `pkg/volume/util/util.go` (`MakeAbsolutePath`, `IsWindowsLocalPath`) and
//! `pkg/kubelet/kubelet_pods.go` of Kubernetes 1.36, and in containerd's `spec_windows_opts.go`.

use crate::platform::os::Os;

/// How the name of every pipe begins, as the kubelet and containerd know it.
pub const PIPES: &str = r"\\.\pipe\";

/// Whether the path is written as only Windows knows it: with a drive letter, as a pipe, as a UNC
/// or backslash-rooted path, or relative with backslashes.
pub fn is_windows(path: &str) -> bool {
    has_drive(path) || is_pipe(path) || (!path.starts_with('/') && path.contains('\\'))
}

/// Whether the path begins with a drive letter: `C:`, `C:\data`, `d:/x`.
pub fn has_drive(path: &str) -> bool {
    let bytes = path.as_bytes();
    bytes.len() >= 2
        && bytes[0].is_ascii_alphabetic()
        && bytes[1] == b':'
        && matches!(bytes.get(2), None | Some(b'\\' | b'/'))
}

/// Whether the path is meant to name a pipe, in either way of writing it.
pub fn is_pipe(path: &str) -> bool {
    pipe_name(path).is_some()
}

/// The name of the pipe that the path is meant to name: `docker_engine` of `\\.\pipe\docker_engine`
/// and of `//./pipe/docker_engine`.
pub fn pipe_name(path: &str) -> Option<&str> {
    let (start, name) = path.split_at_checked(PIPES.len())?;
    (start.eq_ignore_ascii_case(PIPES) || start.eq_ignore_ascii_case("//./pipe/")).then_some(name)
}

/// Whether the path is a pipe written with slashes. To the kubelet and containerd that is a folder
/// of the C: drive.
pub fn is_slashed_pipe(path: &str) -> bool {
    is_pipe(path) && path.starts_with('/')
}

/// Whether the path names a share of another machine: `\\server\share`.
pub fn is_unc(path: &str) -> bool {
    path.starts_with(r"\\") && !is_pipe(path) && !path.starts_with(r"\\.\") && !path.starts_with(r"\\?\")
}

/// What a hostPath says about the system it is meant for.
pub fn host_path_os(path: &str) -> Option<(Os, &'static str)> {
    if is_windows(path) {
        return Some((Os::Windows, "a Windows path"));
    }
    const KERNEL: &[&str] = &["/dev", "/proc", "/sys", "/run", "/var/run"];
    if is_within_any(path, KERNEL) || path == "/" || runtime_socket(path).is_some() {
        return Some((Os::Linux, "a path that only Linux nodes have"));
    }
    None
}

/// Whether a POSIX `path` is `folder` or something below it, by component.
pub fn is_within(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether `path` is one of the folders, or in one of them.
pub fn is_within_any(path: &str, folders: &[&str]) -> bool {
    folders.iter().any(|folder| is_within(path, folder))
}

/// What a Windows node lacks where a POSIX path points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lack {
    /// The root of one tree that holds everything.
    Root,
    /// What the Linux kernel shows: `/dev`, `/proc`, `/sys`.
    Kernel,
    /// A socket of a Linux service.
    Socket,
    /// What Linux distributions keep there.
    Folder,
}

/// What a Windows node lacks at `path`, where that is a path only Linux nodes have anything at.
/// `/var/log`, `/var/lib/kubelet` and `/etc/kubernetes` exist on both, as `C:\var\log` and so on.
pub fn lack_on_windows(path: &str) -> Option<Lack> {
    const KERNEL: &[&str] = &["/dev", "/proc", "/sys"];
    const RUN: &[&str] = &["/run", "/var/run"];
    const FOLDERS: &[&str] = &[
        "/boot",
        "/etc/ca-certificates",
        "/etc/group",
        "/etc/localtime",
        "/etc/machine-id",
        "/etc/os-release",
        "/etc/passwd",
        "/etc/pki",
        "/etc/resolv.conf",
        "/etc/ssl/certs",
        "/lib/modules",
        "/lib64",
        "/mnt",
        "/sbin",
        "/usr",
        "/var/lib/containerd",
        "/var/lib/dbus",
        "/var/lib/docker",
        "/var/log/journal",
    ];
    if path == "/" {
        Some(Lack::Root)
    } else if is_within_any(path, KERNEL) {
        Some(Lack::Kernel)
    } else if is_within_any(path, RUN) {
        Some(if is_socket(path) { Lack::Socket } else { Lack::Folder })
    } else if is_within_any(path, FOLDERS) {
        Some(Lack::Folder)
    } else {
        None
    }
}

/// Whether the path is named as sockets are.
pub fn is_socket(path: &str) -> bool {
    path.ends_with(".sock") || path.ends_with(".socket")
}

/// The container runtime whose socket a path names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuntimeSocket {
    /// The runtime.
    pub runtime: &'static str,
    /// The pipe it has on Windows in the place of the socket; CRI-O does not run there.
    pub pipe: Option<&'static str>,
}

/// The container runtime whose socket `path` names, in whatever folder.
///
/// Pipes: <https://docs.docker.com/engine/daemon/remote-access/>, containerd's `defaults_windows.go`,
/// <https://kubernetes.io/docs/setup/production-environment/container-runtimes/>.
pub fn runtime_socket(path: &str) -> Option<RuntimeSocket> {
    let (runtime, pipe) = match base_name(path) {
        "docker.sock" => ("Docker", Some(r"\\.\pipe\docker_engine")),
        "containerd.sock" => ("containerd", Some(r"\\.\pipe\containerd-containerd")),
        "cri-dockerd.sock" => ("cri-dockerd", Some(r"\\.\pipe\cri-dockerd")),
        "crio.sock" => ("CRI-O", None),
        _ => return None,
    };
    Some(RuntimeSocket { runtime, pipe })
}

/// Whether the path names a device that Windows has by that name in every folder, and for which a
/// hostPath of type CharDevice holds: `NUL`, `COM1`, `\\.\COM3`.
pub fn is_windows_device(path: &str) -> bool {
    let name = path.strip_prefix(r"\\.\").unwrap_or(path);
    let is_port = |name: &str| {
        name.split_at_checked(3).is_some_and(|(com, n)| {
            com.eq_ignore_ascii_case("COM") && !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit())
        })
    };
    let base = base_name(name);
    base.eq_ignore_ascii_case("NUL") || is_port(base)
}

/// The absolute path that a Windows node makes of a hostPath or mountPath, in a form in which two
/// paths are equal if they name the same place: `/x`, `\x`, `x` and `C:/X/` are all `c:\x`. Pipes
/// and UNC paths, which begin with two backslashes, only lose their letter case.
pub fn on_windows(path: &str) -> String {
    if path.starts_with(r"\\") {
        return path.replace('/', r"\").to_ascii_lowercase();
    }
    let (drive, rest) = if has_drive(path) { path.split_at(2) } else { ("c:", path) };
    let mut resolved = drive.to_ascii_lowercase();
    let mut starts: Vec<usize> = Vec::new();
    for part in rest.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => resolved.truncate(starts.pop().unwrap_or(2)),
            part => {
                starts.push(resolved.len());
                resolved.push('\\');
                resolved.push_str(&part.to_ascii_lowercase());
            }
        }
    }
    if starts.is_empty() {
        resolved.push('\\');
    }
    resolved
}

/// Whether the path steps back (`..`) in a way that only Windows sees: beside a backslash. The API
/// server, which refuses steps back, takes a backslash for a letter like any other.
pub fn steps_back(path: &str) -> bool {
    let is_back = |part: &str| part == "..";
    path.contains('\\') && path.split(['/', '\\']).any(is_back) && !path.split('/').any(is_back)
}

/// The folders and the file that a path on the C: drive of a Windows node names, one by one, with
/// steps back as they stand: `Users` and `x` of `/Users/x`, `C:\Users\.\x` and `Users/x`. `None`
/// for other drives, pipes and shares.
pub fn on_system_drive(path: &str) -> Option<impl Iterator<Item = &str>> {
    let rest = match has_drive(path) {
        true => path.strip_prefix(['C', 'c'])?.strip_prefix(':')?,
        false => path,
    };
    (!path.starts_with(r"\\") && !is_pipe(path)).then(|| parts(rest))
}

/// Why Windows cannot have a file or folder of some name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadName {
    /// It means a device, in whatever folder and with whatever extension.
    Device,
    /// It holds a character that no name may have.
    Character,
    /// It ends in a dot or a space, which Windows drops.
    End,
}

/// Why Windows cannot have a file or folder of the name that one of the steps of `path` has.
///
/// <https://learn.microsoft.com/windows/win32/fileio/naming-a-file>
pub fn bad_name(path: &str) -> Option<BadName> {
    parts(path).filter(|part| *part != "..").find_map(|name| {
        let stem = name.split('.').next().unwrap_or_default().trim_end_matches(' ');
        if is_reserved(stem) {
            Some(BadName::Device)
        } else if name.bytes().any(|b| b < b' ' || matches!(b, b'<' | b'>' | b':' | b'"' | b'|' | b'?' | b'*')) {
            Some(BadName::Character)
        } else {
            name.ends_with(['.', ' ']).then_some(BadName::End)
        }
    })
}

fn is_reserved(stem: &str) -> bool {
    match stem.as_bytes() {
        [_, _, _] => ["AUX", "CON", "NUL", "PRN"].iter().any(|name| stem.eq_ignore_ascii_case(name)),
        [port @ .., b'1'..=b'9'] => port.eq_ignore_ascii_case(b"COM") || port.eq_ignore_ascii_case(b"LPT"),
        _ => false,
    }
}

/// The name of a program without its folder.
pub fn base_name(program: &str) -> &str {
    program.rsplit(['/', '\\']).next().unwrap_or(program)
}

/// The steps of a path between slashes of either kind; empty ones and `.` lead nowhere.
pub fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split(['/', '\\']).filter(|part| !matches!(*part, "" | "."))
}

/// A number that is the same for paths for which [`on_windows`] is the same, made without memory;
/// different paths may share one too. `None` for a path with steps back.
pub fn trace(path: &str) -> Option<u32> {
    let drive = if has_drive(path) { path.as_bytes()[0].to_ascii_lowercase() } else { b'c' };
    let is_local = !path.starts_with(r"\\");
    let rest = if has_drive(path) { &path[2..] } else { path };
    let mut trace = if is_local { u32::from(drive) } else { 0 };
    for part in parts(rest) {
        if part == ".." {
            return None;
        }
        for byte in part.bytes().chain([b'/']) {
            // FNV-1a
            trace = (trace ^ u32::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0193);
        }
    }
    Some(trace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_paths_have_drives_pipes_or_backslashes() {
        for path in ["C:", r"c:\data", "D:/x", r"\var\lib", r"\\server\share", r"\\.\PIPE\x", "//./pipe/x", r"data\sub"]
        {
            assert!(is_windows(path), "{path}");
        }
        for path in ["/var/data", "data", "", "/", "C:x", "ä:/", "/sys/fs/cgroup/dev-disk\\x2d", "//server/x"] {
            assert!(!is_windows(path), "{path}");
        }
        assert_eq!(pipe_name(r"\\.\pipe\docker_engine"), Some("docker_engine"));
        assert_eq!(pipe_name("//./pipe"), None);
        assert!(is_slashed_pipe("//./Pipe/x") && !is_slashed_pipe(r"\\.\pipe\x"));
        assert!(is_unc(r"\\server\share") && !is_unc(r"\\.\pipe\x") && !is_unc(r"\\?\C:\x") && !is_unc(r"\x"));
    }

    #[test]
    fn folders_hold_by_component() {
        assert_eq!(lack_on_windows("/dev/fuse"), Some(Lack::Kernel));
        assert_eq!(lack_on_windows("/proc/"), Some(Lack::Kernel));
        assert_eq!(lack_on_windows("/var/run/app/app.sock"), Some(Lack::Socket));
        assert_eq!(lack_on_windows("/run/udev"), Some(Lack::Folder));
        assert_eq!(lack_on_windows("/"), Some(Lack::Root));
        for path in [
            "/devices",
            "/var/log",
            "/var/lib/kubelet/pods",
            "/etc/kubernetes",
            "/var/lib/dockershim",
            "/data/proc",
            r"C:\dev",
            "",
        ] {
            assert_eq!(lack_on_windows(path), None, "{path}");
        }
    }

    #[test]
    fn runtime_sockets_are_known_by_name() {
        assert_eq!(
            runtime_socket("/run/k3s/containerd/containerd.sock").and_then(|s| s.pipe),
            Some(r"\\.\pipe\containerd-containerd")
        );
        assert_eq!(runtime_socket("/var/run/crio/crio.sock").map(|s| s.pipe), Some(None));
        assert_eq!(runtime_socket("/var/run/mydocker.sock"), None);
    }

    #[test]
    fn devices() {
        for path in ["NUL", r"\\.\COM3", "com1", r"C:\nul", "/COM10"] {
            assert!(is_windows_device(path), "{path}");
        }
        for path in ["/dev/ttyS0", "COM", "COMPLETE", "NULL", ""] {
            assert!(!is_windows_device(path), "{path}");
        }
    }

    #[test]
    fn the_same_place_has_one_name() {
        for path in ["/Data/x", r"\data\X", "data/x", "C:/data//x/", r"c:\data\.\x", r"C:\data\y\..\x"] {
            assert_eq!(on_windows(path), r"c:\data\x", "{path}");
        }
        for root in ["/", "C:", r"c:\", "C:/..", ""] {
            assert_eq!(on_windows(root), r"c:\", "{root}");
        }
        assert_eq!(on_windows("D:"), r"d:\");
        assert_eq!(on_windows(r"\\.\Pipe/X"), r"\\.\pipe\x");
        assert_eq!(on_windows("//./pipe/X"), r"c:\pipe\x", "with slashes it is a folder");
        assert_eq!(on_windows(r"\\Server\share"), r"\\server\share");
    }

    #[test]
    fn steps_back_beside_backslashes() {
        for path in [r"C:\data\..\x", r"..\x", r"a/..\b", r"a\..", r"a\../b"] {
            assert!(steps_back(path), "{path}");
        }
        for path in ["../x", "a/../b", r"a/../b\c", r"C:\data\..x", r"C:\...", r"C:\data", ""] {
            assert!(!steps_back(path), "{path}");
        }
    }

    #[test]
    fn names_that_windows_cannot_have() {
        for (path, expected) in [
            ("con.json", Some(BadName::Device)),
            ("conf/AUX", Some(BadName::Device)),
            ("Com1.a.b", Some(BadName::Device)),
            ("lpt9", Some(BadName::Device)),
            ("nul .txt", Some(BadName::Device)),
            ("a:b", Some(BadName::Character)),
            ("a\tb/c", Some(BadName::Character)),
            ("app.", Some(BadName::End)),
            ("app /x", Some(BadName::End)),
            ("config.json", None),
            ("com0", None),
            ("com10", None),
            ("console", None),
            (".dockerconfigjson", None),
            ("a.con", None),
            ("./a/../b", None),
            ("日本", None),
            ("", None),
        ] {
            assert_eq!(bad_name(path), expected, "{path}");
        }
    }

    #[test]
    fn places_on_the_system_drive() {
        for path in [r"C:\Users\x", "/Users//x/", "Users/x", r"c:/Users\.\x"] {
            let parts: Vec<&str> = on_system_drive(path).expect("on C:").collect();
            assert_eq!(parts, ["Users", "x"], "{path}");
        }
        for root in ["C:", r"C:\", "/", ""] {
            assert_eq!(on_system_drive(root).map(Iterator::count), Some(0), "{root}");
        }
        for elsewhere in [r"D:\Users", r"\\server\share", r"\\.\pipe\x", "//./pipe/x"] {
            assert!(on_system_drive(elsewhere).is_none(), "{elsewhere}");
        }
    }

    #[test]
    fn the_same_place_has_one_trace() {
        for paths in [
            &["/Data/x", r"\data\X", "data/x", "C:/data//x/", r"c:\data\.\x"][..],
            &["/", "C:", r"c:\", "", "."],
            &[r"D:\x", "d:/X"],
            &["//./pipe/X", r"C:\pipe\x"],
        ] {
            for path in paths {
                assert_eq!(on_windows(path), on_windows(paths[0]), "{path}");
                assert_eq!(trace(path), trace(paths[0]), "{path}");
            }
        }
        for (one, other) in [("/x", "D:/x"), ("/a/b", "/ab"), ("/a/bc", "/ab/c"), (r"\\a\b", "/a/b")] {
            assert_ne!(trace(one), trace(other), "{one} {other}");
        }
        assert_eq!(trace(r"C:\a\..\b"), None);
    }
}
