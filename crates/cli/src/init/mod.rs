//! `transom init`: looks at a repository and writes the `transom.yaml` that fits it.
//!
//! It proposes only what somebody has written down: a cluster in Terraform ([`terraform`]), or in manifests
//! ([`manifests`]) one of eksctl's, Nodes, taints and labels that pods for Windows ask for. Each line of what it writes
//! says where it is from.

mod manifests;
mod terraform;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::bail;
use ignore::WalkBuilder;
use serde_json::Value;
use transom::platform::taints::effect_named;
use transom_manifests::{SETTINGS_FILE, SettingsText};

use crate::Exit;
use crate::args::Init;
use crate::source;
use crate::terminal::{self, Terminal};

/// Where the schema is that editors complete from.
const SCHEMA: &str = concat!(
    "https://raw.githubusercontent.com/transom-dev/transom/v",
    env!("CARGO_PKG_VERSION"),
    "/schemas/settings.schema.json"
);

/// Words for Windows Server in Terraform's node pools, and its build.
const BUILDS: &[(&str, u32)] = &[("2019", 17_763), ("2022", 20_348), ("2025", 26_100)];

/// A proposal and the places it is from.
type Found<T> = BTreeMap<T, BTreeSet<String>>;

/// Key, value and effect.
type Taint = (String, String, String);

/// What was found out.
#[derive(Debug, Default)]
struct Findings {
    platforms: Found<&'static str>,
    versions: Found<String>,
    cnis: Found<&'static str>,
    builds: Found<u32>,
    /// Where there are Windows nodes of which nobody can tell the build.
    open_builds: BTreeSet<String>,
    /// All Windows pools.
    pools: BTreeSet<String>,
    taints: Found<Taint>,
    /// Of how many pods for Windows that tolerate such a taint each taint is tolerated, and how many there are.
    tolerated: (BTreeMap<Taint, usize>, usize),
    /// What nodes of Windows are labelled with.
    windows_labels: Found<(String, String)>,
    /// What pods for Windows ask of their nodes, which nodes of Linux may have as well.
    asked_labels: Found<(String, String)>,
    linux_labels: Found<(String, String)>,
    charts: BTreeSet<String>,
    unread: Vec<String>,
}

pub(crate) fn run(args: &Init, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    if !args.folder.is_dir() {
        bail!("{} is no folder", source::label(&args.folder));
    }
    let path = args.folder.join(SETTINGS_FILE);
    let path = path.strip_prefix(".").map_or_else(|_| path.clone(), Path::to_owned);
    if path.exists() && !args.force && !args.dry_run {
        bail!("{} is there already: --force writes it anew, --dry-run shows what it would be", source::label(&path));
    }
    let findings = look(&args.folder);
    for file in &findings.unread {
        terminal.err(&format!("not read: {file}\n"))?;
    }
    let text = proposal(&findings);
    // What is written is right, whatever was found.
    SettingsText::read(&text).and_then(|read| read.settings()).map_err(|wrong| {
        let messages: Vec<String> = wrong.into_iter().map(|wrong| wrong.message).collect();
        anyhow::anyhow!("what was found does not go together: {}\n{text}", messages.join("; "))
    })?;
    if args.dry_run {
        terminal.out(&text)?;
    } else {
        terminal::write_file(&path, &text)?;
        terminal.err(&format!("{}: look it over, then `transom check`\n", source::label(&path)))?;
    }
    for chart in &findings.charts {
        terminal.err(&format!("chart: `transom check {chart}` renders and checks it\n"))?;
    }
    terminal.flush()?;
    Ok(Exit::Clean)
}

fn look(folder: &Path) -> Findings {
    let mut findings = Findings::default();
    let mut files: Vec<PathBuf> = WalkBuilder::new(folder)
        .ignore(false)
        .build()
        .flatten()
        .map(ignore::DirEntry::into_path)
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    for file in files {
        let label = source::label(file.strip_prefix(folder).unwrap_or(&file));
        let extension = file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        let wanted = matches!(extension, "tf" | "yaml" | "yml" | "json");
        let Some(text) = wanted.then(|| fs::read_to_string(&file).ok()).flatten() else { continue };
        match extension {
            "tf" => match hcl::parse(&text) {
                Ok(body) => terraform::look(&body, &label, &mut findings),
                Err(error) => {
                    let error = error.to_string();
                    let first = error.lines().next().unwrap_or_default();
                    findings.unread.push(format!("{label}: {}", first.trim_start_matches([' ', '-', '>'])));
                }
            },
            _ if file.file_name().is_some_and(|name| name == "Chart.yaml") => {
                let chart = file.parent().map(|chart| chart.strip_prefix("./").unwrap_or(chart)).map(source::label);
                findings.charts.insert(chart.filter(|label| !label.is_empty()).unwrap_or_else(|| ".".into()));
            }
            _ if manifests::may_be_in(&text) => {
                for document in &transom_yaml::parse(&text).documents {
                    manifests::look(document.value(), &label, &mut findings);
                }
            }
            _ => {}
        }
    }
    findings
}

