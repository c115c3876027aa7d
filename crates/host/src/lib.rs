//! Runs `transom.wasm`: load it once, ask it from any thread, trust it with nothing.
//!
//! ```no_run
//! let host = transom_host::Host::from_file("dist/transom.wasm")?;
//! let decision = host.evaluate(r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"}}"#)?;
//! assert!(decision.starts_with(r#"{"apiVersion":"transom.dev/v1","kind":"Decision""#));
//! # Ok::<(), transom_host::Error>(())
//! ```
//!
//! Any module of transom's raw ABI 1 will do. Input and answers are JSON; what they
//! mean is the business of the module, this crate moves them in and out.
//!
//! # Fresh or kept
//!
//! [`Host::evaluate`] and [`Host::review`] run each request in an instance of its
//! own, which begins with the memory image of the module and is thrown away
//! afterwards: nothing of one request can reach another. The instances come from
//! a pool and the image is mapped copy-on-write, so this costs microseconds. For
//! that to be true of a memory that grows, too, each begins with a mebibyte more
//! than the module asks for, which `memory.grow` hands out first.
//! [`Host::session`] keeps one instance for many requests, for those who count
//! these microseconds and have one tenant.
//!
//! # Limits
//!
//! | limit | default | past it |
//! |---|---|---|
//! | [`timeout`](Builder::timeout): waiting for an instance, starting and running it | 2 s | [`Kind::NoInstance`], [`Kind::Timeout`] |
//! | [`memory_limit`](Builder::memory_limit) of each instance | 256 MiB | [`Kind::OutOfMemory`], [`Kind::InputTooLarge`] |
//! | [`max_instances`](Builder::max_instances) at once, kept ones included | 64 | waits as long as the time limit |
//!
//! Calls block their thread. An async server calls from a blocking thread
//! (`tokio::task::spawn_blocking`); the thread needs 512 KiB of stack to spare.
//!
//! # Settings
//!
//! [`Builder::settings`] and [`Host::configure`] take the settings document as
//! JSON. The module checks it; mistakes come back as a list and the old settings
//! stay in force. New settings count for every request that begins after
//! `configure` returned, in kept instances too. A request that carries its own
//! `settings` is judged by those. A fresh instance is not configured again: it is
//! given what `configure` left behind in another one, which is a copy of some pages.
//!
//! ```
//! # let module = wat::parse_file("tests/modules/answers.wat")?;
//! # let host = transom_host::Host::from_bytes(&module)?;
//! host.configure(r#"{"platform":"aks"}"#)?;
//! let error = host.configure(r#"!"#).unwrap_err();
//! assert_eq!(error.mistakes()[0].path, "/platform");
//! assert_eq!(host.settings().as_deref(), Some(r#"{"platform":"aks"}"#));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # A module that misbehaves
//!
//! Whatever the module does, this crate answers with a typed [`Error`] and the
//! next request is not affected: traps, endless loops, memory hunger, answers
//! that point outside the memory or are not UTF-8. It forbids unsafe code.
//! A module with an import is refused when it is loaded, so it can reach nothing.

#![forbid(unsafe_code)]

mod error;
mod instance;
mod module;
mod rewrite;
mod session;
mod slots;
mod snapshot;
mod state;
mod ticker;

use std::{
    fmt,
    path::Path,
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};

pub use error::{Error, Kind, Mistake};
pub use session::Session;

use instance::{Function, Instance};
use module::ModulePre;
use slots::Slots;
use snapshot::Snapshot;
use ticker::Ticker;

/// The version of the raw ABI that this host speaks.
pub const ABI: i32 = 1;

/// The settings (JSON) that were made part of a module by `transom bake`; `None` where there are none.
#[must_use]
pub fn baked_settings(wasm: &[u8]) -> Option<&str> {
    wasmparser::Parser::new(0).parse_all(wasm).find_map(|payload| match payload.ok()? {
        wasmparser::Payload::CustomSection(section) if section.name() == transom_bake::SETTINGS => {
            std::str::from_utf8(section.data()).ok()
        }
        _ => None,
    })
}

/// A loaded module, ready to answer from any thread. Clones are cheap and share everything.
///
/// The clock thread and the instances' address space go when the last clone
/// and the last [`Session`] are dropped.
#[derive(Clone)]
pub struct Host {
    inner: Arc<Inner>,
    limits: Limits,
}

/// Limits and settings for a [`Host`]; made by [`Host::builder`].
#[derive(Clone, Debug)]
pub struct Builder {
    limits: Limits,
    settings: Option<String>,
}

