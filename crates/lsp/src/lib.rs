//! transom in editors: a server of the Language Server Protocol.
//!
//! Four threads, none of which waits for another: [`server`] takes messages and answers nothing
//! itself but what was cancelled; [`checker`] judges what has changed, and drops what has changed again
//! meanwhile; the two of [`answers`] work on what the editor asks: [`actions`], and [`hover`] and completion
//! ([`settings_file`]).
//! What they share is a [`world`]: a picture of all open documents and of the folders around them that
//! never changes, but is replaced by the next one.
//!
//! What is in a text is judged by `crates/manifests`, which the command line and the page use, too.

mod actions;
mod answers;
mod baseline;
mod changes;
mod checked;
mod checker;
mod contexts;
mod diagnostic;
mod document;
mod event;
mod folder;
mod hover;
mod message;
mod objects;
mod position;
mod server;
mod settings_file;
mod wire;
mod world;

pub use server::{Goodbye, serve};
pub use wire::{Wire, stdio};

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;

/// Settings as JSON, with something else over them.
#[derive(Clone)]
pub struct Over(pub Arc<dyn Fn(&Value) -> Value + Send + Sync>);

impl fmt::Debug for Over {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Over")
    }
}

/// How the server was started.
#[derive(Debug, Clone)]
pub struct Options {
    /// Settings for all documents. Where there are none, each document has those of the nearest
    /// `transom.yaml` in its folder or above.
    pub settings: Option<PathBuf>,
    /// What stands over all settings, such as what the environment says.
    pub over: Over,
    /// The date as `YYYY-MM-DD`, for suppressions that end.
    pub today: fn() -> String,
}
