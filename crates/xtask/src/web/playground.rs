//! The playground: `dist/www/playground`, and all of it in one file, `dist/playground.html`.
//!
//! Vite bundles `www/playground`; the module of `crates/playground` and what the page knows about rules
//! are put beside it. There are two modules: the one that judges, which everybody loads, and the whole, which
//! can fix and port, too; the one file has only the whole. They are [`packed`], which the page's worker undoes.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use transom::rules::{self, Rule};

use super::layout::{self, Root};
use super::{markdown, packed, source, tests};
use crate::docs::FAMILIES;
use crate::tools;
use crate::wasm::{self, Bindings};

/// What a browser loads before one can work, under gzip.
const BUDGET: usize = 400 * 1000;
/// Files that are loaded when somebody asks for what is in them.
const LATER: &[&str] = &["docs.json", "examples.json", "rules.json", "settings.schema.json", WHOLE];
/// The module that judges, and the whole of it.
const MODULE: &str = "playground.packed";
const WHOLE: &str = "whole.packed";

const PAGE: &str = "index.html";

/// Files by their names.
type Files = BTreeMap<String, Vec<u8>>;

pub(super) fn write(www: &Path) -> anyhow::Result<()> {
    let project = tools::root().join("www/playground");
    install(&project)?;
    let lean = wasm::bindings("crates/playground", "page", "playground", &["--no-default-features"])?.module;
    // What is written around the whole goes around the other, too, as long as nobody calls what that has not.
    let Bindings { glue, types, module } = wasm::bindings("crates/playground", "page", "playground", &[])?;
    let place = project.join("module");
    fs::create_dir_all(&place)?;
    fs::write(place.join("playground.js"), glue)?;
    fs::write(place.join("playground.d.ts"), types)?;

    node(&project, "typescript/bin/tsc", &["--project", "."])?;
    node(&project, "vitest/vitest.mjs", &["run", "--reporter=dot"])?;
    let mut data = data()?;
    data.insert(WHOLE.to_owned(), packed::pack(&module)?);

    let mut page = bundle(&project, "page")?;
    let worker = bundle(&project, "worker")?.remove("worker.js").context("Vite made no worker.js")?;
    page.insert("worker.js".to_owned(), worker.clone());
    page.insert("icon.svg".to_owned(), source("icon.svg")?.into_bytes());
    page.extend(data.clone());
    page.insert(MODULE.to_owned(), packed::pack(&lean)?);
    let mut html = Html(text(&page, PAGE)?);
    let style = page.keys().find(|name| name.ends_with(".css")).cloned().context("Vite made no style sheet")?;
    html.inline(&text(&page, &style)?)?;
    html.allow("'self'", "worker-src 'self'; connect-src 'self'; manifest-src 'self'; img-src 'self' data:;")?;
    page.remove(&style);
    page.insert(PAGE.to_owned(), html.0.into_bytes());
    print_sizes(&page, lean.len())?;
    let folder = www.join("playground");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    for (name, bytes) in &versioned(page)? {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap_or(&folder))?;
        fs::write(path, bytes)?;
    }

    data.insert("worker.js".to_owned(), worker);
    let single = single(&bundle(&project, "single")?, &data)?;
    let file = tools::root().join("dist/playground.html");
    fs::write(&file, &single)?;
    println!("{:<34} {:>9} {:>9}", "dist/playground.html", single.len(), wasm::gzip(single.as_bytes())?.len());
    Ok(())
}

/// Makes sure that `node_modules` has what the lock file names.
fn install(project: &Path) -> anyhow::Result<()> {
    let installed = tests::packages(project)?.join("node_modules");
    let link = project.join("node_modules");
    if fs::canonicalize(&link).is_ok_and(|to| fs::canonicalize(&installed).is_ok_and(|wanted| to == wanted)) {
        return Ok(());
    }
    if fs::symlink_metadata(&link).is_ok_and(|metadata| metadata.is_dir()) {
        // Somebody ran npm there: it is his.
        return Ok(());
    }
    let _ = fs::remove_file(&link);
    #[cfg(unix)]
    let linked = std::os::unix::fs::symlink(&installed, &link);
    #[cfg(windows)]
    let linked = std::os::windows::fs::symlink_dir(&installed, &link);
    linked.with_context(|| link.display().to_string())
}

/// Runs a program of a package.
fn node(project: &Path, program: &str, arguments: &[&str]) -> anyhow::Result<()> {
    let mut node = Command::new("node");
    node.arg(project.join("node_modules").join(program)).args(arguments).current_dir(project);
    tools::run(&mut node)
}

/// What Vite makes in one of the modes of `vite.config.ts`.
fn bundle(project: &Path, mode: &str) -> anyhow::Result<Files> {
    let out = tools::target().join("playground").join(mode);
    if out.exists() {
        fs::remove_dir_all(&out)?;
    }
    fs::create_dir_all(&out)?;
    let mut node = Command::new("node");
    node.arg(project.join("node_modules/vite/bin/vite.js")).args(["build", "--logLevel=warn", "--mode", mode]);
    tools::run(node.env("OUT", &out).current_dir(project))?;
    let mut files = Files::new();
    for entry in fs::read_dir(&out)? {
        let entry = entry?;
        files.insert(entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path())?);
    }
    Ok(files)
}

