//! Settings made part of a module: what it would have in memory after reading them is what it
//! begins with. It has the same ABI as before, and nothing is left to parse at each request.
//!
//! ```no_run
//! let module = std::fs::read("dist/transom.wasm")?;
//! let baked = transom_bake::bake(&module, r#"{"platform":"aks"}"#)?;
//! std::fs::write("transom-aks.wasm", baked)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Any artifact will do: the functions that take settings in are not among the exports of most of
//! them, so each carries their numbers in a custom section, its [`Hooks`]. Baking runs these in
//! wasmtime, with every import a trap, and writes the module anew with the memory and the globals
//! as they are then. A component and a bundle of OPA are such a module in a wrapping,
//! which stays as it is.
//!
//! Settings that are baked in can be baked over, and those of a request or of a host still count
//! more, as they do without.

#![forbid(unsafe_code)]

mod hooks;

#[cfg(feature = "engine")]
mod bundle;
#[cfg(feature = "engine")]
mod component;
#[cfg(feature = "engine")]
mod error;
#[cfg(feature = "engine")]
mod module;
#[cfg(feature = "engine")]
mod parts;
#[cfg(feature = "engine")]
mod state;

pub use hooks::{Hooks, SECTION};

#[cfg(feature = "engine")]
pub use error::{Error, Mistake};

/// The custom section in which a baked module shows its settings, a JSON text.
pub const SETTINGS: &str = "transom.settings";

/// A module with these settings (JSON) in force from the start; or a component, or a bundle of OPA, with
/// such a module in it.
///
/// # Errors
///
/// Every mistake in the settings with its path; or why this is no module that takes any.
#[cfg(feature = "engine")]
pub fn bake(wasm: &[u8], settings: &str) -> Result<Vec<u8>, Error> {
    if component::is_one(wasm) {
        component::bake(wasm, settings)
    } else if bundle::is_one(wasm) {
        bundle::bake(wasm, settings)
    } else {
        module::bake(wasm, settings)
    }
}

/// Whether this is a module or a component, or a bundle of OPA with one in it; it need not be one of transom's.
#[cfg(feature = "engine")]
#[must_use]
pub fn is_module(bytes: &[u8]) -> bool {
    bytes.starts_with(module::MAGIC) || (bundle::is_one(bytes) && bundle::has_module(bytes))
}