fn is_effect(effect: &str) -> bool {
    effect_named(effect) == Some(effect)
}

fn note<T: Ord>(found: &mut Found<T>, what: T, from: &str) {
    found.entry(what).or_default().insert(from.to_owned());
}

fn note_version(version: &str, from: &str, findings: &mut Findings) {
    let mut parts = version.trim_start_matches('v').split('.');
    if let (Some("1"), Some(minor)) = (parts.next(), parts.next())
        && minor.parse::<u32>().is_ok()
    {
        note(&mut findings.versions, format!("1.{minor}"), from);
    }
}

fn build(words: Option<&str>, from: &str, findings: &mut Findings) {
    findings.pools.insert(from.to_owned());
    let words = words.unwrap_or_default();
    match BUILDS.iter().find(|(year, _)| words.contains(year)) {
        Some((_, build)) => note(&mut findings.builds, *build, from),
        None => drop(findings.open_builds.insert(from.to_owned())),
    }
}

/// The text of a transom.yaml. What is not certain is a comment.
fn proposal(findings: &Findings) -> String {
    let mut text = format!("# yaml-language-server: $schema={SCHEMA}\n");
    match one(&findings.platforms) {
        Some((platform, from)) => line(&mut text, &format!("platform: {platform}"), from),
        None => text.push_str(&unsure("platform", "aks, eks, gke, openshift or generic", findings.platforms.keys())),
    }
    match one(&findings.versions) {
        Some((version, from)) => line(&mut text, &format!("kubernetes: {{version: \"{version}\"}}"), from),
        None => text.push_str(&unsure("kubernetes", "{version: \"1.36\"}", findings.versions.keys())),
    }
    if let Some((cni, from)) = one(&findings.cnis) {
        line(&mut text, &format!("cni: {cni}"), from);
    }
    let mut windows = String::new();
    if !findings.builds.is_empty() && findings.open_builds.is_empty() {
        let builds: Vec<String> = findings.builds.keys().map(u32::to_string).collect();
        let from = findings.builds.values().flatten().cloned().collect();
        line(&mut windows, &format!("  builds: [{}]", builds.join(", ")), &from);
    }
    let is_partial =
        |from: &&BTreeSet<String>| !from.is_disjoint(&findings.pools) && !from.is_superset(&findings.pools);
    let partial = findings.taints.values().find(is_partial);
    if !findings.taints.is_empty() && partial.is_none() {
        // What some pods for Windows do not tolerate is no taint of all Windows nodes.
        let (tolerated, pods) = &findings.tolerated;
        let is_common = |(taint, from): (&Taint, &BTreeSet<String>)| {
            tolerated.get(taint).is_none_or(|count| count == pods) || !from.is_disjoint(&findings.pools)
        };
        let comment = |is_setting: bool| if is_setting { "" } else { "# " };
        let any = findings.taints.iter().any(is_common);
        windows.push_str(if any { "  taints:\n" } else { "  # taints: # none that all pods for Windows tolerate\n" });
        for (taint @ (key, value, effect), from) in &findings.taints {
            let value = if value.is_empty() { String::new() } else { format!(", value: {}", quoted(value)) };
            let comment = comment(is_common((taint, from)));
            line(&mut windows, &format!("    {comment}- {{key: {}{value}, effect: {effect}}}", quoted(key)), from);
        }
    }
    windows.push_str(&labels(findings));
    if windows.is_empty() {
        text.push_str("# windows:\n#   builds: [20348, 26100] # Server 2022 and 2025\n#   taints: [{key: os, value: windows, effect: NoSchedule}]\n");
    } else {
        let is_said = windows.lines().any(|line| !line.trim_start().starts_with('#'));
        text.push_str(if is_said { "windows:\n" } else { "# windows:\n" });
        text.push_str(&windows);
    }
    if !findings.open_builds.is_empty() {
        // What a list lacks cannot run: better none than a part of one.
        line(&mut text, "# windows.builds is left out: it is not known which Windows there is", &findings.open_builds);
    }
    if let Some(from) = partial {
        let others = findings.pools.difference(from).cloned().collect();
        line(&mut text, "# windows.taints is left out: not all Windows nodes carry the same ones", &others);
    }
    text.push_str("# rules: {WIN109: warn, linux-pod-not-pinned: \"off\"} # deny, warn, info or off; `transom rules` lists them\n");
    text
}

