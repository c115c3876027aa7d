//! The harness: the corpus, the modules, and what every answer must hold to.
//!
//! The tests of every artifact share this: [`Case`] reads `tests/corpus`, [`module`](fn@module) and
//! [`opa_module`] find or build what is in `dist/`, [`engine`](mod@engine) builds what loads them,
//! [`converge`] judges the fixes.

mod case;
mod converge;
mod difference;
pub mod engine;
mod module;

use std::path::{Path, PathBuf};

pub use case::{Case, expectations};
pub use converge::{converge, object_at};
pub use difference::difference;
pub use module::{host, module, opa_module, skip_module};

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
