//! Which operating system a pod is meant for, and on which it can land.
//!
//! These are two questions. *Intent* is answered by evidence and may stay unknown
//! ([`intent`]). *Placement* is set logic on labels, taints and resources, and is always decided
//! ([`selector`], [`taints`], [`resources`]). Nearly every serious finding is a mismatch of the two.

pub mod intent;
pub mod labels;
pub mod resources;
pub mod runtime_class;
pub mod selector;
pub mod stated;
pub mod taints;

pub use intent::{Evidence, Strength};
pub use selector::{Fit, NodeModel, Reading, Selector};
pub use stated::{Gap, Statement};
pub use taints::{Taint, Taints};

use crate::finding::words;

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

/// Whether a pod can land on nodes of one system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Placement {
    /// No node of the system can take it.
    No,
    /// Only a taint keeps it off.
    Guarded,
    /// Only nodes that carry some custom label can take it.
    Maybe,
    /// It can.
    Yes,
}

words!(Placement: No = "no", Guarded = "guarded", Maybe = "maybe", Yes = "yes");
