//! Who judges: the rules built in, or a WebAssembly module. Both are asked in the same way.

use std::cell::Cell;
use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use transom::{Mistake, Transom};
use transom_host::{Host, Session};

use crate::memory;
use crate::settings::Settings;

/// What is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// A Decision.
    Evaluate,
    /// An AdmissionReview that judges and changes nothing.
    Validate,
    /// An AdmissionReview that mends what can be mended safely.
    Mutate,
}

/// Judges, from any thread.
pub trait Engine: Send + Sync {
    /// Answers one input of the core with a Decision or an AdmissionReview, all JSON.
    ///
    /// # Errors
    ///
    /// Where there is no answer.
    fn answer(&self, ask: Ask, input: &str) -> Result<String, Failure>;

    /// The same for a thread that must not be held up: within [`AT_ONCE`], or not at all. Nobody is told of
    /// a failure here; whoever gets one, or nothing, asks again where there is time.
    fn answer_at_once(&self, _ask: Ask, _input: &str) -> Option<Result<String, Failure>> {
        None
    }
}

/// What a thread that serves connections can spare for one request. Judging a pod takes far less.
const AT_ONCE: Duration = Duration::from_millis(20);

/// What is longer takes too long for such a thread, in bytes.
pub const SHORT: usize = 64 << 10;

/// For so many requests after a failure no such thread is risked again.
const CAREFUL: u32 = 1_000;

/// The most arrays and objects that the rules built in are given: each may take more than a kilobyte.
const PARTS: usize = 128 << 10;

/// Why there is no answer.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{text}")]
pub struct Failure {
    /// One word for metrics.
    pub kind: &'static str,
    /// What happened.
    pub text: String,
}

/// All the words for failures.
pub const KINDS: [&str; 10] =
    ["answer", "busy", "invalid", "memory", "panic", "slow-client", "timeout", "too-large", "trap", "unauthorized"];

impl Failure {
    /// A failure of this kind, one of [`KINDS`].
    pub fn new(kind: &'static str, text: impl Into<String>) -> Self {
        Failure { kind, text: text.into() }
    }

    /// That something is not what an endpoint takes. What an error quotes of it may be a secret, and long.
    pub fn invalid(error: impl fmt::Display) -> Self {
        let mut text = error.to_string();
        let quoted = text.find(": string \"").map(|at| at + ": string".len());
        if let (Some(start), Some(end)) = (quoted, text.rfind("\", expected").map(|at| at + 1))
            && start < end
        {
            text.replace_range(start..end, "");
        }
        Failure::new("invalid", text)
    }
}

/// Where the module comes from.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its bytes; `None` for the rules built in.
    pub module: Option<Vec<u8>>,
    /// Keep instances.
    pub keep: bool,
    /// The limit of each call.
    pub timeout: Duration,
    /// Calls at once.
    pub concurrent: u32,
}

/// Something that judges, and has been tried.
pub struct Loaded {
    engine: Box<dyn Engine>,
    /// What it is.
    pub about: About,
    /// Whether whoever asks for fixes gets them.
    leaves_fixes: bool,
    /// How many requests are to be judged on threads of their own, because one has failed.
    careful: AtomicU32,
}

/// What judges, as one request asks it.
pub struct Judge<'a> {
    loaded: &'a Loaded,
    at_once: bool,
    has_failed: Cell<bool>,
}

/// What judges, for logs and metrics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// `built-in` or `module`
    pub engine: &'static str,
    /// Its version.
    pub version: String,
    /// SHA-256 of the module in hexadecimal digits; empty for the rules built in.
    pub module: String,
    /// SHA-256 of the settings file, or of the settings in the module, in hexadecimal digits.
    pub settings: String,
}

/// A module, compiled, that awaits settings.
pub enum Prepared {
    /// The rules built in.
    BuiltIn,
    /// A module; once for what `/mutate` asks and once for everything else, which have settings of
    /// their own.
    Module {
        /// For `/mutate`.
        mutating: Host,
        /// For everything else.
        judging: Host,
        /// SHA-256 of its bytes.
        sha256: String,
        /// The settings that it was made with.
        baked: Option<String>,
        /// Keep instances.
        keep: bool,
    },
}

