//! The site: every page and file by its path.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, ensure};

use super::layout::Files;
use super::{engines, guides, landing, rules, source};

/// Folders that are the site's alone, so that pages of rules that are no more go away.
const OWN: &[&str] = &["assets", "engines", "guides", "rules"];

pub(super) fn write(folder: &Path) -> anyhow::Result<()> {
    let files = files()?;
    for own in OWN.iter().map(|own| folder.join(own)).filter(|own| own.exists()) {
        fs::remove_dir_all(&own).with_context(|| own.display().to_string())?;
    }
    for (path, text) in &files {
        let file = folder.join(path);
        fs::create_dir_all(file.parent().unwrap_or(folder)).with_context(|| file.display().to_string())?;
        fs::write(&file, text).with_context(|| file.display().to_string())?;
    }
    let bytes: usize = files.values().map(String::len).sum();
    println!("{} files of the site in {}, {} KB", files.len(), folder.display(), bytes / 1024);
    Ok(())
}

fn files() -> anyhow::Result<Files> {
    let mut files = Files::new();
    files.insert("index.html".to_owned(), landing::page()?);
    files.extend(rules::pages());
    files.extend(guides::pages()?);
    files.extend(engines::pages());
    for (name, path) in [
        ("icon.svg", "icon.svg"),
        ("theme.css", "theme.css"),
        ("theme.js", "theme.js"),
        ("site.css", "site/site.css"),
        ("site.js", "site/site.js"),
    ] {
        files.insert(format!("assets/{name}"), source(path)?);
    }
    files.insert("assets/search.js".to_owned(), search()?);
    Ok(files)
}

/// The search of the npm package and what shows its hits, as one classic script: browsers load no
/// modules from files.
fn search() -> anyhow::Result<String> {
    let own = source("site/search.js")?;
    let import = "import { byError } from \"../package/lib/search.js\";\n";
    ensure!(own.contains(import), "www/site/search.js begins with {import}");
    let both = source("package/lib/search.js")?.replace("export function", "function") + &own.replace(import, "");
    ensure!(!both.lines().any(|line| line.starts_with("import ") || line.starts_with("export ")), "a module is left");
    Ok(format!("(() => {{\n{both}}})();\n"))
}
