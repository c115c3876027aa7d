//! `transom settings`: what holds for a file, and where each setting comes from.

use serde::Serialize;
use serde_json::Value;
use transom::Settings;
use transom::platform::taints::Taint;
use transom::pointer::Pointer;

use crate::Exit;
use crate::args::{self, Format};
use crate::render::frame::{self, Level};
use crate::settings::{Finder, Overrides, SettingsFile, misnamed};
use crate::source;
use crate::terminal::Terminal;

/// One setting that holds.
#[derive(Debug, Serialize)]
struct Line {
    /// `kubernetes.version`
    setting: String,
    value: Value,
    /// `transom.yaml:3`, `--platform`, `TRANSOM_PLATFORM`, `the preset of aks`, `the default`
    from: String,
}

pub(crate) fn run(args: &args::Settings, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    let overrides = Overrides::of(&args.setting, &[])?;
    if !args.path.as_os_str().is_empty() && !args.path.exists() {
        anyhow::bail!("{}: there is no such file or folder", source::label(&args.path));
    }
    let folder = if args.path.is_dir() { Some(&*args.path) } else { args.path.parent() };
    let mut finder = Finder::new(&args.setting)?;
    let found = finder.of_folder(folder.unwrap_or(std::path::Path::new("")));
    let file = found.as_deref().map(SettingsFile::read).transpose()?;
    if let Some(file) = &file {
        file.settings()?;
    }
    let empty = serde_json::json!({});
    let merged = overrides.over(file.as_ref().map_or(&empty, SettingsFile::value));
    let settings = transom::settings::read(&merged.to_string()).map_err(|mistakes| {
        let messages: Vec<String> = mistakes.into_iter().map(|mistake| mistake.message).collect();
        anyhow::anyhow!("wrong settings: {}", messages.join("; "))
    })?;
    let mut lines = Vec::new();
    leaves(&merged, &Pointer::root(), "", &mut |path, name, value| {
        let overriding = overrides.values.iter().find(|(of, ..)| *of == path).map(|(_, _, origin)| origin.clone());
        let written = || file.as_ref().map(|file| format!("{}:{}", file.label(), file.line(path)));
        let from = overriding.or_else(written).unwrap_or_default();
        lines.push(Line { setting: name.to_owned(), value: word(path, value), from });
    });
    presets(&settings, &merged, &mut lines);
    lines.sort_by(|a, b| a.setting.cmp(&b.setting));
    let text = match args.output {
        Format::Json => {
            let lines: Vec<String> = lines.iter().map(serde_json::to_string).collect::<Result<_, _>>()?;
            format!("[\n{}\n]\n", lines.join(",\n"))
        }
        Format::Text => {
            let said = |line: &Line| match &line.value {
                Value::String(text) => format!("{}: {text}", line.setting),
                value => format!("{}: {value}", line.setting),
            };
            let width =
                lines.iter().map(|line| said(line).chars().count()).filter(|width| *width <= 60).max().unwrap_or(0);
            lines.iter().map(|line| format!("{:<width$}  # {}\n", said(line), line.from)).collect()
        }
    };
    terminal.out(&text)?;
    terminal.flush()?;
    for path in &finder.misnamed {
        terminal.err(&frame::title(Level::Note, &misnamed(path)))?;
    }
    Ok(Exit::Clean)
}

/// Hands on every value that is no object, and lists whole.
fn leaves(value: &Value, path: &Pointer, name: &str, take: &mut impl FnMut(&str, &str, &Value)) {
    match value.as_object() {
        Some(fields) => {
            for (key, value) in fields.iter().filter(|(key, _)| *key != "$schema") {
                let dot = if name.is_empty() { "" } else { "." };
                leaves(value, &path.key(key), &format!("{name}{dot}{key}"), take);
            }
        }
        None if value.is_null() => {}
        None => take(path.as_str(), name, value),
    }
}

/// A value as one writes it: where it is one of a few words, YAML reads an unquoted `off` as false.
fn word(path: &str, value: &Value) -> Value {
    let is_word = path == "/mutate" || path.starts_with("/rules/");
    if is_word && *value == Value::Bool(false) { "off".into() } else { value.clone() }
}

/// A taint as it stands in settings.
fn as_written(taint: &Taint) -> Value {
    let mut written = serde_json::json!({"key": taint.key, "effect": taint.effect});
    if !taint.value.is_empty() {
        written["value"] = taint.value.as_str().into();
    }
    written
}

/// What holds although nobody has set it.
fn presets(settings: &Settings, set: &Value, lines: &mut Vec<Line>) {
    let platform = transom::settings::platform_name(settings.platform);
    let preset = || match platform {
        "generic" => "the default".to_owned(),
        platform => format!("the preset of {platform}"),
    };
    let mut add = |path: &str, value: Value, from: String| {
        if set.pointer(path).is_none_or(Value::is_null) {
            lines.push(Line { setting: path[1..].replace('/', "."), value, from });
        }
    };
    let default = || "the default".to_owned();
    add("/platform", platform.into(), default());
    add("/kubernetes/version", "the newest".into(), default());
    let cni = settings.cni().map_or("not known", transom::settings::cni_name);
    add("/cni", cni.into(), preset());
    let taints = match settings.taints() {
        None => Value::from("not known"),
        Some(taints) => taints.iter().map(as_written).collect(),
    };
    add("/windows/taints", taints, preset());
    add("/windows/present", "perhaps".into(), default());
    add("/windows/builds", "not known".into(), default());
    add("/mutate", "off".into(), default());
    add("/suppressions/annotations", true.into(), default());
}
