//! The two output streams. What is written to them is styled; where colours are not wanted, or the
//! stream is no terminal, the styles are taken out.

use std::borrow::Cow;
use std::fs;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::sync::OnceLock;

use anstream::{AutoStream, ColorChoice, adapter::strip_str};

use crate::source;

/// stdout and stderr.
pub(crate) struct Terminal {
    stdout: AutoStream<io::Stdout>,
    stderr: AutoStream<io::Stderr>,
}

impl Terminal {
    pub(crate) fn new() -> Self {
        Terminal { stdout: AutoStream::auto(io::stdout()), stderr: AutoStream::auto(io::stderr()) }
    }

    /// Writes styled text to stdout.
    pub(crate) fn out(&mut self, text: &str) -> io::Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        let result = if self.is_colored() {
            self.stdout.write_all(text.as_bytes())
        } else {
            // In one piece: the stream itself would write every line on its own.
            io::stdout().write_all(plain(text).as_bytes())
        };
        settle("stdout", result)
    }

    /// Writes text to stdout byte for byte.
    pub(crate) fn out_raw(&mut self, text: &str) -> io::Result<()> {
        self.out_bytes(text.as_bytes())
    }

    /// Writes what may be no text to stdout.
    pub(crate) fn out_bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        settle("stdout", io::stdout().write_all(bytes))
    }

    /// Writes styled text to stderr.
    pub(crate) fn err(&mut self, text: &str) -> io::Result<()> {
        settle("stderr", self.stderr.write_all(text.as_bytes()))
    }

    /// To be called last: what is still held back is written.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        settle("stdout", io::stdout().flush())
    }

    /// Whether styles reach the reader of stdout.
    pub(crate) fn is_colored(&self) -> bool {
        self.stdout.current_choice() != ColorChoice::Never
    }
}

/// Text without styles.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    let is_control = |byte: u8| byte.is_ascii_control() && !matches!(byte, b'\n' | b'\t' | b'\r');
    if text.bytes().any(is_control) { strip_str(text).to_string().into() } else { text.into() }
}

/// Whether styles reach any reader.
pub(crate) fn has_styles() -> bool {
    static HAS_STYLES: OnceLock<bool> = OnceLock::new();
    let is_styled = |choice| choice != ColorChoice::Never;
    *HAS_STYLES
        .get_or_init(|| is_styled(AutoStream::choice(&io::stdout())) || is_styled(AutoStream::choice(&io::stderr())))
}

/// Columns that stdout has, where it is a terminal. A window may be resized at any time.
pub(crate) fn width() -> Option<usize> {
    static IS_TERMINAL: OnceLock<bool> = OnceLock::new();
    if !*IS_TERMINAL.get_or_init(|| io::stdout().is_terminal()) {
        return None;
    }
    // WASI does not say, nor do terminals that nobody looks at; the host does.
    let said = || std::env::var("COLUMNS").ok()?.parse().ok();
    let width = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)).or_else(said);
    Some(width.unwrap_or(WIDTH))
}

/// Columns of a terminal that does not say how many it has.
const WIDTH: usize = 80;

/// Whether stdout is a terminal that shows links.
pub(crate) fn has_links() -> bool {
    static HAS_LINKS: OnceLock<bool> = OnceLock::new();
    *HAS_LINKS.get_or_init(|| supports_hyperlinks::on(supports_hyperlinks::Stream::Stdout))
}

/// Something that is written, under its name.
pub(crate) struct Sink<W> {
    name: String,
    to: W,
}

impl<W: io::Write> Sink<W> {
    pub(crate) fn new(name: impl Into<String>, to: W) -> Self {
        Sink { name: name.into(), to }
    }
}

impl<W: io::Write> io::Write for Sink<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.to.write(bytes).or_else(|error| settle(&self.name, Err(error)).map(|()| bytes.len()))
    }

    fn flush(&mut self) -> io::Result<()> {
        settle(&self.name, self.to.flush())
    }
}

/// Writes a file.
pub(crate) fn write_file(path: &Path, bytes: impl AsRef<[u8]>) -> io::Result<()> {
    settle(&source::label(path), fs::write(path, bytes))
}

/// What it means that something was written or not. That the reader of a pipe has gone away, as `head` does, is no
/// failure: the rest is judged all the same, for what is found decides what the process ends with.
pub(crate) fn settle(name: &str, result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        // Whoever writes tries again.
        Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
        Err(error) => Err(io::Error::other(Unwritten { name: name.to_owned(), error })),
        Ok(()) => Ok(()),
    }
}

/// Why something could not be written.
#[derive(Debug)]
struct Unwritten {
    name: String,
    error: io::Error,
}

impl std::fmt::Display for Unwritten {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "cannot write {}: {}", self.name, source::why(&self.error))
    }
}

impl std::error::Error for Unwritten {}

/// Whether this is that something could not be written, be it stdout or a file.
pub(crate) fn is_unwritten(error: &anyhow::Error) -> bool {
    let of_system = |error: &io::Error| error.get_ref().is_some_and(|inner| inner.is::<Unwritten>());
    error.downcast_ref::<io::Error>().is_some_and(of_system)
}
