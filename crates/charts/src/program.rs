//! The tools that render.

use std::ffi::OsStr;
use std::io;
use std::process::{Command, Output};

/// Why nothing was rendered.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(#[from] Kind);

#[derive(Debug, thiserror::Error)]
pub(crate) enum Kind {
    #[error(
        "{tool} is not installed, so this {what} cannot be rendered: install it ({how}), or render elsewhere with \
         `{command} | transom check -`"
    )]
    Missing { tool: &'static str, what: &'static str, how: &'static str, command: String },
    #[error("no other program can be run from here: render with `{command} | transom check -`")]
    Alone { command: String },
    #[error("`{command}` failed: {message}")]
    Failed { command: String, message: String },
    #[error("{0}")]
    Other(String),
    #[error("{0}")]
    Io(#[from] io::Error),
}

impl Error {
    /// Whether a tool has to be installed first.
    #[must_use]
    pub fn is_missing_tool(&self) -> bool {
        matches!(self.0, Kind::Missing { .. })
    }
}

/// Runs a tool and gives what it prints; `None` where it is not installed.
pub(crate) fn run(command: &mut Command) -> Result<Option<String>, Kind> {
    let Output { status, stdout, stderr } = match command.output() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        // WebAssembly has no processes.
        Err(error) if error.kind() == io::ErrorKind::Unsupported => {
            return Err(Kind::Alone { command: shown(command) });
        }
        output => output?,
    };
    if !status.success() {
        let message = String::from_utf8_lossy(&stderr);
        let message = message.trim().trim_start_matches("Error: ").to_owned();
        return Err(Kind::Failed { command: shown(command), message });
    }
    let text = String::from_utf8(stdout);
    text.map(Some).map_err(|_| Kind::Other(format!("`{}` printed something that is not UTF-8", shown(command))))
}

/// A command as one would type it.
pub(crate) fn shown(command: &Command) -> String {
    let word = |word: &OsStr| {
        let word = word.to_string_lossy();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@+\\".contains(c);
        if !word.is_empty() && word.chars().all(is_plain) { word.into_owned() } else { format!("'{word}'") }
    };
    let words = [command.get_program()].into_iter().chain(command.get_args());
    words.map(word).collect::<Vec<_>>().join(" ")
}
