//! transom as a WebAssembly policy of Kubewarden.
//!
//! [`policy`] is what the policy answers, [`patch`] what it makes of an object that it mends; `wapc`
//! is the waPC protocol (<https://wapc.io/docs/spec/>), for wasm32 only. That is written out here:
//! it is seven functions, and the crate `wapc-guest`, with a table of handlers behind a lock, would
//! take ten kilobytes of WebAssembly more.

pub mod patch;
pub mod policy;

#[cfg(target_arch = "wasm32")]
mod wapc;
