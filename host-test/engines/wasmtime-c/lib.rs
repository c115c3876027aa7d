//! Everything is in the crate behind this one, which cannot be linked with by itself.

pub use wasmtime_c_api::*;
