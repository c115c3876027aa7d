//! transom in editors: a server of the Language Server Protocol.
//!
//! Three threads, none of which waits for another: [`server`] takes messages and answers nothing
//! itself; [`checker`] judges what has changed, and drops what has changed again meanwhile;
//! [`answers`] works on what the editor asks: [`actions`], [`hover`], completion ([`settings_file`]).
//! What they share is a [`world`]: a picture of all open documents and of the folders around them that
//! never changes, but is replaced by the next one.
//!
//! What is in a text is judged by `crates/manifests`, which the command line and the page use, too.

mod actions;
mod answers;
mod checked;
mod checker;
mod folder;
mod hover;
mod position;
mod server;
mod settings_file;
mod world;

pub use server::{Goodbye, serve};

use std::path::PathBuf;

/// How the server was started.
#[derive(Debug, Clone)]
pub struct Options {
    /// Settings for all documents. Where there are none, each document has those of the nearest
    /// `transom.yaml` in its folder or above.
    pub settings: Option<PathBuf>,
    /// The date as `YYYY-MM-DD`, for suppressions that end.
    pub today: fn() -> String,
}
