//! How far it is: only on a terminal, and only for work that takes a while.

#[cfg(feature = "progress")]
use std::time::{Duration, Instant};

#[cfg(feature = "progress")]
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// What is done before this is not worth a bar.
#[cfg(feature = "progress")]
const SHORT: Duration = Duration::from_secs(1);

/// A bar that appears when it is worth it.
#[cfg(feature = "progress")]
pub(crate) struct Progress {
    begin: Instant,
    files: u64,
    done: u64,
    bar: Option<ProgressBar>,
}

#[cfg(feature = "progress")]
impl Progress {
    pub(crate) fn new(files: usize) -> Self {
        Progress { begin: Instant::now(), files: u64::try_from(files).unwrap_or_default(), done: 0, bar: None }
    }

    /// One file is done.
    pub(crate) fn advance(&mut self) {
        self.done += 1;
        match &self.bar {
            Some(bar) => bar.set_position(self.done),
            None if self.begin.elapsed() > SHORT => self.bar = Some(self.bar()),
            None => {}
        }
    }

    fn bar(&self) -> ProgressBar {
        // Draws nothing where stderr is no terminal.
        let bar = ProgressBar::with_draw_target(Some(self.files), ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{pos} of {len} files [{bar:30}] {eta} left") {
            bar.set_style(style);
        }
        bar.set_position(self.done);
        bar
    }

    /// Prints something while the bar is out of the way.
    pub(crate) fn aside<R>(&self, print: impl FnOnce() -> R) -> R {
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    pub(crate) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Nothing, where there are no bars.
#[cfg(not(feature = "progress"))]
pub(crate) struct Progress;

#[cfg(not(feature = "progress"))]
impl Progress {
    pub(crate) fn new(_: usize) -> Self {
        Progress
    }

    pub(crate) fn advance(&mut self) {}

    pub(crate) fn aside<R>(&self, print: impl FnOnce() -> R) -> R {
        print()
    }

    pub(crate) fn end(&self) {}
}
