//! How many instances may exist at once, and waiting for one to become free.

use std::{
    sync::{Arc, Condvar, Mutex, PoisonError},
    time::{Duration, Instant},
};

use crate::error::{Cause, Error};

/// The places of the instance pool. Clones share them.
#[derive(Clone)]
pub(crate) struct Slots(Arc<Shared>);

struct Shared {
    total: u32,
    free: Mutex<u32>,
    freed: Condvar,
}

/// One place, given back when dropped.
pub(crate) struct Slot(Arc<Shared>);

impl Slots {
    pub(crate) fn new(total: u32) -> Self {
        Self(Arc::new(Shared { total, free: Mutex::new(total), freed: Condvar::new() }))
    }

    /// Takes a place, waiting up to `limit` for one. Returns how long it waited.
    pub(crate) fn take(&self, limit: Duration) -> Result<(Slot, Duration), Error> {
        let shared = &self.0;
        let mut free = shared.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut waited = Duration::ZERO;
        if *free == 0 {
            let since = Instant::now();
            (free, _) =
                shared.freed.wait_timeout_while(free, limit, |free| *free == 0).unwrap_or_else(PoisonError::into_inner);
            waited = since.elapsed();
        }
        let Some(left) = free.checked_sub(1) else {
            return Err(Cause::NoInstance { instances: shared.total, limit }.into());
        };
        *free = left;
        Ok((Slot(Arc::clone(shared)), waited))
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut free = self.0.free.lock().unwrap_or_else(PoisonError::into_inner);
        *free += 1;
        self.0.freed.notify_one();
    }
}
