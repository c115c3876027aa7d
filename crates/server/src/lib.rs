//! `transom-server`: the host that carries transom to whoever loads no WebAssembly.
//!
//! Read in this order: [`args`] is what can be asked for; [`serve`] puts everything together and takes
//! it down again; [`listen`] accepts connections at an [`address`], with [`tls`]; [`app`] takes a request from its first
//! byte to its answer, and [`endpoint`] knows what the five kinds of client send and want; [`engine`]
//! judges, from [`settings`]; [`reload`] watches the files. With the feature `kube`, `cluster` knows what is
//! around an object, and `audit` judges what a cluster has already. [`log`] and [`metrics`] say what happened.
//!
//! A request that was accepted gets an answer in its client's own form, whatever happens: what cannot be
//! judged is refused, or with `--fail-open` allowed, and says so.

#![forbid(unsafe_code)]

pub mod address;
pub mod app;
pub mod args;
#[cfg(feature = "kube")]
pub mod audit;
pub mod certs;
#[cfg(feature = "kube")]
pub mod cluster;
pub mod endpoint;
pub mod engine;
pub mod input;
pub mod listen;
pub mod log;
pub mod memory;
pub mod metrics;
pub mod reload;
pub mod serve;
pub mod settings;
pub mod tls;
