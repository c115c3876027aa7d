//! How far it is, on a terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A line on stderr that says how far it is; nothing where that is no terminal.
#[derive(Debug)]
pub struct Bar(ProgressBar);

impl Bar {
    /// Shown on stderr, if that is a terminal and it `is_wanted`.
    #[must_use]
    pub fn new(is_wanted: bool) -> Self {
        let target = if is_wanted { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("{msg:>24} {pos} of {len} [{bar:30}] {elapsed}") {
            bar.set_style(style);
        }
        Bar(bar)
    }

    pub(crate) fn begin(&self, kind: &'static str) {
        self.0.set_message(kind);
        self.0.set_position(0);
        self.0.set_length(0);
    }

    /// There are this many more than those that are done.
    pub(crate) fn expect(&self, more: u64) {
        self.0.set_length(self.0.position() + more);
    }

    pub(crate) fn advance(&self) {
        self.0.inc(1);
    }

    /// Does what writes to the terminal, with the line out of its way.
    pub fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        self.0.suspend(write)
    }

    /// Takes the line away.
    pub fn end(&self) {
        self.0.finish_and_clear();
    }
}
