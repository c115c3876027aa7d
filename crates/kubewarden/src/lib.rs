//! transom as a WebAssembly policy of Kubewarden.
//!
//! [`policy`] is what the policy answers, [`patch`] what it makes of an object that it mends; `wapc`
//! is the waPC protocol (<https://wapc.io/docs/spec/>), for wasm32 only. It is written out here, since
//! it is seven functions: the crate `wapc-guest` keeps a table of handlers behind a lock and takes
//! every payload through `anyhow`-like errors, none of which a policy of three operations needs.

pub mod patch;
pub mod policy;

#[cfg(target_arch = "wasm32")]
mod wapc;
