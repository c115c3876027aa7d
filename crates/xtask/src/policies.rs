//! `cargo x policies`: the packages for other engines in `policies/`, and what the chart takes from them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::tools;

/// The folders of which everything is generated.
const POLICIES: &str = "policies";
const CHART: &str = "charts/transom/files";

/// A generated file beside others.
const VALUES_SCHEMA: &str = "charts/transom/values.schema.json";

/// What is generated, by its path from the root of the project.
fn files() -> BTreeMap<PathBuf, String> {
    let folders = [(POLICIES, transom_policies::files()), (CHART, transom_policies::chart::files())];
    let files = folders.into_iter().flat_map(|(folder, files)| files.into_iter().map(move |file| (folder, file)));
    let files = files.map(|(folder, file)| (Path::new(folder).join(file.path), file.text));
    files.chain([(PathBuf::from(VALUES_SCHEMA), transom_policies::chart::values_schema())]).collect()
}

/// Writes the files, and takes away what is generated no more.
pub(crate) fn write() -> anyhow::Result<()> {
    let files = files();
    for stale in there()?.iter().filter(|path| !files.contains_key(*path)) {
        fs::remove_file(tools::root().join(stale)).with_context(|| format!("cannot remove {}", stale.display()))?;
    }
    for (path, text) in &files {
        let path = tools::root().join(path);
        let folder = path.parent().unwrap_or(Path::new(""));
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    println!("{} files in {POLICIES} and charts", files.len());
    Ok(())
}

/// The files that are there, by their paths from the root of the project.
fn there() -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(POLICIES), PathBuf::from(CHART)];
    while let Some(folder) = folders.pop() {
        let path = tools::root().join(&folder);
        if !path.is_dir() {
            continue;
        }
        for entry in fs::read_dir(&path).with_context(|| format!("cannot read {}", path.display()))? {
            let entry = entry?;
            let below = folder.join(entry.file_name());
            if entry.file_type()?.is_dir() { folders.push(below) } else { found.push(below) }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_current() {
        let files = files();
        let hint = "run `cargo x policies`";
        for path in there().expect("the folder can be read") {
            assert!(files.contains_key(&path), "{} is generated no more: {hint}", path.display());
        }
        for (path, text) in files {
            let there = fs::read_to_string(tools::root().join(&path)).unwrap_or_default().replace("\r\n", "\n");
            assert!(there == text, "{} is not current: {hint}", path.display());
        }
    }
}
