//! A suppression has passed its date, so it hides nothing any more.
//!
//! `until=` gives a suppression an end, so that an exception made for a migration does not outlive
//! it. After that day the findings it hid are back. The date is compared with the one the host
//! passes in; the module itself has no clock.
//!
//! `transom check --fix` and editors take out what has ended. At admission it stays.
//!
//! ## Bad
//! ```yaml
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: web
//!   annotations:
//!     transom.dev/ignore.windows-pod-not-pinned: "until=2020-01-31 the pool is being built"
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
//!     transom.dev/ignore.windows-pod-not-pinned: "until=2099-01-31 the pool is being built"
//! spec:
//!   containers:
//!     - name: web
//!       image: mcr.microsoft.com/windows/nanoserver:ltsc2022
//! ```

use crate::finding::{Severity, Stage};
use crate::rules::{Check, Rule, docs};

pub const RULE: Rule = Rule {
    id: "WIN002",
    name: "expired-suppression",
    summary: "A suppression has passed its date",
    severity: Severity::Warning,
    stage: Stage::Silent,
    looks_around: false,
    since: "0.1.0",
    sources: docs(&[]),
    errors: docs(&[]),
    check: Check::Input,
};