struct Inner {
    module: ModulePre,
    slots: Slots,
    ticker: Ticker,
    settings: RwLock<Option<Arc<Settings>>>,
    /// The instance that the last settings were tried in. It is kept so that its place in the pool
    /// is not used again: a snapshot reads the whole memory, and putting back a place of which every
    /// page was once looked at costs each later request some 7 µs (Linux 6.18, PAGEMAP_SCAN).
    learner: Mutex<Option<Instance>>,
}

/// Settings that the module has taken.
struct Settings {
    json: Arc<str>,
    snapshot: Option<Snapshot>,
}

#[derive(Clone, Copy, Debug)]
struct Limits {
    memory: usize,
    timeout: Duration,
    instances: u32,
    /// How often the clock counts.
    tick: Duration,
}

impl Limits {
    fn new(memory: usize, timeout: Duration, instances: u32) -> Self {
        Self { memory, timeout, instances, tick: Self::tick(timeout) }
    }

    /// How often the clock counts where this is the time limit.
    fn tick(timeout: Duration) -> Duration {
        (timeout / 10).clamp(Duration::from_millis(1), Duration::from_millis(10))
    }

    /// Ticks that take at least the time limit less what is already spent. The
    /// first may come at once, hence one more.
    fn ticks(&self, spent: Duration) -> u64 {
        let left = self.timeout.saturating_sub(spent).as_nanos();
        let ticks = left.div_ceil(self.tick.as_nanos()) + 1;
        // The engine adds this to its count of ticks so far, which must not overflow.
        u64::try_from(ticks).unwrap_or(u64::MAX).min(u64::MAX >> 1)
    }
}

impl Builder {
    /// The most linear memory, in bytes, that one instance may have; 256 MiB
    /// if not set, 4 GiB at most.
    #[must_use]
    pub fn memory_limit(mut self, bytes: usize) -> Self {
        self.limits.memory = bytes;
        self
    }

    /// The longest that one request may take, including the wait for a free
    /// instance; 2 s if not set. Kept to within a tick of 1 to 10 ms.
    #[must_use]
    pub fn timeout(mut self, limit: Duration) -> Self {
        (self.limits.timeout, self.limits.tick) = (limit, Limits::tick(limit));
        self
    }

    /// How many instances may exist at once, kept ones included; 64 if not set,
    /// and at least one. Each takes 4 GiB of address space, but only the memory that it uses.
    #[must_use]
    pub fn max_instances(mut self, count: u32) -> Self {
        self.limits.instances = count.max(1);
        self
    }

    /// The settings to begin with, as JSON.
    #[must_use]
    pub fn settings(mut self, json: &str) -> Self {
        self.settings = Some(json.to_owned());
        self
    }

    /// Compiles the module, checks that it is one of raw ABI 1, and gives it the settings.
    ///
    /// # Errors
    ///
    /// The load errors ([`Error::is_load`]), [`Kind::OutOfMemory`] where the
    /// module needs more than the limit to start, [`Kind::Settings`], and any
    /// failure of the module's start function, `transom_abi` or `configure`.
    pub fn from_bytes(&self, wasm: &[u8]) -> Result<Host, Error> {
        let limits = self.limits;
        let engine = module::engine(&limits)?;
        let (module, state) = module::compile(&engine, wasm, limits.memory)?;
        let ticker = Ticker::start(engine, limits.tick)?;
        let module = ModulePre::new(&module, state, &limits, |pre, abi| {
            let _running = ticker.running();
            instance::ask_abi(pre, abi, &limits)
        })?;
        let host = Host {
            inner: Arc::new(Inner {
                module,
                slots: Slots::new(limits.instances),
                ticker,
                settings: RwLock::new(None),
                learner: Mutex::new(None),
            }),
            limits,
        };
        if let Some(settings) = &self.settings {
            host.configure(settings)?;
        }
        Ok(host)
    }

    /// Reads the module from a file, then as [`from_bytes`](Self::from_bytes).
    ///
    /// # Errors
    ///
    /// [`Kind::File`] if it cannot be read, and those of [`from_bytes`](Self::from_bytes).
    /// The texts begin with the path.
    pub fn from_file(&self, path: impl AsRef<Path>) -> Result<Host, Error> {
        let path = path.as_ref();
        std::fs::read(path)
            .map_err(|error| error::Cause::File(error).into())
            .and_then(|wasm| self.from_bytes(&wasm))
            .map_err(|error: Error| error.in_file(path.to_owned()))
    }
}

