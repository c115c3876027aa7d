//! The operating systems that nodes run.

use crate::words::words;

/// An operating system that nodes run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Os {
    /// Windows Server
    Windows,
    /// Linux
    Linux,
}

words!(Os: Windows = "windows", Linux = "linux");

impl Os {
    /// The value of `kubernetes.io/os` on its nodes, and of a pod's `os.name`.
    pub const fn label(self) -> &'static str {
        self.as_str()
    }

    /// The system's name in a sentence.
    pub const fn title(self) -> &'static str {
        match self {
            Os::Windows => "Windows",
            Os::Linux => "Linux",
        }
    }

    /// The other one.
    pub const fn other(self) -> Os {
        match self {
            Os::Windows => Os::Linux,
            Os::Linux => Os::Windows,
        }
    }

    /// The system that `name` names, whatever its letter case.
    pub fn named(name: &str) -> Option<Os> {
        [Os::Windows, Os::Linux].into_iter().find(|os| os.label().eq_ignore_ascii_case(name))
    }
}
