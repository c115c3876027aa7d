//! `transom`: will these manifests work on Windows nodes, and will they keep off them if they must?
//!
//! Read in this order: [`args`] is what can be asked for; [`input`] finds and reads files, [`set`]
//! holds them and the context they are for one another; [`settings`] says what holds for a file, [`judge`] asks the
//! core, or a WebAssembly module, about one object; [`check`] and [`fix`] do so for all of them; [`render`] and
//! [`output`] say what came of it.
//!
//! Findings go to stdout, everything else to stderr.

mod args;
#[cfg(feature = "module")]
mod bake;
mod baseline;
mod charts;
mod check;
mod checker;
mod doctor;
mod explain;
mod filter;
mod fix;
mod init;
mod input;
mod judge;
mod lsp;
mod manual;
mod markdown;
mod output;
mod panic;
mod parallel;
mod plan;
#[cfg(feature = "play")]
mod play;
mod port;
mod progress;
mod render;
mod report;
mod rule_name;
mod scan;
mod set;
mod settings;
mod show;
mod source;
mod template;
mod terminal;
#[cfg(target_family = "wasm")]
mod wasi;
#[cfg(feature = "watch")]
mod watch;
mod write;

use std::process::ExitCode;

use args::Command;
use render::frame;
use terminal::Terminal;

/// Trees of many small texts, made in one thread and dropped in another: the allocator of the C library
/// takes a fifth of the time for that.
#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What the process ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Exit {
    /// Nothing at or above `--fail-on`.
    Clean = 0,
    /// Findings at or above `--fail-on`, or changes that `fix --diff` would make.
    Findings = 1,
    /// Wrong usage or settings: nothing was checked.
    Usage = 2,
    /// Some input could not be read, and the rest was checked; or the output could not be written.
    Unreadable = 3,
}

/// What this program runs on. The standard library has no name for WASI.
const SYSTEM: &str = if cfg!(target_os = "wasi") { "wasi" } else { std::env::consts::OS };

fn main() -> ExitCode {
    panic::report();
    #[cfg(target_family = "wasm")]
    wasi::enter();
    let args = args::parse();
    args.color.write_global();
    let mut terminal = Terminal::new();
    let result = match &args.command {
        Command::Check(args) => check::run(args, &mut terminal),
        Command::Fix(args) => fix::Order::of_fix(args).and_then(|order| Ok(fix::run(&order, &mut terminal)?.exit)),
        Command::Port(args) => port::run(args, &mut terminal),
        #[cfg(feature = "play")]
        Command::Play(args) => play::run(args, &mut terminal),
        #[cfg(not(feature = "play"))]
        Command::Play(_) => Err(lacking("`play`")),
        Command::Lsp(args) => lsp::run(args, &mut terminal),
        Command::Baseline(args) => baseline::run(args, &mut terminal),
        Command::Scan(args) => scan::run(args, &mut terminal),
        Command::Plan(args) => plan::run(args, &mut terminal),
        Command::Filter(args) => filter::run(args, &mut terminal),
        Command::Explain(args) => explain::explain(args, &mut terminal),
        Command::Rules(args) => explain::list(args, &mut terminal),
        #[cfg(feature = "module")]
        Command::Bake(args) => bake::run(args, &mut terminal),
        #[cfg(not(feature = "module"))]
        Command::Bake(_) => Err(lacking("`bake`")),
        Command::Settings(args) => show::run(args, &mut terminal),
        Command::Init(args) => init::run(args, &mut terminal),
        Command::Doctor => doctor::run(&mut terminal),
        Command::Completions(args) => manual::completions(args, &mut terminal),
        Command::Man(args) => manual::man(args, &mut terminal),
        Command::Reference => manual::reference(&mut terminal),
    };
    let exit = result.unwrap_or_else(|error| {
        // There is nobody left to tell when stderr is gone, too.
        let _ = terminal.err(&said(&error));
        if terminal::is_unwritten(&error) { Exit::Unreadable } else { Exit::Usage }
    });
    ExitCode::from(exit as u8)
}

/// That this program was built without something, and where one with everything is.
#[cfg(not(all(feature = "kube", feature = "lsp", feature = "module", feature = "play", feature = "watch")))]
fn lacking(what: &str) -> anyhow::Error {
    anyhow::anyhow!("this transom was built without {what}: {INSTALL} has the ways to one with everything")
}

/// Where it stands how transom is installed.
const INSTALL: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/install.md");

/// An error as it is shown, with its causes; those of the system in our words, which are the same everywhere.
fn said(error: &anyhow::Error) -> String {
    if let Some(frames) = error.downcast_ref::<frame::Frames>() {
        return frames.to_string();
    }
    let causes = error.chain().map(|cause| match cause.downcast_ref::<std::io::Error>() {
        Some(of_system) => source::why(of_system),
        None => cause.to_string(),
    });
    frame::title(frame::Level::Error, &causes.collect::<Vec<_>>().join(": "))
}
