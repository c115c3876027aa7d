//! A suppression names a rule that does not exist.
//!
//! It hides nothing, whatever its author believed; most often the name is misspelt.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//!   annotations:
//!     transom.dev/ignore.windows-pod-not-pined: "the pool is being built"
//! spec:
//!   nodeSelector:
//!     kubernetes.io/os: windows
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ```
//!
//! ## Good
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//!   annotations:
//!     transom.dev/ignore.windows-pod-not-pinned: "the pool is being built"
//! spec:
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ```

use crate::finding::{Severity, Stage};
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN004",
    name: "unknown-suppression",
    summary: "A suppression names no rule",
    severity: Severity::Warning,
    stage: Stage::Silent,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[]),
    errors: docs(&[]),
    check: Check::Input,
};
