//! Where reports go: text to the terminal, formats for programs to stdout or files, several at once.

use std::env;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use transom_reports::{Format, Options, Piece, Tally, Writer};

use crate::args::Output;
use crate::terminal::{self, Terminal};

/// Variables that tell that a program reads along, set by the agents themselves or by convention.
/// <https://agents.md> has `AGENT`; `AI_AGENT` is Vercel's.
const AGENTS: &[&str] = &[
    "AGENT",
    "AI_AGENT",
    "AUGMENT_AGENT",
    "CLAUDECODE",
    "CLINE_ACTIVE",
    "CODEX_SANDBOX",
    "CODEX_THREAD_ID",
    "CURSOR_AGENT",
    "GEMINI_CLI",
    "GOOSE_TERMINAL",
    "OPENCODE",
    "QWEN_CODE",
];

/// What was asked for, or what the environment says suits it.
pub(crate) fn chosen(asked: &[Output], is_isolated: bool) -> Vec<Output> {
    if !asked.is_empty() {
        return asked.to_vec();
    }
    let is_set =
        |name: &&str| env::var_os(name).is_some_and(|value| !value.is_empty() && value != "0" && value != "false");
    let format = if is_isolated {
        None
    } else if is_set(&"GITHUB_ACTIONS") {
        Some(Format::Github)
    } else if AGENTS.iter().any(is_set) {
        Some(Format::Agent)
    } else {
        None
    };
    vec![Output { format, file: None }]
}

/// All that is written.
pub(crate) struct Outputs {
    /// Text for people: to the terminal, and to files without styles.
    to_terminal: bool,
    /// The terminal is stderr: stdout has something else.
    is_stderr: bool,
    texts: Vec<(PathBuf, BufWriter<File>)>,
    writers: Vec<(Option<PathBuf>, Format, Writer<Sink>)>,
}

type Sink = Box<dyn Write + Send>;

impl Outputs {
    /// Opens files and begins the reports. Without stdout text goes to stderr.
    pub(crate) fn open(outputs: &[Output], has_stdout: bool) -> anyhow::Result<Self> {
        if !has_stdout && outputs.iter().any(|output| output.file.is_none() && output.format.is_some()) {
            bail!("stdout has the fixed text: give the format a file, as in --output sarif=transom.sarif");
        }
        if outputs.iter().filter(|output| output.file.is_none()).count() > 1 {
            bail!("only one format can go to stdout: give the others a file, as in --output sarif=transom.sarif");
        }
        let mut all = Outputs { to_terminal: false, is_stderr: !has_stdout, texts: Vec::new(), writers: Vec::new() };
        for output in outputs {
            let file = output.file.as_deref().map(create).transpose()?;
            match (output.format, &output.file, file) {
                (None, Some(path), Some(file)) => all.texts.push((path.clone(), BufWriter::new(file))),
                (None, ..) => all.to_terminal = true,
                (Some(format), path, file) => {
                    let sink: Sink = match file {
                        Some(file) => Box::new(BufWriter::new(file)),
                        None => Box::new(io::stdout()),
                    };
                    all.writers.push((path.clone(), format, Writer::begin(format, sink)?));
                }
            }
        }
        Ok(all)
    }

    /// The formats for programs.
    pub(crate) fn formats(&self) -> Vec<Format> {
        self.writers.iter().map(|(_, format, _)| *format).collect()
    }

    /// Whether text for people goes anywhere.
    pub(crate) fn wants_text(&self) -> bool {
        self.to_terminal || !self.texts.is_empty()
    }

    /// Whether people read stdout.
    pub(crate) fn is_for_people(&self) -> bool {
        self.to_terminal
    }

    /// Adds text for people.
    pub(crate) fn text(&mut self, terminal: &mut Terminal, text: &str) -> io::Result<()> {
        for (_, file) in &mut self.texts {
            file.write_all(terminal::plain(text).as_bytes())?;
        }
        match (self.to_terminal, self.is_stderr) {
            (true, false) => terminal.out(text),
            (true, true) => terminal.err(text),
            (false, _) => Ok(()),
        }
    }

    /// Adds what each format for programs has to say, in the order of [`formats`](Outputs::formats).
    pub(crate) fn pieces(&mut self, pieces: Vec<Piece>) -> io::Result<()> {
        self.writers.iter_mut().zip(pieces).try_for_each(|((_, _, writer), piece)| writer.add(piece))
    }

    /// Ends the reports.
    pub(crate) fn end(self, tally: &Tally) -> anyhow::Result<()> {
        for (path, mut file) in self.texts {
            file.flush().with_context(|| format!("cannot write {}", path.display()))?;
        }
        for (path, _, writer) in self.writers {
            match path {
                Some(path) => drop(writer.end(tally).with_context(|| format!("cannot write {}", path.display()))?),
                None => drop(writer.end(tally)?),
            }
        }
        Ok(())
    }
}

fn create(path: &Path) -> anyhow::Result<File> {
    File::create(path).with_context(|| format!("cannot write {}", path.display()))
}

/// Which details the formats need.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) text: bool,
    pub(crate) formats: Vec<Format>,
    pub(crate) options: Options,
}

impl Wanted {
    pub(crate) fn edits(&self) -> bool {
        self.formats.contains(&Format::Sarif)
    }
}
