//! `transom play`: the page in the browser, with manifests in it.
//!
//! They are part of the link, behind its `#` (www/playground/src/share.ts): browsers send that to nobody.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use serde_json::json;
use transom_yaml::YamlStyle;
use url::Url;

use crate::args::Play;
use crate::input;
use crate::port;
use crate::render::frame;
use crate::source;
use crate::terminal::Terminal;
use crate::{Exit, INSTALL};

/// Chromium takes no longer link.
const LONGEST: usize = 2 * 1024 * 1024;

pub(crate) fn run(args: &Play, terminal: &mut Terminal) -> anyhow::Result<Exit> {
    let mut link = page(args.page.as_deref())?;
    let found = input::find(&args.paths, args.walking, None);
    let mut unreadable = found.unreadable;
    let mut files = Vec::new();
    for source in found.sources.iter().filter(|source| !source.is_ours()) {
        match source::read(source) {
            Ok(text) => files.push(json!({"name": source.label.trim_matches(['<', '>']), "text": text})),
            Err(error) => unreadable.push(error),
        }
    }
    for error in &unreadable {
        terminal.err(&frame::of_unreadable(error))?;
    }
    found.patched.iter().try_for_each(|folder| terminal.err(&frame::of_patched(folder, "opened")))?;
    if files.is_empty() && !args.paths.is_empty() {
        bail!("there is no manifest to open");
    }
    let settings = port::settings(&args.paths, &args.setting)?;
    let has_settings = settings.as_object().is_some_and(|settings| !settings.is_empty());
    let text = if has_settings { transom_yaml::to_yaml(&settings, &YamlStyle::default()) } else { String::new() };
    if !files.is_empty() {
        link.set_fragment(Some(&format!("s={}", deflated(&json!({"files": files, "settings": text}).to_string())?)));
    }
    if link.as_str().len() > LONGEST {
        bail!("this is too much for a link: open {} and drop the folder on it", without_fragment(&link));
    }
    if args.print {
        terminal.out_raw(&format!("{link}\n"))?;
    } else {
        terminal.err(&format!("opening {}\n", without_fragment(&link)))?;
        open(&link)?;
    }
    terminal.flush()?;
    Ok(if unreadable.is_empty() { Exit::Clean } else { Exit::Unreadable })
}

/// Where the page is.
fn page(named: Option<&str>) -> anyhow::Result<Url> {
    if let Some(url) = named.filter(|page| page.starts_with("https://") || page.starts_with("http://")) {
        return Url::parse(url).with_context(|| format!("{url} is no address"));
    }
    let file = match named {
        Some(file) => PathBuf::from(file),
        None => beside()?,
    };
    if !file.is_file() {
        bail!(
            "there is no page {}: name a file or an address with --page; each release has playground.html, `cargo x web` \
             makes it, and transom-server may serve it at /play: {INSTALL}#the-page",
            file.display()
        );
    }
    let file = std::path::absolute(file)?;
    Url::from_file_path(&file).ok().with_context(|| format!("{} is no place for a page", file.display()))
}

/// The page beside this program, or beside what that is a link to, as krew and others make one.
fn beside() -> anyhow::Result<PathBuf> {
    let program = std::env::current_exe()?;
    let page = program.with_file_name("playground.html");
    let behind = program.canonicalize().map(|program| program.with_file_name("playground.html"));
    Ok(behind.ok().filter(|behind| !page.is_file() && behind.is_file()).unwrap_or(page))
}

/// As the page reads it: base64url of what `deflate-raw` makes.
fn deflated(text: &str) -> anyhow::Result<String> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text.as_bytes())?;
    Ok(URL_SAFE_NO_PAD.encode(encoder.finish()?))
}

fn without_fragment(link: &Url) -> Url {
    let mut link = link.clone();
    link.set_fragment(None);
    link
}

/// Opens a link by a file that leads to it: what opens browsers takes no long links, and drops what is behind
/// the `#` of files.
fn open(link: &Url) -> anyhow::Result<()> {
    let link = link.as_str().replace('&', "&amp;").replace('"', "&quot;");
    let html = format!(
        "<!doctype html><meta charset=\"utf-8\"><title>transom</title>\
         <meta http-equiv=\"refresh\" content=\"0; url={link}\"><a href=\"{link}\">The playground</a>\n"
    );
    let mut file = tempfile::Builder::new().prefix("transom-").suffix(".html").tempfile()?;
    file.write_all(html.as_bytes())?;
    let (_, path) = file.keep()?;
    open::that(&path).context("no browser can be opened; --print prints the link")
}
