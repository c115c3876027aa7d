//! `transom.cdx.json`: what is in the modules and in the program of the npm package, as a CycloneDX document.
//!
//! cargo-cyclonedx writes one document for each package. Here those of the packages that become
//! modules are put together. What only takes part in building (procedural macros and what they need)
//! is taken out, and what differs from build to build and from machine to machine: the time, a random
//! serial number, the folder of the sources.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use super::{Budget, File, program};
use crate::sources::Copy;
use crate::tools::{self, cargo, installed};

const TOOL: &str = "cargo-cyclonedx";
const VERSION: &str = "0.5.9";
const DOCUMENT: &str = "transom-sbom";

/// The folder of the program that this takes, installed where it is missing.
pub(super) fn tools() -> anyhow::Result<PathBuf> {
    installed(TOOL, VERSION)
}

pub(super) fn make() -> anyhow::Result<Vec<File>> {
    let programs = tools()?;
    // It writes into the folder of each package: so into one of a copy.
    let copy = Copy::make("sbom")?;
    let program = BTreeMap::from([("transom-cli".to_owned(), "crates/cli".to_owned())]);
    let (mut documents, mut all_linked) = (Vec::new(), BTreeSet::new());
    for (target, packages) in [("wasm32-unknown-unknown", modules()?), (program::TARGET, program)] {
        let target = format!("--target={target}");
        let mut tool = std::process::Command::new(programs.join(TOOL));
        tool.args(["cyclonedx", "-qq", "--format=json", "--spec-version=1.5", "--override-filename", DOCUMENT]);
        tool.args([&target, "--no-default-features", "--no-build-deps"]);
        tools::run(tool.env("SOURCE_DATE_EPOCH", "0").current_dir(copy.root()))?;
        for folder in packages.values() {
            let path = copy.root().join(folder).join(format!("{DOCUMENT}.json"));
            let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            documents.push(serde_json::from_str(&text)?);
        }
        all_linked.extend(linked(&target, packages.keys())?);
    }
    let mut text = serde_json::to_string_pretty(&merged(documents, &all_linked)?)?;
    text.push('\n');
    let budget = Budget { bytes: 128 * 1024, gzip: 16 * 1024 };
    Ok(vec![File { name: "transom.cdx.json", bytes: text.into_bytes(), before: None, budget }])
}

/// A package by its name and its version.
type Package = (String, String);

/// What is linked into the modules of these packages.
fn linked<'n>(target: &str, packages: impl Iterator<Item = &'n String>) -> anyhow::Result<BTreeSet<Package>> {
    let mut tree = cargo(&["tree", "--prefix=none", "--format={p}", "--edges=normal,no-proc-macro"]);
    tree.args([target, "--no-default-features"]);
    tree.args(packages.map(|name| format!("--package={name}")));
    let tree = tools::read(&mut tree)?;
    let package = |line: &str| {
        let (name, rest) = line.split_once(" v")?;
        Some((name.to_owned(), rest.split(' ').next()?.to_owned()))
    };
    Ok(tree.lines().filter_map(package).collect())
}

/// The packages that are built as modules, with their folders from the root: those with a `cdylib`, but
/// for what the harness has for itself.
fn modules() -> anyhow::Result<BTreeMap<String, String>> {
    let metadata = tools::read(&mut cargo(&["metadata", "--format-version=1", "--no-deps"]))?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let root = metadata["workspace_root"].as_str().context("cargo metadata names no workspace")?;
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let is_module = |package: &Value| {
        list(&package["targets"]).iter().any(|target| list(&target["crate_types"]).contains(&json!("cdylib")))
    };
    let place = |package: &Value| {
        let manifest = package["manifest_path"].as_str()?.strip_prefix(root)?.replace('\\', "/");
        let folder = manifest.strip_suffix("Cargo.toml")?.trim_matches('/');
        Some((package["name"].as_str()?.to_owned(), folder.to_owned()))
    };
    let packages = list(&metadata["packages"]).into_iter().filter(is_module).filter_map(|package| place(&package));
    Ok(packages.filter(|(_, folder)| !folder.starts_with("host-test")).collect())
}

