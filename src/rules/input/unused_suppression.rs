//! A suppression names a rule that has nothing to say here.
//!
//! What it hid has been mended, or it never applied. Left in place it would hide the next mistake.
//!
//! `transom check --fix` and editors take it out. Where the rule looks at other objects as well, which may
//! not be among the files, that is for `--fix=all` and a look. At admission it stays, for nobody should
//! remove an annotation from somebody's object there.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//!   annotations:
//!     transom.dev/ignore.windows-pod-not-pinned: "the pool is being built"
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
    id: "WIN003",
    name: "unused-suppression",
    summary: "A suppression hides nothing",
    severity: Severity::Warning,
    stage: Stage::Silent,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[]),
    errors: docs(&[]),
    check: Check::Input,
};
