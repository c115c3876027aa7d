//! What can go wrong while settings are made part of a module.

use std::fmt;

use serde::Deserialize;

use crate::SECTION;

/// Why nothing was baked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The settings are wrong, at these places.
    #[error("wrong settings: {}", Listed(.0))]
    Settings(Vec<Mistake>),
    /// No WebAssembly.
    #[error("this is no WebAssembly module{0}")]
    NotWasm(String),
    /// A module that says nothing about how it takes settings.
    #[error(
        "this module does not say how it takes settings (it has no section `{SECTION}`): take transom.wasm, transom.opa.wasm, its bundle, transom.kubewarden.wasm or transom.component.wasm; the npm package has `configure` for it"
    )]
    NoHooks,
    /// A module that is not built as those of transom are.
    #[error("settings cannot be made part of this module: {0}")]
    Unsupported(String),
    /// More memory than its hosts give it.
    #[error(
        "with these settings the module begins with {needs} bytes of memory, and its hosts give it {has}; make the settings shorter"
    )]
    TooLarge {
        /// Bytes.
        needs: u64,
        /// Bytes.
        has: u64,
    },
    /// The module failed at it.
    #[error("the module failed while it took the settings in: {0}")]
    Failed(String),
}

/// A mistake in settings.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Mistake {
    /// A JSON Pointer into the settings.
    pub path: String,
    /// What is wrong there.
    pub message: String,
}

struct Listed<'a>(&'a [Mistake]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Mistake { path, message }) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            let place = if path.is_empty() { "" } else { ": " };
            write!(out, "{separator}{path}{place}{message}")?;
        }
        Ok(())
    }
}

/// What a reader of WebAssembly says.
pub(crate) fn not_wasm(error: wasmparser::BinaryReaderError) -> Error {
    Error::NotWasm(format!(": {error}"))
}
