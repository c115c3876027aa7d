//! The manual, made of what the commands say of themselves: completions, man pages, `docs/cli.md`.

use std::fmt::Write as _;
use std::fs;

use anyhow::bail;
use clap::{Arg, Command};
use clap_complete::Shell;

use crate::Exit;
use crate::args::{self, Completions, Man, Output};
use crate::source;
use crate::terminal::{self, Terminal};

pub(crate) fn completions(args: &Completions, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    let values = |argument: Arg| match argument.get_value_names().and_then(|names| names.first()).map(|name| &**name) {
        Some("RULE" | "RULE|ERROR|FIELD") => argument.value_parser(rules().collect::<Vec<_>>()),
        Some("FORMAT[=FILE]") => argument.value_parser(Output::names().collect::<Vec<_>>()),
        _ => argument,
    };
    // The scripts for bash and fish offer every value as a word of its own, which that of --fix is not.
    let fix = |argument: Arg| match (argument.get_id().as_str(), args.shell) {
        ("fix", Shell::Bash) => argument.require_equals(false).num_args(0).visible_aliases(["fix=safe", "fix=all"]),
        ("fix", Shell::Fish) => argument.require_equals(false).num_args(0),
        _ => values(argument),
    };
    let mut command = args::shown().mut_subcommands(|command| command.mut_args(fix));
    let name = command.get_name().to_owned();
    clap_complete::generate(args.shell, &mut command, name, &mut script);
    if args.shell == Shell::Fish {
        // What may stand behind `--fix=`, where fish would offer files. clap has no word for a value that need not be.
        let text = String::from_utf8(script)?;
        script = text.replace(" -l fix -d ", " -l fix -f -a 'safe all' -d ").into_bytes();
    }
    terminal.out_bytes(&script)?;
    Ok(Exit::Clean)
}

/// What a rule goes by.
fn rules() -> impl Iterator<Item = &'static str> {
    transom::rules::all().iter().flat_map(|rule| [rule.id, rule.name])
}

pub(crate) fn man(args: &Man, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    // A page says which version it is of; that is no option of the command.
    let of_version = |command: Command| command.version(env!("CARGO_PKG_VERSION")).disable_version_flag(true);
    let command = args::command().disable_help_subcommand(true).mut_subcommands(of_version);
    match &args.folder {
        Some(folder) if folder.is_file() => bail!("--folder {}: this is a file", source::label(folder)),
        Some(folder) => {
            let made = fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(command, folder));
            terminal::settle(&source::label(folder), made)?;
        }
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(command).render(&mut page)?;
            terminal.out_bytes(&page)?;
        }
    }
    Ok(Exit::Clean)
}

pub(crate) fn reference(terminal: &mut Terminal) -> anyhow::Result<Exit> {
    let mut command = args::command().disable_help_subcommand(true);
    command.build();
    let mut text = format!(
        "# The command line\n\nMade of what `transom help` says; `BLESS=1 cargo test --package transom-cli` writes it \
         anew.\n\n{}\n\n| | |\n|---|---|\n",
        command.get_about().map(ToString::to_string).unwrap_or_default()
    );
    let shown: Vec<&Command> = command.get_subcommands().filter(|command| !command.is_hide_set()).collect();
    for command in &shown {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        let _ = writeln!(text, "| [`transom {name}`](#transom-{name}) | {about} |", name = command.get_name());
    }
    let global = command.get_arguments().filter(|argument| argument.is_global_set());
    let _ = write!(text, "\nEvery command takes:\n\n{}\n", global.map(entry).collect::<Vec<_>>().join("\n"));
    for command in shown {
        section(command, &mut text);
    }
    terminal.out_raw(&text)?;
    Ok(Exit::Clean)
}

/// One command.
fn section(command: &Command, text: &mut String) {
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ");
    let _ = write!(text, "\n## transom {}\n\n{about}.\n\n```console\n$ {usage}\n```\n", command.get_name());
    let arguments =
        command.get_positionals().chain(command.get_arguments().filter(|argument| !argument.is_positional()));
    let shown = arguments.filter(|argument| {
        !argument.is_hide_set()
            && !argument.is_global_set()
            && !["help", "version"].contains(&argument.get_id().as_str())
    });
    let mut by_heading: Vec<(String, Vec<String>)> = Vec::new();
    for argument in shown {
        let heading = argument.get_help_heading().unwrap_or_default().to_owned();
        let line = entry(argument);
        match by_heading.iter_mut().find(|(known, _)| *known == heading) {
            Some((_, lines)) => lines.push(line),
            None => by_heading.push((heading, vec![line])),
        }
    }
    for (heading, lines) in by_heading {
        if !heading.is_empty() {
            let _ = write!(text, "\n{heading}:\n");
        }
        let _ = write!(text, "\n{}\n", lines.join("\n"));
    }
    if let Some(after) = command.get_after_help() {
        let _ = write!(text, "\n```text\n{}\n```\n", after.to_string().trim_end());
    }
}

/// One option or argument.
fn entry(argument: &clap::Arg) -> String {
    let values = argument.get_value_names().unwrap_or_default().iter().map(ToString::to_string).collect::<Vec<_>>();
    let takes = argument.get_num_args().is_some_and(|count| count.takes_values());
    let value = if takes && !values.is_empty() { format!("<{}>", values.join(" ")) } else { String::new() };
    let is_optional = argument.get_num_args().is_some_and(|count| count.min_values() == 0);
    let mut name = match (argument.get_short(), argument.get_long()) {
        (Some(short), Some(long)) => format!("-{short}, --{long}"),
        (_, Some(long)) => format!("--{long}"),
        _ => String::new(),
    };
    match (name.is_empty(), is_optional) {
        (true, _) => name = value,
        (false, true) if takes => name = format!("{name}[=<{}>]", values.join(" ")),
        _ if takes => name = format!("{name} {value}"),
        _ => {}
    }
    let help = argument.get_help().map(ToString::to_string).unwrap_or_default().replace('\n', " ");
    let possible = argument.get_possible_values();
    let possible: Vec<_> = possible.iter().filter(|value| !value.is_hide_set()).map(|value| value.get_name()).collect();
    let mut more = String::new();
    if takes && !possible.is_empty() {
        let _ = write!(more, " One of {}.", possible.join(", "));
    }
    let default: Vec<_> = argument.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    if takes && !default.is_empty() {
        let default = default.join(" ");
        let default = if default == "." { "the folder one is in" } else { &*default };
        let _ = write!(more, " Default: {default}.");
    }
    let dot = if more.is_empty() { "" } else { "." };
    format!("- `{name}` {help}{dot}{more}")
}
