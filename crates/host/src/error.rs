//! What can go wrong between the host and a module, in one opaque type.

use std::{fmt, path::PathBuf, time::Duration};

use serde::Deserialize;

/// Why a module was not loaded, or a request got no answer.
///
/// The text says what happened and what to do about it. Code that has to react
/// asks [`Error::kind`], or one of the predicates when only the group matters.
///
/// ```
/// use transom_host::{Host, Kind};
///
/// let error = Host::from_bytes(b"apiVersion: v1").unwrap_err();
/// assert_eq!(error.kind(), Kind::NotWasm);
/// assert!(error.is_load());
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    file: Option<PathBuf>,
    cause: Cause,
}

/// The kinds of [`Error`]. New ones may come, so a `match` needs a `_` arm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// The file could not be read.
    File,
    /// The bytes are no valid core WebAssembly module.
    NotWasm,
    /// The module is valid, but the engine does not run it (several memories, a huge table …).
    Unsupported,
    /// The module wants imports; raw ABI 1 has none.
    Imports,
    /// An export of the raw ABI is missing.
    MissingExport,
    /// An export of the raw ABI has another type.
    WrongExport,
    /// The module speaks another version of the raw ABI.
    WrongAbi,
    /// The module trapped.
    Trap,
    /// The module did not answer within the time limit.
    Timeout,
    /// The module wanted more memory than the memory limit.
    OutOfMemory,
    /// The input does not fit the memory limit, so the module was not called.
    InputTooLarge,
    /// The module pointed outside its own memory.
    ResultOutOfBounds,
    /// The module's answer is not UTF-8.
    ResultNotUtf8,
    /// The module's answer to `configure` is not the JSON that the ABI promises.
    ResultNotJson,
    /// All instances were busy for as long as the time limit.
    NoInstance,
    /// The module refused the settings; see [`Error::mistakes`].
    Settings,
    /// The engine itself failed: no address space for the pool, no thread for the clock …
    Engine,
}

/// One mistake in the settings.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Mistake {
    /// Where in the settings: a JSON Pointer (RFC 6901), empty for the whole document.
    pub path: String,
    /// What is wrong there.
    pub message: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            return f.write_str(&self.message);
        }
        write!(f, "{}: {}", self.path, self.message)
    }
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum Cause {
    #[error("cannot be read: {0}")]
    File(#[from] std::io::Error),
    #[error("not a core WebAssembly module: {0}; load `transom.wasm`, the artifact with the raw ABI")]
    NotWasm(String),
    #[error("a valid module that this host does not run: {0}; load `transom.wasm`, the artifact with the raw ABI")]
    Unsupported(String),
    #[error("the module imports {imports}, and raw ABI 1 has no imports; {hint}")]
    Imports { imports: String, hint: &'static str },
    #[error("the module does not export `{name}`; raw ABI 1 wants it as {want}")]
    MissingExport { name: &'static str, want: String },
    #[error("the module exports `{name}` as {got}; raw ABI 1 wants {want}")]
    WrongExport { name: &'static str, got: String, want: String },
    #[error("the module speaks raw ABI {got} and this host ABI {want}; use a module and a host of the same release", want = crate::ABI)]
    WrongAbi { got: i32 },
    #[error(
        "the module trapped in `{function}`: {text} ({code}); this is a defect of the module, please report it with the input"
    )]
    Trap { function: &'static str, code: String, text: String },
    #[error(
        "no answer from `{function}` within the time limit of {limit:?}; raise it with `timeout` if the input is expected to be this large"
    )]
    Timeout { function: &'static str, limit: Duration },
    #[error(
        "`{function}` needs more memory than the limit of {limit} bytes; raise it with `memory_limit`, or give a smaller input"
    )]
    OutOfMemory { function: &'static str, limit: usize },
    #[error(
        "the module needs {wanted} bytes of memory to start, and the limit is {limit}; raise it with `memory_limit`"
    )]
    TooSmall { wanted: u64, limit: usize },
    #[error(
        "the input has {len} bytes and does not fit the memory limit of {limit}; raise it with `memory_limit`, or give a smaller input"
    )]
    InputTooLarge { len: usize, limit: usize },
    #[error(
        "`{function}` answered with {len} bytes at {ptr}, outside the module's memory of {size} bytes; this is no module of raw ABI 1, or a defect of it"
    )]
    ResultOutOfBounds { function: &'static str, ptr: u32, len: u32, size: usize },
    #[error("the answer of `{function}` is not UTF-8: {source}; this is no module of raw ABI 1, or a defect of it")]
    ResultNotUtf8 { function: &'static str, source: std::str::Utf8Error },
    #[error(
        "the answer of `configure` is not `{{\"valid\", \"errors\"}}`: {0}; this is no module of raw ABI 1, or a defect of it"
    )]
    ResultNotJson(#[from] serde_json::Error),
    #[error(
        "none of the {instances} instances became free within the time limit of {limit:?}; raise `max_instances`, or send fewer requests at once"
    )]
    NoInstance { instances: u32, limit: Duration },
    #[error("the settings were refused and the old ones stay in force: {}", list(.0))]
    Settings(Vec<Mistake>),
    #[error("the WebAssembly engine failed: {0}; a smaller `max_instances` needs less address space")]
    Engine(String),
}

