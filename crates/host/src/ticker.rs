//! The clock of an engine: one thread that counts epochs while a call runs.
//!
//! An idle host costs nothing: the thread sleeps until a call begins.

use std::{
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    thread::{Builder, JoinHandle},
    time::Duration,
};

use wasmtime::Engine;

use crate::error::{Cause, Error};

/// Ends its thread when dropped.
pub(crate) struct Ticker {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    /// Calls that run now.
    running: AtomicUsize,
    /// The thread sleeps, or is about to look whether it may.
    asleep: AtomicBool,
    stop: Mutex<bool>,
    wake: Condvar,
}

/// While this lives, the clock runs.
pub(crate) struct Running<'a>(&'a Shared);

impl Ticker {
    pub(crate) fn start(engine: Engine, period: Duration) -> Result<Self, Error> {
        let shared = Arc::new(Shared {
            running: AtomicUsize::new(0),
            asleep: AtomicBool::new(false),
            stop: Mutex::new(false),
            wake: Condvar::new(),
        });
        let thread = Builder::new()
            .name("transom-clock".into())
            .spawn({
                let shared = Arc::clone(&shared);
                move || shared.run(&engine, period)
            })
            .map_err(|error| Cause::Engine(format!("no thread for the time limit: {error}")))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    pub(crate) fn running(&self) -> Running<'_> {
        let shared = &*self.shared;
        shared.running.fetch_add(1, SeqCst);
        // Only the first of the calls that find it asleep has to wake it.
        if shared.asleep.load(SeqCst) && shared.asleep.swap(false, SeqCst) {
            // The lock makes sure that the thread is not between its look and its sleep.
            let _stop = shared.stop.lock().unwrap_or_else(PoisonError::into_inner);
            shared.wake.notify_one();
        }
        Running(shared)
    }
}

impl Shared {
    fn run(&self, engine: &Engine, period: Duration) {
        let mut stop = self.stop.lock().unwrap_or_else(PoisonError::into_inner);
        while !*stop {
            self.asleep.store(true, SeqCst);
            if self.running.load(SeqCst) == 0 {
                stop = self.wake.wait(stop).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            self.asleep.store(false, SeqCst);
            (stop, _) =
                self.wake.wait_timeout_while(stop, period, |stop| !*stop).unwrap_or_else(PoisonError::into_inner);
            engine.increment_epoch();
        }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, SeqCst);
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        *self.shared.stop.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.shared.wake.notify_one();
        if let Some(thread) = self.thread.take() {
            // The thread has no way to panic, and there is nobody to tell if it did.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thread_ends_with_the_ticker() {
        let engine = Engine::default();
        let ticker = Ticker::start(engine, Duration::from_millis(1)).expect("a thread");
        let shared = Arc::clone(&ticker.shared);
        drop(ticker.running());
        drop(ticker);
        // The thread's share is gone, only this test's is left.
        assert_eq!(Arc::strong_count(&shared), 1);
    }

    #[test]
    fn a_call_wakes_the_clock_again_and_again() {
        let engine = Engine::default();
        let ticker = Ticker::start(engine, Duration::from_millis(1)).expect("a thread");
        for _ in 0..3 {
            while !ticker.shared.asleep.load(SeqCst) {
                std::thread::yield_now();
            }
            let running = ticker.running();
            while ticker.shared.asleep.load(SeqCst) {
                std::thread::yield_now();
            }
            drop(running);
        }
    }
}
