//! transom as a WebAssembly policy of the Open Policy Agent.
//!
//! [`policy`] is what the entrypoints answer, [`rego`] the texts they are asked and answered in,
//! [`json`] takes them apart; `abi` and `heap` are OPA's ABI 1.3 (<https://www.openpolicyagent.org/docs/wasm>), for wasm32 only.

pub mod json;
pub mod policy;
pub mod rego;

#[cfg(target_arch = "wasm32")]
mod abi;
#[cfg(target_arch = "wasm32")]
#[allow(unsafe_code, reason = "an allocator hands out raw memory")]
mod heap;
