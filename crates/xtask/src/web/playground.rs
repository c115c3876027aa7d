//! The playground: `dist/www/playground`, and all of it in one file, `dist/playground.html`.
//!
//! Vite bundles `www/playground`; the module of `crates/playground` and what the page knows about rules
//! are put beside it. The module is compressed by LZMA, which the page's worker undoes: gzip would leave
//! it a quarter larger.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lzma_rust2::{LzmaOptions, LzmaWriter};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use transom::rules::{self, Rule};

use super::layout::{self, Root};
use super::{markdown, source, tests};
use crate::docs::FAMILIES;
use crate::tools;
use crate::wasm::{self, Bindings};

/// What a browser loads before one can work, under gzip.
const BUDGET: usize = 400 * 1000;
/// Files that are loaded when somebody asks for what is in them.
const LATER: &[&str] = &["docs.json", "examples.json", "rules.json", "settings.schema.json"];

/// Files by their names.
type Files = BTreeMap<String, Vec<u8>>;

pub(super) fn write(www: &Path) -> anyhow::Result<()> {
    let project = tools::root().join("www/playground");
    install(&project)?;
    let Bindings { glue, types, module } = wasm::bindings("crates/playground", "page", "playground")?;
    let place = project.join("module");
    fs::create_dir_all(&place)?;
    fs::write(place.join("playground.js"), glue)?;
    fs::write(place.join("playground.d.ts"), types)?;

    node(&project, "typescript/bin/tsc", &["--project", "."])?;
    node(&project, "vitest/vitest.mjs", &["run", "--reporter=dot"])?;
    let mut data = data()?;
    data.insert("playground.wasm.lzma".to_owned(), lzma(&module)?);

    let mut page = bundle(&project, "page")?;
    let worker = bundle(&project, "worker")?.remove("worker.js").context("Vite made no worker.js")?;
    page.insert("worker.js".to_owned(), worker.clone());
    page.insert("theme.js".to_owned(), source("theme.js")?.into_bytes());
    page.insert("icon.svg".to_owned(), source("icon.svg")?.into_bytes());
    page.extend(data.clone());
    page.insert("sw.js".to_owned(), service_worker(&page)?.into_bytes());
    let folder = www.join("playground");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    for (name, bytes) in &page {
        fs::write(folder.join(name), bytes)?;
    }
    print_sizes(&page, module.len())?;

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

/// Bytes as an LZMA file that names their number.
fn lzma(bytes: &[u8]) -> anyhow::Result<Vec<u8>> {
    // Found by trying: code for WebAssembly is not aligned.
    let options = LzmaOptions { lc: 4, lp: 0, pb: 1, nice_len: 273, dict_size: 1 << 21, ..LzmaOptions::with_preset(9) };
    let mut writer = LzmaWriter::new_use_header(Vec::new(), &options, Some(bytes.len() as u64))?;
    writer.write_all(bytes)?;
    Ok(writer.finish()?)
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

/// The service worker, with the files that it keeps and a version that is another one for other files.
fn service_worker(page: &Files) -> anyhow::Result<String> {
    let mut hash = Sha256::new();
    for (name, bytes) in page {
        hash.update(name);
        hash.update(bytes);
    }
    let version: String = hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let (later, first): (Vec<&str>, Vec<&str>) = page.keys().map(String::as_str).partition(|name| is_later(name));
    let text = source("playground/sw.js")?;
    ensure!(text.contains("\"@VERSION@\""), "www/playground/sw.js has no place for the version");
    Ok(text
        .replace("@VERSION@", &version)
        .replace("\"@FIRST@\"", &json!(first).to_string())
        .replace("\"@LATER@\"", &json!(later).to_string()))
}

/// Whether a file is loaded only when it is asked for: data, and the parts that Vite split off.
fn is_later(name: &str) -> bool {
    const AT_ONCE: &[&str] = &["main.js", "theme.js", "worker.js"];
    LATER.contains(&name) || (name.ends_with(".js") && !AT_ONCE.contains(&name))
}

fn print_sizes(page: &Files, module: usize) -> anyhow::Result<()> {
    println!("{:<34} {:>9} {:>9}", "dist/www/playground", "bytes", "gzip");
    let mut first = 0;
    for (name, bytes) in page {
        // An LZMA file is sent as it is.
        let zipped = wasm::gzip(bytes)?.len().min(bytes.len());
        let is_first = !is_later(name) && name != "sw.js" && name != "icon.svg";
        first += if is_first { zipped } else { 0 };
        println!("  {name:<32} {:>9} {zipped:>9}{}", bytes.len(), if is_first { "" } else { "  later" });
    }
    println!("  {:<32} {module:>9}", "the module, unpacked");
    println!("{:<34} {:>9} {first:>9}  {}% of the budget", "first load", "", 100 * first / BUDGET);
    Ok(())
}

/// All of it in one file: what is loaded later are elements that hold it, deflated.
fn single(bundle: &Files, data: &Files) -> anyhow::Result<String> {
    let text = |name: &str| {
        let bytes = bundle.get(name).with_context(|| format!("Vite made no {name}"))?;
        Ok::<_, anyhow::Error>(String::from_utf8(bytes.clone())?)
    };
    let style = bundle.keys().find(|name| name.ends_with(".css")).context("Vite made no style sheet")?;
    let mut html = text("index.html")?;
    let theme = source("theme.js")?;
    // A text that looks like the end of the element would be it.
    let main = text("main.js")?.replace("</script", "<\\/script");
    let icon = STANDARD.encode(source("icon.svg")?);
    let mut assets = String::new();
    for (name, bytes) in data {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes)?;
        let deflated = STANDARD.encode(encoder.finish()?);
        assets
            .push_str(&format!("<script type=\"application/octet-stream\" id=\"asset:{name}\">{deflated}</script>\n"));
    }
    let hash = |script: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(script)));
    let policy = format!(
        "default-src 'none'; script-src {} {} 'wasm-unsafe-eval' blob:; worker-src blob:; style-src 'unsafe-inline'; \
         img-src data:; base-uri 'none'; form-action 'none';",
        hash(&theme),
        hash(&main)
    );
    let mut replace = |begins: &str, ends: &str, with: &str| {
        let start = html.find(begins).with_context(|| format!("index.html has no `{begins}`"))?;
        let end = html[start..].find(ends).with_context(|| format!("`{begins}` has no end"))? + start + ends.len();
        html.replace_range(start..end, with);
        anyhow::Ok(())
    };
    replace("content=\"default-src", ";\"", &format!("content=\"{policy}\""))?;
    replace("<link rel=\"icon\"", ">", &format!("<link rel=\"icon\" href=\"data:image/svg+xml;base64,{icon}\">"))?;
    replace("<script src=\"theme.js\"", "</script>", &format!("<script>{theme}</script>"))?;
    replace("<link rel=\"stylesheet\"", ">", &format!("<style>{}</style>", text(style)?))?;
    replace("<script type=\"module\"", "</script>", "")?;
    let end = html.rfind("</body>").context("index.html has no </body>")?;
    html.insert_str(end, &format!("{assets}<script type=\"module\">{main}</script>\n"));
    Ok(html)
}
