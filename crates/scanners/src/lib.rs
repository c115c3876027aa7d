//! What scanners that think of Linux say about Windows pods, and what of it does not apply.
//!
//! [`peers`] is the table: which rule of which scanner is about a field that Windows has not, with the
//! source. [`Objects`] are the manifests that were scanned, each object with what it is meant for.
//! [`mark`] goes through a SARIF log and adds a suppression, with the reason, to each result that is in the
//! table and about an object all of whose pods are meant for Windows. Nothing is taken out, and every
//! other byte of the log stays as it was.

mod log;
mod names;
mod objects;
pub mod peers;
mod places;
mod sarif;

pub use objects::{Objects, Pods};
pub use sarif::{Error, Marked, Outcome, mark};