impl Prepared {
    /// Loads a module.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn new(source: &Source) -> Result<Self, String> {
        let Some(module) = &source.module else { return Ok(Prepared::BuiltIn) };
        let builder =
            Host::builder().timeout(source.timeout).max_instances(source.concurrent).memory_limit(memory::OF_INSTANCE);
        let load = || builder.from_bytes(module).map_err(|error| error.to_string());
        let baked = transom_host::baked_settings(module).map(str::to_owned);
        Ok(Prepared::Module { mutating: load()?, judging: load()?, sha256: sha256(module), baked, keep: source.keep })
    }

    /// Gives it settings, and tries it. Where there are none, those hold that the module was made with.
    ///
    /// # Errors
    ///
    /// What is wrong with the settings, or that the module does not answer as it should.
    pub fn with(&self, settings: &Settings, exempt: &[String]) -> Result<Loaded, Refusal> {
        let of_module;
        let settings = match self {
            Prepared::Module { baked: Some(baked), .. } if settings.is_none() => {
                of_module = Settings::of_module(baked).map_err(Refusal::Module)?;
                &of_module
            }
            _ => settings,
        };
        let (for_mutating, for_judging) = (settings.for_mutating(exempt), settings.for_judging(exempt));
        let refused = |mistakes: &[Mistake]| Refusal::Settings(settings.describe(mistakes));
        let (engine, module): (Box<dyn Engine>, _) = match self {
            Prepared::BuiltIn => {
                let configured = |settings: &str| {
                    let mut transom = Transom::new();
                    let mistakes = transom.configure(settings.as_bytes()).err().unwrap_or_default();
                    if mistakes.is_empty() { Ok(transom) } else { Err(refused(&mistakes)) }
                };
                (Box::new(BuiltIn { mutating: configured(&for_mutating)?, judging: configured(&for_judging)? }), "")
            }
            Prepared::Module { mutating, judging, sha256, keep, .. } => {
                let configure = |host: &Host, settings: &str| {
                    host.configure(settings).map_err(|error| match error.mistakes() {
                        [] => Refusal::Module(error.to_string()),
                        mistakes => refused(&mistakes.iter().map(of_host).collect::<Vec<_>>()),
                    })
                };
                configure(mutating, &for_mutating)?;
                configure(judging, &for_judging)?;
                let (mutating, judging) = (mutating.clone(), judging.clone());
                let engine: Box<dyn Engine> =
                    if *keep { Box::new(Kept::new(mutating, judging)) } else { Box::new(Fresh { mutating, judging }) };
                (engine, sha256.as_str())
            }
        };
        let version = try_out(&*engine).map_err(Refusal::Module)?;
        let about = About {
            engine: if module.is_empty() { "built-in" } else { "module" },
            version,
            module: module.to_owned(),
            settings: sha256(settings.text().as_bytes()),
        };
        Ok(Loaded { engine, about, leaves_fixes: settings.leaves_fixes(), careful: AtomicU32::new(0) })
    }
}

/// A mistake as a module tells it.
fn of_host(mistake: &transom_host::Mistake) -> Mistake {
    Mistake { path: mistake.path.clone(), message: mistake.message.clone() }
}

/// Why settings or a module were not taken.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The settings are wrong.
    #[error("{0}")]
    Settings(String),
    /// The module does not do what a module does.
    #[error("{0}")]
    Module(String),
}

impl Loaded {
    /// An engine of another make.
    pub fn custom(engine: Box<dyn Engine>) -> Self {
        let about = About { engine: "custom", version: String::new(), module: String::new(), settings: String::new() };
        Loaded { engine, about, leaves_fixes: true, careful: AtomicU32::new(0) }
    }