/// Labels that a platform gives the nodes of one pool.
const POOL_LABELS: &[&str] = &[
    "agentpool",
    "kubernetes.azure.com/agentpool",
    "eks.amazonaws.com/nodegroup",
    "alpha.eksctl.io/nodegroup-name",
    "cloud.google.com/gke-nodepool",
    "karpenter.sh/nodepool",
];

/// How the names of labels begin that platforms give nodes of any system.
const PLATFORM_LABELS: &[&str] =
    &["karpenter.sh/", "karpenter.k8s.aws/", "kubernetes.azure.com/", "eks.amazonaws.com/", "cloud.google.com/"];

/// Whether nodes of every system may have a label, or it is known what it says of them.
fn is_of_any_system(key: &str) -> bool {
    let is_of_platform = PLATFORM_LABELS.iter().any(|start| key.starts_with(start)) && !POOL_LABELS.contains(&key);
    is_of_platform || key.contains("kubernetes.io/") || key.contains("k8s.io/") || key.ends_with("/os-sku")
}

/// Whether one of the words in a label is one for Windows: `windows`, `win`, `win2022`, `winpool`.
fn speaks_of_windows(label: &str) -> bool {
    let label = label.to_ascii_lowercase();
    let mut words = label.split(|letter: char| !letter.is_ascii_alphanumeric());
    words.any(|word| {
        let rest = word.strip_prefix("win");
        rest.is_some_and(|rest| {
            let is_number = rest.starts_with(|letter: char| letter.is_ascii_digit());
            rest.is_empty() || is_number || ["dows", "pool", "node", "np"].iter().any(|more| rest.starts_with(more))
        })
    })
}

/// The labels that only Windows nodes have. What pods ask for is only a question, unless it names a pool or Windows.
fn labels(findings: &Findings) -> String {
    let is_certain = |label: &(String, String)| {
        let (key, value) = label;
        findings.windows_labels.contains_key(label)
            || POOL_LABELS.contains(&&**key)
            || [key, value].iter().any(|word| speaks_of_windows(word))
    };
    let mut all: Found<&(String, String)> = Found::new();
    for (label, from) in findings.windows_labels.iter().chain(&findings.asked_labels) {
        if !findings.linux_labels.contains_key(label) && !is_of_any_system(&label.0) {
            all.entry(label).or_default().extend(from.iter().cloned());
        }
    }
    let (certain, asked): (Vec<_>, Vec<_>) = all.iter().partition(|(label, _)| is_certain(label));
    let mut text = String::new();
    if !certain.is_empty() {
        text.push_str("  labels: # that only Windows nodes have\n");
    }
    let mut seen = BTreeSet::new();
    for ((key, value), from) in certain {
        // A name has one value; the others are for whoever looks it over.
        let comment = if seen.insert(key) { "" } else { "# " };
        line(&mut text, &format!("    {comment}{}: {}", quoted(key), quoted(value)), from);
    }
    if !asked.is_empty() {
        let name = if seen.is_empty() { "  # labels: #" } else { "    # and" };
        text.push_str(&format!("{name} these, if no Linux node has them\n"));
    }
    for ((key, value), from) in asked {
        line(&mut text, &format!("    # {}: {}", quoted(key), quoted(value)), from);
    }
    text
}

/// What all agree on.
fn one<T: Ord>(found: &Found<T>) -> Option<(&T, &BTreeSet<String>)> {
    found.iter().next().filter(|_| found.len() == 1)
}

fn line(text: &mut String, setting: &str, from: &BTreeSet<String>) {
    let first = from.iter().next().map(String::as_str).unwrap_or_default();
    let more = if from.len() > 1 { format!(" and {} more", from.len() - 1) } else { String::new() };
    let _ = writeln!(text, "{setting} # {first}{more}");
}

fn unsure(name: &str, usual: &str, found: impl Iterator<Item = impl ToString>) -> String {
    let found: Vec<String> = found.map(|value| value.to_string()).collect();
    match &found[..] {
        [] => format!("# {name}: {usual}\n"),
        found => format!("# {name}: {usual} # {} were found: settings are of one cluster\n", found.join(" and ")),
    }
}

/// A text as YAML, in quotes where it would be something else without.
fn quoted(text: &str) -> String {
    let is_plain = !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/'))
        && transom_yaml::parse(text).documents.first().is_some_and(|document| document.value() == text);
    if is_plain { text.to_owned() } else { Value::from(text).to_string() }
}
