//! The harness: the corpus, the modules, and what every answer must hold to.
//!
//! The tests of every artifact share this: [`Case`] reads `tests/corpus`, [`module`](fn@module) and
//! its neighbours find or build what is in `dist/`, [`commands`] runs the cases of the command line, [`engine`](mod@engine) builds what loads them,
//! [`converge`](fn@converge) judges the fixes, [`generate`] makes objects.

mod case;
pub mod commands;
mod converge;
mod difference;
pub mod engine;
pub mod generate;
pub mod go;
pub mod measure;
#[cfg(feature = "module")]
mod module;
#[cfg(feature = "module")]
pub mod opa;
mod relative;
mod well_formed;

use std::path::{Path, PathBuf};

pub use case::{Case, expectations};
pub use converge::{converge, object_at};
pub use difference::{Engine, between, difference, engines};
#[cfg(feature = "module")]
pub use module::{component, host, kubewarden_module, module, npm_package, opa_module, skip_module};
pub use relative::relative;
pub use well_formed::{well_formed, well_formed_review};

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
