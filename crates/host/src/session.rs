//! A kept instance.

use std::{fmt, sync::Arc, time::Duration};

use crate::{
    Error, Host, Kind, Settings,
    error::unresolved,
    instance::{Function, Instance},
};

/// One instance that is kept and asked again and again: faster than a fresh
/// instance for each request, and for one thread at a time.
///
/// Made by [`Host::session`]. It gives the same answers as [`Host::evaluate`]
/// as long as the module keeps nothing of one request for the next; `transom.wasm`
/// does not. An instance that failed is thrown away and the next request gets
/// another, and so does the first request after [`Host::configure`]. It takes
/// one of the host's instances until it is dropped.
///
/// ```
/// # let module = wat::parse_file("tests/modules/answers.wat")?;
/// # let host = transom_host::Host::from_bytes(&module)?;
/// let mut session = host.session()?;
/// for request in [r#"{"kind":"Pod"}"#, r#"{"kind":"Service"}"#] {
///     println!("{}", session.evaluate(request)?);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Session {
    host: Host,
    /// The host's own time limit.
    longest: Duration,
    settings: Option<Arc<Settings>>,
    instance: Option<Instance>,
}

impl Session {
    pub(crate) fn new(host: Host) -> Result<Self, Error> {
        let longest = host.limits.timeout;
        let mut session = Self { host, longest, settings: None, instance: None };
        let host = session.host.clone();
        let _running = host.inner.ticker.running();
        session.prepare()?;
        Ok(session)
    }

    /// Judges one object or request, as [`Host::evaluate`] does.
    ///
    /// # Errors
    ///
    /// As for [`Host::evaluate`].
    pub fn evaluate(&mut self, input: impl AsRef<[u8]>) -> Result<String, Error> {
        self.call(Function::Evaluate, input.as_ref())
    }

    /// Answers an AdmissionReview, as [`Host::review`] does.
    ///
    /// # Errors
    ///
    /// As for [`Host::review`].
    pub fn review(&mut self, input: impl AsRef<[u8]>) -> Result<String, Error> {
        self.call(Function::Review, input.as_ref())
    }

    /// The time limit of each request from now on, where that is shorter than the host's.
    pub fn limit_time(&mut self, limit: Duration) {
        self.host.limits.timeout = limit.min(self.longest);
    }

    /// Bytes of linear memory that the kept instance holds; 0 while there is none.
    /// It grows with the largest request so far and never shrinks.
    pub fn memory_size(&mut self) -> usize {
        self.instance.as_mut().map_or(0, Instance::memory_size)
    }

    fn call(&mut self, function: Function, input: &[u8]) -> Result<String, Error> {
        let host = self.host.clone();
        let _running = host.inner.ticker.running();
        let used_before = self.prepare()?;
        match self.try_call(function, input) {
            // What earlier requests left behind must not decide whether this one fits.
            Err(error) if used_before && error.kind() == Kind::OutOfMemory => {
                self.prepare()?;
                self.try_call(function, input)
            }
            result => result,
        }
    }

    /// Sees to an instance with the settings of now; true if it had been there before.
    fn prepare(&mut self) -> Result<bool, Error> {
        let inner = &self.host.inner;
        let settings = inner.settings();
        let same = match (&self.settings, &settings) {
            (None, None) => true,
            (Some(old), Some(new)) => Arc::ptr_eq(old, new),
            _ => false,
        };
        if let Some(instance) = &mut self.instance
            && same
        {
            instance.restart_clock(&self.host.limits);
            return Ok(true);
        }
        // The old instance first: with a pool of one there is no second place.
        self.instance = None;
        self.instance = Some(inner.configured(&self.host.limits, settings.as_deref())?);
        self.settings = settings;
        Ok(false)
    }

    fn try_call(&mut self, function: Function, input: &[u8]) -> Result<String, Error> {
        let inner = &self.host.inner;
        // Out of the session while it runs, so that an error leaves none behind.
        let Some(mut instance) = self.instance.take() else {
            return Err(unresolved());
        };
        let (answer, place) = match instance.call(inner, function, input) {
            Ok(answered) => answered,
            Err(error) => {
                if error.kind() == Kind::InputTooLarge {
                    self.instance = Some(instance);
                }
                return Err(error);
            }
        };
        // An answer is an answer; a module that cannot take it back is replaced.
        if instance.give_back(inner, place).is_ok() {
            self.instance = Some(instance);
        }
        Ok(answer)
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}