/// One document of many, about the core, with the components of all that are `linked`.
fn merged(documents: Vec<Value>, linked: &BTreeSet<Package>) -> anyhow::Result<Value> {
    let mut components = BTreeMap::new();
    let mut dependencies = BTreeMap::<String, BTreeSet<String>>::new();
    let mut about = None;
    for mut document in documents {
        let list = |value: &mut Value| value.take().as_array().cloned().unwrap_or_default();
        for mut dependency in list(&mut document["dependencies"]) {
            let of = dependencies.entry(reference(&dependency["ref"])).or_default();
            of.extend(list(&mut dependency["dependsOn"]).iter().map(reference));
        }
        let own = document["metadata"]["component"].take();
        for mut component in list(&mut document["components"]).into_iter().chain([own]) {
            let name = reference(&component["bom-ref"]);
            let text = |field: &str| component[field].as_str().unwrap_or_default().to_owned();
            if !linked.contains(&(text("name"), text("version"))) {
                continue;
            }
            component["bom-ref"] = name.as_str().into();
            component["purl"] = without_folder(component["purl"].as_str().unwrap_or_default()).into();
            // The targets of a package are no components of their own.
            component.as_object_mut().map(|fields| fields.remove("components"));
            components.insert(name, component);
        }
        about.get_or_insert(document);
    }
    let is_described =
        |package: &&Package| components.values().any(|c| c["name"] == package.0 && c["version"] == package.1);
    if let Some((name, version)) = linked.iter().find(|package| !is_described(package)) {
        bail!("{TOOL} says nothing of {name} {version}");
    }
    let Some(mut document) = about else { bail!("no package is built as a module") };
    let Some((core, component)) = components.iter().find(|(_, component)| component["name"] == "transom") else {
        bail!("the document does not have the core");
    };
    document["metadata"]["component"] = component.clone();
    let core = core.clone();
    components.remove(&core);
    let is_known = |name: &String| *name == core || components.contains_key(name);
    dependencies.retain(|of, _| is_known(of));
    dependencies.values_mut().for_each(|on| on.retain(is_known));
    let depends = |(of, on): (String, BTreeSet<String>)| json!({"ref": of, "dependsOn": on});
    document["dependencies"] = dependencies.into_iter().map(depends).collect();
    document["components"] = components.into_values().collect();
    document.as_object_mut().map(|fields| fields.remove("serialNumber"));
    document["metadata"].as_object_mut().map(|fields| fields.remove("timestamp"));
    Ok(document)
}

/// The name of a component within the document. One that is built from a folder has it in its name.
fn reference(name: &Value) -> String {
    let name = name.as_str().unwrap_or_default();
    match name.strip_prefix("path+file://").and_then(|path| path.split_once('#')) {
        // `folder#version` where the folder has the package's name, `folder#name@version` elsewhere.
        Some((folder, version)) if !version.contains('@') => {
            format!("{}@{version}", folder.rsplit('/').next().unwrap_or_default())
        }
        Some((_, package)) => package.to_owned(),
        None => name.to_owned(),
    }
}

/// A package's URL without the folder it was built from.
fn without_folder(purl: &str) -> &str {
    purl.split_once("?download_url=file:").map_or(purl, |(package, _)| package)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_put_together() {
        let document = |name: &str, other: &str| {
            let at = format!("path+file:///home/me/{name}#{name}@1.0.0");
            json!({
                "serialNumber": "urn:uuid:1", "metadata": {"timestamp": "1970", "component": {
                    "name": name, "version": "1.0.0", "bom-ref": at, "purl": format!("pkg:cargo/{name}@1.0.0?download_url=file://."),
                    "components": [{"bom-ref": "target"}]}},
                "components": [
                    {"name": other, "version": "2", "bom-ref": format!("registry+x#{other}@2"), "purl": "pkg:cargo/x@2"},
                    {"name": "macro", "version": "2", "bom-ref": "registry+x#macro@2"},
                ],
                "dependencies": [{"ref": at, "dependsOn": [format!("registry+x#{other}@2"), "registry+x#macro@2"]}],
            })
        };
        let linked = [("transom", "1.0.0"), ("transom-opa", "1.0.0"), ("a", "2"), ("b", "2")];
        let linked = linked.map(|(name, version)| (name.to_owned(), version.to_owned())).into();
        let documents = vec![document("transom", "a"), document("transom-opa", "b")];
        let merged = merged(documents, &linked).expect("a document");
        let names = |list: &Value| -> Vec<String> {
            list.as_array()
                .into_iter()
                .flatten()
                .map(|one| one["bom-ref"].as_str().unwrap_or_default().into())
                .collect()
        };
        assert_eq!(names(&merged["components"]), ["registry+x#a@2", "registry+x#b@2", "transom-opa@1.0.0"]);
        assert_eq!(merged["metadata"]["component"]["purl"], "pkg:cargo/transom@1.0.0");
        assert_eq!(merged["dependencies"][1], json!({"ref": "transom@1.0.0", "dependsOn": ["registry+x#a@2"]}));
        assert!(!merged.to_string().contains("/home/me") && !merged.to_string().contains("1970"), "{merged}");
    }

    #[test]
    fn the_core_and_every_adapter_are_modules() {
        let modules = modules().expect("packages");
        assert_eq!(modules.get("transom").map(String::as_str), Some(""));
        assert_eq!(modules.get("transom-opa").map(String::as_str), Some("crates/opa"));
        assert!(!modules.contains_key("skip"), "{modules:?}");
        let linked = linked("--target=wasm32-unknown-unknown", modules.keys()).expect("packages");
        let has = |name: &str| linked.iter().any(|(package, _)| package == name);
        assert!(has("transom") && has("serde_json") && has("transom-opa"), "{linked:?}");
        assert!(!has("serde_derive") && !has("syn") && !has("clap"), "{linked:?}");
    }
}