impl Host {
    /// A host with other limits than the usual ones, or with settings.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # let module = wat::parse_file("tests/modules/answers.wat")?;
    /// let host = transom_host::Host::builder()
    ///     .memory_limit(64 << 20)
    ///     .timeout(Duration::from_millis(500))
    ///     .max_instances(8)
    ///     .settings(r#"{"platform":"eks"}"#)
    ///     .from_bytes(&module)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn builder() -> Builder {
        Builder { limits: Limits::new(256 << 20, Duration::from_secs(2), 64), settings: None }
    }

    /// Loads a module with the usual limits and no settings.
    ///
    /// # Errors
    ///
    /// As for [`Builder::from_bytes`].
    pub fn from_bytes(wasm: &[u8]) -> Result<Self, Error> {
        Self::builder().from_bytes(wasm)
    }

    /// Loads a module from a file with the usual limits and no settings.
    ///
    /// # Errors
    ///
    /// As for [`Builder::from_file`].
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, Error> {
        Self::builder().from_file(path)
    }

    /// Judges one object or request in a fresh instance. The answer is a Decision as JSON.
    ///
    /// # Errors
    ///
    /// The limits ([`Error::is_limit`]) and the module's faults ([`Error::is_module_fault`]).
    /// A request that the module cannot make sense of is no error: it gets a Decision.
    ///
    /// ```
    /// # let module = wat::parse_file("tests/modules/answers.wat")?;
    /// # let host = transom_host::Host::from_bytes(&module)?;
    /// let decision = host.evaluate(r#"{"apiVersion":"v1","kind":"Pod"}"#)?;
    /// # assert!(decision.contains("Pod"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn evaluate(&self, input: impl AsRef<[u8]>) -> Result<String, Error> {
        self.inner.call(&self.limits, Function::Evaluate, input.as_ref())
    }

    /// Answers an AdmissionReview with an AdmissionReview, in a fresh instance.
    ///
    /// # Errors
    ///
    /// As for [`evaluate`](Self::evaluate).
    pub fn review(&self, input: impl AsRef<[u8]>) -> Result<String, Error> {
        self.inner.call(&self.limits, Function::Review, input.as_ref())
    }

    /// Replaces the settings, for all clones of this host and its sessions. Needs no free instance.
    ///
    /// # Errors
    ///
    /// [`Kind::Settings`] with every mistake in [`Error::mistakes`], and those of
    /// [`evaluate`](Self::evaluate). After an error the old settings stay in force.
    pub fn configure(&self, json: &str) -> Result<(), Error> {
        let inner = &*self.inner;
        let _running = inner.ticker.running();
        let mut learner = inner.learner.lock().unwrap_or_else(PoisonError::into_inner);
        // The old one first: there is one extra place.
        *learner = None;
        let snapshot = learner.insert(Instance::extra(inner, &self.limits)?).learn(inner, json)?;
        let settings = Settings { json: json.into(), snapshot };
        *inner.settings.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(settings));
        Ok(())
    }

    /// The settings in force, as they were given; `None` if there never were any but those that the module
    /// may have been made with ([`baked_settings`]).
    pub fn settings(&self) -> Option<Arc<str>> {
        self.inner.settings().map(|settings| Arc::clone(&settings.json))
    }

    /// This host with a shorter time limit: for a thread that must not be held up, and that can ask again
    /// with more time after a [`Kind::Timeout`]. Everything else is shared.
    ///
    /// ```
    /// # let module = wat::parse_file("tests/modules/answers.wat")?;
    /// # let host = transom_host::Host::from_bytes(&module)?;
    /// let hasty = host.within(std::time::Duration::from_millis(20));
    /// assert!(hasty.evaluate("@").is_err_and(|error| error.kind() == transom_host::Kind::Timeout));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn within(&self, limit: Duration) -> Self {
        let limits = Limits { timeout: self.limits.timeout.min(limit), ..self.limits };
        Self { inner: Arc::clone(&self.inner), limits }
    }

    /// An instance to keep and ask many times.
    ///
    /// # Errors
    ///
    /// [`Kind::NoInstance`] if none is free, and whatever a module does wrong when it starts.
    pub fn session(&self) -> Result<Session, Error> {
        Session::new(self.clone())
    }
}

impl Inner {
    fn settings(&self) -> Option<Arc<Settings>> {
        self.settings.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn call(&self, limits: &Limits, function: Function, input: &[u8]) -> Result<String, Error> {
        let _running = self.ticker.running();
        let mut instance = self.configured(limits, self.settings().as_deref())?;
        // The answer is not given back: the instance goes, and its memory with it.
        let (answer, _) = instance.call(self, function, input)?;
        Ok(answer)
    }

    /// A fresh instance that knows the settings.
    fn configured(&self, limits: &Limits, settings: Option<&Settings>) -> Result<Instance, Error> {
        let mut instance = Instance::new(self, limits)?;
        match settings {
            None => {}
            Some(Settings { snapshot: Some(snapshot), .. }) => instance.restore(self, snapshot)?,
            Some(Settings { json, .. }) => instance.configure(self, json)?,
        }
        Ok(instance)
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host").field("limits", &self.limits).field("settings", &self.settings()).finish_non_exhaustive()
    }
}