/// What the page knows about rules, examples and settings.
fn data() -> anyhow::Result<Files> {
    let mut known = Map::new();
    let mut docs = Map::new();
    let mut bad = Map::new();
    for rule in rules::all() {
        known.insert(rule.id.into(), json!({"name": rule.name, "summary": rule.summary, "errors": rule.errors}));
        let text = rules::documentation(rule);
        // The first line is the summary, and the examples are opened in the editor.
        let (_, text) = text.split_once('\n').unwrap_or_default();
        let html = markdown::render(text, Root("../"), &|link| link.to_owned()).html.into_string();
        let page = layout::rule_file(rule);
        docs.insert(rule.id.into(), json!({"name": rule.name, "summary": rule.summary, "html": html, "page": page}));
        bad.insert(rule.name.into(), example(rule)?);
    }
    let schema: Value = serde_json::from_slice(&fs::read(tools::root().join("schemas/settings.schema.json"))?)?;
    let files = [
        ("rules.json", Value::Object(known)),
        ("docs.json", Value::Object(docs)),
        ("examples.json", json!({"applications": applications()?, "rules": bad})),
        ("settings.schema.json", schema),
    ];
    Ok(files.into_iter().map(|(name, value)| (name.to_owned(), value.to_string().into_bytes())).collect())
}

/// The Bad block of a rule.
fn example(rule: &Rule) -> anyhow::Result<Value> {
    let text = rules::documentation(rule);
    let block = text.split_once("## Bad\n").and_then(|(_, rest)| rest.split_once("```yaml\n"));
    let block = block.and_then(|(_, rest)| rest.split_once("\n```")).map(|(block, _)| block);
    let block = format!("{}\n", block.with_context(|| format!("{} has no Bad block", rule.name))?);
    let settings = block.strip_prefix("# settings: ").and_then(|rest| rest.split_once('\n'));
    let (settings, text) = settings.map_or((None, &*block), |(settings, text)| (Some(settings), text));
    let family = FAMILIES.iter().find(|(digit, _)| rule.id.as_bytes().get(3) == Some(&(*digit as u8)));
    let family = family.map_or("", |(_, title)| title.split(':').next().unwrap_or(title));
    let mut example = json!({"id": rule.id, "family": family, "summary": rule.summary, "text": text});
    if let Some(settings) = settings {
        example["settings"] = format!("{settings}\n").into();
    }
    Ok(example)
}

/// `www/playground/examples/*.yaml`: the first line is a comment with the title, the second with what it is
/// about.
fn applications() -> anyhow::Result<Map<String, Value>> {
    let folder = tools::root().join("www/playground/examples");
    let mut paths: Vec<PathBuf> =
        fs::read_dir(&folder)?.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<_>>()?;
    paths.sort();
    let mut all = Map::new();
    for path in paths {
        let text = fs::read_to_string(&path)?.replace("\r\n", "\n");
        let mut comments = text.lines().map_while(|line| line.strip_prefix("# "));
        let (Some(title), Some(about)) = (comments.next(), comments.next()) else {
            bail!("{}: two lines of comments say what it is", path.display());
        };
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        all.insert(name.into_owned(), json!({"title": title, "about": about, "text": text}));
    }
    Ok(all)
}

/// The page, what it loads in a folder whose name is another one for other files, and the service worker, which
/// keeps all that.
fn versioned(mut page: Files) -> anyhow::Result<Files> {
    let mut hash = Sha256::new();
    for (name, bytes) in &page {
        hash.update(name);
        hash.update(bytes);
    }
    let version: String = hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let (later, mut first): (Vec<String>, Vec<String>) = page.keys().cloned().partition(|name| is_later(&page, name));
    first.retain(|name| name != PAGE);
    let moved = |names: &[String]| names.iter().map(|name| format!("{version}/{name}")).collect::<Vec<_>>();
    let worker = source("playground/sw.js")?;
    ensure!(worker.contains("\"@VERSION@\""), "www/playground/sw.js has no place for the version");
    let worker = worker
        .replace("@VERSION@", &version)
        .replace("\"@FIRST@\"", &json!([&[PAGE.to_owned()], &moved(&first)[..]].concat()).to_string())
        .replace("\"@LATER@\"", &json!(moved(&later)).to_string());
    let mut html = text(&page, PAGE)?;
    page.remove(PAGE);
    let mut files = Files::from([("sw.js".to_owned(), worker.into_bytes())]);
    for (name, bytes) in page {
        for link in [format!("\"./{name}\""), format!("\"{name}\"")] {
            html = html.replace(&link, &format!("\"./{version}/{name}\""));
        }
        files.insert(format!("{version}/{name}"), bytes);
    }
    files.insert(PAGE.to_owned(), html.into_bytes());
    Ok(files)
}

