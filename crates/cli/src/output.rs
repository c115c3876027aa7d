//! Where reports go: text to the terminal, formats for programs to stdout or files, several at once.

use std::env;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use transom_manifests::Baseline;
use transom_reports::{FileReport, Format, Options, Piece, Tally, Writer};

use crate::args::{Output, Reporting};
use crate::source;
use crate::terminal::{self, Sink, Terminal};

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
    texts: Vec<Sink<BufWriter<File>>>,
    /// Those to files, and then the one to stdout.
    writers: Vec<(Format, Writer<Box<dyn Write + Send>>)>,
}

/// Variables that name the folder into which a CI has checked out a repository: of GitHub Actions and of GitLab.
const CHECKOUTS: &[&str] = &["GITHUB_WORKSPACE", "CI_PROJECT_DIR"];

/// The repository that a CI has checked out and that this folder is in.
pub(crate) fn repository() -> Option<PathBuf> {
    let here = source::real(Path::new("."));
    let named = CHECKOUTS.iter().filter_map(env::var_os).filter(|folder| !folder.is_empty());
    named.map(|folder| source::real(Path::new(&folder))).find(|folder| here.starts_with(folder))
}

/// Names of files that others are rendered from and that do not end as manifests do.
const TEMPLATES: &[&str] = &["tpl", "gotmpl", "j2", "jinja", "tmpl", "jsonnet", "libsonnet", "Kustomization"];

/// What reports will be written to, as it was before.
pub(crate) struct Opened {
    outputs: Vec<(Output, Option<File>)>,
    /// The files among them.
    pub(crate) files: Vec<PathBuf>,
    has_stdout: bool,
}

impl Opened {
    /// Opens what reports are written to, none of which is among what is `read`. `has_stdout`: nothing else is printed
    /// there.
    pub(crate) fn of(
        reporting: &Reporting,
        read: &[PathBuf],
        is_isolated: bool,
        has_stdout: bool,
    ) -> anyhow::Result<Self> {
        // The counts are text, whatever else the environment would like.
        let chosen = chosen(&reporting.output, is_isolated || reporting.statistics || !has_stdout);
        if reporting.statistics && chosen.iter().all(|output| output.format.is_some()) {
            bail!("--statistics are text: leave --output out, or add --output text");
        }
        Self::open(&chosen, read, has_stdout)
    }

    /// Opens files, none of which is one of those that are `read`. Without stdout text goes to stderr.
    pub(crate) fn open(outputs: &[Output], read: &[PathBuf], has_stdout: bool) -> anyhow::Result<Self> {
        if !has_stdout && outputs.iter().any(|output| output.file.is_none() && output.format.is_some()) {
            bail!("stdout has the fixed text: give the format a file, as in --output sarif=transom.sarif");
        }
        if outputs.iter().filter(|output| output.file.is_none()).count() > 1 {
            bail!("only one format can go to stdout: give the others a file, as in --output sarif=transom.sarif");
        }
        let mut files = Vec::new();
        for path in outputs.iter().filter_map(|output| output.file.as_deref()) {
            check(path, read)?;
            let Some(file) = place(path) else { continue };
            if files.contains(&file) {
                bail!("--output {}: this file is written in another format", source::label(path));
            }
            files.push(file);
        }
        let opened = outputs.iter().map(|output| Ok((output.clone(), output.file.as_deref().map(open).transpose()?)));
        Ok(Opened { outputs: opened.collect::<anyhow::Result<_>>()?, files, has_stdout })
    }

    /// Begins the reports.
    pub(crate) fn begin(self) -> anyhow::Result<Outputs> {
        let is_stderr = !self.has_stdout;
        let mut all = Outputs { to_terminal: false, is_stderr, texts: Vec::new(), writers: Vec::new() };
        for (output, file) in self.outputs {
            if let Some(file) = file.as_ref().filter(|file| file.metadata().is_ok_and(|about| about.is_file())) {
                file.set_len(0)?;
            }
            match (output.format, output.file, file) {
                (None, Some(path), Some(file)) => all.texts.push(to_file(&path, file)),
                (Some(format), Some(path), Some(file)) => {
                    let sink: Box<dyn Write + Send> = Box::new(to_file(&path, file));
                    all.writers.insert(0, (format, Writer::begin(format, sink)?));
                }
                (None, ..) => all.to_terminal = true,
                (Some(format), ..) => {
                    let sink: Box<dyn Write + Send> = Box::new(Sink::new("stdout", io::stdout()));
                    all.writers.push((format, Writer::begin(format, sink)?));
                }
            }
        }
        Ok(all)
    }
}

impl Outputs {
    /// The formats for programs.
    pub(crate) fn formats(&self) -> Vec<Format> {
        self.writers.iter().map(|(format, _)| *format).collect()
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
        for file in &mut self.texts {
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
        self.writers.iter_mut().zip(pieces).try_for_each(|((_, writer), piece)| writer.add(piece))
    }

    /// Ends the reports.
    pub(crate) fn end(self, tally: &Tally, quiet: bool) -> io::Result<()> {
        for mut file in self.texts {
            file.flush()?;
        }
        for (_, writer) in self.writers {
            drop(writer.end(tally, quiet)?);
        }
        Ok(())
    }
}

fn to_file(path: &Path, file: File) -> Sink<BufWriter<File>> {
    Sink::new(path.display().to_string(), BufWriter::new(file))
}

/// Opens a file to be written, and leaves it as it is.
fn open(path: &Path) -> anyhow::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(false);
    options.open(path).with_context(|| format!("cannot write {}", path.display()))
}

/// Refuses to write over a file that is among those `read`, and over one that looks as if somebody had written it:
/// manifests, settings, templates and baselines are often read without being named. Reports of former runs may
/// lie among them.
pub(crate) fn check(path: &Path, read: &[PathBuf]) -> anyhow::Result<()> {
    let Some(file) = place(path).filter(|file| file.is_file()) else { return Ok(()) };
    let label = source::label(path);
    if read.iter().any(|read| source::real(read) == file) {
        bail!("--output {label}: this file is read");
    }
    let bytes = fs::read(&file).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let name = file.file_name().unwrap_or_default();
    let extension = file.extension().unwrap_or(name);
    let is_template = TEMPLATES.iter().any(|template| extension.eq_ignore_ascii_case(template))
        || transom_charts::chart_of(&file).is_some();
    let is_manifest = || {
        let stem = name.to_string_lossy().to_ascii_lowercase();
        transom_charts::is_manifest(&file) || [".yaml", ".yml", ".json"].iter().any(|word| stem.ends_with(word))
    };
    let is_source = is_template || is_manifest() || Baseline::read(&text).is_ok();
    if is_source && !text.trim().is_empty() && !transom_reports::is_report(&text) {
        bail!("--output {label}: this file is there already and is no report: take another name");
    }
    Ok(())
}

/// The way to a file without links, be it there or not; none to what is no file, such as a pipe.
fn place(path: &Path) -> Option<PathBuf> {
    match fs::metadata(path) {
        Ok(about) => about.is_file().then(|| source::real(path)),
        Err(_) => Some(source::place(path)),
    }
}

/// Which details the formats need.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) text: bool,
    pub(crate) formats: Vec<Format>,
    pub(crate) options: Options,
}

impl Wanted {
    /// What each format says of a file.
    pub(crate) fn pieces(&self, file: &FileReport) -> Vec<Piece> {
        self.formats.iter().map(|format| format.piece(file, self.options)).collect()
    }

    pub(crate) fn edits(&self) -> bool {
        self.formats.contains(&Format::Sarif)
    }
}