    /// Does work that asks it, on a thread that must not be held up. `None`: that did not go well, and the
    /// work is to be done anew by [`Loaded::with_time`].
    pub fn at_once<T>(&self, work: impl Fn(&Judge<'_>) -> T) -> Option<T> {
        if self.careful.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1)).is_ok() {
            return None;
        }
        let judge = Judge { loaded: self, at_once: true, has_failed: Cell::new(false) };
        // What panics here panics there again, and is reported.
        let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(&judge))).ok();
        if done.is_none() || judge.has_failed.get() {
            self.careful.store(CAREFUL, Relaxed);
            return None;
        }
        done
    }

    /// Does work that asks it, within the limits.
    pub fn with_time<T>(&self, work: impl Fn(&Judge<'_>) -> T) -> T {
        work(&Judge { loaded: self, at_once: false, has_failed: Cell::new(false) })
    }

    /// Answers one input.
    ///
    /// # Errors
    ///
    /// Where there is no answer.
    pub fn answer(&self, ask: Ask, input: &str) -> Result<String, Failure> {
        self.engine.answer(ask, input)
    }
}

impl Judge<'_> {
    /// Whether whoever asks for fixes gets them, by the settings in force.
    pub fn leaves_fixes(&self) -> bool {
        self.loaded.leaves_fixes
    }

    /// Answers one input.
    ///
    /// # Errors
    ///
    /// Where there is no answer.
    pub fn answer(&self, ask: Ask, input: &str) -> Result<String, Failure> {
        if !self.at_once {
            return self.loaded.engine.answer(ask, input);
        }
        let later = || Err(Failure::new("timeout", "it takes too long for this thread"));
        // What the cluster has to say of it may be long, too.
        let is_short = input.len() <= 4 * SHORT;
        let at_once = || self.loaded.engine.answer_at_once(ask, input).unwrap_or_else(later);
        let answer = if is_short { at_once() } else { later() };
        self.has_failed.set(answer.is_err());
        answer
    }
}

/// The rules built in.
struct BuiltIn {
    mutating: Transom,
    judging: Transom,
}

impl Engine for BuiltIn {
    fn answer(&self, ask: Ask, input: &str) -> Result<String, Failure> {
        if input.len() > SHORT && parts(input) > PARTS {
            let text =
                format!("it has more than {PARTS} arrays and objects in it, which take too much memory to judge");
            return Err(Failure::new("memory", text));
        }
        Ok(match ask {
            Ask::Evaluate => self.judging.evaluate(input.as_bytes()),
            Ask::Validate => self.judging.review(input.as_bytes()),
            Ask::Mutate => self.mutating.review(input.as_bytes()),
        })
    }

    fn answer_at_once(&self, ask: Ask, input: &str) -> Option<Result<String, Failure>> {
        Some(self.answer(ask, input))
    }
}