/// Whether a file is loaded only when it is asked for: data, and the parts that Vite split off. What the page
/// begins with is named in it.
fn is_later(page: &Files, name: &str) -> bool {
    let is_named = || page.get(PAGE).is_some_and(|html| String::from_utf8_lossy(html).contains(&format!("/{name}\"")));
    LATER.contains(&name) || (name.ends_with(".js") && name != "worker.js" && !is_named())
}

fn print_sizes(page: &Files, module: usize) -> anyhow::Result<()> {
    println!("{:<34} {:>9} {:>9}", "dist/www/playground", "bytes", "gzip");
    let mut first = 0;
    for (name, bytes) in page {
        // What is packed is sent as it is.
        let zipped = wasm::gzip(bytes)?.len().min(bytes.len());
        let is_first = !is_later(page, name) && name != "icon.svg";
        first += if is_first { zipped } else { 0 };
        println!("  {name:<32} {:>9} {zipped:>9}{}", bytes.len(), if is_first { "" } else { "  later" });
    }
    println!("  {:<32} {module:>9}", "the module, unpacked");
    println!("{:<34} {:>9} {first:>9}  {}% of the budget", "first load", "", 100 * first / BUDGET);
    Ok(())
}

/// All of it in one file: what is loaded later are elements that hold it, deflated.
fn single(bundle: &Files, data: &Files) -> anyhow::Result<String> {
    let style = bundle.keys().find(|name| name.ends_with(".css")).context("Vite made no style sheet")?;
    let mut html = Html(text(bundle, PAGE)?);
    html.inline(&text(bundle, style)?)?;
    let icon = STANDARD.encode(source("icon.svg")?);
    html.replace("<link rel=\"icon\"", ">", &format!("<link rel=\"icon\" href=\"data:image/svg+xml;base64,{icon}\">"))?;
    html.replace("<script type=\"module\"", "</script>", "")?;
    let mut rest = String::new();
    for (name, bytes) in data {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes)?;
        let deflated = STANDARD.encode(encoder.finish()?);
        rest.push_str(&format!("<script type=\"application/octet-stream\" id=\"asset:{name}\">{deflated}</script>\n"));
    }
    // A text that looks like the end of the element would be it.
    let main = text(bundle, "main.js")?.replace("</script", "<\\/script");
    let end = html.0.rfind("</body>").context("index.html has no </body>")?;
    html.0.insert_str(end, &format!("{rest}<script type=\"module\">{main}</script>\n"));
    html.allow("blob:", "worker-src blob:; img-src data:;")?;
    Ok(html.0)
}

/// A file of text.
fn text(files: &Files, name: &str) -> anyhow::Result<String> {
    let bytes = files.get(name).with_context(|| format!("Vite made no {name}"))?;
    Ok(String::from_utf8(bytes.clone())?)
}

/// The lines of a text, without what they are indented by.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive('\n').map(|line| line.trim_start_matches(' ')).filter(|line| *line != "\n")
}

/// `www/playground/index.html`.
struct Html(String);

impl Html {
    /// Puts the style and the theme in: nothing is waited for before something is to be seen.
    fn inline(&mut self, style: &str) -> anyhow::Result<()> {
        let theme: String = lines(&source("theme.js")?).filter(|line| !line.starts_with("//")).collect();
        self.replace("<script src=\"theme.js\"", "</script>", &format!("<script>{theme}</script>"))?;
        self.replace("<link rel=\"stylesheet\"", ">", &format!("<style>{style}</style>"))
    }

    /// What the page may load and run: its own scripts by their hashes, those from elsewhere, and what else is
    /// said.
    fn allow(&mut self, scripts: &str, more: &str) -> anyhow::Result<()> {
        let own = self.0.split("<script").skip(1).filter_map(|element| {
            let (attributes, rest) = element.split_once('>')?;
            let runs = attributes.is_empty() || attributes == " type=\"module\"";
            runs.then(|| rest.split_once("</script>").map(|(script, _)| script)).flatten()
        });
        let hashes: Vec<_> =
            own.map(|script| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(script)))).collect();
        let policy = format!(
            "default-src 'none'; script-src {} {scripts} 'wasm-unsafe-eval'; {more} style-src 'unsafe-inline'; base-uri \
             'none'; form-action 'none';",
            hashes.join(" ")
        );
        self.replace("content=\"default-src", ";\"", &format!("content=\"{policy}\""))
    }

    /// Puts something in the place of the first text that begins and ends so.
    fn replace(&mut self, begins: &str, ends: &str, with: &str) -> anyhow::Result<()> {
        let start = self.0.find(begins).with_context(|| format!("index.html has no `{begins}`"))?;
        let end = self.0[start..].find(ends).with_context(|| format!("`{begins}` has no end"))? + start + ends.len();
        self.0.replace_range(start..end, with);
        Ok(())
    }
}