fn list(mistakes: &[Mistake]) -> String {
    let mistakes: Vec<String> = mistakes.iter().map(Mistake::to_string).collect();
    mistakes.join("; ")
}

impl Error {
    /// What kind of failure this is.
    pub fn kind(&self) -> Kind {
        match self.0.cause {
            Cause::File(_) => Kind::File,
            Cause::NotWasm(_) => Kind::NotWasm,
            Cause::Unsupported(_) => Kind::Unsupported,
            Cause::Imports { .. } => Kind::Imports,
            Cause::MissingExport { .. } => Kind::MissingExport,
            Cause::WrongExport { .. } => Kind::WrongExport,
            Cause::WrongAbi { .. } => Kind::WrongAbi,
            Cause::Trap { .. } => Kind::Trap,
            Cause::Timeout { .. } => Kind::Timeout,
            Cause::OutOfMemory { .. } | Cause::TooSmall { .. } => Kind::OutOfMemory,
            Cause::InputTooLarge { .. } => Kind::InputTooLarge,
            Cause::ResultOutOfBounds { .. } => Kind::ResultOutOfBounds,
            Cause::ResultNotUtf8 { .. } => Kind::ResultNotUtf8,
            Cause::ResultNotJson(_) => Kind::ResultNotJson,
            Cause::NoInstance { .. } => Kind::NoInstance,
            Cause::Settings(_) => Kind::Settings,
            Cause::Engine(_) => Kind::Engine,
        }
    }

    /// The file or its contents are no module that this host can run. Trying again does not help.
    pub fn is_load(&self) -> bool {
        matches!(
            self.kind(),
            Kind::File
                | Kind::NotWasm
                | Kind::Unsupported
                | Kind::Imports
                | Kind::MissingExport
                | Kind::WrongExport
                | Kind::WrongAbi
        )
    }

    /// A limit of this host was reached: time, memory, size of the input, number of instances.
    /// The module is sound; a higher limit or a smaller input helps.
    pub fn is_limit(&self) -> bool {
        matches!(self.kind(), Kind::Timeout | Kind::OutOfMemory | Kind::InputTooLarge | Kind::NoInstance)
    }

    /// The module broke its contract: it trapped, or answered with something that is no answer.
    pub fn is_module_fault(&self) -> bool {
        matches!(self.kind(), Kind::Trap | Kind::ResultOutOfBounds | Kind::ResultNotUtf8 | Kind::ResultNotJson)
    }

    /// The mistakes in the settings, where the module refused them; otherwise empty.
    pub fn mistakes(&self) -> &[Mistake] {
        match &self.0.cause {
            Cause::Settings(mistakes) => mistakes,
            _ => &[],
        }
    }

    /// The engine's name for the trap, such as `UnreachableCodeReached` or `StackOverflow`,
    /// where the module trapped.
    pub fn trap_code(&self) -> Option<&str> {
        match &self.0.cause {
            Cause::Trap { code, .. } => Some(code),
            _ => None,
        }
    }

    /// Names the file that the module came from.
    pub(crate) fn in_file(mut self, file: PathBuf) -> Self {
        self.0.file = Some(file);
        self
    }
}

/// Loading has checked every export, so this does not happen; it must not panic all the same.
pub(crate) fn unresolved() -> Error {
    Cause::Engine("an export that was there when the module was loaded is gone".into()).into()
}

/// The engine itself failed.
pub(crate) fn engine_error(error: wasmtime::Error) -> Error {
    Cause::Engine(one_line(&error)).into()
}

/// An error of the engine with its causes, in one line.
pub(crate) fn one_line(error: &wasmtime::Error) -> String {
    format!("{error:#}").lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

impl From<Cause> for Error {
    fn from(cause: Cause) -> Self {
        Self(Box::new(Inner { file: None, cause }))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.0.file {
            write!(f, "{}: ", file.display())?;
        }
        self.0.cause.fmt(f)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error").field("kind", &self.kind()).field("text", &self.to_string()).finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&self.0.cause)
    }
}