/// How many arrays and objects a JSON text has in it, but for those that are nested deeper than anything is read.
fn parts(text: &str) -> usize {
    const DEEPEST: usize = 128;
    let (mut parts, mut depth, mut bytes) = (0, 0_usize, text.bytes());
    while let Some(byte) = bytes.next() {
        match byte {
            b'{' | b'[' => {
                depth += 1;
                parts += usize::from(depth <= DEEPEST);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => while bytes.next().is_some_and(|byte| byte != b'"' && (byte != b'\\' || bytes.next().is_some())) {},
            _ => {}
        }
    }
    parts
}

/// A module with a fresh instance for each request.
struct Fresh {
    mutating: Host,
    judging: Host,
}

impl Engine for Fresh {
    fn answer(&self, ask: Ask, input: &str) -> Result<String, Failure> {
        ask_fresh(if ask == Ask::Mutate { &self.mutating } else { &self.judging }, ask, input)
    }

    fn answer_at_once(&self, ask: Ask, input: &str) -> Option<Result<String, Failure>> {
        let host = if ask == Ask::Mutate { &self.mutating } else { &self.judging };
        Some(ask_fresh(&host.within(AT_ONCE), ask, input))
    }
}

fn ask_fresh(host: &Host, ask: Ask, input: &str) -> Result<String, Failure> {
    let answer = if ask == Ask::Evaluate { host.evaluate(input) } else { host.review(input) };
    answer.map_err(|error| failure(&error))
}

/// A module whose instances are kept.
struct Kept {
    mutating: Instances,
    judging: Instances,
}

/// Instances that wait for a request. There are never more than requests at once.
struct Instances {
    host: Host,
    idle: Mutex<Vec<Session>>,
}

impl Kept {
    fn new(mutating: Host, judging: Host) -> Self {
        let instances = |host| Instances { host, idle: Mutex::default() };
        Kept { mutating: instances(mutating), judging: instances(judging) }
    }

    fn answer_within(&self, limit: Duration, ask: Ask, input: &str) -> Result<String, Failure> {
        let instances = if ask == Ask::Mutate { &self.mutating } else { &self.judging };
        let idle = || instances.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = idle().pop();
        let mut session = waiting.map_or_else(|| instances.host.session(), Ok).map_err(|error| failure(&error))?;
        session.limit_time(limit);
        let answer = if ask == Ask::Evaluate { session.evaluate(input) } else { session.review(input) };
        idle().push(session);
        answer.map_err(|error| failure(&error))
    }
}

impl Engine for Kept {
    fn answer(&self, ask: Ask, input: &str) -> Result<String, Failure> {
        self.answer_within(Duration::MAX, ask, input)
    }

    fn answer_at_once(&self, ask: Ask, input: &str) -> Option<Result<String, Failure>> {
        Some(self.answer_within(AT_ONCE, ask, input))
    }
}

fn failure(error: &transom_host::Error) -> Failure {
    use transom_host::Kind;
    let kind = match error.kind() {
        Kind::Timeout => "timeout",
        Kind::OutOfMemory | Kind::InputTooLarge => "memory",
        Kind::NoInstance => "busy",
        Kind::Trap => "trap",
        _ => "answer",
    };
    Failure::new(kind, error.to_string())
}

/// A request that everything that judges can answer.
const TRIAL: &str = r#"{"now":"2026-01-01","request":{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{
"uid":"trial","operation":"CREATE","namespace":"default","object":{"apiVersion":"v1","kind":"Pod",
"metadata":{"name":"trial","namespace":"default"},"spec":{"containers":[{"name":"trial","image":"trial"}]}}}}}"#;

/// Whether it gives the answers that the contract says; its version.
fn try_out(engine: &dyn Engine) -> Result<String, String> {
    #[derive(Deserialize)]
    struct Decision {
        kind: String,
        module: Option<Module>,
    }
    #[derive(Deserialize)]
    struct Module {
        version: String,
    }
    let wrong = |what: &str, error: &dyn std::fmt::Display| format!("a trial request got no {what}: {error}");
    let decision = engine.answer(Ask::Evaluate, TRIAL).map_err(|error| wrong("Decision", &error))?;
    let decision: Decision = serde_json::from_str(&decision).map_err(|error| wrong("Decision", &error))?;
    if decision.kind != "Decision" {
        return Err(wrong("Decision", &format!("its kind is {}", decision.kind)));
    }
    for ask in [Ask::Validate, Ask::Mutate] {
        let review = engine.answer(ask, TRIAL).map_err(|error| wrong("AdmissionReview", &error))?;
        let review = crate::endpoint::Reviewed::read(&review).map_err(|error| wrong("AdmissionReview", &error))?;
        if review.uid() != "trial" {
            return Err(wrong("AdmissionReview", &"its uid is another one"));
        }
    }
    Ok(decision.module.map(|module| module.version).unwrap_or_default())
}

/// The module to load where none is named: one beside this program.
pub fn beside_program() -> Option<PathBuf> {
    // Without /proc there is still the path that it was called by.
    let program = std::env::current_exe().ok().or_else(|| Some(PathBuf::from(std::env::args_os().next()?)))?;
    Some(program.parent()?.join("transom.wasm")).filter(|path| path.is_file())
}

/// SHA-256 in hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_counted_where_they_are_read() {
        assert_eq!(parts(r#"{"a": [1, {}], "b": "[{\\\"[{", "c": []}"#), 4);
        assert_eq!(parts(&"[".repeat(1_000)), 128);
        assert_eq!(parts("\"["), 0);
    }

    #[test]
    fn what_is_quoted_is_not_passed_on() {
        let error = serde_json::from_str::<std::collections::BTreeMap<String, u8>>(r#""the \", expected secret""#);
        let failure = Failure::invalid(error.expect_err("a text"));
        assert_eq!(failure.text, "invalid type: string, expected a map at line 1 column 25");
    }
}
